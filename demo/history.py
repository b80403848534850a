"""Some months of receptions, lived day by day through the workflow itself, and two weeks still to come."""

import random
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import sqlalchemy as sa

import engine
from models import (
    Category, Customer, Department, Dispatch, Driver, Evidence, EvidenceKind, Expense, Gift, GiftRequest, HospitalityRequest, MealPeriod, MeetingRoom, Notice, NoticeReceipt, RoomBooking, User,
    Vehicle, Visit, VisitCategory, VisitEscort, VisitGuest, Visitor, db,
)
from panel.i18n import today as company_today, zone
from rulebook import levels
from workflow import BookingState, ExpenseState, GiftRequestState, HospitalityState, VisitState

PURPOSES = ("参观生产线并洽谈年度合作", "新能源电池样品评审", "供应商现场审核", "设备安装调试交流", "技术方案研讨", "校企合作座谈", "质量问题现场分析", "年度框架协议签约", "媒体采访与工厂参观",
            "政府调研智能制造", "外协加工能力考察", "新品发布会前期沟通")
PLACES = ("得月楼", "松鹤楼", "公司食堂贵宾厅", "金鸡湖凯宾斯基", "吴地人家")
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
BACK, AHEAD = 75, 14


class Stage:
    """The cast and the clock of the history: everything that happens happens at a stated moment."""

    def __init__(self, today):
        self.today, self.random = today, random.Random(20261123)
        self.users = {u.username: u for u in db.session.scalars(sa.select(User))}
        self.customers = db.session.scalars(sa.select(Customer).order_by(Customer.id)).all()
        self.guests = {c.id: db.session.scalars(sa.select(Visitor).where(Visitor.customer_id == c.id).order_by(Visitor.id)).all() for c in self.customers}
        self.levels = {level.rank: level for level in levels(None)}
        self.departments = {d.code: d for d in db.session.scalars(sa.select(Department))}
        self.now = datetime.now(UTC)
        self.invoice = 24312000000100000000

    def at(self, day, hour, minute=0):
        return datetime.combine(day, time(hour, minute), zone()).astimezone(UTC)

    def actor(self, username, moment):
        return self.users[username].actor(moment, company_today(moment))

    def do(self, row, name, username, moment, **data):
        return engine.advance(row, name, self.actor(username, moment), data)


def live(today=None) -> None:
    """Play the history around `today` (the company's day). The caller commits."""
    stage = Stage(today or company_today())
    days = [stage.today + timedelta(days=n) for n in range(-BACK, AHEAD + 1)]
    past = [d for d in days if d < stage.today and d.weekday() < 5]
    coming = [d for d in days if d > stage.today and d.weekday() < 5]
    # Counted in working days from today, so that every situation is there whatever the weekday.
    for offset, day in [(i - len(past), d) for i, d in enumerate(past)] + [(0, stage.today)] + [(i, d) for i, d in enumerate(coming, 1)]:
        for n in range(2 if offset in (0, 1) else 1):
            receive(stage, day, offset, n)
    loose_ends(stage)
    db.session.flush()


