"""What two adopted clauses say of the same thing: found, shown by an example, and settled by the company's choice."""

from dataclasses import replace

import pytest

from rules import Rulebook, SpendingFacts, Terms, VisitFacts, contradictions, judge, overlaps, settle
from tests.clauses.books import CODES, book_of, found

BOTH = book_of("R10", "R15")
KEY = "R10-3.2|R15-4.1.4"
DEMO = [("R01", "R08", "R09", "R10"), ("R16", "R12", "R08"), ("R02", "R13", "R14", "R17")]


def allowed(book: Rulebook, guests: int, category="meal") -> set[int]:
    """The numbers of own people at a table of `guests` that need no reason."""
    return {
        own
        for own in range(60)
        if not any(
            f.rule in ("escort_quota", "host_party_share")
            for f in judge(
                book, SpendingFacts(category=category, guests=guests, escorts=own, application="approved"), ("submit",)
            )
        )
    }


def hand(kind, *rows) -> Rulebook:
    return Rulebook(1, {kind: tuple(Terms(f"R9{n}-1", row) for n, row in enumerate(rows))})


def quota(escorts, more=False, categories=("meal",), at=1):
    return {"categories": list(categories), "bands": [{"guests_from": at, "escorts": escorts, "or_more": more}]}


def issuer(by, *ranks):
    return {"ranks": list(ranks), "by": by}


# ── Found ────────────────────────────────────────────────────────────────────────────────────────
def test_R10_3_2_wants_an_escort_where_R15_4_1_4_allows_none():
    (only,) = contradictions(BOTH)
    assert (only.topic, only.key, only.clauses) == ("party", KEY, ("R10-3.2", "R15-4.1.4"))
    assert only.example == "For 2 guests R10-3.2 wants 1 escorts, R15-4.1.4 allows 0."
    assert contradictions(book_of("R15", "R10")) == [only]


@pytest.mark.parametrize("codes", [*DEMO, ("R10",), ("R15",), ()])
def test_a_demo_company_has_nothing_to_choose(codes):
    assert contradictions(book_of(*codes)) == []


def test_no_two_others_of_the_eighteen_contradict_each_other():
    assert [c.key for c in contradictions(book_of(*CODES))] == [KEY]


def measures(minor, serious):
    return {"minor": minor, "serious": serious}


@pytest.mark.parametrize(
    ("one", "other", "contradict"),
    [
        (measures(["fine"], ["dismissal"]), measures(["fine", "discipline"], ["dismissal"]), False),
        (measures(["fine"], ["dismissal"]), measures(["discipline"], ["dismissal"]), True),
        (measures(["fine"], ["dismissal"]), measures(["fine"], ["discipline"]), True),
    ],
)
def test_two_clauses_without_a_common_measure_contradict_and_the_choice_settles_it(one, other, contradict):
    book = hand("violation_measure", one, other)
    found = contradictions(book)
    assert [c.topic for c in found] == ["measures"] * contradict
    for c in found:
        for prevails in c.clauses:
            settled = settle(book, {c.key: prevails}).terms["violation_measure"]
            assert all(
                set(a["minor"]) & set(b["minor"]) and set(a["serious"]) & set(b["serious"])
                for a in settled
                for b in settled
            )


def test_R03_6_and_R12_7_have_a_measure_in_common():
    assert not contradictions(book_of("R03", "R12"))


@pytest.mark.parametrize(
    ("one", "other", "contradict"),
    [
        (quota(1), quota(2), True),
        (quota(2), quota(1), True),
        (quota(2), quota(2), False),
        (quota(1, more=True), quota(2), False),
        (quota(1), quota(2, more=True), True),
        (quota(3, more=True), quota(2), True),
        (quota(2, more=True), quota(3, more=True), False),
        (quota(1), quota(2, categories=["lodging"]), False),
        (quota(1), quota(2, categories=["lodging", "meal"]), True),
        (quota(1), quota(2, at=200), True),
        (quota(1), quota(2, at=201), False),
    ],
)
def test_two_escort_duties_contradict_where_no_number_keeps_both(one, other, contradict):
    assert [c.topic for c in contradictions(hand("escort_quota", one, other))] == ["bands"] * contradict


@pytest.mark.parametrize(
    ("one", "other", "contradict"),
    [
        (issuer("office", 1, 2), issuer("department", 2, 3), True),
        (issuer("office", 1, 2), issuer("department", 3), False),
        (issuer("office", 1), issuer("office", 1), False),
        (issuer("office"), issuer("department", 3), True),
        (issuer("office"), issuer("department"), True),
    ],
)
def test_two_issuers_of_the_notice_contradict_at_a_shared_level(one, other, contradict):
    assert [c.topic for c in contradictions(hand("notice_issuer", one, other))] == ["issuer"] * contradict


def test_R01_4_1_and_R01_4_2_speak_of_different_levels():
    assert len(book_of("R01").terms["notice_issuer"]) == 2 and contradictions(book_of("R01")) == []


# ── Settled ──────────────────────────────────────────────────────────────────────────────────────
def test_unsettled_no_party_at_a_small_table_keeps_both():
    assert allowed(BOTH, 2) == set() and allowed(BOTH, 50) == set(range(3, 11))


