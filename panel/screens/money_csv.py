"""Finance's expense CSV: the columns of the ledger, streamed at constant memory (domain.md §5)."""

from collections.abc import Iterator
from datetime import UTC, datetime

import sqlalchemy as sa
from flask import Response, abort, request, stream_with_context
from flask_admin import expose
from flask_babel import force_locale, gettext

from core.clock import today, zone
from core.money import upper_of_cents
from core.text import unpacked
from models import (
    Account,
    Approval,
    CurrentFinding,
    Department,
    Expense,
    HospitalityRequest,
    ReceptionLevel,
    RecordedFinding,
    User,
    Visit,
    db,
)
from panel.i18n import tr
from panel.streams import attachment_headers, neutral, scan, stream_csv
from tables.money import Category, MealPeriod
from tables.visits import VisitCategory
from workflow import ExpenseState

HEADER = (
    "序号",
    "报销单号",
    "来访单号",
    "行政接待申请单号",
    "公函号",
    "报销日期",
    "发生日期",
    "餐别",
    "来访单位",
    "接待类别",
    "接待等级",
    "主宾",
    "来宾人数",
    "陪同人数",
    "陪同人员",
    "地点",
    "费用类型",
    "发票号码",
    "开票日期",
    "收款方",
    "价税合计",
    "税额",
    "酒水领用金额",
    "人均金额",
    "人均标准",
    "超标金额",
    "超标原因",
    "依据条款",
    "核定金额",
    "金额大写",
    "部门编码",
    "部门",
    "科目编码",
    "报销人",
    "附件张数",
    "审批人与时间",
    "状态",
    "结算日期",
    "凭证号",
    "备注",
    "合规检查",
)


def cents(column):
    """An amount as whole cents: exact, and far cheaper to read by the million than Decimal."""
    return sa.cast(sa.func.round(column * 100), sa.BigInteger)


def plain(column):
    """A date, a moment or a choice as the database keeps it, without making an object of each."""
    return sa.type_coerce(column, sa.types.NullType())


def statement(conditions):
    """The rows of the file in booking order: by day, then number."""
    e = Expense
    return (
        sa.select(
            e.id,
            e.number,
            Visit.number,
            HospitalityRequest.number,
            Visit.letter_no,
            plain(e.created_at),
            plain(e.incurred_on),
            plain(e.meal_period),
            e.organisation,
            plain(Visit.category),
            ReceptionLevel.code,
            Visit.lead_guest,
            e.guests,
            e.escort_count,
            e.escort_names,
            e.place,
            plain(e.category),
            e.invoice_no,
            plain(e.invoice_date),
            e.payee,
            cents(e.amount),
            cents(e.tax),
            cents(e.wine_amount),
            cents(e.cap),
            e.over_cap_reason,
            e.cap_clause,
            cents(e.approved_amount),
            e.department_id,
            e.applicant_id,
            e.attachments,
            plain(e.status),
            plain(e.settled_on),
            e.voucher_no,
            e.remarks,
        )
        .outerjoin(Visit, Visit.id == e.visit_id)
        .outerjoin(HospitalityRequest, HospitalityRequest.id == e.hospitality_id)
        .outerjoin(ReceptionLevel, ReceptionLevel.id == Visit.level_id)
        .where(*conditions)
        .order_by(e.incurred_on, e.id)
    )


def approvals_statement(ids):
    """Who approved and when, of the round that counted, in the order of the steps."""
    return (
        sa.select(Approval.subject_id, Approval.decider_id, Approval.on_behalf_of_id, plain(Approval.decided_at))
        .join(Expense, sa.and_(Expense.id == Approval.subject_id, Expense.round == Approval.round))
        .where(Approval.subject == "expense", Approval.subject_id.in_(ids), Approval.decision == "approved")
        .order_by(Approval.subject_id, Approval.step)
    )


def findings_of(connection, ids) -> dict[int, str]:
    """What the adopted clauses found about each expense, the reason given behind it; one sentence per rule."""
    found: dict[int, dict[str, str]] = {}
    for model in (RecordedFinding, CurrentFinding):
        for key, rule, clauses, msgid, values, reason in connection.execute(
            sa.select(model.subject_id, model.rule, model.clauses, model.msgid, model.values, model.explanation)
            .where(model.subject == "expense", model.subject_id.in_(ids))
            .order_by(model.id)
        ):
            sentence = tr(unpacked({"msgid": msgid, "values": values}))
            said = f"{' '.join(clauses)} {sentence}" + (f"（理由：{reason}）" if reason else "")
            found.setdefault(key, {})[rule] = said
    return {key: neutral("；".join(of.values())) for key, of in found.items()}


