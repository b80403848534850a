"""Three companies on three sets of regulations: one visit through each, in a real browser, its chain, checklist and
forms as they say."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from models import Approval, ChecklistItem, Visit
from tests.browsing import Person
from tests.conftest import build, company_day, local_time


@pytest.fixture
def database(request, tmp_path):
    """A demo company before its first visit."""
    from commands import migrate
    from demo.company import load

    url = f"sqlite:///{tmp_path}/{request.param}.db"
    app = build({"SQLALCHEMY_DATABASE_URI": url, "SQLALCHEMY_ENGINE_OPTIONS": {}})
    with app.app_context():
        from models import db

        migrate()
        load(request.param)
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    return url


def soon():
    """A time today at which guests are expected, however late it is."""
    start = datetime.now(UTC) + timedelta(hours=2)
    return start if local_time(start)[:10] == str(company_day()) else datetime.now(UTC) + timedelta(minutes=2)


class Company:
    """A visit on its way through a company: who sits at which screen, and what the database says."""

    def __init__(self, browser, served):
        self.browser, (self.url, self.office) = browser, served
        self.people, self.visit = {}, None

    def at(self, username) -> Person:
        if username not in self.people:
            self.people[username] = Person(self.browser, self.url, username)
        return self.people[username]

    def file(self, customer, **fields):
        """Sales fills in the visit's form; what the clauses say of it stands beside it at once."""
        sales = self.at("sales")
        sales.go("/admin/visit/new/")
        page = sales.page
        for summary in page.query_selector_all("details.more summary"):
            summary.click()
        sales.look_up("customer", customer)
        for name, value in (
            {
                "planned_start": local_time(soon()),
                "planned_end": local_time(soon() + timedelta(hours=2)),
                "guest_count": "2",
            }
            | fields
        ).items():
            if name in ("level", "visit_kind", "area", "channel", "category"):
                page.select_option(f"#{name}", value=value) if name != "level" else page.select_option(
                    "#level", label=value
                )
            elif name == "needs":
                for need in value:
                    page.check(f"input[name=needs][value={need}]")
            elif name == "sensitive":
                page.check("#sensitive")
            elif name == "escorts":
                for person in value:
                    sales.look_up("escort_users", person)
            elif name == "letter":
                page.set_input_files("#evidence_file", value)
                page.check("#evidence_sealed")
            else:
                page.fill(f"#{name}", value)
        page.wait_for_selector(".live .steps li")
        self.beside = page.inner_text(".live")
        sales.save()
        self.visit = int(re.search(r"id=(\d+)", page.url).group(1))

    def open(self, username):
        person = self.at(username)
        person.go(f"/admin/visit/details/?id={self.visit}")
        return person

    def step(self, username, name, **fields):
        """Take the visit through a transition by its button; reasons are written wherever the page asks for one."""
        person = self.open(username)
        person.press(f".tools a[href*='/transition/{name}/']")
        page = person.page
        for field, value in fields.items():
            if value is True:
                page.check(f"#{field}")
            elif page.query_selector(f"select#{field}"):
                page.select_option(f"#{field}", value=value)
            else:
                page.fill(f"#{field}", value)
        for box in page.query_selector_all("textarea[name^=reason_]"):
            if not box.input_value():
                box.fill("已与对方说明")
        if page.is_enabled("main .save .btn-primary"):
            person.save()
        return page

    def chain(self):
        return [
            (str(role), clause)
            for role, clause in self.office.rows(
                sa.select(Approval.role, Approval.clause)
                .where(Approval.subject == "visit", Approval.subject_id == self.visit)
                .order_by(Approval.step)
            )
        ]

    def items(self):
        return dict(
            self.office.rows(
                sa.select(ChecklistItem.item, ChecklistItem.clause).where(ChecklistItem.visit_id == self.visit)
            )
        )

    def tick_all(self, username, but=()):
        """Tick the checklist on the visit's page, item by item."""
        person = self.open(username)
        while True:
            open_items = [
                b
                for b in person.page.query_selector_all("#checklist .tick-item:not(.ticked)")
                if b.get_attribute("aria-label") not in but
            ]
            if not open_items:
                return
            with person.page.expect_navigation():
                open_items[0].click()

    def prints(self, username="sales"):
        """The forms that the visit's page offers for printing."""
        return {a.inner_text() for a in self.open(username).page.query_selector_all(".prints a")}

    def add(self, username, screen, **fields):
        """Add what belongs to the visit on its own form."""
        person = self.at(username)
        person.go(f"/admin/{screen}/new/?visit={self.visit}")
        page = person.page
        for field, value in fields.items():
            if page.query_selector(f"#{field}-text"):
                if not page.query_selector(f"#{field}-text + *") or page.is_visible(f"#{field}-text"):
                    person.look_up(field, value)
            elif page.query_selector(f"select#{field}"):
                page.select_option(f"#{field}", value=value)
            else:
                page.fill(f"#{field}", value)
        person.save()
        assert "/new/" not in page.url, page.inner_text("main")

    @property
    def status(self):
        return str(self.office.status(Visit, self.visit))

    def end(self):
        for person in self.people.values():
            person.done()


