"""Money: hospitality requests, expenses, and the account codes they are booked to."""

from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped

from clauses.words import SpendingCategory as Category
from core.money import per_guest
from core.search import Searchable
from core.text import N_, Choice
from rules import Rulebook, cap_for
from tables.base import OFFICE, ChoiceType, Money, Table, any_of, col, link, ref
from tables.gifts import GiftRequest
from tables.requests import Request
from tables.visits import Visit
from workflow import EXPENSE, HOSPITALITY, Actor, ExpenseState, HospitalityState, Role


class MealPeriod(Choice):
    NONE = "", N_("—")
    BREAKFAST = "breakfast", N_("Breakfast")
    LUNCH = "lunch", N_("Lunch")
    DINNER = "dinner", N_("Dinner")


class Account(Table):
    """The ledger account that a category is booked to (domain.md §5)."""

    __tablename__ = "account"
    category: Mapped[Category] = col(ChoiceType(Category), _l("Category"), unique=True)
    code: Mapped[str] = col(sa.String(20), _l("Account code"))
    name: Mapped[str] = col(sa.String(60), _l("Account"), default="")

    @classmethod
    def visible_to(cls, actor: Actor):
        return any_of(actor.has(Role.FINANCE, *OFFICE))


class HospitalityRequest(Searchable, Request, Table):
    """行政接待申请表: a banquet, lodging or gift asked for in advance (R01-4.3)."""

    __tablename__ = "hospitality_request"
    __table_args__ = (
        sa.CheckConstraint("guests >= 1", name="guests"),
        sa.CheckConstraint("escort_count >= 0", name="escorts"),
        sa.CheckConstraint("amount >= 0", name="amount"),
        sa.Index("ix_hospitality_request_on", "planned_on", "id"),
        sa.Index("ix_hospitality_request_status", "status", "planned_on", "id"),
        sa.Index("ix_hospitality_request_compliance", "compliance", "planned_on", "id"),
        sa.Index("ix_hospitality_request_department", "department_id", "planned_on", "id"),
    )
    prefix = "XZ"
    process = HOSPITALITY
    search_fields = ("organisation", "purpose")
    sees_all = (*OFFICE, Role.EXECUTIVE, Role.FINANCE)
    status: Mapped[HospitalityState] = col(ChoiceType(HospitalityState), _l("Status"), default=HospitalityState.DRAFT)
    visit_id: Mapped[int | None] = ref("visit.id", _l("Visit"), null=True, index=True)
    visit: Mapped[Visit | None] = link("Visit", _l("Visit"))
    category: Mapped[Category] = col(ChoiceType(Category), _l("Category"), default=Category.MEAL)
    organisation: Mapped[str] = col(sa.String(80), _l("Visiting organisation"))
    purpose: Mapped[str] = col(sa.String(200), _l("Purpose"))
    planned_on: Mapped[date] = col(sa.Date, _l("Planned for"))
    guests: Mapped[int] = col(sa.Integer, _l("Guests"), default=1)
    escort_count: Mapped[int] = col(sa.Integer, _l("Number of escorts"), default=1)
    amount: Mapped[sa.Numeric] = col(Money, _l("Estimated (CNY)"))

    @property
    def rank(self):
        return self.visit.rank if self.visit else None

    def conditions(self, book: Rulebook) -> frozenset[str]:
        cap, amount = cap_for(book, str(self.category), self.rank, self.planned_on), Decimal(str(self.amount or 0))
        return frozenset({"over_cap"} if cap and amount > cap[0] * self.guests else ())


COUNTS = "status NOT IN ({})".format(", ".join(f"'{state}'" for state in sorted(EXPENSE.gone)))
"""Which expenses count, as the conditions of the unique indexes say it."""


def spent(expense: Any) -> Decimal:
    """Invoice and company wine at cost, CNY: what the cap is held against."""
    return Decimal(expense.amount or 0) + Decimal(expense.wine_amount or 0)


