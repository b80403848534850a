"""── Going out, aftercare, supervision: plans and reports, complaints, feedback, incidents, assessments, cycles."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from clauses.base import (
    ChainFacts,
    Finding,
    Rulebook,
    Severity,
    Terms,
    late_by,
    many,
    one,
    rows,
    rule,
    severity,
    text,
    whole,
    words,
)
from clauses.words import (
    ComplaintField,
    CustomerClass,
    CycleKind,
    Disclosed,
    Measure,
    OutboundField,
    OutboundPurpose,
    OutboundTarget,
    Role,
)
from core.text import N_, say


@dataclass(frozen=True)
class PlanFacts(ChainFacts):
    """A month's plan of visits to customers: `month` is its first day."""

    month: date | None = None
    filed_on: date | None = None
    author_title: str = ""
    visits: int = 0
    purposes: frozenset[str] = frozenset()
    targets: frozenset[str] = frozenset()
    gaps: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class OutboundFacts:
    """One visit to a customer, at the moment of its report, and the promises made there."""

    day: date | None = None
    visited_on: date | None = None
    reported_on: date | None = None
    open_commitments: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ComplaintFacts:
    day: date | None = None
    received_at: datetime | None = None
    answered_at: datetime | None = None
    moment: datetime | None = None
    filled: frozenset[str] = frozenset()
    answering: bool = False


@dataclass(frozen=True)
class FeedbackFacts:
    """A guest's feedback: given on, passed to the department concerned on (None: not yet)."""

    day: date | None = None
    given_on: date | None = None
    passed_on: date | None = None
    today: date | None = None


@dataclass(frozen=True)
class IncidentFacts:
    day: date | None = None
    occurred_at: datetime | None = None
    handled_at: datetime | None = None
    measures: str = ""


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


# ── Going out ────────────────────────────────────────────────────────────────────────────────────
@rule(
    "plan_deadline",
    PlanFacts,
    "submit",
    title=N_("Plan by month end"),
    says=N_("Next month's plan is filed by the last day of the month before."),
)
def plan_deadline(terms: Terms, plan: PlanFacts) -> Finding | None:
    """The plan of a month is filed before the month begins."""
    if plan.month is None or plan.filed_on is None or plan.filed_on < plan.month:
        return None
    return terms.finding(
        say(N_("The plan is filed after the month has begun.")),
        say(N_("Give the reason for the delay.")),
        Severity.EXPLAIN,
        (plan.filed_on - plan.month).days + 1,
    )


@rule(
    "visit_purposes",
    PlanFacts,
    "submit",
    title=N_("Purposes of going out"),
    says=N_("A visit to a customer has one of these purposes: {purposes}."),
    purposes=many(N_("Purposes"), OutboundPurpose),
)
def visit_purposes(terms: Terms, plan: PlanFacts) -> Finding | None:
    """Every line of a plan has one of the purposes the regulation lists."""
    other = [OutboundPurpose(p).label for p in sorted(plan.purposes - set(terms["purposes"]))]
    if not other:
        return None
    return terms.finding(
        say(N_("The regulation does not list these purposes: {purposes}."), purposes=other),
        say(N_("Choose a listed purpose for these lines.")),
        Severity.EXPLAIN,
        len(other),
    )


@rule(
    "visit_targets",
    PlanFacts,
    "submit",
    title=N_("Targets of going out"),
    says=N_("A visit goes to one of these targets: {targets}."),
    targets=many(N_("Targets"), OutboundTarget),
)
def visit_targets(terms: Terms, plan: PlanFacts) -> Finding | None:
    """Every line of a plan has one of the targets the regulation lists."""
    other = [OutboundTarget(t).label for t in sorted(plan.targets - set(terms["targets"]))]
    if not other:
        return None
    return terms.finding(
        say(N_("The regulation does not list these targets: {targets}."), targets=other),
        say(N_("Choose a listed target for these lines.")),
        Severity.EXPLAIN,
        len(other),
    )


