"""Finance's expense CSV: the columns of the ledger, streamed at constant memory (domain.md §5)."""

from collections.abc import Iterator
from decimal import Decimal

import sqlalchemy as sa
from flask import Response, abort, request, stream_with_context
from flask_admin import expose
from flask_babel import force_locale, gettext

from models import Account, Approval, Department, Expense, GiftRequest, HospitalityRequest, ReceptionLevel, User, Visit, db  # noqa: F401
from money import cny_upper, per_guest, quantize
from panel.exports import attachment_headers, scan, stream_csv
from panel.i18n import local, show, tr
from tables.money import Category, MealPeriod
from tables.visits import VisitCategory
from workflow import ExpenseState

HEADER = ("序号", "报销单号", "来访单号", "行政接待申请单号", "公函号", "报销日期", "发生日期", "餐别", "来访单位", "接待类别", "接待等级", "主宾", "来宾人数", "陪同人数",
          "陪同人员", "地点", "费用类型", "发票号码", "开票日期", "收款方", "价税合计", "税额", "酒水领用金额", "人均金额", "人均标准", "超标金额", "超标原因", "依据条款",
          "核定金额", "金额大写", "部门编码", "部门", "科目编码", "报销人", "附件张数", "审批人与时间", "状态", "结算日期", "凭证号", "备注")


def statement(conditions):
    """The rows of the file in booking order: by day, then number."""
    return (sa.select(Expense.id, Expense.number, Visit.number, HospitalityRequest.number, Visit.letter_no, Expense.created_at, Expense.incurred_on,
                      Expense.meal_period, Expense.organisation, Visit.category, ReceptionLevel.code, Visit.lead_guest, Expense.guests, Expense.escort_count,
                      Expense.escort_names, Expense.place, Expense.category, Expense.invoice_no, Expense.invoice_date, Expense.payee, Expense.amount, Expense.tax,
                      Expense.wine_amount, Expense.cap, Expense.over_cap_reason, Expense.cap_clause, Expense.approved_amount, Expense.department_id,
                      Expense.applicant_id, Expense.attachments, Expense.round, Expense.status, Expense.settled_on, Expense.voucher_no, Expense.remarks)
            .outerjoin(Visit, Visit.id == Expense.visit_id).outerjoin(HospitalityRequest, HospitalityRequest.id == Expense.hospitality_id)
            .outerjoin(ReceptionLevel, ReceptionLevel.id == Visit.level_id).where(*conditions).order_by(Expense.incurred_on, Expense.id))


def approvals_of(connection, ids: list[int]) -> dict[int, str]:
    """Who approved and when, per expense, of the round that counted, in the order of the steps."""
    decider, behalf = sa.orm.aliased(User), sa.orm.aliased(User)
    found: dict[int, list[str]] = {}
    rows = connection.execute(sa.select(Approval.subject_id, decider.name, behalf.name, Approval.decided_at).join(decider, decider.id == Approval.decider_id)
                              .outerjoin(behalf, behalf.id == Approval.on_behalf_of_id).join(Expense, sa.and_(Expense.id == Approval.subject_id, Expense.round == Approval.round))
                              .where(Approval.subject == "expense", Approval.subject_id.in_(ids), Approval.decision == "approved").order_by(Approval.subject_id, Approval.step))
    for key, name, other, at in rows:
        found.setdefault(key, []).append(f"{name}{f'（代{other}）' if other else ''} {local(at):%Y-%m-%d %H:%M}")
    return {key: "; ".join(names) for key, names in found.items()}


def expense_rows(conditions, engine=None) -> Iterator[list]:
    """The rows of finance's file as lists in the order of HEADER, in Chinese whatever the reader's language."""
    engine = engine or db.engine
    with engine.connect() as connection:
        departments = {i: (code, name) for i, code, name in connection.execute(sa.select(Department.id, Department.code, Department.name))}
        users = dict(connection.execute(sa.select(User.id, User.name)).all())
        accounts = dict(connection.execute(sa.select(Account.category, Account.code)).all())
        with force_locale("zh_Hans_CN"):
            words = {kind: {c: tr(c) if str(c) else "" for c in kind} for kind in (MealPeriod, VisitCategory, Category, ExpenseState)}
        connection.rollback()
        serial = 0
        for part in scan(engine, statement(conditions)):
            approvals = approvals_of(connection, [row[0] for row in part])
            for (key, number, visit, hospitality, letter, created, on, meal, organisation, visit_category, level, lead, guests, escorts, escort_names, place, category,
                 invoice, invoice_date, payee, amount, tax, wine, cap, reason, clause, approved, department, applicant, attachments, _, status, settled, voucher,
                 remarks) in part:
                serial += 1
                total = amount + (wine or 0)
                excess = max(Decimal(0), total - cap * guests) if cap is not None else Decimal(0)
                final = approved if approved is not None else amount
                yield [serial, number, visit, hospitality, letter, local(created).date(), on, words[MealPeriod].get(meal, ""), organisation,
                       words[VisitCategory].get(visit_category, ""), level, lead, guests, escorts, escort_names, place, words[Category][category], invoice, invoice_date,
                       payee, amount, tax, wine, per_guest(total, guests), cap, quantize(excess), reason, clause, approved, cny_upper(final), *departments[department],
                       accounts.get(category, ""), users[applicant], attachments, approvals.get(key, ""), words[ExpenseState][status], settled, voucher, remarks]
            connection.rollback()


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
        from panel.i18n import today
        return Response(stream_with_context(stream_csv(HEADER, expense_rows(conditions), encoding)),
                        headers=attachment_headers(f"接待费用-{today():%Y%m%d}.csv", "text/csv; charset=" + ("gbk" if encoding == "gbk" else "utf-8")))

    def extra_exports(self):
        from panel.access import can
        return [(self.get_url(".finance_csv", **self.kept_args()), gettext("Finance CSV"))] if can("expense:finance_csv") else []


__all__ = ["FinanceCSV", "HEADER", "expense_rows", "show", "GiftRequest"]
