"""The front desk's first page: who comes today, who waits, who is in the house."""

from collections import Counter

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import selectinload

from core.clock import day_bounds
from core.search import Words
from engine.findings import Judgement, judge_all
from models import Visit, VisitGuest, Visitor, db
from panel.access import actor
from panel.findings import shown
from panel.i18n import show
from panel.sections import url_of
from rules import Severity, blocking
from workflow import VISIT, VisitState, possible

CHECK_IN = VISIT.by_name["check_in"]
COUNTED = ("waiting", "expected", "inside", "left", "late")
MOST = 300
"""At most so many visits stand on the page."""


def arrivals(query: str) -> dict:
    """Today's visits with their guests, one click from in and out; overstayers of the days before too."""
    who, counts = actor(), Counter(dict.fromkeys(COUNTED, 0))
    visits = visits_of_today(who, query)
    admitted = {v.id: (CHECK_IN.stage,) for v in visits if v.status in VISIT.admitting and v.anyone_outside}
    judged = judge_all([visit for visit in visits if visit.id in admitted], who, admitted)
    rows = [arrival(visit, who, counts, judged.get(visit.id)) for visit in visits]
    rows.sort(key=lambda row: (not row["waits"], row["done"]))  # at the desk first, gone last; else by time
    return {
        "visits": rows,
        "counts": counts,
        "query": query,
        "today_text": show(who.today),
        "walk_in_url": url_for("visit.create_view", walk_in=1),
    }


def visits_of_today(who, query: str) -> list[Visit]:
    """The visits of today, and those of the days before whose guests are still in the house, by time."""
    start, end = day_bounds(who.today)
    today = sa.and_(Visit.planned_start < end, Visit.planned_end >= start)
    stayed = sa.and_(Visit.status == VisitState.IN_PROGRESS, Visit.planned_start < end)
    statement = sa.select(Visit).where(
        Visit.visible_to(who), sa.or_(today, stayed), Visit.status.not_in(VISIT.called_off | VISIT.waiting)
    )
    if query.strip():
        # The day's visits are few: their own texts are looked at, however many others bear such words.
        visit, guest = (Words(model, query, db.engine.dialect.name) for model in (Visit, Visitor))
        of_visit = VisitGuest.visit_id == Visit.id, Visitor.id == VisitGuest.visitor_id
        by_guest = sa.exists().where(*of_visit, guest.tested())
        statement = statement.where(sa.or_(visit.tested(), by_guest) if visit else sa.false())
    related = (selectinload(getattr(Visit, name)) for name in ("guests", "host", "level"))
    return db.session.scalars(statement.order_by(Visit.planned_start, Visit.id).limit(MOST).options(*related)).all()


def arrival(visit: Visit, who, counts: Counter, judgement: Judgement | None) -> dict:
    """A visit as the page shows it, with what was found about letting its guests in; they are added to `counts`."""
    waits = visit.walk_in and visit.status in VISIT.at_the_door
    comes = visit.status in VISIT.receiving
    late = visit.status in VISIT.coming and visit.planned_start < who.now and not visit.walk_in
    guests = [guest_line(guest) for guest in visit.guests]
    expected = "waiting" if waits else "expected" if comes else ""
    counts.update(filter(None, ({"in": "inside", "out": "left"}.get(g["state"], expected) for g in guests)))
    counts["late"] += late
    objections = judgement.findings if judgement else []
    return {
        "number": visit.number,
        "time": show(visit.planned_start)[11:],
        "organisation": visit.organisation,
        "purpose": visit.purpose,
        "level": visit.level.code if visit.level else "",
        "host": visit.host.name,
        "host_phone": visit.host.phone,
        "host_confirmed": visit.host_confirmed_at is not None,
        "status": visit.status,
        "late": late,
        "waits": waits,
        "done": not waits and not comes,
        "walk_in": visit.walk_in,
        "guests": guests,
        "url": url_of("visit", visit.id),
        "may": {
            step.name: url_for("visit.transition_view", transition=step.name, id=visit.id)
            for step in possible(VISIT, visit, who)
        },
        "notes": shown(objections, asked=CHECK_IN.asks),
        "blocked": bool(blocking(objections, CHECK_IN.asks)),
        "asks": any(finding.severity != Severity.NOTE for finding in objections),
    }


def guest_line(guest: VisitGuest) -> dict:
    """A guest and their latest stay: expected, in or out."""
    stay = guest.checkins[-1] if guest.checkins else None
    left = stay is not None and stay.left_at is not None
    return {
        "id": guest.id,
        "name": guest.visitor.name,
        "title": guest.visitor.title,
        "state": "expected" if stay is None else "out" if left else "in",
        "badge": stay.badge_no if stay else "",
        "barred": guest.visitor.blacklisted,
        "in_at": show(stay.arrived_at)[11:] if stay else "",
        "out_at": show(stay.left_at)[11:] if left else "",
    }
