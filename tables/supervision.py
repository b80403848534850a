"""── Going out, complaints, supervision: plans and reports, promises, assessments, violations, training, inspections."""

from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, relationship

from clauses.words import CycleKind, Measure, OutboundPurpose, OutboundTarget
from core.search import Searchable
from core.text import N_, Choice
from rules import AssessmentFacts, ComplaintFacts, OutboundFacts, PlanFacts, ViolationFacts
from tables.base import (
    JSON,
    OFFICE,
    ChoiceType,
    Created,
    Money,
    OfficeTable,
    Table,
    UTCDateTime,
    any_of,
    col,
    link,
    local_day,
    ref,
)
from tables.customers import Customer
from tables.people import User
from tables.requests import Request
from tables.visits import Visit
from workflow import COMPLAINT, OUTBOUND_PLAN, OUTBOUND_VISIT, Actor, ComplaintState, OutboundState, PlanState, Role


# ── Going out ────────────────────────────────────────────────────────────────────────────────────
class OutboundPlan(Request, Table):
    """客户拜访计划: whom its author is going to see in a month (R14-3.1)."""

    __tablename__ = "outbound_plan"
    __table_args__ = (
        sa.Index("ix_outbound_plan_month", "month", "id"),
        sa.Index("ix_outbound_plan_status", "status", "id"),
        sa.Index("ix_outbound_plan_department", "department_id", "id"),
    )
    prefix = "JH"
    process = OUTBOUND_PLAN
    rank = None
    status: Mapped[PlanState] = col(ChoiceType(PlanState), _l("Status"), default=PlanState.DRAFT)
    month: Mapped[date] = col(sa.Date, _l("Month"))
    remarks: Mapped[str] = col(sa.String(200), _l("Remarks"), default="")
    lines: Mapped[list["OutboundVisit"]] = relationship(
        back_populates="plan",
        order_by="OutboundVisit.planned_on",
        foreign_keys="OutboundVisit.plan_id",
        info={"label": _l("Visits to customers")},
    )

    def facts(self, moment: datetime, day: date, kinds=None, **known) -> PlanFacts:
        lines = [line for line in self.lines if line.status != OutboundState.DROPPED]
        gaps = {
            name: sum(1 for line in lines if not getattr(line, attribute))
            for name, attribute in (
                ("contact", "contact"),
                ("purpose", "goal"),
                ("target", "target"),
                ("items", "items"),
            )
        }
        gaps["expense"] = sum(1 for line in lines if line.expected_cost is None)
        filed = day if self.editable or self.submitted_at is None else local_day(self.submitted_at)
        return PlanFacts(
            day=self.month,
            subject=OUTBOUND_PLAN.name,
            month=self.month,
            filed_on=filed,
            author_title=self.applicant.title if self.applicant else "",
            visits=len(lines),
            purposes=frozenset(str(line.purpose) for line in lines),
            targets=frozenset(str(line.target) for line in lines),
            gaps=gaps,
            **known,
        )


class OutboundVisit(Request, Table):
    """One line of a plan, later its report (拜访报告, R14-3.4)."""

    __tablename__ = "outbound_visit"
    __table_args__ = (
        sa.Index("ix_outbound_visit_on", "planned_on", "id"),
        sa.Index("ix_outbound_visit_status", "status", "planned_on", "id"),
        sa.Index("ix_outbound_visit_customer", "customer_id", "planned_on"),
        sa.Index("ix_outbound_visit_department", "department_id", "id"),
    )
    prefix = "BF"
    process = OUTBOUND_VISIT
    status: Mapped[OutboundState] = col(ChoiceType(OutboundState), _l("Status"), default=OutboundState.PLANNED)
    plan_id: Mapped[int] = ref("outbound_plan.id", _l("Plan of visits"), index=True)
    plan: Mapped[OutboundPlan] = relationship(
        back_populates="lines", foreign_keys=[plan_id], info={"label": _l("Plan of visits")}
    )
    customer_id: Mapped[int] = ref("customer.id", _l("Customer"))
    customer: Mapped[Customer] = link("Customer", _l("Customer"))
    planned_on: Mapped[date] = col(sa.Date, _l("Date"))
    purpose: Mapped[OutboundPurpose] = col(ChoiceType(OutboundPurpose), _l("Purpose"))
    target: Mapped[OutboundTarget] = col(
        ChoiceType(OutboundTarget), _l("Kind of target"), default=OutboundTarget.CURRENT
    )
    contact: Mapped[str] = col(sa.String(60), _l("Contact"), default="")
    goal: Mapped[str] = col(sa.String(200), _l("What it is to achieve"), default="")
    items: Mapped[str] = col(sa.String(120), _l("Items to take along"), default="")
    expected_cost: Mapped[sa.Numeric | None] = col(Money, _l("Expected cost (CNY)"), null=True)
    result: Mapped[str] = col(sa.Text, _l("Result"), default="")
    next_step: Mapped[str] = col(sa.String(200), _l("Next step"), default="")
    actual_cost: Mapped[sa.Numeric | None] = col(Money, _l("Cost (CNY)"), null=True)
    reported_on: Mapped[date | None] = col(sa.Date, _l("Reported on"), null=True)
    commitments: Mapped[list["Commitment"]] = relationship(
        back_populates="outbound", order_by="Commitment.id", info={"label": _l("Promises")}
    )

    def facts(self, moment: datetime, day: date, kinds=None, **known) -> OutboundFacts:
        ages: dict[int, int] = {}
        for promise in self.commitments:
            if promise.settled_on is None:
                age = (day - promise.made_on).days
                ages[age] = ages.get(age, 0) + 1
        return OutboundFacts(
            day=self.planned_on, visited_on=self.planned_on, reported_on=self.reported_on or day, open_commitments=ages
        )


