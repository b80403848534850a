"""Carrying a transition out: the only place in the program where a state changes.

`advance` locks the row, asks `why_not`, has the rules judged inside the transaction, lets the effect
of the transition happen, moves the state and writes one Event. The caller commits.
"""

import sqlalchemy as sa
from sqlalchemy.orm.exc import StaleDataError

import rulebook
import rules
from audit import audit, file, next_number, snapshot  # noqa: F401
from chains import Conflict, Move, Plan, Refused, plan_chain  # noqa: F401
from effects import EFFECTS, overlapping  # noqa: F401
from models import (
    Event, Expense, RecordedFinding, Visit, db, forget_chain, lock,
)
from rules import Finding, Severity
from text import N_, say
from workflow import Actor, Role, VisitState, why_not


# ── Findings ─────────────────────────────────────────────────────────────────────────────────────
STAGES = {
    ("visit", "draft"): ("submit",), ("visit", "returned"): ("submit",), ("visit", "withdrawn"): ("submit",), ("visit", "submitted"): ("approve",),
    ("visit", "approved"): ("notice", "check_in"), ("visit", "notified"): ("check_in",), ("visit", "in_progress"): ("check_in", "close"),
    ("visit", "finished"): ("close",),
}


def prepare(row, book: rules.Rulebook):
    """Fix what the rules are held against: the cap of an expense and the wine issued for it."""
    if isinstance(row, Expense):
        found = rules.cap_for(book, str(row.category), row.rank, row.incurred_on)
        row.cap, row.cap_clause = found if found else (None, "")
        row.wine_amount = row.wine_request.issued_cost if row.wine_request else 0


def book_for(row) -> rules.Rulebook:
    """The rulebook that judges `row`: the one it was filed under, or today's while it can still be edited."""
    filed = getattr(row, "rulebook_version", None) if row.status not in row.process.editable else None
    return rulebook.load(filed, getattr(row, "department_id", None))


def findings(row, actor: Actor, stages=None, book: rules.Rulebook | None = None, plan: Plan | None = None, data: dict | None = None) -> list[Finding]:
    """What the adopted clauses find about `row` at `stages` (None: those that come next from its state)."""
    if not hasattr(row, "facts"):
        return []
    book = book or book_for(row)
    if stages is None:
        stages = STAGES.get((row.process.name, str(row.status)), ("submit",) if row.status in row.process.editable else ())
        if getattr(row, "walk_in", False) and row.status == VisitState.DRAFT:
            stages = ("register", "check_in")
    extra = {}
    if "submit" in stages and hasattr(row, "rank"):
        extra = (plan or plan_chain(row, book, actor.today)).facts()
    if isinstance(row, Visit):
        office, own = actor.has(Role.ADMIN_OFFICE, Role.ADMIN_HEAD), actor.department_id == row.department_id
        extra |= {"issuer": ("any" if own else "office") if office else "department", "recorded": (data or {}).get("record") or ""}
    return rules.judge(book, row.facts(actor.now, actor.today, **extra), stages)


def explanations(row) -> dict[str, str]:
    """The reasons already given for findings about `row`, by rule, the latest last."""
    return {f.rule: f.explanation for f in db.session.scalars(sa.select(RecordedFinding).where(
        RecordedFinding.subject == row.process.name, RecordedFinding.subject_id == row.id).order_by(RecordedFinding.id)) if f.explanation}


# ── The one way a state changes ──────────────────────────────────────────────────────────────────
def advance(row, name: str, actor: Actor, data: dict | None = None, version: int | None = None, by_rule: bool = False) -> Event:
    """Take `row` through the transition `name`.

    `data` holds what the form asked for: comment, reasons (by rule), and the fields the transition
    names in `asks`. `version` is the version the form was made from. `by_rule` is set where another
    transition entails this one, whatever the actor's own permissions.
    Raises Refused with the reason or the findings, Conflict when somebody else was first.
    """
    data, process = data or {}, row.process
    transition = process.by_name[name]
    lock(row)
    forget_chain(row)
    if version is not None and version != row.version:
        raise Conflict(say(N_("Somebody changed it in the meantime: look at it again before you decide.")))
    reason = None if by_rule else why_not(process, name, row, actor)
    if reason is not None:
        raise Refused(reason)
    for asked in transition.asks:
        if asked == "comment!" and not (data.get("comment") or "").strip():
            raise Refused(say(N_("A reason is needed.")))
    before, from_state = snapshot(row), row.status
    move = Move(row, actor, data, transition.targets[0], rulebook.load(None, getattr(row, "department_id", None)))
    if name == "submit":
        prepare(row, move.book)
        move.plan = plan_chain(row, move.book, actor.today)
    elif row.process.name != "regulation":
        move.book = book_for(row)
    found = findings(row, actor, (transition.stage,), move.book, move.plan, data) if transition.stage else []
    reasons = explanations(row) | {k: v.strip() for k, v in (data.get("reasons") or {}).items() if v and v.strip()} if found else {}
    blocking = [f for f in found if f.severity == Severity.BLOCK]
    if blocking:
        raise Refused(blocking[0].text, blocking)
    silent = [f for f in found if f.severity == Severity.EXPLAIN and not reasons.get(f.rule)]
    if silent:
        raise Refused(say(N_("A written reason is needed for: {clauses}"), clauses=", ".join(f.clause for f in silent)), silent)
    effect = EFFECTS.get(f"{process.name}.{name}") or EFFECTS.get(name)
    if effect is not None:
        effect(move)
    for other, entailed in move.entails:
        advance(other, entailed, actor, {"comment": row.number}, by_rule=True)
    row.status = move.target
    if hasattr(row, "closed_at"):
        row.closed_at = actor.now if move.target in process.over else None
    if isinstance(row, Expense) and name == "submit" and reasons.get("spending_cap"):
        row.over_cap_reason = reasons["spending_cap"][:300]
    cited = [c for f in found for c in f.clauses] + [c for text in (*move.clauses, transition.clause) for c in text.split()]
    event = audit(name, row, actor, before, snapshot(row), data.get("comment") or "", dict.fromkeys(cited), from_state, move.target,
                  move.seat.user_id if move.seat and move.seat.user_id != actor.id else None)
    try:
        db.session.flush()
    except StaleDataError:
        raise Conflict(say(N_("Somebody changed it in the meantime: look at it again before you decide."))) from None
    for f in found:
        db.session.add(RecordedFinding(subject=process.name, subject_id=row.id, event_id=event.id, rule=f.rule, severity=str(f.severity),
                                       clauses=list(f.clauses), msgid=f.text.msgid, values={k: str(v) for k, v in f.text.values.items()},
                                       explanation=reasons.get(f.rule, "")))
    forget_chain(row)
    db.session.flush()
    return event


def advance_each(rows, name: str, actor: Actor, data: dict | None = None) -> list[tuple[object, Refused | None]]:
    """The same for many rows: each stands or falls alone, and every refusal is given back with its reason."""
    results = []
    for row in rows:
        try:
            with db.session.begin_nested():
                advance(row, name, actor, data)
            results.append((row, None))
        except Refused as refusal:
            results.append((row, refusal))
    return results

