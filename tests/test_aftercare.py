"""Afterwards and supervision over HTTP: complaints, plans and reports, feedback, conduct, cycles, the compliance
report."""

from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa

from models import (
    Approval,
    Assessment,
    Commitment,
    Complaint,
    Customer,
    Feedback,
    Inspection,
    OutboundPlan,
    OutboundVisit,
    Regulation,
    Visit,
)
from tests.conftest import company_day, errors, local_time
from tests.test_low_code import adopt, regulation


def test_R06_2_8_a_complaint_is_looked_into_and_answered_in_time(office):
    adopt(office, "R06")
    form = {
        "organisation": "恒远新能源",
        "complainant": "吴国平",
        "received_at": local_time(datetime.now(UTC) - timedelta(hours=1)),
        "content": "等候过久",
    }
    answer = office.post("sales", "/admin/complaint/new/", form)
    assert answer.status_code == 302, errors(answer)
    page = office.step("sales", "complaint", 1, "answer", solution="")
    assert page.status_code == 409 and "R06-2.8" in page.get_data(as_text=True), "nobody looked into it"
    assert office.step("sales", "complaint", 1, "investigate", investigation="前台人手不足").status_code == 302
    assert (
        office.step(
            "sales", "complaint", 1, "answer", investigation="前台人手不足", solution="增派一人并致歉"
        ).status_code
        == 302
    )
    assert office.step("sales", "complaint", 1, "close", satisfied="y").status_code == 302
    assert office.rows(sa.select(Complaint.status, Complaint.satisfied, Complaint.compliance)) == [
        ("closed", True, "clear")
    ]


def test_R06_2_8_a_late_answer_needs_a_reason(office):
    adopt(office, "R06")
    form = {
        "organisation": "恒远新能源",
        "complainant": "吴国平",
        "received_at": local_time(datetime.now(UTC) - timedelta(days=30)),
        "content": "等候过久",
    }
    assert office.post("sales", "/admin/complaint/new/", form).status_code == 302
    assert office.ask(sa.select(Complaint.compliance)) == "blocked"
    done = {"investigation": "查明", "solution": "致歉"}
    assert office.step("sales", "complaint", 1, "answer", **done).status_code == 409
    assert office.step("sales", "complaint", 1, "answer", **done, reason_complaint_answered="节假日").status_code == 302


def test_R14_3_1_and_R14_3_4_a_months_plan_is_approved_and_its_visits_reported(office):
    adopt(office, "R14")
    month = company_day().replace(day=1)
    assert office.post("sales", "/admin/outboundplan/new/", {"month": str(month), "remarks": ""}).status_code == 302
    plan = office.ask(sa.select(OutboundPlan.id))
    page = office.step("sales", "outboundplan", plan, "submit")
    assert page.status_code == 409 and "R14-3.2" in page.get_data(as_text=True), "a plan without visits"
    customer = office.ask(sa.select(Customer.id).where(Customer.name == "苏州恒远新能源有限公司"))
    line = {
        "plan": str(plan),
        "customer": str(customer),
        "planned_on": str(company_day()),
        "purpose": "care",
        "target": "current",
        "contact": "沈国栋",
        "goal": "续签年度合同",
        "items": "样册",
        "expected_cost": "200",
    }
    assert office.post("tech", "/admin/outboundvisit/new/", line).status_code == 200, "nobody adds to another's plan"
    answer = office.post("sales", "/admin/outboundvisit/new/", line)
    assert answer.status_code == 302, errors(answer)
    reasons = {f"reason_{r}": "说明" for r in ("plan_deadline", "visit_quota")}
    page = office.step("sales", "outboundplan", plan, "submit")
    assert page.status_code == 409 and "R14-3.1" in page.get_data(as_text=True), (
        "the month has begun: a reason is needed"
    )
    assert office.step("sales", "outboundplan", plan, "submit", **reasons).status_code == 302
    assert office.rows(sa.select(Approval.role, Approval.clause).where(Approval.subject == "outboundplan")) == [
        ("dept_head", "R14-3.1")
    ]
    visit = office.ask(sa.select(OutboundVisit.id))
    assert office.step("sales", "outboundvisit", visit, "report", result="已谈").status_code == 409, (
        "the plan is not approved"
    )
    assert office.step("sales_head", "outboundplan", plan, "approve").status_code == 302
    assert (
        office.step(
            "sales",
            "outboundvisit",
            visit,
            "report",
            result="同意续签",
            promises="下周送样\n月底报价",
            next_step="签约",
        ).status_code
        == 302
    )
    assert office.rows(sa.select(Commitment.text)) == [("下周送样",), ("月底报价",)]
    assert office.status(OutboundVisit, visit) == "reported"


