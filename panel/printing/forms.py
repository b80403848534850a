"""The printed forms: what each consists of, in the words and the order that offices know (forms-and-exports.md)."""

from decimal import Decimal

from clauses.words import Need
from core.clock import today
from core.privacy import mask
from facts import notices
from facts.notices import of
from models import (
    Dispatch,
    Expense,
    Feedback,
    FollowUp,
    GiftRequest,
    ItineraryItem,
    Nda,
    Notice,
    RoomBooking,
    VisitQuestion,
)
from panel.i18n import show, tr
from panel.notices import differences
from panel.printing.blocks import FORMS, Badges, Fields, Prose, Rows, boxes, compliance, decided, form


def span(visit) -> str:
    return f"{show(visit.planned_start)} 至 {show(visit.planned_end)}"


def escorts(visit) -> str:
    return "、".join(f"{e.user.name}（{e.user.title or e.user.department.name}）" for e in visit.escorts)


def guests(visit) -> str:
    return "、".join(f"{g.visitor.name} {g.visitor.title}".strip() for g in visit.guests)


def level(visit) -> str:
    return f"{visit.level.code} {visit.level.name}（{visit.level.clause.citation}）" if visit.level else ""


def route(visit) -> str:
    return f"{visit.route.name}：{' → '.join(visit.route.stops)}" if visit.route else ""


def rooms(visit) -> str:
    return "；".join(f"{b.room.name} {show(b.starts_at)}（{tr(b.status)}）" for b in of(visit, RoomBooking))


def cars(visit) -> str:
    return "；".join(
        f"{show(d.out_planned)} {d.pick_up}—{d.destination}{f' {d.vehicle.plate}' if d.vehicle else ''}"
        for d in of(visit, Dispatch)
    )


def itinerary(visit, *kinds) -> str:
    return "；".join(
        f"{tr(i.kind)} {show(i.starts_at)} {i.place} {i.standard}".strip()
        for i in of(visit, ItineraryItem, ItineraryItem.starts_at)
        if not kinds or str(i.kind) in kinds
    )


def gifts(visit) -> str:
    return "；".join(f"{g.gift.name} × {g.quantity}" for g in of(visit, GiftRequest))


def needs(visit) -> str:
    return "、".join(tr(Need(n)) for n in visit.needs or ())


# ── Visits ───────────────────────────────────────────────────────────────────────────────────────
@form(
    "visit_application", "参观接待呈批表", "visit", permission="hospitalityrequest:read", when=lambda v: not v.walk_in
)
def visit_application(visit):
    sealed = [e for e in visit.evidence if e.sealed]
    letter = f"有（{len(visit.evidence)} 件，其中加盖公章 {len(sealed)} 件）" if visit.evidence else "无"
    return "", [
        Fields(
            ("填表日期", visit.created_at, 3),
            ("责任部门", visit.department.name, 3),
            ("经办人", visit.applicant.name, 3),
            ("接待类别", visit.category, 3),
            ("来访单位", visit.organisation, 6),
            ("公函", f"{letter}　{visit.letter_no}".strip(), 6),
            ("主宾姓名职务", visit.lead_guest, 3),
            ("来宾人数", visit.guest_count, 3),
            ("来宾名单", guests(visit), 6),
            ("来访事由", f"{tr(visit.visit_kind)}：{visit.purpose}", 6),
            ("接待等级与依据", level(visit), 6),
            ("来访时间", span(visit), 6),
            ("陪同领导", escorts(visit), 6),
            ("参观路线", route(visit), 6),
            ("会议室", rooms(visit), 6),
            ("用车", cars(visit), 6),
            ("用餐住宿", itinerary(visit, "meal", "lodging"), 6),
            ("礼品", gifts(visit), 3),
            ("预算（元）", visit.budget, 3),
            ("备注", visit.remarks, 6),
        ),
        *decided(visit),
    ]


