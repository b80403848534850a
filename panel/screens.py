"""What single screens do beyond the base: filing a visit with its guests, evidence files, users, the ledger."""

import hashlib
import re
from pathlib import PurePath

import sqlalchemy as sa
from flask import Response, abort, flash, redirect, request, session as browser  # noqa: F401
from flask_admin import expose
from flask_babel import gettext, lazy_gettext as _l
from markupsafe import Markup
from sqlalchemy.orm import selectinload
from wtforms import BooleanField, FileField, PasswordField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

import engine
import rules
from models import (
    Approval, Checkin, Clause, Department, Dispatch, Evidence, EvidenceKind, Expense, Gift, GiftKind, GiftRequest, Grant, HospitalityRequest, MovementKind,
    Notice, NoticeReceipt, OFFICE, ReceptionLevel, Regulation, Role, RoomBooking, StockMovement, User, UserRole, Visit, VisitEscort, VisitGuest, Visitor,
    clash, db, known_permissions, lock, now, stock_of,
)
from panel.access import actor, can
from panel.exports import attachment_headers
from panel.finance import FinanceCSV
from panel.forms import AjaxSelectMany, ScopedLoader, ScopedSelect, tidy
from panel.i18n import badge, show, tr
from panel.transitions import RequestView, WorkflowView, shown
from panel.views import PanelView
from rulebook import levels
from search import matches
from text import N_, say
from workflow import BookingState, DispatchState, GiftRequestState, HospitalityState, VisitState


def url_of(screen: str, row_id: int) -> str:
    from flask import url_for
    return url_for(f"{screen}.details_view", id=row_id)


def section(title, headers, rows, empty, add_url=None, add_label="") -> dict:
    return {"title": title, "headers": headers, "rows": rows, "empty": empty, "add_url": add_url, "add_label": add_label}


def requests_section(title, screen, rows, cells, headers, empty, **add) -> dict:
    return section(title, headers, [{"cells": cells(r), "url": url_of(screen, r.id)} for r in rows], empty, **add)


# ── Customers ────────────────────────────────────────────────────────────────────────────────────
class VisitorScreen(PanelView):
    """Visitors, masked; a full identity number or phone in the search box finds its owner by the keyed hash."""

    form_extra = {}

    def search_condition(self, search):
        from privacy import fingerprint
        typed = search.strip()
        if re.fullmatch(r"[\d\s+\-()]{7,20}[\dXx]?", typed):
            digest = fingerprint(typed)
            return sa.or_(Visitor.phone_hash == digest, Visitor.identity_hash == digest)
        return super().search_condition(search)

    def edit_form(self, obj=None):
        form = super().edit_form(obj)
        return self._hide(form, obj)

    def _hide(self, form, row):
        """What is stored is not shown in a form either: an empty field leaves it as it is."""
        for name in ("phone", "identity_no"):
            field = form._fields.get(name)
            if field is not None and row is not None and getattr(row, name):
                field.description = gettext("Stored: %(masked)s. Leave empty to keep it.", masked=self._masked(self, None, row, name))
                if not field.raw_data:
                    field.data = None
        return form

    def fill(self, form, row, created):
        kept = {n: getattr(row, n) for n in ("phone", "identity_no")} if not created else {}
        super().fill(form, row, created)
        for name, value in kept.items():
            if not getattr(row, name):
                setattr(row, name, value)
        if not actor().has(*OFFICE) and (created or sa.inspect(row).attrs.blacklisted.history.has_changes()):
            # Only the admin office bars and lifts.
            row.blacklisted = False if created else sa.inspect(row).attrs.blacklisted.history.deleted[0]

    def problems(self, row, form):
        if row.blacklisted and not row.blacklist_reason:
            yield "blacklist_reason", say(N_("Give the reason for barring."))

    @expose("/reveal/", methods=("POST",))
    def reveal_view(self):
        """Show a number in full, for a reason, on the audit log (domain.md §6)."""
        row, reason = self.wanted(), tidy(request.form.get("reason", ""))
        if len(reason) < 2:
            flash(gettext("Say why you need to see it."), "error")
            return redirect(url_of(self.key, row.id))
        engine.audit("reveal", row, actor(), note=reason[:200])
        shown_values = [(tr(str(self.label_of(n))), getattr(row, n)) for n in ("phone", "identity_no") if getattr(row, n)]
        db.session.commit()
        return self.render("reveal.html", heading=row.name, values=shown_values, back_url=url_of(self.key, row.id))

    def sections(self, row):
        visits = db.session.scalars(sa.select(Visit).join(VisitGuest, VisitGuest.visit_id == Visit.id).where(VisitGuest.visitor_id == row.id, Visit.visible_to(actor()))
                                    .order_by(Visit.planned_start.desc()).limit(20))
        return {"reveal_url": self.get_url(".reveal_view", id=row.id) if can("visitor:reveal") and (row.phone or row.identity_no) else None,
                "related": [requests_section(gettext("Visits"), "visit", visits, lambda v: [v.number, v.organisation, v.purpose, show(v.planned_start), badge(v.status)],
                                             [gettext("No."), gettext("Visiting organisation"), gettext("Purpose"), gettext("Arrives"), gettext("Status")],
                                             gettext("Not here yet."))]}