def yuan(amount: int | None) -> str:
    """Whole cents as 1234.50; nothing for nothing."""
    if amount is None:
        return ""
    return f"{amount // 100}.{amount % 100:02d}" if amount >= 0 else f"-{-amount // 100}.{-amount % 100:02d}"


class Clock(dict):
    """The company's time of a stored UTC moment, worked out once per minute that occurs (rows come day by day)."""

    def __init__(self):
        super().__init__()
        self.zone = zone()

    def __missing__(self, minute: str):
        if len(self) > 5_000:
            self.clear()
        moment = datetime.fromisoformat(minute).replace(tzinfo=UTC).astimezone(self.zone)
        local = self[minute] = f"{moment:%Y-%m-%d %H:%M}"
        return local


def expense_rows(conditions, engine=None) -> Iterator[list]:
    """The rows of finance's file as lists in the order of HEADER, in Chinese whatever the reader's language."""
    engine = engine or db.engine
    clock, serial = Clock(), 0
    with engine.connect() as connection:
        departments = {
            i: (code, name)
            for i, code, name in connection.execute(sa.select(Department.id, Department.code, Department.name))
        }
        users = dict(connection.execute(sa.select(User.id, User.name)).all())
        accounts = {str(c): code for c, code in connection.execute(sa.select(Account.category, Account.code))}
        with force_locale("zh_Hans_CN"):
            meals, visits, categories, states = (
                {str(c): tr(c) if str(c) else "" for c in kind}
                for kind in (MealPeriod, VisitCategory, Category, ExpenseState)
            )
        connection.rollback()
        for part in scan(engine, statement(conditions)):
            approved_by: dict[int, str] = {}
            for key, decider, behalf, at in connection.execute(approvals_statement([row[0] for row in part])):
                said = f"{users[decider]}{f'（代{users[behalf]}）' if behalf else ''} {clock[str(at)[:16]]}"
                approved_by[key] = f"{approved_by[key]}; {said}" if key in approved_by else said
            with force_locale("zh_Hans_CN"):
                found = findings_of(connection, [row[0] for row in part])
            connection.rollback()
            for (
                key,
                number,
                visit,
                hospitality,
                letter,
                created,
                on,
                meal,
                organisation,
                visit_category,
                level,
                lead,
                guests,
                escorts,
                escort_names,
                place,
                category,
                invoice,
                invoice_date,
                payee,
                amount,
                tax,
                wine,
                cap,
                reason,
                clause,
                approved,
                department,
                applicant,
                attachments,
                status,
                settled,
                voucher,
                remarks,
            ) in part:
                serial += 1
                total = amount + (wine or 0)
                code, name = departments[department]
                yield [
                    serial,
                    number,
                    visit,
                    hospitality,
                    neutral(letter),
                    clock[str(created)[:16]][:10],
                    str(on),
                    meals.get(meal, ""),
                    neutral(organisation),
                    visits.get(visit_category, ""),
                    level,
                    neutral(lead),
                    guests,
                    escorts,
                    neutral(escort_names),
                    neutral(place),
                    categories[category],
                    neutral(invoice),
                    invoice_date and str(invoice_date),
                    neutral(payee),
                    yuan(amount),
                    yuan(tax),
                    yuan(wine),
                    yuan((2 * total + guests) // (2 * guests)),
                    yuan(cap),
                    "" if cap is None else yuan(max(0, total - cap * guests)),
                    neutral(reason),
                    clause,
                    yuan(approved),
                    upper_of_cents(amount if approved is None else approved),
                    code,
                    neutral(name),
                    accounts.get(category, ""),
                    neutral(users[applicant]),
                    attachments,
                    approved_by.get(key, ""),
                    states[status],
                    settled and str(settled),
                    neutral(voucher),
                    neutral(remarks),
                    found.get(key, ""),
                ]


class FinanceCSV:
    """Mixed into the expense screen: the ledger file of what the filters show."""

    @expose("/finance.csv")
    def finance_csv(self):
        """Period, department, category and status come from the list's filters; `encoding=gbk` for ledgers."""
        encoding = {"": "utf-8-sig", "utf-8": "utf-8-sig", "gbk": "gbk"}.get(request.args.get("encoding", ""))
        if encoding is None:
            abort(404)
        args = self._get_list_extra_args()
        conditions = self.conditions(args.search, args.filters)
        self.log_export("finance.csv")
        return Response(
            stream_with_context(stream_csv(HEADER, expense_rows(conditions), encoding, safe=True)),
            headers=attachment_headers(
                f"接待费用-{today():%Y%m%d}.csv", "text/csv; charset=" + ("gbk" if encoding == "gbk" else "utf-8")
            ),
        )

    def extra_exports(self):
        from panel.access import can

        return (
            [(self.get_url(".finance_csv", **self.kept_args()), gettext("Finance CSV"))]
            if can("expense:finance_csv")
            else []
        )
