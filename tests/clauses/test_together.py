"""Regulations together: adopting one more never makes anything more permissive, and the order does not matter.

And the rules together: every kind is shown on both sides somewhere in these tests.
"""

import ast
from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import get_type_hints

from hypothesis import given, settings
from hypothesis import strategies as st

from clauses.words import (
    Area,
    Benefit,
    CheckCondition,
    ComplaintField,
    CustomerClass,
    CycleKind,
    Disclosed,
    DispatchField,
    Measure,
    Need,
    NoticeField,
    Offer,
    OutboundPurpose,
    OutboundTarget,
    Outcome,
    Refusal,
    SpendingCategory,
    Stage,
    VisitCategory,
    VisitField,
    VisitKind,
)
from rulebook import files
from rules import (
    RULES,
    WEIGHT,
    Rulebook,
    VisitFacts,
    cap_for,
    chain,
    checklist,
    contradictions,
    criteria,
    judge,
    suggest_level,
)
from tests.clauses.books import CODES, DAY, START, book_of
from workflow import Role

quick = settings(max_examples=120, deadline=None)
LOWEST, NO_CAP = 10**6, Decimal(10**9)

# ── Random facts ─────────────────────────────────────────────────────────────────────────────────
WORDS = {
    "rank": [None, 1, 2, 3, 4, 5],
    "category": ["", *VisitCategory, *SpendingCategory],
    "visit_kind": ["", *VisitKind],
    "customer_class": ["", *CustomerClass],
    "lead_title": ["", "省委书记", "杭州市市长", "总经理", "销售经理", "工程师"],
    "area": list(Area),
    "refusal": ["", *Refusal],
    "offer": list(Offer),
    "outcome": list(Outcome),
    "issuer": ["", "any", "office", "department"],
    "benefit": ["", *Benefit],
    "application": ["none", "approved", "late"],
    "measure": ["", *Measure],
    "CycleFacts.what": CycleKind,
    "DisclosureFacts.what": Disclosed,
    "author_title": ["", "销售经理", "销售主管", "销售代表"],
    "purpose": ["", "参观"],
    "measures": ["", "疏散"],
    "reason": ["", "回电"],
    "changed": NoticeField,
    "needs": Need,
    "arranged": Need,
    "stages": Stage,
    "filled": [*VisitField, *DispatchField, *ComplaintField],
    "attending": Role,
    "actor_roles": Role,
    "roles": Role,
    "purposes": OutboundPurpose,
    "targets": OutboundTarget,
    "guest_gaps": ["name", "gender", "title", "organisation", "phone", "signature"],
    "gaps": ["contact", "purpose", "target", "items", "expense"],
    "scores": ["着装得体", "用语礼貌", "热情主动", "服务意识"],
}
MOMENTS = st.one_of(
    st.none(),
    st.builds(
        lambda minutes: START + timedelta(minutes=minutes),
        st.one_of(st.integers(-15, 75), st.integers(-20_000, 20_000)),
    ),
)
DATES = st.builds(lambda days: DAY + timedelta(days=days), st.one_of(st.integers(-3, 3), st.integers(-400, 40)))
COUNTS = st.integers(0, 12)
OF_TYPE = {
    bool: st.booleans(),
    int: COUNTS,
    int | None: st.one_of(st.none(), COUNTS),
    datetime | None: MOMENTS,
    date | None: st.one_of(st.none(), DATES),
    date: DATES,
    Decimal: st.builds(
        lambda cents: Decimal(cents) / 100,
        st.one_of(st.integers(0, 500_000), st.sampled_from([20_000, 30_000, 200_000])),
    ),
}
LEFT_OUT = {"subject", "has_chain", "vacant", "vacant_clauses", "open_checks", "day"}