# ── Visits ───────────────────────────────────────────────────────────────────────────────────────
ALLOWED = {b"%PDF-": ("application/pdf", ".pdf"), b"\x89PNG\r\n": ("image/png", ".png"), b"\xff\xd8\xff": ("image/jpeg", ".jpg")}
LARGEST = 10 * 1024 * 1024


def read_upload(storage) -> dict | None:
    """The uploaded file as columns of Evidence; None where nothing was chosen. Raises engine.Refused for what it does not take."""
    if storage is None or not getattr(storage, "filename", ""):
        return None
    content = storage.read(LARGEST + 1)
    kind = next((found for magic, found in ALLOWED.items() if content.startswith(magic)), None)
    if kind is None:
        raise engine.Refused(say(N_("Only PDF, PNG and JPEG files can be attached.")))
    if len(content) > LARGEST:
        raise engine.Refused(say(N_("A file may have at most 10 MB.")))
    stem = re.sub(r"[\x00-\x1f<>:\"/\\|?*]", "_", PurePath(storage.filename.replace("\\", "/")).stem)[:100] or "file"
    return {"filename": stem + kind[1], "media_type": kind[0], "size": len(content), "sha256": hashlib.sha256(content).hexdigest(), "content": content}


class VisitScreen(RequestView):
    """Visits. Guests, escorts and the sealed letter are entered on the same page as the visit itself."""

    form_extra = {
        "guest_names": TextAreaField(_l("Guest list"), [Optional(), Length(max=4000)], filters=[tidy], description=_l(
            "One guest per line: name, position, phone. The first is the main guest.")),
        "escort_users": AjaxSelectMany(ScopedLoader("escort_users", User, ("name", "username")), _l("Escorts"), [Optional()]),
        "evidence_file": FileField(_l("Letter or notice (PDF, PNG, JPEG)"), [Optional()]),
        "evidence_sealed": BooleanField(_l("The letter bears an official seal")),
    }
    column_descriptions = {"organisation": _l("Empty: the customer's name."), "guest_count": _l("At least as many as are listed."),
                           "area": _l("How far the guests are let in.")}

    def _process_ajax_references(self):
        loaders = super()._process_ajax_references()
        loaders["escort_users"] = self.form_extra["escort_users"].args[0]
        return loaders

    def scaffold_form(self):
        form = super().scaffold_form()
        form.organisation.kwargs["validators"] = [Optional(), Length(max=80)]
        form.level = LevelSelect(label=self.label_of("level"))
        return form

    def create_form(self, obj=None):
        form = super().create_form(obj)
        if request.method == "GET":
            form.host.data = form.host.data or db.session.get(User, actor().id)
            if self._walk_in():
                from datetime import timedelta
                start = now().replace(second=0, microsecond=0)
                form.planned_start.data, form.planned_end.data = start, start + timedelta(hours=1)
                form.host.data = None
        return form

    def edit_form(self, obj=None):
        form = super().edit_form(obj)
        if request.method == "GET" and obj is not None:
            form.escort_users.data = [e.user for e in obj.escorts]
        form.guest_names.description = gettext("Already listed: %(names)s. Add further guests, one per line: name, position, phone.", names=show(
            [g.visitor.name for g in obj.guests]) or "—")
        return form

    @staticmethod
    def _walk_in() -> bool:
        return request.args.get("walk_in") == "1" or not can("visit:submit")

    def owning_department(self, row):
        return row.host.department_id if row.walk_in else None

    def fill(self, form, row, created):
        super().fill(form, row, created)
        if created:
            row.walk_in = self._walk_in() and can("visit:register")
        if row.customer is not None and not row.organisation:
            row.organisation = row.customer.name
        row.guest_count = max(row.guest_count or 1, len(self._lines(form)) + (0 if created else len(row.guests)))
        first = self._lines(form)
        if first and not row.lead_guest:
            row.lead_guest = " ".join(first[0][:2]).strip()[:60]

    def problems(self, row, form):
        if not row.organisation:
            yield "organisation", say(N_("Name the organisation, or choose a customer."))
        if row.planned_start and row.planned_end and row.planned_end < row.planned_start:
            yield "planned_end", say(N_("It ends before it begins."))
        if row.guest_count is not None and row.guest_count < 1:
            yield "guest_count", say(N_("At least one guest comes."))
        if row.budget is not None and row.budget < 0:
            yield "budget", say(N_("An amount is not negative."))
        if row.level is None and not row.walk_in:
            yield "level", say(N_("Choose the reception level."))

    @staticmethod
    def _lines(form) -> list[list[str]]:
        """The guest list as rows of name, position, phone."""
        rows = []
        for line in (form.guest_names.data or "").splitlines():
            parts = [p.strip() for p in re.split(r"[,，;；\t|]", line)]
            if parts[0]:
                rows.append((parts + ["", ""])[:3])
        return rows

    def after_fill(self, form, row, created):
        for name, title, phone in self._lines(form):
            visitor = self._known(row, name, phone)
            if visitor is None:
                visitor = Visitor(name=name[:40], title=title[:40], phone=phone[:20] or None, organisation=row.organisation, customer_id=row.customer_id,
                                  department_id=row.department_id)
                db.session.add(visitor)
                db.session.flush()
            if not db.session.scalar(sa.select(VisitGuest.id).where(VisitGuest.visit_id == row.id, VisitGuest.visitor_id == visitor.id)):
                lead = not db.session.scalar(sa.select(VisitGuest.id).where(VisitGuest.visit_id == row.id))
                db.session.add(VisitGuest(visit_id=row.id, visitor_id=visitor.id, is_lead=lead))
                db.session.flush()
        wanted, present = {u.id for u in form.escort_users.data or ()}, {e.user_id: e for e in row.escorts}
        for user_id in wanted - present.keys():
            db.session.add(VisitEscort(visit_id=row.id, user_id=user_id))
        for user_id in present.keys() - wanted:
            db.session.delete(present[user_id])
        upload = read_upload(form.evidence_file.data)
        if upload:
            db.session.add(Evidence(visit_id=row.id, kind=EvidenceKind.LETTER, reference=row.letter_no, issuer=row.organisation, sealed=form.evidence_sealed.data,
                                    uploaded_by_id=actor().id, created_at=now(), **upload))

    @staticmethod
    def _known(row, name, phone):
        """A visitor of the same name and phone, or organisation, who came before and is visible to the user."""
        from privacy import fingerprint
        same = Visitor.phone_hash == fingerprint(phone) if phone else Visitor.organisation == row.organisation
        return db.session.scalar(sa.select(Visitor).where(Visitor.name == name, same, Visitor.visible_to(actor())).limit(1))

    def related(self, row):
        add = {"visit": row.id}
        open_list = may_change_guests(row) is None
        guests = [{"cells": [Markup("★ ") + g.visitor.name if g.is_lead else g.visitor.name, g.visitor.title, g.visitor.organisation,
                             stays(g)], "url": url_of("visitor", g.visitor_id) if can("visitor:read") else None} for g in row.guests]
        out = [section(gettext("Guest list"), [gettext("Name"), gettext("Position"), gettext("Organisation"), gettext("In the house")], guests, gettext(
            "No guest is named yet. Add each of them, so that the front desk can check them in."),
            self._add("visitguest", add) if open_list else None, gettext("Add a guest"))]
        if can("visitescort:read"):
            out.append(section(gettext("Escorts"), [gettext("Name"), gettext("Department"), gettext("Duty")],
                               [{"cells": [e.user.name, e.user.department.name, e.duty], "url": None} for e in row.escorts], gettext("Nobody is named yet."),
                               self._add("visitescort", add) if row.editable else None, gettext("Add an escort")))
        if can("evidence:read"):
            out.append(section(gettext("Evidence"), [gettext("File"), gettext("Letter No."), gettext("Official seal"), gettext("Size")],
                               [{"cells": [e.filename, e.reference, show(e.sealed), f"{e.size / 1024:,.0f} KB"], "url": url_of("evidence", e.id)} for e in row.evidence],
                               gettext("Nothing is attached."), self._add("evidence", add) if row.editable else None, gettext("Attach a file")))
        for model, screen, title, label, cells, headers in RELATED:
            if can(f"{screen}:read"):
                rows = db.session.scalars(sa.select(model).where(model.visit_id == row.id, model.visible_to(actor())).order_by(model.id)).all()
                out.append(requests_section(tr(title), screen, rows, cells, [tr(h) for h in headers], gettext("None yet."),
                                            add_url=self._add(screen, add), add_label=tr(label)))
        notices = db.session.scalars(sa.select(NoticeReceipt).join(Notice).where(Notice.visit_id == row.id).order_by(NoticeReceipt.id)).all()
        if notices and can("noticereceipt:read"):
            out.append(section(gettext("Reception notice"), [gettext("Department"), gettext("Task"), gettext("Signed for")], [
                {"cells": [r.department.name, r.task, f"{r.signed_by.name} {show(r.signed_at)}" if r.signed_at else badge(r.status)], "url": None} for r in notices], ""))
        return out

    def _add(self, screen, args):
        return self.get_url(f"{screen}.create_view", **args) if can(f"{screen}:create") else None


