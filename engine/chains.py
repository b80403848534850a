"""Approval chains before they are filed: who would decide, in what order, and each step once."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

import rules
from models import Delegation, User, UserRole, db
from rules import Rulebook, Step
from workflow import Role


@dataclass(frozen=True)
class Plan:
    """The chain of a request before it is filed: each step with whether it is skipped, and those nobody can decide."""

    steps: tuple[tuple[Step, bool], ...] = ()
    vacant: tuple[Step, ...] = ()

    @property
    def walked(self) -> list[Step]:
        """The steps that somebody will decide."""
        return [step for step, skipped in self.steps if not skipped]

    def facts(self) -> dict[str, Any]:
        """What the rules are told of it (`rules.ChainFacts`)."""
        return {
            "has_chain": bool(self.walked or self.vacant),
            "vacant": tuple(Role(s.role).label for s in self.vacant),
            "vacant_clauses": tuple(dict.fromkeys(s.clause for s in self.vacant)),
        }


class Deciders:
    """Who could decide steps on a day: the holders of a role and their delegates. What was read once is kept."""

    def __init__(self, today: date):
        self.today = today
        self._seats: dict[tuple[str, int | None], dict[int, set[int]]] = {}

    def of(self, step: Step, department_id: int, applicant_id: int) -> set[int]:
        """Those who could decide `step` for a request of an applicant, who never decides it."""
        of_department = department_id if step.role == Role.DEPT_HEAD else None
        if (step.role, of_department) not in self._seats:
            self._seats[step.role, of_department] = self._read(step.role, of_department)
        seats = self._seats[step.role, of_department]
        able = {person for holder, people in seats.items() if holder != applicant_id for person in people}
        return able - {applicant_id}

    def _read(self, role: str, department_id: int | None) -> dict[int, set[int]]:
        """Each holder of `role` (of a department, where one is named) with their delegates and themself."""
        holders = sa.select(UserRole.user_id).join(User).where(UserRole.role == role, User.active)
        if department_id is not None:
            holders = holders.where(User.department_id == department_id)
        seats = {holder: {holder} for holder in db.session.scalars(holders)}
        delegations = sa.select(Delegation.delegator_id, Delegation.delegate_id)
        for holder, delegate in db.session.execute(
            delegations.join(User, User.id == Delegation.delegate_id).where(
                Delegation.delegator_id.in_(seats),
                Delegation.active,
                Delegation.since <= self.today,
                Delegation.until >= self.today,
                User.active,
            )
        ):
            seats[holder].add(delegate)
        return seats


def plan_chain(
    row: Any, book: Rulebook, today: date, exception: bool = False, deciders: Deciders | None = None
) -> Plan:
    """The steps the adopted clauses demand for `row`, and whether different people can decide them all.

    `exception`: some rule asks for a written reason, which may call for one approver more. `deciders`: who could
    decide, where it has been read for other rows already.

    A step that only somebody else of the chain could decide is skipped where its clause allows it
    (a department head who files for their own department), otherwise it is vacant.
    """
    amount = Decimal(getattr(row, "amount", None) or getattr(row, "budget", None) or 0)
    held = row.conditions(book) | ({"exception"} if exception else frozenset())
    steps = rules.chain(book, row.process.name, rank=row.rank, amount=amount, conditions=held, day=today)
    deciders = deciders or Deciders(today)
    people = {s: deciders.of(s, row.department_id, row.applicant_id) for s in steps}
    taken: dict[int, Step] = {}

    def seat(step: Step, tried: set[int]) -> bool:
        for person in sorted(people[step] - tried):
            tried.add(person)
            if person not in taken or seat(taken[person], tried):
                taken[person] = step
                return True
        return False

    unmatched = {s for s in sorted(steps, key=lambda s: s.when_vacant == "skip") if not seat(s, set())}
    skipped = {s for s in unmatched if s.when_vacant == "skip"}
    return Plan(
        tuple((s, s in skipped) for s in steps if s not in unmatched or s in skipped),
        tuple(s for s in steps if s in unmatched and s not in skipped),
    )
