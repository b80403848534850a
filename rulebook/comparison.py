"""Two rulebooks held against very many rows: every verdict from the rule functions themselves, and each asked for once.

A rule is a pure function of what it reads of the facts. So rows that agree in everything that the rules have read
share their findings: a `Bench` learns which names those are by watching, and looks a row up by its values. Rules that
read moments, or something nearly every row has for itself, are asked row by row.
"""

from collections.abc import Iterable
from datetime import date, datetime
from operator import attrgetter
from types import CodeType

from clauses.base import RULES, Finding, Rulebook, Severity, strictest

MOST = 500
"""How many different rows a bench remembers before it asks the rules that read the most varied name row by row."""


def reads(kind: str) -> frozenset[str]:
    """Every name that the function of rule `kind`, and what it calls of its own module, could read of the facts."""
    names, todo, space = set(), [RULES[kind].judge.__code__], RULES[kind].judge.__globals__
    while todo:
        code = todo.pop()
        for name in set(code.co_names) - names:
            names.add(name)
            if isinstance(getattr(space.get(name), "__code__", None), CodeType):
                todo.append(space[name].__code__)
        todo += [c for c in code.co_consts if isinstance(c, CodeType)]
    return frozenset(names)


class Watched:
    """Facts that note what is read of them."""

    def __init__(self, facts):
        self.facts, self.seen = facts, {}

    def __getattr__(self, name):
        return self.seen.setdefault(name, getattr(self.facts, name))


class Found:
    """What both books find about rows that are alike: (rule, today's finding, the tried one), and what follows for the chain."""

    __slots__ = ("findings", "here", "there", "times")

    def __init__(self, findings: list, here: frozenset, there: frozenset):
        self.findings, self.here, self.there, self.times = findings, here, there, 0


NONE: frozenset = frozenset()
OVER, EXCEPTION = frozenset({"over_cap"}), frozenset({"exception"})


def conditions(kind: str, asks: bool, finding: Finding | None) -> frozenset[str]:
    """The conditions of approval steps that a finding brings about; `asks`: it was judged at submission."""
    if finding is None:
        return NONE
    held = OVER if kind == "spending_cap" else NONE
    return held | EXCEPTION if asks and finding.severity is Severity.EXPLAIN else held


class Court:
    """The rules of both books about one kind of facts; `leave` says which rules are not judged."""

    def __init__(self, books: tuple[Rulebook, Rulebook], facts: type, leave):
        self.kinds, self.benches, self.founds = {}, {}, []
        self.read: dict[str, set[str]] = {}
        self.alone: set[str] = set()
        for kind in dict.fromkeys((*books[0].terms, *books[1].terms)):
            rule = RULES.get(kind)
            if rule is None or leave(kind) or not issubclass(facts, rule.facts):
                continue
            sides = [list(book.terms.get(kind, ())) for book in books]
            entries = []
            for terms in sides[0]:
                # The same clause with the same parameters is judged once for both.
                both = terms in sides[1]
                if both:
                    sides[1].remove(terms)
                entries.append((terms, True, both))
            self.kinds[kind] = entries + [(terms, False, True) for terms in sides[1]]

    def bench(self, rank: int | None, reached: frozenset) -> "Bench":
        """Where rows of `rank` that went through the stages `reached` are judged."""
        key = rank, reached
        if key not in self.benches:
            self.benches[key] = Bench(self, rank, reached)
        return self.benches[key]


class Bench:
    """The clauses that bind rows of one rank which went through the same stages."""

    def __init__(self, court: Court, rank, reached):
        self.court, self.kinds = court, []
        for kind, entries in court.kinds.items():
            stages = RULES[kind].stages
            mine = [
                (terms, before, after)
                for terms, before, after in entries
                if not (terms["at"] not in reached if "at" in terms.params else reached.isdisjoint(stages))
                and not (terms.params.get("ranks") and rank not in terms["ranks"])
            ]
            if mine:
                asks = "submit" in reached and any(
                    t["at"] == "submit" if "at" in t.params else "submit" in stages for t, *_ in mine
                )
                self.kinds.append((kind, asks, RULES[kind].judge, mine))
        self.known = -1
        self.settle()

    def settle(self):
        """Take up what the court has learnt since: which rules are asked row by row, and what the others read."""
        self.known = len(self.court.alone)
        self.shared = [k for k in self.kinds if k[0] not in self.court.alone]
        self.alone = [k for k in self.kinds if k[0] in self.court.alone]
        self.names = sorted({name for kind, *_ in self.shared for name in self.court.read.get(kind, ())})
        self.look = attrgetter("__class__", "__class__", *self.names)
        self.memory: dict[tuple, Found] = {}

    def of(self, facts) -> Found:
        """What the rules that rows share find about `facts`."""
        found = self.memory.get(self.look(facts))
        if found is None:
            found = self.learn(facts)
        found.times += 1
        return found

    def rest(self, facts) -> Iterable[tuple]:
        """What the rules that are asked row by row find: (rule, judged at submission, today's finding, the tried one)."""
        for kind, asks, judge, entries in self.alone:
            if len(entries) == 1:
                terms, before, after = entries[0]
                finding = judge(terms, facts)
                if finding is not None:
                    yield kind, asks, finding if before else None, finding if after else None
                continue
            found = [(f, before, after) for terms, before, after in entries if (f := judge(terms, facts)) is not None]
            if found:
                yield kind, asks, *_sides(kind, found)

    def learn(self, facts) -> Found:
        """Ask every shared rule about `facts`, watching; remember the answer under what they have read."""
        court = self.court
        if self.known != len(court.alone):
            self.settle()
        if len(self.memory) >= MOST:
            # The name with the most different values makes every row its own: who reads it is asked row by row from now on.
            widest = max(range(len(self.names)), key=lambda i: len({key[i + 2] for key in self.memory}))
            court.alone |= {kind for kind, names in court.read.items() if self.names[widest] in names}
            self.settle()
        findings, here, there, grew = [], NONE, NONE, False
        for kind, asks, judge, entries in self.shared:
            found = []
            for terms, before, after in entries:
                watched = Watched(facts)
                finding = judge(terms, watched)
                if finding is not None:
                    found.append((finding, before, after))
                if any(isinstance(value, (date, datetime, dict)) for value in watched.seen.values()):
                    court.alone.add(kind)
                read = court.read.setdefault(kind, set())
                grew = grew or not watched.seen.keys() <= read
                read.update(watched.seen)
            if found and kind not in court.alone:
                one, other = _sides(kind, found)
                findings.append((kind, one, other))
                here, there = here | conditions(kind, asks, one), there | conditions(kind, asks, other)
        if grew or self.known != len(court.alone):
            self.settle()
        made = self.memory[self.look(facts)] = Found(findings, here, there)
        court.founds.append(made)
        return made


def _sides(kind: str, found: list) -> tuple[Finding | None, Finding | None]:
    """The finding that stands in today's book and in the tried one, out of those of several clauses."""
    today, tried = [f for f, before, _ in found if before], [f for f, _, after in found if after]
    one = _gravest(kind, today)
    return one, one if today == tried else _gravest(kind, tried)


def _gravest(kind: str, found: list[Finding]) -> Finding | None:
    return found[0] if len(found) == 1 else strictest(kind, list(found)) if found else None


__all__ = ["Bench", "Court", "Found", "conditions", "reads"]
