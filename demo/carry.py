"""What a good company does before each step: it looks at what the clauses would find, and sees to it.

`History` holds the company and the clock; `History.step` takes a request through a transition after `see_to` has done
what can be done, and gives a reason for the rest. What a demo company is to leave undone is named in `leave`.
"""

import hashlib
import random
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import sqlalchemy as sa

import facts
import rules
from core.clock import local_day, now, zone
from demo.people import Company
from engine.advance import advance
from engine.audit import file
from engine.findings import judge
from engine.moves import Refused
from models import (
    BusinessCard,
    ChecklistItem,
    Customer,
    Department,
    Dispatch,
    Driver,
    Evidence,
    EvidenceKind,
    Feedback,
    FollowUp,
    ItineraryItem,
    ItineraryKind,
    MeetingRoom,
    Nda,
    Notice,
    NoticeReceipt,
    RoomBooking,
    TourRoute,
    User,
    Vehicle,
    VisitEscort,
    Visitor,
    VisitQuestion,
    db,
)
from rulebook import versions
from rules import Severity
from workflow import Role

PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)
REASONS = {
    "advance_notice": "对方行程临时确定，已电话沟通。",
    "received_by": "领导当日出差，由经办部门接待，已当面致歉。",
    "purpose_listed": "双方约定的专题会谈，不在所列类别之内。",
    "level_suggested": "对方要求从简接待。",
    "spending_cap": "客户高层临时加入，菜品按其习惯增加。",
    "escorts_named": "部门负责人临时开会，由经办人陪同。",
    "arranged": "来宾自行解决，已确认不需要。",
    "guest_confirmed": "来宾在途中，到达前已补电话。",
    "answer_within": "周末未上班，周一一早答复。",
    "checklist_skipped": "来宾提前到达，边接待边补齐。",
    "feedback_collected": "来宾赶车，约定电话回访。",
    "questions_recorded": "本次没有提问。",
    "cards_collected": "来宾未带名片。",
    "outcome_recorded": "结果待下次会谈。",
    "required_fields": "客户未作评价。",
    "report_within": "连续出差，回公司后补报。",
    "plan_deadline": "新岗位到任，计划补报。",
    "visit_quota": "当月有订货会，外出减少。",
}
DUTIES = {str(Role.EXECUTIVE): "陪同", str(Role.DEPT_HEAD): "接待负责人", str(Role.STAFF): "接待"}


class History:
    """A company and its clock: everything that happens happens at a stated moment."""

    def __init__(self, company: Company, today):
        self.company, self.today, self.random, self.turn = company, today, random.Random(20261123), 0
        self.users = {u.username: u for u in db.session.scalars(sa.select(User))}
        self.customers = db.session.scalars(sa.select(Customer).order_by(Customer.id)).all()
        self.guests = {
            c.id: db.session.scalars(sa.select(Visitor).where(Visitor.customer_id == c.id).order_by(Visitor.id)).all()
            for c in self.customers
        }
        self.levels = {level.rank: level for level in versions.levels(None)}
        self.departments = {d.code: d for d in db.session.scalars(sa.select(Department))}
        self.rooms = db.session.scalars(sa.select(MeetingRoom).order_by(MeetingRoom.id)).all()
        self.vehicles = db.session.scalars(sa.select(Vehicle).order_by(Vehicle.id)).all()
        self.drivers = db.session.scalars(sa.select(Driver).order_by(Driver.id)).all()
        self.route = db.session.scalar(
            sa.select(TourRoute).where(TourRoute.to_version.is_(None)).order_by(TourRoute.id)
        )
        self.book = versions.load()
        self.now = now()
        self.invoice = 24312000000100000000
        self.occasions, self._actors = {}, {}

    def at(self, day, hour, minute=0):
        return datetime.combine(day, time(hour, minute), zone()).astimezone(UTC)

    def day(self, moment):
        return local_day(moment)

    def past(self, moment):
        """`moment`, or now where it has not come yet."""
        return min(moment, self.now)

    def actor(self, username, moment):
        kept = self._actors.get(username) or self._actors.setdefault(
            username, self.users[username].actor(moment, local_day(moment))
        )
        return replace(kept, now=moment, today=local_day(moment))

    def name_of(self, user_id) -> str:
        return next(username for username, user in self.users.items() if user.id == user_id)

    def head_of(self, row) -> str:
        return "sales_head" if row.department_id == self.departments["SAL"].id else "tech_head"

    def file(self, row, username, moment, department_id=None):
        return file(row, self.actor(username, moment), department_id)

    def do(self, row, name, username, moment, **data):
        return advance(row, name, self.actor(username, moment), data)

    def step(self, row, name, username, moment, leave=(), **data):
        """Take `row` through the transition `name` after seeing to what the clauses ask for."""
        stage = row.process.by_name[name].stage
        reasons = data.pop("reasons", {})
        if stage and facts.knows(row):
            reasons = see_to(self, row, stage, username, moment, leave, data) | reasons
        return self.do(row, name, username, moment, reasons=reasons, **data)

    def decide(self, row, moment, comment=""):
        """Everybody of the chain agrees, one after the other; gives the moment of the last."""
        while row.status == "submitted":
            moment = self.past(moment + timedelta(hours=1, minutes=13))
            who = {
                "dept_head": self.head_of(row),
                "admin_head": "office_head",
                "executive": "exec",
                "admin_office": "office",
            }[str(row.open_step.role)]
            self.do(row, "approve", who, moment, comment=comment)
        return moment


