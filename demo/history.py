"""Some months of receptions, lived day by day through the workflow itself, and two weeks still to come."""

from datetime import timedelta
from decimal import Decimal

import sqlalchemy as sa

from core.clock import local_day
from core.clock import today as company_today
from demo.afterwards import everything_else
from demo.carry import (
    Stage,
    arrange,
    ask,
    book_room,
    card,
    escort,
    feedback,
    follow_up,
    letter,
    see_to,
    send_car,
    sign,
    sign_register,
    suggested_rank,
    tick,
)
from demo.people import FACTORY, Occasion
from engine import compliance
from facts import notices
from models import (
    REQUESTS,
    Category,
    Channel,
    Dispatch,
    Expense,
    Gift,
    GiftRequest,
    HospitalityRequest,
    MealPeriod,
    RoomBooking,
    Visit,
    VisitCategory,
    VisitEscort,
    VisitGuest,
    Visitor,
    db,
)
from workflow import VISIT, BookingState, DispatchState, ExpenseState, GiftRequestState, HospitalityState

PURPOSES = tuple(occasion.purpose for occasion in FACTORY.occasions)
PLACES = FACTORY.places
BACK, AHEAD = 56, 14
CHANNELS = (Channel.PHONE, Channel.WECHAT, Channel.EMAIL, Channel.LETTER)


def live(cast=FACTORY, today=None) -> None:
    """Play the history around `today` (the company's day). The caller commits."""
    stage = Stage(cast, today or company_today())
    days = [stage.today + timedelta(days=n) for n in range(-BACK, AHEAD + 1)]
    past = [d for d in days if d < stage.today and d.weekday() < 5]
    coming = [d for d in days if d > stage.today and d.weekday() < 5]
    # Counted in working days from today, so that every situation is there whatever the weekday.
    for offset, day in (
        [(i - len(past), d) for i, d in enumerate(past)]
        + [(0, stage.today)]
        + [(i, d) for i, d in enumerate(coming, 1)]
    ):
        for n in range(2 if offset in (0, 1) else 1):
            reception(stage, day, offset, n)
    callers(stage, past)
    waiting_requests(stage)
    everything_else(stage)
    db.session.flush()
    judge_anew(stage)


def judge_anew(stage):
    """How each open request stands, now that everything around it is there."""
    for name, model in REQUESTS.items():
        for row in db.session.scalars(sa.select(model).where(model.status.not_in(model.process.over))).all():
            compliance.refresh(row, stage.actor("office", stage.now))


