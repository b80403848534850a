"""What falls due: the cycles of the adopted clauses, held against the records that fulfil them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

import rules
from clauses.words import CycleKind
from core.clock import local_day
from models import Assessment, Customer, FollowUp, Inspection, OutboundVisit, RulebookVersion, Training, Visit, db
from rules import CycleFacts, Rulebook, Terms
from workflow import VISIT

SHOWN_CUSTOMERS = 500
"""At most so many customers per clause are listed, the most overdue first."""


@dataclass(frozen=True)
class Due:
    """One thing that falls due: by which clause, when it was done last, when it is due; `customer` where it is about
    one."""

    terms: Terms
    what: CycleKind
    last: date | None
    on: date
    customer: Customer | None = None

    def late(self, today: date) -> int:
        """Days overdue; negative: days left."""
        return (today - self.on).days


def began() -> date:
    """The company's day on which the first rulebook began: cycles never done count from there."""
    return local_day(db.session.execute(sa.select(sa.func.min(RulebookVersion.at))).scalar_one())


def last_done() -> dict[str, date]:
    """The last day each kind of record was made."""
    days: dict[str, date | None] = {
        str(kind): day
        for kind, day in db.session.execute(
            sa.select(Inspection.kind, sa.func.max(Inspection.held_on)).group_by(Inspection.kind)
        )
    }
    days |= {
        "training": db.session.scalar(sa.select(sa.func.max(Training.held_on))),
        "assessment": db.session.scalar(sa.select(sa.func.max(Assessment.held_on))),
    }
    return {kind: day for kind, day in days.items() if day}


def everything(book: Rulebook, today: date, customers: sa.ColumnElement[bool]) -> list[Due]:
    """Everything that falls due by `book`, the most overdue first. `customers` is the condition of the customers
    seen."""
    since, last, dues = began(), last_done(), list[Due]()
    for terms in rules.cycles(book, today):
        kind = CycleKind(terms["what"])
        if kind in (CycleKind.CUSTOMER_CONTACT, CycleKind.CUSTOMER_VISIT):
            dues += _customers(terms, kind, today, since, customers)
            continue
        facts = CycleFacts(str(kind), today, last.get(str(kind)), since)
        on = rules.due_on(terms, facts)
        if on is not None:
            dues.append(Due(terms, kind, facts.last, on))
    return sorted(dues, key=lambda d: d.on)


def _customers(terms: Terms, kind: CycleKind, today: date, since: date, seen: sa.ColumnElement[bool]) -> list[Due]:
    """The customers whose contact or visit is due within a fortnight or overdue."""

    def latest(column: Any, *where: sa.ColumnElement[bool]) -> Any:
        # By the customer's own index: a company has a million visits, a customer a few.
        return sa.select(sa.func.max(column)).where(*where).correlate(Customer).scalar_subquery()

    last = [
        latest(
            OutboundVisit.planned_on, OutboundVisit.customer_id == Customer.id, OutboundVisit.reported_on.is_not(None)
        )
    ]
    if kind == CycleKind.CUSTOMER_CONTACT:
        last += [
            latest(FollowUp.held_on, FollowUp.customer_id == Customer.id),
            latest(Visit.planned_start, Visit.customer_id == Customer.id, Visit.status.in_(VISIT.received)),
        ]
    of_class = [Customer.kind.in_(terms["classes"])] if terms["classes"] else []
    rows = db.session.execute(sa.select(Customer, *last).where(seen, *of_class).order_by(Customer.id).limit(5000)).all()
    dues = []
    for customer, *days in rows:
        done = max((local_day(d) if hasattr(d, "hour") else d for d in days if d), default=None)
        interval = Terms(
            terms.clause,
            {**terms.params, "days": min(terms["days"], customer.contact_days or terms["days"])},
            terms.effective,
        )
        facts = CycleFacts(str(kind), today, done, max(since, local_day(customer.created_at)), str(customer.kind))
        on = rules.due_on(interval, facts)
        if on is not None and (on - today).days <= 14:
            dues.append(Due(interval, kind, done, on, customer))
    return sorted(dues, key=lambda d: d.on)[:SHOWN_CUSTOMERS]