@pytest.mark.parametrize("database", ["factory"], indirect=True)
def test_the_factory_on_R01_R08_R09_R10(chromium, served, tmp_path):
    letter = tmp_path / "公函.pdf"
    letter.write_bytes(b"%PDF-1.4\n%%EOF\n")
    company = Company(chromium, served)
    company.file(
        "恒远新能源",
        purpose="参观电芯生产线",
        level="B 一般重要",
        visit_kind="tour",
        guest_names="沈国栋，总经理，13962100001\n高立军，采购总监，13962100002",
        escorts=["周建国", "陈志远"],
        letter=str(letter),
        letter_no="函〔2026〕9 号",
        needs=["tour", "room"],
    )
    assert "R01-4.1" in company.beside and "公司高层" in company.beside
    company.step("sales", "submit")
    assert [role for role, _ in company.chain()] == ["dept_head", "admin_head", "executive"] and company.chain()[2][
        1
    ] == "R01-4.1"
    for username in ("sales_head", "office_head", "exec"):
        company.step(username, "approve")
    items = company.items()
    assert any("防尘" in item and clause == "R09-5" for item, clause in items.items())
    route = company.office.ask(sa.text("SELECT CAST(id AS TEXT) FROM tour_route WHERE to_version IS NULL"))
    page = company.step("office", "issue_notice")
    assert "R09-2" in page.inner_text("main") and company.status == "approved", "a tour has a route"
    company.step("office", "issue_notice", route=route)
    refused = company.step("office", "ready")
    assert (
        "R09-5" in refused.inner_text("main")
        and company.office.ask(sa.select(Visit.ready_at).where(Visit.id == company.visit)) is None
    )
    company.tick_all("office")
    company.step("office", "ready")
    company.step("front", "check_in")
    company.step("front", "check_out")
    company.step("sales", "close", record="参观顺利，约定送样。")
    assert company.status == "closed"
    assert {"参观接待呈批表", "参观接待通知单", "来访来客登记表"} <= company.prints() and not {
        "客户来访接待审批表",
        "保密协议",
    } & company.prints()
    company.end()