def receive(stage, day, offset, n):
    """One reception on `day`: as far along as the day it is today allows."""
    pick = stage.random
    serial = (offset + BACK) * 2 + n
    customer = stage.customers[((offset + BACK) * 5 + n * 7) % len(stage.customers)]
    rank = {"government": 1 if "省" in customer.name else 2, "media": 3, "partner": 3, "important": 3}.get(str(customer.kind), 4)
    clerk, head = ("sales", "sales_head") if customer.department_id == stage.departments["SAL"].id else ("tech", "tech_head")
    if serial % 5 == 4:
        clerk += "2"
    filed = stage.at(day - timedelta(days=pick.choice((3, 4, 6))), 9 + serial % 7, serial * 7 % 60)
    if filed > stage.now:
        filed = stage.now - timedelta(hours=serial % 20 + 2)
    guests = stage.guests[customer.id][: 2 + serial % 3]
    start = stage.at(day, 9 + serial % 6, 30 if serial % 2 else 0)
    visit = Visit(organisation=customer.name, customer_id=customer.id, category=VisitCategory.OFFICIAL if rank < 3 else VisitCategory.FOREIGN if customer.name.isascii() else VisitCategory.BUSINESS,
                  purpose=PURPOSES[serial % len(PURPOSES)], level_id=stage.levels[rank].id, lead_guest=f"{guests[0].name} {guests[0].title}", guest_count=len(guests),
                  planned_start=start, planned_end=start + timedelta(hours=3), host_id=stage.users[clerk].id, letter_no=f"函〔2026〕{serial + 11} 号" if rank < 4 else "",
                  budget=Decimal(600 + 200 * (4 - rank)), remarks="", department_id=customer.department_id)
    engine.file(visit, stage.actor(clerk, filed))
    for k, guest in enumerate(guests):
        db.session.add(VisitGuest(visit_id=visit.id, visitor_id=guest.id, is_lead=k == 0))
    db.session.add(VisitEscort(visit_id=visit.id, user_id=stage.users[clerk].id, duty="接待"))
    if rank == 1 or rank == 2:
        db.session.add(VisitEscort(visit_id=visit.id, user_id=stage.users["exec"].id, duty="陪同"))
    if rank < 4:
        import hashlib
        db.session.add(Evidence(visit_id=visit.id, kind=EvidenceKind.LETTER, reference=visit.letter_no, issuer=customer.name, sealed=True, filename="来访函.pdf",
                                media_type="application/pdf", size=len(PDF), sha256=hashlib.sha256(PDF).hexdigest(), content=PDF, created_at=filed))
    db.session.flush()
    if offset == 10:
        return  # still a draft
    reasons = {"advance_notice": "对方行程临时确定，已电话沟通。"}
    later = min(filed + timedelta(minutes=20), stage.now)
    stage.do(visit, "submit", clerk, later, reasons=reasons)
    if offset == 8:
        stage.do(visit, "return", head, min(later + timedelta(hours=1), stage.now), comment="请补充参观路线和陪同人员。")
        return
    if offset == 9:
        stage.do(visit, "withdraw", clerk, min(later + timedelta(hours=1), stage.now), comment="客户改期。")
        return
    if offset >= 6:
        if offset == 6:
            stage.do(visit, "approve", head, min(later + timedelta(hours=1), stage.now))
        if offset == 7:
            stage.do(visit, "urge", clerk, stage.now)
        return  # waiting for somebody
    if offset == -20:
        stage.do(visit, "reject", head, later + timedelta(hours=2), comment="近期产线检修，暂不接待。")
        return
    moment = later
    while visit.status == VisitState.SUBMITTED:
        moment = min(moment + timedelta(hours=1, minutes=13), stage.now)
        who = {"dept_head": head, "admin_head": "office_head", "executive": "exec", "admin_office": "office"}[str(visit.open_step.role)]
        stage.do(visit, "approve", who, moment, comment=("同意。", "", "请注意安全。")[serial % 3])
    if offset == 5:
        return  # approved, notice to be issued
    if offset == -9:
        stage.do(visit, "cancel", clerk, moment + timedelta(hours=1), comment="客户取消行程。")
        return
    resources(stage, visit, clerk, moment, day, serial, offset)
    noticed = min(moment + timedelta(hours=1), stage.now)
    stage.do(visit, "issue_notice", "office" if rank < 4 else clerk, noticed, tasks={stage.departments["ADM"].id: "会议室、茶水、欢迎牌", stage.departments["TEC"].id: "准备产线参观讲解"})
    for receipt in db.session.scalars(sa.select(NoticeReceipt).join(Notice).where(Notice.visit_id == visit.id)).all():
        signer = {stage.departments["ADM"].id: "office", stage.departments["TEC"].id: "tech_head", stage.departments["SAL"].id: "sales_head"}[receipt.department_id]
        if offset < 3:
            stage.do(receipt, "sign", signer, min(noticed + timedelta(minutes=40), stage.now))
    if offset > 0:
        return
    if offset == -6:
        stage.do(visit, "no_show", "front", visit.planned_end)
        return
    if offset == -13:
        stage.do(visit, "reschedule", clerk, moment + timedelta(hours=2), new_start=stage.at(day + timedelta(days=40), 10), comment="对方高铁停运。")
        return
    arrival = start + timedelta(minutes=pick.choice((-10, -3, 4, 12)))
    if offset == 0:
        # Today: whoever was due by now has come; the rest is still expected.
        if arrival > stage.now:
            return
    stage.do(visit, "check_in", "front", arrival, identity=True, badges={g.id: f"F{g.id % 90 + 10:03d}" for g in visit.guests})
    leaving = arrival + timedelta(hours=2, minutes=20 + serial % 40)
    if leaving > stage.now:
        return
    db.session.expire(visit)
    stage.do(visit, "check_out", "front", leaving)
    if offset > -2:
        return
    stage.do(visit, "close", clerk, leaving + timedelta(hours=3), record=f"来宾 {len(guests)} 人，{visit.purpose}；对方对现场管理评价良好，后续由{stage.users[clerk].name}跟进。")
    money(stage, visit, clerk, head, day, serial, offset, guests)


