"""What every rule stands on: findings, terms, the rulebook, the registry, and how clauses are judged together."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from types import CodeType, FunctionType
from typing import Any, TypeVar, cast

from clauses.params import Param
from clauses.words import Severity
from core.text import N_, Text, say

SEVERITIES = {str(severity): severity for severity in Severity}
"""By their values: an enumeration is slow to look up, and a trial asks for very many."""
WEIGHT = {Severity.NOTE: 0, Severity.EXPLAIN: 1, Severity.BLOCK: 2}
NOTHING = Decimal(0)
APPROVAL_CHAIN = "approval_chain"
"""What findings about the chain of approval bear in place of a rule: no clause of its own speaks of it."""


@dataclass(frozen=True)
class Finding:
    """One clause not met: what is wrong and the way out. `measure` ranks findings of one rule.

    `cured_by` names what puts it right, as a rule's `cured_by` does; all of it is needed. A rule's function says it
    where less or nothing of its rule's helps (None: the rule's).
    """

    rule: str
    severity: Severity
    text: Text
    way_out: Text
    clauses: tuple[str, ...] = ()
    measure: Decimal = Decimal(0)
    cured_by: tuple[str, ...] | None = None

    @property
    def clause(self) -> str:
        return " ".join(self.clauses)

    def cured_on(self, asked: Collection[str]) -> bool:
        """Whether a form that asks for `asked` can put it right."""
        return bool(self.cured_by) and set(self.cured_by or ()) <= set(asked)


def blocking(findings: Iterable[Finding], asked: Collection[str] = ()) -> list[Finding]:
    """Those of `findings` that stop a form before it is filled in: nothing that it asks for puts them right."""
    return [f for f in findings if f.severity == Severity.BLOCK and not f.cured_on(asked)]


def of_request(findings: Iterable[Finding]) -> list[Finding]:
    """Those of `findings` that tell how the request itself stands, whoever acts."""
    return [f for f in findings if f.rule not in RULES or not RULES[f.rule].of_actor]


@dataclass(frozen=True)
class Terms:
    """The parameters of one clause in force. `effective` is its first and last day (None: open)."""

    clause: str
    params: Mapping[str, Any]
    effective: tuple[date | None, date | None] = (None, None)

    def __getitem__(self, key: str) -> Any:
        return self.params[key]

    @property
    def severity(self) -> Severity:
        return SEVERITIES[self.params["severity"]]

    def in_force(self, day: date | None) -> bool:
        first, last = self.effective
        return day is None or ((first is None or first <= day) and (last is None or day <= last))

    def binds(self, rank: int | None, moments: frozenset[str] | None) -> bool:
        """Whether it speaks of guests of `rank`, and at one of `moments` (None: at any)."""
        if moments is not None and "at" in self.params and self.params["at"] not in moments:
            return False
        ranks = self.params.get("ranks")
        return not ranks or rank in ranks

    def finding(
        self,
        text: Text,
        way_out: Text,
        severity: Severity | None = None,
        measure: int | Decimal = 0,
        cured_by: Iterable[str] | None = None,
    ) -> Finding:
        """A finding of this clause; its severity is the clause's own unless the rule fixes it."""
        cured = None if cured_by is None else tuple(cured_by)
        ranked = Decimal(measure) if measure else NOTHING
        return Finding("", severity or self.severity, text, way_out, (self.clause,), ranked, cured)


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


# ── The registry ─────────────────────────────────────────────────────────────────────────────────
Judge = Callable[[Terms, Any], Finding | None]
JudgeT = TypeVar("JudgeT", bound=Judge)

EARLIEST = N_("The earliest deadline binds.")
GRAVEST = N_("Both are judged; the graver finding stands and cites both.")


