"""Gifts, money and cars, clause by clause, at the limit and one day, cent or person over."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from rules import (
    DispatchFacts,
    GiftFacts,
    Rulebook,
    SpendingFacts,
    Terms,
    VisitFacts,
    band_of,
    cap_for,
    chain,
    largest_party,
)
from tests.clauses.books import BLOCK, DAY, EXPLAIN, book_of, both, clause, found

CENT, ONE = Decimal("0.01"), timedelta(days=1)
MEAL = SpendingFacts(category="meal", rank=2, guests=2, escorts=1, total=Decimal(600), application="approved")
GIFT = GiftFacts(application="approved", guests=3, value=Decimal(300), requested_on=DAY - ONE, needed_on=DAY)
CAR = DispatchFacts(day=DAY, filed_on=DAY - ONE)


# ── Gifts ────────────────────────────────────────────────────────────────────────────────────────
def test_R01_4_3_a_gift_needs_an_application():
    for stage in ("submit", "approve"):
        both(book_of("R01"), "gift_application", stage, GIFT, replace(GIFT, application="none"), BLOCK, "R01-4.3")
    assert found(book_of("R01"), "gift_application", "submit", replace(GIFT, application="late")) is None


def test_R14_3_3_a_gift_is_asked_for_the_day_before_and_not_on_the_day():
    same_day = both(
        book_of("R14"), "gift_in_advance", "submit", GIFT, replace(GIFT, requested_on=DAY), BLOCK, "R14-3.3"
    )
    after = both(
        book_of("R14"),
        "gift_in_advance",
        "submit",
        replace(GIFT, needed_on=None),
        replace(GIFT, requested_on=DAY + 2 * ONE),
        BLOCK,
        "R14-3.3",
    )
    assert (same_day.measure, after.measure) == (0, 2)
    assert found(book_of("R14"), "gift_in_advance", "submit", replace(GIFT, requested_on=None)) is None


def test_R07_3_3_a_small_gift_is_worth_100_a_guest_and_not_a_cent_more():
    over = both(book_of("R07"), "small_gift", "submit", GIFT, replace(GIFT, value=300 + CENT), EXPLAIN, "R07-3.3")
    assert over.measure == CENT
    both(
        book_of("R07"),
        "small_gift",
        "submit",
        replace(GIFT, guests=0, value=Decimal(100)),
        replace(GIFT, guests=0, value=100 + CENT),
        EXPLAIN,
        "R07-3.3",
    )


@pytest.mark.parametrize("kind", ["cash", "voucher", "securities"])
def test_R07_7_what_is_as_good_as_money_is_never_given(kind):
    both(book_of("R07"), "forbidden_benefit", "submit", GIFT, replace(GIFT, benefit=kind), BLOCK, "R07-7")
    only = clause("forbidden_benefit", kinds=["cash"])
    both(
        only,
        "forbidden_benefit",
        "approve",
        replace(GIFT, benefit="voucher"),
        replace(GIFT, benefit="cash"),
        BLOCK,
        "R99-1",
    )


def test_R10_3_3_an_important_gift_goes_to_the_executive():
    def roles(*conditions):
        return [
            s.role
            for s in chain(
                book_of("R10"), "giftrequest", rank=2, amount=Decimal(0), conditions=frozenset(conditions), day=DAY
            )
        ]

    assert roles("important") == ["dept_head", "executive"] and roles() == ["dept_head"]


# ── Money ────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("category", ["meal", "gift"])
def test_R01_4_3_R14_3_3_a_banquet_or_gift_needs_an_application(category):
    spent = replace(MEAL, category=category)
    for code in ("R01-4.3", "R14-3.3"):
        both(
            book_of(code[:3]), "banquet_application", "submit", spent, replace(spent, application="none"), EXPLAIN, code
        )
        both(
            book_of(code[:3]),
            "banquet_application",
            "submit",
            replace(MEAL, category="lodging", application="none"),
            replace(spent, application="none"),
            EXPLAIN,
            code,
        )
    assert (
        found(
            book_of("R01"), "banquet_application", "submit", replace(spent, application="none", needs_application=False)
        )
        is None
    )


def test_R01_4_3_R14_3_3_an_application_after_the_fact_gives_its_reason():
    for code in ("R01-4.3", "R14-3.3"):
        both(book_of(code[:3]), "application_in_advance", "submit", MEAL, replace(MEAL, late=True), EXPLAIN, code)


@pytest.mark.parametrize(("rank", "cap"), [(1, 500), (2, 300), (3, 200), (4, 150)])
@pytest.mark.parametrize("guests", [1, 7])
def test_R10_3_1_the_cap_of_each_class_at_the_limit_and_one_cent_over(rank, cap, guests):
    at = replace(MEAL, rank=rank, guests=guests, total=Decimal(cap * guests))
    over = both(book_of("R10"), "spending_cap", "submit", at, replace(at, total=at.total + CENT), EXPLAIN, "R10-3.1")
    assert over.measure == CENT and cap_for(book_of("R10"), "meal", rank, DAY) == (Decimal(cap), "R10-3.1")


@pytest.mark.parametrize("change", [{"category": "lodging"}, {"rank": 5}, {"rank": None}, {"guests": 0}])
def test_R10_3_1_caps_meals_of_guests_of_its_classes_only(change):
    assert found(book_of("R10"), "spending_cap", "submit", replace(MEAL, total=Decimal(10**6), **change)) is None


def test_a_cap_on_everything_binds_beside_a_cap_on_meals_and_the_lower_is_named():
    book = clause("spending_cap", per_guest={("all", 2): Decimal(400), ("meal", 2): Decimal(250)})
    both(
        book,
        "spending_cap",
        "submit",
        replace(MEAL, total=Decimal(500)),
        replace(MEAL, total=500 + CENT),
        EXPLAIN,
        "R99-1",
    )
    lodging = replace(MEAL, category="lodging", total=Decimal(800))
    both(book, "spending_cap", "submit", lodging, replace(lodging, total=800 + CENT), EXPLAIN, "R99-1")
    assert [cap_for(book, category, 2, None)[0] for category in ("meal", "lodging")] == [250, 400] and cap_for(
        book, "meal", 3, None
    ) is None


def test_R10_3_1_above_the_cap_the_executive_decides_too():
    for subject in ("expense", "hospitalityrequest"):
        above, within = (
            [
                s.role
                for s in chain(book_of("R10"), subject, rank=2, amount=Decimal(700), conditions=frozenset(c), day=DAY)
            ]
            for c in ({"over_cap"}, set())
        )
        assert above == ["executive"] and within == []


def test_R17_3_1_from_2000_on_the_chairman_approves_the_money():
    for amount, roles in ((Decimal(2000), ["executive"]), (2000 - CENT, [])):
        assert [
            s.role for s in chain(book_of("R17"), "expense", rank=2, amount=amount, conditions=frozenset(), day=DAY)
        ] == roles


def test_R10_3_1_the_customers_department_bears_the_cost():
    both(book_of("R10"), "cost_bearer", "submit", MEAL, replace(MEAL, charged_elsewhere=True), EXPLAIN, "R10-3.1")


# ── Own people ───────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("guests", "escorts"), [(1, 1), (4, 1), (5, 2), (10, 2), (11, 3)])
def test_R10_3_2_escorts_by_number_of_guests_one_fewer_and_one_more(guests, escorts):
    right = replace(MEAL, guests=guests, escorts=escorts)
    assert (
        both(
            book_of("R10"), "escort_quota", "submit", right, replace(right, escorts=escorts - 1), EXPLAIN, "R10-3.2"
        ).measure
        == 1
    )
    if guests <= 10:
        both(book_of("R10"), "escort_quota", "submit", right, replace(right, escorts=escorts + 1), EXPLAIN, "R10-3.2")
    else:
        assert found(book_of("R10"), "escort_quota", "submit", replace(right, escorts=20)) is None


def test_R10_3_2_speaks_of_meals_only():
    assert found(book_of("R10"), "escort_quota", "submit", replace(MEAL, category="lodging", escorts=9)) is None


def test_below_the_first_band_nothing_binds():
    bands = [{"guests_from": 3, "escorts": 1}]
    assert band_of(bands, 2) is None and band_of(bands, 3) == bands[0]
    both(
        clause("escort_quota", categories=["meal"], bands=bands),
        "escort_quota",
        "submit",
        replace(MEAL, guests=2, escorts=5),
        replace(MEAL, guests=3, escorts=2),
        EXPLAIN,
        "R99-1",
    )


@pytest.mark.parametrize(("guests", "own"), [(4, 0), (5, 1), (9, 1), (10, 2), (50, 10)])
def test_R15_4_1_4_the_own_party_is_two_tenths_of_the_guests_at_most(guests, own):
    assert largest_party("0.2", guests) == own
    for facts in (replace(MEAL, guests=guests, escorts=own), VisitFacts(guests=guests, escorts=own)):
        over = both(
            book_of("R15"), "host_party_share", "submit", facts, replace(facts, escorts=own + 1), EXPLAIN, "R15-4.1.4"
        )
        assert over.measure == 1
        assert (
            found(book_of("R15"), "host_party_share", "submit", replace(facts, escorts=own + 1, walk_in=True)) is None
        )


# ── Cars ─────────────────────────────────────────────────────────────────────────────────────────
def test_R13_3_1_a_car_is_asked_for_one_day_before_and_not_on_the_day():
    late = both(book_of("R13"), "dispatch_ahead", "file", CAR, replace(CAR, filed_on=DAY), EXPLAIN, "R13-3.1")
    later = both(
        book_of("R13"),
        "dispatch_ahead",
        "file",
        replace(CAR, filed_on=None),
        replace(CAR, filed_on=DAY + ONE),
        EXPLAIN,
        "R13-3.1",
    )
    assert (late.measure, later.measure) == (1, 2)


@pytest.mark.parametrize("field", ["pick_up", "contact", "passengers"])
def test_R13_3_1_the_dispatch_order_names_pick_up_contact_and_passengers(field):
    enough = replace(CAR, filled=frozenset({"pick_up", "contact", "passengers"}))
    assert (
        both(
            book_of("R13"),
            "dispatch_complete",
            "file",
            enough,
            replace(CAR, filled=enough.filled - {field}),
            BLOCK,
            "R13-3.1",
        ).measure
        == 1
    )


def test_R17_4_2_1_asks_for_the_flight_and_how_to_recognise_the_guests_too():
    both(
        book_of("R17"),
        "dispatch_complete",
        "file",
        CAR,
        replace(CAR, filled=frozenset({"pick_up", "contact", "passengers"})),
        BLOCK,
        "R17-4.2.1",
    )


def test_where_two_regulations_name_fields_the_one_that_misses_more_speaks_and_both_are_cited():
    both(
        book_of("R13", "R17"),
        "dispatch_complete",
        "file",
        CAR,
        replace(CAR, filled=frozenset({"flight"})),
        BLOCK,
        "R17-4.2.1",
        "R13-3.1",
    )


def test_of_two_caps_over_the_lower_speaks_and_the_finding_cites_both():
    book = Rulebook(
        1,
        {
            "spending_cap": (
                *book_of("R10").terms["spending_cap"],
                Terms("R99-1", {"per_guest": {("all", 2): Decimal(100)}}),
            )
        },
    )
    both(
        book,
        "spending_cap",
        "submit",
        replace(MEAL, total=Decimal(200)),
        replace(MEAL, total=Decimal(600)),
        EXPLAIN,
        "R99-1",
    )
    both(
        book,
        "spending_cap",
        "submit",
        replace(MEAL, total=Decimal(200)),
        replace(MEAL, total=600 + CENT),
        EXPLAIN,
        "R99-1",
        "R10-3.1",
    )
    assert cap_for(book, "meal", 2, DAY) == (100, "R99-1")
