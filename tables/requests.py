"""What every request shares: number, applicant, state, chain, events, findings."""

from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy import false
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from core.text import N_, Choice, Text, unpacked
from rules import Rulebook
from tables.base import (
    DEPARTMENT,
    JSON,
    OF_DEPARTMENT,
    OFFICE,
    ChoiceType,
    Created,
    Marked,
    Table,
    UTCDateTime,
    any_of,
    col,
    db,
    link,
    ref,
    unindexed,
)
from tables.people import Department, User
from workflow import Actor, Process, Role


class NumberSequence(Table):
    """The last number given per kind and day. It is raised in the transaction that uses it, so that
    a transaction which fails leaves no gap."""

    __tablename__ = "number_sequence"
    __table_args__ = (sa.UniqueConstraint("prefix", "day"),)
    prefix: Mapped[str] = mapped_column(sa.String(4))
    day: Mapped[date] = mapped_column(sa.Date)
    last: Mapped[int] = mapped_column(sa.Integer)


class Decision(Choice):
    APPROVED = "approved", N_("Approved")
    RETURNED = "returned", N_("Sent back")
    REJECTED = "rejected", N_("Rejected")
    SKIPPED = "skipped", N_("Skipped")


class Approval(Table):
    """One step of one chain (`round` counts the submissions of a request).

    A step is open once `opened_at` is set and until `decided_at` is. The database itself refuses a
    second decision by one person in a chain.
    """

    __tablename__ = "approval"
    __table_args__ = (
        sa.UniqueConstraint("subject", "subject_id", "round", "step"),
        sa.Index(
            "uq_approval_decider",
            "subject",
            "subject_id",
            "round",
            "decider_id",
            unique=True,
            sqlite_where=sa.text("decider_id IS NOT NULL"),
            postgresql_where=sa.text("decider_id IS NOT NULL"),
        ),
        sa.Index(
            "ix_approval_open",
            "role",
            "department_id",
            "subject",
            "subject_id",
            sqlite_where=sa.text("opened_at IS NOT NULL AND decided_at IS NULL"),
            postgresql_where=sa.text("opened_at IS NOT NULL AND decided_at IS NULL"),
        ),
        sa.Index("ix_approval_decider", "decider_id", "decided_at"),
    )
    subject: Mapped[str] = col(sa.String(24), _l("Kind"))
    subject_id: Mapped[int] = col(sa.Integer, _l("Row"))
    number: Mapped[str] = col(sa.String(20), _l("No."), default="", index=True)
    round: Mapped[int] = col(sa.Integer, _l("Round"), default=1)
    step: Mapped[int] = col(sa.Integer, _l("Step"))
    role: Mapped[Role] = col(ChoiceType(Role), _l("Decided by"))
    department_id: Mapped[int | None] = ref("department.id", _l("Department"), null=True)
    department: Mapped[Department | None] = link("Department", _l("Department"))
    clause: Mapped[str] = col(sa.String(80), _l("Clause"), default="")
    opened_at: Mapped[datetime | None] = col(UTCDateTime, _l("Opened"), null=True)
    urged_on: Mapped[date | None] = col(sa.Date, _l("Urged on"), null=True)
    decision: Mapped[Decision | None] = col(ChoiceType(Decision), _l("Decision"), null=True)
    decider_id: Mapped[int | None] = ref("user.id", _l("Decider"), null=True)
    decider: Mapped[User | None] = link("User", _l("Decider"), foreign_keys=[decider_id])
    on_behalf_of_id: Mapped[int | None] = ref("user.id", _l("On behalf of"), null=True)
    on_behalf_of: Mapped[User | None] = link("User", _l("On behalf of"), foreign_keys=[on_behalf_of_id])
    comment: Mapped[str] = col(sa.Text, _l("Comment"), default="")
    decided_at: Mapped[datetime | None] = col(UTCDateTime, _l("Decided"), null=True)

    @property
    def signers(self) -> str:
        """Who decided; with a delegation both names."""
        if self.decider is None:
            return ""
        return f"{self.decider.name}（代 {self.on_behalf_of.name}）" if self.on_behalf_of else self.decider.name

    @classmethod
    def visible_to(cls, actor: Actor):
        """As the request itself: those who see every request, and the own department's."""
        return any_of(
            actor.has(*OFFICE, Role.EXECUTIVE),
            # Most steps are of these kinds: to collect and sort them takes longer than to walk past the others.
            actor.has(Role.FINANCE) and unindexed(cls.subject.in_(("expense", "hospitalityrequest"))),
            actor.has(*DEPARTMENT) and cls.department_id == actor.department_id,
            bool(actor.delegated) and open_for(actor.delegated, cls),
        )


