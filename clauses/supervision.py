"""Supervision: violations, personal data, assessments, and what falls due again and again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from clauses.base import Finding, Rulebook, Terms, rule
from clauses.params import many, one, whole, words
from clauses.words import CustomerClass, CycleKind, Disclosed, Measure, Role, Severity
from core.text import N_, say


@dataclass(frozen=True)
class ViolationFacts:
    day: date | None = None
    serious: bool = False
    measure: str = ""


@dataclass(frozen=True)
class DisclosureFacts:
    """Personal data about to be shown in full or exported."""

    day: date | None = None
    what: str = ""
    roles: frozenset[str] = frozenset()
    reason: str = ""


@dataclass(frozen=True)
class AssessmentFacts:
    """An assessment of a receptionist: the criteria scored, each with its points."""

    day: date | None = None
    scores: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class CycleFacts:
    """When something periodic was done last (None: never), counted from `since` where it never was."""

    what: str
    day: date
    last: date | None = None
    since: date | None = None
    customer_class: str = ""


@rule(
    "violation_measure",
    ViolationFacts,
    "review",
    title=N_("Measures for violations"),
    says=N_("A violation leads to one of: {minor}; a serious one to: {serious}."),
    cured_by=("measure",),
    minor=many(N_("Measures"), Measure),
    serious=many(N_("Measures when serious"), Measure),
)
def violation_measure(terms: Terms, violation: ViolationFacts) -> Finding | None:
    """A violation has one of the measures the regulation provides for its gravity."""
    allowed = terms["serious"] if violation.serious else terms["minor"]
    if violation.measure in allowed:
        return None
    return terms.finding(
        say(N_("The regulation provides: {measures}."), measures=[Measure(m).label for m in allowed]),
        say(N_("Choose one of these measures.")),
        Severity.BLOCK,
    )


@rule(
    "disclosure",
    DisclosureFacts,
    "disclose",
    title=N_("Personal data"),
    says=N_("Only {roles} may do this, with a reason: {what}."),
    what=many(N_("What"), Disclosed),
    roles=many(N_("Roles"), Role),
)
def disclosure(terms: Terms, data: DisclosureFacts) -> Finding | None:
    """Personal data is shown in full or exported only by the roles named, and never without a reason."""
    if data.what not in terms["what"]:
        return None
    if data.roles.isdisjoint(terms["roles"]):
        return terms.finding(
            say(
                N_("Customer data is confidential: only {roles} may do this."),
                roles=[Role(r).label for r in terms["roles"]],
            ),
            say(N_("Ask one of them.")),
            Severity.BLOCK,
            2,
        )
    if data.what == Disclosed.REVEAL and len(data.reason.strip()) < 2:
        return terms.finding(
            say(N_("Personal data is shown in full only with a reason.")),
            say(N_("Say why you need to see it.")),
            Severity.BLOCK,
            1,
        )
    return None


@rule(
    "conduct",
    AssessmentFacts,
    "review",
    title=N_("Standards of conduct"),
    says=N_("Assessments score each of: {criteria}."),
    criteria=words(N_("Criteria")),
)
def conduct(terms: Terms, assessment: AssessmentFacts) -> Finding | None:
    """An assessment scores every criterion of the adopted standards of conduct."""
    missing = [c for c in terms["criteria"] if c not in assessment.scores]
    if not missing:
        return None
    return terms.finding(
        say(N_("Not scored: {criteria}."), criteria=missing),
        say(N_("Give points for each of them.")),
        Severity.BLOCK,
        len(missing),
    )


def criteria(book: Rulebook, day: date | None = None) -> dict[str, str]:
    """Every criterion that an assessment scores, with the clauses that set it, in the order of the clauses."""
    cited: dict[str, str] = {}
    for terms in book.of("conduct", day):
        for criterion in terms["criteria"]:
            cited[criterion] = f"{cited[criterion]} {terms.clause}" if criterion in cited else terms.clause
    return cited


@rule(
    "cycle",
    CycleFacts,
    "due",
    title=N_("Falls due regularly"),
    says=N_("{what}: every {days} days, seen to by {role}."),
    overlap=N_("The shorter cycle binds."),
    what=one(N_("What"), CycleKind),
    days=whole(N_("Every (days)"), 3660, 1),
    classes=many(N_("Customer classes"), CustomerClass, 0),
    role=one(N_("Seen to by"), Role),
)
def cycle(terms: Terms, facts: CycleFacts) -> Finding | None:
    """Something periodic is done again before `days` have passed since it was done last."""
    due = due_on(terms, facts)
    if due is None or facts.day <= due:
        return None
    late = (facts.day - due).days
    text = (
        N_("{what} was due {late} days ago.")
        if facts.last
        else N_("{what} has never been done; it was due {late} days ago.")
    )
    return terms.finding(
        say(text, what=CycleKind(terms["what"]).label, late=late),
        say(N_("Do it and enter the record; it then falls due anew.")),
        Severity.EXPLAIN,
        late,
    )


def cycles(book: Rulebook, day: date) -> list[Terms]:
    """The cycles that bind on `day`: where several clauses ask for the same, the shorter one."""
    shortest: dict[tuple[str, tuple[str, ...]], Terms] = {}
    for terms in book.of("cycle", day):
        key = (terms["what"], tuple(sorted(terms["classes"])))
        if key not in shortest or terms["days"] < shortest[key]["days"]:
            shortest[key] = terms
    return list(shortest.values())


def due_on(terms: Terms, facts: CycleFacts) -> date | None:
    """The day on which a cycle falls due; None where the clause does not speak of it."""
    if terms["what"] != facts.what or (terms["classes"] and facts.customer_class not in terms["classes"]):
        return None
    start = facts.last or facts.since
    return start + timedelta(days=terms["days"]) if start else facts.day
