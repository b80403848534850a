"""Approval chains: who decides, in what order, and each step once."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import sqlalchemy as sa

import rules
from core.text import N_, Text, say
from models import (
    Approval,
    Decision,
    Delegation,
    HospitalityRequest,
    User,
    UserRole,
    db,
)
from rules import Finding, Step
from workflow import Actor, Role, Seat, seat_for


class Refused(Exception):
    """A transition that may not happen: the reason in words, and the findings that stopped it."""

    def __init__(self, reason: Text, findings: list[Finding] | None = None):
        super().__init__(str(reason))
        self.reason, self.findings = reason, findings or []


class Conflict(Refused):
    """Somebody else was first."""


@dataclass
class Move:
    """One transition under way: the row, who acts, what the form said, where it leads."""

    row: object
    actor: Actor
    data: dict
    target: object
    book: rules.Rulebook | None = None
    plan: "Plan | None" = None
    clauses: list[str] = field(default_factory=list)
    seat: Seat | None = None
    entails: list[tuple[object, str]] = field(default_factory=list)
    """Transitions of other rows that this one brings with it."""


# ── The chain ────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Plan:
    """The chain of a request before it is filed: steps with the people who could decide each."""

    steps: tuple[tuple[Step, bool], ...] = ()
    vacant: tuple[Step, ...] = ()

    def facts(self) -> dict:
        return {
            "has_chain": (bool(self.steps) and any(not skipped for _, skipped in self.steps)) or bool(self.vacant),
            "vacant": tuple(Role(s.role).label for s in self.vacant),
            "vacant_clauses": tuple(dict.fromkeys(s.clause for s in self.vacant)),
        }


def conditions(row, book: rules.Rulebook) -> frozenset[str]:
    """The conditions of approval steps that hold for `row`: over_cap, important."""
    if isinstance(row, HospitalityRequest):
        cap = rules.cap_for(book, str(row.category), row.rank, row.planned_on)
        return frozenset({"over_cap"} if cap and Decimal(row.amount) > cap[0] * row.guests else ())
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


def plan_chain(row, book: rules.Rulebook, today: date, exception: bool = False) -> Plan:
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


def open_chain(move: Move):
    """Store the chain of this round as Approval rows and open its first step."""
    row, actor = move.row, move.actor
    row.round += 1
    row.submitted_at, row.rulebook_version = actor.now, move.book.version
    opened = False
    for place, (step, skipped) in enumerate(move.plan.steps, 1):
        approval = Approval(
            subject=row.process.name,
            subject_id=row.id,
            number=row.number,
            round=row.round,
            step=place,
            role=step.role,
            department_id=row.department_id,
            clause=step.clause,
        )
        if skipped:
            approval.decision, approval.decided_at = Decision.SKIPPED, actor.now
        elif not opened:
            approval.opened_at, opened = actor.now, True
        db.session.add(approval)
        move.clauses.append(step.clause)


def decide(move: Move, decision: Decision):
    """Decide the open step, once: the condition in the UPDATE holds against a second decider."""
    step, actor = move.row.open_step, move.actor
    move.seat = seat_for(move.row, actor)
    behalf = move.seat.user_id if move.seat.user_id != actor.id else None
    changed = db.session.execute(
        sa.update(Approval)
        .where(Approval.id == step.id, Approval.decided_at.is_(None))
        .values(
            decision=decision,
            decider_id=actor.id,
            on_behalf_of_id=behalf,
            comment=move.data.get("comment") or "",
            decided_at=actor.now,
        )
    ).rowcount
    if changed != 1:
        raise Conflict(say(N_("Somebody else has decided this step just now.")))
    db.session.expire(step)
    move.clauses.append(step.clause)


def close_chain(row):
    """Steps that were still to come will not come: they stay on record without having been opened."""
    db.session.execute(
        sa.update(Approval)
        .where(Approval.subject == row.process.name, Approval.subject_id == row.id, Approval.decided_at.is_(None))
        .values(opened_at=None)
    )