@form("reception_notice", "参观接待通知单", "visit", when=lambda v: bool(of(v, Notice)))
def reception_notice(visit):
    issued, copies = of(visit, Notice), notices.receipts(visit)
    standing, notice = notices.standing(copies), issued[-1]
    unsigned = {copy.department for copy in copies if copy.signed_at is None}
    waiting = [d for d in dict.fromkeys(copy.department for copy in copies) if d in unsigned]
    return f"主送：{'、'.join(copy.department.name for copy in standing.values())}", [
        Fields(
            ("来访单位", visit.organisation, 3),
            ("来宾人数", visit.guest_count, 3),
            ("主宾", visit.lead_guest, 3),
            ("接待等级", level(visit), 3),
            ("起止时间", span(visit), 6),
            ("参观路线", route(visit), 6),
            ("陪同", escorts(visit), 6),
            ("会议室", rooms(visit), 6),
            ("用车", cars(visit), 6),
            ("用餐住宿", itinerary(visit, "meal", "lodging"), 3),
            ("礼品", gifts(visit), 3),
            ("签发", f"{notice.issued_by.name}　{show(notice.created_at)}", 3),
            ("负责人", visit.host.name, 3),
        ),
        tasks(visit, standing.values()),
        *(notice_changes(notice) for notice in issued if notice.changes),
        Prose(f"尚未签收：{'、'.join(d.name for d in waiting)}。" if waiting else "各部门均已签收。"),
    ]


def tasks(visit, copies) -> Rows:
    """What each department is to do, and who signed for it."""
    return Rows(
        ("部门", "任务", "完成时限", "负责人", "签收"),
        [
            (
                copy.department.name,
                copy.task or "知悉",
                copy.notice.due_at or visit.planned_start,
                copy.responsible.name if copy.responsible else "",
                f"{copy.signed_by.name} {show(copy.signed_at)}" if copy.signed_at else "未签收",
            )
            for copy in copies
        ],
        (4, 8, 4, 3, 5),
        "各部门任务与签收",
        left=(1,),
    )


def notice_changes(notice) -> Rows:
    """What a change notice told the departments."""
    return Rows(
        ("变更事项", "原通知", "现为"),
        differences(notice.changes),
        (4, 10, 10),
        f"变更通知　{notice.issued_by.name}　{show(notice.created_at)}",
        left=(1, 2),
    )


@form(
    "customer_visit_approval",
    "客户来访接待审批表",
    "visit",
    permission="hospitalityrequest:read",
    when=lambda v: not v.walk_in,
)
def customer_visit_approval(visit):
    picked = "接站" if "car" in (visit.needs or ()) else "不接站"
    return "", [
        Fields(
            ("来访单位", visit.organisation, 6),
            ("联系人", visit.contact, 3),
            ("主宾及职务", f"{visit.lead_guest} {visit.lead_title}".strip(), 3),
            ("来宾及职务", guests(visit), 6),
            ("人数", visit.guest_count, 2),
            ("来访时间", visit.planned_start, 2),
            ("住宿天数", visit.nights, 2),
            ("离开时间", visit.planned_end, 3),
            ("车次 / 航班", visit.transport, 3),
            ("来访目的", visit.purpose, 6),
            ("是否接站", picked, 3),
            ("接待等级", level(visit), 3),
            ("其他安排", needs(visit), 6),
            ("接待人", visit.host.name, 3),
            ("申请部门 / 经办人", f"{visit.department.name} {visit.applicant.name}", 3),
            ("预算（元）", visit.budget, 6),
        ),
        *decided(visit),
    ]


@form("visitor_register", "来访来客登记表", "visit", landscape=True)
def visitor_register(visit):
    rows, last = [], lambda g: g.checkins[-1] if g.checkins else None
    for n, guest in enumerate(visit.guests, 1):
        stay, who = last(guest), guest.visitor
        rows.append(
            (
                n,
                who.name,
                who.organisation,
                mask(who.identity_no) if who.identity_no else "",
                mask(who.phone) if who.phone else "",
                visit.host.name,
                visit.purpose,
                stay.badge_no if stay else "",
                show(stay.arrived_at)[5:] if stay else "",
                show(stay.left_at)[5:] if stay and stay.left_at else "",
                "已签" if guest.signed else "",
            )
        )
    return f"{visit.organisation}　{span(visit)}", [
        Rows(
            ("序号", "姓名", "单位", "证件", "电话", "被访人", "事由", "访客证", "进入", "离开", "签名"),
            rows,
            (1, 2, 4, 3, 2, 2, 4, 1, 2, 2, 1),
            blank=max(0, 6 - len(rows)),
            left=(2, 6),
        )
    ]


