"""What comes beside receptions: complaints, trainings, inspections, assessments, incidents, slips, going out."""

from datetime import timedelta
from decimal import Decimal

import sqlalchemy as sa

import rules
from models import (
    Assessment,
    Commitment,
    Complaint,
    GoodsRelease,
    Incident,
    Inspection,
    OutboundPlan,
    OutboundVisit,
    Training,
    TrainingAttendance,
    Violation,
    Visit,
    db,
)
from workflow import VisitState


def everything_else(history) -> None:
    supervision(history)
    complaints(history)
    incidents(history)
    if "goods_release" in history.book.terms:
        slips(history)
    if history.company.going_out:
        going_out(history)


def ago(history, days):
    return history.today - timedelta(days=days)


def supervision(history):
    """Trainings, inspections, assessments by the adopted standards, violations and what followed."""
    trainings(history)
    inspections(history)
    assessments(history)
    violations(history)


def trainings(history):
    for days, topic, trainer, present in history.company.trainings:
        day = ago(history, days)
        training = Training(held_on=day, topic=topic, trainer=trainer, created_at=history.at(day, 17))
        training.attendances = [
            TrainingAttendance(user_id=history.users[who].id, score=96 - 5 * k) for k, who in enumerate(present)
        ]
        db.session.add(training)


def inspections(history):
    for kind, days, place, who, result, faults in history.company.inspections:
        db.session.add(
            Inspection(
                kind=kind,
                held_on=ago(history, days),
                place=place,
                inspector_id=history.users[who].id,
                result=result,
                faults=faults,
                repaired_on=ago(history, days - 2) if faults and days > 12 else None,
                created_at=history.at(ago(history, days), 16),
            )
        )


ASSESSED = (
    ("sales", "sales_head", "季度服务之星"),
    ("sales2", "sales_head", ""),
    ("tech", "tech_head", "补训一次"),
    ("front", "office_head", ""),
)
"""Who is assessed by whom, and what followed."""


def assessments(history):
    criteria = list(rules.criteria(history.book))
    for k, (who, by, reward) in enumerate(ASSESSED if criteria else ()):
        day = ago(history, 34 + 3 * k)
        db.session.add(
            Assessment(
                user_id=history.users[who].id,
                assessor_id=history.users[by].id,
                held_on=day,
                scores={criterion: 9 - (k + i) % 3 for i, criterion in enumerate(criteria)},
                reward=reward,
                remarks="按接待制度逐项评分。",
                created_at=history.at(day, 17),
            )
        )


def violations(history):
    for who, days, clause, what, serious, measure in history.company.violations:
        db.session.add(
            Violation(
                user_id=history.users[who].id,
                happened_on=ago(history, days),
                clause=clause,
                description=what,
                serious=serious,
                measure=measure,
                retrained_on=ago(history, days - 5) if serious else None,
                created_at=history.at(ago(history, days), 18),
            )
        )


def complaints(history):
    """One in each state: received, looked into, answered, closed."""
    offices = {c.name: c.department_id for c in history.customers}
    for k, (organisation, who, content, cause, offered) in enumerate(history.company.complaints):
        came = min(history.at(ago(history, (1, 2, 8, 21)[k]), 14, 5 * k), history.now)
        department = offices.get(organisation, history.departments["SAL"].id)
        row = Complaint(
            organisation=organisation, complainant=who, received_at=came, content=content, department_id=department
        )
        clerk = "sales" if department == history.departments["SAL"].id else "tech"
        history.file(row, clerk, came, department)
        if k == 0:
            continue
        history.do(row, "investigate", clerk, history.past(came + timedelta(hours=3)), investigation=cause)
        if k == 1:
            continue
        history.step(row, "answer", clerk, came + timedelta(hours=22), investigation=cause, solution=offered)
        if k == 3:
            history.do(row, "close", clerk, came + timedelta(days=2), satisfied=True, comment="客户表示满意。")


def incidents(history):
    seen = db.session.scalars(
        sa.select(Visit.id).where(Visit.status == VisitState.CLOSED, Visit.walk_in.is_(False)).order_by(Visit.id.desc())
    ).all()
    for k, (kind, days, place, what, done, minutes) in enumerate(history.company.incidents):
        at = history.at(ago(history, days), 11, 10)
        db.session.add(
            Incident(
                visit_id=seen[k * 4] if k * 4 < len(seen) else None,
                kind=kind,
                occurred_at=at,
                place=place,
                description=what,
                measures=done,
                handled_at=at + timedelta(minutes=minutes),
                police=False,
                reported_by_id=history.users["front"].id,
                created_at=at + timedelta(minutes=minutes),
            )
        )


