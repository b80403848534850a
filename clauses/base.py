"""What every rule stands on: findings, terms, the rulebook, the registry, and how clauses are judged together."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from clauses.words import Severity
from core.text import N_, Choice, Text, say

WEIGHT = {Severity.NOTE: 0, Severity.EXPLAIN: 1, Severity.BLOCK: 2}


@dataclass(frozen=True)
class Finding:
    """One clause not met: what is wrong and the way out. `measure` ranks findings of one rule."""

    rule: str
    severity: Severity
    text: Text
    way_out: Text
    clauses: tuple[str, ...] = ()
    measure: Decimal = Decimal(0)

    @property
    def clause(self) -> str:
        return " ".join(self.clauses)


@dataclass(frozen=True)
class Terms:
    """The parameters of one clause in force. `effective` is its first and last day (None: open)."""

    clause: str
    params: Mapping
    effective: tuple[date | None, date | None] = (None, None)

    def __getitem__(self, key: str):
        return self.params[key]

    @property
    def severity(self) -> Severity:
        return Severity(self.params["severity"])

    def in_force(self, day: date | None) -> bool:
        first, last = self.effective
        return day is None or ((first is None or first <= day) and (last is None or day <= last))

    def finding(self, text: Text, way_out: Text, severity: Severity | None = None, measure=0) -> Finding:
        """A finding of this clause; its severity is the clause's own unless the rule fixes it."""
        return Finding("", severity or self.severity, text, way_out, (self.clause,), Decimal(measure))


@dataclass(frozen=True)
class Step:
    """One approval step a clause demands: who (`role`), for which subject, ranks, amount and condition."""

    clause: str
    subject: str
    step: int
    role: str
    rank_from: int = 1
    rank_to: int = 99
    amount_from: Decimal = Decimal(0)
    only_if: str = ""
    when_vacant: str = "refuse"
    effective: tuple[date | None, date | None] = (None, None)


@dataclass(frozen=True)
class Check:
    """One checklist item a clause demands, before the guests come or after they left."""

    clause: str
    phase: str
    item: str
    item_en: str = ""
    ranks: tuple[int, ...] = ()
    only_if: str = ""
    effective: tuple[date | None, date | None] = (None, None)


@dataclass(frozen=True)
class Rulebook:
    """Everything adopted at one moment: terms by rule kind, approval steps, checklist items, printed forms by name with
    the clauses that ask for them, and the clauses' texts by citation and rule."""

    version: int
    terms: Mapping[str, tuple[Terms, ...]] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    checks: tuple[Check, ...] = ()
    forms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    texts: Mapping[str, Mapping[str, tuple[str, str]]] = field(default_factory=dict)

    def text_of(self, clause: str, rule: str) -> tuple[str, str]:
        """What `clause` says, in Chinese and English: where several bear its number, the one that names `rule`."""
        texts = self.texts.get(clause, {})
        return texts.get(rule) or next(iter(texts.values()), ("", ""))

    def adopted(self, citations: str) -> list[str]:
        """Those of the space-separated `citations` that this company has adopted: others are not its clauses."""
        return [clause for clause in citations.split() if clause in self.texts]

    def of(self, kind: str, day: date | None = None) -> list[Terms]:
        """The terms of `kind` in force on `day`."""
        return [terms for terms in self.terms.get(kind, ()) if terms.in_force(day)]


# ── Parameters ───────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Param:
    """One parameter of a rule: what the clause form asks for and what the loader accepts.

    `kind` is ranks, whole, share, yes, one, many, text, words, rows or derived (made from rows of other
    tables, never typed). `choices` are the values of one and many; `columns` the fields of rows.
    """

    kind: str
    label: str
    choices: type[Choice] | None = None
    least: int = 0
    most: int = 100_000
    default: object = None
    columns: Mapping[str, "Param"] = field(default_factory=dict)

    def wrong(self, value) -> Text | None:
        """What is wrong with `value`; None when the rule can read it."""
        return None if self._reads(value) else self.refusal(value)

    def refusal(self, value) -> Text:
        return say(N_("“{value}” is not possible for “{name}”."), value=str(value)[:60], name=self.label)

    def _reads(self, value) -> bool:
        if self.kind == "ranks":
            return isinstance(value, list) and all(
                isinstance(v, int) and not isinstance(v, bool) and 1 <= v <= 99 for v in value
            )
        if self.kind == "whole":
            return isinstance(value, int) and not isinstance(value, bool) and self.least <= value <= self.most
        if self.kind == "share":
            try:
                return isinstance(value, str | Decimal) and 0 < Decimal(value) <= 10
            except InvalidOperation:
                return False
        if self.kind == "yes":
            return isinstance(value, bool)
        if self.kind == "one":
            return isinstance(value, str) and value in list(self.choices)
        if self.kind == "many":
            return (
                isinstance(value, list)
                and bool(value or self.least == 0)
                and all(isinstance(v, str) and v and v in list(self.choices) for v in value)
            )
        if self.kind == "text":
            return isinstance(value, str) and bool(value.strip())
        if self.kind == "words":
            return isinstance(value, list) and all(isinstance(v, str) and v.strip() for v in value)
        if self.kind == "rows":
            return (
                isinstance(value, list)
                and bool(value)
                and all(
                    isinstance(row, dict)
                    and set(row) <= set(self.columns)
                    and all(p.default is not None or n in row for n, p in self.columns.items())
                    and all(self.columns[n].wrong(v) is None for n, v in row.items())
                    for row in value
                )
            )
        return self.kind == "derived"


