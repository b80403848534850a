"""Cars: the dispatch order."""

from dataclasses import dataclass
from datetime import date, timedelta

from clauses.base import Finding, Terms, rule
from clauses.params import many, severity, whole
from clauses.words import DispatchField, Severity
from core.text import N_, say


@dataclass(frozen=True)
class DispatchFacts:
    """A dispatch order; `filled` names the fields of DispatchField that hold something."""

    day: date | None = None
    filed_on: date | None = None
    filled: frozenset[str] = frozenset(DispatchField)


@rule(
    "dispatch_ahead",
    DispatchFacts,
    "file",
    title=N_("Car asked for in advance"),
    says=N_("A dispatch order is filed at least {days} days before."),
    deadline=True,
    days=whole(N_("Days"), 365),
)
def dispatch_ahead(terms: Terms, dispatch: DispatchFacts) -> Finding | None:
    """A dispatch order is filed at least `days` calendar days before the car leaves."""
    if (
        dispatch.filed_on is None
        or dispatch.day is None
        or dispatch.filed_on <= dispatch.day - timedelta(days=terms["days"])
    ):
        return None
    return terms.finding(
        say(N_("The car is asked for less than {days} days ahead."), days=terms["days"]),
        say(N_("Give the reason for the short notice.")),
        Severity.EXPLAIN,
        (dispatch.filed_on - dispatch.day).days + terms["days"],
    )


@rule(
    "dispatch_complete",
    DispatchFacts,
    "file",
    title=N_("Dispatch order complete"),
    says=N_("A dispatch order names: {fields}."),
    cured_by=tuple(DispatchField),
    fields=many(N_("Fields"), DispatchField),
    severity=severity(Severity.EXPLAIN),
)
def dispatch_complete(terms: Terms, dispatch: DispatchFacts) -> Finding | None:
    """The dispatch order says whom to fetch where and how to know them."""
    missing = [DispatchField(f) for f in terms["fields"] if f not in dispatch.filled]
    if not missing:
        return None
    return terms.finding(
        say(N_("Not filled in: {fields}."), fields=[f.label for f in missing]),
        say(N_("Fill them in, so that the driver finds the guests.")),
        measure=len(missing),
        cured_by=missing,
    )
