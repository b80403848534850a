"""Going out, complaints, feedback, incidents, violations, personal data and what falls due, clause by clause."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from rules import (
    AssessmentFacts,
    ComplaintFacts,
    CycleFacts,
    DisclosureFacts,
    FeedbackFacts,
    IncidentFacts,
    OutboundFacts,
    PlanFacts,
    ViolationFacts,
    criteria,
    due_on,
)
from tests.clauses.books import BLOCK, DAY, EXPLAIN, MINUTE, NOTE, SECOND, START, book_of, both, clause, found

ONE, HOUR = timedelta(days=1), timedelta(hours=1)
PLAN = PlanFacts(month=date(2026, 12, 1), filed_on=date(2026, 11, 30), author_title="销售经理", visits=4)


# ── Going out ────────────────────────────────────────────────────────────────────────────────────
def test_R14_3_1_a_plan_on_the_last_day_of_the_month_is_in_time_and_on_the_first_is_late():
    late = both(
        book_of("R14"), "plan_deadline", "submit", PLAN, replace(PLAN, filed_on=date(2026, 12, 1)), EXPLAIN, "R14-3.1"
    )
    assert late.measure == 1
    assert found(book_of("R14"), "plan_deadline", "submit", PlanFacts()) is None


PURPOSES = ["research", "competitors", "care", "collection", "new_customer", "launch", "coverage"]


@pytest.mark.parametrize("purpose", PURPOSES)
def test_R14_2_1_each_listed_purpose_is_one_and_an_unlisted_is_not(purpose):
    line = replace(PLAN, purposes=frozenset({purpose}))
    assert found(book_of("R14"), "visit_purposes", "submit", line) is None
    both(
        clause("visit_purposes", purposes=[p for p in PURPOSES if p != purpose]),
        "visit_purposes",
        "submit",
        PLAN,
        line,
        EXPLAIN,
        "R99-1",
    )


@pytest.mark.parametrize("target", ["current", "target", "potential", "peer"])
def test_R14_2_2_each_listed_target_is_one_and_an_unlisted_is_not(target):
    both(
        clause("visit_targets", targets=[target]),
        "visit_targets",
        "submit",
        replace(PLAN, targets=frozenset({target})),
        replace(PLAN, targets=frozenset({"current", "peer"})),
        EXPLAIN,
        "R99-1",
    )
    assert found(book_of("R14"), "visit_targets", "submit", replace(PLAN, targets=frozenset({target}))) is None


@pytest.mark.parametrize(("title", "visits"), [("销售经理", 4), ("华东区销售主管", 8), ("销售代表", 12)])
def test_R14_2_3_as_many_visits_as_the_position_asks_for_and_one_fewer(title, visits):
    full = replace(PLAN, author_title=title, visits=visits)
    assert (
        both(
            book_of("R14"), "visit_quota", "submit", full, replace(full, visits=visits - 1), EXPLAIN, "R14-2.3"
        ).measure
        == 1
    )
    assert found(book_of("R14"), "visit_quota", "submit", replace(PLAN, author_title="工程师", visits=0)) is None


@pytest.mark.parametrize("field", ["contact", "target", "items", "expense"])
def test_R14_3_2_every_line_is_prepared_and_a_plan_has_lines(field):
    gap = both(
        book_of("R14"),
        "outbound_prepared",
        "submit",
        replace(PLAN, gaps={field: 0, "purpose": 4}),
        replace(PLAN, gaps={field: 1}),
        EXPLAIN,
        "R14-3.2",
    )
    empty = both(
        book_of("R14"),
        "outbound_prepared",
        "submit",
        replace(PLAN, visits=1),
        replace(PLAN, visits=0),
        EXPLAIN,
        "R14-3.2",
    )
    assert empty.measure > gap.measure == 1


def test_R14_3_4_a_report_on_the_second_day_is_in_time_and_on_the_third_is_late():
    out = OutboundFacts(visited_on=DAY, reported_on=DAY + 2 * ONE)
    assert (
        both(
            book_of("R14"), "report_within", "report", out, replace(out, reported_on=DAY + 3 * ONE), EXPLAIN, "R14-3.4"
        ).measure
        == 1
    )
    assert found(book_of("R14"), "report_within", "report", OutboundFacts(visited_on=DAY)) is None


def test_R14_3_4_a_promise_may_be_open_for_fourteen_days_and_not_for_fifteen():
    for stage in ("report", "review"):
        late = both(
            book_of("R14"),
            "commitments_settled",
            stage,
            OutboundFacts(open_commitments={14: 2}),
            OutboundFacts(open_commitments={14: 2, 15: 3}),
            NOTE,
            "R14-3.4",
        )
        assert late.measure == 3


# ── Aftercare ────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("cited", "hours"), [("R06-2.8", 24), ("R04-5.4", 48)])
def test_R06_2_8_R04_5_4_a_complaint_is_answered_in_the_last_hour_and_not_a_second_later(cited, hours):
    came, limit, book = ComplaintFacts(received_at=START), START + hours * HOUR, book_of(cited[:3])
    both(
        book,
        "complaint_answered",
        "answer",
        replace(came, answered_at=limit),
        replace(came, answered_at=limit + SECOND),
        EXPLAIN,
        cited,
    )
    both(
        book,
        "complaint_answered",
        "review",
        replace(came, moment=limit),
        replace(came, moment=limit + HOUR),
        EXPLAIN,
        cited,
    )
    assert found(book, "complaint_answered", "review", ComplaintFacts(moment=limit)) is None


def test_of_two_deadlines_the_earlier_speaks_and_both_are_cited_once_both_are_over():
    came = ComplaintFacts(received_at=START)
    both(
        book_of("R04", "R06"),
        "complaint_answered",
        "answer",
        replace(came, answered_at=START + 24 * HOUR),
        replace(came, answered_at=START + 48 * HOUR),
        EXPLAIN,
        "R06-2.8",
    )
    over = both(
        book_of("R04", "R06"),
        "complaint_answered",
        "answer",
        came,
        replace(came, answered_at=START + 49 * HOUR),
        EXPLAIN,
        "R06-2.8",
        "R04-5.4",
    )
    assert over.measure == 25 * 60


def test_R06_2_8_a_complaint_is_investigated_and_solved_before_it_is_answered():
    done = ComplaintFacts(filled=frozenset({"investigation", "solution"}))
    for field in done.filled:
        both(
            book_of("R06"),
            "complaint_steps",
            "answer",
            done,
            replace(done, filled=done.filled - {field}),
            BLOCK,
            "R06-2.8",
        )
    both(
        book_of("R04"),
        "complaint_steps",
        "answer",
        ComplaintFacts(filled=frozenset({"solution"})),
        ComplaintFacts(filled=frozenset({"investigation"})),
        BLOCK,
        "R04-5.4",
    )


@pytest.mark.parametrize(("cited", "days"), [("R03-4.5", 2), ("R12-2.5", 2), ("R18-2.4", 1)])
def test_R03_4_5_R12_2_5_R18_2_4_feedback_reaches_the_department_on_the_last_day_and_not_after(cited, days):
    given, limit = FeedbackFacts(given_on=DAY), DAY + days * ONE
    both(
        book_of(cited[:3]),
        "feedback_passed",
        "review",
        replace(given, passed_on=limit, today=limit + ONE),
        replace(given, passed_on=limit + ONE),
        EXPLAIN,
        cited,
    )
    assert (
        both(
            book_of(cited[:3]),
            "feedback_passed",
            "review",
            replace(given, today=limit),
            replace(given, today=limit + ONE),
            EXPLAIN,
            cited,
        ).measure
        == 1
    )


@pytest.mark.parametrize(
    ("cited", "minutes"), [("R12-4.3", 10), ("R05-3.5", 15), ("R06-2.7", 30), ("R07-7", 60), ("R08-1.3", 60)]
)
def test_R12_4_3_measures_come_in_time_and_a_second_later_is_noted_and_none_at_all_blocks(cited, minutes):
    in_time = IncidentFacts(occurred_at=START, handled_at=START + minutes * MINUTE, measures="疏散")
    late = both(
        book_of(cited[:3]),
        "incident_handled",
        "review",
        in_time,
        replace(in_time, handled_at=in_time.handled_at + SECOND),
        NOTE,
        cited,
    )
    none = both(book_of(cited[:3]), "incident_handled", "review", in_time, replace(in_time, measures=" "), BLOCK, cited)
    assert none.measure > late.measure == 1


def test_R03_6_dismissal_is_for_serious_violations_only():
    both(
        book_of("R03"),
        "violation_measure",
        "review",
        ViolationFacts(serious=True, measure="dismissal"),
        ViolationFacts(measure="dismissal"),
        BLOCK,
        "R03-6",
    )
    both(
        book_of("R03"),
        "violation_measure",
        "review",
        ViolationFacts(measure="retraining"),
        ViolationFacts(),
        BLOCK,
        "R03-6",
    )


def test_R12_7_a_fine_is_for_serious_violations_and_an_oral_warning_for_minor_ones():
    both(
        book_of("R12"),
        "violation_measure",
        "review",
        ViolationFacts(serious=True, measure="fine"),
        ViolationFacts(measure="fine"),
        BLOCK,
        "R12-7",
    )
    both(
        book_of("R12"),
        "violation_measure",
        "review",
        ViolationFacts(measure="oral_warning"),
        ViolationFacts(serious=True, measure="oral_warning"),
        BLOCK,
        "R12-7",
    )


def test_R06_2_9_a_number_is_shown_to_these_roles_with_a_reason():
    look = DisclosureFacts(what="reveal", roles=frozenset({"front_desk"}), reason="回电")
    role = both(
        book_of("R06"), "disclosure", "disclose", look, replace(look, roles=frozenset({"staff"})), BLOCK, "R06-2.9"
    )
    reason = both(book_of("R06"), "disclosure", "disclose", look, replace(look, reason=" 回 "), BLOCK, "R06-2.9")
    assert role.measure > reason.measure and "reason" in reason.text


def test_R06_2_9_department_heads_export_nothing_where_R03_3_4_lets_them():
    export = DisclosureFacts(what="export", roles=frozenset({"admin_head"}), reason="年度归档")
    head = replace(export, roles=frozenset({"dept_head"}))
    both(book_of("R06"), "disclosure", "disclose", export, head, BLOCK, "R06-2.9")
    both(book_of("R03", "R06"), "disclosure", "disclose", export, head, BLOCK, "R06-2.9")
    assert found(book_of("R03"), "disclosure", "disclose", head) is None
    only_export = clause("disclosure", what=["export"], roles=["admin_head"])
    both(only_export, "disclosure", "disclose", DisclosureFacts(what="reveal"), head, BLOCK, "R99-1")


# ── Supervision ──────────────────────────────────────────────────────────────────────────────────
def test_R02_3_1_to_R02_3_3_an_assessment_scores_every_standard_of_conduct():
    scored = {"着装得体": 8, "用语礼貌": 9, "认真倾听": 0}
    both(
        book_of("R02"),
        "conduct",
        "review",
        AssessmentFacts(scores=scored),
        AssessmentFacts(scores={k: v for k, v in scored.items() if k != "认真倾听"}),
        BLOCK,
        "R02-3.3",
    )
    both(
        book_of("R02"),
        "conduct",
        "review",
        AssessmentFacts(scores=scored),
        AssessmentFacts(),
        BLOCK,
        "R02-3.1",
        "R02-3.2",
        "R02-3.3",
    )


def test_a_criterion_that_two_regulations_set_is_scored_once_and_cites_both():
    assert criteria(book_of("R02", "R05"))["着装得体"] == "R02-3.1 R05-3.1"
    assert list(criteria(book_of("R02"))) == ["着装得体", "用语礼貌", "认真倾听"]


@pytest.mark.parametrize(
    ("cited", "what", "days", "of"),
    [
        ("R03-4.4", "training", 90, ""),
        ("R03-5.3", "assessment", 182, ""),
        ("R06-2.4", "customer_visit", 90, "important"),
        ("R06-2.4", "customer_visit", 182, "partner"),
        ("R10-5", "venue_inspection", 7, ""),
        ("R10-5", "night_inspection", 30, ""),
        ("R10-5", "maintenance", 90, ""),
        ("R18-2.1", "daily_check", 1, ""),
        ("R16-5", "statistics", 30, ""),
        ("R18-3.2", "customer_contact", 60, "partner"),
        ("R18-3.1", "class_review", 90, ""),
        ("R04-7", "regulation_review", 365, ""),
        ("R06-2.5", "satisfaction", 182, ""),
        ("R01-2.1", "service_inspection", 90, ""),
    ],
)
def test_a_cycle_is_kept_on_its_last_day_and_overdue_the_day_after(cited, what, days, of):
    book, done = book_of(cited[:3]), CycleFacts(what, DAY + days * ONE, last=DAY, customer_class=of)
    late = both(book, "cycle", "due", done, replace(done, day=done.day + ONE), EXPLAIN, cited)
    never = both(
        book,
        "cycle",
        "due",
        replace(done, last=None, since=DAY),
        replace(done, last=None, since=DAY - ONE),
        EXPLAIN,
        cited,
    )
    assert late.measure == never.measure == 1 and "never" in never.text and "never" not in late.text


def test_R06_2_4_existing_customers_fall_due_for_no_visit():
    both(
        book_of("R06"),
        "cycle",
        "due",
        CycleFacts("customer_visit", DAY, DAY - 400 * ONE, customer_class="existing"),
        CycleFacts("customer_visit", DAY, DAY - 400 * ONE, customer_class="partner"),
        EXPLAIN,
        "R06-2.4",
    )


def test_what_was_never_done_and_counts_from_no_day_is_due_today():
    terms = book_of("R10").terms["cycle"][0]
    assert (
        due_on(terms, CycleFacts("venue_inspection", DAY)) == DAY and due_on(terms, CycleFacts("training", DAY)) is None
    )
    assert found(book_of("R10"), "cycle", "due", CycleFacts("venue_inspection", DAY)) is None


def test_of_two_cycles_the_shorter_speaks():
    both(
        book_of("R01", "R04"),
        "cycle",
        "due",
        CycleFacts("service_inspection", DAY, DAY - 30 * ONE),
        CycleFacts("service_inspection", DAY, DAY - 31 * ONE),
        EXPLAIN,
        "R04-6",
    )
    both(
        book_of("R01", "R04"),
        "cycle",
        "due",
        CycleFacts("training", DAY, DAY - 999 * ONE),
        CycleFacts("service_inspection", DAY, DAY - 91 * ONE),
        EXPLAIN,
        "R04-6",
        "R01-2.1",
    )
