"""The admin office changes the rules in generated tables: levels, steps, caps, items, clauses on a rule kind – and
they count at once."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from models import Approval, ApprovalRule, ChecklistItem, Clause, Incident, Regulation, Visit
from tests.conftest import errors, local_time, together


def regulation(office, code):
    return office.ask(sa.select(Regulation.id).where(Regulation.code == code, Regulation.to_version.is_(None)))


def clause_of(office, code, number, rule=None):
    found = (
        sa.select(Clause.id)
        .where(Clause.regulation_id == regulation(office, code), Clause.number == number, Clause.to_version.is_(None))
        .order_by(Clause.id)
    )
    return office.ask(found.where(Clause.rule == rule) if rule else found)


def adopt(office, code, **form):
    answer = office.step("office_head", "regulation", regulation(office, code), "adopt", **form)
    assert answer.status_code == 302, errors(answer)


def test_a_new_clause_on_an_existing_rule_binds_at_once_and_is_cited(office):
    form = {
        "regulation": str(regulation(office, "R01")),
        "number": "4.9",
        "kind": "deadline",
        "text": "C 级来访提前两天申请。",
        "text_en": "Level C is filed two days ahead.",
        "rule": "advance_notice",
        "term_ranks": "4",
        "term_hours": "48",
        "applies": "y",
    }
    answer = office.post("office", "/admin/clause/new/", form)
    assert answer.status_code == 302, errors(answer)
    late, early = (office.create_visit(level="C", start=datetime.now(UTC) + timedelta(hours=h)) for h in (47, 49))
    page = office.step("sales", "visit", late, "submit")
    assert page.status_code == 409 and "R01-4.9" in page.get_data(as_text=True)
    assert office.step("sales", "visit", early, "submit").status_code == 302


def test_a_clause_with_wrong_parameters_is_not_saved_and_keeps_what_was_typed(office):
    before = office.ask(sa.select(sa.func.count()).select_from(Clause))
    form = {
        "regulation": str(regulation(office, "R01")),
        "number": "4.9",
        "kind": "deadline",
        "text": "提前申请",
        "rule": "advance_notice",
        "term_ranks": "十级",
        "term_hours": "-3",
        "applies": "y",
    }
    answer = office.post("office", "/admin/clause/new/", form)
    page = answer.get_data(as_text=True)
    assert (
        answer.status_code == 200
        and 'value="十级"' in page
        and 'value="-3"' in page
        and page.count('class="error"') >= 2
    )
    assert office.ask(sa.select(sa.func.count()).select_from(Clause)) == before


def test_a_wrong_parameter_is_shown_on_its_own_field(office):
    """“Measures” stands in the name of “Measures when serious” too: the field goes by the key, not by the sentence."""
    form = {
        "regulation": str(regulation(office, "R01")),
        "number": "4.9",
        "kind": "duty",
        "text": "违规处理",
        "rule": "violation_measure",
        "term_minor": "fine",
        "applies": "y",
    }
    page = office.post("office", "/admin/clause/new/", form).get_data(as_text=True)
    wrong = [re.match(r"\w+", part)[0] for part in page.split('for="')[1:] if 'class="error"' in part]
    assert wrong == ["term_serious"]


@pytest.mark.parametrize(
    ("path", "username", "wrong"),
    [
        ("/admin/clause/new/", "office", {"rule": "advance_notice", "term_hours": "-3", "text": "提前申请"}),
        ("/admin/visit/new/", "sales", {"purpose": ""}),
        ("/admin/visit/new/", "sales", {"planned_start": "2027-03-01T09:00", "planned_end": "2027-03-01T08:00"}),
        ("/admin/department/new/", "sysadmin", {"code": "SAL", "name": "另一个销售部"}),
    ],
    ids=["parameter", "field", "row", "database"],
)
def test_a_form_that_is_not_saved_says_so_at_its_top_whoever_found_the_mistake(office, path, username, wrong):
    """What is marked may stand far below: a field's own check, the row's, a rule's, the database's alike."""
    form = {
        "regulation": str(regulation(office, "R01")),
        "number": "4.9",
        "kind": "deadline",
        "applies": "y",
        "organisation": "某公司",
        "purpose": "参观",
        "level": str(office.level("C")),
        "visit_kind": "tour",
        "category": "business",
        "area": "office",
        "nights": "0",
        "guest_count": "1",
        "host": str(office.user_id(username)),
    }
    page = office.post(username, path, form | wrong).get_data(as_text=True)
    assert 'class="error"' in page and page.count("尚未保存") == 1


def test_the_form_of_a_clause_says_what_it_will_do_before_it_is_saved(office):
    form = {
        "regulation": str(regulation(office, "R01")),
        "number": "4.9",
        "kind": "deadline",
        "text": "提前申请",
        "rule": "advance_notice",
        "term_ranks": "4",
        "term_hours": "48",
        "applies": "y",
    }
    lines = office.post("office", "/admin/clause/check/", form).get_json()["lines"]
    assert "48" in lines[0]["text"] and any("R01-4.1" in line["text"] for line in lines)
    assert office.post("sales", "/admin/clause/check/", form).status_code == 404


def test_a_rule_with_rows_is_typed_as_a_table(office):
    form = {
        "regulation": str(regulation(office, "R03")),
        "number": "9",
        "kind": "quota",
        "text": "陪同",
        "rule": "escort_quota",
        "term_categories": "meal",
        "term_bands-0-guests_from": "1",
        "term_bands-0-escorts": "1",
        "term_bands-1-guests_from": "8",
        "term_bands-1-escorts": "2",
        "term_bands-1-or_more": "y",
        "term_bands-2-guests_from": "",
        "term_bands-2-escorts": "",
        "applies": "y",
    }
    answer = office.post("office", "/admin/clause/new/", form)
    assert answer.status_code == 302, errors(answer)
    assert office.ask(sa.select(Clause.terms).where(Clause.number == "9", Clause.rule == "escort_quota")) == {
        "categories": ["meal"],
        "bands": [{"guests_from": 1, "escorts": 1}, {"guests_from": 8, "escorts": 2, "or_more": True}],
    }


def test_an_approval_step_from_an_amount_upward(office):
    clause = clause_of(office, "R01", "4.2")
    form = {
        "clause": str(clause),
        "subject": "visit",
        "rank_from": "4",
        "rank_to": "4",
        "amount_from": "5000",
        "only_if": "",
        "step": "40",
        "role": "executive",
        "when_vacant": "refuse",
    }
    assert "5,000.00" in str(office.post("office", "/admin/approvalrule/check/", form).get_json())
    assert office.post("office", "/admin/approvalrule/new/", form).status_code == 302
    for budget, roles in (
        ("4999.99", ["dept_head", "admin_office"]),
        ("5000.00", ["dept_head", "admin_office", "executive"]),
    ):
        visit = office.create_visit(level="C", budget=budget)
        assert office.step("sales", "visit", visit, "submit").status_code == 302
        assert [
            str(r)
            for (r,) in office.rows(
                sa.select(Approval.role)
                .where(Approval.subject == "visit", Approval.subject_id == visit)
                .order_by(Approval.step)
            )
        ] == roles
    assert office.ask(sa.select(sa.func.count()).select_from(ApprovalRule).where(ApprovalRule.amount_from == 5000)) == 1


def test_a_checklist_item_is_on_the_next_approved_visit_and_holds_up_ready(office):
    form = {
        "clause": str(clause_of(office, "R01", "4.1")),
        "phase": "before",
        "item": "欢迎屏已开",
        "item_en": "Welcome screen on",
        "ranks": "4",
        "only_if": "",
    }
    assert office.post("office", "/admin/checklisttemplate/new/", form).status_code == 302
    visit = office.approved_visit("C")
    assert ("欢迎屏已开", "R01-4.1") in office.rows(
        sa.select(ChecklistItem.item, ChecklistItem.clause).where(ChecklistItem.visit_id == visit)
    )
    from tests.conftest import REASONS

    assert office.step("sales", "visit", visit, "issue_notice", **REASONS).status_code == 302
    page = office.step("sales", "visit", visit, "ready", **REASONS)
    assert (
        page.status_code == 409
        and "欢迎屏已开" in page.get_data(as_text=True)
        and "R01-4.1" in page.get_data(as_text=True)
    )
    office.tick(visit)
    assert office.step("sales", "visit", visit, "ready", **REASONS).status_code == 302
    assert office.ask(sa.select(Visit.ready_at).where(Visit.id == visit)) is not None


def test_a_level_added_to_the_grading_regulation_can_be_chosen(office):
    form = {
        "clause": str(clause_of(office, "R01", "3.C")),
        "rank": "5",
        "code": "D",
        "name": "快递与维修",
        "name_en": "Couriers",
        "qualifies": "快递、维修人员",
        "hosts": "前台",
        "titles": "快递员\n维修工",
    }
    assert office.post("office", "/admin/receptionlevel/new/", form).status_code == 302
    assert "D 快递与维修" in office.get("sales", "/admin/visit/new/").get_data(as_text=True)


def test_findings_stand_beside_the_form_while_it_is_filled_in_and_nothing_is_stored(office):
    form = {
        "organisation": "市政府",
        "purpose": "调研",
        "category": "official",
        "level": str(office.level("C")),
        "planned_start": local_time(datetime.now(UTC) + timedelta(hours=3)),
        "planned_end": local_time(datetime.now(UTC) + timedelta(hours=5)),
        "guest_count": "2",
        "host": str(office.user_id("sales")),
        "area": "office",
        "visit_kind": "tour",
        "nights": "0",
        "guest_names": "曹某，市长",
        "needs": [],
    }
    answer = office.post("sales", "/admin/visit/check/", form).get_json()
    clauses = {f["clause"] for f in answer["findings"]}
    assert any("R01-3.A" in c for c in clauses), "a mayor calls for more than level C"
    assert any("R01-3.A" in line["text"] for line in answer["lines"])
    assert answer["chain"][0]["clause"] == "R01-2.2" and all(
        f["text"] and f["way_out"] and f["says"][0]["text"] for f in answer["findings"]
    )
    form["level"] = str(office.level("A"))
    assert any(
        "R01-4.1" in f["clause"] and f["severity"] == "block"
        for f in office.post("sales", "/admin/visit/check/", form).get_json()["findings"]
    ), "the sealed letter is missing"
    form["evidence_file_chosen"], form["evidence_sealed"] = "1", "y"
    assert not any(
        f["severity"] == "block" for f in office.post("sales", "/admin/visit/check/", form).get_json()["findings"]
    )
    assert office.ask(sa.select(sa.func.count()).select_from(Visit)) == 0
    assert office.post("front", "/admin/visit/check/?id=1", form).status_code == 404
    assert office.post("sales", "/admin/expense/check/", {"amount": "abc", "guests": "x"}).status_code == 200, (
        "half a form is no error"
    )


def test_findings_read_the_same_beside_the_form_and_on_the_page_of_the_row(sqlite_office):
    """One template renders them, escaped; the script only puts in what the panel answers."""
    office, start = sqlite_office, datetime.now(UTC) + timedelta(hours=3)
    form = {
        "organisation": "<b>单位</b>",
        "purpose": "<i>参观</i>",
        "category": "business",
        "level": str(office.level("A")),
        "planned_start": local_time(start),
        "planned_end": local_time(start + timedelta(hours=2)),
        "guest_count": "2",
        "host": str(office.user_id("sales")),
        "area": "office",
        "visit_kind": "tour",
        "nights": "0",
        "guest_names": "曹某，市长",
    }

    def listed(html):
        return re.findall(
            r'<li class="finding .*?</li>', html.replace('<details class="says" open>', '<details class="says">'), re.S
        )

    beside = office.post("sales", "/admin/visit/check/", form).get_json()["html"]
    assert office.post("sales", "/admin/visit/new/", form).status_code == 302
    row = office.ask(sa.select(sa.func.max(Visit.id)))
    page = office.get("sales", f"/admin/visit/details/?id={row}").get_data(as_text=True)
    assert len(listed(page)) > 2 and sorted(listed(page)) == sorted(listed(beside))
    assert "<b>单位" not in beside and "<i>参观" not in beside
    assert '<ol class="steps">' in beside
    assert "finding" not in office.get("sales", "/static/yingke.js").get_data(as_text=True)


def test_R08_2_9_who_forces_entry_leaves_an_incident(office):
    visit = office.notified_visit("C")
    page = office.step("front", "visit", visit, "refuse", comment="强行闯入", refusal="forced_entry")
    assert page.status_code == 409 and "R08-2.9" in page.get_data(as_text=True)
    assert (
        office.step(
            "front", "visit", visit, "refuse", comment="强行闯入", refusal="forced_entry", measures="保安制止并报警 110"
        ).status_code
        == 302
    )
    assert office.rows(sa.select(Incident.kind, Incident.police, Incident.visit_id)) == [("forced_entry", True, visit)]


def test_R08_2_8_a_host_who_cannot_receive_offers_a_message_or_a_next_appointment(office):
    visit = office.notified_visit("C")
    assert office.step("front", "visit", visit, "refuse", comment="出差", refusal="host_unavailable").status_code == 409
    assert (
        office.step(
            "front", "visit", visit, "refuse", comment="出差", refusal="host_unavailable", offer="message"
        ).status_code
        == 302
    )


def test_R10_4_goods_leave_only_with_a_released_slip(office):
    visit = office.notified_visit("C")
    assert office.step("front", "visit", visit, "check_in").status_code == 302
    page = office.step("front", "visit", visit, "check_out", goods="y")
    assert page.status_code == 409 and "R10-4" in page.get_data(as_text=True)
    answer = office.post(
        "sales",
        "/admin/goodsrelease/new/",
        {"visit": str(visit), "carrier": "吴国平", "items": "样品 2 件", "reason": "送样"},
    )
    assert answer.status_code == 302, errors(answer)
    assert office.step("front", "visit", visit, "check_out", goods="y").status_code == 409, (
        "the slip is not released yet"
    )
    assert office.step("sales", "goodsrelease", 1, "release").status_code in (404, 409), "nobody releases their own"
    assert office.step("sales_head", "goodsrelease", 1, "release").status_code == 302
    assert office.step("front", "visit", visit, "check_out", goods="y").status_code == 302


@pytest.fixture
def received(office):
    """A visit approved under R17, with its receptionist appointed."""
    adopt(office, "R17", grading="complements")
    visit = office.create_visit(level="C", contact="吴国平 13912340001", lead_title="经理", needs="car")
    answer = office.step("sales", "visit", visit, "submit", reason_required_fields="无须接站")
    assert answer.status_code == 302, errors(answer)
    for username in ("sales_head", "office", "exec"):
        assert office.step(username, "visit", visit, "approve").status_code == 302
    return visit


def test_R17_4_1_the_receptionist_changes_only_with_approval(office, received):
    other = office.user_id("sales2")
    page = office.step("sales", "visit", received, "hand_over", new_host=str(other), comment="请假")
    assert (
        page.status_code == 409
        and "R17-4.1" in page.get_data(as_text=True)
        and "申请更换接待人" in page.get_data(as_text=True)
    )
    assert (
        office.step("sales_head", "visit", received, "hand_over", new_host=str(other), comment="请假").status_code
        == 302
    )
    assert office.ask(sa.select(Visit.host_id).where(Visit.id == received)) == other


def test_R17_4_1_a_change_that_is_asked_for_waits_for_the_approval_of_somebody_else(office, received):
    other, first = office.user_id("sales2"), office.user_id("sales")
    answer = office.step("sales", "visit", received, "propose_host", new_host=str(other), comment="临时出差")
    assert answer.status_code == 302, errors(answer)
    assert office.ask(sa.select(Visit.host_id).where(Visit.id == received)) == first, "the appointed receptionist stays"
    assert (
        office.step("sales2", "visit", received, "propose_host", new_host=str(other), comment="再申请").status_code
        == 409
    ), "one at a time"
    assert "待批更换接待人" in office.get("sales_head", "/admin/").get_data(as_text=True)
    assert "临时出差" in office.get("sales_head", f"/admin/visit/transition/hand_over/?id={received}").get_data(
        as_text=True
    )
    assert office.step("sales", "visit", received, "keep_host", comment="x").status_code == 409, "no right to decide"
    assert (
        office.step("tech_head", "visit", received, "hand_over", new_host=str(other), comment="同意").status_code == 404
    ), "another department's visit"
    answer = office.step("sales_head", "visit", received, "hand_over", new_host=str(other), comment="同意")
    assert answer.status_code == 302, errors(answer)
    assert office.rows(
        sa.select(Visit.host_id, Visit.proposed_host_id, Visit.proposed_reason).where(Visit.id == received)
    ) == [(other, None, "")]


def test_R17_4_1_nobody_approves_the_change_they_asked_for_and_a_refused_one_leaves_the_receptionist(office, received):
    other = office.user_id("sales2")
    assert (
        office.step("sales_head", "visit", received, "propose_host", new_host=str(other), comment="轮换").status_code
        == 302
    )
    assert (
        office.step("sales_head", "visit", received, "hand_over", new_host=str(other), comment="同意").status_code
        == 409
    )
    assert office.step("exec", "visit", received, "keep_host", comment="客户熟悉原接待人").status_code == 302
    assert office.rows(sa.select(Visit.host_id, Visit.proposed_host_id).where(Visit.id == received)) == [
        (office.user_id("sales"), None)
    ]


def test_R17_4_1_two_decisions_at_once_are_one(office, received):
    other = office.user_id("sales2")
    assert (
        office.step("sales", "visit", received, "propose_host", new_host=str(other), comment="出差").status_code == 302
    )
    office.client("sales_head"), office.client("exec")
    results = together(
        lambda: office.step("sales_head", "visit", received, "keep_host", comment="不换").status_code,
        lambda: office.step("exec", "visit", received, "keep_host", comment="不换").status_code,
    )
    assert sorted(results) == [302, 409]