@form("visitor_badge", "访客证", "visit", when=lambda v: bool(v.guests))
def visitor_badge(visit):
    numbers = {g.id: g.checkins[-1].badge_no if g.checkins else "" for g in visit.guests}
    return "", [
        Badges(
            (
                g.visitor.name,
                [
                    ("单位", g.visitor.organisation or visit.organisation),
                    ("被访人", f"{visit.host.name} {visit.host.department.name}"),
                    ("区域", visit.area),
                    ("日期", show(visit.planned_start)[:10]),
                    ("证号", numbers[g.id]),
                ],
            )
            for g in visit.guests
        )
    ]


@form("settlement_sheet", "接待清单", "visit", permission="expense:read", landscape=True)
def settlement_sheet(visit):
    rows, total = [], Decimal(0)
    for e in of(visit, Expense, Expense.incurred_on, Expense.id):
        total += e.total
        rows.append(
            (
                e.incurred_on,
                tr(e.meal_period) if str(e.meal_period) else "",
                e.place,
                tr(e.category),
                e.guests,
                f"{e.escort_count}　{e.escort_names}".strip(),
                e.total,
                e.per_guest,
                e.cap if e.cap is not None else "",
                e.excess or "",
                e.invoice_no,
                show(e.settled_on),
            )
        )
    return f"{visit.organisation}　{span(visit)}", [
        Fields(("来宾（姓名 职务）", guests(visit), 6), ("我方陪同（姓名 职务）", escorts(visit), 6)),
        Rows(
            ("日期", "餐别", "地点", "项目", "来宾", "陪同", "费用", "人均", "标准", "超标", "发票", "报销日期"),
            rows,
            (2, 1, 3, 2, 1, 3, 2, 2, 2, 1, 3, 2),
            blank=0 if rows else 4,
            right=(6, 7, 8, 9),
            left=(2,),
        ),
        Fields(("合计（元，含公司酒水）", total, 6)),
        boxes("经办人", "部门负责人", "财务部"),
    ]


@form("reception_record", "接待记录", "visit")
def reception_record(visit):
    questions = of(visit, VisitQuestion)
    return "", [
        Fields(
            ("来访单位", visit.organisation, 6),
            ("来宾", guests(visit), 6),
            ("时间", span(visit), 6),
            ("接待人", visit.host.name, 3),
            ("陪同", escorts(visit), 3),
            ("事由", visit.purpose, 6),
            ("接待记录", visit.record, 6, 8),
            ("结果", tr(visit.outcome) if str(visit.outcome) else "", 3),
            ("记录时间", visit.recorded_at, 3),
        ),
        Rows(
            ("客户需求与问题", "负责人", "答复"),
            [(q.question, q.owner.name if q.owner else "", q.answer) for q in questions],
            (10, 4, 10),
            blank=0 if questions else 3,
            left=(0, 2),
        ),
        boxes("记录人", "部门负责人"),
    ]


@form("feedback_form", "来访反馈表", "visit")
def feedback_form(visit):
    feedbacks = of(visit, Feedback)
    blocks = [
        Fields(
            ("来访单位", visit.organisation, 6),
            ("来宾", guests(visit), 6),
            ("来访时间", span(visit), 6),
            ("接待人", visit.host.name, 6),
        )
    ]
    for feedback in feedbacks:
        blocks.append(
            Fields(
                ("满意度", f"{feedback.satisfaction} / 5", 3),
                ("日期", feedback.given_on, 3),
                ("需求", feedback.needs, 6, 3),
                ("意见与建议", feedback.opinion, 6, 4),
                ("转交部门", f"{feedback.passed_to.name} {show(feedback.passed_on)}" if feedback.passed_to else "", 6),
                ("处理结果", feedback.dealt_with, 6, 3),
            )
        )
    if not feedbacks:
        blocks.append(
            Fields(
                ("满意度", "□ 1　□ 2　□ 3　□ 4　□ 5（很满意）", 6),
                ("需求", "", 6, 4),
                ("意见与建议", "", 6, 6),
                ("联系方式", "", 6),
            )
        )
    return "感谢来访。请填写意见，我们将转交有关部门办理。", [*blocks, boxes("来宾签字")]


