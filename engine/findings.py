"""What the adopted clauses find about a row: judged once, and handed on to whoever needs it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

import facts
import rules
from engine.chains import Deciders, Plan, plan_chain
from models import RecordedFinding, db
from rulebook import versions
from rules import Finding, Rulebook, Severity
from workflow import Actor


@dataclass(frozen=True)
class Judgement:
    """What the adopted clauses find about a row for some moments.

    `plan` is the approval chain that a submission would bring; None where nothing is to be submitted.
    """

    book: Rulebook
    findings: list[Finding] = field(default_factory=list)
    plan: Plan | None = None

    @property
    def blocking(self) -> list[Finding]:
        """The findings that stop it."""
        return [f for f in self.findings if f.severity == Severity.BLOCK]

    def unexplained(self, reasons: dict[str, str]) -> list[Finding]:
        """The findings that ask for a written reason and have none in `reasons` (by rule)."""
        return [f for f in self.findings if f.severity == Severity.EXPLAIN and not reasons.get(f.rule)]


def book_for(row: Any, version: int | None = None) -> Rulebook:
    """The rulebook that judges `row`: the one it was filed under, or today's while it can still be edited.

    `version` is today's, where it is known already.
    """
    filed = getattr(row, "rulebook_version", None) if row.status not in row.process.editable else None
    return versions.load(version if filed is None else filed, getattr(row, "department_id", None))


def kinds_at(book: Rulebook, stages: Iterable[str]) -> frozenset[str]:
    """The rules of `book` that are judged at one of `stages`."""
    return frozenset(kind for kind in book.terms if not rules.RULES[kind].moments.isdisjoint(stages))


def judge(
    row: Any,
    actor: Actor,
    stages: Iterable[str] | None = None,
    book: Rulebook | None = None,
    data: dict[str, Any] | None = None,
) -> Judgement:
    """Judge `row` at `stages` (None: the moments that come next from its state) by `book` (None: the row's own).

    `data` is what a form says that is not in the row yet.
    """
    book = book or book_for(row)
    stages = row.next_moments if stages is None else tuple(stages)
    if not stages or not facts.knows(row):
        return Judgement(book)
    of_row = facts.of(row, actor.now, actor.today, kinds_at(book, stages), **facts.known_of(row, actor, data or {}))
    return _judgement(row, of_row, stages, book, Deciders(actor.today))


def judge_all(rows: Iterable[Any], actor: Actor, stages: Mapping[int, tuple[str, ...]]) -> dict[int, Judgement]:
    """Judge rows of one kind, each at its `stages` and by its own rulebook; by id.

    As many statements for many rows as for few.
    """
    version = versions.current_version()
    books = {row.id: book_for(row, version) for row in rows}
    asked = [row for row in rows if stages[row.id]]
    judgements = {key: Judgement(book) for key, book in books.items()}
    if asked:
        kinds = frozenset[str]().union(*(kinds_at(books[row.id], stages[row.id]) for row in asked))
        batch = facts.Batch(type(asked[0]), [row.id for row in asked], actor.now, actor.today, kinds)
        deciders = Deciders(actor.today)
        for row in asked:
            of_row = batch.of(row.id, **facts.known_of(row, actor, {}))
            judgements[row.id] = _judgement(row, of_row, stages[row.id], books[row.id], deciders)
    return judgements


def _judgement(row: Any, of_row: Any, stages: tuple[str, ...], book: Rulebook, deciders: Deciders) -> Judgement:
    """What `book` finds about a row with the facts `of_row`."""
    findings = rules.judge(book, of_row, stages)
    if "submit" not in stages or not row.process.chained:
        return Judgement(book, findings)
    # Whether a reason is asked for decides over the chain; whether the chain can be walked is a finding itself.
    exception = any(f.severity == Severity.EXPLAIN for f in findings)
    plan = plan_chain(row, book, deciders.today, exception, deciders)
    findings += rules.chain_findings(replace(of_row, **plan.facts()))
    return Judgement(book, sorted(findings, key=lambda f: rules.WEIGHT[f.severity], reverse=True), plan)


def planned(row: Any, actor: Actor, judgement: Judgement | None = None) -> Plan | None:
    """The approval chain that `row` would go through if it were submitted now; None for what is not submitted any more.

    `judgement` is what was found about the row in its present state, where that is known already.
    """
    if not row.has_chain or row.status not in row.process.editable:
        return None
    return (judgement or judge(row, actor)).plan


def explanations(row: Any) -> dict[str, str]:
    """The reasons already given for findings about `row`, by rule, the latest last."""
    return explanations_of(row.process.name, [row.id])[row.id]


def explanations_of(subject: str, keys: Collection[int]) -> dict[int, dict[str, str]]:
    """The same for many rows of one kind, by id."""
    reasons: dict[int, dict[str, str]] = {key: {} for key in keys}
    for f in db.session.scalars(
        sa.select(RecordedFinding)
        .where(RecordedFinding.subject == subject, RecordedFinding.subject_id.in_(keys))
        .order_by(RecordedFinding.id)
    ):
        if f.explanation:
            reasons[f.subject_id][f.rule] = f.explanation
    return reasons
