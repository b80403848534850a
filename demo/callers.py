"""Callers without an appointment: received in the lobby, refused, or still waiting for the host."""

from datetime import timedelta

import sqlalchemy as sa

from demo.carry import sign_register
from demo.people import Occasion
from models import Visit, VisitGuest, Visitor, db


def callers(history, past):
    """Some of the days before, and this morning: received in the lobby, refused, or still waiting for the host."""
    for k, day in enumerate(past[-6:]):
        caller = history.company.callers[k % len(history.company.callers)]
        moment = history.at(day, 10, 7 * k)
        visit = caller_at_the_desk(history, caller, moment)
        if k == 1:
            history.step(
                visit,
                "refuse",
                "front",
                moment,
                comment="被访人外出，来访人愿意改日再来。",
                refusal="host_unavailable",
                offer="next_appointment",
            )
        elif k == 3:
            history.step(
                visit,
                "refuse",
                "front",
                moment,
                comment="拒绝登记，欲直接上楼，经劝阻离开。",
                refusal="refused_registration",
                measures="前台与保安当场劝阻，未报警，已记录。",
            )
        else:
            receive_caller(history, visit, caller, moment, late=k == 4)
    moment = (
        history.past(history.at(history.today, 9, 20)) if history.now > history.at(history.today, 8) else history.now
    )
    history.do(caller_at_the_desk(history, history.company.callers[0], moment), "register", "front", moment)
    name, _, organisation, _ = history.company.barred
    salesman = caller_at_the_desk(history, (organisation, "推销", name, "office"), moment, unrelated_sales=True)
    history.step(salesman, "refuse", "front", moment, comment="与公司项目无关的推销，且在禁入名单。", refusal="barred")


def caller_at_the_desk(history, caller, moment, **more) -> Visit:
    organisation, purpose, name, host = caller
    user = history.users[host]
    visit = Visit(
        organisation=organisation,
        purpose=purpose,
        guest_count=1,
        planned_start=moment,
        planned_end=moment + timedelta(hours=1),
        host_id=user.id,
        walk_in=True,
        area="lobby",
        lead_guest=name,
        visit_kind="service" if history.company.key == "bank" else "other",
        department_id=user.department_id,
        needs=[],
        **more,
    )
    history.file(visit, "front", moment, user.department_id)
    guest = db.session.scalar(sa.select(Visitor).where(Visitor.name == name)) or Visitor(
        name=name,
        organisation=organisation,
        department_id=visit.department_id,
        phone=f"137{10000000 + len(name) * 7919 + history.turn * 104729 % 89999999}",
    )
    db.session.add(guest)
    db.session.flush()
    db.session.add(VisitGuest(visit_id=visit.id, visitor_id=guest.id, is_lead=True))
    db.session.flush()
    return visit


def receive_caller(history, visit, caller, moment, late):
    history.occasions[visit.id] = Occasion(visit.purpose, visit.visit_kind)
    history.turn += 1
    history.do(visit, "register", "front", moment)
    met = moment + timedelta(minutes=12 if late else 3)
    history.do(visit, "confirm_host", caller[3], met)
    history.step(
        visit,
        "check_in",
        "front",
        met,
        badges={g.id: f"L{g.id % 90 + 10:03d}" for g in visit.guests},
        identity=True,
        security=True,
        signed=True,
    )
    sign_register(visit)
    db.session.flush()
    db.session.expire(visit)
    history.do(visit, "check_out", "front", met + timedelta(minutes=25))
    history.step(visit, "close", caller[3], met + timedelta(minutes=40), outcome="done", record="在接待区办结。")
