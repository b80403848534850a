"""Gifts and wine asked for as the rules see them."""

from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from facts.base import REQUEST, Beside, Column, Reader, columns_of, filed_on, plain
from models import Gift, GiftRequest, HospitalityRequest, ReceptionLevel, Visit
from rules import GiftFacts
from workflow import GIFT_REQUEST, HOSPITALITY

GIFTS = Reader(
    GiftRequest,
    GiftFacts,
    columns_of(GiftRequest, *REQUEST, "quantity", "purpose")
    | {
        "unit_cost": Column(Gift.unit_cost, lambda row: row.gift and row.gift.unit_cost),
        "important": Column(sa.func.coalesce(Gift.important, sa.false()), lambda row: row.gift and row.gift.important),
        "benefit": Column(sa.func.coalesce(plain(Gift.benefit), ""), lambda row: row.gift and row.gift.benefit),
        "rank": Column(ReceptionLevel.rank),
        "guest_count": Column(Visit.guest_count, lambda row: row.visit and row.visit.guest_count),
        "planned_start": Column(Visit.planned_start, lambda row: row.visit and row.visit.planned_start),
        "asked": Column(plain(HospitalityRequest.status), lambda row: row.hospitality and row.hospitality.status),
    },
    joins=(
        (Gift, Gift.id == GiftRequest.gift_id),
        (Visit, Visit.id == GiftRequest.visit_id),
        (ReceptionLevel, ReceptionLevel.id == Visit.level_id),
        (HospitalityRequest, HospitalityRequest.id == GiftRequest.hospitality_id),
    ),
    subject=GIFT_REQUEST.name,
)


@GIFTS.tells("day")
def day(row: Any, beside: Beside) -> date:
    return row.today


@GIFTS.tells("application")
def application(row: Any, beside: Beside) -> str:
    return "approved" if row.asked in HOSPITALITY.granted else "none"


@GIFTS.tells("value")
def value(row: Any, beside: Beside) -> Decimal:
    """What all of them cost, in CNY."""
    return Decimal((row.unit_cost or 0) * (row.quantity or 0))


@GIFTS.tells("guests")
def guests(row: Any, beside: Beside) -> int:
    return row.guest_count or 1


@GIFTS.tells("requested_on")
def requested_on(row: Any, beside: Beside) -> date:
    return filed_on(row, beside, GIFT_REQUEST)


@GIFTS.tells("needed_on")
def needed_on(row: Any, beside: Beside) -> date | None:
    return beside.local_day(row.planned_start) if row.planned_start else None


__all__ = ["GIFTS"]
