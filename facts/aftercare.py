"""What follows a visit as the rules see it: guests' opinions, going out to customers, complaints."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from clauses.words import ComplaintField
from facts.base import REQUEST, Beside, Column, Reader, columns_of, filed_on, plain
from models import Commitment, Complaint, Feedback, OutboundPlan, OutboundVisit, User
from rules import ComplaintFacts, FeedbackFacts, OutboundFacts, PlanFacts
from workflow import OUTBOUND_PLAN, Actor, OutboundState

# ── Opinions ─────────────────────────────────────────────────────────────────────────────────────
FEEDBACK = Reader(Feedback, FeedbackFacts, columns_of(Feedback, "given_on", "passed_on"))


@FEEDBACK.tells("day")
def day(feedback: Any, beside: Beside) -> date:
    return feedback.given_on


# ── Going out ────────────────────────────────────────────────────────────────────────────────────
class Line(NamedTuple):
    """One visit of a plan."""

    purpose: str
    target: str
    contact: str
    goal: str
    items: str
    expected_cost: Decimal | None


class BesidePlans(Beside):
    """The lines of plans."""

    @cached_property
    def lines(self) -> dict[int, list[Line]]:
        """The visits planned and not dropped."""
        v = OutboundVisit
        lines = self.grouped(
            *(v.plan_id, plain(v.purpose), plain(v.target), v.contact, v.goal, v.items, v.expected_cost),
            where=[v.status != OutboundState.DROPPED],
        )
        return {plan: [Line._make(line) for line in rows] for plan, rows in lines.items()}


PLANS = Reader(
    OutboundPlan,
    PlanFacts,
    columns_of(OutboundPlan, *REQUEST, "month")
    | {"author_title": Column(User.title, lambda plan: plan.applicant.title if plan.applicant else "")},
    BesidePlans,
    joins=((User, User.id == OutboundPlan.applicant_id),),
    subject=OUTBOUND_PLAN.name,
)


@PLANS.tells("day")
def month(plan: Any, beside: BesidePlans) -> date:
    return plan.month


@PLANS.tells("filed_on")
def plan_filed_on(plan: Any, beside: BesidePlans) -> date:
    return filed_on(plan, beside, OUTBOUND_PLAN)


@PLANS.tells("visits", "purposes", "targets", "gaps")
def lines(plan: Any, beside: BesidePlans) -> tuple[int, frozenset[str], frozenset[str], Mapping[str, int]]:
    """How many lines, their purposes and targets, and how many lack what a line should say."""
    planned = beside.lines.get(plan.id, ())
    return (
        len(planned),
        frozenset(line.purpose for line in planned),
        frozenset(line.target for line in planned),
        {
            "contact": sum(1 for line in planned if not line.contact),
            "purpose": sum(1 for line in planned if not line.goal),
            "target": sum(1 for line in planned if not line.target),
            "items": sum(1 for line in planned if not line.items),
            "expense": sum(1 for line in planned if line.expected_cost is None),
        },
    )


class BesideOutbound(Beside):
    """The promises made on visits to customers."""

    @cached_property
    def promises(self) -> dict[int, list[tuple[date]]]:
        """The days on which those were made that are not kept yet."""
        return self.grouped(Commitment.outbound_id, Commitment.made_on, where=[Commitment.settled_on.is_(None)])


OUTBOUND = Reader(OutboundVisit, OutboundFacts, columns_of(OutboundVisit, "planned_on", "reported_on"), BesideOutbound)


@OUTBOUND.tells("day", "visited_on", "reported_on")
def visited_on(visit: Any, beside: BesideOutbound) -> tuple[date, date, date]:
    """A report that is not written yet is written today."""
    return visit.planned_on, visit.planned_on, visit.reported_on or visit.today


@OUTBOUND.tells("open_commitments")
def open_commitments(visit: Any, beside: BesideOutbound) -> Mapping[int, int]:
    """How many promises wait, by the days they have waited."""
    return dict(Counter((visit.today - made_on).days for (made_on,) in beside.promises.get(visit.id, ())))


# ── Complaints ───────────────────────────────────────────────────────────────────────────────────
STEPS = tuple(str(name) for name in ComplaintField)

COMPLAINTS = Reader(Complaint, ComplaintFacts, columns_of(Complaint, "received_at", "answered_at", *STEPS))


@COMPLAINTS.tells("day")
def received_on(complaint: Any, beside: Beside) -> date | None:
    return beside.local_day(complaint.received_at) if complaint.received_at else None


@COMPLAINTS.known
def known_of_complaint(complaint: Complaint, actor: Actor, data: Mapping[str, Any]) -> dict[str, Any]:
    """What the form says of the steps before they are in the row."""
    return {name: data[name] for name in STEPS if data.get(name)}


@COMPLAINTS.tells("filled", of=STEPS)
def filled(complaint: Any, beside: Beside) -> frozenset[str]:
    return frozenset(name for name in STEPS if (getattr(complaint, name) or "").strip())


__all__ = ["COMPLAINTS", "FEEDBACK", "OUTBOUND", "PLANS"]
