"""── Reception in detail: checklist, itinerary, questions, cards; at the door agreements, slips and incidents; afterwards
feedback and follow-ups. Each belongs to a visit."""

from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped

from clauses.words import CheckPhase
from core.search import Searchable
from core.text import N_, Choice
from tables.base import DEPARTMENT, OFFICE, ChoiceType, Created, Table, UTCDateTime, any_of, col, link, local_day, ref
from tables.customers import Customer
from tables.people import Department, User
from tables.requests import Request
from tables.visits import OfVisit, Visit
from workflow import GOODS_RELEASE, Actor, ReleaseState, Role


class ItineraryKind(Choice):
    """What an item of the itinerary arranges; the values line up with `clauses.words.Need`."""

    MEAL = "meal", N_("Meal")
    LODGING = "lodging", N_("Lodging")
    MEETING = "meeting", N_("Meeting")
    TOUR = "tour", N_("Tour")
    CALL = "call", N_("Leaders' call")
    SEND_OFF = "send_off", N_("Send-off")
    TICKETS = "tickets", N_("Onward tickets")


class ChecklistItem(OfVisit, Table):
    """One thing to do for this visit, made from the adopted checklists when it is approved; who ticked it, and when."""

    __tablename__ = "checklist_item"
    __table_args__ = (sa.UniqueConstraint("visit_id", "phase", "item"),)
    visit: Mapped[Visit] = link("Visit", _l("Visit"))
    phase: Mapped[CheckPhase] = col(ChoiceType(CheckPhase), _l("When"))
    item: Mapped[str] = col(sa.String(120), _l("Item"))
    item_en: Mapped[str] = col(sa.String(160), _l("English item"), default="")
    clause: Mapped[str] = col(sa.String(120), _l("Clause"), default="")
    done_at: Mapped[datetime | None] = col(UTCDateTime, _l("Done"), null=True)
    done_by_id: Mapped[int | None] = ref("user.id", _l("Done by"), null=True)
    done_by: Mapped[User | None] = link("User", _l("Done by"))
    note: Mapped[str] = col(sa.String(200), _l("Note"), default="")

    def __str__(self):
        return self.item


class ItineraryItem(OfVisit, Table):
    """A meal, a night, a meeting, a tour, a send-off: what is arranged for the guests, when and where."""

    __tablename__ = "itinerary_item"
    visit: Mapped[Visit] = link("Visit", _l("Visit"))
    kind: Mapped[ItineraryKind] = col(ChoiceType(ItineraryKind), _l("Kind"))
    starts_at: Mapped[datetime] = col(UTCDateTime, _l("From"))
    place: Mapped[str] = col(sa.String(80), _l("Place"))
    standard: Mapped[str] = col(sa.String(80), _l("Standard (room type, table, mode)"), default="")
    diet: Mapped[str] = col(sa.String(120), _l("Dietary needs heeded"), default="")
    responsible_id: Mapped[int | None] = ref("user.id", _l("Responsible"), null=True)
    responsible: Mapped[User | None] = link("User", _l("Responsible"))
    satisfaction: Mapped[int | None] = col(sa.Integer, _l("Guests' satisfaction (1–5)"), null=True)
    note: Mapped[str] = col(sa.String(200), _l("Note"), default="")

    def __str__(self):
        return f"{self.kind.label} {self.place}"


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
    search_fields = ("name", "organisation", "text")
    visit: Mapped[Visit] = link("Visit", _l("Visit"))
    name: Mapped[str] = col(sa.String(40), _l("Name"))
    title: Mapped[str] = col(sa.String(40), _l("Position"), default="")
    organisation: Mapped[str] = col(sa.String(80), _l("Organisation"), default="")
    text: Mapped[str] = col(sa.Text, _l("Everything on the card"), default="")

    def __str__(self):
        return self.name


