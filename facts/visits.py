"""A visit as the rules see it: what it says itself, and what other tables say of it.

A rule that will not be judged costs no query: `kinds` names those that will be.
"""

from datetime import date, datetime

from rules import VisitFacts
from tables.aftercare import BusinessCard, Feedback, FollowUp, VisitQuestion
from tables.base import Role, db, sa
from tables.desk import GoodsRelease, Nda
from tables.gifts import GiftRequest
from tables.resources import Dispatch, RoomBooking
from tables.visits import ChecklistItem, ItineraryItem, Notice, NoticeReceipt, Visit
from workflow import BOOKING, DISPATCH, GIFT_REQUEST, VISIT, ReceiptState, ReleaseState


def count(statement) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(statement.subquery())) or 0


def visit_facts(visit: Visit, moment: datetime, day: date, kinds, known: dict) -> VisitFacts:
    """The facts of `visit` at `moment`. `known` holds what a form or the engine knows better: chain, issuer, record,
    identity, security, signed, badges_missing, goods, refusal, offer, measures, outcome, actor_roles, guests to be added."""
    data = dict(known)
    recorded = (data.pop("record", "") or visit.record or "").strip()
    guests, escorts = list(visit.guests), list(visit.escorts)
    people = [visit.host, *(e.user for e in escorts)] if visit.host is not None else [e.user for e in escorts]
    facts = {
        "day": day,
        "moment": moment,
        "rank": visit.rank,
        "category": str(visit.category or ""),
        "visit_kind": str(visit.visit_kind or ""),
        "customer_class": str(visit.customer.kind) if visit.customer else "",
        "lead_title": _lead_title(visit, guests),
        "purpose": visit.purpose or "",
        "host": visit.host_id is not None or visit.host is not None,
        "planned_start": visit.planned_start,
        "planned_end": visit.planned_end,
        "filed_at": visit.submitted_at if visit.status not in VISIT.editable and visit.submitted_at else moment,
        "requested_at": visit.requested_at,
        "answered_at": visit.answered_at,
        "guest_confirmed_at": visit.guest_confirmed_at,
        "guests": visit.guest_count or 1,
        "named_guests": len(guests),
        "escorts": len(escorts),
        "attending": frozenset(r for person in people for r in person.role_names),
        "heads": sum(1 for person in people if Role.DEPT_HEAD in person.role_names),
        "lead_named": any(e.duty.strip() for e in escorts),
        "sealed_evidence": sum(1 for e in visit.evidence if e.sealed),
        "needs": frozenset(visit.needs or ()),
        "route": visit.route_id is not None or visit.route is not None,
        "sensitive": bool(visit.sensitive),
        "walk_in": bool(visit.walk_in),
        "unrelated_sales": bool(visit.unrelated_sales),
        "area": str(visit.area),
        "host_confirmed": visit.host_confirmed_at is not None,
        "host_confirmed_at": visit.host_confirmed_at,
        "host_is_applicant": visit.host_id == visit.applicant_id,
        "host_is_leader": visit.host is not None and Role.EXECUTIVE in visit.host.role_names,
        "arrived_at": visit.submitted_at if visit.walk_in else None,
        "blacklisted": sum(1 for g in guests if g.visitor.blacklisted),
        "inside": len(visit.guests_inside),
        "recorded": bool(recorded),
        "recorded_at": visit.recorded_at,
        "outcome": str(visit.outcome or ""),
        "badges_missing": len(visit.guests_outside),
        "diets": sum(1 for g in guests if g.visitor.diet),
        "subject": "" if visit.walk_in else VISIT.name,
    }
    facts |= _asked(visit, day, moment, None if kinds is None else frozenset(kinds), guests)
    if data.pop("signed", False) and "guest_gaps" in facts:
        facts["guest_gaps"]["signature"] = 0
    facts |= {k: v for k, v in data.items() if v is not None}
    facts["filled"] = _filled(visit, facts, recorded)
    facts["stages"] = frozenset(
        name
        for name, there in (
            ("appointment", not visit.walk_in),
            ("registration", any(g.checkins for g in guests)),
            ("preparation", visit.ready_at is not None or not facts.get("open_checks")),
            ("reception", bool(recorded)),
            ("feedback", facts.get("feedback", 0) > 0),
        )
        if there
    )
    return VisitFacts(**facts)


def _lead_title(visit: Visit, guests) -> str:
    lead = next((g.visitor for g in guests if g.is_lead), guests[0].visitor if guests else None)
    return f"{visit.lead_title or ''} {lead.title if lead else ''} {visit.lead_guest or ''}".strip()


def _filled(visit: Visit, facts: dict, recorded: str) -> frozenset[str]:
    """The fields of clauses.words.VisitField that hold something."""
    holds = {
        "customer": visit.customer_id is not None or visit.customer is not None,
        "host": facts["host"],
        "needs": bool(visit.needs) or (visit.nights == 0 and visit.needs is not None),
        "guest_count": bool(visit.guest_count),
        "nights": visit.nights is not None,
        "budget": visit.budget is not None,
        "itinerary": facts.get("itinerary", False),
        "record": bool(recorded),
        "outcome": bool(facts["outcome"]),
        "satisfaction": facts.get("feedback", 0) > 0,
        "lead_title": bool(facts["lead_title"]),
    }
    plain = (
        "organisation",
        "contact",
        "lead_guest",
        "purpose",
        "visit_kind",
        "channel",
        "planned_start",
        "planned_end",
        "transport",
        "letter_no",
    )
    holds |= {name: bool(getattr(visit, name, None)) for name in plain}
    facts.pop("itinerary", None)
    return frozenset(name for name, there in holds.items() if there)


