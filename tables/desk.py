"""At the front desk: stays of guests, confidentiality agreements, goods release slips, incidents."""

from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, relationship

from core.text import N_, Choice
from tables.base import OFFICE, ChoiceType, Created, Table, UTCDateTime, any_of, col, db, link, ref, seen_through
from tables.people import User
from tables.requests import Request
from tables.visits import OfVisit, Visit, VisitGuest
from workflow import GOODS_RELEASE, Actor, ReleaseState, Role


class Checkin(Table):
    """One stay of one guest: badge, identity check, arrival, departure (R08-1.1, R08-2.10)."""

    __tablename__ = "checkin"
    __table_args__ = (
        sa.Index(
            "uq_checkin_inside",
            "guest_id",
            unique=True,
            sqlite_where=sa.text("left_at IS NULL"),
            postgresql_where=sa.text("left_at IS NULL"),
        ),
        sa.Index(
            "uq_checkin_badge",
            "badge_no",
            unique=True,
            sqlite_where=sa.text("left_at IS NULL AND badge_no <> ''"),
            postgresql_where=sa.text("left_at IS NULL AND badge_no <> ''"),
        ),
        sa.Index("ix_checkin_arrived", "arrived_at"),
    )
    guest_id: Mapped[int] = ref("visit_guest.id", _l("Guest"), index=True)
    guest: Mapped[VisitGuest] = relationship(back_populates="checkins", info={"label": _l("Guest")})
    arrived_at: Mapped[datetime] = col(UTCDateTime, _l("Arrived"))
    left_at: Mapped[datetime | None] = col(UTCDateTime, _l("Left"), null=True)
    badge_no: Mapped[str] = col(sa.String(12), _l("Badge"), default="")
    identity_checked: Mapped[bool] = col(sa.Boolean, _l("Identity checked"), default=False)
    security_checked: Mapped[bool] = col(sa.Boolean, _l("Security checked"), default=False)
    received_by_id: Mapped[int] = ref("user.id", _l("Checked in by"))

    @classmethod
    def visible_to(cls, actor: Actor):
        return seen_through(cls.guest_id, VisitGuest, actor)

    @classmethod
    def of_visits(cls, visits: sa.Select):
        """The condition that a stay belongs to one of `visits` (a select of ids)."""
        return cls.guest_id.in_(sa.select(VisitGuest.id).where(VisitGuest.of_visits(visits)))


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
            seen_through(cls.visit_id, Visit, actor),
        )


def preload_presence(visits) -> None:
    """Count the guests of many visits, and those in the house, in one query (lists)."""
    by_id = {visit.id: visit for visit in visits}
    if not by_id:
        return
    for visit in visits:
        visit.__dict__.setdefault("_loaded", {}).update(guests=0, inside=0)
    counts = (
        sa.select(VisitGuest.visit_id, sa.func.count(), sa.func.count(Checkin.id))
        .outerjoin(Checkin, sa.and_(Checkin.guest_id == VisitGuest.id, Checkin.left_at.is_(None)))
        .where(VisitGuest.visit_id.in_(by_id))
        .group_by(VisitGuest.visit_id)
    )
    for key, guests, inside in db.session.execute(counts):
        by_id[key]._loaded.update(guests=guests, inside=inside)