# ── A reception ──────────────────────────────────────────────────────────────────────────────────
def reception(stage, day, offset, n):
    """One reception on `day`: as far along as the day it is today allows."""
    stage.turn += 1
    serial, turn = (offset + BACK) * 2 + n, stage.turn
    customer = stage.customers[((offset + BACK) * 5 + n * 7) % len(stage.customers)]
    clerk = "sales" if customer.department_id == stage.departments["SAL"].id else "tech"
    head = clerk + "_head"
    if serial % 5 == 4:
        clerk += "2"
    filed = stage.at(day - timedelta(days=stage.random.choice((3, 4, 6))), 9 + serial % 7, serial * 7 % 60)
    if filed > stage.now:
        filed = stage.now - timedelta(hours=serial % 20 + 2)
    visit = apply(stage, customer, clerk, day, serial, filed, offset == 5)
    if offset == 10:
        return  # still a draft
    later = stage.past(filed + timedelta(minutes=20))
    leave = ("received_by",) if turn % 11 == 3 else ()
    stage.step(visit, "submit", clerk, later, leave)
    if offset == 8:
        stage.do(visit, "return", head, stage.past(later + timedelta(hours=1)), comment="请补充参观路线和陪同人员。")
        return
    if offset == 9:
        stage.do(visit, "withdraw", clerk, stage.past(later + timedelta(hours=1)), comment="客户改期。")
        return
    if offset >= 6:
        if offset == 6 and len(visit.chain) > 1:
            stage.do(visit, "approve", head, stage.past(later + timedelta(hours=1)))
        if offset == 7:
            stage.do(visit, "urge", clerk, stage.now)
        return  # waiting for somebody
    if offset == -20:
        stage.do(visit, "reject", head, later + timedelta(hours=2), comment="近期检修，暂不接待。")
        return
    moment = stage.decide(visit, later, ("同意。", "", "请注意安全。")[turn % 3])
    if offset == 5:
        if "room" in visit.needs:
            book_room(stage, visit, moment, confirm=False)
        if "car" in visit.needs:
            send_car(stage, visit, moment, assign=False)
        return  # approved, notice to be issued
    if offset == -9:
        stage.do(visit, "cancel", clerk, moment + timedelta(hours=1), comment="客户取消行程。")
        return
    prepare(stage, visit, clerk, moment, offset)
    if offset > 0:
        return
    if offset == -6:
        stage.do(visit, "no_show", "front", visit.planned_end)
        return
    if offset == -13:
        stage.do(
            visit,
            "reschedule",
            clerk,
            moment + timedelta(hours=2),
            new_start=stage.at(day + timedelta(days=40), 10),
            comment="对方高铁停运。",
        )
        return
    if come_and_go(stage, visit, serial):
        if offset < -1:
            wind_up(stage, visit, clerk, head, day, offset, serial)
        elif offset == -1:
            visit.outcome, visit.record, visit.recorded_at = (
                stage.occasions[visit.id].outcome,
                "待补充。",
                stage.now,
            )  # All but the guests' opinion is there.


def apply(stage, customer, clerk, day, serial, filed, leader) -> Visit:
    """The application, as the form would have it, with guests, escort and letter; `leader`: the bank's president receives."""
    cast, turn = stage.cast, stage.turn
    suiting = [o for o in cast.occasions if o.suits(customer)]
    about = suiting[turn % len(suiting)]
    known = stage.guests[customer.id]
    guests = known[: min(len(known), 2 + serial % 3)]
    start = stage.at(day, 9 + serial % 6, 30 if serial % 2 else 0)
    needs = [
        *about.needs,
        *(
            ["car"]
            if cast.station
            and "room" in about.needs
            and turn % 6 == 0
            and "car" not in about.needs
            and cast.key == "factory"
            else []
        ),
    ]
    asked = filed - timedelta(hours=turn % 5 + (30 if turn % 13 == 6 else 0))
    government = str(customer.kind) == "government"
    visit = Visit(
        organisation=customer.name,
        customer_id=customer.id,
        category=VisitCategory.OFFICIAL
        if government
        else VisitCategory.FOREIGN
        if customer.name.isascii()
        else VisitCategory.BUSINESS,
        purpose=about.purpose,
        lead_guest=f"{guests[0].name} {guests[0].title}",
        lead_title=guests[0].title,
        guest_count=len(guests),
        planned_start=start,
        planned_end=start + timedelta(hours=3),
        host_id=stage.users[clerk].id,
        letter_no="",
        budget=Decimal(600 + 200 * (turn % 4)),
        remarks="",
        department_id=customer.department_id,
        visit_kind=about.kind,
        channel=CHANNELS[turn % 4],
        contact=customer.contact,
        nights=about.nights,
        transport=f"G{7000 + turn}" if "car" in needs else "",
        needs=needs,
        sensitive=about.sensitive,
        requested_at=asked,
        area="site" if "tour" in needs and cast.key == "factory" else "lobby" if about.kind == "service" else "office",
        route_id=stage.route.id if stage.route and "tour" in needs and turn % 4 else None,
    )
    stage.file(visit, clerk, filed)
    stage.occasions[visit.id] = about
    for k, guest in enumerate(guests):
        db.session.add(VisitGuest(visit_id=visit.id, visitor_id=guest.id, is_lead=k == 0))
    db.session.add(VisitEscort(visit_id=visit.id, user_id=stage.users[clerk].id, duty="接待"))
    db.session.flush()
    rank = cast.ranks.get(customer.name) or suggested_rank(stage, visit, filed)
    if rank:
        visit.level_id = stage.levels[rank].id
    if (government and cast.key != "factory") or (leader and cast.key == "bank"):
        visit.host_id = stage.users["exec"].id
    if rank in cast.letters:
        visit.letter_no, visit.budget = f"函〔2026〕{serial + 11} 号", Decimal(600 + 200 * (4 - rank))
        letter(stage, visit, filed, "submit")
    db.session.flush()
    db.session.expire(visit)
    if visit.rank == 1 or (visit.rank == 2 and cast.key == "factory"):
        escort(stage, visit, "exec")
    return visit


