"""Approval chains, the same for every request that has one: filed, decided step by step, taken back."""

from typing import Any

import sqlalchemy as sa

import rules
from core.text import N_, say
from engine.effects.registry import effect
from engine.moves import Conflict, Move
from models import Approval, Decision, db
from workflow import seat_for


@effect("submit")
def submit(move: Move) -> None:
    """Store the chain of this round as Approval rows, open its first step, and keep the rulebook it was filed under."""
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
    keep_reasons(move)


def keep_reasons(move: Move) -> None:
    """The reason for a finding stands on the request itself, where its rule names a column of it for that."""
    for rule, reason in move.reasons.items():
        column = rules.reason_in(rule)
        if hasattr(move.row, column):
            setattr(move.row, column, reason[:300])


@effect("approve")
def approve(move: Move) -> None:
    """The open step agrees; the next one opens, or the request is approved."""
    decide(move, Decision.APPROVED)
    row, states = move.row, move.row.process.states
    following = db.session.scalar(
        sa.select(Approval)
        .where(
            Approval.subject == row.process.name,
            Approval.subject_id == row.id,
            Approval.round == row.round,
            Approval.decided_at.is_(None),
        )
        .order_by(Approval.step)
        .limit(1)
    )
    if following is None:
        move.target = states.APPROVED
    else:
        following.opened_at = move.actor.now
        move.target = states.SUBMITTED


@effect("return")
def send_back(move: Move) -> None:
    """The open step sends it back; the chain ends and starts anew when it is submitted again."""
    decide(move, Decision.RETURNED)
    close_chain(move.row)


@effect("reject")
def reject(move: Move) -> None:
    """The open step refuses it; the chain ends."""
    decide(move, Decision.REJECTED)
    close_chain(move.row)


@effect("withdraw")
def withdraw(move: Move) -> None:
    """The applicant takes it back before anybody has decided; the chain ends."""
    close_chain(move.row)


@effect("urge")
def urge(move: Move) -> None:
    """The open step rises in its approver's to-do list; the condition in the UPDATE holds it to once a day."""
    step, today = move.row.open_step, move.actor.today
    done = db.session.scalar(
        sa.update(Approval)
        .where(
            Approval.id == step.id,
            Approval.decided_at.is_(None),
            sa.or_(Approval.urged_on.is_(None), Approval.urged_on < today),
        )
        .values(urged_on=today)
        .returning(Approval.id)
    )
    if done is None:
        raise Conflict(say(N_("Already urged today.")))
    db.session.expire(step)


def decide(move: Move, decision: Decision) -> None:
    """Decide the open step, once: the condition in the UPDATE holds against a second decider."""
    step, actor = move.row.open_step, move.actor
    move.seat = seat_for(move.row, actor)
    done = db.session.scalar(
        sa.update(Approval)
        .where(Approval.id == step.id, Approval.decided_at.is_(None))
        .values(
            decision=decision,
            decider_id=actor.id,
            on_behalf_of_id=move.on_behalf_of,
            comment=move.comment,
            decided_at=actor.now,
        )
        .returning(Approval.id)
    )
    if done is None:
        raise Conflict(say(N_("Somebody else has decided this step just now.")))
    db.session.expire(step)
    move.clauses.append(step.clause)


def close_chain(row: Any) -> None:
    """Steps that were still to come will not come: they stay on record without having been opened."""
    db.session.execute(
        sa.update(Approval)
        .where(Approval.subject == row.process.name, Approval.subject_id == row.id, Approval.decided_at.is_(None))
        .values(opened_at=None)
    )