def ranks() -> Param:
    return Param("ranks", N_("For levels of rank (none: every level)"), default=[])


def severity(default: Severity) -> Param:
    return Param("one", N_("When it is not met"), Severity, default=str(default))


def whole(label: str, most: int = 100_000, least: int = 0) -> Param:
    return Param("whole", label, least=least, most=most)


def yes(label: str) -> Param:
    return Param("yes", label, default=False)


def one(label: str, choices: type[Choice]) -> Param:
    return Param("one", label, choices)


def many(label: str, choices: type[Choice], least: int = 1) -> Param:
    return Param("many", label, choices, least=least)


def text(label: str) -> Param:
    return Param("text", label)


def words(label: str) -> Param:
    return Param("words", label)


def rows(label: str, **columns: Param) -> Param:
    return Param("rows", label, columns=columns)


def derived(label: str) -> Param:
    return Param("derived", label)


# ── The registry ─────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Rule:
    """A registered rule: its kind, the facts it reads, the stages it is judged at, its parameters.

    `title` names it for people; `says` tells in one sentence what a clause with these parameters
    does, with `{name}` for each parameter.
    """

    kind: str
    facts: type | tuple[type, ...]
    stages: frozenset[str]
    title: str
    says: str
    params: Mapping[str, Param]
    judge: Callable[[Terms, object], Finding | None]

    @property
    def typed(self) -> bool:
        """Whether a clause can name it; the others are made from levels and checklist items."""
        return self.kind not in DERIVED


RULES: dict[str, Rule] = {}
DERIVED = {"level_suggested", "checklist_before", "checklist_skipped", "checklist_after"}
"""Rules that no clause names: they come from the rows of levels and checklists."""


def rule(kind: str, facts, *stages: str, title: str, says: str, **params: Param):
    """Register a rule under `kind`; `params` declares each parameter of its clause."""

    def register(function):
        RULES[kind] = Rule(kind, facts, frozenset(stages), title, says, params, function)
        return function

    return register


def check_terms(kind: str, params: Mapping) -> list[Text]:
    """What is wrong with the parameters of a clause; empty when the rule can read them."""
    if kind not in RULES or kind in DERIVED:
        return [say(N_("There is no rule “{kind}”."), kind=kind)]
    known, wrong = RULES[kind].params, []
    wrong += [say(N_("Rule “{kind}” knows no “{name}”."), kind=kind, name=name) for name in params if name not in known]
    for name, param in known.items():
        if param.kind == "derived":
            continue
        if name not in params:
            wrong.append(say(N_("Rule “{kind}” needs “{name}”."), kind=kind, name=name))
        elif (bad := param.wrong(params[name])) is not None:
            wrong.append(bad)
        elif name == "at" and params["at"] not in RULES[kind].stages:
            wrong.append(param.refusal(params["at"]))
    return wrong


