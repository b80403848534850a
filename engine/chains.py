"""Approval chains before they are filed: who would decide, in what order, and each step once."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

import rules
from models import Delegation, HospitalityRequest, User, UserRole, db
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


def conditions(row: Any, book: Rulebook) -> frozenset[str]:
    """The conditions of approval steps that hold for `row`: over_cap, important."""
    if isinstance(row, HospitalityRequest):
        cap, amount = rules.cap_for(book, str(row.category), row.rank, row.planned_on), Decimal(str(row.amount or 0))
        return frozenset({"over_cap"} if cap and amount > cap[0] * row.guests else ())
    return getattr(row, "conditions", frozenset())


def deciders(step: Step, department_id: int, applicant_id: int, today: date) -> set[int]:
    """Who could decide `step`: holders of the role and their delegates, never the applicant."""
    of_department = step.role == Role.DEPT_HEAD
    holders = set(
        db.session.scalars(
            sa.select(UserRole.user_id)
            .join(User, User.id == UserRole.user_id)
            .where(
                UserRole.role == step.role,
                User.active,
                *([User.department_id == department_id] if of_department else []),
            )
        )
    ) - {applicant_id}
    delegates = set(
        db.session.scalars(
            sa.select(Delegation.delegate_id)
            .join(User, User.id == Delegation.delegate_id)
            .where(
                Delegation.delegator_id.in_(holders),
                Delegation.active,
                Delegation.since <= today,
                Delegation.until >= today,
                User.active,
            )
        )
    )
    return (holders | delegates) - {applicant_id}


def plan_chain(row: Any, book: Rulebook, today: date, exception: bool = False) -> Plan:
    """The steps the adopted clauses demand for `row`, and whether different people can decide them all.

    `exception`: some rule asks for a written reason, which may call for one approver more.

    A step that only somebody else of the chain could decide is skipped where its clause allows it
    (a department head who files for their own department), otherwise it is vacant.
    """
    amount = Decimal(getattr(row, "amount", None) or getattr(row, "budget", None) or 0)
    held = conditions(row, book) | ({"exception"} if exception else frozenset())
    steps = rules.chain(book, row.process.name, rank=row.rank, amount=amount, conditions=held, day=today)
    people = {s: deciders(s, row.department_id, row.applicant_id, today) for s in steps}
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
