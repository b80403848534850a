"""Lists: searching by words, filtering, paging without gaps or repeats, exporting; on both databases."""

import csv
import io
import re
from urllib.parse import quote

import openpyxl
import sqlalchemy as sa

from core.clock import now
from core.search import grams
from engine.audit import file
from models import Customer, User, Visit, db


def fill(office, count):
    """Visits of sales, several at the same minute, so that the order needs its tie-break."""
    from datetime import timedelta

    with office.app.app_context():
        user = db.session.scalar(sa.select(User).where(User.username == "sales"))
        moment = now().replace(microsecond=0)
        who = user.actor(moment, moment.date())
        for n in range(count):
            start = moment + timedelta(hours=n // 5)
            file(
                Visit(
                    organisation=f"华东新能源{n:03d}",
                    purpose="参观生产线" if n % 2 else "=1+1 商务洽谈",
                    guest_count=1,
                    planned_start=start,
                    planned_end=start + timedelta(hours=1),
                    host_id=user.id,
                    department_id=user.department_id,
                ),
                who,
            )
        db.session.commit()


def numbers(page) -> list[str]:
    return re.findall(r'col-number"[^>]*><a[^>]*>(LF-[\d-]+)', page)


def link(page, rel) -> str | None:
    found = re.search(rf'<a href="([^"]+)" rel="{rel}"', page)
    return found.group(1).replace("&amp;", "&") if found else None


def test_paging_forward_and_back_shows_every_row_once(office):
    fill(office, 47)
    seen, path = [], "/admin/visit/"
    pages = []
    while path:
        page = office.get("office", path).get_data(as_text=True)
        seen += numbers(page)
        pages.append(numbers(page))
        path = link(page, "next")
    assert len(seen) == 47 and len(set(seen)) == 47
    last = office.get("office", "/admin/visit/?last=1").get_data(as_text=True)
    assert numbers(last) == pages[-1]
    back, path = [numbers(last)], link(last, "prev")
    while path:
        page = office.get("office", path).get_data(as_text=True)
        back.append(numbers(page))
        path = link(page, "prev")
    assert [n for page in reversed(back) for n in page] == seen
    assert [
        n for k in range(3) for n in numbers(office.get("office", f"/admin/visit/?page={k}").get_data(as_text=True))
    ] == seen


def test_a_search_or_a_filter_keeps_the_order_and_the_length_of_the_page(office):
    kept = {"sort": "8", "desc": "1", "page_size": "50"}
    page = office.get("office", "/admin/visit/", query_string=kept).get_data(as_text=True)
    form = page.partition('class="query"')[2].partition("</form>")[0]
    assert dict(re.findall(r'type="hidden" name="(\w+)" value="(\w+)"', form)) == kept


def test_words_are_found_wherever_they_stand_and_numbers_by_their_beginning(office):
    fill(office, 7)
    number = office.ask(sa.select(Visit.number).order_by(Visit.id).limit(1))
    for query, count in (
        ("新能源", 7),
        ("华东", 7),
        ("商务洽谈", 4),
        ("东新 洽谈", 4),
        ("能源003", 1),
        ("源东", 0),
        ("不存在", 0),
        (number, 1),
        (number[:8], 7),
        (number.lower(), 1),
        ('"', 0),
        ("*", 0),
        ("新能源*", 7),
        ("' OR 1=1 --", 0),
        ("%", 0),
        ("_", 0),
        ("😀", 0),
    ):
        page = office.get("office", f"/admin/visit/?search={quote(query)}")
        assert page.status_code == 200 and len(numbers(page.get_data(as_text=True))) == count, query


def test_an_edited_row_is_found_by_its_new_words_only(office):
    with office.app.app_context():
        customer = db.session.scalar(sa.select(Customer).where(Customer.short_name == "科锐电子"))
        customer.name, customer.short_name = "深圳市蓝鲸光电有限公司", "蓝鲸"
        db.session.commit()
    assert "蓝鲸光电" in office.get("office", "/admin/customer/?search=" + quote("光电")).get_data(as_text=True)
    assert "蓝鲸光电" not in office.get("office", "/admin/customer/?search=" + quote("科锐")).get_data(as_text=True)


def test_grams_pair_chinese_and_keep_words():
    assert grams("华为技术 GmbH 8A") == "华为 为技 技术 gmbh 8a"
    assert grams("王") == "王" and grams("") == "" and grams("ＡＢＣ") == "abc"


def test_a_full_phone_number_finds_its_visitor_and_is_never_shown(office):
    visit = office.create_visit(guests="吴国平，总经理，139 1234 0001")
    page = office.get("office", "/admin/visitor/?search=13912340001").get_data(as_text=True)
    assert "吴国平" in page and "13912340001" not in re.sub(r'search(=|%3D)13912340001|value="13912340001"', "", page)
    stored = office.rows(sa.text("SELECT phone FROM visitor WHERE name = '吴国平'"))[0][0]
    assert "1391234" not in stored
    csv_text = office.get("office", "/admin/visitor/export/csv/").get_data(as_text=True)
    assert "吴国平" in csv_text and "13912340001" not in csv_text
    assert visit


def test_showing_a_number_in_full_takes_a_reason_and_is_on_the_audit_log(office):
    from models import Event, Visitor

    office.create_visit(guests="吴国平，总经理，13912340001")
    row = office.ask(sa.select(Visitor.id).where(Visitor.name == "吴国平"))
    assert office.post("sales", f"/admin/visitor/reveal/?id={row}", {"reason": "联系"}).status_code == 404
    assert "13912340001" not in office.client("front").post(
        f"/admin/visitor/reveal/?id={row}", data={"reason": ""}, follow_redirects=True
    ).get_data(as_text=True)
    assert "13912340001" in office.post(
        "front", f"/admin/visitor/reveal/?id={row}", {"reason": "客人遗失物品"}
    ).get_data(as_text=True)
    assert office.rows(sa.select(Event.note).where(Event.action == "reveal")) == [("客人遗失物品",)]


def test_filters_narrow_list_and_export_alike(office):
    fill(office, 6)
    office.create_visit(level="A")
    screen = office.app.extensions["screens"]["visit"]
    arg = next(
        f"flt{i}_{screen._filter_args and i}" for i, f in enumerate(screen._filters) if f.column.key == "level_id"
    )
    level = office.level("A")
    assert len(numbers(office.get("office", f"/admin/visit/?{arg}={level}").get_data(as_text=True))) == 1
    text = office.get("office", f"/admin/visit/export/csv/?{arg}={level}").get_data(as_text=True)
    assert len(list(csv.reader(io.StringIO(text)))) == 2


def test_exports_open_in_a_spreadsheet_without_running_anything(office):
    fill(office, 3)
    raw = office.get("office", "/admin/visit/export/csv/").get_data()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert len(rows) == 3 and rows[0]["单号"].startswith("LF-") and any(r["事由"] == " =1+1 商务洽谈" for r in rows)
    answer = office.get("office", "/admin/visit/export/xlsx/")
    assert "filename*=UTF-8''" in answer.headers["Content-Disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(answer.get_data())).active
    cells = [c for row in sheet.iter_rows() for c in row]
    assert sheet.max_row == 4 and not any(c.data_type == "f" for c in cells) and sheet.cell(1, 1).value == "单号"


def test_every_export_is_on_the_audit_log(office):
    from models import Event

    office.get("finance", "/admin/expense/finance.csv")
    office.get("office", "/admin/visit/export/csv/")
    assert [s for (s,) in office.rows(sa.select(Event.subject).where(Event.action == "export").order_by(Event.id))] == [
        "expense",
        "visit",
    ]


def test_the_ledgers_encoding_and_the_same_bytes_twice(office):
    visit = office.approved_visit("A")
    office.create_expense(visit=visit, amount="88.80")
    first = office.get("finance", "/admin/expense/finance.csv?encoding=gbk").get_data()
    assert (
        "得月楼" in first.decode("gbk")
        and first == office.get("finance", "/admin/expense/finance.csv?encoding=gbk").get_data()
    )
    assert office.get("finance", "/admin/expense/finance.csv?encoding=klingon").status_code == 404


def test_the_monthly_command_writes_the_same_rows(office, tmp_path):
    from tests.conftest import company_day

    visit = office.approved_visit("A")
    office.create_expense(visit=visit, amount="88.80")
    out = tmp_path / "费用.csv"
    run = office.app.test_cli_runner().invoke(
        args=["export", "expenses", "--from", str(company_day()), "--to", str(company_day()), "--out", str(out)]
    )
    assert run.exit_code == 0, run.output
    assert out.read_bytes() == office.get("finance", "/admin/expense/finance.csv").get_data()
    wrong = office.app.test_cli_runner().invoke(
        args=["export", "expenses", "--from", "2026-02-01", "--to", "2026-01-01", "--out", str(out)]
    )
    assert wrong.exit_code == 1 and "lies before" in wrong.output
