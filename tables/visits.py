"""Visits: guests, escorts, evidence, checklist, itinerary, and the notices that tell the departments of them."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from clauses.words import Area, Channel, CheckPhase, Need, Offer, Outcome, Refusal, Role, VisitCategory, VisitKind
from core.search import Mark, Searchable
from core.text import N_, Choice, say
from tables.base import (
    DEPARTMENT,
    JSON,
    OF_DEPARTMENT,
    OFFICE,
    ChoiceType,
    Created,
    Marked,
    Money,
    Table,
    UTCDateTime,
    any_of,
    col,
    link,
    ref,
    seen_through,
)
from tables.customers import Customer, Visitor
from tables.people import Department, User
from tables.regulations import ReceptionLevel, TourRoute
from tables.requests import Request
from workflow import NOTICE_RECEIPT, VISIT, Actor, ReceiptState, VisitState


class EvidenceKind(Choice):
    LETTER = "letter", N_("Contact letter")
    NOTICE = "notice", N_("Notice")
    PROOF = "proof", N_("Proof")


HOSTED = Mark("θ", "host_id", unless=("status", str(VisitState.DRAFT)))
"""The search index knows who receives a visit, once it is more than a draft."""


class Visit(Searchable, Request, Table):
    __tablename__ = "visit"
    __table_args__ = (
        sa.CheckConstraint("planned_end >= planned_start", name="span"),
        sa.CheckConstraint("guest_count >= 1", name="guests"),
        # They hold what the row scope reads, so that walking them touches no row that is not shown.
        sa.Index("ix_visit_start", "planned_start", "id", "department_id", "host_id", "status"),
        sa.Index("ix_visit_status_start", "status", "planned_start", "id", "department_id", "host_id"),
        sa.Index("ix_visit_department_start", "department_id", "planned_start", "id", "host_id", "status"),
        sa.Index("ix_visit_department_status", "department_id", "status", "planned_start", "id"),
        sa.Index("ix_visit_applicant", "applicant_id", "status"),
        sa.Index("ix_visit_level_start", "level_id", "planned_start", "id"),
        sa.Index("ix_visit_host_start", "host_id", "planned_start", "id", "department_id", "status"),
        sa.Index("ix_visit_created", "created_at", "id"),
        sa.Index(
            "ix_visit_proposed",
            "planned_start",
            sqlite_where=sa.text("proposed_host_id IS NOT NULL"),
            postgresql_where=sa.text("proposed_host_id IS NOT NULL"),
        ),
        sa.Index("ix_visit_compliance", "compliance", "planned_start", "id", "department_id", "host_id", "status"),
    )
    prefix = "LF"
    process = VISIT
    search_fields = ("organisation", "purpose", "lead_guest")
    search_marks = (OF_DEPARTMENT, HOSTED)
    status: Mapped[VisitState] = col(ChoiceType(VisitState), _l("Status"), default=VisitState.DRAFT)
    organisation: Mapped[str] = col(sa.String(80), _l("Visiting organisation"))
    customer_id: Mapped[int | None] = ref("customer.id", _l("Customer"), null=True, index=True)
    customer: Mapped[Customer | None] = link("Customer", _l("Customer"))
    category: Mapped[VisitCategory] = col(ChoiceType(VisitCategory), _l("Category"), default=VisitCategory.BUSINESS)
    purpose: Mapped[str] = col(sa.String(200), _l("Purpose"))
    level_id: Mapped[int | None] = ref("reception_level.id", _l("Level"), null=True)
    level: Mapped[ReceptionLevel | None] = link("ReceptionLevel", _l("Level"))
    lead_guest: Mapped[str] = col(sa.String(60), _l("Main guest"), default="")
    guest_count: Mapped[int] = col(sa.Integer, _l("Guests"), default=1)
    planned_start: Mapped[datetime] = col(UTCDateTime, _l("Arrives"))
    planned_end: Mapped[datetime] = col(UTCDateTime, _l("Leaves"))
    host_id: Mapped[int] = ref("user.id", _l("Host"))
    host: Mapped[User] = link("User", _l("Host"), foreign_keys=[host_id])
    host_confirmed_at: Mapped[datetime | None] = col(UTCDateTime, _l("Host confirmed"), null=True)
    proposed_host_id: Mapped[int | None] = ref("user.id", _l("Receptionist asked for"), null=True)
    proposed_host: Mapped[User | None] = link("User", _l("Receptionist asked for"), foreign_keys=[proposed_host_id])
    proposed_by_id: Mapped[int | None] = ref("user.id", _l("Change asked for by"), null=True)
    proposed_by: Mapped[User | None] = link("User", _l("Change asked for by"), foreign_keys=[proposed_by_id])
    proposed_reason: Mapped[str] = col(sa.String(300), _l("Reason for the change"), default="")
    area: Mapped[Area] = col(ChoiceType(Area), _l("Area"), default=Area.OFFICE)
    visit_kind: Mapped[VisitKind] = col(ChoiceType(VisitKind), _l("Kind of visit"), default=VisitKind.TOUR)
    channel: Mapped[Channel] = col(ChoiceType(Channel), _l("Appointment by"), default=Channel.NONE)
    contact: Mapped[str] = col(sa.String(60), _l("Contact"), default="")
    lead_title: Mapped[str] = col(sa.String(40), _l("Position of the main guest"), default="")
    nights: Mapped[int] = col(sa.Integer, _l("Nights"), default=0)
    transport: Mapped[str] = col(sa.String(60), _l("Train or flight No."), default="")
    needs: Mapped[list] = col(JSON, _l("To be arranged"), default=list, info={"choices": Need})
    sensitive: Mapped[bool] = col(sa.Boolean, _l("Sensitive topics"), default=False)
    route_id: Mapped[int | None] = ref("tour_route.id", _l("Tour route"), null=True)
    route: Mapped[TourRoute | None] = link("TourRoute", _l("Tour route"))
    requested_at: Mapped[datetime | None] = col(UTCDateTime, _l("Customer asked on"), null=True)
    answered_at: Mapped[datetime | None] = col(UTCDateTime, _l("Customer answered on"), null=True)
    guest_confirmed_at: Mapped[datetime | None] = col(UTCDateTime, _l("Confirmed with guest"), null=True)
    ready_at: Mapped[datetime | None] = col(UTCDateTime, _l("Ready since"), null=True)
    refusal: Mapped[Refusal | None] = col(ChoiceType(Refusal), _l("Why refused"), null=True)
    offer: Mapped[Offer] = col(ChoiceType(Offer), _l("Offered to the visitor"), default=Offer.NONE)
    outcome: Mapped[Outcome] = col(ChoiceType(Outcome), _l("Outcome"), default=Outcome.NONE)
    letter_no: Mapped[str] = col(sa.String(60), _l("Letter No."), default="")
    budget: Mapped[sa.Numeric | None] = col(Money, _l("Budget (CNY)"), null=True)
    walk_in: Mapped[bool] = col(sa.Boolean, _l("Walk-in"), default=False)
    unrelated_sales: Mapped[bool] = col(sa.Boolean, _l("Unrelated salesperson"), default=False)
    remarks: Mapped[str] = col(sa.Text, _l("Remarks"), default="")
    record: Mapped[str] = col(sa.Text, _l("Reception record"), default="")
    recorded_at: Mapped[datetime | None] = col(UTCDateTime, _l("Recorded on"), null=True)
    rescheduled_from_id: Mapped[int | None] = ref("visit.id", _l("Rescheduled from"), null=True, index=True)
    guests: Mapped[list["VisitGuest"]] = relationship(
        back_populates="visit", order_by="VisitGuest.id", info={"label": _l("Guests")}
    )
    escorts: Mapped[list["VisitEscort"]] = relationship(
        back_populates="visit", order_by="VisitEscort.id", info={"label": _l("Escorts")}
    )
    evidence: Mapped[list["Evidence"]] = relationship(
        back_populates="visit", order_by="Evidence.id", info={"label": _l("Evidence")}
    )

    @classmethod
    def also_visible(cls, actor: Actor) -> tuple:
        """The front desk sees what is expected around today; a host sees who calls on them."""
        near = cls.planned_start.between(actor.now - timedelta(days=7), actor.now + timedelta(days=7))
        return (
            actor.has(Role.FRONT_DESK) and sa.and_(near, sa.or_(cls.status.in_(VISIT.known_to_desk), cls.walk_in)),
            actor.has(*DEPARTMENT, Role.EXECUTIVE)
            and Marked(sa.and_(cls.host_id == actor.id, cls.status != VisitState.DRAFT), HOSTED.of(actor.id)),
        )

    @property
    def rank(self) -> int | None:
        return self.level.rank if self.level else None

    @property
    def has_chain(self) -> bool:
        """Nobody decides on who comes without an appointment."""
        return not self.walk_in

    @property
    def next_moments(self) -> tuple[str, ...]:
        """Who comes without an appointment stands at the desk when the visit is made."""
        at_once = self.walk_in and self.status == VisitState.DRAFT
        return ("register", "check_in") if at_once else super().next_moments

    @property
    def guests_inside(self) -> list["VisitGuest"]:
        return [guest for guest in self.guests if guest.inside]

    @property
    def guests_outside(self) -> list["VisitGuest"]:
        return [guest for guest in self.guests if not guest.inside]

    @property
    def anyone_inside(self) -> bool:
        """Whether a guest is in the house."""
        loaded = self.__dict__.get("_loaded", {})
        return loaded["inside"] > 0 if "inside" in loaded else bool(self.guests_inside)

    @property
    def anyone_outside(self) -> bool:
        """Whether a guest has not come yet, or has left again."""
        loaded = self.__dict__.get("_loaded", {})
        return loaded["guests"] > loaded["inside"] if "inside" in loaded else bool(self.guests_outside)


class OfVisit:
    """A row that belongs to a visit is seen by those who see the visit."""

    @declared_attr
    def visit_id(cls) -> Mapped[int]:
        return ref("visit.id", _l("Visit"), index=True)

    @classmethod
    def visible_to(cls, actor: Actor):
        return seen_through(cls.visit_id, Visit, actor)

    @classmethod
    def of_visits(cls, visits: sa.Select):
        """The condition that a row belongs to one of `visits` (a select of ids)."""
        return cls.visit_id.in_(visits)


class VisitGuest(OfVisit, Table):
    __tablename__ = "visit_guest"
    __table_args__ = (sa.UniqueConstraint("visit_id", "visitor_id"),)
    visit: Mapped[Visit] = relationship(back_populates="guests", info={"label": _l("Visit")})
    visitor_id: Mapped[int] = ref("visitor.id", _l("Visitor"), index=True)
    visitor: Mapped[Visitor] = link("Visitor", _l("Visitor"), lazy="joined", innerjoin=True)
    is_lead: Mapped[bool] = col(sa.Boolean, _l("Main guest"), default=False)
    signed: Mapped[bool] = col(sa.Boolean, _l("Signed the register"), default=False)
    checkins: Mapped[list[object]] = relationship(
        "Checkin", back_populates="guest", order_by="Checkin.id", lazy="selectin"
    )

    @property
    def inside(self) -> bool:
        return any(c.left_at is None for c in self.checkins)

    def __str__(self):
        return str(self.visitor)


class VisitEscort(OfVisit, Table):
    __tablename__ = "visit_escort"
    __table_args__ = (sa.UniqueConstraint("visit_id", "user_id"),)
    visit: Mapped[Visit] = relationship(back_populates="escorts", info={"label": _l("Visit")})
    user_id: Mapped[int] = ref("user.id", _l("Escort"))
    user: Mapped[User] = link("User", _l("Escort"), lazy="joined", innerjoin=True)
    duty: Mapped[str] = col(sa.String(60), _l("Duty"), default="")

    def __str__(self):
        return str(self.user)


class Evidence(OfVisit, Created, Table):
    """The guest's letter, notice or proof; the file lies in the database, so one backup holds both."""

    __tablename__ = "evidence"
    visit: Mapped[Visit] = relationship(back_populates="evidence", info={"label": _l("Visit")})
    kind: Mapped[EvidenceKind] = col(ChoiceType(EvidenceKind), _l("Kind"), default=EvidenceKind.LETTER)
    reference: Mapped[str] = col(sa.String(60), _l("Letter No."), default="")
    issuer: Mapped[str] = col(sa.String(80), _l("Issued by"), default="")
    sealed: Mapped[bool] = col(sa.Boolean, _l("Bears an official seal"), default=False)
    filename: Mapped[str] = col(sa.String(120), _l("File"))
    media_type: Mapped[str] = col(sa.String(40), _l("File type"))
    size: Mapped[int] = col(sa.Integer, _l("Size (bytes)"))
    sha256: Mapped[str] = mapped_column(sa.String(64))
    content: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
    uploaded_by_id: Mapped[int | None] = ref("user.id", _l("Uploaded by"), null=True)

    def __str__(self):
        return self.filename


