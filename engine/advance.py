"""Carrying a transition out: the only place in the program where a state changes.

`advance` locks the row, asks `why_not`, has the rules judged inside the transaction, lets the effect
of the transition happen, moves the state and writes one Event. The caller commits.
"""

from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.orm.exc import StaleDataError

import rules
from core.text import N_, say
from engine.audit import audit, snapshot
from engine.chains import Conflict, Move, Plan, Refused, plan_chain
from engine.compliance import plain, refresh, refresh_visits
from engine.effects.visits import EFFECTS
from models import (
    Complaint,
    Event,
    Expense,
    RecordedFinding,
    Subject,
    Visit,
    db,
    forget_chain,
    lock,
)
from rulebook import versions
from rules import Finding, Severity
from workflow import Actor, Role, VisitState, why_not


# ── Findings ─────────────────────────────────────────────────────────────────────────────────────
def prepare(row, book: rules.Rulebook):
    """Fix what the rules are held against: the cap of an expense and the wine issued for it."""
    if isinstance(row, Expense):
        found = rules.cap_for(book, str(row.category), row.rank, row.incurred_on)
        row.cap, row.cap_clause = found if found else (None, "")
        row.wine_amount = row.wine_request.issued_cost if row.wine_request else 0


def book_for(row) -> rules.Rulebook:
    """The rulebook that judges `row`: the one it was filed under, or today's while it can still be edited."""
    filed = getattr(row, "rulebook_version", None) if row.status not in row.process.editable else None
    return versions.load(filed, getattr(row, "department_id", None))


def next_stages(row) -> tuple[str, ...]:
    """The moments whose rules come next for `row` in its present state."""
    stages = row.process.comes_next.get(row.status, ("submit",) if row.status in row.process.editable else ())
    if getattr(row, "walk_in", False) and row.status == VisitState.DRAFT:
        return ("register", "check_in")
    return stages


def kinds_at(book: rules.Rulebook, stages) -> frozenset[str]:
    """The rules of `book` that are judged at one of `stages`."""
    return frozenset(kind for kind in book.terms if not rules.RULES[kind].moments.isdisjoint(stages))


def findings(
    row,
    actor: Actor,
    stages=None,
    book: rules.Rulebook | None = None,
    plan: Plan | None = None,
    data: dict | None = None,
) -> list[Finding]:
    """What the adopted clauses find about `row` at `stages` (None: those that come next from its state).

    `data` is what a form says that is not in the row yet.
    """
    if not hasattr(row, "facts"):
        return []
    book = book or book_for(row)
    stages = next_stages(row) if stages is None else tuple(stages)
    if not stages:
        return []
    known = known_of(row, actor, data or {})
    facts = row.facts(actor.now, actor.today, kinds_at(book, stages), **known)
    if "submit" not in stages or row.process.name not in CHAINED:
        return rules.judge(book, facts, stages)
    if plan is None:
        # Whether a reason is asked for decides over the chain; whether the chain can be walked is a finding itself.
        exception = any(f.severity == Severity.EXPLAIN for f in rules.judge(book, facts, stages))
        plan = plan_chain(row, book, actor.today, exception)
    return rules.judge(book, replace(facts, **plan.facts()), stages)


CHAINED = {str(subject) for subject in Subject}
GIVEN = ("record", "identity", "security", "signed", "goods", "refusal", "offer", "measures", "outcome")
"""What the form of a transition says before it is in the row."""


def known_of(row, actor: Actor, data: dict) -> dict:
    """What the rules about `row` know from the actor and the form."""
    if isinstance(row, Complaint):
        return {"filled": frozenset(k for k in ("investigation", "solution") if (data.get(k) or "").strip())}
    if not isinstance(row, Visit):
        return {}
    office, own = actor.has(Role.ADMIN_OFFICE, Role.ADMIN_HEAD), actor.department_id == row.department_id
    known = {"issuer": ("any" if own else "office") if office else "department", "actor_roles": actor.roles} | {
        k: data[k] for k in GIVEN if data.get(k)
    }
    for name in ("goods", "route"):
        if data.get(name):
            known[name] = True
    if "badges" in data:
        chosen = data.get("guests") or [g.id for g in row.guests_outside]
        known["badges_missing"] = sum(1 for i in chosen if not (data["badges"].get(i) or "").strip())
    return known


