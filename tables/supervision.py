"""Supervision of the company's own people: assessments, violations, trainings, inspections."""

from datetime import date

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, relationship

from clauses.words import CycleKind, Measure
from core.text import N_, Choice
from tables.base import (
    JSON,
    OFFICE,
    ChoiceType,
    Created,
    OfficeTable,
    Table,
    any_of,
    col,
    link,
    ref,
)
from tables.people import User
from workflow import Actor, Role


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
