"""Exports: the bytes of finance's CSV, its parts and processes, and the files of every screen; on both databases."""

import csv
import io
import itertools
import os
import re
import signal
import threading
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask_babel import force_locale
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.clock import local
from core.money import cny_upper
from core.text import unpacked
from models import (
    Account,
    Approval,
    CurrentFinding,
    Expense,
    HospitalityRequest,
    RecordedFinding,
    User,
    Visit,
    db,
    writing,
)
from panel import csv_parts
from panel.csv_columns import Clock, lines, neutral, typed, written, yuan
from panel.i18n import tr
from panel.screens.money_csv import expense_csv
from tests.factories import Rows

DAY = date(2026, 3, 2)
# fmt: off
TITLES = (
    "序号", "报销单号", "来访单号", "行政接待申请单号", "公函号", "报销日期", "发生日期", "餐别", "来访单位",
    "接待类别", "接待等级", "主宾", "来宾人数", "陪同人数", "陪同人员", "地点", "费用类型", "发票号码",
    "开票日期", "收款方", "价税合计", "税额", "酒水领用金额", "人均金额", "人均标准", "超标金额", "超标原因",
    "依据条款", "核定金额", "金额大写", "部门编码", "部门", "科目编码", "报销人", "附件张数", "审批人与时间",
    "状态", "结算日期", "凭证号", "备注", "合规检查",
)
# fmt: on
texts = st.text(st.sampled_from("=+-@\t\r\n,;\"' .0a中é😀𠮷"), max_size=5)


# ── The cells of a line ──────────────────────────────────────────────────────────────────────────
@settings(suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(*[st.none() | texts] * 3), min_size=1))
def test_lines_are_what_the_csv_module_writes_of_neutral_cells(rows):
    buffer = io.StringIO()
    csv.writer(buffer).writerows([a, neutral(b), neutral(c)] for a, b, c in rows)
    first, second, third = zip(*rows, strict=True)
    assert lines([written(first), typed(second), typed(third)]) == buffer.getvalue()


@given(st.integers(-(10**12), 10**12))
def test_cents_are_written_as_decimals_are(cents):
    assert yuan([cents, None]) == [f"{Decimal(cents) / 100:.2f}", ""]


