"""Finance's expense CSV: the columns of the ledger, streamed at constant memory (domain.md §5)."""

import json
from collections.abc import Iterator

import sqlalchemy as sa
from flask import Response, abort, current_app, request, stream_with_context
from flask_admin import expose
from flask_babel import force_locale, gettext

from core.clock import today
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
from panel import csv_parts
from panel.access import can
from panel.csv_columns import Remembered
from panel.csv_parts import among, keys_for
from panel.i18n import tr
from panel.screens.money_lines import HEADER, ExpenseLines
from panel.streams import attachment_headers, stream_csv
from tables.money import Category, MealPeriod
from tables.visits import VisitCategory
from workflow import ExpenseState

LEDGER = "zh_Hans_CN"
"""The language of the file, whatever the reader's."""
ENCODINGS = {"": "utf-8-sig", "utf-8": "utf-8-sig", "gbk": "gbk"}


def cents(column):
    """An amount as whole cents: exact, and far cheaper to read by the million than Decimal."""
    return sa.cast(sa.func.round(column * 100), sa.BigInteger)


def text(column):
    """A date, a choice or a document as the database writes it, without making an object of each."""
    return sa.cast(column, sa.Text)


def minute(column):
    """A moment in UTC to the minute, as `panel.csv_columns.Clock` takes it."""
    return sa.func.substr(text(column), 1, 16)


EXPENSE = {
    "key": Expense.id,
    "number": Expense.number,
    "visit": Visit.number,
    "hospitality": HospitalityRequest.number,
    "letter": Visit.letter_no,
    "created": minute(Expense.created_at),
    "incurred_on": text(Expense.incurred_on),
    "meal": text(Expense.meal_period),
    "organisation": Expense.organisation,
    "visit_category": text(Visit.category),
    "level": ReceptionLevel.code,
    "lead": Visit.lead_guest,
    "guests": Expense.guests,
    "escorts": Expense.escort_count,
    "escort_names": Expense.escort_names,
    "place": Expense.place,
    "category": text(Expense.category),
    "invoice": Expense.invoice_no,
    "invoice_date": text(Expense.invoice_date),
    "payee": Expense.payee,
    "amount": cents(Expense.amount),
    "tax": cents(Expense.tax),
    "wine": cents(Expense.wine_amount),
    "cap": cents(Expense.cap),
    "reason": Expense.over_cap_reason,
    "clause": Expense.cap_clause,
    "approved": cents(Expense.approved_amount),
    "department": Expense.department_id,
    "applicant": Expense.applicant_id,
    "attachments": Expense.attachments,
    "round": Expense.round,
    "status": text(Expense.status),
    "settled_on": text(Expense.settled_on),
    "voucher": Expense.voucher_no,
    "remarks": Expense.remarks,
}
"""What the file says of each expense by itself, by the names that `ExpenseLines` knows it under."""


def rows_statement(dialect: str) -> sa.Select:
    return (
        sa.select(*(column.label(f"{name}_") for name, column in EXPENSE.items()))
        .select_from(Expense)
        .outerjoin(Visit, Visit.id == Expense.visit_id)
        .outerjoin(HospitalityRequest, HospitalityRequest.id == Expense.hospitality_id)
        .outerjoin(ReceptionLevel, ReceptionLevel.id == Visit.level_id)
        .where(among(Expense.id, dialect))
    )


def approvals_statement(dialect: str) -> sa.Select:
    """Who approved and when, of all rounds, in the order of the steps."""
    return (
        sa.select(
            Approval.subject_id,
            Approval.round,
            Approval.decider_id,
            Approval.on_behalf_of_id,
            minute(Approval.decided_at),
        )
        .where(Approval.subject == "expense", among(Approval.subject_id, dialect), Approval.decision == "approved")
        .order_by(Approval.subject_id, Approval.round, Approval.step)
    )