class Nda(OfVisit, Created, Table):
    """A signed confidentiality agreement; it covers the guests of its visit until it ends."""

    __tablename__ = "nda"
    visit: Mapped[Visit] = link("Visit", _l("Visit"))
    signatory: Mapped[str] = col(sa.String(60), _l("Signed by (guest)"))
    organisation: Mapped[str] = col(sa.String(80), _l("Organisation"), default="")
    signed_on: Mapped[date] = col(sa.Date, _l("Signed on"))
    valid_until: Mapped[date | None] = col(sa.Date, _l("Valid until"), null=True)
    topics: Mapped[str] = col(sa.String(200), _l("Topics"), default="")

    def __str__(self):
        return self.signatory


class GoodsRelease(Request, Table):
    """物品放行条: what a guest may take out of the house (R10-4)."""

    __tablename__ = "goods_release"
    __table_args__ = (
        sa.Index("ix_goods_release_status", "status", "id"),
        sa.Index("ix_goods_release_department", "department_id", "id"),
    )
    prefix = "FX"
    process = GOODS_RELEASE
    sees_all = (*OFFICE, Role.FRONT_DESK)
    status: Mapped[ReleaseState] = col(ChoiceType(ReleaseState), _l("Status"), default=ReleaseState.OPEN)
    visit_id: Mapped[int] = ref("visit.id", _l("Visit"), index=True)
    visit: Mapped[Visit] = link("Visit", _l("Visit"))
    carrier: Mapped[str] = col(sa.String(40), _l("Who carries them"))
    items: Mapped[str] = col(sa.Text, _l("Goods (name, quantity)"))
    reason: Mapped[str] = col(sa.String(120), _l("Reason"))


class IncidentKind(Choice):
    REFUSED_REGISTRATION = "refused_registration", N_("Refused to register")
    FORCED_ENTRY = "forced_entry", N_("Forced entry")
    INJURY = "injury", N_("Illness or injury")
    FIRE = "fire", N_("Fire or accident")
    LOSS = "loss", N_("Loss or damage")
    BREACH = "breach", N_("Breach of the house rules")
    OTHER = "other", N_("Other")


class Incident(Created, Table):
    """Something that went wrong with visitors in the house, and what was done about it."""

    __tablename__ = "incident"
    __table_args__ = (sa.Index("ix_incident_occurred", "occurred_at", "id"),)
    visit_id: Mapped[int | None] = ref("visit.id", _l("Visit"), null=True, index=True)
    visit: Mapped[Visit | None] = link("Visit", _l("Visit"))
    kind: Mapped[IncidentKind] = col(ChoiceType(IncidentKind), _l("Kind"))
    occurred_at: Mapped[datetime] = col(UTCDateTime, _l("Happened on"))
    place: Mapped[str] = col(sa.String(80), _l("Place"), default="")
    description: Mapped[str] = col(sa.Text, _l("What happened"))
    measures: Mapped[str] = col(sa.Text, _l("What was done"), default="")
    handled_at: Mapped[datetime | None] = col(UTCDateTime, _l("Done at"), null=True)
    police: Mapped[bool] = col(sa.Boolean, _l("Police (110) called"), default=False)
    reported_by_id: Mapped[int | None] = ref("user.id", _l("Reported by"), null=True)
    reported_by: Mapped[User | None] = link("User", _l("Reported by"))

    @classmethod
    def visible_to(cls, actor: Actor):
        return any_of(
            actor.has(*OFFICE, Role.FRONT_DESK, Role.EXECUTIVE),
            cls.visit_id.in_(sa.select(Visit.id).where(Visit.visible_to(actor))),
        )

    def facts(self, moment, day, kinds=None, **known):
        from rules import IncidentFacts

        return IncidentFacts(
            day=local_day(self.occurred_at),
            occurred_at=self.occurred_at,
            handled_at=self.handled_at,
            measures=self.measures or "",
        )


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

    def facts(self, moment, day, kinds=None, **known):
        from rules import FeedbackFacts

        return FeedbackFacts(day=self.given_on, given_on=self.given_on, passed_on=self.passed_on, today=day)


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


__all__ = [
    "BusinessCard",
    "ChecklistItem",
    "Feedback",
    "FollowUp",
    "GoodsRelease",
    "Incident",
    "IncidentKind",
    "ItineraryItem",
    "ItineraryKind",
    "Nda",
    "VisitQuestion",
]