def test_R06_2_4_important_customers_fall_due_and_a_follow_up_fulfils_it(office):
    adopt(office, "R06")
    page = office.get("sales", "/admin/due/").get_data(as_text=True)
    assert "R06-2" in page
    adopt(
        office,
        "R10"
        if office.ask(sa.select(Regulation.status).where(Regulation.id == regulation(office, "R10"))) != "adopted"
        else "R18",
    )
    assert "R10-5" in office.get("office", "/admin/due/").get_data(as_text=True)


def test_R10_5_an_inspection_moves_its_due_day(office):
    from models import db
    from rulebook import due, versions

    def due_day():
        with office.app.app_context():
            item = next(
                d
                for d in due.everything(versions.load(), company_day(), Customer.id > 0)
                if str(d.what) == "venue_inspection"
            )
            db.session.rollback()
            return item.on, item.last

    first, never = due_day()
    assert never is None
    form = {
        "kind": "venue_inspection",
        "held_on": str(company_day()),
        "place": "会议室",
        "inspector": str(office.user_id("office")),
        "result": "良好",
    }
    answer = office.post("office", "/admin/inspection/new/", form)
    assert answer.status_code == 302, errors(answer)
    assert due_day() == (first, company_day()), "counted from the day it was done: today, as the rulebook began today"
    assert office.ask(sa.select(sa.func.count()).select_from(Inspection)) == 1


def test_R02_3_conduct_is_scored_in_assessments_by_the_criteria_of_the_clauses(office):
    form = {"user": str(office.user_id("sales")), "held_on": str(company_day())}
    assert office.post("sales_head", "/admin/assessment/new/", form).status_code == 200, (
        "no adopted clause sets a criterion"
    )
    adopt(office, "R02")
    page = office.get("sales_head", "/admin/assessment/new/").get_data(as_text=True)
    fields = page.count('name="points_')
    assert fields >= 3 and "R02-3.1" in page
    assert office.post("sales_head", "/admin/assessment/new/", form | {"points_0": "9"}).status_code == 200, (
        "every criterion is scored"
    )
    answer = office.post("sales_head", "/admin/assessment/new/", form | {f"points_{n}": "8" for n in range(fields)})
    assert answer.status_code == 302, errors(answer)
    assert set(office.ask(sa.select(Assessment.scores)).values()) == {8}
    assert office.get("tech_head", "/admin/assessment/details/?id=1").status_code == 404


def test_R03_6_a_violation_has_a_measure_the_regulation_provides(office):
    adopt(office, "R03")
    form = {
        "user": str(office.user_id("sales")),
        "happened_on": str(company_day()),
        "description": "擅自离岗",
        "measure": "dismissal",
    }
    answer = office.post("office", "/admin/violation/new/", form)
    assert answer.status_code == 200 and "R03-6" in answer.get_data(as_text=True)
    assert office.post("office", "/admin/violation/new/", form | {"serious": "y"}).status_code == 302


def test_R03_4_5_feedback_reaches_the_department_concerned_in_time(office):
    visit = office.notified_visit("C")
    adopt(office, "R03")
    form = {
        "visit": str(visit),
        "satisfaction": "4",
        "given_on": str(company_day() - timedelta(days=30)),
        "opinion": "停车不便",
    }
    answer = office.post("sales", "/admin/feedback/new/", form)
    assert answer.status_code == 200 and "R03-4.5" in answer.get_data(as_text=True)
    assert office.post("sales", "/admin/feedback/new/", form | {"late_reason": "出差"}).status_code == 302
    today = form | {
        "given_on": str(company_day()),
        "passed_to": str(office.ask(sa.text("SELECT id FROM department WHERE code = 'ADM'"))),
    }
    assert office.post("sales", "/admin/feedback/new/", today).status_code == 302
    assert office.rows(sa.select(Feedback.passed_on).order_by(Feedback.id))[-1] == (company_day(),)


def test_the_compliance_column_follows_the_request_and_filters(office):
    visit = office.create_visit(level="B", sealed=False)
    assert office.ask(sa.select(Visit.compliance).where(Visit.id == visit)) == "blocked"
    other = office.create_visit(level="C")
    assert office.ask(sa.select(Visit.compliance).where(Visit.id == other)) == "clear"
    page = office.get("sales", "/admin/visit/").get_data(as_text=True)
    import re

    name = re.search(r'name="(flt\w+)"[^\n]*<option value="blocked">', page)[1]
    numbers = {i: office.ask(sa.select(Visit.number).where(Visit.id == i)) for i in (visit, other)}
    filtered = office.get("sales", f"/admin/visit/?{name}=blocked").get_data(as_text=True)
    assert numbers[visit] in filtered and numbers[other] not in filtered