def any_of(facts: type):
    """Random facts of a type, each field by its name or its type."""

    def values(name, hint):
        known = WORDS.get(name) or WORDS.get(f"{facts.__name__}.{name}")
        if known:
            words = st.sampled_from(list(known))
            if "frozenset" in str(hint):
                return st.frozensets(words)
            return st.dictionaries(words, COUNTS) if "Mapping" in str(hint) else words
        return st.dictionaries(st.integers(0, 20), COUNTS) if "Mapping" in str(hint) else OF_TYPE[hint]

    hints = get_type_hints(facts)
    wanted = {
        f.name: values(f.name, hints[f.name])
        for f in fields(facts)
        if f.name not in LEFT_OUT or (f.name == "day" and hints["day"] is date)
    }
    return st.builds(facts, **wanted)


FACTS = {kind for rule in RULES.values() for kind in (rule.facts if isinstance(rule.facts, tuple) else (rule.facts,))}
# A visit is what most rules are about: half of the facts are visits.
SOME = st.one_of(any_of(VisitFacts), st.sampled_from(sorted(FACTS, key=lambda f: f.__name__)).flatmap(any_of))
CONDITIONS = st.frozensets(st.sampled_from([c for c in CheckCondition if c]))
STAGES = st.sampled_from([None, *sorted({stage for rule in RULES.values() for stage in rule.moments})])


@st.composite
def fewer_and_more(draw) -> tuple[Rulebook, Rulebook]:
    """The rulebooks of some regulations, and of these and others."""
    parts = draw(st.lists(st.sampled_from("-BA"), min_size=len(CODES), max_size=len(CODES)))
    return tuple(
        book_of.__wrapped__(*(code for code, part in zip(CODES, parts, strict=True) if part in wanted))
        for wanted in ("A", "AB")
    )


def open_under(book: Rulebook, facts, conditions, ticked):
    """`facts` with the checklist items open that `book` asks for and nobody ticked."""
    if not isinstance(facts, VisitFacts):
        return facts
    items = checklist(book, rank=facts.rank, conditions=conditions, day=facts.day)
    return replace(facts, open_checks=tuple((c.clause, c.phase, c.item) for c in items if len(c.item) % 4 >= ticked))


# ── One more regulation ──────────────────────────────────────────────────────────────────────────
@settings(quick, max_examples=300)
@given(fewer_and_more(), SOME, STAGES, CONDITIONS, st.integers(0, 4))
def test_one_more_regulation_takes_no_finding_away_and_makes_none_milder(books, facts, stage, conditions, ticked):
    fewer, more = (
        {f.rule: f for f in judge(book, open_under(book, facts, conditions, ticked), stage and (stage,))}
        for book in books
    )
    assert set(fewer) <= set(more)
    for rule, finding in fewer.items():
        graver = more[rule]
        assert (WEIGHT[graver.severity], graver.measure) >= (WEIGHT[finding.severity], finding.measure), rule
        assert set(finding.clauses) <= set(graver.clauses), rule


@quick
@given(
    fewer_and_more(),
    st.sampled_from(["visit", "hospitalityrequest", "expense", "giftrequest", "outboundplan"]),
    st.sampled_from(WORDS["rank"]),
    st.sampled_from([Decimal(0), Decimal("1999.99"), Decimal(2000)]),
    st.frozensets(st.sampled_from(["over_cap", "important", "exception"])),
)
def test_one_more_regulation_takes_no_approver_away(books, subject, rank, amount, conditions):
    fewer, more = (
        {s.role: s for s in chain(book, subject, rank=rank, amount=amount, conditions=conditions, day=DAY)}
        for book in books
    )
    for role, step in fewer.items():
        assert more[role].step >= step.step and set(step.clause.split()) <= set(more[role].clause.split())
        assert step.when_vacant == "skip" or more[role].when_vacant == "refuse"


@quick
@given(fewer_and_more(), st.sampled_from(WORDS["rank"]), CONDITIONS)
def test_one_more_regulation_takes_no_checklist_item_away(books, rank, conditions):
    fewer, more = (
        {(c.phase, c.item): set(c.clause.split()) for c in checklist(book, rank=rank, conditions=conditions, day=DAY)}
        for book in books
    )
    assert all(clauses <= more[item] for item, clauses in fewer.items())