NO, ST = N_("No."), N_("Status")
RELATED = (
    (RoomBooking, "roombooking", N_("Rooms"), N_("Book a room"), lambda r: [r.number, r.room.name, show(r.starts_at), badge(r.status)], (NO, N_("Room"), N_("From"), ST)),
    (Dispatch, "dispatch", N_("Cars"), N_("Ask for a car"), lambda r: [r.number, r.destination, show(r.out_planned), badge(r.status)], (NO, N_("Destination"), N_("Departs"), ST)),
    (HospitalityRequest, "hospitalityrequest", N_("Hospitality requests"), N_("Ask for hospitality"),
     lambda r: [r.number, tr(r.category), show(r.amount), badge(r.status)], (NO, N_("Category"), N_("Estimated (CNY)"), ST)),
    (GiftRequest, "giftrequest", N_("Gift requests"), N_("Ask for a gift"), lambda r: [r.number, str(r.gift), str(r.quantity), badge(r.status)],
     (NO, N_("Article"), N_("Quantity"), ST)),
    (Expense, "expense", N_("Expenses"), N_("File an expense"), lambda r: [r.number, tr(r.category), show(r.amount), badge(r.status)],
     (NO, N_("Category"), N_("Amount with tax (CNY)"), ST)),
)


def stays(guest) -> str:
    return "、".join(f"{show(c.arrived_at)[5:]} → {show(c.left_at)[11:] if c.left_at else '…'}" + (f" [{c.badge_no}]" if c.badge_no else "") for c in guest.checkins)


