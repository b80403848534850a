"""Rulebooks of the seed files without a database, and the two sides of every rule.

`both` is the only way these tests show that a rule works: one pair of facts that meets it and one that just
does not. `test_together` reads its calls and fails when a rule has none.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

from rulebook import files
from rules import RULES, Finding, Rulebook, Severity, Terms, build, judge

CODES = tuple(f"R{n:02}" for n in range(1, 19))
BLOCK, EXPLAIN, NOTE = Severity.BLOCK, Severity.EXPLAIN, Severity.NOTE
START = datetime(2026, 12, 1, 9, tzinfo=UTC)
DAY = date(2026, 12, 1)
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


@cache
def document(code: str) -> dict:
    return files.read(files.FOLDER / f"{code}.toml")


@cache
def book_of(*codes: str) -> Rulebook:
    """What `files.book_of` gives, each file read once."""
    return build(1, [document(code) for code in codes])


def clause(kind: str, number: str = "R99-1", **params) -> Rulebook:
    """A rulebook with one clause written by hand."""
    return Rulebook(1, {kind: (Terms(number, params),)})


def found(book: Rulebook, kind: str, stage: str, facts) -> Finding | None:
    """What the rule `kind` finds at `stage`."""
    return next((f for f in judge(book, facts, (stage,)) if f.rule == kind), None)


def both(book: Rulebook, kind: str, stage: str, good, bad, severity: Severity, *clauses: str) -> Finding:
    """`good` meets the rule `kind` and `bad` does not: a finding of this severity that cites these clauses."""
    assert kind in book.terms, f"no clause of the book has the rule {kind}"
    assert stage in RULES[kind].moments
    assert found(book, kind, stage, good) is None
    finding = found(book, kind, stage, bad)
    assert finding is not None, f"{kind} finds nothing"
    assert (finding.severity, finding.clauses) == (severity, clauses)
    for text in (finding.text, finding.way_out):
        assert text.strip() and "{" not in text and "[]" not in text
    _moment_severity_and_ranks_come_from_the_clause(book, kind, stage, bad)
    return finding


def _moment_severity_and_ranks_come_from_the_clause(book: Rulebook, kind: str, stage: str, bad):
    def altered(**changes):
        return replace(book, terms={kind: tuple(replace(t, params={**t.params, **changes}) for t in book.terms[kind])})

    known = RULES[kind].params
    moments = {t["at"] for t in book.terms[kind]} if "at" in known else RULES[kind].moments
    assert all(
        found(book, kind, other, bad) is None
        for other in ("register", "print", *RULES[kind].moments)
        if other not in moments
    )
    if "severity" in known:
        assert [found(altered(severity=str(s)), kind, stage, bad).severity for s in Severity] == list(Severity)
    if "ranks" in known:
        assert found(altered(ranks=[]), kind, stage, bad) and found(altered(ranks=[bad.rank]), kind, stage, bad)
        assert found(altered(ranks=[bad.rank + 1]), kind, stage, bad) is None