def test_where_R10_3_2_prevails_two_guests_have_one_escort_and_fifty_still_at_most_ten():
    book = settle(BOTH, {KEY: "R10-3.2"})
    assert allowed(book, 2) == {1} and allowed(book, 50) == set(range(3, 11))
    assert found(book, "host_party_share", "submit", VisitFacts(guests=50, escorts=11)).clauses == ("R15-4.1.4",)


def test_where_R15_4_1_4_prevails_two_guests_have_none_and_fifty_still_at_least_three():
    book = settle(BOTH, {KEY: "R15-4.1.4"})
    assert allowed(book, 2) == {0} and allowed(book, 50) == set(range(3, 11))
    assert found(book, "escort_quota", "submit", SpendingFacts(guests=50, escorts=2)).clauses == ("R10-3.2",)


@pytest.mark.parametrize("prevails", ["R10-3.2", "R15-4.1.4"])
def test_the_yielding_clause_binds_wherever_both_can_be_kept(prevails):
    book, winner = settle(BOTH, {KEY: prevails}), book_of(prevails[:3])
    for guests in range(1, 60):
        before = allowed(BOTH, guests)
        assert allowed(book, guests) == before if before else allowed(book, guests) <= allowed(winner, guests), guests
        assert allowed(book, guests)


def test_R15_4_1_4_yields_at_meals_only():
    book = settle(BOTH, {KEY: "R10-3.2"})
    assert allowed(book, 2, "lodging") == {0} == allowed(BOTH, 2, "lodging")
    assert found(book, "host_party_share", "submit", VisitFacts(guests=2, escorts=1)) is None
    assert found(book, "host_party_share", "submit", VisitFacts(guests=2, escorts=2))


@pytest.mark.parametrize("choices", [{}, {KEY: ""}, {KEY: "R08-1.1"}, {"R01-4.1|R15-4.1.4": "R01-4.1"}])
def test_what_is_no_choice_between_the_two_changes_nothing(choices):
    assert settle(BOTH, choices) == BOTH


def test_a_choice_touches_no_other_clause():
    book = settle(book_of(*CODES), {KEY: "R10-3.2"})
    changed = [t.clause for kind, rows in book.terms.items() for t in rows if t not in book_of(*CODES).terms[kind]]
    assert changed == ["R15-4.1.4"] and replace(book, terms={}) == replace(book_of(*CODES), terms={})


def ranks_of(book: Rulebook, by: str) -> set[int]:
    """The ranks at which `by` may issue the notice."""
    return {
        rank
        for rank in (1, 2, 3, 4)
        if found(book, "notice_issuer", "notice", VisitFacts(rank=rank, issuer=by)) is None
    }


@pytest.mark.parametrize(
    ("one", "other", "first_wins", "second_wins"),
    [
        (issuer("office", 1, 2), issuer("department", 2, 3), ({1, 2, 4}, {3, 4}), ({1, 4}, {2, 3, 4})),
        (issuer("office", 1), issuer("department"), ({1}, {2, 3, 4}), (set(), {1, 2, 3, 4})),
        (issuer("office"), issuer("department"), ({1, 2, 3, 4}, set()), (set(), {1, 2, 3, 4})),
    ],
)
def test_of_two_issuers_the_yielding_one_keeps_its_other_levels(one, other, first_wins, second_wins):
    book = hand("notice_issuer", one, other)
    for prevails, (office, department) in (("R90-1", first_wins), ("R91-1", second_wins)):
        settled = settle(book, {"R90-1|R91-1": prevails})
        assert (ranks_of(settled, "office"), ranks_of(settled, "department")) == (office, department)
        assert contradictions(settled) == []


def test_of_two_escort_duties_the_yielding_one_keeps_its_other_spending():
    book = settle(hand("escort_quota", quota(1), quota(2, categories=["meal", "lodging"])), {"R90-1|R91-1": "R90-1"})
    assert allowed(book, 2) == {1} and allowed(book, 2, "lodging") == {2}
    book = settle(hand("escort_quota", quota(1), quota(2, categories=["meal", "lodging"])), {"R90-1|R91-1": "R91-1"})
    assert allowed(book, 2) == {2} == allowed(book, 2, "lodging")


def test_a_clause_that_has_yielded_to_one_can_yield_to_a_third():
    book = hand("notice_issuer", issuer("department"), issuer("office"), issuer("office"))
    settled = settle(book, {"R90-1|R91-1": "R91-1", "R90-1|R92-1": "R92-1"})
    assert [t.clause for t in settled.terms["notice_issuer"]] == ["R91-1", "R92-1"]


# ── Overlaps that strictness settles ─────────────────────────────────────────────────────────────
def test_overlaps_name_the_clauses_and_what_binds():
    of = {kind: (clauses, binds) for kind, clauses, binds in overlaps(book_of("R04", "R06", "R10"), "R06")}
    assert of["complaint_answered"] == (("R04-5.4", "R06-2.8"), "The earliest deadline binds.")
    assert "spending_cap" not in of and "stages_complete" not in of


def test_cycles_overlap_only_where_they_speak_of_the_same_thing():
    assert ("cycle", ("R03-4.4", "R06-3.1"), "The shorter cycle binds.") in overlaps(book_of("R03", "R06"), "R06")
    assert [kind for kind, *_ in overlaps(book_of("R10", "R18", "R17"), "R18") if kind in ("cycle", "arranged")] == []
    assert [clauses for kind, clauses, _ in overlaps(book_of("R01", "R15"), "R15") if kind == "arranged"] == [
        ("R01-2.1", "R15-4.2.3")
    ]
