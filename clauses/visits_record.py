"""After a visit: its record, its questions, feedback and what follows from it."""

from datetime import timedelta

from clauses.base import Finding, Terms, late_by, rule
from clauses.params import many, ranks, severity, whole
from clauses.visits import NEVER_TICKED, VisitFacts
from clauses.words import Severity, Stage
from core.text import N_, say


@rule(
    "reception_record",
    VisitFacts,
    "close",
    title=N_("Reception record"),
    says=N_("Visits of {ranks} are recorded before they are closed."),
    cured_by=("record",),
    ranks=ranks(),
)
def reception_record(terms: Terms, visit: VisitFacts) -> Finding | None:
    """The reception is recorded before the visit is closed."""
    if visit.walk_in or visit.recorded:
        return None
    return terms.finding(
        say(N_("The reception has not been recorded.")),
        say(N_("Write the reception record: who came, what was discussed, what was agreed.")),
        Severity.BLOCK,
    )


@rule(
    "recorded_within",
    VisitFacts,
    "close",
    title=N_("Recorded in time"),
    says=N_("The record is written within {hours} hours after the visit."),
    deadline=True,
    hours=whole(N_("Hours"), 8760, 1),
)
def recorded_within(terms: Terms, visit: VisitFacts) -> Finding | None:
    """The record is written soon after the visit ended."""
    late = late_by(
        visit.planned_end and visit.planned_end + timedelta(hours=terms["hours"]), visit.recorded_at or visit.moment
    )
    if visit.walk_in or not late:
        return None
    return terms.finding(
        say(N_("The record comes later than {hours} hours after the visit."), hours=terms["hours"]),
        say(N_("Write it now and give the reason for the delay.")),
        Severity.EXPLAIN,
        late,
    )


@rule(
    "questions_recorded",
    VisitFacts,
    "close",
    title=N_("Questions recorded"),
    says=N_("Needs and questions of guests of {ranks} are written down."),
    ranks=ranks(),
    severity=severity(Severity.EXPLAIN),
)
def questions_recorded(terms: Terms, visit: VisitFacts) -> Finding | None:
    """What the guests need and ask is written down during the reception."""
    if visit.walk_in or visit.questions:
        return None
    return terms.finding(
        say(N_("No need or question of the guests is recorded.")),
        say(N_("Enter them under Questions, or say that none was raised.")),
    )


@rule(
    "questions_answered",
    VisitFacts,
    "close",
    title=N_("Questions answered"),
    says=N_("Every question is answered before the visit is closed, at the latest after {days} days."),
    days=whole(N_("Days"), 365),
)
def questions_answered(terms: Terms, visit: VisitFacts) -> Finding | None:
    """Each question gets an answer or a solution; those open longer than `days` are overdue."""
    if not visit.open_questions:
        return None
    overdue = sum(count for age, count in visit.overdue_questions.items() if age > terms["days"])
    if overdue:
        return terms.finding(
            say(N_("{count} questions have been open for more than {days} days."), count=overdue, days=terms["days"]),
            say(N_("Answer them or have the owner answer.")),
            Severity.BLOCK,
            1000 + overdue,
        )
    return terms.finding(
        say(N_("{count} questions have no answer yet."), count=visit.open_questions),
        say(N_("Answer them or have the owner answer.")),
        Severity.BLOCK,
        visit.open_questions,
    )


@rule(
    "stages_complete",
    VisitFacts,
    "close",
    title=N_("Every stage gone through"),
    says=N_("Before it is closed a visit has gone through: {stages}."),
    cured_by=("record",),
    unreplayable=NEVER_TICKED,
    stages=many(N_("Stages"), Stage),
)
def stages_complete(terms: Terms, visit: VisitFacts) -> Finding | None:
    """Appointment, registration, preparation, reception and feedback all took place."""
    missing = [Stage(s) for s in terms["stages"] if s not in visit.stages]
    if visit.walk_in or not missing:
        return None
    return terms.finding(
        say(N_("These stages are missing: {stages}."), stages=[s.label for s in missing]),
        say(N_("Make up for them, or give the reason.")),
        Severity.EXPLAIN,
        len(missing),
        None if missing == [Stage.RECEPTION] else (),
    )


@rule(
    "feedback_collected",
    VisitFacts,
    "close",
    title=N_("Feedback collected"),
    says=N_("Guests of {ranks} are asked for their opinion."),
    ranks=ranks(),
    severity=severity(Severity.EXPLAIN),
)
def feedback_collected(terms: Terms, visit: VisitFacts) -> Finding | None:
    """The guests' opinion is asked for and kept."""
    if visit.walk_in or visit.feedback:
        return None
    return terms.finding(
        say(N_("There is no feedback of the guests.")), say(N_("Ask them and enter the feedback form."))
    )


@rule(
    "outcome_recorded",
    VisitFacts,
    "close",
    title=N_("Outcome recorded"),
    says=N_("The outcome of visits of {ranks} is recorded."),
    cured_by=("outcome",),
    ranks=ranks(),
    severity=severity(Severity.EXPLAIN),
)
def outcome_recorded(terms: Terms, visit: VisitFacts) -> Finding | None:
    """What the visit led to is recorded."""
    if visit.walk_in or visit.outcome:
        return None
    return terms.finding(
        say(N_("The outcome of the visit is not recorded.")), say(N_("Choose the outcome when you close the visit."))
    )


@rule(
    "farewell_gift",
    VisitFacts,
    "close",
    title=N_("Farewell gift"),
    says=N_("Guests of {ranks} are thanked with a gift."),
    ranks=ranks(),
    severity=severity(Severity.NOTE),
)
def farewell_gift(terms: Terms, visit: VisitFacts) -> Finding | None:
    """Guests are seen off with thanks and a gift."""
    if visit.walk_in or visit.gifts:
        return None
    return terms.finding(
        say(N_("No gift was issued for this visit.")),
        say(N_("Request one next time, or leave it where it does not fit.")),
    )


@rule(
    "follow_up_named",
    VisitFacts,
    "close",
    title=N_("Follow-up with an owner"),
    says=N_("Where there is further demand, a named person follows up within {days} days."),
    days=whole(N_("Days"), 365, 1),
    severity=severity(Severity.BLOCK),
)
def follow_up_named(terms: Terms, visit: VisitFacts) -> Finding | None:
    """Further demand or doubts have a follow-up with an owner, soon enough."""
    if visit.walk_in or visit.outcome not in ("demand", "doubts", "agreed"):
        return None
    if visit.follow_up_days is None:
        return terms.finding(
            say(N_("There is further demand, but nobody is named to follow it up.")),
            say(N_("Enter a follow-up with its owner and date.")),
            measure=10**6,
        )
    if visit.follow_up_days > terms["days"]:
        return terms.finding(
            say(
                N_("The follow-up comes after {planned} days; {days} are allowed."),
                planned=visit.follow_up_days,
                days=terms["days"],
            ),
            say(N_("Bring it forward.")),
            measure=visit.follow_up_days,
        )
    return None


@rule(
    "cards_collected",
    VisitFacts,
    "close",
    title=N_("Business cards kept"),
    says=N_("A business card of the guests is kept and can be found again."),
    severity=severity(Severity.NOTE),
)
def cards_collected(terms: Terms, visit: VisitFacts) -> Finding | None:
    """Business cards received are kept and can be found again."""
    if visit.walk_in or visit.cards:
        return None
    return terms.finding(say(N_("No business card of the guests is kept.")), say(N_("Ask for a card and enter it.")))