class LevelSelect(ScopedSelect):
    """The levels that grade the visits of the user's department."""

    def __init__(self, label=None, validators=None, **kwargs):
        super().__init__(ReceptionLevel, label, [Optional()], allow_blank=True, **kwargs)
        self.query_factory = lambda: levels(actor().department_id)


def may_change_guests(visit):
    """Guests are added while the visit is a draft, and at the door by those who check in."""
    at_door = visit.status in (VisitState.APPROVED, VisitState.NOTIFIED, VisitState.IN_PROGRESS) and can("visit:check_in")
    if visit.editable or at_door:
        return None
    return say(N_("The guest list is closed: it can change as a draft, or at the front desk on arrival."))


class OfVisitScreen(PanelView):
    """Rows of a visit: changed only while the visit can be."""

    column_default_sort = None

    def may_edit_row(self, row):
        visit = row.visit
        if isinstance(row, VisitGuest):
            return may_change_guests(visit) or (say(N_("This guest has been checked in.")) if row.checkins else None)
        return None if visit.editable else say(N_("The visit has been submitted: this can no longer change."))

    def create_form(self, obj=None):
        form = super().create_form(obj)
        if request.method == "GET" and request.args.get("visit"):
            form.visit.data = form.visit.loader.get_one(request.args["visit"])
        return form

    def fill(self, form, row, created):
        super().fill(form, row, created)
        # Against a submit that happens meanwhile: the visit is held while its rows change.
        with db.session.no_autoflush:
            if row.visit is not None:
                lock(row.visit)
                reason = self.may_edit_row(row)
                if reason is not None:
                    raise engine.Refused(reason)

    def after_fill(self, form, row, created):
        visit = row.visit
        if isinstance(row, VisitGuest):
            names = db.session.scalar(sa.select(sa.func.count()).select_from(VisitGuest).where(VisitGuest.visit_id == visit.id))
            visit.guest_count = max(visit.guest_count, names)
            if row.is_lead or not visit.lead_guest:
                visit.lead_guest = f"{row.visitor.name} {row.visitor.title}".strip()[:60]

    def get_save_return_url(self, model, is_created=False):
        return url_of("visit", model.visit_id)


