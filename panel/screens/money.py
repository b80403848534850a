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
from panel.checks import at_least_one_guest, has_come, not_negative
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
        return people_and_money(row)


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
        yield from people_and_money(row)
        if row.amount is not None and row.amount <= 0:
            yield "amount", say(N_("An expense is more than nothing."))
        if row.tax is not None and row.amount is not None and not 0 <= row.tax <= row.amount:
            yield "tax", say(N_("The tax is part of the amount."))
        yield from has_come(row, "incurred_on")
        if not row.organisation:
            yield "organisation", say(N_("Name the organisation, or choose a visit."))
        if row.wine_request is not None and row.wine_request.gift.kind != GiftKind.WINE:
            yield "wine_request", say(N_("Choose a request for wine."))


def people_and_money(row):
    """How many come and how many receive them, and what it costs."""
    yield from at_least_one_guest(row, "guests")
    if row.escort_count is not None and row.escort_count < 0:
        yield "escort_count", say(N_("A number of people is not negative."))
    yield from not_negative(row, "amount")
