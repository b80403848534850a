"""The front desk, clause by clause, on both sides of every boundary: who is let in, how far, and what is written
down."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rules import VisitFacts, check_terms
from tests.clauses.books import BLOCK, EXPLAIN, MINUTE, NOTE, SECOND, START, book_of, both, clause, found

CALLER = VisitFacts(
    rank=3,
    purpose="洽谈",
    host=True,
    named_guests=1,
    planned_start=START,
    planned_end=START + timedelta(hours=2),
    area="office",
)


def caller(**changes) -> VisitFacts:
    return replace(CALLER, **changes)


@pytest.mark.parametrize("lacks", [{"purpose": " "}, {"host": False}, {"named_guests": 0}])
def test_R08_1_1_reason_host_and_name_are_registered(lacks):
    both(book_of("R08"), "stated_reason", "check_in", CALLER, caller(**lacks), BLOCK, "R08-1.1")
    both(book_of("R08"), "stated_reason", "register", CALLER, caller(**lacks), BLOCK, "R08-1.1")


@pytest.mark.parametrize("code", ["R08-1.2", "R11-3.1", "R12-2.1", "R18-2.2"])
def test_R08_1_2_without_appointment_nobody_goes_beyond_the_reception_area(code):
    book = book_of(code[:3])
    both(book, "appointment_required", "check_in", CALLER, caller(walk_in=True), BLOCK, code)
    both(
        book,
        "appointment_required",
        "check_in",
        caller(walk_in=True, area="lobby"),
        caller(walk_in=True, area="site"),
        BLOCK,
        code,
    )


def test_a_clause_may_leave_no_area_free_or_the_office_too():
    nowhere, office = (
        clause("appointment_required", free_areas=[]),
        clause("appointment_required", free_areas=["lobby", "office"]),
    )
    both(nowhere, "appointment_required", "check_in", CALLER, caller(walk_in=True, area="lobby"), BLOCK, "R99-1")
    both(
        office,
        "appointment_required",
        "check_in",
        caller(walk_in=True),
        caller(walk_in=True, area="site"),
        BLOCK,
        "R99-1",
    )


def test_R08_1_3_who_is_barred_is_not_let_in():
    for stage in ("register", "check_in"):
        both(book_of("R08"), "blacklist", stage, CALLER, caller(blacklisted=1), BLOCK, "R08-1.3")


def test_R08_1_3_thirty_minutes_past_the_end_is_no_overstay_and_a_second_more_is():
    limit = CALLER.planned_end + 30 * MINUTE
    late = both(
        book_of("R08"),
        "overstay",
        "check_out",
        caller(inside=1, moment=limit),
        caller(inside=1, moment=limit + SECOND),
        NOTE,
        "R08-1.3",
    )
    assert late.measure == 1
    both(
        book_of("R08"),
        "overstay",
        "check_in",
        caller(inside=0, moment=limit + MINUTE),
        caller(inside=2, moment=limit + MINUTE),
        NOTE,
        "R08-1.3",
    )
    assert (
        found(book_of("R08"), "overstay", "check_out", caller(inside=1, planned_end=None, moment=limit + MINUTE))
        is None
    )


def test_R08_1_4_unrelated_salespeople_do_not_enter():
    both(book_of("R08"), "unrelated_sales", "check_in", CALLER, caller(unrelated_sales=True), BLOCK, "R08-1.4")


def test_R08_2_6_only_after_the_host_confirms():
    both(book_of("R08"), "host_confirms", "check_in", caller(host_confirmed=True), CALLER, BLOCK, "R08-2.6")
    # A host who filed the appointment has confirmed by that; a walk-in's host never has.
    both(
        book_of("R08"),
        "host_confirms",
        "check_in",
        caller(host_is_applicant=True),
        caller(host_is_applicant=True, walk_in=True),
        BLOCK,
        "R08-2.6",
    )
    strict = clause("host_confirms", applicant_host_counts=False)
    both(
        strict, "host_confirms", "check_in", caller(host_confirmed=True), caller(host_is_applicant=True), BLOCK, "R99-1"
    )


def test_R12_2_3_the_host_is_told_in_the_fifth_minute_at_the_latest():
    here, limit = caller(arrived_at=START), START + 5 * MINUTE
    book = book_of("R12")
    both(
        book,
        "host_told",
        "check_in",
        replace(here, host_confirmed_at=limit),
        replace(here, host_confirmed_at=limit + SECOND),
        NOTE,
        "R12-2.3",
    )
    waiting = both(
        book,
        "host_told",
        "check_in",
        replace(here, moment=limit),
        replace(here, moment=limit + 10 * MINUTE),
        NOTE,
        "R12-2.3",
    )
    assert waiting.measure == 10
    assert found(book, "host_told", "check_in", caller(moment=limit + MINUTE)) is None


def test_R08_2_7_a_leaders_guest_is_announced_and_a_vip_escorted():
    for stage in ("notice", "check_in"):
        guest = both(book_of("R08"), "leader_visitor", stage, CALLER, caller(host_is_leader=True), NOTE, "R08-2.7")
        vip = both(
            book_of("R08"),
            "leader_visitor",
            stage,
            caller(rank=2),
            caller(host_is_leader=True, rank=2),
            NOTE,
            "R08-2.7",
        )
        assert "escort" in vip.text and "escort" not in guest.text and vip.measure > guest.measure


@pytest.mark.parametrize("area", ["office", "site"])
def test_R12_2_1_R18_2_2_an_identity_document_is_shown_beyond_the_reception_area(area):
    for code in ("R12-2.1", "R18-2.2"):
        both(
            book_of(code[:3]),
            "identity_checked",
            "check_in",
            caller(area=area, identity=True),
            caller(area=area),
            BLOCK,
            code,
        )
        both(book_of(code[:3]), "identity_checked", "check_in", caller(area="lobby"), caller(area=area), BLOCK, code)


def test_R12_4_1_a_badge_for_every_guest_beyond_the_reception_area_and_R04_3_2_everywhere():
    missing = both(book_of("R12"), "badge_issued", "check_in", CALLER, caller(badges_missing=2), BLOCK, "R12-4.1")
    assert missing.measure == 2
    both(
        book_of("R12"),
        "badge_issued",
        "check_in",
        caller(area="lobby", badges_missing=1),
        caller(area="site", badges_missing=1),
        BLOCK,
        "R12-4.1",
    )
    both(
        book_of("R04"),
        "badge_issued",
        "check_in",
        caller(area="lobby"),
        caller(area="lobby", badges_missing=1),
        BLOCK,
        "R04-3.2",
    )


def test_R12_4_1_the_security_check_comes_before_office_and_site():
    both(book_of("R12"), "security_check", "check_in", caller(security=True), CALLER, BLOCK, "R12-4.1")
    both(book_of("R12"), "security_check", "check_in", caller(area="lobby"), caller(area="site"), BLOCK, "R12-4.1")


def test_R12_5_1_sensitive_topics_come_after_a_signed_agreement():
    both(
        book_of("R12"),
        "nda_signed",
        "check_in",
        caller(sensitive=True, nda=True),
        caller(sensitive=True),
        BLOCK,
        "R12-5.1",
    )
    both(book_of("R15"), "nda_signed", "check_in", CALLER, caller(sensitive=True), EXPLAIN, "R15-4.1.6")


def test_R12_5_1_and_R15_4_1_6_the_stricter_stands_and_both_are_cited():
    both(book_of("R15", "R12"), "nda_signed", "check_in", CALLER, caller(sensitive=True), BLOCK, "R12-5.1", "R15-4.1.6")


def test_R08_2_10_the_departure_is_recorded_before_closing():
    both(book_of("R08"), "departure_recorded", "close", CALLER, caller(inside=1), BLOCK, "R08-2.10")


def test_R10_4_goods_leave_with_a_slip():
    both(
        book_of("R10"),
        "goods_release",
        "check_out",
        caller(goods=True, goods_slip=True),
        caller(goods=True),
        BLOCK,
        "R10-4",
    )
    assert found(book_of("R10"), "goods_release", "check_out", CALLER) is None


@pytest.mark.parametrize("reason", ["host_unavailable", "no_appointment"])
def test_R08_2_8_who_cannot_be_received_is_offered_a_message_or_an_appointment(reason):
    for offer in ("message", "next_appointment"):
        both(
            book_of("R08"),
            "host_unavailable",
            "refuse",
            caller(refusal=reason, offer=offer),
            caller(refusal=reason),
            EXPLAIN,
            "R08-2.8",
        )
    assert found(book_of("R08"), "host_unavailable", "refuse", caller(refusal="barred")) is None
    only = clause("host_unavailable", offers=["message"])
    both(
        only,
        "host_unavailable",
        "refuse",
        caller(refusal=reason, offer="message"),
        caller(refusal=reason, offer="next_appointment"),
        EXPLAIN,
        "R99-1",
    )


def test_offering_nothing_is_no_offer():
    assert check_terms("host_unavailable", {"offers": ["message"]}) == []
    assert check_terms("host_unavailable", {"offers": ["message", ""]}) and check_terms(
        "host_unavailable", {"offers": []}
    )


@pytest.mark.parametrize("reason", ["refused_registration", "forced_entry"])
def test_R08_2_9_measures_against_forced_entry_are_written_down(reason):
    both(
        book_of("R08"),
        "forced_entry",
        "refuse",
        caller(refusal=reason, measures="保安制止"),
        caller(refusal=reason, measures=" "),
        BLOCK,
        "R08-2.9",
    )
    assert found(book_of("R08"), "forced_entry", "refuse", caller(refusal="unrelated_sales")) is None