def findings_notes(dialect: str):
    """A function of connection and keys: what the adopted clauses found about each expense, the reason given behind
    it; one sentence per rule. They are translated here, once for all that read alike."""
    statements = [
        sa.select(model.subject_id, model.rule, text(model.clauses), model.msgid, text(model.values), model.explanation)
        .where(model.subject == "expense", among(model.subject_id, dialect))
        .order_by(model.id)
        for model in (RecordedFinding, CurrentFinding)
    ]
    sentences = Remembered(_sentence)

    def notes(connection: sa.Connection, keys: list[int]) -> dict[int, str]:
        by_rule: dict[int, dict[str, str]] = {}
        with force_locale(LEDGER):
            for statement in statements:
                for key, rule, *finding in connection.execute(statement, keys_for(keys, dialect)):
                    by_rule.setdefault(key, {})[rule] = sentences[tuple(finding)]
        return {key: "；".join(rules.values()) for key, rules in by_rule.items()}

    return notes


def _sentence(finding: tuple[str, str, str, str]) -> str:
    clauses, msgid, values, reason = finding
    sentence = f"{' '.join(json.loads(clauses))} {tr(unpacked({'msgid': msgid, 'values': json.loads(values)}))}"
    return f"{sentence}（理由：{reason}）" if reason else sentence


def words(connection: sa.Connection) -> dict:
    """What `ExpenseLines` is made with."""
    departments = connection.execute(sa.select(Department.id, Department.code, Department.name)).all()
    accounts = {str(stored): code for stored, code in connection.execute(sa.select(Account.category, Account.code))}
    with force_locale(LEDGER):
        meals, visits, categories, states = (
            [(str(choice), tr(choice) if str(choice) else "") for choice in choices]
            for choices in (MealPeriod, VisitCategory, Category, ExpenseState)
        )
    labels = {
        "meals": meals,
        "visits": [*visits, (None, "")],
        "categories": categories,
        "states": states,
        "codes": [(key, code) for key, code, _ in departments],
        "departments": [(key, name) for key, _, name in departments],
        "users": [tuple(user) for user in connection.execute(sa.select(User.id, User.name))],
        "accounts": [(category, accounts.get(category, "")) for category, _ in categories],
    }
    return {"sources": list(EXPENSE), "labels": labels, "zone": current_app.config["BABEL_DEFAULT_TIMEZONE"]}


def expense_csv(conditions, encoding: str, engine: sa.Engine | None = None) -> Iterator[bytes]:
    """Finance's file of the expenses that meet `conditions`, in booking order: by day, then number.

    `encoding` is utf-8-sig (people, Excel) or gbk (ledgers).
    """
    yield from stream_csv(HEADER, (), encoding)
    engine = engine or db.engine
    dialect = engine.dialect.name
    plan = csv_parts.Plan(
        keys=sa.select(Expense.id).where(*conditions).order_by(Expense.incurred_on, Expense.id),
        statements=[rows_statement(dialect), approvals_statement(dialect)],
        lines=ExpenseLines,
        words=words,
        notes=findings_notes(dialect),
        encoding="gbk" if encoding == "gbk" else "utf-8",
    )
    yield from csv_parts.stream(engine, plan)


class FinanceCSV:
    """Mixed into the expense screen: the ledger file of what the filters show."""

    @expose("/finance.csv")
    def finance_csv(self):
        """Period, department, category and status come from the list's filters; `encoding=gbk` for ledgers."""
        encoding = ENCODINGS.get(request.args.get("encoding", ""))
        if encoding is None:
            abort(404)
        args = self._get_list_extra_args()
        conditions = self.conditions(args.search, args.filters)
        self.log_export("finance.csv")
        return Response(
            stream_with_context(expense_csv(conditions, encoding)),
            headers=attachment_headers(
                f"接待费用-{today():%Y%m%d}.csv", "text/csv; charset=" + ("gbk" if encoding == "gbk" else "utf-8")
            ),
        )

    def extra_exports(self):
        return (
            [(self.get_url(".finance_csv", **self.kept_args()), gettext("Finance CSV"))]
            if can("expense:finance_csv")
            else []
        )
