"""What comes after a reception and beside it: complaints, trainings, inspections, assessments, incidents, slips, going out."""

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


def everything_else(stage) -> None:
    supervision(stage)
    complaints(stage)
    incidents(stage)
    if "goods_release" in stage.book.terms:
        slips(stage)
    if stage.cast.going_out:
        going_out(stage)


def ago(stage, days):
    return stage.today - timedelta(days=days)


def supervision(stage):
    """Trainings with their attendance, inspections, assessments by the adopted standards, violations and what followed."""
    for days, topic, trainer, present in stage.cast.trainings:
        row = Training(
            held_on=ago(stage, days), topic=topic, trainer=trainer, created_at=stage.at(ago(stage, days), 17)
        )
        row.attendances = [
            TrainingAttendance(user_id=stage.users[who].id, score=96 - 5 * k) for k, who in enumerate(present)
        ]
        db.session.add(row)
    for kind, days, place, who, result, faults in stage.cast.inspections:
        db.session.add(
            Inspection(
                kind=kind,
                held_on=ago(stage, days),
                place=place,
                inspector_id=stage.users[who].id,
                result=result,
                faults=faults,
                repaired_on=ago(stage, days - 2) if faults and days > 12 else None,
                created_at=stage.at(ago(stage, days), 16),
            )
        )
    wanted = list(rules.criteria(stage.book))
    for k, (who, by) in enumerate(
        (("sales", "sales_head"), ("sales2", "sales_head"), ("tech", "tech_head"), ("front", "office_head"))
        if wanted
        else ()
    ):
        day = ago(stage, 34 + 3 * k)
        db.session.add(
            Assessment(
                user_id=stage.users[who].id,
                assessor_id=stage.users[by].id,
                held_on=day,
                scores={c: 9 - (k + i) % 3 for i, c in enumerate(wanted)},
                reward=("季度服务之星", "", "补训一次", "")[k],
                remarks="按接待制度逐项评分。",
                created_at=stage.at(day, 17),
            )
        )
    for who, days, clause, what, serious, measure in stage.cast.violations:
        db.session.add(
            Violation(
                user_id=stage.users[who].id,
                happened_on=ago(stage, days),
                clause=clause,
                description=what,
                serious=serious,
                measure=measure,
                retrained_on=ago(stage, days - 5) if serious else None,
                created_at=stage.at(ago(stage, days), 18),
            )
        )


def complaints(stage):
    """One in each state: received, looked into, answered, closed."""
    offices = {c.name: c.department_id for c in stage.customers}
    for k, (organisation, who, content, found, offered) in enumerate(stage.cast.complaints):
        came = min(stage.at(ago(stage, (1, 2, 8, 21)[k]), 14, 5 * k), stage.now)
        department = offices.get(organisation, stage.departments["SAL"].id)
        row = Complaint(
            organisation=organisation, complainant=who, received_at=came, content=content, department_id=department
        )
        clerk = "sales" if department == stage.departments["SAL"].id else "tech"
        stage.file(row, clerk, came, department)
        if k == 0:
            continue
        stage.do(row, "investigate", clerk, stage.past(came + timedelta(hours=3)), investigation=found)
        if k == 1:
            continue
        stage.step(row, "answer", clerk, came + timedelta(hours=22), investigation=found, solution=offered)
        if k == 3:
            stage.do(row, "close", clerk, came + timedelta(days=2), satisfied=True, comment="客户表示满意。")


def incidents(stage):
    seen = db.session.scalars(
        sa.select(Visit.id).where(Visit.status == VisitState.CLOSED, Visit.walk_in.is_(False)).order_by(Visit.id.desc())
    ).all()
    for k, (kind, days, place, what, done, minutes) in enumerate(stage.cast.incidents):
        at = stage.at(ago(stage, days), 11, 10)
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
                reported_by_id=stage.users["front"].id,
                created_at=at + timedelta(minutes=minutes),
            )
        )


def slips(stage):
    """Goods release slips: one released, one refused, one still open."""
    by_appointment = sa.select(Visit).where(Visit.walk_in.is_(False))
    closed = by_appointment.where(Visit.status == VisitState.CLOSED).order_by(Visit.planned_start.desc()).limit(2)
    due = by_appointment.where(Visit.status == VisitState.NOTIFIED).order_by(Visit.planned_start).limit(1)
    for k, visit in enumerate([*db.session.scalars(closed), *db.session.scalars(due)]):
        clerk, moment = stage.name_of(visit.applicant_id), stage.past(visit.planned_start + timedelta(hours=1))
        slip = GoodsRelease(
            visit_id=visit.id,
            carrier=visit.lead_guest,
            items=("样品电芯 4 只、测试报告 1 份", "模组外壳 1 件", "资料袋 6 份")[k],
            reason=("送第三方检测", "客户比对尺寸", "会议资料")[k],
            department_id=visit.department_id,
        )
        stage.file(slip, clerk, moment)
        if k == 0:
            stage.do(slip, "release", stage.head_of(visit), moment + timedelta(minutes=10))
        elif k == 1:
            stage.do(
                slip, "refuse", stage.head_of(visit), moment + timedelta(minutes=10), comment="未公开样件，不得带离。"
            )


# ── Going out ────────────────────────────────────────────────────────────────────────────────────
def going_out(stage):
    """Last month's plan lived to the end, this month's under way, next month's on its way to the head."""
    this = stage.today.replace(day=1)
    last, following = (this - timedelta(days=1)).replace(day=1), (this + timedelta(days=32)).replace(day=1)
    for month, who, lines in (
        (last, "sales", 5),
        (last, "sales2", 8),
        (this, "sales", 6),
        (this, "sales2", 5),
        (following, "sales", 4),
        (following, "sales2", 0),
    ):
        plan = plan_of(stage, month, who, lines)
        if month == following:
            if who == "sales":
                stage.step(plan, "submit", who, stage.now)
            continue  # One waits for the head, the other is still a draft.
        filed = stage.past(plan.created_at + timedelta(hours=2))
        stage.step(plan, "submit", who, filed)
        stage.decide(plan, filed, "同意，注意带回市场信息。")
        for k, line in enumerate(sorted(plan.lines, key=lambda v: (v.planned_on, v.id))):
            reported(stage, line, who, k)


def plan_of(stage, month, who, lines) -> OutboundPlan:
    made = min(stage.at(month - timedelta(days=3 if who == "sales" or lines == 8 else -1), 9), stage.now)
    plan = OutboundPlan(
        month=month, remarks="结合订货会安排" if lines == 5 else "", department_id=stage.departments["SAL"].id
    )
    stage.file(plan, who, made)
    customers = {c.name: c for c in stage.customers}
    for k in range(lines):
        name, purpose, target, goal, _ = stage.cast.going_out[(k * 5 + len(who)) % len(stage.cast.going_out)]
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
        stage.file(line, who, made)
    db.session.expire(plan)
    return plan


def reported(stage, line, who, k):
    """A visit made is reported, mostly in time; what was promised is tracked."""
    if line.planned_on >= stage.today - timedelta(days=1):
        return
    if k == 3:
        stage.do(line, "drop", who, stage.at(line.planned_on, 9), comment="客户临时出差，改下月。")
        return
    promise = next(p for name, *_, p in stage.cast.going_out if name == line.customer.name)
    moment = stage.past(stage.at(line.planned_on + timedelta(days=4 if k == 2 else 1), 17))
    stage.step(
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
            made.made_on + timedelta(days=6) if k % 2 == 0 and made.made_on + timedelta(days=6) < stage.today else None
        )


__all__ = ["everything_else"]
