"""What receptions cost and what is given: dinners asked for, claimed and settled; wine and gifts out of the stock."""

from datetime import timedelta
from decimal import Decimal

import sqlalchemy as sa

from core.clock import local_day
from core.money import CENT
from models import Category, Expense, Gift, GiftRequest, HospitalityRequest, MealPeriod, Visit, db
from workflow import VISIT, ExpenseState, HospitalityState


def dinner(history, case):
    """The dinner afterwards: asked for, eaten, claimed; some above the cap, with their reason."""
    if case.offset < -12 and history.turn % 4 == 3:
        return
    visit, clerk = case.visit, case.clerk
    asked_at = history.at(case.day - timedelta(days=1), 10, case.serial % 60)
    request = dinner_request(history, case)
    history.file(request, clerk, asked_at)
    history.step(request, "submit", clerk, asked_at)
    history.decide(request, asked_at)
    with_wine = history.company.wine and (visit.rank or 9) < 4 and history.turn % 2 == 0
    wine = issue_wine(history, case, request, asked_at) if with_wine else None
    filed = history.past(history.at(case.day + timedelta(days=2), 15, case.serial % 60))
    expense = dinner_expense(history, case, request, wine)
    history.file(expense, clerk, filed)
    if case.offset <= -4:
        settle(history, case, expense, filed)


def escorts_for(guests: int) -> int:
    """So many of the company's own people as the rules allow."""
    return 1 if guests < 5 else 2


def dinner_request(history, case) -> HospitalityRequest:
    """The request of the day before; now and then for more than is usual."""
    visit, guests = case.visit, len(case.visit.guests)
    usual = history.turn % 9 or history.company.key == "factory"
    return HospitalityRequest(
        visit_id=visit.id,
        category=Category.MEAL,
        organisation=visit.organisation,
        purpose="工作晚宴",
        planned_on=case.day,
        guests=guests,
        escort_count=escorts_for(guests),
        amount=Decimal(120 * guests) if usual else Decimal(2400),
        department_id=visit.department_id,
    )


def dinner_expense(history, case, request, wine) -> Expense:
    """The bill, with its invoice; not stored."""
    visit, guests, company = case.visit, len(case.visit.guests), history.company
    amount = bill(history, case)
    place = company.places[case.serial % len(company.places)]
    history.invoice += 7919
    return Expense(
        visit_id=visit.id,
        hospitality_id=request.id,
        organisation=visit.organisation,
        category=Category.MEAL,
        meal_period=MealPeriod.DINNER,
        incurred_on=case.day,
        place=place,
        guests=guests,
        escort_count=escorts_for(guests),
        escort_names=history.users[case.clerk].name,
        invoice_no=str(history.invoice),
        invoice_date=case.day,
        payee=place + "餐饮有限公司",
        amount=amount,
        tax=(amount * Decimal("0.0566")).quantize(CENT),
        wine_request_id=wine.id if wine else None,
        attachments=2,
        department_id=visit.department_id,
    )


def bill(history, case) -> Decimal:
    """What the dinner cost in CNY; above the cap now and then, where there is one."""
    company, visit = history.company, case.visit
    allowed = Decimal(company.spending.get(visit.rank, 130) * len(visit.guests))
    over = company.spending and history.turn % 7 == 2
    share = Decimal("1.18") if over else Decimal("0.62")
    return (allowed * share + Decimal(case.serial % 100) / 100).quantize(CENT)


def settle(history, case, expense, filed):
    """The expense on its way to the voucher, as far as the days allow."""
    history.step(expense, "submit", case.clerk, filed)
    if case.offset == -4:
        return
    if case.offset == -8:
        history.do(expense, "return", case.head, filed + timedelta(hours=1), comment="请补附菜单明细。")
        return
    history.decide(expense, filed)
    if case.offset > -7:
        return
    verified = history.past(filed + timedelta(days=2))
    history.do(expense, "verify", "finance", verified, approved_amount=expense.amount)
    if case.offset <= -12 and expense.status == ExpenseState.VERIFIED:
        paid = history.past(verified + timedelta(days=3))
        voucher = f"记-{case.serial + 100:04d}"
        history.do(expense, "settle", "finance", paid, voucher_no=voucher, settled_on=history.day(paid))


