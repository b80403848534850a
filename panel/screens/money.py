"""Hospitality: asked for in advance, claimed as expenses."""

import sqlalchemy as sa

from core.clock import local_day
from core.text import N_, say
from engine.effects.money import fix_cap
from models import (
    Gift,
    GiftKind,
)
from panel.access import actor
from panel.screens.money_csv import FinanceCSV
from panel.transitions import RequestView
from rulebook import versions
from workflow import GIFT_REQUEST, HOSPITALITY


class HospitalityScreen(RequestView):
    takes = {
        "visit": {
            "organisation": lambda visit: visit.organisation,
            "purpose": lambda visit: visit.purpose,
            "guests": lambda visit: visit.guest_count,
            "escort_count": lambda visit: len(visit.escorts) or 1,
            "planned_on": lambda visit: local_day(visit.planned_start),
        }
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


class ExpenseScreen(FinanceCSV, RequestView):
    takes = {
        "visit": {
            "organisation": lambda visit: visit.organisation,
            "guests": lambda visit: visit.guest_count,
            "escort_count": lambda visit: len(visit.escorts) or 1,
            "escort_names": lambda visit: "、".join(e.user.name for e in visit.escorts)[:120],
            "incurred_on": lambda visit: local_day(visit.planned_start),
        }
    }

    def lookup_conditions(self, name):
        if name == "hospitality":
            return lambda model: (model.status.in_(HOSPITALITY.granted),)
        if name == "wine_request":
            return lambda model: (
                model.status.in_(GIFT_REQUEST.handed_out),
                model.gift_id.in_(sa.select(Gift.id).where(Gift.kind == GiftKind.WINE)),
            )
        return None

    def fill(self, form, row, created):
        super().fill(form, row, created)
        if row.visit is not None and not row.organisation:
            row.organisation = row.visit.organisation
        if row.incurred_on and row.amount is not None and row.guests:
            fix_cap(row, versions.load(None, actor().department_id))

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


def people_and_money(row, *amounts):
    if row.guests is not None and row.guests < 1:
        yield "guests", say(N_("At least one guest comes."))
    if row.escort_count is not None and row.escort_count < 0:
        yield "escort_count", say(N_("A number of people is not negative."))
    for name in amounts:
        if getattr(row, name) is not None and getattr(row, name) < 0:
            yield name, say(N_("An amount is not negative."))