@form("nda", "保密协议", "visit")
def nda(visit):
    signed = of(visit, Nda)
    return "", [
        Fields(
            ("披露方（甲方）", "", 6),
            ("来访方（乙方）", visit.organisation, 6),
            ("来访人员", guests(visit), 6),
            ("来访时间", span(visit), 3),
            ("涉及事项", signed[-1].topics if signed else visit.purpose, 3),
        ),
        Prose(
            "一、乙方在来访期间看到、听到或取得的未公开资料，包括技术、工艺、价格、客户与经营信息，均为保密信息。",
            "二、乙方只为本次来访的目的使用保密信息，不复制、不拍摄、不录音，不向任何第三方透露；经甲方书面同意的除外。",
            "三、乙方离开时交还甲方提供的全部资料；保密义务自签署之日起生效，至有关信息依法公开时止。",
            "四、乙方违反上述约定的，应立即停止使用并赔偿甲方因此受到的损失。",
            heading="约定事项",
        ),
        Fields(
            ("签署人", signed[-1].signatory if signed else "", 3),
            ("签署日期", signed[-1].signed_on if signed else "", 3),
        ),
        boxes("甲方代表", "乙方代表"),
    ]


@form("negotiation_record", "客户洽谈记录表", "visit")
def negotiation_record(visit):
    talks, questions = of(visit, FollowUp), of(visit, VisitQuestion)
    rows = [(show(f.held_on), f.content, f.open_points, f.owner.name, show(f.next_on)) for f in talks]
    return "", [
        Fields(
            ("客户", visit.organisation, 6),
            ("来宾", guests(visit), 6),
            ("洽谈时间", span(visit), 3),
            ("洽谈人", visit.host.name, 3),
        ),
        Rows(
            ("日期", "洽谈内容", "待解决问题", "负责人", "下次回访"),
            rows,
            (3, 8, 7, 3, 3),
            "洽谈与回访",
            blank=max(0, 3 - len(rows)),
            left=(1, 2),
        ),
        Rows(
            ("客户提出的问题", "答复"),
            [(q.question, q.answer) for q in questions],
            (12, 12),
            blank=0 if questions else 3,
            left=(0, 1),
        ),
        Fields(("结果", tr(visit.outcome) if str(visit.outcome) else "", 6)),
        boxes("洽谈人", "部门负责人"),
    ]


# ── Other requests ───────────────────────────────────────────────────────────────────────────────
@form("hospitality_request", "行政接待申请表", "hospitalityrequest")
def hospitality_request(request):
    standard = Decimal(request.amount or 0) / max(1, request.guests)
    return "", [
        Fields(
            ("申请部门", request.department.name, 3),
            ("申请日期", request.submitted_at or request.created_at, 3),
            ("接待单位", request.organisation, 6),
            ("来宾人数", request.guests, 3),
            ("陪同人数", request.escort_count, 3),
            ("事由", request.purpose, 6),
            ("类型", request.category, 3),
            ("接待日期", request.planned_on, 3),
            ("人均标准（元）", standard.quantize(Decimal("0.01")), 3),
            ("预计费用（元）", request.amount, 3),
            ("关联来访", request.visit.number if request.visit else "", 3),
            ("申请人", request.applicant.name, 3),
        ),
        *decided(request),
    ]


