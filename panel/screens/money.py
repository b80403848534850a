"""The screens of rooms, cars, gifts and money."""

import sqlalchemy as sa
from flask import request
from markupsafe import Markup

from core.text import N_, say
from engine.advance import prepare
from engine.effects.visits import overlapping
from models import (
    Gift,
    GiftKind,
    MovementKind,
    RoomBooking,
    StockMovement,
    db,
    lock,
    stock_of,
)
from panel.access import actor
from panel.ruled import Ruled
from panel.screens.money_csv import FinanceCSV
from panel.transitions import RequestView
from panel.views import PanelView
from rulebook import versions
from workflow import BookingState, GiftRequestState, HospitalityState


# ── Rooms and vehicles ───────────────────────────────────────────────────────────────────────────
class PrefilledVisit(RequestView):
    """Requests opened from a visit's page take the visit and what it says over."""

    takes = {}

    def create_form(self, obj=None):
        form = super().create_form(obj)
        if request.method == "GET" and request.args.get("visit"):
            visit = form.visit.loader.get_one(request.args["visit"])
            if visit is not None:
                form.visit.data = visit
                for field, value in self.takes.items():
                    form._fields[field].data = value(visit)
        return form


class BookingScreen(PrefilledVisit):
    takes = {
        "subject": lambda v: v.organisation + " " + v.purpose,
        "starts_at": lambda v: v.planned_start,
        "ends_at": lambda v: v.planned_end,
        "attendees": lambda v: v.guest_count + max(1, len(v.escorts)),
    }
    summary_columns = ("room", "subject", "starts_at", "ends_at", "attendees", "needs", "applicant")

    def problems(self, row, form):
        if row.starts_at and row.ends_at and row.ends_at <= row.starts_at:
            yield "ends_at", say(N_("It ends before it begins."))
        if row.room and row.attendees and row.attendees > row.room.capacity:
            yield "attendees", say(N_("The room seats {seats}; choose a larger one."), seats=row.room.capacity)
        if row.room and row.starts_at and row.ends_at:
            other = overlapping(
                RoomBooking,
                RoomBooking.room_id,
                row.room.id,
                row.starts_at,
                row.ends_at,
                RoomBooking.starts_at,
                RoomBooking.ends_at,
                (BookingState.CONFIRMED, BookingState.IN_USE),
                row.id or 0,
            )
            if other:
                yield "room", say(N_("The room is taken at that time; choose another room or time."))


class DispatchScreen(Ruled, PrefilledVisit):
    judged_at = ("file",)
    finding_fields = {"dispatch_complete": "contact"}
    takes = {
        "reason": lambda v: v.organisation + " " + v.purpose,
        "passengers": lambda v: v.guest_count,
        "out_planned": lambda v: v.planned_start,
        "back_planned": lambda v: v.planned_end,
        "contact": lambda v: v.contact or v.lead_guest,
        "flight": lambda v: v.transport[:20],
        "sign": lambda v: v.organisation[:60],
    }
    summary_columns = (
        "reason",
        "pick_up",
        "destination",
        "flight",
        "passengers",
        "out_planned",
        "back_planned",
        "applicant",
    )

    def problems(self, row, form):
        if row.out_planned and row.back_planned and row.back_planned <= row.out_planned:
            yield "back_planned", say(N_("It ends before it begins."))
        if row.passengers is not None and row.passengers < 1:
            yield "passengers", say(N_("At least one."))
        yield from super().problems(row, form)


# ── Gifts ────────────────────────────────────────────────────────────────────────────────────────
class GiftScreen(PanelView):
    """Articles with their stock, which is the sum of the ledger: one query per page."""

    column_formatters = {
        "stock": lambda view, c, row, n: (
            Markup('<b class="low">{}</b>').format(row._stock)
            if getattr(row, "_stock", None) is not None and row._stock < row.minimum
            else str(getattr(row, "_stock", stock_of(row.id)))
        )
    }

    def prepare_rows(self, rows):
        sums = dict(
            db.session.execute(
                sa.select(StockMovement.gift_id, sa.func.sum(StockMovement.quantity))
                .where(StockMovement.gift_id.in_([r.id for r in rows]))
                .group_by(StockMovement.gift_id)
            ).all()
        )
        for row in rows:
            row._stock = sums.get(row.id, 0)

    def problems(self, row, form):
        if row.unit_cost is not None and row.unit_cost < 0:
            yield "unit_cost", say(N_("An amount is not negative."))