class EvidenceScreen(OfVisitScreen):
    form_extra = {"file": FileField(_l("File (PDF, PNG, JPEG)"))}

    def fill(self, form, row, created):
        super().fill(form, row, created)
        upload = read_upload(form.file.data)
        if upload is None and created:
            form.file.errors = [gettext("Choose a file.")]
            raise engine.Refused(say(N_("Choose a file.")))
        for name, value in (upload or {}).items():
            setattr(row, name, value)
        if created:
            row.uploaded_by_id = actor().id

    @expose("/file/")
    def file_view(self):
        """The attachment itself, always as a download of its checked type."""
        row = self.wanted()
        return Response(row.content, headers=attachment_headers(row.filename, row.media_type))

    def sections(self, row):
        return {"buttons": [{"url": self.get_url(".file_view", id=row.id), "label": gettext("Download"), "style": "primary", "name": "file"}]}


class ReceiptScreen(WorkflowView):
    column_sortable_list = ()
    column_formatters = {"visit_number": lambda v, c, row, n: row.notice.visit.number, "organisation": lambda v, c, row, n: row.notice.visit.organisation}

    def init_search(self):
        return True

    def search_placeholder(self):
        return str(_l("Visit"))

    def search_condition(self, search):
        visits = sa.select(Visit.id).where(matches(Visit, search, db.engine.dialect.name))
        return NoticeReceipt.notice_id.in_(sa.select(Notice.id).where(Notice.visit_id.in_(visits)))

    def sections(self, row):
        return {"buttons": self.buttons(row), "state": badge(row.status), "heading": row.notice.visit.number}

    def prepare_rows(self, rows):
        pass

    summary_columns = ("task", "department")


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
    takes = {"subject": lambda v: v.organisation + " " + v.purpose, "starts_at": lambda v: v.planned_start, "ends_at": lambda v: v.planned_end,
             "attendees": lambda v: v.guest_count + max(1, len(v.escorts))}
    summary_columns = ("room", "subject", "starts_at", "ends_at", "attendees", "needs", "applicant")

    def problems(self, row, form):
        if row.starts_at and row.ends_at and row.ends_at <= row.starts_at:
            yield "ends_at", say(N_("It ends before it begins."))
        if row.room and row.attendees and row.attendees > row.room.capacity:
            yield "attendees", say(N_("The room seats {seats}; choose a larger one."), seats=row.room.capacity)
        if row.room and row.starts_at and row.ends_at:
            other = engine.overlapping(RoomBooking, RoomBooking.room_id, row.room.id, row.starts_at, row.ends_at, RoomBooking.starts_at, RoomBooking.ends_at,
                                       (BookingState.CONFIRMED, BookingState.IN_USE), row.id or 0)
            if other:
                yield "room", say(N_("The room is taken at that time; choose another room or time."))