def prepare(stage, visit, clerk, moment, offset):
    """From the approval to the day before: rooms, cars, itinerary, notice, signatures, checklist."""
    cast, turn = stage.cast, stage.turn
    noticed = stage.past(moment + timedelta(hours=1))
    leave = () if turn % 9 else ("arranged", "escorts_named", "guest_confirmed")
    if cast.key == "sales":
        leave = leave[1:]  # Without a car no notice is issued there.
    if "arranged" not in leave:
        arrange(stage, visit, moment, "notice")
    stage.step(
        visit,
        "issue_notice",
        "office" if visit.rank in cast.letters else clerk,
        noticed,
        leave,
        tasks={stage.departments[code].id: task for code, task in cast.tasks.items()},
    )
    signed = stage.past(noticed + timedelta(minutes=40))
    if offset not in (2, 3, 4):
        sign(stage, visit, signed, "notice")
    if offset in (3, 4):
        tick("before", 4)(stage, visit, signed, "ready")  # the rest is still to be done
        if offset == 4:
            escort(stage, visit, "tech2")  # named after the notice: a change notice is to be sent
        return
    ready = stage.past(max(signed, visit.planned_start - timedelta(hours=18)))
    if turn % 8 == 5 and offset < 0:
        return  # The guests came before everything was ticked: with a reason, at the door.
    see_to(stage, visit, "ready", clerk, ready, ("notice_signed",))
    if notices.changes(visit):
        stage.do(
            visit,
            "amend_notice",
            "office" if visit.rank in cast.letters else clerk,
            ready,
            comment="安排有补充，请按变动部分执行。",
        )
        sign(stage, visit, ready, "ready")
    stage.step(visit, "ready", clerk, ready, ("notice_signed",))
    for booking in db.session.scalars(
        sa.select(RoomBooking).where(RoomBooking.visit_id == visit.id, RoomBooking.status == BookingState.CONFIRMED)
    ).all():
        if visit.planned_end < stage.now and offset < 0:
            stage.do(booking, "start", clerk, visit.planned_start)
            stage.do(booking, "restore", clerk, visit.planned_end, restored=True, comment="设备正常，已清理。")
            stage.do(booking, "close", clerk, visit.planned_end)
    for order in db.session.scalars(
        sa.select(Dispatch).where(Dispatch.visit_id == visit.id, Dispatch.status == DispatchState.ASSIGNED)
    ).all():
        if order.out_planned < stage.now:
            stage.do(order, "depart", "office", order.out_planned)
        if order.back_planned < stage.now:
            stage.do(
                order, "come_back", "office", order.back_planned, odometer_back=order.odometer_out + 38 + turn % 30
            )


def come_and_go(stage, visit, serial) -> bool:
    """The guests at the door, in the house, and out again; False while they are not gone."""
    turn = stage.turn
    arrival = visit.planned_start + timedelta(minutes=stage.random.choice((-10, -3, 4, 12)))
    if arrival > stage.now:
        return False  # Today: whoever was due by now has come; the rest is still expected.
    stage.step(
        visit,
        "check_in",
        "front",
        arrival,
        identity=True,
        security=True,
        signed=True,
        badges={g.id: f"F{g.id % 90 + 10:03d}" for g in visit.guests},
    )
    sign_register(visit)
    leaving = arrival + timedelta(hours=2, minutes=20 + serial % 40)
    if leaving > stage.now:
        return False
    db.session.flush()
    db.session.expire(visit)
    stage.step(visit, "check_out", "front", leaving + (timedelta(minutes=95) if turn % 10 == 7 else timedelta()))
    return True


