"""From regulations as data (the TOML of `seed/regulations`) to the rulebook that rules are judged by. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from clauses.base import RULES, Check, Rulebook, Step, Terms
from clauses.contradictions import settle
from clauses.words import CheckPhase

Effective = tuple[date | None, date | None]
Clause = Mapping[str, Any]
OPEN: Effective = (None, None)


def build(version: int, regulations: Iterable[Mapping[str, Any]], choices: Mapping[str, str] | None = None) -> Rulebook:
    """The rulebook of `regulations`, each as `rulebook.files.read` gives it, with the company's `choices` between
    contradictory clauses laid in. A regulation may bear `effective`, its first and last day."""
    draft = _Draft()
    for regulation in regulations:
        for clause in regulation["clause"]:
            if clause.get("applies", True):
                cited = f"{regulation['code']}-{clause['number']}"
                draft.add(cited, clause, regulation.get("effective", OPEN), regulation.get("grades", False))
    book = draft.book(version)
    return settle(book, choices) if choices else book


@dataclass
class _Draft:
    """A rulebook in the making: what its clauses have given so far."""

    terms: dict[str, list[Terms]] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    forms: dict[str, list[str]] = field(default_factory=dict)
    texts: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict)

    def add(self, cited: str, clause: Clause, effective: Effective, grades: bool) -> None:
        """Take up one clause, cited as `cited`."""
        self._text(cited, clause)
        for kind, params in _terms_of(clause, grades):
            self.terms.setdefault(kind, []).append(Terms(cited, params, effective))
        self.checks += [_check(cited, item, effective) for item in clause.get("check", ())]
        self.steps += [_step(cited, step, effective) for step in clause.get("step", ())]
        for form in clause.get("forms", ()):
            self.forms.setdefault(form, []).append(cited)

    def _text(self, cited: str, clause: Clause) -> None:
        """Keep what the clause says, by each rule it belongs to; parts of one clause are joined."""
        texts = self.texts.setdefault(cited, {})
        for rule in _rules_of(clause):
            chinese, english = texts.get(rule, ("", ""))
            if clause["zh"] not in chinese:
                texts[rule] = (chinese + clause["zh"], f"{english} {clause['en']}".strip())

    def book(self, version: int) -> Rulebook:
        return Rulebook(
            version,
            {kind: tuple(terms) for kind, terms in self.terms.items()},
            tuple(self.steps),
            tuple(self.checks),
            {form: tuple(dict.fromkeys(cited)) for form, cited in self.forms.items()},
            self.texts,
        )


def _terms_of(clause: Clause, grades: bool) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The rules a clause sets and the parameters of each: the one it names, and those made of its level and items."""
    named = clause.get("rule")
    if named:
        params = dict(clause.get("terms", {}))
        for name, param in RULES[named].params.items() if named in RULES else ():
            if param.part == "cap":
                params[name] = {(c["category"], c["rank"]): Decimal(c["per_guest"]) for c in clause.get("cap", ())}
        yield named, params
    # Only the regulation that grades suggests levels; the others' caps and duties go by its ranks.
    if "level" in clause and grades:
        level = clause["level"]
        params = {"rank": level["rank"], "code": level["code"]}
        params |= {name: list(level.get(name, ())) for name in ("classes", "categories", "titles")}
        for kind in made_from("level"):
            yield kind, params
    for phase in CheckPhase:
        if any(item["phase"] == phase for item in clause.get("check", ())):
            for kind in made_from(phase):
                yield kind, {"items": ()}


def _check(cited: str, item: Clause, effective: Effective) -> Check:
    return Check(
        cited,
        item["phase"],
        item["item"],
        item.get("item_en", ""),
        tuple(item.get("ranks", ())),
        item.get("only_if", ""),
        effective,
    )


def _step(cited: str, step: Clause, effective: Effective) -> Step:
    return Step(
        cited,
        step["subject"],
        step["step"],
        step["role"],
        step.get("rank_from", 1),
        step.get("rank_to", 99),
        Decimal(step.get("amount_from", 0)),
        step.get("only_if", ""),
        step.get("when_vacant", "refuse"),
        effective,
    )


def made_from(part: str) -> list[str]:
    """The rules that are made from the rows `part` of a clause, instead of being named by it."""
    return [kind for kind, rule in RULES.items() if rule.made_from == part]


def _rules_of(clause: Clause) -> tuple[str, ...]:
    """The rules a clause's text belongs to: its own, and those made of its level and its checklist.

    A rule about one thing of several (`what`) has its text by that thing too: `cycle:training`.
    """
    rules = []
    if clause.get("rule"):
        rules.append(clause["rule"])
        what = clause.get("terms", {}).get("what")
        rules += [f"{clause['rule']}:{what}"] if isinstance(what, str) else []
    if "level" in clause:
        rules += made_from("level")
    if clause.get("check"):
        rules += [kind for phase in CheckPhase for kind in made_from(phase)]
    return tuple(rules) or ("",)
