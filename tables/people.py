"""People: departments, users, roles, grants, delegations."""

import functools
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

import sqlalchemy as sa
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import true
from sqlalchemy.orm import Mapped, joinedload, mapped_column, validates

from core.passwords import NONE, hash_password
from core.text import N_
from tables.base import OFFICE, ChoiceType, Created, OfficeTable, Table, any_of, col, db, link, ref
from workflow import DECISIONS, PROCESSES, Actor, Role, Seat


class Department(OfficeTable, Table):
    __tablename__ = "department"
    code: Mapped[str] = col(sa.String(20), _l("Code"), unique=True)
    name: Mapped[str] = col(sa.String(60), _l("Department"), unique=True)
    name_en: Mapped[str] = col(sa.String(60), _l("English name"), default="")
    active: Mapped[bool] = col(sa.Boolean, _l("Active"), default=True)

    def __str__(self):
        return self.name


def new_token() -> str:
    """What a session is known by; another one ends it."""
    return secrets.token_urlsafe(24)


class Held(NamedTuple):
    """What a user may do: the permissions of their roles, and whether anybody lent them rights."""

    permissions: frozenset[str]
    lent: bool


class SignsIn:
    """What Flask-Login, the pages and the processes ask of whoever is signed in."""

    is_authenticated = True
    is_anonymous = False
    held: Held | None = None
    """What they may do, where it was read along with them (`of_session`)."""

    @property
    def is_active(self) -> bool:
        return self.active

    def get_id(self) -> str:
        return self.token

    def actor(self, moment: datetime, today: date, address: str = "") -> Actor:
        """This user as the processes see them at `moment`: grants and delegations in force."""
        roles, held = self.role_names, self.held
        if held is None:
            granted = sa.select(Grant.permission).where(Grant.role.in_(sorted(roles)))
            held = Held(frozenset(db.session.scalars(granted)), True)
        permissions, seats = held.permissions, []
        lent = db.session.scalars(LENT, {"delegate": self.id, "today": today}).unique() if held.lent else ()
        for given in lent:
            if given.delegator.active:
                seats += [
                    Seat(role, given.delegator.department_id, given.delegator_id)
                    for role in sorted(given.delegator.role_names)
                ]
        return Actor(self.id, self.name, roles, self.department_id, permissions, moment, today, tuple(seats), address)

    @property
    def role_labels(self) -> str:
        """The user's roles in words, in the present language."""
        names = self.role_names
        return "、".join(gettext(role.label) for role in Role if str(role) in names)


@dataclass(slots=True)
class SessionUser(SignsIn):
    """The user of a session, with no more of them than every page needs."""

    id: int
    name: str
    department_id: int
    token: str
    locale: str
    active: bool
    must_change: bool
    role_names: frozenset[str]
    held: Held


class User(SignsIn, Table):
    """Who signs in. Passwords are Argon2 hashes; `token` ends every session when it changes."""

    __tablename__ = "user"
    username: Mapped[str] = col(sa.String(40), _l("User name"), unique=True)
    name: Mapped[str] = col(sa.String(40), _l("Name"))
    title: Mapped[str] = col(sa.String(40), _l("Position"), default="")
    phone: Mapped[str] = col(sa.String(20), _l("Extension"), default="")
    department_id: Mapped[int] = ref("department.id", _l("Department"), index=True)
    department: Mapped[Department] = link("Department", _l("Department"))
    password_hash: Mapped[str] = mapped_column(sa.String(200), default=NONE)
    token: Mapped[str] = mapped_column(sa.String(40), default=new_token, unique=True)
    locale: Mapped[str] = col(sa.String(12), _l("Language"), default="zh_Hans_CN")
    active: Mapped[bool] = col(sa.Boolean, _l("Active"), default=True)
    must_change: Mapped[bool] = col(sa.Boolean, _l("Must change password"), default=False)
    roles: Mapped[list["UserRole"]] = link("UserRole", _l("Roles"), cascade="all, delete-orphan", lazy="selectin")

    @classmethod
    def visible_to(cls, actor: Actor):
        """Colleagues are known to everyone who picks a host; only sysadmin has the screen."""
        return true()

    @property
    def role_names(self) -> frozenset[str]:
        return frozenset(str(r.role) for r in self.roles)

    def set_password(self, password: str) -> None:
        """A new password; it ends every session of the account."""
        self.password_hash, self.token = hash_password(password), new_token()

    def __str__(self):
        return self.name


class UserRole(Table):
    __tablename__ = "user_role"
    __table_args__ = (sa.UniqueConstraint("user_id", "role"),)
    user_id: Mapped[int] = ref("user.id", index=True)
    role: Mapped[Role] = col(ChoiceType(Role), _l("Role"), index=True)

    def __str__(self):
        return str(self.role)


