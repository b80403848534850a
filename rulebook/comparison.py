"""Two rulebooks held against very many rows: every verdict from the rule functions themselves, and each asked for once.

A rule is a pure function of what it reads of the facts. So rows that agree in everything that the rules have read
share their findings: a `Group` learns which names those are by watching, and looks a row up by its values. Rules that
read moments, or something nearly every row has for itself, are asked row by row.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple

from clauses.base import RULES, Finding, Rule, Rulebook, Terms, strictest
from clauses.words import Severity, StepCondition

MOST = 500
"""How many different rows a group remembers before it asks the rules that read the most varied name row by row."""

NONE: frozenset[str] = frozenset()
Entry = tuple[Terms, bool, bool]
"""A clause, and whether it stands in today's rulebook and in the tried one."""


class Compared(NamedTuple):
    """What a rule finds about a row: in today's rulebook and in the tried one. `submitted`: judged at submission."""

    kind: str
    submitted: bool
    today: Finding | None
    tried: Finding | None

    @property
    def conditions(self) -> tuple[frozenset[str], frozenset[str]]:
        """The conditions of approval steps that the findings bring about, in each rulebook."""
        return self._conditions(self.today), self._conditions(self.tried)

    def _conditions(self, finding: Finding | None) -> frozenset[str]:
        if finding is None:
            return NONE
        return _conditions(self.kind, self.submitted and finding.severity is Severity.EXPLAIN)


@cache
def _conditions(kind: str, exception: bool) -> frozenset[str]:
    """The conditions that a finding of rule `kind` brings about; `exception`: a reason was asked for at submission."""
    own = RULES[kind].condition
    return frozenset({own} if own else ()) | frozenset({StepCondition.EXCEPTION} if exception else ())


class Verdict:
    """What both rulebooks find about rows that are alike, and the conditions of approval steps that follow from it."""

    __slots__ = ("findings", "times", "today", "tried")

    def __init__(self, findings: list[Compared]):
        self.findings, self.times = findings, 0
        self.today = NONE.union(*(f.conditions[0] for f in findings))
        self.tried = NONE.union(*(f.conditions[1] for f in findings))


class Watched:
    """Facts that note what is read of them."""

    def __init__(self, facts: object):
        self.facts = facts
        self.values: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        return self.values.setdefault(name, getattr(self.facts, name))

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        """That of the facts: a rule may ask which kind it was given."""
        return type(self.facts)

    @property
    def varied(self) -> bool:
        """Whether something was read that nearly every row has for itself."""
        return any(isinstance(value, date | datetime | dict) for value in self.values.values())


class Comparison:
    """The rules of both rulebooks about one kind of facts; `left_out` says which rules are not judged."""

    def __init__(self, books: tuple[Rulebook, Rulebook], facts: type, left_out: Callable[[str], object]):
        self.entries: dict[str, list[Entry]] = {}
        self.verdicts: list[Verdict] = []
        self.read: dict[str, set[str]] = {}
        """What each rule has read so far."""
        self.row_by_row: set[str] = set()
        """The rules that are asked for each row."""
        self._groups: dict[tuple[int | None, frozenset[str]], Group] = {}
        for kind in dict.fromkeys((*books[0].terms, *books[1].terms)):
            rule = RULES.get(kind)
            if rule is not None and not left_out(kind) and issubclass(facts, rule.facts):
                self.entries[kind] = _paired(*(book.terms.get(kind, ()) for book in books))

    @property
    def reads(self) -> frozenset[str]:
        """Every name that one of its rules could read of the facts."""
        return NONE.union(*(RULES[kind].reads for kind in self.entries))

    def group(self, rank: int | None, reached: frozenset[str]) -> "Group":
        """Where rows of `rank` that went through the moments `reached` are judged."""
        key = rank, reached
        if key not in self._groups:
            self._groups[key] = Group(self, rank, reached)
        return self._groups[key]


def _paired(today: Iterable[Terms], tried: Iterable[Terms]) -> list[Entry]:
    """The clauses of a rule in both rulebooks: the same one with the same parameters is judged once for both."""
    new, entries = list(tried), []
    for terms in today:
        both = terms in new
        if both:
            new.remove(terms)
        entries.append((terms, True, both))
    return entries + [(terms, False, True) for terms in new]