def open_for(seats, approval=Approval):
    """The condition of the open steps that one of `seats` may decide."""
    fits = [
        sa.and_(approval.role == seat.role, approval.department_id == seat.department_id)
        if seat.role == Role.DEPT_HEAD
        else approval.role == seat.role
        for seat in seats
    ]
    return sa.and_(approval.opened_at.is_not(None), approval.decided_at.is_(None), sa.or_(*fits) if fits else false())


class Compliance(Choice):
    """How a request stands to the adopted clauses: its gravest finding, and whether a reason was given."""

    CLEAR = "clear", N_("Compliant")
    NOTED = "noted", N_("With notes")
    EXPLAINED = "explained", N_("Reason given")
    OPEN = "open", N_("Reason missing")
    BLOCKED = "blocked", N_("Blocked")


class Sentence:
    """A row that keeps a text in `msgid` and `values`."""

    @property
    def sentence(self) -> Text:
        """The text, as whoever found it said it."""
        return unpacked({"msgid": self.msgid, "values": self.values})


class CurrentFinding(Sentence, Table):
    """A finding about a request as it stands now; replaced whenever the request is saved or moves on.

    It makes findings searchable: the compliance column, the filter by clause, the monthly report.
    """

    __tablename__ = "current_finding"
    __table_args__ = (
        sa.Index("ix_current_finding_row", "subject", "subject_id"),
        sa.Index("ix_current_finding_month", "day", "department_id"),
    )
    subject: Mapped[str] = mapped_column(sa.String(24))
    subject_id: Mapped[int] = mapped_column(sa.Integer)
    department_id: Mapped[int | None] = ref("department.id", null=True)
    day: Mapped[date] = mapped_column(sa.Date)
    rule: Mapped[str] = mapped_column(sa.String(40))
    severity: Mapped[str] = mapped_column(sa.String(10))
    clauses: Mapped[list] = mapped_column(JSON, default=list)
    msgid: Mapped[str] = mapped_column(sa.Text)
    values: Mapped[dict] = mapped_column(JSON, default=dict)
    way_out: Mapped[str] = mapped_column(sa.Text, default="")
    way_out_values: Mapped[dict] = mapped_column(JSON, default=dict)
    explanation: Mapped[str] = mapped_column(sa.Text, default="")


class RecordedFinding(Sentence, Table):
    """A finding as it stood when a transition relied on it, with the reason given."""

    __tablename__ = "recorded_finding"
    __table_args__ = (
        sa.Index("ix_recorded_finding_row", "subject", "subject_id"),
        sa.Index("ix_recorded_finding_month", "day", "department_id"),
    )
    subject: Mapped[str] = mapped_column(sa.String(24))
    subject_id: Mapped[int] = mapped_column(sa.Integer)
    event_id: Mapped[int] = ref("event.id", index=True)
    department_id: Mapped[int | None] = ref("department.id", null=True)
    day: Mapped[date | None] = mapped_column(sa.Date)
    rule: Mapped[str] = mapped_column(sa.String(40))
    severity: Mapped[str] = mapped_column(sa.String(10))
    clauses: Mapped[list] = mapped_column(JSON, default=list)
    msgid: Mapped[str] = mapped_column(sa.Text)
    values: Mapped[dict] = mapped_column(JSON, default=dict)
    explanation: Mapped[str] = mapped_column(sa.Text, default="")