def wind_up(stage, visit, clerk, head, day, offset, serial):
    """The record, what came of it, and the dinner's bill."""
    about, turn = stage.occasions[visit.id], stage.turn
    moment = stage.past(visit.planned_end + timedelta(hours=3 if turn % 4 else 20))
    leave = (
        ("cards_collected", "questions_recorded")
        if turn % 7 == 4
        else ("feedback_collected", "required_fields")
        if turn % 7 == 2
        else ()
    )
    if turn % 3 == 0 and not leave:
        # Good habits, whether a clause asks for them or not.
        for habit in (ask, feedback, card, *([follow_up] if about.outcome in ("demand", "doubts", "agreed") else [])):
            habit(stage, visit, moment, "close")
    said = stage.cast.records[turn % len(stage.cast.records)]
    if offset != -2 or stage.cast.key != "factory":
        stage.step(
            visit,
            "close",
            clerk,
            moment,
            leave,
            outcome=str(about.outcome),
            record=f"来宾 {visit.guest_count} 人，{about.purpose}；{said}，后续由{stage.users[clerk].name}跟进。",
        )
    money(stage, visit, clerk, head, day, offset, serial)


# ── Money ────────────────────────────────────────────────────────────────────────────────────────
def money(stage, visit, clerk, head, day, offset, serial):
    """The dinner afterwards: asked for, eaten, claimed; some above the cap, with their reason."""
    cast, count = stage.cast, len(visit.guests)
    if offset < -12 and stage.turn % 4 == 3:
        return
    moment = stage.at(day - timedelta(days=1), 10, serial % 60)
    escorts = 1 if count < 5 else 2
    asked = HospitalityRequest(
        visit_id=visit.id,
        category=Category.MEAL,
        organisation=visit.organisation,
        purpose="工作晚宴",
        planned_on=day,
        guests=count,
        escort_count=escorts,
        amount=Decimal(120 * count) if stage.turn % 9 or cast.key == "factory" else Decimal(2400),
        department_id=visit.department_id,
    )
    stage.file(asked, clerk, moment)
    stage.step(asked, "submit", clerk, moment)
    stage.decide(asked, moment)
    wine = (
        issue_wine(stage, visit, asked, clerk, moment, day)
        if cast.wine and (visit.rank or 9) < 4 and stage.turn % 2 == 0
        else None
    )
    filed = stage.past(stage.at(day + timedelta(days=2), 15, serial % 60))
    per_guest = cast.spending.get(visit.rank, 130)
    over = cast.spending and stage.turn % 7 == 2
    amount = (
        Decimal(per_guest * count) * (Decimal("1.18") if over else Decimal("0.62")) + Decimal(serial % 100) / 100
    ).quantize(Decimal("0.01"))
    stage.invoice += 7919
    place = cast.places[serial % len(cast.places)]
    expense = Expense(
        visit_id=visit.id,
        hospitality_id=asked.id,
        organisation=visit.organisation,
        category=Category.MEAL,
        meal_period=MealPeriod.DINNER,
        incurred_on=day,
        place=place,
        guests=count,
        escort_count=escorts,
        escort_names=stage.users[clerk].name,
        invoice_no=str(stage.invoice),
        invoice_date=day,
        payee=place + "餐饮有限公司",
        amount=amount,
        tax=(amount * Decimal("0.0566")).quantize(Decimal("0.01")),
        wine_request_id=wine.id if wine else None,
        attachments=2,
        department_id=visit.department_id,
    )
    stage.file(expense, clerk, filed)
    if offset > -4:
        return
    stage.step(expense, "submit", clerk, filed)
    if offset == -4:
        return
    if offset == -8:
        stage.do(expense, "return", head, filed + timedelta(hours=1), comment="请补附菜单明细。")
        return
    stage.decide(expense, filed)
    if offset > -7:
        return
    done = stage.past(filed + timedelta(days=2))
    stage.do(expense, "verify", "finance", done, approved_amount=expense.amount)
    if offset <= -12 and expense.status == ExpenseState.VERIFIED:
        paid = stage.past(done + timedelta(days=3))
        stage.do(expense, "settle", "finance", paid, voucher_no=f"记-{serial + 100:04d}", settled_on=stage.day(paid))