class Commitment(Created, Table):
    """A promise made to a customer, tracked until it is kept (R14-3.4)."""

    __tablename__ = "commitment"
    __table_args__ = (sa.Index("ix_commitment_owner", "owner_id", "settled_on"),)
    outbound_id: Mapped[int] = ref("outbound_visit.id", _l("Visit to a customer"), index=True)
    outbound: Mapped[OutboundVisit] = relationship(
        back_populates="commitments", info={"label": _l("Visit to a customer")}
    )
    text: Mapped[str] = col(sa.String(300), _l("Promise"))
    owner_id: Mapped[int] = ref("user.id", _l("Owner"))
    owner: Mapped[User] = link("User", _l("Owner"))
    made_on: Mapped[date] = col(sa.Date, _l("Made on"))
    due_on: Mapped[date | None] = col(sa.Date, _l("Due on"), null=True)
    settled_on: Mapped[date | None] = col(sa.Date, _l("Kept on"), null=True)

    @classmethod
    def visible_to(cls, actor: Actor):
        return cls.outbound_id.in_(sa.select(OutboundVisit.id).where(OutboundVisit.visible_to(actor)))

    def __str__(self):
        return self.text[:40]


# ── Complaints ───────────────────────────────────────────────────────────────────────────────────
class Complaint(Searchable, Request, Table):
    """A complaint or a reported problem: looked into, answered in time, closed with the customer's satisfaction."""

    __tablename__ = "complaint"
    __table_args__ = (
        sa.Index("ix_complaint_status", "status", "id"),
        sa.Index("ix_complaint_department", "department_id", "id"),
    )
    prefix = "TS"
    process = COMPLAINT
    search_fields = ("organisation", "content")
    status: Mapped[ComplaintState] = col(ChoiceType(ComplaintState), _l("Status"), default=ComplaintState.OPEN)
    visit_id: Mapped[int | None] = ref("visit.id", _l("Visit"), null=True, index=True)
    visit: Mapped[Visit | None] = link("Visit", _l("Visit"))
    organisation: Mapped[str] = col(sa.String(80), _l("Organisation"))
    complainant: Mapped[str] = col(sa.String(40), _l("Who complains"), default="")
    received_at: Mapped[datetime] = col(UTCDateTime, _l("Received on"))
    content: Mapped[str] = col(sa.Text, _l("Complaint"))
    investigation: Mapped[str] = col(sa.Text, _l("Investigation"), default="")
    solution: Mapped[str] = col(sa.Text, _l("Solution"), default="")
    answered_at: Mapped[datetime | None] = col(UTCDateTime, _l("Answered on"), null=True)
    satisfied: Mapped[bool | None] = col(sa.Boolean, _l("Customer is satisfied"), null=True)

    def facts(
        self, moment: datetime, day: date, kinds=None, filled: frozenset = frozenset(), **known
    ) -> ComplaintFacts:
        has = {name for name in ("investigation", "solution") if (getattr(self, name) or "").strip()} | filled
        return ComplaintFacts(
            day=local_day(self.received_at),
            received_at=self.received_at,
            answered_at=self.answered_at,
            moment=moment,
            filled=frozenset(has),
        )


# ── Supervision ──────────────────────────────────────────────────────────────────────────────────
class Assessment(Created, Table):
    """An assessment of a receptionist: points for every criterion of the adopted standards of conduct."""

    __tablename__ = "assessment"
    __table_args__ = (sa.Index("ix_assessment_on", "held_on", "id"),)
    user_id: Mapped[int] = ref("user.id", _l("Assessed"), index=True)
    user: Mapped[User] = link("User", _l("Assessed"), foreign_keys=[user_id])
    assessor_id: Mapped[int] = ref("user.id", _l("Assessor"))
    assessor: Mapped[User] = link("User", _l("Assessor"), foreign_keys=[assessor_id])
    held_on: Mapped[date] = col(sa.Date, _l("Date"))
    scores: Mapped[dict] = col(JSON, _l("Points (0–10)"), default=dict)
    reward: Mapped[str] = col(sa.String(120), _l("Reward or correction"), default="")
    remarks: Mapped[str] = col(sa.Text, _l("Remarks"), default="")

    @property
    def average(self):
        return round(sum(self.scores.values()) / len(self.scores), 1) if self.scores else None

    @classmethod
    def visible_to(cls, actor: Actor):
        """The office sees all, a head the own department's, everyone their own."""
        of_department = cls.user_id.in_(sa.select(User.id).where(User.department_id == actor.department_id))
        return any_of(actor.has(*OFFICE), actor.has(Role.DEPT_HEAD) and of_department, cls.user_id == actor.id)

    def facts(self, moment, day, kinds=None, **known) -> AssessmentFacts:
        return AssessmentFacts(day=self.held_on, scores=self.scores or {})


