"""After a visit and beside it: plans and reports of visits to customers, complaints, feedback, incidents."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from clauses.base import EARLIEST, ChainFacts, Finding, Terms, late_by, rule
from clauses.params import many, rows, severity, text, whole
from clauses.words import ComplaintField, OutboundField, OutboundPurpose, OutboundTarget, Severity
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


# ── Going out ────────────────────────────────────────────────────────────────────────────────────
@rule(
    "plan_deadline",
    PlanFacts,
    "submit",
    title=N_("Plan by month end"),
    says=N_("Next month's plan is filed by the last day of the month before."),
    deadline=True,
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
    unlisted = [OutboundPurpose(p).label for p in sorted(plan.purposes - set(terms["purposes"]))]
    if not unlisted:
        return None
    return terms.finding(
        say(N_("The regulation does not list these purposes: {purposes}."), purposes=unlisted),
        say(N_("Choose a listed purpose for these lines.")),
        Severity.EXPLAIN,
        len(unlisted),
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
    unlisted = [OutboundTarget(t).label for t in sorted(plan.targets - set(terms["targets"]))]
    if not unlisted:
        return None
    return terms.finding(
        say(N_("The regulation does not list these targets: {targets}."), targets=unlisted),
        say(N_("Choose a listed target for these lines.")),
        Severity.EXPLAIN,
        len(unlisted),
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
    deadline=True,
    overlap=EARLIEST,
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
    deadline=True,
    overlap=EARLIEST,
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
    cured_by=("investigation", "solution"),
    fields=many(N_("Fields"), ComplaintField),
)
def complaint_steps(terms: Terms, complaint: ComplaintFacts) -> Finding | None:
    """A complaint is investigated and has a solution before it is answered."""
    missing = [ComplaintField(f) for f in terms["fields"] if f not in complaint.filled]
    if not missing:
        return None
    return terms.finding(
        say(N_("Not filled in: {fields}."), fields=[f.label for f in missing]),
        say(N_("Look into it and write down what was found and what is offered.")),
        Severity.BLOCK,
        len(missing),
        missing,
    )


@rule(
    "feedback_passed",
    FeedbackFacts,
    "review",
    title=N_("Feedback passed on"),
    says=N_("Guests' opinions reach the department concerned within {days} days."),
    cured_by=("passed_to",),
    deadline=True,
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
    cured_by=("measures",),
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


__all__ = ["ComplaintFacts", "FeedbackFacts", "IncidentFacts", "OutboundFacts", "PlanFacts"]