@form("dispatch_order", "派车单", "dispatch")
def dispatch_order(order):
    return "", [
        Fields(
            ("日期", show(order.out_planned)[:10], 3),
            ("车号", order.vehicle.plate if order.vehicle else "", 3),
            ("用车人", order.applicant.name, 3),
            ("部门", order.department.name, 3),
            ("事由", order.reason, 6),
            ("接站地点", order.pick_up, 3),
            ("目的地", order.destination, 3),
            ("计划出车", order.out_planned, 3),
            ("计划返回", order.back_planned, 3),
            ("客户 / 联系人", order.contact, 3),
            ("识别方式", order.sign, 3),
            ("同行人数", order.passengers, 3),
            ("航班 / 车次", order.flight, 3),
            ("来访单号", order.visit.number if order.visit else "", 3),
            ("司机", order.driver.name if order.driver else "", 3),
        ),
        Rows(
            ("", "出车", "返回", "里程表（起）", "里程表（止）", "里程（公里）"),
            [
                (
                    "实际",
                    order.out_at,
                    order.back_at,
                    order.odometer_out,
                    order.odometer_back,
                    (order.odometer_back - order.odometer_out)
                    if order.odometer_back is not None and order.odometer_out is not None
                    else "",
                )
            ],
            (2, 5, 5, 4, 4, 4),
        ),
        boxes("部门负责人", "行政人事部", "司机签字"),
        compliance(order),
    ]


@form("goods_release", "物品放行条", "goodsrelease")
def goods_release(slip):
    released = f"{tr(slip.status)}"
    return "", [
        Fields(
            ("日期", slip.created_at, 3),
            ("来访单号", slip.visit.number, 3),
            ("来访单位", slip.visit.organisation, 6),
            ("携带人", slip.carrier, 3),
            ("经办部门 / 经办人", f"{slip.department.name} {slip.applicant.name}", 3),
            ("物品名称与数量", slip.items, 6, 5),
            ("事由", slip.reason, 6),
            ("放行情况", released, 6),
        ),
        boxes("部门负责人", "前台 / 保安", "携带人"),
    ]


@form("visit_plan", "客户拜访计划", "outboundplan", landscape=True)
def visit_plan(plan):
    rows = [
        (
            n,
            line.planned_on,
            line.customer.name,
            line.contact,
            tr(line.target),
            tr(line.purpose),
            line.goal,
            line.items,
            line.expected_cost,
        )
        for n, line in enumerate(plan.lines, 1)
    ]
    return f"{plan.month:%Y 年 %m 月}", [
        Fields(
            ("填表日期", plan.submitted_at or today(), 2),
            ("拜访人", f"{plan.applicant.name} {plan.applicant.title}", 2),
            ("部门", plan.department.name, 2),
        ),
        Rows(
            ("序号", "日期", "客户", "联系人", "客户状况", "目的", "预期目标", "携带物品", "预计费用"),
            rows,
            (1, 3, 4, 2, 2, 3, 4, 3, 2),
            blank=0 if rows else 5,
            right=(8,),
            left=(2, 6, 7),
        ),
        *decided(plan),
    ]


@form("visit_report", "客户拜访报告", "outboundvisit")
def visit_report(visit):
    promises = [(p.text, p.owner.name, show(p.due_on), show(p.settled_on)) for p in visit.commitments]
    return "", [
        Fields(
            ("客户", visit.customer.name, 6),
            ("联系人", visit.contact, 3),
            ("客户地址", visit.customer.address, 3),
            ("拜访日期", visit.planned_on, 3),
            ("报告日期", visit.reported_on, 3),
            ("拜访人", visit.applicant.name, 3),
            ("客户状况", visit.target, 3),
            ("目的", visit.purpose, 3),
            ("预期目标", visit.goal, 3),
            ("结果", visit.result, 6, 6),
            ("下一步", visit.next_step, 6, 2),
            ("费用（元）", visit.actual_cost, 6),
        ),
        Rows(("承诺事项", "负责人", "期限", "完成"), promises, (12, 4, 4, 4), blank=0 if promises else 3, left=(0,)),
        boxes("拜访人", "部门负责人"),
    ]


__all__ = ["FORMS"]