def issue_wine(history, case, request, moment) -> GiftRequest:
    """The company's own wine for the dinner, out of the stock and drunk up."""
    visit, clerk = case.visit, case.clerk
    gift = db.session.scalar(sa.select(Gift).where(Gift.code == history.company.wine))
    wine = GiftRequest(
        visit_id=visit.id,
        hospitality_id=request.id,
        gift_id=gift.id,
        quantity=1,
        purpose="晚宴用酒",
        department_id=visit.department_id,
    )
    history.file(wine, clerk, moment)
    history.step(wine, "submit", clerk, moment)
    history.decide(wine, moment)
    history.do(wine, "issue", "office", moment)
    recipient = visit.guests[0].visitor.name
    history.do(wine, "close", "office", history.at(case.day, 20), recipient=recipient, quantity_returned=0)
    return wine


# ── Requests for guests to come ──────────────────────────────────────────────────────────────────
WISHES = (
    (Category.GIFT, "纪念品"),
    (Category.MEAL, "工作午餐"),
    (Category.MEAL, "欢迎晚宴"),
    (Category.MEAL, "茶歇"),
    (Category.MEAL, "签约晚宴"),
    (Category.MEAL, "工作午餐"),
)


def waiting_requests(history):
    """Hospitality and gifts for the guests to come: one in each state that people meet."""
    coming = db.session.scalar(
        sa.select(Visit)
        .where(
            Visit.status.in_(VISIT.coming),
            Visit.planned_start > history.at(history.today + timedelta(days=2), 0),
        )
        .order_by(Visit.planned_start)
        .limit(1)
    )
    for k, (category, purpose) in enumerate(WISHES if coming is not None else ()):
        amount = Decimal(400 if k == 0 else 90 * coming.guest_count + 700 * (k == 1))
        request = ask_for(history, coming, category, purpose, amount)
        if k != 1:  # a draft
            carry_on(history, coming, request, k)
    used = (
        sa.select(HospitalityRequest)
        .where(HospitalityRequest.status == HospitalityState.USED)
        .order_by(HospitalityRequest.id)
        .limit(12)
    )
    for request in db.session.scalars(used).all():
        history.do(request, "close", history.name_of(request.applicant_id), history.now)


def carry_on(history, visit, request, k):
    """The `k`th request submitted, and what became of it."""
    clerk, head = history.name_of(visit.applicant_id), history.head_of(visit)
    history.step(request, "submit", clerk, history.now)
    if k == 0:
        history.decide(request, history.now)
        souvenirs(history, visit, request, clerk, head)
    elif k == 3:
        history.do(request, "return", head, history.now, comment="请写明人数和地点。")
    elif k == 4:
        history.do(request, "reject", head, history.now, comment="在公司食堂安排即可。")
    elif k == 5:
        history.do(request, "withdraw", clerk, history.now, comment="来宾当日返程。")


def ask_for(history, visit, category, purpose, amount) -> HospitalityRequest:
    """A request for hospitality to the guests of `visit`, filed now."""
    request = HospitalityRequest(
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
    return history.file(request, history.name_of(visit.applicant_id), history.now)


def souvenirs(history, visit, request, clerk, head):
    """Gifts: approved, waiting for a signature, issued, sent back, rejected, a draft."""
    articles = history.company.souvenirs
    for k, (code, quantity) in enumerate([*articles, *articles[:1] * 4]):
        gift = db.session.scalar(sa.select(Gift).where(Gift.code == code))
        wish = GiftRequest(
            visit_id=visit.id,
            hospitality_id=request.id,
            gift_id=gift.id,
            quantity=quantity,
            purpose="赠送来宾",
            department_id=visit.department_id,
        )
        history.file(wish, clerk, history.now)
        if k == 5:
            continue  # a draft
        history.step(wish, "submit", clerk, history.now)
        if k in (0, 2):
            history.decide(wish, history.now)
        if k == 2:
            history.do(wish, "issue", "office", history.now)
        if k == 3:
            history.do(wish, "return", head, history.now, comment="请换成画册或茶礼。")
        if k == 4:
            history.do(wish, "reject", head, history.now, comment="已另有礼品。")