class Notice(OfVisit, Created, Table):
    """The reception notice (参观接待通知单): what each department is to do (R01-4.1, R01-4.2).

    `content` is what it said of the visit, `changes` what differs from the notice before it; see `facts.notices`.
    """

    __tablename__ = "notice"
    visit: Mapped[Visit] = link("Visit", _l("Visit"))
    issued_by_id: Mapped[int] = ref("user.id", _l("Issued by"))
    issued_by: Mapped[User] = link("User", _l("Issued by"))
    due_at: Mapped[datetime | None] = col(UTCDateTime, _l("Done by (time)"), null=True)
    content: Mapped[dict] = col(JSON, _l("What it says"), default=dict)
    changes: Mapped[dict] = col(JSON, _l("What has changed"), default=dict)
    receipts: Mapped[list["NoticeReceipt"]] = relationship(
        back_populates="notice", order_by="NoticeReceipt.id", cascade="all, delete-orphan"
    )

    def __str__(self):
        return self.visit.number


class NoticeReceipt(Table):
    """A department's copy of a notice: its task, and who signed for it (签收)."""

    __tablename__ = "notice_receipt"
    __table_args__ = (
        sa.UniqueConstraint("notice_id", "department_id"),
        sa.Index("ix_notice_receipt_open", "department_id", "status"),
    )
    notice_id: Mapped[int] = ref("notice.id", _l("Notice"), index=True)
    notice: Mapped[Notice] = relationship(back_populates="receipts", info={"label": _l("Notice")})
    process = NOTICE_RECEIPT
    applicant_id = None
    open_step = None
    status: Mapped[ReceiptState] = col(ChoiceType(ReceiptState), _l("Status"), default=ReceiptState.OPEN)
    version: Mapped[int] = mapped_column(sa.Integer, default=1)
    __mapper_args__ = {"version_id_col": version}
    department_id: Mapped[int] = ref("department.id", _l("Department"))
    department: Mapped[Department] = link("Department", _l("Department"))
    task: Mapped[str] = col(sa.String(300), _l("Task"), default="")
    relieved: Mapped[bool] = col(sa.Boolean, _l("Relieved of its task"), default=False)
    responsible_id: Mapped[int | None] = ref("user.id", _l("Responsible"), null=True)
    responsible: Mapped[User | None] = link("User", _l("Responsible"), foreign_keys=[responsible_id])
    signed_at: Mapped[datetime | None] = col(UTCDateTime, _l("Signed for at"), null=True)
    signed_by_id: Mapped[int | None] = ref("user.id", _l("Signed by"), null=True)
    signed_by: Mapped[User | None] = link("User", _l("Signed by"), foreign_keys=[signed_by_id])

    @property
    def visit(self) -> Visit:
        return self.notice.visit

    def __str__(self):
        return f"{self.notice.visit.number} {self.department.name}"

    @classmethod
    def visible_to(cls, actor: Actor):
        """The admin office sees who has not signed; a department sees its own copy."""
        return any_of(
            actor.has(*OFFICE),
            actor.has(Role.FINANCE, Role.EXECUTIVE) and cls.department_id == actor.department_id,
            actor.has(*DEPARTMENT)
            and sa.or_(
                cls.department_id == actor.department_id,
                sa.exists()
                .where(Notice.id == cls.notice_id, Visit.id == Notice.visit_id)
                .where(Visit.department_id == actor.department_id)
                .correlate(cls.__table__),
            ),
        )


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
        return say(N_("{kind} {place}"), kind=self.kind.label, place=self.place)