class Group:
    """The clauses that bind rows of one rank which went through the same moments."""

    def __init__(self, comparison: Comparison, rank: int | None, reached: frozenset[str]):
        self.comparison = comparison
        self.bound: list[tuple[Rule, bool, list[Entry]]] = []
        """Each rule with its clauses, and whether it is judged at submission."""
        for kind, entries in comparison.entries.items():
            rule = RULES[kind]
            binding = [] if rule.moments.isdisjoint(reached) else [e for e in entries if e[0].binds(rank, reached)]
            if binding:
                moments = {terms.params.get("at") for terms, *_ in binding}
                submitted = "submit" in reached and (
                    "submit" in moments or (None in moments and "submit" in rule.moments)
                )
                self.bound.append((rule, submitted, binding))
        self.settle()

    def settle(self) -> None:
        """Take up what was learnt since: which rules are asked row by row, and what the others read."""
        comparison = self.comparison
        self.known = len(comparison.row_by_row)
        self.shared = [b for b in self.bound if b[0].kind not in comparison.row_by_row]
        self.single = [(r.kind, s, r.judge, e) for r, s, e in self.bound if r.kind in comparison.row_by_row]
        self.names = sorted({name for rule, *_ in self.shared for name in comparison.read.get(rule.kind, ())})
        self.key = attrgetter("__class__", "__class__", *self.names)
        self.memory: dict[tuple[Any, ...], Verdict] = {}

    def shared_by(self, facts: object) -> Verdict:
        """What the rules that rows share find about `facts`."""
        verdict = self.memory.get(self.key(facts))
        if verdict is None:
            verdict = self.learn(facts)
        verdict.times += 1
        return verdict

    def of_row(self, facts: object) -> Iterator[Compared]:
        """What the rules that are asked row by row find about `facts`."""
        for kind, submitted, judge, entries in self.single:
            if len(entries) == 1:
                terms, today, tried = entries[0]
                finding = judge(terms, facts)
                if finding is not None:
                    yield Compared(kind, submitted, finding if today else None, finding if tried else None)
                continue
            findings = [(f, today, tried) for t, today, tried in entries if (f := judge(t, facts)) is not None]
            if findings:
                yield Compared(kind, submitted, *_sides(kind, findings))

    def learn(self, facts: object) -> Verdict:
        """Ask every shared rule about `facts`, watching; remember the answer under what they have read."""
        comparison = self.comparison
        if self.known != len(comparison.row_by_row):
            self.settle()
        if len(self.memory) >= MOST:
            self.give_up_widest()
        compared, grew = [], False
        for rule, submitted, entries in self.shared:
            findings, read = [], comparison.read.setdefault(rule.kind, set())
            for terms, today, tried in entries:
                watched = Watched(facts)
                finding = rule.judge(terms, watched)
                if finding is not None:
                    findings.append((finding, today, tried))
                if watched.varied:
                    comparison.row_by_row.add(rule.kind)
                grew = grew or not watched.values.keys() <= read
                read.update(watched.values)
            if findings and rule.kind not in comparison.row_by_row:
                compared.append(Compared(rule.kind, submitted, *_sides(rule.kind, findings)))
        if grew or self.known != len(comparison.row_by_row):
            self.settle()
        verdict = self.memory[self.key(facts)] = Verdict(compared)
        comparison.verdicts.append(verdict)
        return verdict

    def give_up_widest(self) -> None:
        """The name with the most different values is every row's own: its readers are asked row by row from now on."""
        comparison = self.comparison
        widest = max(range(len(self.names)), key=lambda i: len({key[i + 2] for key in self.memory}))
        comparison.row_by_row |= {kind for kind, names in comparison.read.items() if self.names[widest] in names}
        self.settle()


def _sides(kind: str, findings: list[tuple[Finding, bool, bool]]) -> tuple[Finding | None, Finding | None]:
    """The finding that stands in today's rulebook and in the tried one, out of those of several clauses."""
    today, tried = [f for f, holds, _ in findings if holds], [f for f, _, holds in findings if holds]
    strict = _strict(kind, today)
    return strict, strict if today == tried else _strict(kind, tried)


def _strict(kind: str, findings: list[Finding]) -> Finding | None:
    if not findings:
        return None
    return findings[0] if len(findings) == 1 else strictest(kind, list(findings))


__all__ = ["Compared", "Comparison", "Group", "Verdict"]
