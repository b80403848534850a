"""The replay of a period with two rulebooks: verdicts, chains and who would decide what, counted row by row.

Every verdict comes from the rule functions of `clauses/` themselves; what makes a hundred thousand visits a matter of
seconds is that a verdict is remembered by what its rule read (`comparison`), and a chain by what it goes by.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import rules
from core.text import N_
from facts.past import REPLAYED, Archive, Past
from facts.people import Everybody
from models import StepCondition
from rulebook.comparison import Compared, Comparison
from rules import RULES, Finding, Rulebook

FACTS = {name: kind.reader.facts for name, kind in REPLAYED.items()}
DEADLINES = frozenset(kind for kind, rule in RULES.items() if rule.deadline)
CAPS = frozenset(kind for kind, rule in RULES.items() if rule.condition == StepCondition.OVER_CAP)
LISTED = DEADLINES | CAPS
"""The rules whose findings are listed row by row."""
SECTIONS = ("chains", "caps", "deadlines")
NOTHING = Decimal(0)
ELSEWHERE = N_("It speaks of something that a trial does not replay: visits, hospitality, gifts and cars are.")


def unknown(kind: str) -> str | None:
    """Why rule `kind` cannot be replayed; None where it can."""
    rule = RULES[kind]
    return rule.unreplayable or (None if set(rule.facts) & set(FACTS.values()) else ELSEWHERE)


# ── Chains ───────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, eq=False)
class Chain:
    """The steps of a chain; one object per chain, so that two are quickly told apart."""

    steps: tuple[rules.Step, ...]
    roles: tuple[str, ...]
    clauses: str


class Chains:
    """The chains of one book, remembered by what they go by: kind, rank, conditions, and between which amounts."""

    def __init__(self, book: Rulebook):
        self.book = book
        self.known: dict[tuple[object, ...], Chain] = {}
        self.amounts = {
            subject: sorted({Decimal(s.amount_from) for s in book.steps if s.subject == subject}) for subject in FACTS
        }

    def of(self, subject: str, rank: int | None, amount: Decimal, conditions: frozenset[str]) -> Chain:
        amounts = self.amounts[subject]
        key = (subject, rank, bisect_right(amounts, amount) if len(amounts) > 1 else 0, conditions)
        if key not in self.known:
            steps = tuple(rules.chain(self.book, subject, rank=rank, amount=amount, conditions=conditions, day=None))
            self.known[key] = Chain(steps, tuple(str(s.role) for s in steps), " ".join(s.clause for s in steps))
        return self.known[key]


# ── The replay ───────────────────────────────────────────────────────────────────────────────────
Pair = list[int]
"""Two counts: today's and the tried rulebook's."""
Load = tuple[int, int, Chain, Chain, int, int]
"""Year, month, the chain today and the tried one, department, applicant."""
Listed = dict[str, list[tuple[Any, ...]]]
"""What a batch adds to each section, as rows."""


def _pair() -> Pair:
    return [0, 0]


@dataclass
class Sums:
    """What a replay counted; pairs are today's and the tried rulebook's."""

    replayed: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    rechained: Counter[str] = field(default_factory=Counter)
    severities: dict[str, Pair] = field(default_factory=lambda: defaultdict(_pair))
    clauses: dict[tuple[str, str], Pair] = field(default_factory=lambda: defaultdict(_pair))
    missed: dict[tuple[str, str], Pair] = field(default_factory=lambda: defaultdict(_pair))
    over: Pair = field(default_factory=lambda: [0, 0])
    excess: list[Decimal] = field(default_factory=lambda: [NOTHING, NOTHING])
    load: Counter[Load] = field(default_factory=Counter)
    """How many requests of a month, a department and an applicant go through which two chains."""


class Replay:
    """One pass over a period with two rulebooks."""

    def __init__(
        self,
        books: dict[int | None, tuple[Rulebook, Rulebook]],
        since: date,
        until: date,
        zone: ZoneInfo,
        moment: datetime,
        department_id: int | None = None,
        most: int | None = None,
    ):
        self.books, self.sums, self.most = books, Sums(), most
        self.caps: dict[tuple[int | None, str, int | None], tuple[Decimal | None, ...]] = {}
        self.comparisons = {
            (d, kind): Comparison(pair, facts, unknown) for d, pair in books.items() for kind, facts in FACTS.items()
        }
        self.chains = {d: (Chains(before), Chains(after)) for d, (before, after) in books.items()}
        read = frozenset(name for comparison in self.comparisons.values() for name in comparison.reads)
        self.archive = Archive(since, until, zone, moment, read, department_id)

    @property
    def people(self) -> Everybody:
        return self.archive.people

    def left_out(self) -> list[tuple[str, list[str], str]]:
        """The rules that could not be replayed: kind, clauses, why."""
        clauses: dict[str, dict[str, None]] = {}
        for pair in self.books.values():
            for book in pair:
                for kind, terms in book.terms.items():
                    if kind in RULES and unknown(kind):
                        clauses.setdefault(kind, {}).update(dict.fromkeys(t.clause for t in terms))
        return [(kind, list(of_rule), unknown(kind) or "") for kind, of_rule in sorted(clauses.items())]

    def batches(self) -> Iterator[tuple[int, Listed]]:
        """How many rows are done, and what the batch adds to each section."""
        done = 0
        for subject, rows in self.archive.batches():
            out: Listed = {section: [] for section in SECTIONS}
            for past in rows:
                self._replay(subject, past, out)
            done += len(rows)
            self.sums.replayed[subject] += len(rows)
            yield done, out
        for comparison in self.comparisons.values():
            for verdict in comparison.verdicts:
                for compared in verdict.findings:
                    self._count(compared, verdict.times)

    def _replay(self, subject: str, past: Past, out: Listed) -> None:
        department = past.department_id if past.department_id in self.books else None
        group = self.comparisons[department, subject].group(past.rank, past.reached)
        verdict = group.shared_by(past.facts)
        today, tried = verdict.today, verdict.tried
        for compared in verdict.findings:
            if compared.kind in LISTED:
                self._list(subject, department, past, compared, out)
        for compared in group.of_row(past.facts):
            self._count(compared, 1)
            of_today, of_tried = compared.conditions
            today, tried = today | of_today, tried | of_tried
            if compared.kind in LISTED:
                self._list(subject, department, past, compared, out)
        if past.chained:
            self._chain(subject, department, past, today, tried, out)

    def _chain(
        self,
        subject: str,
        department: int | None,
        past: Past,
        held_today: frozenset[str],
        held_tried: frozenset[str],
        out: Listed,
    ) -> None:
        """Walk the chain of a row in both rulebooks, under the conditions that its findings bring about in each."""
        before, after = self.chains[department]
        today = before.of(subject, past.rank, past.amount, held_today | past.conditions)
        tried = after.of(subject, past.rank, past.amount, held_tried | past.conditions)
        self.sums.load[past.on.year, past.on.month, today, tried, past.department_id, past.applicant_id] += 1
        if today.roles != tried.roles:
            self.sums.rechained[subject] += 1
            if subject == "visit" and self._shown("chains"):
                clauses = " ".join(dict.fromkeys(f"{today.clauses} {tried.clauses}".split()))
                out["chains"].append(
                    (past.id, past.number, str(past.on), past.about, past.level, today.roles, tried.roles, clauses)
                )

    def _list(self, subject: str, department: int | None, past: Past, compared: Compared, out: Listed) -> None:
        if compared.kind in DEADLINES:
            if self._shown("deadlines"):
                missed = compared.today is not None, compared.tried is not None
                key = subject, past.id, past.number, str(past.on), compared.kind
                out["deadlines"].append((*key, _cited(compared), *missed))
        elif subject == "expense":
            self._over(department, past, compared, out)

    def _over(self, department: int | None, past: Past, compared: Compared, out: Listed) -> None:
        """An expense above the cap in one of the rulebooks, and by how much."""
        excess = [NOTHING if f is None else f.measure for f in (compared.today, compared.tried)]
        for side, finding in enumerate((compared.today, compared.tried)):
            if finding is not None:
                self.sums.over[side] += 1
                self.sums.excess[side] += excess[side]
        if self._shown("caps"):
            key = past.id, past.number, str(past.on), past.about
            spent = past.facts.category, past.facts.guests, past.facts.total
            out["caps"].append((*key, *spent, *self._caps(department, past), *excess, _cited(compared)))

    def _shown(self, section: str) -> bool:
        """Count one more row of a section; whether it is one of those to show."""
        self.sums.rows[section] += 1
        return self.most is None or self.sums.rows[section] <= self.most

    def _count(self, compared: Compared, times: int) -> None:
        kind, sums = compared.kind, self.sums
        for side, finding in enumerate((compared.today, compared.tried)):
            if finding is None:
                continue
            sums.severities[str(finding.severity)][side] += times
            for clause in finding.clauses:
                sums.clauses[clause, kind][side] += times
            if kind in DEADLINES:
                sums.missed[kind, finding.clause][side] += times

    def _caps(self, department: int | None, past: Past) -> tuple[Decimal | None, ...]:
        """The cap per guest today and in the tried book (None: none binds)."""
        key = department, past.facts.category, past.rank
        if key not in self.caps:
            caps = (rules.cap_for(book, past.facts.category, past.rank, None) for book in self.books[department])
            self.caps[key] = tuple(cap and cap[0] for cap in caps)
        return self.caps[key]

    # ── Approvals ────────────────────────────────────────────────────────────────────────────────
    def approvals(self) -> list[tuple[str, int | None, str, float, float]]:
        """(role, person or None, month, today, tried): how many steps fell to whom; several holders share evenly.

        Nobody decides on their own request: a step that only the applicant could decide is skipped where its clause
        says so.
        """
        share: dict[tuple[str, int | None, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
        holders: dict[tuple[str, int], list[int]] = {}
        for (year, month, today, tried, department, applicant), count in self.sums.load.items():
            for side, chain in enumerate((today, tried)):
                for step in chain.steps:
                    role = str(step.role)
                    if (role, department) not in holders:
                        holders[role, department] = self.people.holders(role, department)
                    able: list[int | None] = [i for i in holders[role, department] if i != applicant]
                    if not able and step.when_vacant != "skip":
                        able = [None]
                    for person in able:
                        share[role, person, f"{year}-{month:02d}"][side] += count / len(able)
        return [
            (role, person, month, round(a, 2), round(b, 2))
            for (role, person, month), (a, b) in sorted(
                share.items(), key=lambda item: (item[0][0], item[0][1] or 0, item[0][2])
            )
        ]


def _cited(compared: Compared) -> str:
    findings: tuple[Finding | None, ...] = (compared.today, compared.tried)
    return " ".join(dict.fromkeys(c for f in findings if f is not None for c in f.clauses))


__all__ = ["DEADLINES", "FACTS", "SECTIONS", "Listed", "Replay", "unknown"]