def see_to(history: History, row, at: str, username: str, moment, leave=(), data=None) -> dict[str, str]:
    """Do what the findings of the moment `at` ask for; the reasons for what stays as it is."""
    findings, reasons = judge(row, history.actor(username, moment), (at,), data=data).findings, {}
    for finding in findings:
        if finding.rule in REMEDIES and finding.rule not in leave:
            REMEDIES[finding.rule](history, row, moment, at)
        if finding.severity == Severity.EXPLAIN:
            reasons[finding.rule] = REASONS.get(finding.rule, "情况特殊，已向部门负责人说明。")
    if findings:
        db.session.flush()
        db.session.expire(row)
    return reasons


# ── What is done about a finding ─────────────────────────────────────────────────────────────────
def letter(history, visit, moment, at):
    db.session.add(
        Evidence(
            visit_id=visit.id,
            kind=EvidenceKind.LETTER,
            reference=visit.letter_no,
            issuer=visit.organisation,
            sealed=True,
            filename="来访函.pdf",
            media_type="application/pdf",
            size=len(PDF),
            sha256=hashlib.sha256(PDF).hexdigest(),
            content=PDF,
            uploaded_by_id=visit.applicant_id,
            created_at=moment,
        )
    )


def escort(history, visit, *usernames):
    there = {e.user_id: e for e in visit.escorts}
    for username in usernames:
        user = history.users[username]
        role = next(iter(user.role_names))
        if user.id not in there:
            db.session.add(VisitEscort(visit_id=visit.id, user_id=user.id, duty=DUTIES.get(role, "协助")))
        elif not there[user.id].duty:
            there[user.id].duty = DUTIES.get(role, "协助")
    db.session.flush()
    db.session.expire(visit, ["escorts"])


def receive(history, visit, moment, at):
    escort(history, visit, *(("exec", history.head_of(visit)) if visit.rank in (1, 2) else (history.head_of(visit),)))


def accompany(history, visit, moment, at):
    escort(history, visit, *(("exec", "sales_head", "tech_head") if visit.rank == 1 else (history.head_of(visit),)))


def agree(history, visit, moment, at):
    history.do(visit, "confirm_host", history.name_of(visit.host_id), moment)


def route(history, visit, moment, at):
    visit.route_id = history.route.id if history.route else None


def confirm_guest(history, visit, moment, at):
    if visit.guest_confirmed_at is None:
        history.do(visit, "confirm_guest", history.name_of(visit.applicant_id), moment)


def answer(history, visit, moment, at):
    if visit.answered_at is None:
        history.do(visit, "answer", history.name_of(visit.applicant_id), moment)


def arrange(history, visit, moment, at):
    """Everything the visit needs and nothing has arranged yet."""
    wanted = facts.of(visit, moment, history.day(moment), ("arranged",))
    for need in sorted(wanted.needs - wanted.arranged):
        if need == "room":
            book_room(history, visit, moment)
        elif need in ("car", "send_off"):
            send_car(history, visit, moment, need == "send_off")
        else:
            plan(history, visit, moment, need)


def book_room(history, visit, moment, confirm=True):
    """The first room that is free; what was taken meanwhile is declined with the reason."""
    clerk = history.name_of(visit.applicant_id)
    turn = history.turn
    for room in [*history.rooms[turn % 3 + 1 :], *history.rooms[: turn % 3 + 1]]:
        booking = RoomBooking(
            room_id=room.id,
            visit_id=visit.id,
            subject=f"{visit.organisation} 接待",
            starts_at=visit.planned_start,
            ends_at=visit.planned_end,
            attendees=min(visit.guest_count + 2, room.capacity),
            needs="茶水、投影、桌签",
            department_id=visit.department_id,
        )
        history.file(booking, clerk, moment)
        if not confirm:
            return booking
        try:
            with db.session.begin_nested():
                history.do(booking, "confirm", "office", moment)
            return booking
        except Refused as refusal:
            history.do(booking, "decline", "office", moment, comment=str(refusal.reason))
    return booking