@quick
@given(fewer_and_more(), st.sampled_from(list(SpendingCategory)), st.sampled_from(WORDS["rank"]), any_of(VisitFacts))
def test_one_more_regulation_raises_no_cap_and_lowers_no_level(books, category, rank, visit):
    fewer, more = ((cap_for(book, category, rank, DAY) or (NO_CAP,))[0] for book in books)
    assert fewer >= more
    fewer, more = ((suggest_level(book, visit) or (LOWEST,))[0] for book in books)
    assert fewer >= more


@quick
@given(fewer_and_more())
def test_one_more_regulation_takes_no_form_no_standard_and_no_contradiction_away(books):
    fewer, more = books
    assert all(set(clauses) <= set(more.forms[form]) for form, clauses in fewer.forms.items())
    assert all(
        set(clauses.split()) <= set(criteria(more)[criterion].split()) for criterion, clauses in criteria(fewer).items()
    )
    assert {c.key for c in contradictions(fewer)} <= {c.key for c in contradictions(more)}


# ── The order of adoption ────────────────────────────────────────────────────────────────────────
def everything(book: Rulebook, facts, rank, conditions, flags) -> tuple:
    """All that a rulebook says, in no order but that of the approval steps and of the gravity of findings."""
    facts = open_under(book, facts, conditions, 2)
    findings = judge(book, facts)
    assert findings == sorted(findings, key=lambda f: -WEIGHT[f.severity])
    return (
        {(f.rule, f.severity, f.measure, frozenset(f.clauses)) for f in findings},
        [
            [
                (s.role, s.step, frozenset(s.clause.split()), s.when_vacant)
                for s in chain(book, subject, rank=rank, amount=Decimal(2000), conditions=flags, day=DAY)
            ]
            for subject in ("visit", "hospitalityrequest", "expense", "giftrequest", "outboundplan")
        ],
        {
            (c.phase, c.item, frozenset(c.clause.split()))
            for c in checklist(book, rank=rank, conditions=conditions, day=DAY)
        },
        [cap_for(book, category, rank, DAY) for category in SpendingCategory],
        isinstance(facts, VisitFacts)
        and suggest_level(book, facts)
        and (suggest_level(book, facts)[0], frozenset(suggest_level(book, facts)[1])),
        {form: frozenset(clauses) for form, clauses in book.forms.items()},
        {k: frozenset(v.split()) for k, v in criteria(book).items()},
        contradictions(book),
    )


@quick
@given(
    st.lists(st.sampled_from(CODES), unique=True),
    st.randoms(use_true_random=False),
    SOME,
    st.sampled_from(WORDS["rank"]),
    CONDITIONS,
    st.frozensets(st.sampled_from(["over_cap", "important", "exception"])),
)
def test_the_order_of_adoption_does_not_matter(codes, random, facts, rank, conditions, flags):
    other = random.sample(codes, len(codes))
    one, two = (everything(book_of.__wrapped__(*order), facts, rank, conditions, flags) for order in (codes, other))
    assert one == two


# ── Every rule is here ───────────────────────────────────────────────────────────────────────────
def shown() -> set[str]:
    """The kinds that a test in this folder hands to `both`."""
    calls = (
        node
        for path in Path(__file__).parent.glob("test_*.py")
        for test in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(test, ast.FunctionDef) and test.name.startswith("test_")
        for node in ast.walk(test)
    )
    return {
        call.args[1].value
        for call in calls
        if isinstance(call, ast.Call)
        and getattr(call.func, "id", "") == "both"
        and isinstance(call.args[1], ast.Constant)
    }


def test_every_rule_is_shown_on_both_sides():
    assert shown() == set(RULES)


def test_every_rule_comes_from_a_clause_of_the_eighteen():
    assert set(book_of(*CODES).terms) == set(RULES)


def test_every_facts_type_can_be_made_at_random():
    assert {
        "VisitFacts",
        "SpendingFacts",
        "GiftFacts",
        "PlanFacts",
        "CycleFacts",
        "ComplaintFacts",
        "DisclosureFacts",
    } <= {f.__name__ for f in FACTS}
    for facts in FACTS:
        any_of(facts).validate()


def test_the_books_of_these_tests_are_those_of_the_loader():
    assert book_of("R09", "R10") == files.book_of("R09", "R10")
