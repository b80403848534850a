"""Two rulebooks held against many rows at once find what each finds by itself, row by row."""

from dataclasses import replace
from itertools import product

import pytest

from rulebook import files
from rulebook.comparison import Comparison
from rules import SpendingFacts, VisitFacts, judge

CHOICE = {"R10-3.2|R15-4.1.4": "R10-3.2"}


@pytest.mark.parametrize("facts", [VisitFacts(rank=2, category="business"), SpendingFacts(rank=2, category="meal")])
def test_R15_4_1_4_yields_to_R10_3_2_at_a_visit_and_at_a_meal_alike(facts):
    """The share of the own party asks which kind of facts it has; the comparison watches what it reads and says so."""
    books = files.book_of("R10", "R15"), files.book_of("R10", "R15", choices=CHOICE)
    comparison = Comparison(books, type(facts), lambda kind: kind != "host_party_share")
    found = set()
    for guests, escorts in product(range(1, 13), range(5)):
        row = replace(facts, guests=guests, escorts=escorts)
        group = comparison.group(row.rank, frozenset({"submit"}))
        findings = [*group.shared_by(row).findings, *group.of_row(row)]
        compared = [bool(findings and side) for side in (findings[0][2:] if findings else (None, None))]
        judged = [any(f.rule == "host_party_share" for f in judge(book, row, ("submit",))) for book in books]
        assert compared == judged, (guests, escorts)
        found.add(tuple(judged))
    assert (True, False) in found, "where the choice matters"