@given(
    st.sampled_from(["Asia/Shanghai", "Asia/Kolkata", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    st.datetimes(datetime(1985, 1, 1), datetime(2035, 1, 1)),
)
def test_the_clock_of_an_export_goes_as_the_companys(zone, moment):
    company = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    assert Clock(zone).times([str(moment)[:16]]) == [f"{company:%Y-%m-%d %H:%M}"]
    assert Clock(zone).days([str(moment)[:16]]) == [f"{company:%Y-%m-%d}"]


# ── The file, beside a plain reading of the same rows ────────────────────────────────────────────
def expected(conditions, encoding="utf-8-sig") -> bytes:
    """Finance's file by csv.writer over objects, one by one: what the quick way must give."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(TITLES)
    order = sa.select(Expense).where(*conditions).order_by(Expense.incurred_on, Expense.id)
    with force_locale("zh_Hans_CN"):
        for serial, row in enumerate(db.session.scalars(order), 1):
            writer.writerow([neutral(cell) for cell in expected_row(serial, row)])
    db.session.rollback()
    return buffer.getvalue().encode("utf-8-sig" if encoding == "utf-8-sig" else encoding, "replace")


def expected_row(serial, row):
    visit, cap = row.visit, row.cap
    account = db.session.scalar(sa.select(Account.code).where(Account.category == row.category))
    yield from (serial, row.number, visit and visit.number, row.hospitality and row.hospitality.number)
    yield from (visit and visit.letter_no, f"{local(row.created_at):%Y-%m-%d}", row.incurred_on)
    yield from (tr(row.meal_period) if row.meal_period else "", row.organisation, visit and tr(visit.category))
    yield from (visit and visit.level and visit.level.code, visit and visit.lead_guest, row.guests, row.escort_count)
    yield from (row.escort_names, row.place, tr(row.category), row.invoice_no, row.invoice_date, row.payee)
    yield from (f"{row.amount:.2f}", f"{row.tax:.2f}", f"{row.wine_amount:.2f}", f"{row.per_guest:.2f}")
    yield from ("", "") if cap is None else (f"{cap:.2f}", f"{row.excess:.2f}")
    approved = row.approved_amount
    yield from (row.over_cap_reason, row.cap_clause, "" if approved is None else f"{approved:.2f}")
    yield cny_upper(row.amount if approved is None else approved)
    yield from (row.department.code, row.department.name, account, row.applicant.name, row.attachments)
    yield "; ".join(expected_approvals(row))
    yield from (tr(row.status), row.settled_on, row.voucher_no, row.remarks, "；".join(expected_findings(row)))


def expected_approvals(row):
    for step in row.chain:
        if step.round == row.round and step.decision == "approved":
            behalf = f"（代{step.on_behalf_of.name}）" if step.on_behalf_of else ""
            yield f"{step.decider.name}{behalf} {local(step.decided_at):%Y-%m-%d %H:%M}"


def expected_findings(row):
    """The latest of each rule; what was recorded stands first."""
    by_rule = {}
    for model in (RecordedFinding, CurrentFinding):
        mine = sa.select(model).where(model.subject == "expense", model.subject_id == row.id).order_by(model.id)
        for finding in db.session.scalars(mine):
            sentence = tr(unpacked({"msgid": finding.msgid, "values": finding.values}))
            reason = f"（理由：{finding.explanation}）" if finding.explanation else ""
            by_rule[finding.rule] = f"{' '.join(finding.clauses)} {sentence}{reason}"
    return by_rule.values()


cents = st.integers(0, 10**12 - 1).map(lambda n: Decimal(n) / 100)
some_cents = st.sampled_from([Decimal(0), Decimal("88.80"), Decimal("0.01")]) | cents
days = st.integers(0, 2).map(lambda n: DAY + timedelta(days=n))
moments = st.datetimes(datetime(1986, 1, 1), datetime(2030, 1, 1)).map(lambda m: m.replace(tzinfo=UTC))
expenses = st.fixed_dictionaries(
    {
        "of_visit": st.booleans(),
        "of_request": st.booleans(),
        "created_at": moments,
        "incurred_on": days,
        "meal_period": st.sampled_from(["", "lunch", "dinner"]),
        "category": st.sampled_from(["meal", "lodging", "gift"]),
        "organisation": texts,
        "guests": st.integers(1, 9),
        "escort_count": st.integers(0, 9),
        "escort_names": texts,
        "place": texts,
        "invoice_date": st.none() | days,
        "payee": texts,
        "amount": cents.filter(bool),
        "wine_amount": some_cents,
        "cap": st.none() | some_cents,
        "cap_clause": texts,
        "over_cap_reason": texts,
        "approved_amount": st.none() | some_cents,
        "attachments": st.integers(0, 3),
        "status": st.sampled_from(["draft", "submitted", "settled"]),
        "settled_on": st.none() | days,
        "voucher_no": texts,
        "remarks": texts,
        "round": st.integers(0, 2),
        "approvals": st.lists(st.tuples(st.integers(1, 2), st.booleans(), moments), max_size=3),
        "findings": st.lists(st.tuples(st.sampled_from(["spending_cap", "late"]), texts, texts), max_size=2),
    }
)


class Books:
    """Expenses put into the database as they are, past forms and workflow."""

    def __init__(self, app):
        self.app = app
        with app.test_request_context():
            rows = Rows("sales")
            visit, request = rows.of(Visit), rows.of(HospitalityRequest)
            visit.letter_no, visit.lead_guest = "=公函，1", '"吴", 国平'
            event = rows.first(db.Model.registry._class_registry["Event"])
            self.visit, self.request, self.event = visit.id, request.id, event.id if event else None
            self.department, self.user = rows.user.department_id, rows.user.id
            self.others = db.session.scalars(sa.select(User.id).where(User.id != self.user).order_by(User.id)).all()
            db.session.commit()

    def fill(self, expenses) -> None:
        """These expenses and no others."""
        with self.app.app_context():
            for model in (Approval, CurrentFinding, RecordedFinding):
                db.session.execute(sa.delete(model).where(model.subject == "expense"))
            db.session.execute(sa.delete(Expense))
            for n, values in enumerate(expenses, 1):
                self.add(n, dict(values))
            db.session.commit()

    def add(self, n, values) -> None:
        approvals, findings = values.pop("approvals", ()), values.pop("findings", ())
        of_visit, of_request = values.pop("of_visit", False), values.pop("of_request", False)
        row = {"incurred_on": DAY, "amount": Decimal("300.00"), "guests": 2, "round": 1, "status": "settled"} | values
        db.session.execute(
            sa.insert(Expense).values(
                id=n,
                number=f"FY-{n:04d}",
                search_grams="",
                invoice_no=f"{n}-发票",
                applicant_id=self.user,
                department_id=self.department,
                visit_id=self.visit if of_visit else None,
                hospitality_id=self.request if of_request else None,
                **row,
            )
        )
        who = itertools.cycle(self.others)
        for step, (turn, behalf, at) in enumerate(approvals, 1):
            db.session.execute(
                sa.insert(Approval).values(
                    subject="expense",
                    subject_id=n,
                    round=turn,
                    step=step,
                    role="finance",
                    decision="approved" if step < 3 else "returned",
                    decider_id=next(who),
                    on_behalf_of_id=self.user if behalf else None,
                    opened_at=at,
                    decided_at=at,
                )
            )
        for rule, word, reason in findings:
            db.session.execute(
                sa.insert(CurrentFinding).values(
                    subject="expense",
                    subject_id=n,
                    day=DAY,
                    rule=rule,
                    severity="explain",
                    clauses=["R10-3.1"],
                    msgid="{count} escorts, at most {limit} are allowed.",
                    values={"count": word, "limit": "3"},
                    explanation=reason,
                )
            )


@pytest.fixture
def books(app):
    return Books(app)


def whole(conditions=(), encoding="utf-8-sig") -> bytes:
    return b"".join(expense_csv(conditions, encoding))


def split(monkeypatch, part):
    """From now on several processes format parts of so many rows."""
    monkeypatch.setattr(csv_parts, "SMALL", 0)
    monkeypatch.setattr(csv_parts, "PART", part)
    monkeypatch.setattr(csv_parts, "processors", lambda: 2)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(expenses, max_size=8), encoding=st.sampled_from(["utf-8-sig", "gbk"]))
def test_the_file_is_what_a_plain_reading_of_the_rows_gives(books, rows, encoding):
    books.fill(rows)
    with books.app.test_request_context():
        assert whole((), encoding) == expected((), encoding)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(expenses, min_size=1, max_size=9), part=st.integers(1, 4))
def test_several_processes_write_the_same_file(books, rows, part):
    books.fill(rows)
    with books.app.test_request_context(), pytest.MonkeyPatch.context() as monkeypatch:
        alone = whole()
        split(monkeypatch, part)
        assert whole() == alone == expected(())


@pytest.mark.parametrize("part", [1, 2, 7, 20, 1000])
def test_parts_keep_the_order_of_rows_of_one_day(books, monkeypatch, part):
    books.fill([{"incurred_on": DAY - timedelta(days=n // 18)} for n in range(20)])
    split(monkeypatch, part)
    with books.app.test_request_context():
        assert whole() == expected(())
        days = [row["发生日期"] for row in csv.DictReader(io.StringIO(whole().decode("utf-8-sig")))]
        assert days == sorted(days) and len(days) == 20


def test_filters_and_scope_decide_what_is_in_the_file(office, monkeypatch):
    books = Books(office.app)
    books.fill(
        [{"status": "draft" if n % 3 else "settled", "category": "gift" if n % 2 else "meal"} for n in range(12)]
    )
    split(monkeypatch, 2)
    screen = office.app.extensions["screens"]["expense"]
    status, category = (
        next(f"flt{i}_{i}" for i, f in enumerate(screen._filters) if f.column.key == key)
        for key in ("status", "category")
    )
    answer = office.get("finance", f"/admin/expense/finance.csv?{status}=settled&{category}=meal").get_data()
    with office.app.test_request_context():
        assert answer == expected([Expense.status == "settled", Expense.category == "meal"])
    assert len(answer.decode("utf-8-sig").splitlines()) == 3
    assert office.get("finance", "/admin/expense/finance.csv?search=不存在").get_data().count(b"\r\n") == 1
    assert {office.get(who, "/admin/expense/finance.csv").status_code for who in ("office", "exec", "sales")} == {404}


# ── One state of the database, whatever happens meanwhile ────────────────────────────────────────
@pytest.mark.parametrize("attempts", [csv_parts.ATTEMPTS, 0])
def test_what_is_written_during_an_export_is_wholly_in_it_or_not_at_all(books, monkeypatch, attempts):
    """With and without (0) the several processes having been able to begin together."""
    books.fill([{"remarks": "0", "findings": [("late", "0", "")]} for _ in range(12)])
    split(monkeypatch, 2)
    monkeypatch.setattr(csv_parts, "ATTEMPTS", attempts)
    stop = threading.Event()

    def write():
        with books.app.app_context():
            for n in itertools.count(1):
                if stop.is_set():
                    return
                db.session.execute(sa.update(Expense).values(remarks=str(n)))
                db.session.execute(sa.update(CurrentFinding).values(explanation=str(n)))
                db.session.commit()
                stop.wait(0.01)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        with books.app.test_request_context():
            for _ in range(5):
                rows = list(csv.DictReader(io.StringIO(whole().decode("utf-8-sig"))))
                reasons = {re.search("（理由：(.+)）", row["合规检查"])[1] for row in rows if "理由" in row["合规检查"]}
                states = reasons | {row["备注"] for row in rows}
                assert len(rows) == 12 and len(states) == 1
    finally:
        stop.set()
        writer.join()


@pytest.fixture
def hired(monkeypatch):
    """The workers that were started, in order."""
    workers = []

    class Noted(csv_parts.Worker):
        def __init__(self, engine):
            super().__init__(engine)
            workers.append(self)

    monkeypatch.setattr(csv_parts, "Worker", Noted)
    return workers


def begun(export):
    """The export once the first rows have come."""
    next(piece for piece in export if b"FY-" in piece)
    return export


def test_others_write_while_an_export_is_read(books, monkeypatch):
    books.fill([{}] * 12)
    split(monkeypatch, 2)
    with books.app.test_request_context():
        export = begun(expense_csv((), "utf-8-sig"))
        writing.set(True)
        db.session.execute(sa.update(Expense).values(remarks="neu"))
        db.session.commit()
        assert "neu" not in b"".join(export).decode()


def test_a_reader_who_leaves_ends_the_processes(books, monkeypatch, hired):
    books.fill([{}] * 12)
    split(monkeypatch, 2)
    with books.app.test_request_context():
        begun(expense_csv((), "utf-8-sig")).close()
        assert len(hired) == 2 and all(worker.process.returncode is not None for worker in hired)
        assert db.engine.pool.checkedout() == 0


def test_a_slow_reader_holds_the_work_back(books, monkeypatch, hired):
    books.fill([{}] * 40)
    split(monkeypatch, 1)
    asked, request_of = [], csv_parts.Worker.request

    def noted(worker, request):
        asked.append(request)
        request_of(worker, request)

    monkeypatch.setattr(csv_parts.Worker, "request", noted)
    with books.app.test_request_context():
        export = begun(expense_csv((), "utf-8-sig"))
        assert sum("keys" in request for request in asked) == 2
        assert b"".join(export).count(b"\r\n") == 39


def test_a_process_that_dies_breaks_the_export_off(books, monkeypatch, hired):
    books.fill([{}] * 40)
    split(monkeypatch, 2)
    with books.app.test_request_context():
        export = begun(expense_csv((), "utf-8-sig"))
        os.kill(hired[1].process.pid, signal.SIGKILL)
        with pytest.raises(csv_parts.WorkerEnded):
            list(export)
        assert all(worker.process.returncode is not None for worker in hired)
        assert db.engine.pool.checkedout() == 0


def test_a_stop_of_the_service_does_not_end_an_export_under_way(books, monkeypatch, hired):
    books.fill([{}] * 40)
    split(monkeypatch, 2)
    with books.app.test_request_context():
        export = begun(expense_csv((), "utf-8-sig"))
        for worker in hired:
            os.kill(worker.process.pid, signal.SIGTERM)
        assert b"".join(export).count(b"\r\n") == 38


def test_processes_end_with_the_one_that_started_them(books, monkeypatch, hired):
    books.fill([{}] * 4)
    with books.app.app_context():
        worker = csv_parts.Worker(db.engine)
    worker.process.stdin.close()
    assert worker.process.wait(30) == 0
    worker.stop()


# ── The files of every screen ────────────────────────────────────────────────────────────────────
def test_every_screens_file_shows_what_flask_admin_would_cell_by_cell(app):
    with app.app_context():
        for username in ("sales", "tech"):
            rows = Rows(username)
            for model in {screen.model for screen in app.extensions["screens"].values() if screen.model}:
                rows.of(model)
        db.session.commit()
    with app.test_request_context():
        for screen in app.extensions["screens"].values():
            if screen.model is None:
                continue
            order = screen.model.id.desc()
            plainly = [
                [screen.get_export_value(row, name) for name, _ in screen._export_columns]
                for row in db.session.scalars(sa.select(screen.model).order_by(order))
            ]
            db.session.rollback()
            quickly = [list(row) for row in screen._export_rows(sa.select(screen.model.id).order_by(order))]
            assert plainly and quickly == plainly, screen.key