class Grant(Table):
    """Role × permission: what a role may do, seeded from `seed/roles.toml`, kept by sysadmin."""

    __tablename__ = "grant"
    __table_args__ = (sa.UniqueConstraint("role", "permission"),)
    role: Mapped[Role] = col(ChoiceType(Role), _l("Role"))
    permission: Mapped[str] = col(sa.String(60), _l("Permission"))

    @classmethod
    def visible_to(cls, actor: Actor):
        return any_of(actor.has(Role.SYSADMIN))

    # Pairs that must never meet in one role: money decided and paid by the same hand, and the
    # system's keeper in business.
    SETTLING = frozenset({"expense:verify", "expense:settle"})

    @validates("permission")
    def known(self, key, permission):
        if permission not in known_permissions():
            raise ValueError(N_("No screen and no transition asks for this permission."))
        return permission

    def __str__(self):
        return f"{self.role} {self.permission}"


VERBS = ("read", "create", "edit", "delete", "export")
EXTRA = ("visitor:reveal", "expense:finance_csv", "due:read", "compliance:read", "compliance:export")


def known_permissions() -> frozenset[str]:
    """Every permission that some screen or transition asks for."""
    tables = {mapper.class_.__tablename__.replace("_", "") for mapper in db.Model.registry.mappers}
    verbs = {f"{table}:{verb}" for table in tables for verb in VERBS}
    steps = {process.permission(t) for process in PROCESSES.values() for t in process.transitions}
    return frozenset(verbs | steps | set(EXTRA))


def clash(role: str, permissions: set[str]) -> set[str]:
    """The permissions of `role` that must not meet; empty when the role is sound."""
    decisions = {f"{p.name}:{name}" for p in PROCESSES.values() for name in DECISIONS}
    if permissions & Grant.SETTLING and permissions & decisions:
        return permissions & (Grant.SETTLING | decisions)
    business = {p.permission(t) for p in PROCESSES.values() for t in p.transitions}
    return permissions & business if role == Role.SYSADMIN else set()


class Delegation(Created, Table):
    """Approval rights lent to a named colleague for a span of days (委托)."""

    __tablename__ = "delegation"
    __table_args__ = (
        sa.CheckConstraint("until >= since", name="span"),
        sa.CheckConstraint("delegator_id <> delegate_id", name="other"),
        sa.Index("ix_delegation_delegate", "delegate_id", "until"),
    )
    delegator_id: Mapped[int] = ref("user.id", _l("Delegator"))
    delegate_id: Mapped[int] = ref("user.id", _l("Delegate"))
    delegator: Mapped[User] = link("User", _l("Delegator"), foreign_keys=[delegator_id])
    delegate: Mapped[User] = link("User", _l("Delegate"), foreign_keys=[delegate_id])
    since: Mapped[date] = col(sa.Date, _l("From day"))
    until: Mapped[date] = col(sa.Date, _l("To day"))
    reason: Mapped[str] = col(sa.String(200), _l("Reason"), default="")
    active: Mapped[bool] = col(sa.Boolean, _l("Active"), default=True)

    @classmethod
    def visible_to(cls, actor: Actor):
        return any_of(
            actor.has(*OFFICE, Role.SYSADMIN), sa.or_(cls.delegator_id == actor.id, cls.delegate_id == actor.id)
        )


def in_force(today) -> sa.ColumnElement:
    """The condition of the delegations in force on the day `today`."""
    return sa.and_(Delegation.active, Delegation.since <= today, Delegation.until >= today)


LENT = (
    sa.select(Delegation)
    .where(Delegation.delegate_id == sa.bindparam("delegate"), in_force(sa.bindparam("today")))
    .options(joinedload(Delegation.delegator).joinedload(User.roles))
)
_USER, _ROLE, _GRANT = User.__table__.c, UserRole.__table__.c, Grant.__table__.c
OF_SESSION = sa.select(
    *(_USER[name] for name in ("id", "name", "department_id", "token", "locale", "active", "must_change")),
    sa.select(sa.func.aggregate_strings(sa.cast(_ROLE.role, sa.String), " "))
    .where(_ROLE.user_id == _USER.id)
    .scalar_subquery(),
    sa.select(sa.func.aggregate_strings(_GRANT.permission, " "))
    .where(_ROLE.role == _GRANT.role, _ROLE.user_id == _USER.id)
    .scalar_subquery(),
    sa.exists().where(Delegation.delegate_id == _USER.id, in_force(sa.bindparam("today"))),
).where(_USER.token == sa.bindparam("token"), _USER.active)
"""What every request asks about whoever is signed in: made once, it is compiled once; no mapped row is made of it."""


def of_session(token: str, today: date) -> SessionUser | None:
    """The active user of a session with what they may do on the day `today`, in one statement."""
    row = db.session.execute(OF_SESSION, {"token": token, "today": today}).one_or_none()
    if row is None:
        return None
    *known, roles, permissions, lent = row
    return SessionUser(*known, _names(roles or ""), Held(_names(permissions or ""), bool(lent)))


@functools.lru_cache(maxsize=128)
def _names(joined: str) -> frozenset[str]:
    return frozenset(joined.split())