@dataclass(frozen=True)
class Rule:
    """All that is to be known of a rule.

    kind, facts: its name, and the kinds of facts it reads.
    moments: when it is judged; the `stage` of a transition, or what a page asks for (`due`, `disclose`, …).
    title, says: its name for people, and in one sentence what a clause with these parameters does (`{name}` for each).
    params: its parameters.
    cured_by: what puts a finding right that stands at such a moment: fields that the form of the transition asks for
        (`signed`), fields of the row's own form (`measures`), or another transition (`confirm_host`).
    unreplayable: why the past can't tell of it, so that a trial leaves it out; empty where it can be replayed.
    of_actor: it speaks of who acts, and tells nothing of how the request itself stands.
    deadline: it is about time; a trial lists what missed it.
    condition: the condition of approval steps that its findings bring about.
    reason_in: the column in which the request itself keeps the reason for its finding, where it has one.
    overlap: what binds where several clauses speak of it.
    made_from: what a clause has instead of naming it: a `level`, or checklist items `before` or `after`.
    """

    kind: str
    facts: tuple[type, ...]
    moments: frozenset[str]
    title: str
    says: str
    params: Mapping[str, Param]
    judge: Judge
    cured_by: tuple[str, ...] = ()
    unreplayable: str = ""
    of_actor: bool = False
    deadline: bool = False
    condition: str = ""
    reason_in: str = ""
    overlap: str = GRAVEST
    made_from: str = ""

    @property
    def typed(self) -> bool:
        """Whether a clause can name it."""
        return not self.made_from

    @property
    def parts(self) -> frozenset[str]:
        """The rows of a clause that its derived parameters are made of."""
        return frozenset(p.part for p in self.params.values() if p.part)

    @cached_property
    def reads(self) -> frozenset[str]:
        """The names of its facts that it could read: what its function, and what that calls, names at all."""
        named = named_in(self.judge) | {"day"} | ({"rank"} if "ranks" in self.params else set())
        return frozenset(f.name for facts in self.facts for f in fields(cast(Any, facts)) if f.name in named)


def named_in(function: object) -> frozenset[str]:
    """Every name in the code of `function`, and of the functions it calls by their own name."""
    names: set[str] = set()
    seen: set[object] = set()
    waiting: list[tuple[CodeType, Mapping[str, object]]] = []

    def enter(called: object) -> None:
        if isinstance(called, FunctionType) and called not in seen:
            seen.add(called)
            waiting.append((called.__code__, called.__globals__))

    enter(function)
    while waiting:
        code, space = waiting.pop()
        names.update(code.co_names)
        for name in code.co_names:
            enter(space.get(name))
        waiting += [(inner, space) for inner in code.co_consts if isinstance(inner, CodeType)]
    return frozenset(names)


RULES: dict[str, Rule] = {}


def rule(
    kind: str,
    facts: type | tuple[type, ...],
    *moments: str,
    title: str,
    says: str,
    cured_by: tuple[str, ...] = (),
    unreplayable: str = "",
    of_actor: bool = False,
    deadline: bool = False,
    condition: str = "",
    reason_in: str = "",
    overlap: str = GRAVEST,
    made_from: str = "",
    **params: Param,
) -> Callable[[JudgeT], JudgeT]:
    """Register a rule under `kind` with all that is to be known of it (see `Rule`); `params` are its parameters."""

    def register(function: JudgeT) -> JudgeT:
        if kind in RULES:
            raise ValueError(f"there is a rule {kind} already")
        RULES[kind] = Rule(
            kind,
            facts if isinstance(facts, tuple) else (facts,),
            frozenset(moments),
            title,
            says,
            params,
            function,
            cured_by,
            unreplayable,
            of_actor,
            deadline,
            condition,
            reason_in,
            overlap,
            made_from,
        )
        return function

    return register


def cured_by(name: str) -> frozenset[str]:
    """The rules whose findings `name` puts right: a transition, or a field."""
    return frozenset(kind for kind, registered in RULES.items() if name in registered.cured_by)


def reason_in(kind: str) -> str:
    """The column in which a request itself keeps the reason for a finding of rule `kind`; empty where none does."""
    return RULES[kind].reason_in if kind in RULES else ""