def issue_wine(stage, visit, asked, clerk, moment, day) -> GiftRequest:
    gift = db.session.scalar(sa.select(Gift).where(Gift.code == stage.cast.wine))
    wine = GiftRequest(
        visit_id=visit.id,
        hospitality_id=asked.id,
        gift_id=gift.id,
        quantity=1,
        purpose="晚宴用酒",
        department_id=visit.department_id,
    )
    stage.file(wine, clerk, moment)
    stage.step(wine, "submit", clerk, moment)
    stage.decide(wine, moment)
    stage.do(wine, "issue", "office", moment)
    stage.do(wine, "close", "office", stage.at(day, 20), recipient=visit.guests[0].visitor.name, quantity_returned=0)
    return wine


def waiting_requests(stage):
    """Hospitality and gifts for the guests to come: one in each state that people meet."""
    coming = db.session.scalars(
        sa.select(Visit)
        .where(
            Visit.status.in_(VISIT.coming),
            Visit.planned_start > stage.at(stage.today + timedelta(days=2), 0),
        )
        .order_by(Visit.planned_start)
    ).all()
    for k, visit in enumerate(coming[:1] * 6):
        asked = ask_for(
            stage,
            visit,
            Category.GIFT if k == 0 else Category.MEAL,
            "纪念品" if k == 0 else ("工作午餐", "欢迎晚宴", "茶歇", "签约晚宴", "工作午餐")[k - 1],
            Decimal(400 if k == 0 else 90 * visit.guest_count + 700 * (k == 1)),
        )
        clerk, head = stage.name_of(visit.applicant_id), stage.head_of(visit)
        if k == 1:
            continue  # a draft
        stage.step(asked, "submit", clerk, stage.now)
        if k == 0:
            stage.decide(asked, stage.now)
            assert asked.status == HospitalityState.APPROVED
            souvenirs(stage, visit, asked, clerk, head)
        elif k == 3:
            stage.do(asked, "return", head, stage.now, comment="请写明人数和地点。")
        elif k == 4:
            stage.do(asked, "reject", head, stage.now, comment="在公司食堂安排即可。")
        elif k == 5:
            stage.do(asked, "withdraw", clerk, stage.now, comment="来宾当日返程。")
    for asked in db.session.scalars(
        sa.select(HospitalityRequest)
        .where(HospitalityRequest.status == HospitalityState.USED)
        .order_by(HospitalityRequest.id)
        .limit(12)
    ).all():
        stage.do(asked, "close", stage.name_of(asked.applicant_id), stage.now)


def ask_for(stage, visit, category, purpose, amount) -> HospitalityRequest:
    asked = HospitalityRequest(
        visit_id=visit.id,
        category=category,
        organisation=visit.organisation,
        purpose=purpose,
        planned_on=local_day(visit.planned_start),
        guests=visit.guest_count,
        escort_count=1,
        amount=amount,
        department_id=visit.department_id,
    )
    return stage.file(asked, stage.name_of(visit.applicant_id), stage.now)