class Request(Created):
    """A request with a process: its number, who asks, its state. The state changes in `engine.advance` only."""

    prefix = ""
    process: Process
    number: Mapped[str] = col(sa.String(20), _l("No."), unique=True)
    version: Mapped[int] = mapped_column(sa.Integer, default=1, nullable=False)
    submitted_at: Mapped[datetime | None] = col(UTCDateTime, _l("Submitted"), null=True)
    closed_at: Mapped[datetime | None] = col(UTCDateTime, _l("Closed at"), null=True)
    compliance: Mapped[Compliance] = col(ChoiceType(Compliance), _l("Compliance"), default=Compliance.CLEAR)
    round: Mapped[int] = mapped_column(sa.Integer, default=0)
    rulebook_version: Mapped[int | None] = mapped_column(sa.Integer)

    @declared_attr.directive
    def __mapper_args__(cls):
        # Every UPDATE of a request says which version it read: a stale one changes nothing and is told so.
        return {"version_id_col": cls.__table__.c.version}

    @declared_attr
    def applicant_id(cls) -> Mapped[int]:
        return ref("user.id", _l("Applicant"))

    @declared_attr
    def applicant(cls) -> Mapped[User]:
        return link("User", _l("Applicant"), foreign_keys=[cls.applicant_id])

    @declared_attr
    def department_id(cls) -> Mapped[int]:
        return ref("department.id", _l("Department"))

    @declared_attr
    def department(cls) -> Mapped[Department]:
        return link("Department", _l("Department"), foreign_keys=[cls.department_id])

    sees_all: tuple = (*OFFICE, Role.EXECUTIVE)
    """The roles that see every department's rows of this kind."""

    search_marks: tuple = (OF_DEPARTMENT,)

    @classmethod
    def seen_by(cls, actor: Actor) -> tuple:
        """The parts of what `actor` sees: True for every row, False for none, conditions."""
        return (
            actor.has(*cls.sees_all),
            actor.has(*DEPARTMENT)
            and Marked(cls.department_id == actor.department_id, OF_DEPARTMENT.of(actor.department_id)),
            bool(actor.delegated)
            and cls.id.in_(
                sa.select(Approval.subject_id).where(
                    Approval.subject == cls.process.name,
                    sa.or_(open_for(actor.delegated), Approval.decider_id == actor.id),
                )
            ),
            *cls.also_visible(actor),
        )

    @classmethod
    def visible_to(cls, actor: Actor):
        return any_of(*cls.seen_by(actor))

    @classmethod
    def also_visible(cls, actor: Actor) -> tuple:
        return ()

    @property
    def chain(self) -> list[Approval]:
        """The steps of every round, oldest first; read once per row and transaction."""
        return list(
            db.session.scalars(
                sa.select(Approval)
                .where(Approval.subject == self.process.name, Approval.subject_id == self.id)
                .order_by(Approval.round, Approval.step)
            )
        )

    @property
    def open_step(self) -> Approval | None:
        if "open_step" not in self.__dict__.get("_loaded", {}):
            return db.session.scalar(
                sa.select(Approval).where(
                    Approval.subject == self.process.name,
                    Approval.subject_id == self.id,
                    Approval.opened_at.is_not(None),
                    Approval.decided_at.is_(None),
                )
            )
        return self._loaded["open_step"]

    @property
    def chain_deciders(self) -> frozenset[int]:
        """Everyone who has decided in the present round, in person or by a delegate."""
        if "deciders" in self.__dict__.get("_loaded", {}):
            return self._loaded["deciders"]
        rows = db.session.execute(
            sa.select(Approval.decider_id, Approval.on_behalf_of_id).where(
                Approval.subject == self.process.name,
                Approval.subject_id == self.id,
                Approval.round == self.round,
                Approval.decider_id.is_not(None),
            )
        ).all()
        return frozenset(i for pair in rows for i in pair if i)

    @property
    def editable(self) -> bool:
        return self.status in self.process.editable

    @property
    def has_chain(self) -> bool:
        """Whether it is decided along an approval chain."""
        return self.process.chained

    @property
    def next_moments(self) -> tuple[str, ...]:
        """The moments whose rules come next in its present state; while it can be edited, its submission."""
        return self.process.comes_next.get(self.status, ("submit",) if self.editable else ())

    def conditions(self, book: Rulebook) -> frozenset[str]:
        """The conditions of approval steps that hold for it by `book`: over_cap, important."""
        return frozenset()

    def __str__(self):
        return self.number


def preload_chains(rows) -> None:
    """Read the open step and the deciders of many requests of one kind in two queries (lists, batches)."""
    rows = [row for row in rows if isinstance(row, Request)]
    if not rows:
        return
    kind, by_id = rows[0].process.name, {row.id: row for row in rows}
    for row in rows:
        row.__dict__["_loaded"] = {"open_step": None, "deciders": frozenset()}
    for step in db.session.scalars(
        sa.select(Approval).where(
            Approval.subject == kind, Approval.subject_id.in_(by_id), Approval.opened_at.is_not(None)
        )
    ):
        loaded = by_id[step.subject_id]._loaded
        if step.decided_at is None:
            loaded["open_step"] = step
        elif step.round == by_id[step.subject_id].round:
            loaded["deciders"] |= {i for i in (step.decider_id, step.on_behalf_of_id) if i}


def forget_chain(row) -> None:
    row.__dict__.pop("_loaded", None)