# ── Judging ──────────────────────────────────────────────────────────────────────────────────────
def judge(book: Rulebook, facts, stages: Iterable[str] | None = None) -> list[Finding]:
    """Every finding of the adopted clauses about `facts`, the gravest first.

    `stages` limits it to the rules judged at these moments; None judges all. A clause with a
    parameter `at` is judged at that moment only, one with `ranks` for these ranks (none: every
    one). Where several clauses speak of the same thing the strictest finding stands and cites every
    clause that found something.
    """
    wanted, found = None if stages is None else frozenset(stages), []
    rank, day = getattr(facts, "rank", None), facts.day
    for kind, clauses in book.terms.items():
        registered = RULES.get(kind)
        if (
            registered is None
            or not isinstance(facts, registered.facts)
            or (wanted is not None and registered.stages.isdisjoint(wanted))
        ):
            continue
        mine = []
        for terms in clauses:
            params = terms.params
            if wanted is not None and "at" in params and params["at"] not in wanted:
                continue
            if params.get("ranks") and rank not in params["ranks"]:
                continue
            if terms.in_force(day):
                finding = registered.judge(terms, facts)
                if finding is not None:
                    mine.append(finding)
        if mine:
            found.append(strictest(kind, mine))
    if wanted is None or "submit" in wanted:
        found += _chain_findings(book, facts)
    found.sort(key=lambda f: WEIGHT[f.severity], reverse=True)
    return found


def strictest(kind: str, findings: list[Finding]) -> Finding:
    """One finding of a rule out of several clauses': the gravest, citing them all."""
    findings.sort(key=lambda f: (WEIGHT[f.severity], f.measure), reverse=True)
    cited = tuple(dict.fromkeys(clause for finding in findings for clause in finding.clauses))
    return replace(findings[0], rule=kind, clauses=cited)


def chain(
    book: Rulebook, subject: str, *, rank: int | None, amount: Decimal, conditions: frozenset[str], day: date | None
) -> list[Step]:
    """The approval steps that the adopted clauses demand, in order.

    Several clauses may demand the same role: it decides once, at its latest place, citing each clause.
    """
    by_role: dict[str, Step] = {}
    for step in sorted((s for s in book.steps if s.subject == subject), key=lambda s: s.step):
        if rank is not None and not step.rank_from <= rank <= step.rank_to:
            continue
        if rank is None and step.rank_from > 1:
            continue
        if amount < step.amount_from or (step.only_if and step.only_if not in conditions):
            continue
        if not Terms(step.clause, {}, step.effective).in_force(day):
            continue
        if step.role in by_role:
            earlier = by_role.pop(step.role)
            clauses = dict.fromkeys(earlier.clause.split() + step.clause.split())
            vacant = "refuse" if "refuse" in (earlier.when_vacant, step.when_vacant) else "skip"
            step = replace(step, clause=" ".join(clauses), when_vacant=vacant)
        by_role[step.role] = step
    return sorted(by_role.values(), key=lambda s: s.step)


def checklist(book: Rulebook, *, rank: int | None, conditions: frozenset[str], day: date | None) -> list[Check]:
    """The checklist items that the adopted clauses demand: their union, an item named twice once, citing each clause."""
    by_item: dict[tuple[str, str], Check] = {}
    for check in book.checks:
        if check.ranks and rank not in check.ranks:
            continue
        if check.only_if and check.only_if not in conditions:
            continue
        if not Terms(check.clause, {}, check.effective).in_force(day):
            continue
        earlier = by_item.get((check.phase, check.item))
        clause = " ".join(dict.fromkeys([*earlier.clause.split(), check.clause])) if earlier else check.clause
        by_item[check.phase, check.item] = replace(check, clause=clause)
    return list(by_item.values())


@dataclass(frozen=True)
class ChainFacts:
    """What every request with a chain tells: the steps to come, and those nobody can decide."""

    subject: str = ""
    has_chain: bool = True
    vacant: tuple[str, ...] = ()
    vacant_clauses: tuple[str, ...] = ()
    day: date | None = None


def _chain_findings(book: Rulebook, facts) -> list[Finding]:
    if not getattr(facts, "subject", ""):
        return []
    if not facts.has_chain:
        return [
            Finding(
                "approval_chain",
                Severity.BLOCK,
                say(N_("No adopted clause says who approves this.")),
                say(
                    N_(
                        "Choose a reception level, or have the admin office adopt a regulation with approval steps for it."
                    )
                ),
            )
        ]
    if facts.vacant:
        return [
            Finding(
                "approval_chain",
                Severity.BLOCK,
                say(
                    N_("Nobody but you or an earlier signer could decide the step: {roles}."),
                    roles=", ".join(facts.vacant),
                ),
                say(
                    N_("Let somebody else of your department file it, or have that right delegated to another person.")
                ),
                facts.vacant_clauses,
            )
        ]
    return []


def late_by(limit: datetime | None, moment: datetime | None) -> int:
    """Whole minutes, rounded up, by which `moment` lies after `limit`; 0 where it does not or nothing is known."""
    if limit is None or moment is None or moment <= limit:
        return 0
    return int(-(-(moment - limit).total_seconds() // 60))