def send_car(history, visit, moment, back=False, assign=True):
    """A car to fetch the guests, or to take them back."""
    clerk, company = history.name_of(visit.applicant_id), history.company.name
    out = visit.planned_end if back else visit.planned_start - timedelta(hours=1)
    home = out + timedelta(hours=1)
    contact = next((g.visitor.name for g in visit.guests if g.is_lead), visit.lead_guest)
    order = Dispatch(
        visit_id=visit.id,
        reason=f"{'送' if back else '接'}{visit.organisation}",
        pick_up=company if back else history.company.station,
        destination=history.company.station if back else company,
        flight=f"G{7000 + history.turn}",
        contact=contact,
        sign=f"举牌“{visit.organisation[:12]}”",
        send_off=back,
        passengers=visit.guest_count,
        out_planned=out,
        back_planned=home,
        department_id=visit.department_id,
    )
    history.file(order, clerk, moment)
    for k in range(len(history.vehicles) * len(history.drivers)) if assign else ():
        vehicle, driver = (
            history.vehicles[(history.turn + k) % len(history.vehicles)],
            history.drivers[(history.turn + k // len(history.vehicles)) % len(history.drivers)],
        )
        try:
            with db.session.begin_nested():
                history.do(order, "assign", "office", moment, vehicle=vehicle.id, driver=driver.id)
            break
        except Refused:
            continue
    return order


def plan(history, visit, moment, kind):
    day = history.day(visit.planned_start)
    at, place, standard = {
        "meal": (
            history.at(day, 18),
            history.company.places[history.turn % len(history.company.places)],
            "圆桌，工作餐标准",
        ),
        "lodging": (history.at(day, 20), "园区会议中心酒店", "标准间，含早"),
        "meeting": (visit.planned_start, history.rooms[1].name, "投影、桌签"),
        "call": (visit.planned_start, "贵宾接待室", "会见十五分钟"),
        "tour": (
            visit.planned_start + timedelta(minutes=30),
            "展厅与样板间" if history.company.key == "sales" else "参观路线",
            "讲解员一名",
        ),
        "tickets": (visit.planned_end, history.company.station, "二等座"),
        "send_off": (visit.planned_end, history.company.station, "专车"),
    }[kind]
    diets = sorted({g.visitor.diet for g in visit.guests if g.visitor.diet}) if kind == "meal" else []
    db.session.add(
        ItineraryItem(
            visit_id=visit.id,
            kind=ItineraryKind(kind),
            starts_at=at,
            place=place,
            standard=standard,
            diet="、".join(diets) and f"{'、'.join(diets)}单独出菜",
            responsible_id=visit.host_id,
            satisfaction=5 - history.turn % 2 if at < history.now else None,
        )
    )


def diets(history, visit, moment, at):
    for item in db.session.scalars(
        sa.select(ItineraryItem).where(ItineraryItem.visit_id == visit.id, ItineraryItem.kind == "meal")
    ):
        item.diet = "、".join(sorted({g.visitor.diet for g in visit.guests if g.visitor.diet})) + "单独出菜"


def tick(phase, but=0):
    def act(history, visit, moment, at):
        items = db.session.scalars(
            sa.select(ChecklistItem)
            .where(ChecklistItem.visit_id == visit.id, ChecklistItem.phase == phase, ChecklistItem.done_at.is_(None))
            .order_by(ChecklistItem.id)
        ).all()
        for k, item in enumerate(items[: len(items) - but]):
            item.done_at, item.done_by_id = (
                moment,
                history.users["office" if k % 3 else history.name_of(visit.applicant_id)].id,
            )

    return act


def sign(history, visit, moment, at):
    signers = {
        history.departments[code].id: who
        for code, who in (("ADM", "office"), ("SAL", "sales_head"), ("TEC", "tech_head"))
    }
    for receipt in db.session.scalars(
        sa.select(NoticeReceipt).join(Notice).where(Notice.visit_id == visit.id, NoticeReceipt.status == "open")
    ).all():
        history.do(receipt, "sign", signers[receipt.department_id], moment)


def nda(history, visit, moment, at):
    day = history.day(moment)
    db.session.add(
        Nda(
            visit_id=visit.id,
            signatory=visit.lead_guest,
            organisation=visit.organisation,
            signed_on=day,
            valid_until=day + timedelta(days=20),
            topics=visit.purpose,
            created_at=moment,
        )
    )


def particulars(history, visit, moment, at):
    for guest in visit.guests:
        visitor = guest.visitor
        visitor.phone = visitor.phone or f"138{10000000 + visitor.id * 104729 % 89999999}"
        visitor.organisation = visitor.organisation or visit.organisation
        visitor.title = visitor.title or "来宾"


def ask(history, visit, moment, at):
    about = history.occasions[visit.id]
    if about.question:
        db.session.add(
            VisitQuestion(
                visit_id=visit.id,
                question=about.question,
                owner_id=visit.host_id,
                created_at=history.past(visit.planned_end),
                answer=about.answer,
                answered_at=moment if about.answer else None,
            )
        )
        db.session.flush()
        settle_questions(history, visit, moment, at)


def settle_questions(history, visit, moment, at):
    for question in db.session.scalars(
        sa.select(VisitQuestion).where(VisitQuestion.visit_id == visit.id, VisitQuestion.answered_at.is_(None))
    ):
        question.answer, question.answered_at = "已请技术同事书面答复，并抄送来宾。", moment


def feedback(history, visit, moment, at):
    if db.session.scalar(sa.select(Feedback.id).where(Feedback.visit_id == visit.id).limit(1)):
        return
    turn, day = history.turn, history.day(moment)
    passed = turn % 3 != 0
    db.session.add(
        Feedback(
            visit_id=visit.id,
            satisfaction=5 - turn % 2 - turn % 5 // 4,
            needs="希望提前收到资料。" if turn % 2 else "",
            opinion=("讲解清楚，安排周到。", "接待热情，等候时间略长。", "很满意，感谢。")[turn % 3],
            given_on=day,
            passed_to_id=visit.department_id if passed else None,
            passed_on=day if passed else None,
            dealt_with="已在部门例会通报。" if turn % 3 == 1 else "",
            created_at=moment,
        )
    )


def close_fields(history, visit, moment, at):
    if at == "close":
        feedback(history, visit, moment, at)


def follow_up(history, visit, moment, at):
    day, about = history.day(moment), history.occasions[visit.id]
    db.session.add(
        FollowUp(
            visit_id=visit.id,
            customer_id=visit.customer_id,
            held_on=history.day(visit.planned_start),
            content=f"{visit.purpose}：双方就{about.question.rstrip('？。') or '下一步安排'}交换了意见。",
            open_points="待书面确认细节" if about.outcome == "doubts" else "",
            owner_id=visit.host_id,
            next_on=day + timedelta(days=5),
            settled=day + timedelta(days=9) < history.today,
            department_id=visit.department_id,
            created_at=moment,
        )
    )


def card(history, visit, moment, at):
    lead = next((g.visitor for g in visit.guests if g.is_lead), None)
    if lead is not None:
        db.session.add(
            BusinessCard(
                visit_id=visit.id,
                name=lead.name,
                title=lead.title,
                organisation=visit.organisation,
                text=f"{visit.organisation}\n{lead.name} {lead.title}\n手机 {lead.phone or ''}",
                created_at=moment,
            )
        )


REMEDIES = {
    "stamped_evidence": letter,
    "received_by": receive,
    "escorts_named": accompany,
    "leader_agreed": agree,
    "host_confirms": agree,
    "tour_route": route,
    "guest_confirmed": confirm_guest,
    "answer_within": answer,
    "arranged": arrange,
    "diet_heeded": diets,
    "checklist_before": tick("before"),
    "checklist_after": tick("after"),
    "notice_signed": sign,
    "nda_signed": nda,
    "guest_particulars": particulars,
    "questions_recorded": ask,
    "questions_answered": settle_questions,
    "feedback_collected": feedback,
    "required_fields": close_fields,
    "follow_up_named": follow_up,
    "cards_collected": card,
}
"""What a good company does about each finding; what is not here is explained."""


def suggested_rank(history: History, visit, moment) -> int | None:
    """The rank the adopted clauses suggest for the guests; the lowest where none speaks of them."""
    if not history.levels:
        return None
    suggested = rules.suggest_level(history.book, facts.of(visit, moment, history.day(moment), ("level_suggested",)))
    return suggested[0] if suggested else max(history.levels)


def sign_register(visit):
    for guest in visit.guests:
        guest.signed = True
