"""Some months of receptions, lived day by day through the workflow itself, and two weeks still to come."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa

from clauses.words import Channel, CustomerClass, VisitCategory
from core.clock import today as company_today
from demo.afterwards import everything_else
from demo.callers import callers
from demo.carry import (
    History,
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
from demo.money import dinner, waiting_requests
from demo.people import FACTORY, Company
from engine import compliance
from facts import notices
from models import REQUESTS, Customer, Dispatch, RoomBooking, Visit, VisitEscort, VisitGuest, db
from workflow import BookingState, DispatchState

BACK, AHEAD = 56, 14
"""The days of the history before today and after it."""
DRAFT, WITHDRAWN, RETURNED, URGED, HALF_DECIDED, APPROVED = 10, 9, 8, 7, 6, 5
NO_SHOW, CANCELLED, RESCHEDULED, REJECTED = -6, -9, -13, -20
"""Receptions that take another course, by the working days from today."""
UNSIGNED, UNTICKED = (2, 3, 4), (3, 4)
"""Receptions to come whose notice not everybody has signed for, whose checklist is not done."""
RESTLESS = 4
"""The one whose escorts change after the notice has gone out."""
CHANNELS = (Channel.PHONE, Channel.WECHAT, Channel.EMAIL, Channel.LETTER)
CONSENTS = ("同意。", "", "请注意安全。")


def live(company: Company = FACTORY, today: date | None = None) -> None:
    """Play the history around `today` (the company's day). The caller commits."""
    history = History(company, today or company_today())
    days = [history.today + timedelta(days=n) for n in range(-BACK, AHEAD + 1)]
    past = [day for day in days if day < history.today and day.weekday() < 5]
    coming = [day for day in days if day > history.today and day.weekday() < 5]
    # Counted in working days from today, so that every situation is there whatever the weekday.
    counted = [*((n - len(past), day) for n, day in enumerate(past)), (0, history.today), *enumerate(coming, 1)]
    for offset, day in counted:
        for n in range(2 if offset in (0, 1) else 1):
            reception(history, day, offset, n)
    callers(history, past)
    waiting_requests(history)
    everything_else(history)
    db.session.flush()
    judge_anew(history)


def judge_anew(history):
    """How each open request stands, now that everything around it is there."""
    for model in REQUESTS.values():
        for row in db.session.scalars(sa.select(model).where(model.status.not_in(list(model.process.over)))).all():
            compliance.refresh(row, history.actor("office", history.now))


# ── A reception ──────────────────────────────────────────────────────────────────────────────────
@dataclass
class Reception:
    """One reception: its day, `offset` working days from today, its number `serial`, and who files and decides it."""

    day: date
    offset: int
    serial: int
    customer: Customer
    clerk: str
    head: str
    filed: datetime
    visit: Visit | None = None


def reception(history, day, offset, n):
    """One reception on `day`: as far along as the day it is today allows."""
    history.turn += 1
    case = planned(history, day, offset, n)
    case.visit = visit = apply(history, case)
    approved = decide(history, case) if offset != DRAFT else None
    if approved is None:
        return  # still a draft, or nobody has approved it
    if offset == APPROVED:
        if "room" in visit.needs:
            book_room(history, visit, approved, confirm=False)
        if "car" in visit.needs:
            send_car(history, visit, approved, assign=False)
        return  # its notice is to be issued
    if offset == CANCELLED:
        history.do(visit, "cancel", case.clerk, approved + timedelta(hours=1), comment="客户取消行程。")
        return
    prepare(history, case, approved)
    if offset <= 0:
        receive(history, case, approved)


def planned(history, day, offset, n) -> Reception:
    """Whom the reception is for, and who files it when."""
    serial = (offset + BACK) * 2 + n
    customer = history.customers[((offset + BACK) * 5 + n * 7) % len(history.customers)]
    department = "sales" if customer.department_id == history.departments["SAL"].id else "tech"
    clerk = department + "2" if serial % 5 == 4 else department
    days_before = history.random.choice((3, 4, 6))
    filed = history.at(day - timedelta(days=days_before), 9 + serial % 7, serial * 7 % 60)
    if filed > history.now:
        filed = history.now - timedelta(hours=serial % 20 + 2)
    return Reception(day, offset, serial, customer, clerk, f"{department}_head", filed)


def decide(history, case) -> datetime | None:
    """The application submitted and decided; gives the moment of the approval, or None where there is none (yet)."""
    visit, offset, submitted = case.visit, case.offset, history.past(case.filed + timedelta(minutes=20))
    history.step(visit, "submit", case.clerk, submitted, ("received_by",) if history.turn % 11 == 3 else ())
    later = history.past(submitted + timedelta(hours=1))
    if offset == RETURNED:
        history.do(visit, "return", case.head, later, comment="请补充参观路线和陪同人员。")
    elif offset == WITHDRAWN:
        history.do(visit, "withdraw", case.clerk, later, comment="客户改期。")
    elif offset == URGED:
        history.do(visit, "urge", case.clerk, history.now)
    elif offset >= HALF_DECIDED:
        if offset == HALF_DECIDED and len(visit.chain) > 1:
            history.do(visit, "approve", case.head, later)
    elif offset == REJECTED:
        rejected = submitted + timedelta(hours=2)
        history.do(visit, "reject", case.head, rejected, comment="近期检修，暂不接待。")
    else:
        return history.decide(visit, submitted, CONSENTS[history.turn % 3])
    return None


def receive(history, case, approved):
    """The day itself: the guests come, stay away or come another day; what follows when they have gone."""
    visit, offset = case.visit, case.offset
    if offset == NO_SHOW:
        history.do(visit, "no_show", "front", visit.planned_end)
    elif offset == RESCHEDULED:
        history.do(
            visit,
            "reschedule",
            case.clerk,
            approved + timedelta(hours=2),
            new_start=history.at(case.day + timedelta(days=40), 10),
            comment="对方高铁停运。",
        )
    elif come_and_go(history, case):
        if offset < -1:
            wind_up(history, case)
        elif offset == -1:  # all but the guests' opinion is there
            visit.outcome, visit.record = history.occasions[visit.id].outcome, "待补充。"
            visit.recorded_at = history.now


# ── The application ──────────────────────────────────────────────────────────────────────────────
def apply(history, case) -> Visit:
    """The application, as the form would have it, with guests, escort and letter."""
    company, customer = history.company, case.customer
    suiting = [occasion for occasion in company.occasions if occasion.suits(customer)]
    occasion, known = suiting[history.turn % len(suiting)], history.guests[customer.id]
    guests = known[: min(len(known), 2 + case.serial % 3)]
    visit = application(history, case, occasion, guests)
    history.file(visit, case.clerk, case.filed)
    history.occasions[visit.id] = occasion
    for k, guest in enumerate(guests):
        db.session.add(VisitGuest(visit_id=visit.id, visitor_id=guest.id, is_lead=k == 0))
    db.session.add(VisitEscort(visit_id=visit.id, user_id=history.users[case.clerk].id, duty="接待"))
    db.session.flush()
    grade(history, case, visit)
    db.session.flush()
    db.session.expire(visit)
    if visit.rank == 1 or (visit.rank == 2 and company.key == "factory"):
        escort(history, visit, "exec")
    return visit


def application(history, case, occasion, guests) -> Visit:
    """The visit as its clerk fills it in; not stored."""
    customer, turn, lead = case.customer, history.turn, guests[0]
    start = history.at(case.day, 9 + case.serial % 6, 30 if case.serial % 2 else 0)
    needs = needs_of(history, occasion)
    return Visit(
        organisation=customer.name,
        customer_id=customer.id,
        category=category_of(customer),
        purpose=occasion.purpose,
        lead_guest=f"{lead.name} {lead.title}",
        lead_title=lead.title,
        guest_count=len(guests),
        planned_start=start,
        planned_end=start + timedelta(hours=3),
        host_id=history.users[case.clerk].id,
        letter_no="",
        budget=Decimal(600 + 200 * (turn % 4)),
        remarks="",
        department_id=customer.department_id,
        visit_kind=occasion.kind,
        channel=CHANNELS[turn % 4],
        contact=customer.contact,
        nights=occasion.nights,
        transport=f"G{7000 + turn}" if "car" in needs else "",
        needs=needs,
        sensitive=occasion.sensitive,
        requested_at=case.filed - timedelta(hours=turn % 5 + (30 if turn % 13 == 6 else 0)),
        area=area_of(history, occasion, needs),
        route_id=history.route.id if history.route and "tour" in needs and turn % 4 else None,
    )


def needs_of(history, occasion) -> list[str]:
    """What is to be arranged; now and then a car besides, where the company fetches its guests."""
    company, needs = history.company, list(occasion.needs)
    fetched = company.key == "factory" and company.station and "room" in needs and "car" not in needs
    return [*needs, "car"] if fetched and history.turn % 6 == 0 else needs


def category_of(customer) -> VisitCategory:
    if is_government(customer):
        return VisitCategory.OFFICIAL
    return VisitCategory.FOREIGN if customer.name.isascii() else VisitCategory.BUSINESS


def is_government(customer) -> bool:
    return customer.kind == CustomerClass.GOVERNMENT


def area_of(history, occasion, needs) -> str:
    if "tour" in needs and history.company.key == "factory":
        return "site"
    return "lobby" if occasion.kind == "service" else "office"


def grade(history, case, visit):
    """The level, who receives accordingly, and the letter that it asks for."""
    company, serial = history.company, case.serial
    rank = company.ranks.get(case.customer.name) or suggested_rank(history, visit, case.filed)
    if rank:
        visit.level_id = history.levels[rank].id
    by_president = case.offset == APPROVED and company.key == "bank"
    if by_president or (is_government(case.customer) and company.key != "factory"):
        visit.host_id = history.users["exec"].id
    if rank in company.letters:
        visit.letter_no, visit.budget = f"函〔2026〕{serial + 11} 号", Decimal(600 + 200 * (4 - rank))
        letter(history, visit, case.filed, "submit")


# ── From the approval to the farewell ────────────────────────────────────────────────────────────
def prepare(history, case, approved):
    """From the approval to the day before: rooms, cars, itinerary, notice, signatures, checklist."""
    company, visit, turn = history.company, case.visit, history.turn
    issuer = "office" if visit.rank in company.letters else case.clerk
    noticed = history.past(approved + timedelta(hours=1))
    leave = () if turn % 9 else ("arranged", "escorts_named", "guest_confirmed")
    if company.key == "sales":
        leave = leave[1:]  # Without a car no notice is issued there.
    if "arranged" not in leave:
        arrange(history, visit, approved, "notice")
    tasks = {history.departments[code].id: task for code, task in company.tasks.items()}
    history.step(visit, "issue_notice", issuer, noticed, leave, tasks=tasks)
    signed = history.past(noticed + timedelta(minutes=40))
    if case.offset not in UNSIGNED:
        sign(history, visit, signed, "notice")
    if case.offset in UNTICKED:
        tick("before", 4)(history, visit, signed, "ready")  # the rest is still to be done
        if case.offset == RESTLESS:
            escort(history, visit, "tech2")  # named after the notice: a change notice is to be sent
        return
    ready = history.past(max(signed, visit.planned_start - timedelta(hours=18)))
    if turn % 8 == 5 and case.offset < 0:
        return  # The guests came before everything was ticked: with a reason, at the door.
    see_to(history, visit, "ready", case.clerk, ready, ("notice_signed",))
    if notices.changes(visit):
        history.do(visit, "amend_notice", issuer, ready, comment="安排有补充，请按变动部分执行。")
        sign(history, visit, ready, "ready")
    history.step(visit, "ready", case.clerk, ready, ("notice_signed",))
    use_rooms(history, case)
    use_cars(history, case)


def use_rooms(history, case):
    """The rooms of a reception that is over: entered, left as they were found."""
    visit, clerk = case.visit, case.clerk
    bookings = sa.select(RoomBooking).where(
        RoomBooking.visit_id == visit.id, RoomBooking.status == BookingState.CONFIRMED
    )
    for booking in db.session.scalars(bookings).all():
        if visit.planned_end < history.now and case.offset < 0:
            history.do(booking, "start", clerk, visit.planned_start)
            history.do(booking, "restore", clerk, visit.planned_end, restored=True, comment="设备正常，已清理。")
            history.do(booking, "close", clerk, visit.planned_end)


def use_cars(history, case):
    """The cars that have left by now, and those that are back."""
    orders = sa.select(Dispatch).where(Dispatch.visit_id == case.visit.id, Dispatch.status == DispatchState.ASSIGNED)
    for order in db.session.scalars(orders).all():
        if order.out_planned < history.now:
            history.do(order, "depart", "office", order.out_planned)
        if order.back_planned < history.now:
            driven = order.odometer_out + 38 + history.turn % 30
            history.do(order, "come_back", "office", order.back_planned, odometer_back=driven)


def come_and_go(history, case) -> bool:
    """The guests at the door, in the house, and out again; False while they are not gone."""
    visit, turn = case.visit, history.turn
    arrival = visit.planned_start + timedelta(minutes=history.random.choice((-10, -3, 4, 12)))
    if arrival > history.now:
        return False  # Today: whoever was due by now has come; the rest is still expected.
    history.step(
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
    leaving = arrival + timedelta(hours=2, minutes=20 + case.serial % 40)
    if leaving > history.now:
        return False
    db.session.flush()
    db.session.expire(visit)
    forgotten = timedelta(minutes=95) if turn % 10 == 7 else timedelta()
    history.step(visit, "check_out", "front", leaving + forgotten)
    return True


def wind_up(history, case):
    """The record, what came of it, and the dinner's bill."""
    visit, turn, company = case.visit, history.turn, history.company
    occasion = history.occasions[visit.id]
    moment = history.past(visit.planned_end + timedelta(hours=3 if turn % 4 else 20))
    leave = {4: ("cards_collected", "questions_recorded"), 2: ("feedback_collected", "required_fields")}
    left_undone = leave.get(turn % 7, ())
    if turn % 3 == 0 and not left_undone:
        # Good habits, whether a clause asks for them or not.
        for habit in (ask, feedback, card):
            habit(history, visit, moment, "close")
        if occasion.outcome in ("demand", "doubts", "agreed"):
            follow_up(history, visit, moment, "close")
    impression, follower = company.records[turn % len(company.records)], history.users[case.clerk].name
    if case.offset != -2 or company.key != "factory":
        history.step(
            visit,
            "close",
            case.clerk,
            moment,
            left_undone,
            outcome=str(occasion.outcome),
            record=f"来宾 {visit.guest_count} 人，{occasion.purpose}；{impression}，后续由{follower}跟进。",
        )
    dinner(history, case)