def resources(stage, visit, clerk, moment, day, serial, offset):
    """A room for most, a car for the farther ones."""
    rooms = db.session.scalars(sa.select(MeetingRoom).order_by(MeetingRoom.id)).all()
    room = rooms[(serial % 3) + 1]
    booking = RoomBooking(room_id=room.id, visit_id=visit.id, subject=f"{visit.organisation} 接待", starts_at=visit.planned_start, ends_at=visit.planned_end,
                          attendees=min(visit.guest_count + 2, room.capacity), needs="茶水、投影、桌签", department_id=visit.department_id)
    engine.file(booking, stage.actor(clerk, moment))
    if offset < 4:
        try:
            with db.session.begin_nested():
                stage.do(booking, "confirm", "office", moment)
        except engine.Refused as refusal:
            stage.do(booking, "decline", "office", moment, comment=str(refusal.reason))
    if booking.status == BookingState.CONFIRMED and visit.planned_end < stage.now and offset < 0:
        stage.do(booking, "start", clerk, visit.planned_start)
        stage.do(booking, "restore", clerk, visit.planned_end, restored=True, comment="设备正常，已清理。")
        stage.do(booking, "close", clerk, visit.planned_end)
    if serial % 3 == 0:
        order = Dispatch(visit_id=visit.id, reason=f"接送{visit.organisation}", pick_up="苏州北站", destination="公司", flight=f"G{7000 + serial}", passengers=visit.guest_count,
                         out_planned=visit.planned_start - timedelta(hours=1), back_planned=visit.planned_start, department_id=visit.department_id)
        engine.file(order, stage.actor(clerk, moment))
        if offset < 3:
            vehicle = db.session.scalars(sa.select(Vehicle).order_by(Vehicle.id)).all()[serial % 2 * 2 if serial % 6 else 0]
            driver = db.session.scalars(sa.select(Driver).order_by(Driver.id)).all()[serial % 3]
            stage.do(order, "assign", "office", moment, vehicle=vehicle.id, driver=driver.id)
            if order.back_planned < stage.now:
                stage.do(order, "depart", "office", order.out_planned)
                stage.do(order, "come_back", "office", order.back_planned, odometer_back=order.odometer_out + 38 + serial % 30)


def money(stage, visit, clerk, head, day, serial, offset, guests):
    """The dinner afterwards: asked for, eaten, claimed; some above the cap, with their reason."""
    if serial % 4 == 3:
        return
    moment = stage.at(day - timedelta(days=1), 10, serial % 60)
    escorts = 1 if len(guests) < 5 else 2
    asked = HospitalityRequest(visit_id=visit.id, category=Category.MEAL, organisation=visit.organisation, purpose="工作晚宴", planned_on=day, guests=len(guests), escort_count=escorts,
                               amount=Decimal(120 * len(guests)), department_id=visit.department_id)
    engine.file(asked, stage.actor(clerk, moment))
    stage.do(asked, "submit", clerk, moment)
    approve_all(stage, asked, head, moment)
    wine = None
    if visit.rank < 4 and serial % 2 == 0:
        gift = db.session.scalar(sa.select(Gift).where(Gift.code == "W002"))
        wine = GiftRequest(visit_id=visit.id, hospitality_id=asked.id, gift_id=gift.id, quantity=1, purpose="晚宴用酒", department_id=visit.department_id)
        engine.file(wine, stage.actor(clerk, moment))
        stage.do(wine, "submit", clerk, moment)
        approve_all(stage, wine, head, moment)
        stage.do(wine, "issue", "office", moment)
        stage.do(wine, "close", "office", stage.at(day, 20), recipient=guests[0].name, quantity_returned=0)
    filed = min(stage.at(day + timedelta(days=2), 15, serial % 60), stage.now)
    cap = {1: 500, 2: 300, 3: 200, 4: 150}[visit.rank]
    over = serial % 7 == 2
    amount = (Decimal(cap * len(guests)) * (Decimal("1.18") if over else Decimal("0.62")) + Decimal(serial % 100) / 100).quantize(Decimal("0.01"))
    stage.invoice += 7919
    expense = Expense(visit_id=visit.id, hospitality_id=asked.id, organisation=visit.organisation, category=Category.MEAL, meal_period=MealPeriod.DINNER, incurred_on=day,
                      place=PLACES[serial % len(PLACES)], guests=len(guests), escort_count=escorts, escort_names=stage.users[clerk].name, invoice_no=str(stage.invoice),
                      invoice_date=day, payee=PLACES[serial % len(PLACES)] + "餐饮有限公司", amount=amount, tax=(amount * Decimal("0.0566")).quantize(Decimal("0.01")),
                      wine_request_id=wine.id if wine else None, attachments=2, department_id=visit.department_id)
    engine.file(expense, stage.actor(clerk, filed))
    if offset > -4:
        return
    stage.do(expense, "submit", clerk, filed, reasons={"spending_cap": "客户高层临时加入，菜品按其习惯增加。"})
    if offset == -4:
        return
    if offset == -8:
        stage.do(expense, "return", head, filed + timedelta(hours=1), comment="请补附菜单明细。")
        return
    approve_all(stage, expense, head, filed)
    if offset > -7:
        return
    done = min(filed + timedelta(days=2), stage.now)
    stage.do(expense, "verify", "finance", done, approved_amount=expense.amount)
    if offset > -12:
        return
    if expense.status == ExpenseState.VERIFIED:
        stage.do(expense, "settle", "finance", min(done + timedelta(days=3), stage.now), voucher_no=f"记-{serial + 100:04d}", settled_on=company_today(min(done + timedelta(days=3), stage.now)))