class Violation(Created, Table):
    """A breach of the regulations by one of the company's own people, and what followed."""

    __tablename__ = "violation"
    __table_args__ = (sa.Index("ix_violation_on", "happened_on", "id"),)
    user_id: Mapped[int] = ref("user.id", _l("Who"), index=True)
    user: Mapped[User] = link("User", _l("Who"))
    happened_on: Mapped[date] = col(sa.Date, _l("Date"))
    clause: Mapped[str] = col(sa.String(40), _l("Clause"), default="")
    description: Mapped[str] = col(sa.Text, _l("What happened"))
    serious: Mapped[bool] = col(sa.Boolean, _l("Serious"), default=False)
    measure: Mapped[Measure] = col(ChoiceType(Measure), _l("Measure"))
    retrained_on: Mapped[date | None] = col(sa.Date, _l("Retrained on"), null=True)

    @classmethod
    def visible_to(cls, actor: Actor):
        of_department = cls.user_id.in_(sa.select(User.id).where(User.department_id == actor.department_id))
        return any_of(actor.has(*OFFICE), actor.has(Role.DEPT_HEAD) and of_department)

    def facts(self, moment, day, kinds=None, **known) -> ViolationFacts:
        return ViolationFacts(day=self.happened_on, serious=bool(self.serious), measure=str(self.measure or ""))


class Training(OfficeTable, Created, Table):
    """A training session on reception: what, who, when. It fulfils the training cycles."""

    __tablename__ = "training"
    held_on: Mapped[date] = col(sa.Date, _l("Date"), index=True)
    topic: Mapped[str] = col(sa.String(120), _l("Topic"))
    trainer: Mapped[str] = col(sa.String(40), _l("Trainer"), default="")
    attendances: Mapped[list["TrainingAttendance"]] = relationship(
        back_populates="training", order_by="TrainingAttendance.id", info={"label": _l("Attendance")}
    )

    def __str__(self):
        return self.topic


class TrainingAttendance(OfficeTable, Table):
    __tablename__ = "training_attendance"
    __table_args__ = (sa.UniqueConstraint("training_id", "user_id"),)
    training_id: Mapped[int] = ref("training.id", _l("Training"))
    training: Mapped[Training] = relationship(back_populates="attendances", info={"label": _l("Training")})
    user_id: Mapped[int] = ref("user.id", _l("Attended by"), index=True)
    user: Mapped[User] = link("User", _l("Attended by"))
    score: Mapped[int | None] = col(sa.Integer, _l("Test result (0–100)"), null=True)


class InspectionKind(Choice):
    """The cycles that an inspection fulfils."""

    VENUE = str(CycleKind.VENUE_INSPECTION), N_("Venue inspection")
    NIGHT = str(CycleKind.NIGHT_INSPECTION), N_("Night inspection")
    SERVICE = str(CycleKind.SERVICE_INSPECTION), N_("Service inspection")
    MAINTENANCE = str(CycleKind.MAINTENANCE), N_("Maintenance")
    DAILY = str(CycleKind.DAILY_CHECK), N_("Daily check")
    SATISFACTION = str(CycleKind.SATISFACTION), N_("Satisfaction review")
    REGULATION = str(CycleKind.REGULATION_REVIEW), N_("Review of a regulation")
    STATISTICS = str(CycleKind.STATISTICS), N_("Statistics and report")
    CLASSES = str(CycleKind.CLASS_REVIEW), N_("Review of customer classes")


class Inspection(OfficeTable, Created, Table):
    """An inspection or review that a cycle asks for; faults found go to repair."""

    __tablename__ = "inspection"
    __table_args__ = (sa.Index("ix_inspection_kind", "kind", "held_on"),)
    kind: Mapped[InspectionKind] = col(ChoiceType(InspectionKind), _l("Kind"))
    held_on: Mapped[date] = col(sa.Date, _l("Date"))
    place: Mapped[str] = col(sa.String(80), _l("Place or subject"), default="")
    inspector_id: Mapped[int] = ref("user.id", _l("Inspector"))
    inspector: Mapped[User] = link("User", _l("Inspector"))
    result: Mapped[str] = col(sa.Text, _l("Result"))
    faults: Mapped[str] = col(sa.Text, _l("Faults found"), default="")
    repaired_on: Mapped[date | None] = col(sa.Date, _l("Repaired on"), null=True)


__all__ = [
    "Assessment",
    "Commitment",
    "Complaint",
    "Inspection",
    "InspectionKind",
    "OutboundPlan",
    "OutboundVisit",
    "Training",
    "TrainingAttendance",
    "Violation",
]
