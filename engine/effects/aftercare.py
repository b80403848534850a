"""After a reception and beside it: visits to customers are reported, complaints looked into, answered and closed."""

from core.text import N_, say
from engine.effects.registry import effect
from engine.moves import Move, Refused
from models import Commitment, db


@effect("outboundvisit.report")
def report_outbound(move: Move) -> None:
    """What came of the visit to a customer is written down; each line of promises becomes one that is tracked."""
    row, data = move.row, move.data
    row.result, row.next_step = (data.get("result") or "").strip(), (data.get("next_step") or "").strip()
    row.actual_cost, row.reported_on = data.get("actual_cost"), move.actor.today
    for line in (data.get("promises") or "").splitlines():
        if line.strip():
            db.session.add(
                Commitment(
                    outbound_id=row.id,
                    text=line.strip()[:300],
                    owner_id=move.actor.id,
                    made_on=row.planned_on,
                    created_at=move.actor.now,
                )
            )


@effect("complaint.investigate")
def investigate(move: Move) -> None:
    """What was found is written down."""
    move.row.investigation = (move.data.get("investigation") or "").strip()
    if not move.row.investigation:
        raise Refused(say(N_("Write down what was found.")))


@effect("complaint.answer")
def answer_complaint(move: Move) -> None:
    """The customer has an answer: what was found and what is done about it, and when it was said."""
    for name in ("investigation", "solution"):
        text = (move.data.get(name) or "").strip()
        if text:
            setattr(move.row, name, text)
    move.row.answered_at = move.actor.now


@effect("complaint.close")
def close_complaint(move: Move) -> None:
    """Whether the customer is satisfied is kept."""
    move.row.satisfied = bool(move.data.get("satisfied"))
