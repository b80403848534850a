"""How each request stands to the adopted clauses, kept beside it so that lists can filter and reports can count."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import sqlalchemy as sa

import facts
from core.clock import local_day
from core.text import packed
from engine.findings import explanations, judge
from models import REQUESTS, Compliance, CurrentFinding, db, lock
from rules import Finding, Severity, of_request
from workflow import Actor


def standing(findings: list[Finding], reasons: dict[str, str]) -> Compliance:
    """The gravest of `findings`, given the reasons already written."""
    if any(f.severity == Severity.BLOCK for f in findings):
        return Compliance.BLOCKED
    asked = [f for f in findings if f.severity == Severity.EXPLAIN]
    if any(not reasons.get(f.rule) for f in asked):
        return Compliance.OPEN
    if asked or any(reasons.values()):
        return Compliance.EXPLAINED
    return Compliance.NOTED if findings else Compliance.CLEAR


def day_of(row: Any, actor: Actor) -> date:
    """The day a request's findings are counted on: its own, else the day it was made."""
    for name in ("planned_start", "incurred_on", "planned_on", "out_planned", "month", "received_at"):
        value = getattr(row, name, None)
        if value is not None:
            return local_day(value) if hasattr(value, "hour") else value
    return actor.today


def refresh(row: Any, actor: Actor) -> None:
    """Judge `row` anew for what comes next and keep the result. Within the transaction that changed it."""
    if not facts.knows(row) or not hasattr(row, "compliance"):
        return
    over = row.status in row.process.over
    found = [] if over else of_request(judge(row, actor, row.process.counts.get(row.status)).findings)
    reasons = explanations(row)
    db.session.execute(
        sa.delete(CurrentFinding).where(CurrentFinding.subject == row.process.name, CurrentFinding.subject_id == row.id)
    )
    for f in found:
        db.session.add(
            CurrentFinding(
                subject=row.process.name,
                subject_id=row.id,
                department_id=row.department_id,
                day=day_of(row, actor),
                rule=f.rule,
                severity=str(f.severity),
                clauses=list(f.clauses),
                msgid=f.text.msgid,
                values=packed(f.text.values),
                way_out=f.way_out.msgid,
                way_out_values=packed(f.way_out.values),
                explanation=reasons.get(f.rule, ""),
            )
        )
    state = standing(found, reasons)
    if row.compliance != state:
        # Beside the ORM: how a row stands is no change of the row, its version stays.
        db.session.execute(
            sa.update(type(row)).where(type(row).id == row.id).values(compliance=state),
            execution_options={"synchronize_session": False},
        )
        sa.orm.attributes.set_committed_value(row, "compliance", state)


def refresh_visits(visits: Iterable[Any], actor: Actor) -> None:
    """Judge anew the visits to which changed rows belong: a room confirmed, a notice signed for, an escort taken off
    change how they stand. None among `visits` is skipped.

    Such rows are held before their visits, and visits in order, so that two changes never wait for each other.
    """
    db.session.flush()
    for visit in sorted({v for v in visits if v is not None}, key=lambda v: v.id):
        db.session.expire(visit)
        lock(visit)
        refresh(visit, actor)


def refresh_open(actor: Actor) -> int:
    """Judge every request anew that is not over: deadlines pass without anybody saving anything.

    Commits in parts; gives how many.
    """
    done = 0
    model: Any
    for model in REQUESTS.values():
        if not facts.knows(model):
            continue
        last = 0
        while rows := db.session.scalars(
            sa.select(model)
            .where(model.id > last, model.status.not_in(model.process.over))
            .order_by(model.id)
            .limit(200)
        ).all():
            for row in rows:
                refresh(row, actor)
            done += len(rows)
            last = rows[-1].id
            db.session.commit()
            db.session.expire_all()
    return done


def refresh_drafts(actor: Actor, most: int = 300) -> None:
    """Judge the newest requests anew that can still be edited: they are judged by today's rulebook, and it has changed.

    The caller commits; what is older follows with the daily job.
    """
    for model in REQUESTS.values():
        if facts.knows(model) and model.process.editable:
            for row in db.session.scalars(
                sa.select(model).where(model.status.in_(model.process.editable)).order_by(model.id.desc()).limit(most)
            ).all():
                refresh(row, actor)