def slips(history):
    """Goods release slips: one released, one refused, one still open."""
    by_appointment = sa.select(Visit).where(Visit.walk_in.is_(False))
    closed = by_appointment.where(Visit.status == VisitState.CLOSED).order_by(Visit.planned_start.desc()).limit(2)
    due = by_appointment.where(Visit.status == VisitState.NOTIFIED).order_by(Visit.planned_start).limit(1)
    for k, visit in enumerate([*db.session.scalars(closed), *db.session.scalars(due)]):
        clerk, moment = history.name_of(visit.applicant_id), history.past(visit.planned_start + timedelta(hours=1))
        slip = GoodsRelease(
            visit_id=visit.id,
            carrier=visit.lead_guest,
            items=("样品电芯 4 只、测试报告 1 份", "模组外壳 1 件", "资料袋 6 份")[k],
            reason=("送第三方检测", "客户比对尺寸", "会议资料")[k],
            department_id=visit.department_id,
        )
        history.file(slip, clerk, moment)
        if k == 0:
            history.do(slip, "release", history.head_of(visit), moment + timedelta(minutes=10))
        elif k == 1:
            history.do(
                slip, "refuse", history.head_of(visit), moment + timedelta(minutes=10), comment="未公开样件，不得带离。"
            )


# ── Going out ────────────────────────────────────────────────────────────────────────────────────
def going_out(history):
    """Last month's plan lived to the end, this month's under way, next month's on its way to the head."""
    this = history.today.replace(day=1)
    last, following = (this - timedelta(days=1)).replace(day=1), (this + timedelta(days=32)).replace(day=1)
    for month, who, lines in (
        (last, "sales", 5),
        (last, "sales2", 8),
        (this, "sales", 6),
        (this, "sales2", 5),
        (following, "sales", 4),
        (following, "sales2", 0),
    ):
        plan = plan_of(history, month, who, lines)
        if month == following:
            if who == "sales":
                history.step(plan, "submit", who, history.now)
            continue  # One waits for the head, the other is still a draft.
        filed = history.past(plan.created_at + timedelta(hours=2))
        history.step(plan, "submit", who, filed)
        history.decide(plan, filed, "同意，注意带回市场信息。")
        for k, line in enumerate(sorted(plan.lines, key=lambda v: (v.planned_on, v.id))):
            reported(history, line, who, k)


def plan_of(history, month, who, lines) -> OutboundPlan:
    made = min(history.at(month - timedelta(days=3 if who == "sales" or lines == 8 else -1), 9), history.now)
    plan = OutboundPlan(
        month=month, remarks="结合订货会安排" if lines == 5 else "", department_id=history.departments["SAL"].id
    )
    history.file(plan, who, made)
    customers = {c.name: c for c in history.customers}
    for k in range(lines):
        name, purpose, target, goal, _ = history.company.going_out[(k * 5 + len(who)) % len(history.company.going_out)]
        line = OutboundVisit(
            plan_id=plan.id,
            customer_id=customers[name].id,
            planned_on=month + timedelta(days=2 + 3 * k),
            purpose=purpose,
            target=target,
            contact=customers[name].contact,
            goal=goal,
            items="画册、色卡" if k % 2 else "样品板两块",
            expected_cost=Decimal(180 + 60 * k),
            department_id=plan.department_id,
        )
        history.file(line, who, made)
    db.session.expire(plan)
    return plan


def reported(history, line, who, k):
    """A visit made is reported, mostly in time; what was promised is tracked."""
    if line.planned_on >= history.today - timedelta(days=1):
        return
    if k == 3:
        history.do(line, "drop", who, history.at(line.planned_on, 9), comment="客户临时出差，改下月。")
        return
    promise = next(p for name, *_, p in history.company.going_out if name == line.customer.name)
    moment = history.past(history.at(line.planned_on + timedelta(days=4 if k == 2 else 1), 17))
    history.step(
        line,
        "report",
        who,
        moment,
        result="客户对新系列反应积极，已约下次到店时间。",
        next_step="两周内回访",
        promises=promise,
        actual_cost=line.expected_cost,
    )
    for made in db.session.scalars(sa.select(Commitment).where(Commitment.outbound_id == line.id)):
        made.due_on = made.made_on + timedelta(days=14)
        made.settled_on = (
            made.made_on + timedelta(days=6)
            if k % 2 == 0 and made.made_on + timedelta(days=6) < history.today
            else None
        )
