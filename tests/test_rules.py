"""The rules, clause by clause: pure, on both sides of every boundary."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import say
from rulebook import files
from rules import (
    RULES,
    Finding,
    GiftFacts,
    Rulebook,
    Severity,
    SpendingFacts,
    Terms,
    VisitFacts,
    cap_for,
    chain,
    check_terms,
    judge,
)
from tests.clauses.books import book_of

BOOK = book_of("R01", "R08", "R10")
START = datetime(2026, 12, 1, 9, tzinfo=UTC)
VISIT = VisitFacts(
    rank=2,
    purpose="参观",
    planned_start=START,
    filed_at=START - timedelta(days=2),
    sealed_evidence=1,
    host_confirmed=True,
    area="office",
)
MEAL = SpendingFacts(category="meal", rank=2, guests=2, escorts=1, total=Decimal("600.00"), application="approved")


def found(facts, stage, rule):
    return next((f for f in judge(BOOK, facts, (stage,)) if f.rule == rule), None)


# ── R01 ──────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_R01_4_1_a_sealed_letter_is_needed_for_A_plus_A_and_B(rank):
    finding = found(replace(VISIT, rank=rank, sealed_evidence=0), "submit", "stamped_evidence")
    assert finding.severity == Severity.BLOCK and finding.clauses == ("R01-4.1",) and finding.way_out
    assert found(replace(VISIT, rank=rank, sealed_evidence=1), "submit", "stamped_evidence") is None


def test_R01_4_1_no_letter_is_needed_for_C():
    assert found(replace(VISIT, rank=4, sealed_evidence=0), "submit", "stamped_evidence") is None


def test_R01_4_1_filed_24_hours_ahead_is_in_time_and_a_second_later_is_not():
    assert found(replace(VISIT, filed_at=START - timedelta(hours=24)), "submit", "advance_notice") is None
    late = found(
        replace(VISIT, filed_at=START - timedelta(hours=24) + timedelta(seconds=1)), "submit", "advance_notice"
    )
    assert late.severity == Severity.EXPLAIN and late.clauses == ("R01-4.1",)


@pytest.mark.parametrize(
    ("rank", "roles"),
    [
        (1, ["dept_head", "admin_head", "executive"]),
        (2, ["dept_head", "admin_head", "executive"]),
        (3, ["dept_head", "admin_head", "executive"]),
        (4, ["dept_head", "admin_office"]),
    ],
)
def test_R01_4_1_and_R01_4_2_the_chain_of_each_level(rank, roles):
    steps = chain(BOOK, "visit", rank=rank, amount=Decimal(0), conditions=frozenset(), day=date(2026, 12, 1))
    assert [s.role for s in steps] == roles
    assert steps[-1].clause == ("R01-4.2" if rank == 4 else "R01-4.1")


def test_a_level_without_a_chain_cannot_be_submitted():
    finding = next(
        f
        for f in judge(BOOK, replace(VISIT, subject="visit", has_chain=False), ("submit",))
        if f.rule == "approval_chain"
    )
    assert finding.severity == Severity.BLOCK


def test_a_step_nobody_can_decide_blocks_and_names_its_clause():
    facts = replace(VISIT, subject="visit", vacant=("Executive",), vacant_clauses=("R01-4.1",))
    finding = next(f for f in judge(BOOK, facts, ("submit",)) if f.rule == "approval_chain")
    assert finding.severity == Severity.BLOCK and finding.clauses == ("R01-4.1",)


@pytest.mark.parametrize(
    ("rank", "issuer", "blocked"),
    [(2, "office", False), (2, "department", True), (4, "department", False), (4, "office", True), (4, "any", False)],
)
def test_R01_4_1_R01_4_2_who_issues_the_notice(rank, issuer, blocked):
    finding = found(replace(VISIT, rank=rank, issuer=issuer), "notice", "notice_issuer")
    assert (finding is not None) == blocked
    if blocked:
        assert finding.clauses == ("R01-4.2" if rank == 4 else "R01-4.1",)


def test_R01_4_1_a_reception_is_recorded_before_it_is_closed():
    assert found(VISIT, "close", "reception_record").severity == Severity.BLOCK
    assert found(replace(VISIT, recorded=True), "close", "reception_record") is None
    assert found(replace(VISIT, rank=4), "close", "reception_record") is None


def test_R01_4_3_a_banquet_without_application_needs_a_reason_and_a_gift_is_stopped():
    assert found(replace(MEAL, application="none"), "submit", "banquet_application").severity == Severity.EXPLAIN
    assert found(MEAL, "submit", "banquet_application") is None
    assert found(replace(MEAL, application="none", category="lodging"), "submit", "banquet_application") is None
    assert found(GiftFacts(application="none"), "submit", "gift_application").severity == Severity.BLOCK
    assert found(GiftFacts(application="approved"), "submit", "gift_application") is None


def test_R01_4_3_an_application_after_the_fact_is_explained():
    assert found(replace(MEAL, late=True), "submit", "application_in_advance").clauses == ("R01-4.3",)
    assert found(MEAL, "submit", "application_in_advance") is None


# ── R08 ──────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("change", [{"purpose": " "}, {"host": False}, {"named_guests": 0}])
def test_R08_1_1_reason_host_and_name_are_registered(change):
    assert found(replace(VISIT, **change), "check_in", "stated_reason").severity == Severity.BLOCK
    assert found(VISIT, "check_in", "stated_reason") is None


@pytest.mark.parametrize(
    ("walk_in", "area", "blocked"),
    [(True, "office", True), (True, "site", True), (True, "lobby", False), (False, "office", False)],
)
def test_R08_1_2_without_appointment_no_entry_to_the_office_area(walk_in, area, blocked):
    finding = found(replace(VISIT, walk_in=walk_in, area=area), "check_in", "appointment_required")
    assert (finding is not None) == blocked
    if blocked:
        assert finding.severity == Severity.BLOCK and finding.clauses == ("R08-1.2",)


def test_R08_1_3_who_is_barred_is_not_let_in():
    assert found(replace(VISIT, blacklisted=1), "check_in", "blacklist").clauses == ("R08-1.3",)
    assert found(VISIT, "check_in", "blacklist") is None


def test_R08_1_4_unrelated_salespeople_do_not_enter():
    assert found(replace(VISIT, unrelated_sales=True), "check_in", "unrelated_sales").severity == Severity.BLOCK
    assert found(VISIT, "check_in", "unrelated_sales") is None


def test_R08_2_6_only_after_the_host_confirms():
    asking = replace(VISIT, host_confirmed=False)
    assert found(asking, "check_in", "host_confirms").clauses == ("R08-2.6",)
    assert found(VISIT, "check_in", "host_confirms") is None
    # A host who filed the appointment has confirmed by that; a walk-in's host never has.
    assert found(replace(asking, host_is_applicant=True), "check_in", "host_confirms") is None
    assert found(replace(asking, host_is_applicant=True, walk_in=True), "check_in", "host_confirms") is not None


def test_R08_2_7_a_leaders_guest_is_announced_and_a_vip_escorted():
    assert "escort" in found(replace(VISIT, host_is_leader=True, rank=2), "check_in", "leader_visitor").text
    assert "escort" not in found(replace(VISIT, host_is_leader=True, rank=3), "check_in", "leader_visitor").text
    assert found(VISIT, "check_in", "leader_visitor") is None


def test_R08_2_10_departure_is_recorded_before_closing():
    assert found(replace(VISIT, inside=1), "close", "departure_recorded").clauses == ("R08-2.10",)
    assert found(VISIT, "close", "departure_recorded") is None


# ── R10 ──────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("rank", "cap"), [(1, 500), (2, 300), (3, 200), (4, 150)])
def test_R10_3_1_the_cap_of_each_rank_at_the_limit_and_one_cent_over(rank, cap):
    at = replace(MEAL, rank=rank, guests=3, total=Decimal(cap * 3))
    assert found(at, "submit", "spending_cap") is None
    over = found(replace(at, total=Decimal(cap * 3) + Decimal("0.01")), "submit", "spending_cap")
    assert over.severity == Severity.EXPLAIN and over.clauses == ("R10-3.1",) and over.measure == Decimal("0.01")
    assert cap_for(BOOK, "meal", rank, None) == (Decimal(cap), "R10-3.1")


def test_R10_3_1_above_the_cap_the_executive_decides_too():
    steps = chain(BOOK, "expense", rank=2, amount=Decimal(700), conditions=frozenset({"over_cap"}), day=None)
    assert [(s.role, s.clause) for s in steps] == [("dept_head", "R01-2.2"), ("executive", "R10-3.1")]
    assert [s.role for s in chain(BOOK, "expense", rank=2, amount=Decimal(700), conditions=frozenset(), day=None)] == [
        "dept_head"
    ]


@pytest.mark.parametrize(
    ("guests", "escorts", "fine"),
    [
        (1, 1, True),
        (4, 1, True),
        (4, 2, False),
        (4, 0, False),
        (5, 2, True),
        (5, 1, False),
        (10, 2, True),
        (10, 3, False),
        (11, 2, False),
        (11, 3, True),
        (11, 4, True),
    ],
)
def test_R10_3_2_escorts_by_number_of_guests(guests, escorts, fine):
    finding = found(replace(MEAL, guests=guests, escorts=escorts, total=Decimal(1)), "submit", "escort_quota")
    assert (finding is None) == fine
    if not fine:
        assert finding.severity == Severity.EXPLAIN and finding.clauses == ("R10-3.2",)


def test_R10_3_3_an_important_gift_goes_to_the_executive():
    steps = chain(BOOK, "giftrequest", rank=2, amount=Decimal(0), conditions=frozenset({"important"}), day=None)
    assert [(s.role, s.clause) for s in steps] == [
        ("dept_head", "R01-2.2 R10-3.3"),
        ("admin_office", "R01-2.1"),
        ("executive", "R10-3.3"),
    ]


# ── The machinery ────────────────────────────────────────────────────────────────────────────────
def test_of_two_caps_the_lower_binds_and_the_finding_cites_both():
    terms = dict(BOOK.terms)
    terms["spending_cap"] = (*terms["spending_cap"], Terms("R99-1", {"per_guest": {("all", 2): Decimal(100)}}))
    finding = next(f for f in judge(Rulebook(1, terms, ()), MEAL, ("submit",)) if f.rule == "spending_cap")
    assert finding.clauses == ("R99-1",) and finding.measure == 400
    finding = next(
        f
        for f in judge(Rulebook(1, terms, ()), replace(MEAL, total=Decimal(700)), ("submit",))
        if f.rule == "spending_cap"
    )
    assert finding.clauses == ("R99-1", "R10-3.1") and finding.measure == 500


def test_a_clause_binds_from_its_first_day_to_its_last():
    terms = Terms("R10-3.1", {"per_guest": {("meal", 2): Decimal(100)}}, (date(2026, 1, 1), date(2026, 12, 31)))
    book = Rulebook(1, {"spending_cap": (terms,)})
    for day, bound in (
        (date(2025, 12, 31), False),
        (date(2026, 1, 1), True),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), False),
    ):
        assert bool(judge(book, replace(MEAL, day=day), ("submit",))) == bound, day


def test_terms_that_a_rule_does_not_read_are_refused():
    assert check_terms("advance_notice", {"ranks": [1], "hours": 24}) == []
    assert check_terms("advance_notice", {"ranks": [1]}) and check_terms(
        "advance_notice", {"ranks": [1], "hours": 24, "days": 1}
    )
    assert check_terms("advance_notice", {"ranks": [1], "hours": "24"}) and check_terms("nothing", {})


@pytest.mark.parametrize(
    ("kind", "terms", "keys"),
    [
        ("advance_notice", {"ranks": [1]}, ["hours"]),
        ("advance_notice", {"ranks": [0], "hours": -1, "days": 1}, ["days", "ranks", "hours"]),
        ("violation_measure", {"minor": ["fine"], "serious": []}, ["serious"]),
        ("escorts_named", {"ranks": [], "lead": True, "heads": 1, "at": "close", "severity": "note"}, ["at"]),
        ("nothing", {"hours": 1}, [""]),
    ],
)
def test_what_is_wrong_is_named_by_the_key_of_the_parameter(kind, terms, keys):
    assert [key for key, _ in check_terms(kind, terms)] == keys


@given(
    rank=st.integers(1, 4),
    guests=st.integers(1, 40),
    cents=st.integers(1, 10**7),
    escorts=st.integers(0, 6),
    limit=st.integers(0, 600),
)
def test_one_more_cap_never_makes_anything_more_permissive(rank, guests, cents, escorts, limit):
    facts = replace(MEAL, rank=rank, guests=guests, escorts=escorts, total=Decimal(cents) / 100)
    more = Rulebook(
        1,
        {
            **BOOK.terms,
            "spending_cap": (
                *BOOK.terms["spending_cap"],
                Terms("R99-1", {"per_guest": {("all", rank): Decimal(limit)}}),
            ),
        },
        BOOK.steps,
    )
    before = {f.rule for f in judge(BOOK, facts, ("submit",))}
    assert before <= {f.rule for f in judge(more, facts, ("submit",))}


@pytest.mark.parametrize(
    ("kind", "moments"),
    [
        ("required_fields", {"submit", "check_in", "close"}),
        ("guest_particulars", {"submit", "check_in"}),
        ("escorts_named", {"notice", "check_in"}),
    ],
)
def test_a_moment_at_which_a_rule_is_never_judged_is_refused(kind, moments):
    known = {
        "required_fields": {"fields": ["purpose"]},
        "guest_particulars": {"fields": ["name"]},
        "escorts_named": {"ranks": [], "lead": True, "heads": 1},
    }[kind]
    accepted = {
        at
        for at in ("submit", "notice", "check_in", "close", "ready")
        if not check_terms(kind, known | {"at": at, "severity": "block"})
    }
    assert accepted == moments


@pytest.mark.parametrize("kind", sorted(kind for kind, rule in RULES.items() if rule.made_from))
def test_what_levels_and_checklists_make_no_clause_can_name(kind):
    assert check_terms(kind, {}) and not RULES[kind].typed


def test_every_rule_says_its_purpose_and_every_finding_its_way_out():
    for rule in RULES.values():
        assert rule.title and rule.says.endswith(".") and rule.judge.__doc__
        assert {name for _, name, *_ in Formatter().parse(rule.says) if name} <= set(rule.params), rule.kind
    assert Finding("x", Severity.NOTE, say("a {n}", n=1), say("b")).text == "a 1"


def test_bad_regulation_files_name_file_and_clause(tmp_path):
    path = tmp_path / "R77.toml"
    path.write_text(
        'code="R77"\ntitle="甲"\ntitle_en="a"\n[[clause]]\nnumber="1"\nkind="cap"\nzh="甲"\nen="a"\nrule="advance_notice"\nterms={ranks=[1]}\n',
        "utf-8",
    )
    with pytest.raises(files.BadRegulation, match=r"R77.toml: clause 1: .*hours"):
        files.read(path)