class GiftRequestScreen(PrefilledVisit):
    takes = {"purpose": lambda v: v.organisation + " " + v.purpose}
    summary_columns = ("gift", "quantity", "amount", "purpose", "visit", "hospitality", "applicant")

    def lookup_conditions(self, name):
        if name == "hospitality":
            return lambda model: (model.status.in_((HospitalityState.APPROVED, HospitalityState.USED)),)
        return None

    def problems(self, row, form):
        if row.quantity is not None and row.quantity < 1:
            yield "quantity", say(N_("At least one."))


class StockScreen(PanelView):
    """The ledger is append-only: goods received and corrections are entered here, issues come from requests."""

    can_edit = False
    can_delete = False
    column_default_sort = None

    def fill(self, form, row, created):
        super().fill(form, row, created)
        row.by_id = actor().id

    def problems(self, row, form):
        if row.kind not in (MovementKind.IN, MovementKind.ADJUST):
            yield "kind", say(N_("Only receipts and corrections are entered by hand."))
        elif not row.quantity or (row.kind == MovementKind.IN and row.quantity < 0):
            yield "quantity", say(N_("What is received is more than nothing."))
        elif row.kind == MovementKind.ADJUST and not row.note:
            yield "note", say(N_("Say why the stock is corrected."))
        elif row.gift is not None:
            lock(row.gift)
            if stock_of(row.gift.id) + row.quantity < 0:
                yield "quantity", say(N_("The stock cannot fall below zero."))
        if row.unit_cost is not None and row.unit_cost < 0:
            yield "unit_cost", say(N_("An amount is not negative."))


# ── Money ────────────────────────────────────────────────────────────────────────────────────────
class HospitalityScreen(PrefilledVisit):
    takes = {
        "organisation": lambda v: v.organisation,
        "purpose": lambda v: v.purpose,
        "guests": lambda v: v.guest_count,
        "escort_count": lambda v: len(v.escorts) or 1,
        "planned_on": lambda v: local_day(v),
    }
    summary_columns = (
        "organisation",
        "category",
        "purpose",
        "planned_on",
        "guests",
        "escort_count",
        "amount",
        "visit",
        "applicant",
    )

    def problems(self, row, form):
        return people_and_money(row, "amount")


class ExpenseScreen(FinanceCSV, PrefilledVisit):
    takes = {
        "organisation": lambda v: v.organisation,
        "guests": lambda v: v.guest_count,
        "escort_count": lambda v: len(v.escorts) or 1,
        "escort_names": lambda v: "、".join(e.user.name for e in v.escorts)[:120],
        "incurred_on": lambda v: local_day(v),
    }

    def lookup_conditions(self, name):
        if name == "hospitality":
            return lambda model: (
                model.status.in_((HospitalityState.APPROVED, HospitalityState.USED, HospitalityState.CLOSED)),
            )
        if name == "wine_request":
            return lambda model: (
                model.status.in_((GiftRequestState.ISSUED, GiftRequestState.CLOSED)),
                model.gift_id.in_(sa.select(Gift.id).where(Gift.kind == GiftKind.WINE)),
            )
        return None

    def fill(self, form, row, created):
        super().fill(form, row, created)
        if row.visit is not None and not row.organisation:
            row.organisation = row.visit.organisation
        if row.incurred_on and row.amount is not None and row.guests:
            prepare(row, versions.load(None, actor().department_id))

    def problems(self, row, form):
        yield from people_and_money(row, "amount")
        if row.amount is not None and row.amount <= 0:
            yield "amount", say(N_("An expense is more than nothing."))
        if row.tax is not None and row.amount is not None and not 0 <= row.tax <= row.amount:
            yield "tax", say(N_("The tax is part of the amount."))
        if row.incurred_on and row.incurred_on > actor().today:
            yield "incurred_on", say(N_("This day has not come yet."))
        if not row.organisation:
            yield "organisation", say(N_("Name the organisation, or choose a visit."))
        if row.wine_request is not None and row.wine_request.gift.kind != GiftKind.WINE:
            yield "wine_request", say(N_("Choose a request for wine."))


def local_day(visit):
    from panel.i18n import local

    return local(visit.planned_start).date()


def people_and_money(row, *amounts):
    if row.guests is not None and row.guests < 1:
        yield "guests", say(N_("At least one guest comes."))
    if row.escort_count is not None and row.escort_count < 0:
        yield "escort_count", say(N_("A number of people is not negative."))
    for name in amounts:
        if getattr(row, name) is not None and getattr(row, name) < 0:
            yield name, say(N_("An amount is not negative."))