def _asked(visit: Visit, day: date, moment: datetime, kinds: frozenset | None, guests) -> dict:
    """What other tables say of the visit, as far as a rule of `kinds` reads it."""

    def wants(*names):
        return visit.id is not None and (kinds is None or not kinds.isdisjoint(names))

    found: dict = {}
    if kinds is None or "guest_particulars" in kinds:
        gaps = {
            name: sum(1 for g in guests if not getattr(g.visitor, name))
            for name in ("name", "title", "organisation", "phone", "identity_no")
        }
        gaps["gender"] = sum(1 for g in guests if str(g.visitor.gender) == "unknown")
        gaps["signature"] = sum(1 for g in guests if not g.signed)
        found["guest_gaps"] = gaps
    if wants("arranged", "diet_heeded", "required_fields", "tour_route"):
        items = db.session.execute(
            sa.select(ItineraryItem.kind, ItineraryItem.diet).where(ItineraryItem.visit_id == visit.id)
        ).all()
        arranged = {str(kind) for kind, _ in items}
        if count(
            sa.select(RoomBooking.id).where(
                RoomBooking.visit_id == visit.id,
                RoomBooking.status.in_(BOOKING.granted),
            )
        ):
            arranged |= {"room", "meeting"}
        cars = db.session.scalars(
            sa.select(Dispatch.send_off).where(Dispatch.visit_id == visit.id, Dispatch.status.not_in(DISPATCH.gone))
        ).all()
        arranged |= {"send_off" if back else "car" for back in cars}
        if visit.route_id:
            arranged.add("tour")
        found |= {
            "arranged": frozenset(arranged),
            "diets_heeded": any(diet for kind, diet in items if str(kind) == "meal"),
            "itinerary": bool(items),
        }
    if wants("notice_signed"):
        found["unsigned"] = count(
            sa.select(NoticeReceipt.department_id)
            .join(Notice)
            .where(Notice.visit_id == visit.id, NoticeReceipt.status == ReceiptState.OPEN)
            .distinct()
        )
    if wants("notice_current"):
        from facts import notices

        found["changed"] = frozenset(notices.changes(visit))
    if wants("checklist_before", "checklist_skipped", "checklist_after", "stages_complete"):
        found["open_checks"] = tuple(
            (c, str(p), i)
            for c, p, i in db.session.execute(
                sa.select(ChecklistItem.clause, ChecklistItem.phase, ChecklistItem.item)
                .where(ChecklistItem.visit_id == visit.id, ChecklistItem.done_at.is_(None))
                .order_by(ChecklistItem.id)
            )
        )
    if wants("nda_signed") and visit.sensitive:
        found["nda"] = (
            count(
                sa.select(Nda.id).where(
                    sa.or_(
                        Nda.visit_id == visit.id,
                        sa.and_(Nda.organisation == visit.organisation, Nda.organisation != ""),
                    ),
                    Nda.signed_on <= day,
                    sa.or_(Nda.valid_until.is_(None), Nda.valid_until >= day),
                )
            )
            > 0
        )
    if wants("goods_release"):
        found["goods_slip"] = (
            count(
                sa.select(GoodsRelease.id).where(
                    GoodsRelease.visit_id == visit.id, GoodsRelease.status == ReleaseState.RELEASED
                )
            )
            > 0
        )
    if wants("questions_recorded", "questions_answered"):
        asked = db.session.execute(
            sa.select(VisitQuestion.created_at, VisitQuestion.answered_at).where(VisitQuestion.visit_id == visit.id)
        ).all()
        waiting = [(moment - created).days for created, answered in asked if answered is None]
        found |= {
            "questions": len(asked),
            "open_questions": len(waiting),
            "overdue_questions": {age: waiting.count(age) for age in set(waiting)},
        }
    if wants("feedback_collected", "stages_complete", "required_fields"):
        found["feedback"] = count(sa.select(Feedback.id).where(Feedback.visit_id == visit.id))
    if wants("farewell_gift"):
        found["gifts"] = count(
            sa.select(GiftRequest.id).where(
                GiftRequest.visit_id == visit.id,
                GiftRequest.status.in_(GIFT_REQUEST.handed_out),
            )
        )
    if wants("cards_collected"):
        found["cards"] = count(sa.select(BusinessCard.id).where(BusinessCard.visit_id == visit.id))
    if wants("follow_up_named"):
        nexts = [n for n in db.session.scalars(sa.select(FollowUp.next_on).where(FollowUp.visit_id == visit.id)) if n]
        found["follow_up_days"] = min((n - day).days for n in nexts) if nexts else None
    return found
