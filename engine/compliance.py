"""How each request stands to the adopted clauses, kept beside it so that lists can filter and reports can count."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

import facts
from core.clock import local_day
from core.text import packed
from engine.findings import explanations_of, judge, judge_all
from models import REQUESTS, Compliance, CurrentFinding, Visit, db, lock
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
    findings = [] if over else judge(row, actor, row.process.counts.get(row.status)).findings
    _keep([row], {row.id: findings}, actor)


def refresh_all(rows: Sequence[Any], actor: Actor) -> None:
    """The same for rows of one kind, whose visits are read already: as many statements for many as for few."""
    stages = {row.id: row.process.counts.get(row.status, row.next_moments) for row in rows}
    judged = judge_all([row for row in rows if row.status not in row.process.over], actor, stages)
    _keep(rows, {key: judgement.findings for key, judgement in judged.items()}, actor)


def _keep(rows: Sequence[Any], judged: Mapping[int, list[Finding]], actor: Actor) -> None:
    """Put what was found about each row in the place of what stood there, and beside it how it stands."""
    subject, model, keys = rows[0].process.name, type(rows[0]), [row.id for row in rows]
    reasons = explanations_of(subject, keys)
    db.session.execute(
        sa.delete(CurrentFinding).where(CurrentFinding.subject == subject, CurrentFinding.subject_id.in_(keys))
    )
    findings, changed = [], defaultdict(list)
    for row in rows:
        of_row = of_request(judged.get(row.id, []))
        findings += [_current(row, f, reasons[row.id].get(f.rule, ""), actor) for f in of_row]
        state = standing(of_row, reasons[row.id])
        if row.compliance != state:
            changed[state].append(row)
    if findings:
        db.session.execute(sa.insert(CurrentFinding), findings)
    for state, of_state in changed.items():
        # Beside the ORM: how a row stands is no change of the row, its version stays.
        db.session.execute(
            sa.update(model).where(model.id.in_([row.id for row in of_state])).values(compliance=state),
            execution_options={"synchronize_session": False},
        )
        for row in of_state:
            sa.orm.attributes.set_committed_value(row, "compliance", state)


def _current(row: Any, f: Finding, explanation: str, actor: Actor) -> dict[str, Any]:
    """A finding about `row` as the columns of CurrentFinding."""
    return {
        "subject": row.process.name,
        "subject_id": row.id,
        "department_id": row.department_id,
        "day": day_of(row, actor),
        "rule": f.rule,
        "severity": str(f.severity),
        "clauses": list(f.clauses),
        "msgid": f.text.msgid,
        "values": packed(f.text.values),
        "way_out": f.way_out.msgid,
        "way_out_values": packed(f.way_out.values),
        "explanation": explanation,
    }


def with_parents(model: Any) -> sa.Select[Any]:
    """Rows of `model` with what their approval chains go by, read for all of them at once."""
    statement = sa.select(model)
    for name in ("level", "gift", "visit"):
        if hasattr(model, name):
            load = sa.orm.selectinload(getattr(model, name))
            statement = statement.options(load.selectinload(Visit.level) if name == "visit" else load)
    return statement


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
            with_parents(model)
            .where(model.id > last, model.status.not_in(model.process.over))
            .order_by(model.id)
            .limit(200)
        ).all():
            refresh_all(rows, actor)
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
            editable = with_parents(model).where(model.status.in_(model.process.editable))
            if rows := db.session.scalars(editable.order_by(model.id.desc()).limit(most)).all():
                refresh_all(rows, actor)