def approve_all(stage, row, head, moment):
    while row.status == "submitted":
        moment = min(moment + timedelta(hours=1), stage.now)
        who = {"dept_head": head, "admin_head": "office_head", "executive": "exec", "admin_office": "office"}[str(row.open_step.role)]
        stage.do(row, "approve", who, moment)


def loose_ends(stage):
    """What a front desk and an approver find this morning: a walk-in waiting, a salesman refused, gifts to issue."""
    moment, users = min(stage.now, stage.at(stage.today, 9, 20)), stage.users
    if moment < stage.at(stage.today, 8):
        moment = stage.now
    walk_in = Visit(organisation="苏州汇通物流有限公司", purpose="送样品，找工艺工程师", guest_count=1, planned_start=moment, planned_end=moment + timedelta(hours=1), host_id=users["tech"].id,
                    walk_in=True, area="lobby", lead_guest="唐师傅", department_id=users["tech"].department_id)
    salesman = Visit(organisation="某保健品公司", purpose="推销", guest_count=1, planned_start=moment, planned_end=moment + timedelta(hours=1), host_id=users["office"].id, walk_in=True,
                     unrelated_sales=True, lead_guest="胡一刀", department_id=users["office"].department_id)
    for visit, name in ((walk_in, "唐师傅"), (salesman, "胡一刀")):
        engine.file(visit, stage.actor("front", moment), visit.department_id)
        guest = db.session.scalar(sa.select(Visitor).where(Visitor.name == name)) or Visitor(name=name, organisation=visit.organisation, department_id=visit.department_id)
        db.session.add(guest)
        db.session.flush()
        db.session.add(VisitGuest(visit_id=visit.id, visitor_id=guest.id, is_lead=True))
        db.session.flush()
    stage.do(walk_in, "register", "front", moment)
    stage.do(salesman, "refuse", "front", moment, comment="与公司项目无关的推销，且在禁入名单。")
    visit = db.session.scalar(sa.select(Visit).where(Visit.status == VisitState.NOTIFIED, Visit.planned_start > stage.now).order_by(Visit.planned_start))
    if visit is None:
        return
    clerk = db.session.get(User, visit.applicant_id).username
    head = "sales_head" if clerk.startswith("sales") else "tech_head"
    asked = HospitalityRequest(visit_id=visit.id, category=Category.GIFT, organisation=visit.organisation, purpose="纪念品", planned_on=company_today(visit.planned_start), guests=visit.guest_count,
                               escort_count=1, amount=Decimal(400), department_id=visit.department_id)
    engine.file(asked, stage.actor(clerk, stage.now))
    stage.do(asked, "submit", clerk, stage.now)
    approve_all(stage, asked, head, stage.now)
    assert asked.status == HospitalityState.APPROVED
    for code, quantity in (("G003", 2), ("G002", 1)):
        gift = db.session.scalar(sa.select(Gift).where(Gift.code == code))
        wish = GiftRequest(visit_id=visit.id, hospitality_id=asked.id, gift_id=gift.id, quantity=quantity, purpose="赠送来宾", department_id=visit.department_id)
        engine.file(wish, stage.actor(clerk, stage.now))
        stage.do(wish, "submit", clerk, stage.now)
        if code == "G003":
            approve_all(stage, wish, head, stage.now)
            assert wish.status == GiftRequestState.APPROVED
