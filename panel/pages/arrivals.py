"""The front desk's first page: who comes today, who waits, who is in the house."""

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import selectinload

from core.clock import day_bounds, today
from core.search import matches
from engine.findings import judge
from models import Visit, VisitGuest, Visitor, db
from panel.access import actor
from panel.findings import shown
from panel.i18n import show
from rules import Severity, blocking
from workflow import VISIT, VisitState

CHECK_IN = VISIT.by_name["check_in"]


def arrivals(query: str) -> dict:
    """Today's visits with their guests, one click from in and out; overstayers of the days before too."""
    who = actor()
    start, end = day_bounds(who.today)
    here = sa.and_(Visit.planned_start < end, Visit.planned_end >= start)
    stayed = sa.and_(Visit.status == VisitState.IN_PROGRESS, Visit.planned_start < end)
    statement = (
        sa.select(Visit)
        .where(
            Visit.visible_to(who),
            sa.or_(here, stayed),
            Visit.status.not_in(VISIT.called_off | VISIT.waiting),
        )
        .order_by(Visit.planned_start, Visit.id)
        .limit(300)
    )
    if query.strip():
        condition = matches(Visit, query, db.engine.dialect.name)
        by_guest = Visit.id.in_(
            sa.select(VisitGuest.visit_id)
            .join(Visitor, Visitor.id == VisitGuest.visitor_id)
            .where(matches(Visitor, query, db.engine.dialect.name))
        )
        statement = statement.where(sa.or_(condition, by_guest))
    visits = db.session.scalars(
        statement.options(selectinload(Visit.guests), selectinload(Visit.host), selectinload(Visit.level))
    ).all()
    counts = {"waiting": 0, "expected": 0, "inside": 0, "left": 0, "late": 0}
    rows = []
    for visit in visits:
        guests, waits, comes = (
            [],
            visit.walk_in and visit.status in VISIT.at_the_door,
            visit.status in VISIT.receiving,
        )
        for g in visit.guests:
            stay = g.checkins[-1] if g.checkins else None
            state = "expected" if stay is None else "in" if stay.left_at is None else "out"
            counted = {"in": "inside", "out": "left"}.get(state) or (
                "waiting" if waits else "expected" if comes else None
            )
            if counted:
                counts[counted] += 1
            guests.append(
                {
                    "id": g.id,
                    "name": g.visitor.name,
                    "title": g.visitor.title,
                    "state": state,
                    "badge": stay.badge_no if stay else "",
                    "barred": g.visitor.blacklisted,
                    "in_at": show(stay.arrived_at)[11:] if stay else "",
                    "out_at": show(stay.left_at)[11:] if stay and stay.left_at else "",
                }
            )
        late = visit.status in VISIT.coming and visit.planned_start < who.now and not visit.walk_in
        counts["late"] += late
        open_ = visit.status in VISIT.admitting
        found = judge(visit, who, (CHECK_IN.stage,)).findings if open_ and visit.anyone_outside else []
        step = lambda name, v=visit: url_for("visit.transition_view", transition=name, id=v.id)
        rows.append(
            {
                "id": visit.id,
                "number": visit.number,
                "time": show(visit.planned_start)[11:],
                "day": show(visit.planned_start)[:10],
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
                "url": url_for("visit.details_view", id=visit.id),
                "check_in": step("check_in"),
                "check_out": step("check_out"),
                "confirm": step("confirm_host"),
                "register": step("register"),
                "refuse": step("refuse"),
                "open": open_,
                "version": visit.version,
                "notes": shown(found, asked=CHECK_IN.asks),
                "blocked": bool(blocking(found, CHECK_IN.asks)),
                "asks": any(f.severity != Severity.NOTE for f in found),
            }
        )
    rows.sort(key=lambda v: (not v["waits"], v["done"]))  # who stands at the desk first, who is gone last; else by time
    return {
        "visits": rows,
        "counts": counts,
        "query": query,
        "today_text": show(today()),
        "walk_in_url": url_for("visit.create_view", walk_in=1),
    }
