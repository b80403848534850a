"""The journey of issue and of life: a visit from application to closed record and finance's CSV, in a real browser.

The approvers use a screen 390 pixels wide. It runs against a served application, on both databases.
"""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.browsing import Person
from tests.conftest import company_day, local_time


def test_from_application_to_finances_csv(chromium, served, tmp_path):
    url, office = served
    letter = tmp_path / "公函.pdf"
    letter.write_bytes(b"%PDF-1.4\n%%EOF\n")
    start = datetime.now(UTC) + timedelta(hours=3)
    if local_time(start)[:10] != str(company_day()):
        start = datetime.now(UTC) + timedelta(minutes=1)  # late in the evening: the front desk lists today's guests

    # Sales files an A-level visit with its sealed letter, two guests and an escort, and submits it.
    sales = Person(chromium, url, "sales")
    sales.go("/admin/visit/new/")
    page = sales.page
    sales.look_up("customer", "恒远新能源")
    page.fill("#purpose", "参观电池生产线")
    page.select_option("#level", label="A 重要")
    page.fill("#planned_start", local_time(start))
    page.fill("#planned_end", local_time(start + timedelta(hours=3)))
    page.fill("#guest_names", "沈国栋，总经理，13962100001\n高立军，采购总监，13962100002")
    for name in ("陈志远", "赵宏伟", "周建国"):
        sales.look_up("escort_users", name)
    page.fill("#letter_no", "函〔2026〕88 号")
    page.set_input_files("#evidence_file", str(letter))
    page.check("#evidence_sealed")
    sales.save()
    assert re.search(r"LF-\d{8}-0001", page.inner_text("h1"))
    visit = re.search(r"id=(\d+)", page.url).group(1)
    # The notice is short: R01-4.1 asks for a reason, right there.
    sales.press(".tools a:has-text('提交')")
    page.fill("#reason_advance_notice", "客户高层行程临时确定")
    sales.save()
    assert "审批中" in page.inner_text("h1")

    # Sales head, office head and executive approve on the phone, from their to-do list.
    for username in ("sales_head", "office_head", "exec"):
        phone = Person(chromium, url, username, width=390)
        phone.press(".card:has-text('待我审批') li a")
        assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
        phone.press(".tools a:has-text('同意')")
        phone.page.fill("#comment", "同意接待")
        phone.save()
        assert "同意接待" in phone.page.inner_text(".chain")
        phone.done()

    # The office issues the notice to itself and to tech.
    clerk = Person(chromium, url, "office")
    clerk.go(f"/admin/visit/details/?id={visit}")
    clerk.press(".tools a:has-text('发通知单')")
    clerk.page.fill("label:has-text('技术部的任务') + input", "产线讲解")
    clerk.save()
    assert "已发通知" in clerk.page.inner_text("h1") and "产线讲解" in clerk.page.inner_text("main")
    # What is to be prepared is ticked on the visit's page; then it is ready.
    while clerk.page.query_selector("#checklist .tick-item:not(.ticked)"):
        clerk.press("#checklist .tick-item:not(.ticked)")
    clerk.press(".tools a:has-text('准备就绪')")
    clerk.save()
    clerk.done()

    # The front desk lets both guests in with one click each, and out together.
    front = Person(chromium, url, "front")
    for _ in range(2):
        front.press(".arrival:has-text('恒远') .guests button:has-text('签到')")
    front.press(".arrival:has-text('恒远') button:has-text('全部签离')")
    assert "接待结束" in front.page.inner_text(".arrival:has-text('恒远')")
    front.done()

    # Sales records the reception and closes the visit.
    sales.go(f"/admin/visit/details/?id={visit}")
    sales.press(".tools a:has-text('归档')")
    page.fill("#record", "参观顺利，双方约定年内签约。")
    sales.save()
    assert "已归档" in page.inner_text("h1")

    # The dinner was above the cap: 700.55 for two guests against 300 each. Sales claims it with a reason.
    sales.go(f"/admin/expense/new/?visit={visit}")
    for field, value in {
        "place": "得月楼",
        "invoice_no": "24312000000188880001",
        "payee": "=得月楼餐饮",
        "amount": "700.55",
        "tax": "39.65",
        "attachments": "2",
        "escort_count": "1",
        "over_cap_reason": "客户高层临时加菜",
        "invoice_date": str(company_day()),
    }.items():
        page.fill(f"#{field}", value)
    page.select_option("#category", "meal")
    page.select_option("#meal_period", "dinner")
    sales.save()
    assert "R10-3.1" in page.inner_text("main") and "100.55" in page.inner_text("main")
    sales.press(".tools a:has-text('提交')")
    assert page.input_value("#reason_spending_cap") == "客户高层临时加菜"
    page.fill("#reason_banquet_application", "晚宴未提前申请，事后说明")
    sales.save()
    expense = re.search(r"id=(\d+)", page.url).group(1)
    sales.done()
    for username in ("sales_head", "exec"):
        phone = Person(chromium, url, username, width=390)
        phone.press(".card:has-text('待我审批') li a:has-text('FY-')")
        phone.press(".tools a:has-text('同意')")
        phone.save()
        phone.done()

    # Finance verifies, settles, and downloads the file.
    finance = Person(chromium, url, "finance")
    finance.press(".card:has-text('待核定费用') li a")
    finance.press(".tools a:has-text('核定')")
    finance.save()
    finance.press(".tools a:has-text('结算')")
    finance.page.fill("#voucher_no", "记-0042")
    finance.save()
    assert "已结算" in finance.page.inner_text("h1")
    finance.go("/admin/expense/")
    with finance.page.expect_download() as download:
        finance.page.click("a:has-text('财务 CSV')")
    raw = Path(download.value.path()).read_bytes()
    finance.done()
    assert raw.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(io.StringIO(raw.decode("utf-8-sig")))
    expected = {
        "序号": "1",
        "公函号": "函〔2026〕88 号",
        "报销日期": str(company_day()),
        "发生日期": str(company_day()),
        "餐别": "晚餐",
        "来访单位": "苏州恒远新能源有限公司",
        "接待类别": "商务",
        "接待等级": "A",
        "主宾": "沈国栋 总经理",
        "来宾人数": "2",
        "陪同人数": "1",
        "陪同人员": "陈志远、周建国、赵宏伟",
        "地点": "得月楼",
        "费用类型": "餐饮",
        "发票号码": "24312000000188880001",
        "开票日期": str(company_day()),
        "收款方": " =得月楼餐饮",
        "价税合计": "700.55",
        "税额": "39.65",
        "酒水领用金额": "0.00",
        "人均金额": "350.28",
        "人均标准": "300.00",
        "超标金额": "100.55",
        "超标原因": "客户高层临时加菜",
        "依据条款": "R10-3.1",
        "核定金额": "700.55",
        "金额大写": "柒佰元零伍角伍分",
        "部门编码": "SAL",
        "部门": "销售部",
        "科目编码": "6602.05.01",
        "报销人": "陈志远",
        "附件张数": "2",
        "状态": "已结算",
        "结算日期": str(company_day()),
        "凭证号": "记-0042",
        "备注": "",
    }
    assert {k: row[k] for k in expected} == expected
    assert re.fullmatch(r"周建国 \d{4}-\d\d-\d\d \d\d:\d\d; 赵宏伟 \d{4}-\d\d-\d\d \d\d:\d\d", row["审批人与时间"])
    assert (
        re.fullmatch(r"FY-\d{8}-0001", row["报销单号"])
        and re.fullmatch(r"LF-\d{8}-0001", row["来访单号"])
        and next(iter(row)) == "序号"
        and len(row) == 41
    )
    from models import Event, Expense

    assert office.status(Expense, int(expense)) == "settled"
    assert office.ask(sa.select(sa.func.count()).select_from(Event).where(Event.action == "export")) == 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("width", [390, 1280])
def test_every_screen_fits_and_keeps_the_content_policy(chromium, served, width):
    """Every list and form of every role: no wider than the screen, no script error, no request to another machine."""
    url, _ = served
    for username in ("front", "sales", "sales_head", "office", "office_head", "exec", "finance", "sysadmin"):
        person = Person(chromium, url, username, width)
        paths = {a.get_attribute("href") for a in person.page.query_selector_all(".side a")}
        for path in sorted(paths):
            person.go(path)
            new = person.page.query_selector(".head .tools a.btn-primary")
            if new:
                person.go(new.get_attribute("href"))
        person.done()
