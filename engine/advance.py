"""Carrying a transition out: the only place in the program where a state changes.

`advance` holds the row, asks `why_not`, has the rules judged inside the transaction, lets the effect
of the transition happen, moves the state and writes one Event. The caller commits.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.orm.exc import StaleDataError

from core.text import N_, packed, say
from engine.audit import audit, snapshot
from engine.compliance import refresh, refresh_visits
from engine.effects import registry
from engine.findings import book_for, explanations, judge
from engine.moves import Conflict, Move, Refused
from models import Event, RecordedFinding, db, forget_chain, lock
from workflow import Actor, Transition, why_not


def advance(row: Any, name: str, actor: Actor, data: dict[str, Any] | None = None, version: int | None = None) -> Event:
    """Take `row` through the transition `name`, and judge the visit anew that it belongs to.

    `data` holds what the form asked for: comment, reasons (by rule), and the fields the transition
    names in `asks`. `version` is the version the form was made from.
    Raises Refused with the reason or the findings, Conflict when somebody else was first.
    """
    event = _take(row, row.process.by_name[name], actor, data or {}, version)
    refresh_visits([getattr(row, "visit", None)], actor)
    return event


def advance_each(
    rows: Iterable[Any], name: str, actor: Actor, data: dict[str, Any] | None = None
) -> list[tuple[Any, Refused | None]]:
    """The same for many rows: each stands or falls alone, and every refusal is given back with its reason."""
    results: list[tuple[Any, Refused | None]] = []
    for row in rows:
        try:
            with db.session.begin_nested():
                _take(row, row.process.by_name[name], actor, data or {})
            results.append((row, None))
        except Refused as refusal:
            results.append((row, refusal))
    refresh_visits([getattr(row, "visit", None) for row, refusal in results if refusal is None], actor)
    return results


def refusal_of(row: Any, name: str, actor: Actor, data: dict[str, Any] | None = None) -> Refused | None:
    """Why `row` would be refused the transition `name` now, before anything happens; None where it would go through.

    An effect may refuse still. What is fixed for the rules beforehand is fixed in `row`: the caller does not commit it.
    """
    transition, data = row.process.by_name[name], data or {}
    try:
        _allow(row, transition, actor, data)
        _ask_the_rules(Move(row, transition, actor, data, book_for(row), transition.targets[0]))
    except Refused as refusal:
        return refusal
    return None


def _take(
    row: Any,
    transition: Transition,
    actor: Actor,
    data: dict[str, Any],
    version: int | None = None,
    entailed: bool = False,
) -> Event:
    """One transition from beginning to end. `entailed`: another one brings it, whatever the actor's own permissions."""
    _hold(row, version)
    if not entailed:
        _allow(row, transition, actor, data)
    before, state = snapshot(row), row.status
    move = Move(row, transition, actor, data, book_for(row), transition.targets[0])
    _ask_the_rules(move)
    with _first_come():
        _let_happen(move)
        row.status = move.target
        if hasattr(row, "closed_at"):
            row.closed_at = actor.now if move.target in row.process.over else None
        event = _record(move, before, state)
    forget_chain(row)
    refresh(row, actor)
    return event


def _hold(row: Any, version: int | None) -> None:
    """Hold the row until the transaction ends. Conflict where it is not the `version` that was looked at any more."""
    lock(row)
    forget_chain(row)
    if version is not None and version != row.version:
        raise Conflict


def _allow(row: Any, transition: Transition, actor: Actor, data: dict[str, Any]) -> None:
    """Refused where the actor may not do this now, or gives no reason where one is needed."""
    reason = why_not(row.process, transition.name, row, actor)
    if reason is not None:
        raise Refused(reason)
    if "comment!" in transition.asks and not (data.get("comment") or "").strip():
        raise Refused(say(N_("A reason is needed.")))


def _ask_the_rules(move: Move) -> None:
    """Have the rules of this moment judged, once. Refused for what blocks, and for what has no written reason."""
    row, stage = move.row, move.transition.stage
    prepare = registry.PREPARED.get((row.process.name, move.transition.name))
    if prepare is not None:
        prepare(move)
    if stage is None:
        return
    move.judgement = judgement = judge(row, move.actor, (stage,), move.book, move.data)
    if not judgement.findings:
        return
    given = {rule: text.strip() for rule, text in (move.data.get("reasons") or {}).items() if text and text.strip()}
    move.reasons = explanations(row) | given
    if judgement.blocking:
        raise Refused(judgement.blocking[0].text, judgement.blocking, judgement)
    silent = judgement.unexplained(move.reasons)
    if silent:
        clauses = ", ".join(f.clause for f in silent)
        reason = say(N_("A written reason is needed for: {clauses}"), clauses=clauses)
        raise Refused(reason, silent, judgement)


def _let_happen(move: Move) -> None:
    """What the transition does beyond the state, and the transitions of other rows that it brings with it."""
    effect = registry.effect_of(move.row.process, move.transition.name)
    if effect is not None:
        effect(move)
    for row, name in move.entails:
        _take(row, row.process.by_name[name], move.actor, {"comment": str(move.row)}, entailed=True)


def _record(move: Move, before: dict[str, Any], state: str) -> Event:
    """One Event with the clauses relied on, and each finding with its reason; in the database when it returns."""
    row, actor = move.row, move.actor
    findings = move.judgement.findings if move.judgement else []
    cited = [clause for f in findings for clause in f.clauses]
    cited += [clause for text in move.clauses for clause in text.split()]
    cited += move.book.adopted(move.transition.clause)
    event = audit(
        move.transition.name,
        row,
        actor,
        before,
        snapshot(row),
        move.comment,
        dict.fromkeys(cited),
        state,
        move.target,
        move.on_behalf_of,
    )
    db.session.flush()
    for f in findings:
        db.session.add(
            RecordedFinding(
                subject=row.process.name,
                subject_id=row.id,
                event_id=event.id,
                department_id=getattr(row, "department_id", None),
                day=actor.today,
                rule=f.rule,
                severity=str(f.severity),
                clauses=list(f.clauses),
                msgid=f.text.msgid,
                values=packed(f.text.values),
                explanation=move.reasons.get(f.rule, ""),
            )
        )
    db.session.flush()
    return event


@contextmanager
def _first_come() -> Iterator[None]:
    """Somebody else was first: a version that is no longer the one read becomes a Conflict."""
    try:
        yield
    except StaleDataError:
        raise Conflict from None