@rule(
    "visit_quota",
    PlanFacts,
    "submit",
    title=N_("Visits per position"),
    says=N_("A month's plan has at least the number of visits of its author's position."),
    quotas=rows(N_("Visits per month"), title=text(N_("Word in the position")), visits=whole(N_("Visits"), 200, 1)),
)
def visit_quota(terms: Terms, plan: PlanFacts) -> Finding | None:
    """A month's plan holds as many visits as its author's position asks for."""
    wanted = max((row["visits"] for row in terms["quotas"] if row["title"] in plan.author_title), default=0)
    if plan.visits >= wanted:
        return None
    return terms.finding(
        say(N_("The plan has {visits} visits; the position calls for {wanted}."), visits=plan.visits, wanted=wanted),
        say(N_("Add visits, or give the reason.")),
        Severity.EXPLAIN,
        wanted - plan.visits,
    )


@rule(
    "outbound_prepared",
    PlanFacts,
    "submit",
    title=N_("Visits prepared"),
    says=N_("Every line of a plan names: {fields}."),
    fields=many(N_("Fields"), OutboundField),
    severity=severity(Severity.BLOCK),
)
def outbound_prepared(terms: Terms, plan: PlanFacts) -> Finding | None:
    """Contact, target, items and cost are settled before going out."""
    gaps = {OutboundField(name).label: plan.gaps[name] for name in terms["fields"] if plan.gaps.get(name)}
    if not gaps and plan.visits:
        return None
    if not plan.visits:
        return terms.finding(say(N_("The plan has no visit yet.")), say(N_("Add the visits you plan.")), measure=10**6)
    return terms.finding(
        say(N_("Missing in {count} lines of the plan: {fields}."), count=max(gaps.values()), fields=list(gaps)),
        say(N_("Fill them in on each line.")),
        measure=sum(gaps.values()),
    )


@rule(
    "report_within",
    OutboundFacts,
    "report",
    title=N_("Report in time"),
    says=N_("A visit to a customer is reported within {days} days."),
    days=whole(N_("Days"), 365, 1),
)
def report_within(terms: Terms, visit: OutboundFacts) -> Finding | None:
    """The report comes within `days` calendar days after the visit."""
    if visit.visited_on is None or visit.reported_on is None:
        return None
    late = (visit.reported_on - visit.visited_on).days - terms["days"]
    if late <= 0:
        return None
    return terms.finding(
        say(N_("The report comes {late} days later than {days} days after the visit."), late=late, days=terms["days"]),
        say(N_("Report now and give the reason for the delay.")),
        Severity.EXPLAIN,
        late,
    )


@rule(
    "commitments_settled",
    OutboundFacts,
    "report",
    "review",
    title=N_("Promises kept"),
    says=N_("What was promised to a customer is settled within {days} days."),
    days=whole(N_("Days"), 365),
)
def commitments_settled(terms: Terms, visit: OutboundFacts) -> Finding | None:
    """Promises made are tracked and settled in time; `open_commitments` counts the open ones by age in days."""
    overdue = sum(count for age, count in visit.open_commitments.items() if age > terms["days"])
    if not overdue:
        return None
    return terms.finding(
        say(N_("{count} promises have been open for more than {days} days."), count=overdue, days=terms["days"]),
        say(N_("Settle them, or agree a new date with the customer.")),
        Severity.NOTE,
        overdue,
    )


# ── Aftercare ────────────────────────────────────────────────────────────────────────────────────
@rule(
    "complaint_answered",
    ComplaintFacts,
    "answer",
    "review",
    title=N_("Complaint answered"),
    says=N_("A complaint is answered within {hours} hours."),
    hours=whole(N_("Hours"), 8760, 1),
)
def complaint_answered(terms: Terms, complaint: ComplaintFacts) -> Finding | None:
    """A complaint is answered within `hours` after it came in."""
    late = late_by(
        complaint.received_at and complaint.received_at + timedelta(hours=terms["hours"]),
        complaint.answered_at or complaint.moment,
    )
    if not late:
        return None
    return terms.finding(
        say(
            N_("The complaint waits {late} minutes longer than {hours} hours for its answer."),
            late=late,
            hours=terms["hours"],
        ),
        say(N_("Answer at once and give the reason for the delay.")),
        Severity.EXPLAIN,
        late,
    )