class Expense(Searchable, Request, Table):
    """One invoice of one occasion. `cap` and its clause are fixed when it is submitted."""

    __tablename__ = "expense"
    __table_args__ = (
        sa.CheckConstraint("amount > 0", name="amount"),
        sa.CheckConstraint("guests >= 1", name="guests"),
        sa.CheckConstraint("tax >= 0 AND tax <= amount", name="tax"),
        sa.CheckConstraint("escort_count >= 0", name="escorts"),
        # The same invoice is never paid twice; one that was rejected may be filed anew.
        sa.Index(
            "uq_expense_invoice",
            "invoice_no",
            unique=True,
            sqlite_where=sa.text(f"invoice_no <> '' AND {COUNTS}"),
            postgresql_where=sa.text(f"invoice_no <> '' AND {COUNTS}"),
        ),
        sa.Index(
            "uq_expense_wine",
            "wine_request_id",
            unique=True,
            sqlite_where=sa.text(f"wine_request_id IS NOT NULL AND {COUNTS}"),
            postgresql_where=sa.text(f"wine_request_id IS NOT NULL AND {COUNTS}"),
        ),
        sa.Index("ix_expense_on", "incurred_on", "id"),
        sa.Index("ix_expense_status_on", "status", "incurred_on", "id"),
        sa.Index("ix_expense_department_on", "department_id", "incurred_on", "id"),
        sa.Index("ix_expense_category_on", "category", "incurred_on", "id"),
        sa.Index("ix_expense_applicant", "applicant_id", "status"),
        sa.Index("ix_expense_created", "created_at", "id"),
        sa.Index("ix_expense_compliance", "compliance", "incurred_on", "id"),
    )
    prefix = "FY"
    process = EXPENSE
    search_fields = ("organisation", "place", "invoice_no")
    sees_all = (*OFFICE, Role.EXECUTIVE, Role.FINANCE)
    status: Mapped[ExpenseState] = col(ChoiceType(ExpenseState), _l("Status"), default=ExpenseState.DRAFT)
    visit_id: Mapped[int | None] = ref("visit.id", _l("Visit"), null=True, index=True)
    visit: Mapped[Visit | None] = link("Visit", _l("Visit"))
    hospitality_id: Mapped[int | None] = ref("hospitality_request.id", _l("Hospitality request"), null=True, index=True)
    hospitality: Mapped[HospitalityRequest | None] = link("HospitalityRequest", _l("Hospitality request"))
    organisation: Mapped[str] = col(sa.String(80), _l("Visiting organisation"), default="")
    category: Mapped[Category] = col(ChoiceType(Category), _l("Category"), default=Category.MEAL)
    meal_period: Mapped[MealPeriod] = col(ChoiceType(MealPeriod), _l("Meal period"), default=MealPeriod.NONE)
    incurred_on: Mapped[date] = col(sa.Date, _l("Date"))
    place: Mapped[str] = col(sa.String(80), _l("Place"), default="")
    guests: Mapped[int] = col(sa.Integer, _l("Guests"), default=1)
    escort_count: Mapped[int] = col(sa.Integer, _l("Number of escorts"), default=1)
    escort_names: Mapped[str] = col(sa.String(120), _l("Escort names"), default="")
    invoice_no: Mapped[str] = col(sa.String(30), _l("Invoice No."), default="")
    invoice_date: Mapped[date | None] = col(sa.Date, _l("Invoice date"), null=True)
    payee: Mapped[str] = col(sa.String(80), _l("Payee"), default="")
    amount: Mapped[sa.Numeric] = col(Money, _l("Amount with tax (CNY)"))
    tax: Mapped[sa.Numeric] = col(Money, _l("Tax (CNY)"), default=0)
    wine_request_id: Mapped[int | None] = ref("gift_request.id", _l("Company wine issued for it"), null=True)
    wine_request: Mapped[GiftRequest | None] = link("GiftRequest", _l("Company wine issued for it"))
    wine_amount: Mapped[sa.Numeric] = col(Money, _l("Company wine (CNY)"), default=0)
    cap: Mapped[sa.Numeric | None] = col(Money, _l("Cap per guest (CNY)"), null=True)
    cap_clause: Mapped[str] = col(sa.String(60), _l("Clause"), default="")
    over_cap_reason: Mapped[str] = col(sa.String(300), _l("Reason above the cap"), default="")
    attachments: Mapped[int] = col(sa.Integer, _l("Attachments"), default=1)
    approved_amount: Mapped[sa.Numeric | None] = col(Money, _l("Approved amount (CNY)"), null=True)
    settled_on: Mapped[date | None] = col(sa.Date, _l("Settled on"), null=True)
    voucher_no: Mapped[str] = col(sa.String(30), _l("Voucher No."), default="")
    remarks: Mapped[str] = col(sa.String(200), _l("Remarks"), default="")

    @property
    def rank(self):
        return self.visit.rank if self.visit else None

    @property
    def total(self) -> Decimal:
        return spent(self)

    @property
    def per_guest(self) -> Decimal:
        return per_guest(self.total, self.guests or 1)

    @property
    def excess(self) -> Decimal:
        return max(Decimal(0), self.total - Decimal(self.cap) * self.guests) if self.cap is not None else Decimal(0)

    def conditions(self, book: Rulebook) -> frozenset[str]:
        return frozenset({"over_cap"} if self.excess > 0 else ())