class DispatchScreen(PrefilledVisit):
    takes = {"reason": lambda v: v.organisation + " " + v.purpose, "passengers": lambda v: v.guest_count, "out_planned": lambda v: v.planned_start,
             "back_planned": lambda v: v.planned_end}
    summary_columns = ("reason", "pick_up", "destination", "flight", "passengers", "out_planned", "back_planned", "applicant")

    def problems(self, row, form):
        if row.out_planned and row.back_planned and row.back_planned <= row.out_planned:
            yield "back_planned", say(N_("It ends before it begins."))
        if row.passengers is not None and row.passengers < 1:
            yield "passengers", say(N_("At least one."))


# ── Gifts ────────────────────────────────────────────────────────────────────────────────────────
class GiftScreen(PanelView):
    """Articles with their stock, which is the sum of the ledger: one query per page."""

    column_formatters = {"stock": lambda view, c, row, n: Markup('<b class="low">{}</b>').format(row._stock) if getattr(row, "_stock", None) is not None
                         and row._stock < row.minimum else str(getattr(row, "_stock", stock_of(row.id)))}

    def prepare_rows(self, rows):
        sums = dict(db.session.execute(sa.select(StockMovement.gift_id, sa.func.sum(StockMovement.quantity)).where(
            StockMovement.gift_id.in_([r.id for r in rows])).group_by(StockMovement.gift_id)).all())
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
        elif not row.quantity or row.kind == MovementKind.IN and row.quantity < 0:
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
    takes = {"organisation": lambda v: v.organisation, "purpose": lambda v: v.purpose, "guests": lambda v: v.guest_count,
             "escort_count": lambda v: len(v.escorts) or 1, "planned_on": lambda v: local_day(v)}
    summary_columns = ("organisation", "category", "purpose", "planned_on", "guests", "escort_count", "amount", "visit", "applicant")

    def problems(self, row, form):
        return people_and_money(row, "amount")