@pytest.mark.parametrize("database", ["bank"], indirect=True)
def test_the_bank_on_R16_R12_R08(chromium, served):
    company = Company(chromium, served)
    customer = company.office.ask(
        sa.text(
            "SELECT name FROM customer WHERE department_id = (SELECT id FROM department WHERE code = 'SAL') "
            "ORDER BY id LIMIT 1"
        )
    )
    colleague = company.office.ask(sa.text("SELECT name FROM \"user\" WHERE username = 'sales2'"))
    company.file(
        customer[:6],
        purpose="洽谈授信方案",
        visit_kind="service",
        guest_names="钱雅芳，财务总监，13962100011",
        escorts=[colleague],
        sensitive=True,
    )
    assert "R12-2.4" in company.beside, "the host's department head decides; there is no level to choose"
    company.step("sales", "submit")
    assert company.chain() == [("dept_head", "R12-2.4")]
    company.step("sales_head", "approve")
    assert set(company.items().values()) <= {"R16-3.2", "R16-4.1", "R16-4.2", "R12-2.4"} and company.items()
    company.step("sales", "issue_notice")
    company.tick_all("sales")
    company.step("sales", "ready")
    # At the door: identity document, security check, badge, signature, and the agreement for what is confidential.
    page = company.step("front", "check_in")
    assert company.status == "notified" and {"R12-2.1", "R12-4.1", "R12-5.1"} <= set(
        re.findall(r"R12-[\d.]+", page.inner_text("main"))
    )
    company.add("front", "nda", signatory="钱雅芳")
    guest = company.office.ask(sa.text(f"SELECT id FROM visit_guest WHERE visit_id = {company.visit}"))
    company.step("front", "check_in", identity=True, security=True, signed=True, **{f"badge_{guest}": "B07"})
    assert company.status == "in_progress"
    company.step("front", "check_out")
    company.add("sales", "feedback", satisfaction="5", opinion="服务周到")
    company.step("sales", "close", record="授信材料已收齐。", outcome="done")
    assert company.status == "closed"
    assert {"来访来客登记表", "访客证", "来访反馈表", "保密协议"} <= company.prints() and not {
        "参观接待呈批表",
        "客户来访接待审批表",
    } & company.prints()
    company.end()


@pytest.mark.parametrize("database", ["sales"], indirect=True)
def test_the_sales_company_on_R02_R13_R14_R17(chromium, served):
    company = Company(chromium, served)
    customer = company.office.ask(
        sa.text(
            "SELECT name FROM customer WHERE department_id = (SELECT id FROM department WHERE code = 'SAL') "
            "ORDER BY id LIMIT 1"
        )
    )
    company.file(
        customer[:6],
        purpose="考察加盟政策",
        level="高级",
        visit_kind="franchise",
        guest_names="罗建业，总经理，13962100021",
        contact="罗建业 13962100021",
        lead_title="总经理",
        nights="0",
    )
    assert "R17-3.1" in company.beside
    company.step("sales", "answer")
    company.step("sales", "submit")
    assert [role for role, _ in company.chain()] == ["dept_head", "executive"] and "R17-3.1" in company.chain()[1][1]
    for username in ("sales_head", "exec"):
        company.step(username, "approve")
    items = company.items()
    assert {"R13-3.1", "R13-3.9"} <= {c for clauses in items.values() for c in clauses.split()} and items[
        "产品样品就绪"
    ] == "R02-2.2 R13-3.1", "the union, an item of both once"
    company.step("sales", "confirm_guest")
    company.step("sales", "issue_notice")
    company.tick_all("sales")
    company.step("sales", "ready")
    company.step("front", "check_in", signed=True)
    company.step("front", "check_out")
    company.add("sales", "visitquestion", question="区域保护范围多大？")
    page = company.step("sales", "close", record="已讲解政策。", outcome="demand")
    assert company.status == "finished" and "R02-2.5" in page.inner_text("main"), "a question is unanswered"
    question = company.office.ask(sa.text("SELECT id FROM visit_question"))
    sales = company.at("sales")
    sales.go(f"/admin/visitquestion/edit/?id={question}")
    sales.page.fill("#answer", "同一县区一家。")
    sales.save()
    page = company.step("sales", "close", record="已讲解政策。", outcome="demand")
    assert company.status == "finished" and "R13-3.15" in page.inner_text("main"), (
        "there is demand, and nobody follows it up"
    )
    company.add(
        "sales",
        "followup",
        content="加盟政策答疑",
        open_points="等待选址",
        next_on=str(company_day() + timedelta(days=5)),
    )
    company.step("sales", "close", record="已讲解政策。", outcome="demand")
    assert company.status == "closed"
    assert {"客户来访接待审批表", "来访来客登记表", "客户洽谈记录表"} <= company.prints() and not {
        "参观接待通知单",
        "保密协议",
    } & company.prints()
    company.end()