@rule(
    "complaint_steps",
    ComplaintFacts,
    "answer",
    title=N_("Complaint looked into"),
    says=N_("Before a complaint is answered there is: {fields}."),
    fields=many(N_("Fields"), ComplaintField),
)
def complaint_steps(terms: Terms, complaint: ComplaintFacts) -> Finding | None:
    """A complaint is investigated and has a solution before it is answered."""
    missing = [ComplaintField(f).label for f in terms["fields"] if f not in complaint.filled]
    if not missing:
        return None
    return terms.finding(
        say(N_("Not filled in: {fields}."), fields=missing),
        say(N_("Look into it and write down what was found and what is offered.")),
        Severity.BLOCK,
        len(missing),
    )


@rule(
    "feedback_passed",
    FeedbackFacts,
    "review",
    title=N_("Feedback passed on"),
    says=N_("Guests' opinions reach the department concerned within {days} days."),
    days=whole(N_("Days"), 365),
)
def feedback_passed(terms: Terms, feedback: FeedbackFacts) -> Finding | None:
    """Feedback is passed on to the department concerned within `days`."""
    end = feedback.passed_on or feedback.today
    if feedback.given_on is None or end is None or (end - feedback.given_on).days <= terms["days"]:
        return None
    return terms.finding(
        say(N_("The feedback did not reach the department concerned within {days} days."), days=terms["days"]),
        say(N_("Name the department and pass it on today.")),
        Severity.EXPLAIN,
        (end - feedback.given_on).days - terms["days"],
    )


@rule(
    "incident_handled",
    IncidentFacts,
    "review",
    title=N_("Incident handled"),
    says=N_("After an incident measures are taken and written down within {minutes} minutes."),
    minutes=whole(N_("Minutes"), 10_000, 1),
)
def incident_handled(terms: Terms, incident: IncidentFacts) -> Finding | None:
    """Measures are taken at once and written down."""
    if not incident.measures.strip():
        return terms.finding(
            say(N_("No measure against the incident is written down.")),
            say(N_("Write what was done, when and by whom.")),
            Severity.BLOCK,
            10**6,
        )
    late = late_by(
        incident.occurred_at and incident.occurred_at + timedelta(minutes=terms["minutes"]), incident.handled_at
    )
    if not late:
        return None
    return terms.finding(
        say(
            N_("The measures came {late} minutes later than {minutes} minutes after the incident."),
            late=late,
            minutes=terms["minutes"],
        ),
        say(N_("Give the reason in the measures.")),
        Severity.NOTE,
        late,
    )


@rule(
    "violation_measure",
    ViolationFacts,
    "review",
    title=N_("Measures for violations"),
    says=N_("A violation leads to one of: {minor}; a serious one to: {serious}."),
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


# ── Supervision ──────────────────────────────────────────────────────────────────────────────────
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
    found: dict[str, str] = {}
    for terms in book.of("conduct", day):
        for criterion in terms["criteria"]:
            found[criterion] = f"{found[criterion]} {terms.clause}" if criterion in found else terms.clause
    return found


@rule(
    "cycle",
    CycleFacts,
    "due",
    title=N_("Falls due regularly"),
    says=N_("{what}: every {days} days, seen to by {role}."),
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


def due_on(terms: Terms, facts: CycleFacts) -> date | None:
    """The day on which a cycle falls due; None where the clause does not speak of it."""
    if terms["what"] != facts.what or (terms["classes"] and facts.customer_class not in terms["classes"]):
        return None
    start = facts.last or facts.since
    return start + timedelta(days=terms["days"]) if start else facts.day


__all__ = [
    "AssessmentFacts",
    "ComplaintFacts",
    "CycleFacts",
    "DisclosureFacts",
    "FeedbackFacts",
    "IncidentFacts",
    "OutboundFacts",
    "PlanFacts",
    "ViolationFacts",
    "criteria",
    "due_on",
]