class ExpenseScreen(FinanceCSV, PrefilledVisit):
    takes = {"organisation": lambda v: v.organisation, "guests": lambda v: v.guest_count, "escort_count": lambda v: len(v.escorts) or 1,
             "escort_names": lambda v: "、".join(e.user.name for e in v.escorts)[:120], "incurred_on": lambda v: local_day(v)}

    def lookup_conditions(self, name):
        if name == "hospitality":
            return lambda model: (model.status.in_((HospitalityState.APPROVED, HospitalityState.USED, HospitalityState.CLOSED)),)
        if name == "wine_request":
            return lambda model: (model.status.in_((GiftRequestState.ISSUED, GiftRequestState.CLOSED)),
                                  model.gift_id.in_(sa.select(Gift.id).where(Gift.kind == GiftKind.WINE)))
        return None

    def fill(self, form, row, created):
        super().fill(form, row, created)
        if row.visit is not None and not row.organisation:
            row.organisation = row.visit.organisation
        if row.incurred_on and row.amount is not None and row.guests:
            engine.prepare(row, engine.rulebook.load(None, actor().department_id))

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


# ── Regulations ──────────────────────────────────────────────────────────────────────────────────
class TermsScreen(PanelView):
    """Levels, approval steps and caps: each change makes a new version of the rulebook."""

    def lookup_conditions(self, name):
        return None

    def problems(self, row, form):
        for name in ("rank", "rank_from", "rank_to", "step"):
            value = getattr(row, name, 1)
            if value is not None and not 1 <= value <= 99:
                yield name, say(N_("A number from 1 to 99."))
        if hasattr(row, "rank_from") and row.rank_from and row.rank_to and row.rank_from > row.rank_to:
            yield "rank_to", say(N_("The last rank does not come before the first."))
        if hasattr(row, "per_guest") and row.per_guest is not None and row.per_guest < 0:
            yield "per_guest", say(N_("An amount is not negative."))

    def fill(self, form, row, created):
        super().fill(form, row, created)


class RegulationScreen(WorkflowView):
    summary_columns = ("code", "title", "grades", "department")

    def sections(self, row):
        clauses = db.session.scalars(sa.select(Clause).where(Clause.regulation_id == row.id, Clause.to_version.is_(None)).order_by(Clause.id)).all()
        return {"buttons": self.buttons(row), "state": badge(row.status), "related": [section(
            gettext("Clauses"), [gettext("Clause"), gettext("Kind"), gettext("Text"), gettext("Rule")],
            [{"cells": [c.number, tr(c.kind), c.text, c.rule or ""], "url": url_of("clause", c.id)} for c in clauses], gettext("No clause yet."),
            self.get_url("clause.create_view", regulation=row.id) if can("clause:create") else None, gettext("Add a clause"))]}

    def prepare_rows(self, rows):
        pass

    def problems(self, row, form):
        if row.effective_from and row.effective_until and row.effective_until < row.effective_from:
            yield "effective_until", say(N_("It ends before it begins."))


class ClauseScreen(PanelView):
    """Clauses in the company's own words; a clause that names a rule has exactly the parameters the rule reads."""

    def scaffold_form(self):
        form = super().scaffold_form()
        form.rule = SelectField(self.label_of("rule"), [Optional()], choices=lambda: [("", "—")] + [(k, f"{k} · {r.purpose.splitlines()[0][:60]}") for k, r in rules.RULES.items()],
                                filters=[lambda v: v or None])
        return form

    def problems(self, row, form):
        if row.rule:
            for sentence in rules.check_terms(row.rule, {**row.terms, **({"per_guest": {}} if row.rule == "spending_cap" else {})}):
                yield "terms", sentence

    def sections(self, row):
        return {"related": [section(gettext("Levels, steps and caps of this clause"), [gettext("Kind"), gettext("Content")], self._parts(row), gettext("None."))]}

    @staticmethod
    def _parts(row):
        from models import ApprovalRule, SpendingCap
        out = []
        for model, screen in ((ReceptionLevel, "receptionlevel"), (ApprovalRule, "approvalrule"), (SpendingCap, "spendingcap")):
            for part in db.session.scalars(sa.select(model).where(model.clause_id == row.id, model.to_version.is_(None)).order_by(model.id)):
                text = (f"{part.code} {part.name} · {part.qualifies}" if screen == "receptionlevel" else
                        f"{tr(part.subject)} {part.rank_from}–{part.rank_to} · {tr(part.role)}" if screen == "approvalrule" else
                        f"{part.rank} · {part.category} · ¥{show(part.per_guest)}")
                out.append({"cells": [tr({"receptionlevel": N_("Level"), "approvalrule": N_("Approval step"), "spendingcap": N_("Spending cap")}[screen]), text],
                            "url": url_of(screen, part.id)})
        return out