def explanations(row) -> dict[str, str]:
    """The reasons already given for findings about `row`, by rule, the latest last."""
    return {
        f.rule: f.explanation
        for f in db.session.scalars(
            sa.select(RecordedFinding)
            .where(RecordedFinding.subject == row.process.name, RecordedFinding.subject_id == row.id)
            .order_by(RecordedFinding.id)
        )
        if f.explanation
    }


# ── The one way a state changes ──────────────────────────────────────────────────────────────────
def advance(
    row, name: str, actor: Actor, data: dict | None = None, version: int | None = None, by_rule: bool = False
) -> Event:
    """Take `row` through the transition `name`, and judge the visit anew that it belongs to. See `_take`."""
    event = _take(row, name, actor, data, version, by_rule)
    refresh_visits([getattr(row, "visit", None)], actor)
    return event


def _take(
    row, name: str, actor: Actor, data: dict | None = None, version: int | None = None, by_rule: bool = False
) -> Event:
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
    move = Move(row, actor, data, transition.targets[0], versions.load(None, getattr(row, "department_id", None)))
    if name == "submit":
        prepare(row, move.book)
    elif row.process.name != "regulation":
        move.book = book_for(row)
    found = findings(row, actor, (transition.stage,), move.book, None, data) if transition.stage else []
    if name == "submit":
        move.plan = plan_chain(row, move.book, actor.today, any(f.severity == Severity.EXPLAIN for f in found))
    reasons = (
        explanations(row) | {k: v.strip() for k, v in (data.get("reasons") or {}).items() if v and v.strip()}
        if found
        else {}
    )
    blocking = [f for f in found if f.severity == Severity.BLOCK]
    if blocking:
        raise Refused(blocking[0].text, blocking)
    silent = [f for f in found if f.severity == Severity.EXPLAIN and not reasons.get(f.rule)]
    if silent:
        raise Refused(
            say(N_("A written reason is needed for: {clauses}"), clauses=", ".join(f.clause for f in silent)), silent
        )
    effect = EFFECTS.get(f"{process.name}.{name}") or EFFECTS.get(name)
    try:
        if effect is not None:
            effect(move)
        for other, entailed in move.entails:
            _take(other, entailed, actor, {"comment": str(row)}, by_rule=True)
    except StaleDataError:
        raise Conflict(say(N_("Somebody changed it in the meantime: look at it again before you decide."))) from None
    row.status = move.target
    if hasattr(row, "closed_at"):
        row.closed_at = actor.now if move.target in process.over else None
    if name == "submit":
        for f in found:
            kept_in = rules.RULES[f.rule].reason_in if f.rule in rules.RULES else ""
            if reasons.get(f.rule) and hasattr(row, kept_in):
                setattr(row, kept_in, reasons[f.rule][:300])
    cited = (
        [c for f in found for c in f.clauses]
        + [c for text in move.clauses for c in text.split()]
        + move.book.adopted(transition.clause)
    )
    event = audit(
        name,
        row,
        actor,
        before,
        snapshot(row),
        data.get("comment") or "",
        dict.fromkeys(cited),
        from_state,
        move.target,
        move.seat.user_id if move.seat and move.seat.user_id != actor.id else None,
    )
    try:
        db.session.flush()
    except StaleDataError:
        raise Conflict(say(N_("Somebody changed it in the meantime: look at it again before you decide."))) from None
    for f in found:
        db.session.add(
            RecordedFinding(
                subject=process.name,
                subject_id=row.id,
                event_id=event.id,
                department_id=getattr(row, "department_id", None),
                day=actor.today,
                rule=f.rule,
                severity=str(f.severity),
                clauses=list(f.clauses),
                msgid=f.text.msgid,
                values=plain(f.text.values),
                explanation=reasons.get(f.rule, ""),
            )
        )
    forget_chain(row)
    db.session.flush()
    refresh(row, actor)
    return event


def advance_each(rows, name: str, actor: Actor, data: dict | None = None) -> list[tuple[object, Refused | None]]:
    """The same for many rows: each stands or falls alone, and every refusal is given back with its reason."""
    results = []
    for row in rows:
        try:
            with db.session.begin_nested():
                _take(row, name, actor, data)
            results.append((row, None))
        except Refused as refusal:
            results.append((row, refusal))
    refresh_visits([getattr(row, "visit", None) for row, refusal in results if refusal is None], actor)
    return results