def test_the_compliance_report_counts_by_clause_and_department(office):
    office.create_visit(level="B", sealed=False)
    late = office.create_visit(level="A", start=datetime.now(UTC) + timedelta(hours=5))
    assert office.step("sales", "visit", late, "submit", reason_advance_notice="临时来访").status_code == 302
    month = f"{(datetime.now(UTC) + timedelta(days=3)).date():%Y-%m}"
    page = office.get("office", f"/admin/compliance/?month={month}").get_data(as_text=True)
    assert "R01-4.1" in page and "销售部" in page
    text = office.get("office", f"/admin/compliance/csv/?month={company_day():%Y-%m}").get_data().decode("utf-8-sig")
    assert "临时来访" in text
    assert "临时来访" not in office.get("tech_head", f"/admin/compliance/csv/?month={company_day():%Y-%m}").get_data(
        as_text=True
    )
    assert office.get("sales", "/admin/compliance/").status_code == 404
    for nonsense in ("month=kaputt", "month=9999-99", "department=abc", "department=999999999999"):
        assert office.get("office", f"/admin/compliance/?{nonsense}").status_code == 200


def test_R06_2_9_only_some_roles_export_personal_data_once_it_is_adopted(office):
    assert office.get("sales", "/admin/customer/export/csv/").status_code == 200
    adopt(office, "R06")
    answer = office.get("sales", "/admin/customer/export/csv/")
    assert answer.status_code == 302
    assert office.get("office", "/admin/customer/export/csv/").status_code == 200


def test_the_command_judges_open_requests_anew(office):
    office.create_visit(level="C")
    run = office.app.test_cli_runner().invoke(args=["compliance"])
    assert run.exit_code == 0 and "1 requests judged" in run.output, run.output


def test_regulations_go_out_and_in_by_command(office, tmp_path):
    runner = office.app.test_cli_runner()
    run = runner.invoke(args=["regulations", "export", str(tmp_path / "out")])
    assert run.exit_code == 0 and {p.name for p in (tmp_path / "out").iterdir()} == {
        "R01.toml",
        "R08.toml",
        "R10.toml",
    }, run.output
    run = runner.invoke(args=["regulations", "import", str(tmp_path / "out" / "R10.toml")])
    assert run.exit_code == 1 and "there already" in run.output
    run = runner.invoke(args=["regulations", "import", "--as-copy", str(tmp_path / "out" / "R10.toml")])
    assert run.exit_code == 0, run.output
    code = f"R10-{date.today():%m%d}"
    assert office.ask(sa.select(Regulation.status).where(Regulation.code == code)) == "draft"
    run = runner.invoke(args=["regulations", "export", str(tmp_path / "again"), "--code", code])
    assert run.exit_code == 0
    from rulebook import files

    one, other = (
        files.normal(files.read(p)) for p in (tmp_path / "out" / "R10.toml", tmp_path / "again" / f"{code}.toml")
    )
    assert one["clause"] == other["clause"]
    (tmp_path / "bad.toml").write_text('code = "R99"\ntitle = "x"\n', "utf-8")
    run = runner.invoke(args=["regulations", "import", str(tmp_path / "bad.toml")])
    assert run.exit_code == 1 and "bad.toml" in run.output


def test_drafts_are_judged_anew_when_a_rule_is_changed_or_a_regulation_adopted(office):
    visit = office.create_visit(level="C", visit_kind="signing")
    assert office.ask(sa.select(Visit.compliance).where(Visit.id == visit)) == "clear"
    adopt(office, "R09", grading="complements")
    assert office.ask(sa.select(Visit.compliance).where(Visit.id == visit)) == "open", (
        "R09-1 knows tours and audits only"
    )
    answer = office.step("office_head", "regulation", regulation(office, "R09"), "retire", comment="停用")
    assert answer.status_code == 302, errors(answer)
    assert office.ask(sa.select(Visit.compliance).where(Visit.id == visit)) == "clear"


def test_how_a_visit_stands_does_not_depend_on_who_looked_last(office):
    visit = office.approved_visit("C")
    assert office.ask(sa.select(Visit.compliance).where(Visit.id == visit)) == "clear", (
        "the office decided last, the department issues the notice: no shortcoming of the visit"
    )
