"""Hospitality asked for and money spent as the rules see them, in CNY."""

from decimal import Decimal
from typing import Any

from facts.base import REQUEST, Beside, Column, Reader, columns_of, filed_on, plain
from models import Customer, Expense, HospitalityRequest, ReceptionLevel, Visit, spent
from rules import SpendingFacts
from workflow import EXPENSE, HOSPITALITY

OF_VISIT = {
    "rank": Column(ReceptionLevel.rank),
    "payer": Column(
        Customer.department_id,
        lambda row: row.visit.customer.department_id if row.visit and row.visit.customer else None,
    ),
}
"""What the visit says of money spent on it: the rank of its guests, and the department of its customer."""


def _joins(model: Any) -> tuple[tuple[Any, Any], ...]:
    return (
        (Visit, Visit.id == model.visit_id),
        (ReceptionLevel, ReceptionLevel.id == Visit.level_id),
        (Customer, Customer.id == Visit.customer_id),
    )


HOWEVER_THEY_CAME: dict[str, Any] = {"walk_in": False}
"""Money is spent on guests by the same rules, whether or not they had an appointment."""

EXPENSES = Reader(
    Expense,
    SpendingFacts,
    columns_of(Expense, *REQUEST, "organisation", "category", "guests", "amount", "wine_amount")
    | OF_VISIT
    | {
        "day": Column(Expense.incurred_on, lambda row: row.incurred_on),
        "escorts": Column(Expense.escort_count, lambda row: row.escort_count),
        "asked": Column(plain(HospitalityRequest.status), lambda row: row.hospitality and row.hospitality.status),
        "asked_at": Column(
            HospitalityRequest.submitted_at, lambda row: row.hospitality and row.hospitality.submitted_at
        ),
    },
    joins=(*_joins(Expense), (HospitalityRequest, HospitalityRequest.id == Expense.hospitality_id)),
    subject=EXPENSE.name,
    needs_application=True,
    **HOWEVER_THEY_CAME,
)
HOSPITALITIES = Reader(
    HospitalityRequest,
    SpendingFacts,
    columns_of(HospitalityRequest, *REQUEST, "organisation", "category", "guests", "amount")
    | OF_VISIT
    | {
        "day": Column(HospitalityRequest.planned_on, lambda row: row.planned_on),
        "escorts": Column(HospitalityRequest.escort_count, lambda row: row.escort_count),
    },
    joins=_joins(HospitalityRequest),
    # It is the application itself.
    subject=HOSPITALITY.name,
    needs_application=False,
    application="self",
    **HOWEVER_THEY_CAME,
)


@EXPENSES.tells("charged_elsewhere")
@HOSPITALITIES.tells("charged_elsewhere")
def charged_elsewhere(row: Any, beside: Beside) -> bool:
    """Whether the visit's customer belongs to another department than the one that pays."""
    return bool(row.payer and row.department_id and row.payer != row.department_id)


# ── Money spent ──────────────────────────────────────────────────────────────────────────────────
@EXPENSES.tells("total")
def total(row: Any, beside: Beside) -> Decimal:
    return spent(row)


@EXPENSES.tells("application")
def application(row: Any, beside: Beside) -> str:
    return "approved" if row.asked in HOSPITALITY.granted else "none"


@EXPENSES.tells("late")
def asked_late(row: Any, beside: Beside) -> bool:
    """Whether its hospitality request was filed after the day."""
    return bool(row.asked_at and row.day and beside.local_day(row.asked_at) > row.day)


# ── Hospitality asked for ────────────────────────────────────────────────────────────────────────
@HOSPITALITIES.tells("total")
def estimated(row: Any, beside: Beside) -> Decimal:
    return Decimal(row.amount or 0)


@HOSPITALITIES.tells("late")
def filed_late(row: Any, beside: Beside) -> bool:
    return bool(row.day and filed_on(row, beside, HOSPITALITY) > row.day)


__all__ = ["EXPENSES", "HOSPITALITIES"]
