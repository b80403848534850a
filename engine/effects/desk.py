"""The front desk: guests let in, out, or turned away."""

import rules
from core.text import N_, say
from engine.effects.registry import effect
from engine.moves import Move, Refused
from models import Checkin, Incident, IncidentKind, db
from workflow import VisitState


@effect("visit.check_in")
def check_in(move: Move) -> None:
    """The guests ticked, or all who are outside, are in the house: arrival, badge and what was checked are kept."""
    data, badges = move.data, move.data.get("badges") or {}
    guests = [g for g in move.row.guests_outside if not data.get("guests") or g.id in data["guests"]]
    if not guests:
        raise Refused(say(N_("Choose at least one guest who is not in the house.")))
    for guest in guests:
        guest.signed = guest.signed or bool(data.get("signed"))
        db.session.add(
            Checkin(
                guest_id=guest.id,
                arrived_at=move.actor.now,
                badge_no=(badges.get(guest.id) or "").strip()[:12],
                identity_checked=bool(data.get("identity")),
                security_checked=bool(data.get("security")),
                received_by_id=move.actor.id,
            )
        )


@effect("visit.check_out")
def check_out(move: Move) -> None:
    """The guests ticked, or all who are inside, have left; the visit is finished once everybody came and has left."""
    wanted = move.data.get("guests")
    guests = [g for g in move.row.guests_inside if not wanted or g.id in wanted]
    if not guests:
        raise Refused(say(N_("Choose at least one guest who is in the house.")))
    for guest in guests:
        for stay in guest.checkins:
            if stay.left_at is None:
                stay.left_at = move.actor.now
    db.session.flush()
    everybody_came = all(g.checkins for g in move.row.guests)
    move.target = VisitState.FINISHED if everybody_came and not move.row.guests_inside else VisitState.IN_PROGRESS


@effect("visit.refuse")
def refuse(move: Move) -> None:
    """Who is not let in, why, and what was offered; where a clause wants it, an incident is recorded with it."""
    row, data, measures = move.row, move.data, move.data.get("measures") or ""
    row.refusal, row.offer = data.get("refusal") or None, data.get("offer") or ""
    clauses = rules.kept_as_incident(move.book, row.refusal, move.actor.today)
    if clauses:
        db.session.add(
            Incident(
                visit_id=row.id,
                kind=IncidentKind(str(row.refusal)),
                occurred_at=move.actor.now,
                handled_at=move.actor.now,
                place="",
                description=move.comment,
                measures=measures,
                police="110" in measures,
                reported_by_id=move.actor.id,
                created_at=move.actor.now,
            )
        )
        move.clauses += clauses
