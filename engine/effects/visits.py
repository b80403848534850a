"""Visits: approval, registration, what is confirmed before the guests come, who receives them, closing, a new time."""

import sqlalchemy as sa

import rules
from clauses.words import CheckPhase
from core.text import N_, say
from engine.audit import file
from engine.effects.approvals import approve
from engine.effects.registry import effect
from engine.moves import Move, Refused
from models import ChecklistItem, User, Visit, VisitEscort, VisitGuest, db
from workflow import VisitState

TAKEN_OVER = (
    "organisation",
    "customer_id",
    "category",
    "purpose",
    "level_id",
    "lead_guest",
    "guest_count",
    "host_id",
    "area",
    "letter_no",
    "budget",
    "remarks",
    "visit_kind",
    "channel",
    "contact",
    "lead_title",
    "nights",
    "transport",
    "needs",
    "sensitive",
    "route_id",
)
"""What a visit says that its successor at another time says too."""


# ── Before the guests come ───────────────────────────────────────────────────────────────────────
@effect("visit.approve")
def approve_visit(move: Move) -> None:
    """The open step agrees; the last one brings the checklist that the adopted clauses want."""
    approve(move)
    if move.target == VisitState.APPROVED:
        make_checklist(move)


def make_checklist(move: Move) -> None:
    """The items that the adopted clauses want for this visit, once it is approved; those ticked already stay."""
    row = move.row
    there = {
        (str(phase), item)
        for phase, item in db.session.execute(
            sa.select(ChecklistItem.phase, ChecklistItem.item).where(ChecklistItem.visit_id == row.id)
        )
    }
    for check in rules.checklist(move.book, rank=row.rank, conditions=conditions(row), day=move.actor.today):
        if (check.phase, check.item) not in there:
            db.session.add(
                ChecklistItem(
                    visit_id=row.id,
                    phase=CheckPhase(check.phase),
                    item=check.item,
                    item_en=check.item_en,
                    clause=check.clause,
                )
            )


def conditions(visit: Visit) -> frozenset[str]:
    """The conditions of checklist items that hold for `visit`."""
    needs = set(visit.needs or ())
    holding = {
        "tour": "tour" in needs or visit.route_id is not None or visit.visit_kind in ("tour", "site_audit"),
        "overnight": visit.nights > 0 or "lodging" in needs,
        "pick_up": "car" in needs,
        "meal": "meal" in needs,
        "meeting": not needs.isdisjoint(("room", "meeting")),
        "assistance": any(g.visitor.assistance for g in visit.guests),
        "sensitive": visit.sensitive,
    }
    return frozenset(name for name, holds in holding.items() if holds)


@effect("visit.register")
def register(move: Move) -> None:
    """A visitor without appointment is on the list of arrivals, under today's rulebook."""
    move.row.submitted_at = move.actor.now
    move.row.rulebook_version = move.book.version


@effect("visit.answer")
def answer_customer(move: Move) -> None:
    """It is kept when the customer heard whether the time works."""
    move.row.answered_at = move.actor.now
    move.stay()


@effect("visit.confirm_guest")
def confirm_guest(move: Move) -> None:
    """It is kept when time, number and needs were confirmed with the guest."""
    move.row.guest_confirmed_at = move.actor.now
    move.stay()


@effect("visit.ready")
def mark_ready(move: Move) -> None:
    """It is kept since when everything is prepared."""
    move.row.ready_at = move.actor.now


# ── Who receives ─────────────────────────────────────────────────────────────────────────────────
@effect("visit.confirm_host")
def confirm_host(move: Move) -> None:
    """The host knows of the visit: the front desk may let the guests in."""
    move.row.host_confirmed_at = move.actor.now
    move.stay()


@effect("visit.propose_host")
def propose_host(move: Move) -> None:
    """Another receptionist is asked for; the present one stays in charge until somebody else agrees."""
    row = move.row
    row.proposed_host_id, row.proposed_by_id = another_host(move).id, move.actor.id
    row.proposed_reason = move.comment[:300]
    move.stay()


@effect("visit.hand_over")
def hand_over(move: Move) -> None:
    """Somebody else receives the guests and has to confirm anew; what was asked for is decided."""
    row = move.row
    row.host_id, row.host_confirmed_at = another_host(move).id, None
    keep_host(move)
    db.session.flush()
    db.session.expire(row, ["host"])


@effect("visit.keep_host")
def keep_host(move: Move) -> None:
    """What was asked for is decided, one way or the other; the audit log keeps it."""
    row = move.row
    row.proposed_host_id, row.proposed_by_id, row.proposed_reason = None, None, ""
    move.stay()


def another_host(move: Move) -> User:
    """The receptionist that the form names; Refused where it is the present one or nobody."""
    host: User | None = move.data.get("new_host")
    if host is None or host.id == move.row.host_id:
        raise Refused(say(N_("Choose somebody else.")))
    return host


# ── Afterwards, or at another time ───────────────────────────────────────────────────────────────
@effect("visit.close")
def finish_record(move: Move) -> None:
    """The reception record and the outcome are kept, with the moment at which the record was last changed."""
    row, record = move.row, (move.data.get("record") or "").strip()
    if record:
        if row.record != record:
            row.recorded_at = move.actor.now
        row.record = record
    if move.data.get("outcome"):
        row.outcome = move.data["outcome"]


@effect("visit.reschedule")
def reschedule(move: Move) -> None:
    """A new draft for the new time says what this visit says: same guests, escorts and applicant."""
    row, start = move.row, move.data["new_start"]
    if start <= move.actor.now:
        raise Refused(say(N_("The new time must lie in the future.")))
    successor = Visit(
        **{name: getattr(row, name) for name in TAKEN_OVER},
        planned_start=start,
        planned_end=start + (row.planned_end - row.planned_start),
        status=VisitState.DRAFT,
        rescheduled_from_id=row.id,
        department_id=row.department_id,
    )
    file(successor, move.actor, row.department_id)
    successor.applicant_id = row.applicant_id
    db.session.add_all(
        [VisitGuest(visit_id=successor.id, visitor_id=g.visitor_id, is_lead=g.is_lead) for g in row.guests]
    )
    db.session.add_all([VisitEscort(visit_id=successor.id, user_id=e.user_id, duty=e.duty) for e in row.escorts])