def check_terms(kind: str, params: Mapping[str, Any]) -> list[tuple[str, Text]]:
    """What is wrong with the parameters of a clause, each with the key of the parameter (empty: the rule itself).

    Nothing where the rule can read them.
    """
    if kind not in RULES or not RULES[kind].typed:
        return [("", say(N_("There is no rule “{kind}”."), kind=kind))]
    known = RULES[kind].params
    wrong = [
        (name, say(N_("Rule “{kind}” knows no “{name}”."), kind=kind, name=name))
        for name in params
        if name not in known
    ]
    for name, param in known.items():
        if param.kind == "derived":
            continue
        if name not in params:
            wrong.append((name, say(N_("Rule “{kind}” needs “{name}”."), kind=kind, name=name)))
        elif (refusal := param.wrong(params[name])) is not None:
            wrong.append((name, refusal))
        elif name == "at" and params[name] not in RULES[kind].moments:
            wrong.append((name, param.refusal(params[name])))
    return wrong


# ── Judging ──────────────────────────────────────────────────────────────────────────────────────
def judge(book: Rulebook, facts: Any, moments: Iterable[str] | None = None) -> list[Finding]:
    """Every finding of the adopted clauses about `facts`, the gravest first.

    `moments` limits it to the rules judged then; None judges all. A clause with a parameter `at` is judged at that
    moment only, one with `ranks` for these ranks (none: every one). Where several clauses speak of the same thing the
    strictest finding stands and cites every clause that found something.
    """
    wanted = None if moments is None else frozenset(moments)
    rank, day = getattr(facts, "rank", None), facts.day
    findings = []
    for kind, clauses in book.terms.items():
        registered = RULES.get(kind)
        if registered is None or not isinstance(facts, registered.facts):
            continue
        if wanted is not None and registered.moments.isdisjoint(wanted):
            continue
        of_rule = [
            finding
            for terms in clauses
            if terms.binds(rank, wanted) and terms.in_force(day)
            if (finding := registered.judge(terms, facts)) is not None
        ]
        if of_rule:
            findings.append(strictest(kind, of_rule))
    if wanted is None or "submit" in wanted:
        findings += chain_findings(facts)
    findings.sort(key=lambda f: WEIGHT[f.severity], reverse=True)
    return findings


def strictest(kind: str, findings: list[Finding]) -> Finding:
    """One finding of a rule out of several clauses': the gravest, citing them all; what cures it cures all as grave."""
    findings.sort(key=lambda f: (WEIGHT[f.severity], f.measure), reverse=True)
    gravest = findings[0]
    cited = tuple(dict.fromkeys(clause for finding in findings for clause in finding.clauses))
    cures = [
        RULES[kind].cured_by if f.cured_by is None else f.cured_by for f in findings if f.severity == gravest.severity
    ]
    cured = tuple(dict.fromkeys(name for names in cures for name in names)) if all(cures) else ()
    return Finding(kind, gravest.severity, gravest.text, gravest.way_out, cited, gravest.measure, cured)


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
    """The checklist items that the adopted clauses demand; one that several name stands once and cites them all."""
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


def chain_findings(facts: Any) -> list[Finding]:
    """What is wrong with the approval chain that `facts` (`ChainFacts`) tell of: nobody decides, or nobody can."""
    if not getattr(facts, "subject", ""):
        return []
    if not facts.has_chain:
        text = say(N_("No adopted clause says who approves this."))
        way_out = N_(
            "Choose a reception level, or have the admin office adopt a regulation with approval steps for it."
        )
        return [Finding(APPROVAL_CHAIN, Severity.BLOCK, text, say(way_out), cured_by=())]
    if facts.vacant:
        text = say(N_("Nobody but you or an earlier signer could decide the step: {roles}."), roles=list(facts.vacant))
        way_out = N_("Let somebody else of your department file it, or have that right delegated to another person.")
        return [Finding(APPROVAL_CHAIN, Severity.BLOCK, text, say(way_out), facts.vacant_clauses, cured_by=())]
    return []


def late_by(limit: datetime | None, moment: datetime | None) -> int:
    """Whole minutes, rounded up, by which `moment` lies after `limit`; 0 where it does not or nothing is known."""
    if limit is None or moment is None or moment <= limit:
        return 0
    return int(-(-(moment - limit).total_seconds() // 60))