# ── System ───────────────────────────────────────────────────────────────────────────────────────
class Boxes(SelectMultipleField):
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class UserScreen(PanelView):
    """Users and their roles. A new password is given once and changed at the next sign-in."""

    form_extra = {"role_codes": Boxes(_l("Roles"), choices=[(str(r), _l(r.label)) for r in Role], validators=[Optional()]),
                  "new_password": PasswordField(_l("New password"), [Optional(), Length(min=10, max=200)], description=_l(
                      "Empty: unchanged. The user changes it at the next sign-in."))}

    def edit_form(self, obj=None):
        form = super().edit_form(obj)
        if request.method == "GET" and obj is not None:
            form.role_codes.data = [str(r.role) for r in obj.roles]
        return form

    def scaffold_form(self):
        from panel.i18n import LOCALES
        form = super().scaffold_form()
        form.locale = SelectField(self.label_of("locale"), choices=list(LOCALES.items()))
        return form

    def problems(self, row, form):
        if row.id == actor().id and (not row.active or str(Role.SYSADMIN) not in form.role_codes.data):
            yield "active", say(N_("You cannot shut yourself out."))
        if row.username and not re.fullmatch(r"[a-z0-9_.\-]{2,40}", row.username):
            yield "username", say(N_("Small letters, digits, dot, dash and underscore."))

    def after_fill(self, form, row, created):
        from panel.session import set_password
        wanted, present = set(form.role_codes.data or ()), {str(r.role): r for r in row.roles}
        for code in wanted - present.keys():
            row.roles.append(UserRole(role=Role(code)))
        for code in present.keys() - wanted:
            row.roles.remove(present[code])
        if wanted != present.keys():
            engine.audit("roles", row, actor(), {"roles": sorted(present)}, {"roles": sorted(wanted)})
        if form.new_password.data:
            set_password(row, form.new_password.data)
            row.must_change = row.id != actor().id


class GrantScreen(PanelView):
    can_edit = False

    def scaffold_form(self):
        form = super().scaffold_form()
        form.permission = SelectField(self.label_of("permission"), [InputRequired()], choices=lambda: [(p, p) for p in sorted(known_permissions())])
        return form

    def problems(self, row, form):
        held = set(db.session.scalars(sa.select(Grant.permission).where(Grant.role == row.role)))
        clashing = clash(str(row.role), held | {row.permission})
        if clashing:
            yield "permission", say(N_("These must not meet in one role: {names}"), names=", ".join(sorted(clashing)[:4]))
        if row.permission in held:
            yield "permission", say(N_("The role holds it already."))


class DelegationScreen(PanelView):
    """Everybody lends their own approval rights, for a span of days, to somebody else."""

    def may_edit_row(self, row):
        return None if row.delegator_id == actor().id or actor().has(Role.SYSADMIN) else say(N_("Only who delegated can change it."))

    def fill(self, form, row, created):
        super().fill(form, row, created)
        if created:
            row.delegator_id = actor().id

    def problems(self, row, form):
        if row.delegate is not None and row.delegate.id == actor().id and row.delegator_id == actor().id:
            yield "delegate", say(N_("Name somebody else."))
        if row.since and row.until and row.until < row.since:
            yield "until", say(N_("It ends before it begins."))


class EventScreen(PanelView):
    column_default_sort = None
    can_create = can_edit = can_delete = False


__all__ = ["Approval", "Checkin", "Department", "DispatchState", "Regulation", "StringField", "selectinload", "shown"]
