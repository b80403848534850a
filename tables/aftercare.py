"""After a reception: questions, business cards, feedback, follow-ups, complaints; and going out to customers."""

from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, relationship

from clauses.words import OutboundPurpose, OutboundTarget
from core.search import Searchable
from tables.base import (
    DEPARTMENT,
    OFFICE,
    ChoiceType,
    Created,
    Money,
    Table,
    UTCDateTime,
    any_of,
    col,
    link,
    ref,
    seen_through,
)
from tables.customers import Customer
from tables.people import Department, User
from tables.requests import Request
from tables.visits import OfVisit, Visit
from workflow import (
    COMPLAINT,
    OUTBOUND_PLAN,
    OUTBOUND_VISIT,
    Actor,
    ComplaintState,
    OutboundState,
    PlanState,
    Role,
)


class VisitQuestion(OfVisit, Created, Table):
    """A need or question a guest raised, who owns it, and its answer."""

    __tablename__ = "visit_question"
    visit: Mapped[Visit] = link("Visit", _l("Visit"))
    question: Mapped[str] = col(sa.Text, _l("Need or question"))
    owner_id: Mapped[int | None] = ref("user.id", _l("Owner"), null=True)
    owner: Mapped[User | None] = link("User", _l("Owner"))
    answer: Mapped[str] = col(sa.Text, _l("Answer or solution"), default="")
    answered_at: Mapped[datetime | None] = col(UTCDateTime, _l("Answered on"), null=True)

    def __str__(self):
        return self.question[:40]


class BusinessCard(OfVisit, Searchable, Created, Table):
    """A business card received, found again by any word on it."""

    __tablename__ = "business_card"
    search_marks = ()
    search_fields = ("name", "organisation", "text")
    visit: Mapped[Visit] = link("Visit", _l("Visit"))
    name: Mapped[str] = col(sa.String(40), _l("Name"))
    title: Mapped[str] = col(sa.String(40), _l("Position"), default="")
    organisation: Mapped[str] = col(sa.String(80), _l("Organisation"), default="")
    text: Mapped[str] = col(sa.Text, _l("Everything on the card"), default="")

    def __str__(self):
        return self.name


class Feedback(OfVisit, Created, Table):
    """来访反馈表: what the guests thought and want; passed on to the department concerned and dealt with."""

    __tablename__ = "feedback"
    __table_args__ = (sa.CheckConstraint("satisfaction BETWEEN 1 AND 5", name="satisfaction"),)
    visit: Mapped[Visit] = link("Visit", _l("Visit"))
    satisfaction: Mapped[int] = col(sa.Integer, _l("Satisfaction (1–5)"))
    needs: Mapped[str] = col(sa.Text, _l("Needs"), default="")
    opinion: Mapped[str] = col(sa.Text, _l("Opinion"), default="")
    given_on: Mapped[date] = col(sa.Date, _l("Given on"))
    passed_to_id: Mapped[int | None] = ref("department.id", _l("Passed on to"), null=True)
    passed_to: Mapped[Department | None] = link("Department", _l("Passed on to"))
    passed_on: Mapped[date | None] = col(sa.Date, _l("Passed on"), null=True)
    dealt_with: Mapped[str] = col(sa.Text, _l("What was done"), default="")
    late_reason: Mapped[str] = col(sa.String(200), _l("Reason, where a rule asks for one"), default="")


class FollowUp(Created, Table):
    """客户洽谈记录: what was talked about, what is open, who follows up and when."""

    __tablename__ = "follow_up"
    __table_args__ = (
        sa.Index("ix_follow_up_owner", "owner_id", "next_on"),
        sa.Index("ix_follow_up_customer", "customer_id", "held_on"),
    )
    visit_id: Mapped[int | None] = ref("visit.id", _l("Visit"), null=True, index=True)
    visit: Mapped[Visit | None] = link("Visit", _l("Visit"))
    customer_id: Mapped[int | None] = ref("customer.id", _l("Customer"), null=True)
    customer: Mapped[Customer | None] = link("Customer", _l("Customer"))
    held_on: Mapped[date] = col(sa.Date, _l("Date"))
    content: Mapped[str] = col(sa.Text, _l("What was discussed"))
    open_points: Mapped[str] = col(sa.Text, _l("Open points"), default="")
    owner_id: Mapped[int] = ref("user.id", _l("Owner"))
    owner: Mapped[User] = link("User", _l("Owner"))
    next_on: Mapped[date | None] = col(sa.Date, _l("Next contact on"), null=True)
    settled: Mapped[bool] = col(sa.Boolean, _l("Dealt with"), default=False)
    department_id: Mapped[int] = ref("department.id", _l("Department"), index=True)
    department: Mapped[Department] = link("Department", _l("Department"))

    @classmethod
    def visible_to(cls, actor: Actor):
        return any_of(
            actor.has(*OFFICE, Role.EXECUTIVE), actor.has(*DEPARTMENT) and cls.department_id == actor.department_id
        )


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
        return seen_through(cls.outbound_id, OutboundVisit, actor)

    def __str__(self):
        return self.text[:40]


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
