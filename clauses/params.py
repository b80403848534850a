"""The parameters of a rule: what the form of a clause asks for, and what the loader of regulations accepts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from clauses.words import Severity
from core.text import N_, Choice, Text, say


@dataclass(frozen=True)
class Param:
    """One parameter of a rule.

    `kind` is ranks, whole, share, yes, one, many, text, words, rows or derived (made from rows of other tables, never
    typed). `choices` are the values of one and many; `columns` the fields of rows; `part` names the rows of a clause
    that a derived one is made of: level, check or cap.
    """

    kind: str
    label: str
    choices: type[Choice] | None = None
    least: int = 0
    most: int = 100_000
    default: object = None
    columns: Mapping[str, "Param"] = field(default_factory=dict)
    part: str = ""

    def wrong(self, value: Any) -> Text | None:
        """What is wrong with `value`; None when the rule can read it."""
        return None if self._reads(value) else self.refusal(value)

    def refusal(self, value: Any) -> Text:
        return say(N_("“{value}” is not possible for “{name}”."), value=str(value)[:60], name=self.label)

    def _reads(self, value: Any) -> bool:
        match self.kind:
            case "ranks":
                return isinstance(value, list) and all(_whole(v, 1, 99) for v in value)
            case "whole":
                return _whole(value, self.least, self.most)
            case "share":
                return _share(value)
            case "yes":
                return isinstance(value, bool)
            case "one":
                return isinstance(value, str) and value in self._values
            case "many":
                return (
                    isinstance(value, list)
                    and bool(value or self.least == 0)
                    and all(isinstance(v, str) and v and v in self._values for v in value)
                )
            case "text":
                return isinstance(value, str) and bool(value.strip())
            case "words":
                return isinstance(value, list) and all(isinstance(v, str) and v.strip() for v in value)
            case "rows":
                return isinstance(value, list) and bool(value) and all(self._row(row) for row in value)
        return self.kind == "derived"

    @property
    def _values(self) -> list[Choice]:
        return list(self.choices or ())

    def _row(self, row: Any) -> bool:
        return (
            isinstance(row, dict)
            and set(row) <= set(self.columns)
            and all(p.default is not None or n in row for n, p in self.columns.items())
            and all(self.columns[n].wrong(v) is None for n, v in row.items())
        )


def _whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _share(value: Any) -> bool:
    try:
        return isinstance(value, str | Decimal) and 0 < Decimal(value) <= 10
    except InvalidOperation:
        return False


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


def derived(label: str, part: str) -> Param:
    return Param("derived", label, part=part)
