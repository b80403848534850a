"""Visits, clause by clause, on both sides of every boundary: application, who receives, preparation, afterwards."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rules import VisitFacts, checklist, suggest_level
from tests.clauses.books import BLOCK, DAY, EXPLAIN, NOTE, SECOND, START, book_of, both, clause, found

VISIT = VisitFacts(
    rank=2,
    purpose="参观",
    planned_start=START,
    planned_end=START + timedelta(hours=3),
    filed_at=START - timedelta(days=2),
)
HOUR, DAYS = timedelta(hours=1), timedelta(days=1)
ALL = VISIT.filled


def visit(**changes) -> VisitFacts:
    return replace(VISIT, **changes)


# ── Levels ───────────────────────────────────────────────────────────────────────────────────────
def test_R01_3_A_a_government_guest_on_level_A_is_fine_and_on_level_B_needs_a_reason():
    guest = visit(customer_class="government")
    lower = both(book_of("R01"), "level_suggested", "submit", guest, replace(guest, rank=3), EXPLAIN, "R01-3.A")
    assert lower.measure == 1 and "level A " in lower.text
    assert found(book_of("R01"), "level_suggested", "submit", replace(guest, rank=1)) is None
    assert found(book_of("R01"), "level_suggested", "submit", replace(guest, rank=4, walk_in=True)) is None
    assert found(book_of("R01"), "level_suggested", "submit", replace(guest, rank=None)) is None


@pytest.mark.parametrize(
    ("guest", "rank", "cited"),
    [
        ({"lead_title": "浙江省委书记"}, 1, "R01-3.A+"),
        ({"category": "official"}, 2, "R01-3.A"),
        ({"lead_title": "杭州市市长"}, 2, "R01-3.A"),
        ({"category": "foreign"}, 3, "R01-3.B"),
        ({"customer_class": "media"}, 3, "R01-3.B"),
        ({"customer_class": "media", "lead_title": "省长"}, 1, "R01-3.A+"),
    ],
)
def test_R01_3_class_category_or_position_suggests_the_level_and_the_highest_counts(guest, rank, cited):
    assert suggest_level(book_of("R01"), visit(**guest)) == (rank, (cited,))


@pytest.mark.parametrize(
    "guest", [{}, {"customer_class": "existing"}, {"category": "business"}, {"lead_title": "业务员"}]
)
def test_R01_3_C_everybody_else_is_suggested_nothing(guest):
    assert suggest_level(book_of("R01"), visit(**guest)) is None


def test_two_clauses_that_suggest_the_same_level_are_both_cited():
    assert suggest_level(book_of("R10", "R17"), visit(lead_title="市长")) == (1, ("R10-1", "R17-3.2"))


# ── Application ──────────────────────────────────────────────────────────────────────────────────
def test_R01_4_1_a_sealed_letter_is_needed_down_to_rank_3():
    both(
        book_of("R01"), "stamped_evidence", "submit", visit(rank=3, sealed_evidence=1), visit(rank=3), BLOCK, "R01-4.1"
    )
    both(book_of("R01"), "stamped_evidence", "approve", visit(rank=4), visit(rank=3), BLOCK, "R01-4.1")
    assert found(book_of("R01"), "stamped_evidence", "submit", visit(walk_in=True)) is None


def test_R01_4_1_filed_24_hours_ahead_is_in_time_and_a_second_later_is_not():
    on_time = visit(filed_at=START - 24 * HOUR)
    late = both(
        book_of("R01"),
        "advance_notice",
        "submit",
        on_time,
        visit(filed_at=START - 24 * HOUR + SECOND),
        EXPLAIN,
        "R01-4.1",
    )
    assert late.measure == 1
    assert found(book_of("R01"), "advance_notice", "submit", visit(filed_at=START, rank=4)) is None
    assert found(book_of("R01"), "advance_notice", "submit", visit(filed_at=START, walk_in=True)) is None
    assert found(book_of("R01"), "advance_notice", "submit", visit(planned_start=None)) is None


def test_R02_2_1_an_application_comes_before_the_visit_begins():
    both(
        book_of("R02"),
        "advance_notice",
        "submit",
        visit(filed_at=START),
        visit(filed_at=START + SECOND),
        EXPLAIN,
        "R02-2.1",
    )


@pytest.mark.parametrize("field", ["customer", "planned_start", "purpose"])
def test_R02_2_1_customer_time_and_purpose_are_filled_in(field):
    both(
        book_of("R02"),
        "required_fields",
        "submit",
        visit(filled=frozenset({"customer", "planned_start", "purpose"})),
        visit(filled=ALL - {field}),
        BLOCK,
        "R02-2.1",
    )
    assert found(book_of("R02"), "required_fields", "submit", visit(filled=ALL - {field}, walk_in=True)) is None


def test_R16_3_2_the_desk_asks_a_caller_without_appointment_for_the_purpose():
    both(
        book_of("R16"),
        "required_fields",
        "check_in",
        visit(walk_in=True),
        visit(filled=ALL - {"purpose"}, walk_in=True),
        BLOCK,
        "R16-3.2",
    )


def test_R16_3_3_and_R16_5_outcome_and_satisfaction_are_there_when_it_is_closed():
    both(book_of("R16"), "required_fields", "close", VISIT, visit(filled=ALL - {"satisfaction"}), EXPLAIN, "R16-3.3")
    graver = both(
        book_of("R16"), "required_fields", "close", VISIT, visit(filled=ALL - {"outcome"}), BLOCK, "R16-5", "R16-3.3"
    )
    assert graver.measure == 1 and "Outcome" in graver.text


def test_R12_2_2_name_organisation_phone_and_signature_of_every_guest():
    for field in ("name", "organisation", "phone", "signature"):
        both(
            book_of("R12"),
            "guest_particulars",
            "check_in",
            visit(guest_gaps={field: 0, "gender": 3}),
            visit(guest_gaps={field: 1}),
            BLOCK,
            "R12-2.2",
        )
    assert (
        found(book_of("R12"), "guest_particulars", "check_in", visit(guest_gaps={"name": 1, "phone": 3})).measure == 4
    )


def test_R02_2_1_an_answer_after_24_hours_is_in_time_and_a_second_later_is_not():
    asked = visit(requested_at=START - 48 * HOUR)
    book = book_of("R02")
    both(
        book,
        "answer_within",
        "submit",
        replace(asked, answered_at=START - 24 * HOUR),
        replace(asked, answered_at=START - 24 * HOUR + SECOND),
        EXPLAIN,
        "R02-2.1",
    )
    waiting = both(
        book,
        "answer_within",
        "notice",
        replace(asked, moment=START - 24 * HOUR),
        replace(asked, moment=START - 23 * HOUR),
        EXPLAIN,
        "R02-2.1",
    )
    assert waiting.measure == 60 and "waited" in waiting.text
    assert found(book, "answer_within", "submit", visit(moment=START + 99 * DAYS)) is None


def test_R11_2_and_R18_3_1_the_customer_has_one_of_the_classes():
    both(
        book_of("R11"),
        "customer_classified",
        "submit",
        visit(customer_class="media"),
        visit(customer_class="important"),
        EXPLAIN,
        "R11-2",
    )
    both(
        book_of("R18"),
        "customer_classified",
        "submit",
        visit(customer_class="important"),
        visit(customer_class=""),
        NOTE,
        "R18-3.1",
    )
    assert found(book_of("R18"), "customer_classified", "submit", visit(walk_in=True)) is None


def test_R09_1_tours_and_audits_are_listed_and_a_negotiation_is_not():
    for kind in ("tour", "site_audit", "document_audit"):
        both(
            book_of("R09"),
            "purpose_listed",
            "submit",
            visit(visit_kind=kind),
            visit(visit_kind="negotiation"),
            EXPLAIN,
            "R09-1",
        )
    assert found(book_of("R09"), "purpose_listed", "submit", visit(visit_kind="service", walk_in=True)) is None


# ── Who receives ─────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("rank", "enough", "not_enough", "cited"),
    [
        (1, "executive", "dept_head", "R10-3.1"),
        (2, "dept_head", "staff", "R10-2 R10-3.1"),
        (3, "admin_head", "admin_office", "R10-2 R10-3.1"),
        (4, "staff", "front_desk", "R10-3.1"),
    ],
)
def test_R10_3_1_who_receives_each_class_of_guests(rank, enough, not_enough, cited):
    both(
        book_of("R10"),
        "received_by",
        "submit",
        visit(rank=rank, attending=frozenset({enough, "finance"})),
        visit(rank=rank, attending=frozenset({not_enough})),
        EXPLAIN,
        *cited.split(),
    )
    assert found(book_of("R10"), "received_by", "notice", visit(rank=rank, walk_in=True)) is None


def test_R15_4_1_2_the_host_is_of_the_main_guests_rank_neither_lower_nor_higher():
    manager = visit(lead_title="销售经理", attending=frozenset({"dept_head"}))
    lower = both(
        book_of("R15"),
        "equal_standing",
        "submit",
        manager,
        replace(manager, attending=frozenset({"staff"})),
        EXPLAIN,
        "R15-4.1.2",
    )
    higher = both(
        book_of("R15"),
        "equal_standing",
        "submit",
        manager,
        replace(manager, attending=frozenset({"executive"})),
        EXPLAIN,
        "R15-4.1.2",
    )
    assert "Nobody" in lower.text and "higher" in higher.text
    assert found(book_of("R15"), "equal_standing", "submit", replace(manager, lead_title="总经理")).measure == 1
    assert found(book_of("R15"), "equal_standing", "submit", replace(manager, lead_title="来宾")) is None
    assert found(book_of("R15"), "equal_standing", "submit", replace(manager, attending=frozenset())) is None


@pytest.mark.parametrize(("rank", "heads", "cited"), [(1, 2, "R01-3.A+"), (2, 1, "R01-3.A")])
def test_R01_3_as_many_department_heads_accompany_as_the_level_asks_for(rank, heads, cited):
    enough = visit(rank=rank, escorts=3, heads=heads)
    both(book_of("R01"), "escorts_named", "notice", enough, replace(enough, heads=heads - 1), EXPLAIN, cited)
    assert found(book_of("R01"), "escorts_named", "notice", replace(enough, rank=3, heads=0)) is None


def test_R09_3_escorts_with_a_reception_lead_and_a_department_head():
    named = visit(escorts=1, lead_named=True, heads=1)
    nobody, no_lead, no_head = (
        both(book_of("R09"), "escorts_named", "notice", named, replace(named, **lacks), EXPLAIN, "R09-3")
        for lacks in ({"escorts": 0}, {"lead_named": False}, {"heads": 0})
    )
    assert nobody.measure > no_lead.measure > no_head.measure


def test_R12_2_4_a_caller_whose_host_has_confirmed_needs_no_escort():
    both(
        book_of("R12"),
        "escorts_named",
        "check_in",
        visit(walk_in=True, host_confirmed=True),
        visit(walk_in=True),
        EXPLAIN,
        "R12-2.4",
    )
    both(book_of("R12"), "escorts_named", "check_in", visit(escorts=1), visit(host_confirmed=True), EXPLAIN, "R12-2.4")


def test_R17_4_2_4_a_leader_who_receives_has_agreed():
    both(
        book_of("R17"),
        "leader_agreed",
        "notice",
        visit(host_is_leader=True, host_confirmed=True),
        visit(host_is_leader=True),
        BLOCK,
        "R17-4.2.4",
    )
    assert found(book_of("R17"), "leader_agreed", "notice", VISIT) is None


@pytest.mark.parametrize("role", ["dept_head", "admin_head", "executive"])
def test_R17_4_1_only_these_put_another_receptionist_in_charge(role):
    both(
        book_of("R17"),
        "receptionist_unchanged",
        "hand_over",
        visit(actor_roles=frozenset({role, "staff"})),
        visit(actor_roles=frozenset({"staff", "admin_office"})),
        BLOCK,
        "R17-4.1",
    )


# ── Preparation ──────────────────────────────────────────────────────────────────────────────────
def test_R01_4_1_and_R01_4_2_who_issues_the_notice():
    both(
        book_of("R01"),
        "notice_issuer",
        "notice",
        visit(rank=3, issuer="office"),
        visit(rank=3, issuer="department"),
        BLOCK,
        "R01-4.1",
    )
    both(
        book_of("R01"),
        "notice_issuer",
        "notice",
        visit(rank=4, issuer="department"),
        visit(rank=4, issuer="office"),
        BLOCK,
        "R01-4.2",
    )
    assert all(
        found(book_of("R01"), "notice_issuer", "notice", visit(rank=rank, issuer=issuer)) is None
        for rank in (3, 4)
        for issuer in ("", "any")
    )


@pytest.mark.parametrize("what", ["lodging", "meal", "car", "tickets", "send_off"])
def test_R15_4_2_what_a_visit_asks_for_is_arranged(what):
    asked = visit(needs=frozenset({what}))
    cited = "R15-4.2.7" if what in ("tickets", "send_off") else "R15-4.2.3"
    both(book_of("R15"), "arranged", "notice", replace(asked, arranged=frozenset({what})), asked, BLOCK, cited)
    both(book_of("R15"), "arranged", "ready", VISIT, asked, BLOCK, cited)
    assert found(book_of("R15"), "arranged", "notice", replace(asked, walk_in=True)) is None


def test_a_clause_may_want_a_room_for_every_visit():
    both(
        clause("arranged", what="room", when="always", severity="note"),
        "arranged",
        "notice",
        visit(arranged=frozenset({"room"})),
        VISIT,
        NOTE,
        "R99-1",
    )


def test_R07_4_1_and_R15_4_2_6_a_tour_names_its_route():
    both(
        book_of("R07"),
        "tour_route",
        "notice",
        visit(visit_kind="tour", route=True),
        visit(visit_kind="tour"),
        BLOCK,
        "R07-4.1",
    )
    both(
        book_of("R07"),
        "tour_route",
        "notice",
        visit(visit_kind="study"),
        visit(visit_kind="study", needs=frozenset({"tour"})),
        BLOCK,
        "R07-4.1",
    )
    both(
        book_of("R15"),
        "tour_route",
        "notice",
        visit(visit_kind="signing"),
        visit(visit_kind="study"),
        EXPLAIN,
        "R15-4.2.6",
    )
    assert found(book_of("R07"), "tour_route", "notice", visit(visit_kind="tour", walk_in=True)) is None


def test_R05_2_1_confirmed_24_hours_before_is_in_time_and_a_second_later_is_not():
    in_time, late = visit(guest_confirmed_at=START - 24 * HOUR), visit(guest_confirmed_at=START - 24 * HOUR + SECOND)
    after = both(book_of("R05"), "guest_confirmed", "notice", in_time, late, EXPLAIN, "R05-2.1")
    never = both(book_of("R05"), "guest_confirmed", "ready", in_time, VISIT, EXPLAIN, "R05-2.1")
    assert never.measure > after.measure == 1 and "later" in after.text
    both(book_of("R04"), "guest_confirmed", "ready", late, visit(guest_confirmed_at=START + SECOND), EXPLAIN, "R04-3.3")
    assert found(book_of("R05"), "guest_confirmed", "notice", visit(walk_in=True)) is None
    assert found(book_of("R05"), "guest_confirmed", "notice", visit(planned_start=None)) is None


@pytest.mark.parametrize("where", ["needs", "arranged"])
def test_R07_4_3_a_meal_heeds_the_guests_diets(where):
    meal = visit(diets=1, **{where: frozenset({"meal"})})
    both(book_of("R07"), "diet_heeded", "notice", replace(meal, diets_heeded=True), meal, BLOCK, "R07-4.3")
    both(book_of("R07"), "diet_heeded", "ready", replace(meal, diets=0), meal, BLOCK, "R07-4.3")
    both(book_of("R07"), "diet_heeded", "ready", visit(diets=1), meal, BLOCK, "R07-4.3")


def test_R01_2_3_every_department_signs_for_its_task():
    assert (
        both(book_of("R01"), "notice_signed", "check_in", visit(unsigned=0), visit(unsigned=1), NOTE, "R01-2.3").measure
        == 1
    )


@pytest.mark.parametrize(("rank", "clause"), [(3, "R01-4.1"), (4, "R01-4.2")])
def test_R01_4_1_R01_4_2_what_changed_after_the_notice_is_sent_before_the_visit_is_ready(rank, clause):
    found = both(
        book_of("R01"),
        "notice_current",
        "ready",
        visit(rank=rank),
        visit(rank=rank, changed=frozenset({"rooms", "host"})),
        EXPLAIN,
        clause,
    )
    assert found.measure == 2 and "Receptionist, Rooms" in found.text.replace("'", "").replace("[", "").replace("]", "")


OPEN = ("R02-2.2 R13-3.1", "before", "产品样品就绪")


def test_R02_2_2_and_R13_3_1_an_open_item_stops_ready_and_cites_every_clause_that_asks_for_it():
    missing = both(book_of("R02"), "checklist_before", "ready", VISIT, visit(open_checks=(OPEN,)), BLOCK, "R02-2.2")
    assert "产品样品就绪" in missing.text
    both(
        book_of("R02", "R13"),
        "checklist_before",
        "ready",
        VISIT,
        visit(open_checks=(OPEN,)),
        BLOCK,
        "R02-2.2",
        "R13-3.1",
    )
    assert (
        found(
            book_of("R02"),
            "checklist_before",
            "ready",
            visit(open_checks=(("R02-2.2", "after", "x"), ("R02-2.22", "before", "y"))),
        )
        is None
    )


def test_R02_2_2_guests_who_come_early_are_let_in_with_a_reason_and_once_they_are_in_it_is_over():
    early = visit(open_checks=(OPEN,))
    both(book_of("R02"), "checklist_skipped", "check_in", replace(early, inside=1), early, EXPLAIN, "R02-2.2")
    both(book_of("R02"), "checklist_skipped", "check_in", replace(early, walk_in=True), early, EXPLAIN, "R02-2.2")
    assert found(book_of("R02"), "checklist_skipped", "check_in", VISIT) is None


def test_R04_3_5_venue_and_equipment_are_restored_before_closing():
    left = visit(open_checks=(("R04-3.5", "after", "场地与设备已复原"), ("R04-3.5", "after", "已向客人致谢")))
    assert both(book_of("R04"), "checklist_after", "close", VISIT, left, BLOCK, "R04-3.5").measure == 2
    assert found(book_of("R04"), "checklist_after", "close", replace(left, walk_in=True)) is None


@pytest.mark.parametrize(
    ("rank", "conditions", "there"),
    [
        (1, "", {"欢迎横幅"}),
        (2, "", set()),
        (2, "tour", {"防尘衣服"}),
        (2, "overnight", {"酒店"}),
        (1, "pick_up", {"欢迎横幅", "接站车辆"}),
    ],
)
def test_R09_5_the_checklist_follows_rank_and_what_the_visit_holds(rank, conditions, there):
    items = {c.item for c in checklist(book_of("R09"), rank=rank, conditions=frozenset({conditions}), day=DAY)}
    assert items & {"欢迎横幅", "防尘衣服", "酒店", "接站车辆"} == there and {"空调", "鲜花", "灯光"} <= items


def test_an_item_that_two_regulations_ask_for_is_there_once_and_cites_both():
    rooms = [
        c
        for c in checklist(book_of("R05", "R07"), rank=2, conditions=frozenset({"meeting"}), day=DAY)
        if c.item == "会议室设备就绪"
    ]
    assert [c.clause for c in rooms] == ["R05-2.4 R07-4.2"]


# ── Afterwards ───────────────────────────────────────────────────────────────────────────────────
def test_R15_4_1_6_important_receptions_are_recorded():
    both(book_of("R15"), "reception_record", "close", visit(recorded=True), VISIT, BLOCK, "R15-4.1.6")
    both(book_of("R15"), "reception_record", "close", visit(rank=3), visit(rank=1), BLOCK, "R15-4.1.6")
    assert found(book_of("R15"), "reception_record", "close", visit(walk_in=True)) is None


def test_R18_2_4_a_record_24_hours_after_the_visit_is_in_time_and_a_second_later_is_not():
    limit = VISIT.planned_end + 24 * HOUR
    both(
        book_of("R18"),
        "recorded_within",
        "close",
        visit(recorded_at=limit),
        visit(recorded_at=limit + SECOND),
        EXPLAIN,
        "R18-2.4",
    )
    both(
        book_of("R18"),
        "recorded_within",
        "close",
        visit(moment=limit),
        visit(moment=limit + SECOND),
        EXPLAIN,
        "R18-2.4",
    )
    assert found(book_of("R18"), "recorded_within", "close", visit(moment=limit + DAYS, walk_in=True)) is None


def test_R02_2_4_needs_and_questions_are_recorded():
    both(book_of("R02"), "questions_recorded", "close", visit(questions=1), VISIT, EXPLAIN, "R02-2.4")
    assert found(book_of("R02"), "questions_recorded", "close", visit(walk_in=True)) is None


def test_R13_3_11_an_open_question_blocks_and_after_three_days_it_is_overdue():
    fresh, overdue = (
        visit(open_questions=1, overdue_questions={3: 1}),
        visit(open_questions=1, overdue_questions={4: 1}),
    )
    assert "no answer" in both(book_of("R13"), "questions_answered", "close", VISIT, fresh, BLOCK, "R13-3.11").text
    assert (
        "more than 3 days"
        in both(book_of("R13"), "questions_answered", "close", VISIT, overdue, BLOCK, "R13-3.11").text
    )


def test_R06_2_1_all_five_stages_took_place():
    stages = frozenset({"appointment", "registration", "preparation", "reception", "feedback"})
    for stage in stages:
        assert (
            both(
                book_of("R06"),
                "stages_complete",
                "close",
                visit(stages=stages),
                visit(stages=stages - {stage}),
                EXPLAIN,
                "R06-2.1",
            ).measure
            == 1
        )
    assert found(book_of("R06"), "stages_complete", "close", visit(walk_in=True)) is None


def test_R06_2_3_the_guests_opinion_is_asked_for():
    both(book_of("R06"), "feedback_collected", "close", visit(feedback=1), VISIT, EXPLAIN, "R06-2.3")
    assert found(book_of("R06"), "feedback_collected", "close", visit(walk_in=True)) is None


def test_R13_3_13_the_result_is_recorded():
    both(book_of("R13"), "outcome_recorded", "close", visit(outcome="nothing"), VISIT, BLOCK, "R13-3.13")
    assert found(book_of("R13"), "outcome_recorded", "close", visit(walk_in=True)) is None


def test_R05_2_5_guests_are_seen_off_with_a_gift():
    both(book_of("R05"), "farewell_gift", "close", visit(gifts=1), VISIT, EXPLAIN, "R05-2.5")
    assert found(book_of("R05"), "farewell_gift", "close", visit(walk_in=True)) is None


@pytest.mark.parametrize("outcome", ["demand", "doubts", "agreed"])
def test_R02_2_6_further_demand_is_followed_up_by_the_seventh_day(outcome):
    open_ = visit(outcome=outcome)
    late = both(
        book_of("R02"),
        "follow_up_named",
        "close",
        replace(open_, follow_up_days=7),
        replace(open_, follow_up_days=8),
        BLOCK,
        "R02-2.6",
    )
    nobody = both(book_of("R02"), "follow_up_named", "close", visit(outcome="won"), open_, BLOCK, "R02-2.6")
    assert nobody.measure > late.measure == 8
    assert found(book_of("R02"), "follow_up_named", "close", replace(open_, walk_in=True)) is None


def test_R15_4_3_1_a_business_card_is_kept():
    both(book_of("R15"), "cards_collected", "close", visit(cards=1), VISIT, EXPLAIN, "R15-4.3.1")
    assert found(book_of("R15"), "cards_collected", "close", visit(walk_in=True)) is None