def souvenirs(stage, visit, asked, clerk, head):
    """Gifts: approved and waiting to be issued, one that waits for a signature, issued, sent back, rejected, a draft."""
    for k, (code, quantity) in enumerate(
        stage.cast.souvenirs and (*stage.cast.souvenirs, *(stage.cast.souvenirs[:1] * 4))
    ):
        gift = db.session.scalar(sa.select(Gift).where(Gift.code == code))
        wish = GiftRequest(
            visit_id=visit.id,
            hospitality_id=asked.id,
            gift_id=gift.id,
            quantity=quantity,
            purpose="赠送来宾",
            department_id=visit.department_id,
        )
        stage.file(wish, clerk, stage.now)
        if k == 5:
            continue  # a draft
        stage.step(wish, "submit", clerk, stage.now)
        if k in (0, 2):
            stage.decide(wish, stage.now)
            assert wish.status == GiftRequestState.APPROVED
        if k == 2:
            stage.do(wish, "issue", "office", stage.now)
        if k == 3:
            stage.do(wish, "return", head, stage.now, comment="请换成画册或茶礼。")
        if k == 4:
            stage.do(wish, "reject", head, stage.now, comment="已另有礼品。")


# ── Callers without an appointment ───────────────────────────────────────────────────────────────
def callers(stage, past):
    """Some of the days before, and this morning: received in the lobby, refused, or still waiting for the host."""
    for k, day in enumerate(past[-6:]):
        caller = stage.cast.callers[k % len(stage.cast.callers)]
        moment = stage.at(day, 10, 7 * k)
        visit = caller_at_the_desk(stage, caller, moment)
        if k == 1:
            stage.step(
                visit,
                "refuse",
                "front",
                moment,
                comment="被访人外出，来访人愿意改日再来。",
                refusal="host_unavailable",
                offer="next_appointment",
            )
        elif k == 3:
            stage.step(
                visit,
                "refuse",
                "front",
                moment,
                comment="拒绝登记，欲直接上楼，经劝阻离开。",
                refusal="refused_registration",
                measures="前台与保安当场劝阻，未报警，已记录。",
            )
        else:
            receive_caller(stage, visit, caller, moment, late=k == 4)
    moment = stage.past(stage.at(stage.today, 9, 20)) if stage.now > stage.at(stage.today, 8) else stage.now
    stage.do(caller_at_the_desk(stage, stage.cast.callers[0], moment), "register", "front", moment)
    name, _, organisation, _ = stage.cast.barred
    salesman = caller_at_the_desk(stage, (organisation, "推销", name, "office"), moment, unrelated_sales=True)
    stage.step(salesman, "refuse", "front", moment, comment="与公司项目无关的推销，且在禁入名单。", refusal="barred")


def caller_at_the_desk(stage, caller, moment, **more) -> Visit:
    organisation, purpose, name, host = caller
    user = stage.users[host]
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
        visit_kind="service" if stage.cast.key == "bank" else "other",
        department_id=user.department_id,
        needs=[],
        **more,
    )
    stage.file(visit, "front", moment, user.department_id)
    guest = db.session.scalar(sa.select(Visitor).where(Visitor.name == name)) or Visitor(
        name=name,
        organisation=organisation,
        department_id=visit.department_id,
        phone=f"137{10000000 + len(name) * 7919 + stage.turn * 104729 % 89999999}",
    )
    db.session.add(guest)
    db.session.flush()
    db.session.add(VisitGuest(visit_id=visit.id, visitor_id=guest.id, is_lead=True))
    db.session.flush()
    return visit


def receive_caller(stage, visit, caller, moment, late):
    stage.occasions[visit.id] = Occasion(visit.purpose, visit.visit_kind)
    stage.turn += 1
    stage.do(visit, "register", "front", moment)
    met = moment + timedelta(minutes=12 if late else 3)
    stage.do(visit, "confirm_host", caller[3], met)
    stage.step(
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
    stage.do(visit, "check_out", "front", met + timedelta(minutes=25))
    stage.step(visit, "close", caller[3], met + timedelta(minutes=40), outcome="done", record="在接待区办结。")


__all__ = ["PLACES", "PURPOSES", "live"]
