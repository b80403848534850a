"""Customers: the organisations that come, and the people."""

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column, validates

from clauses.words import CustomerClass
from core.privacy import fingerprint
from core.search import Searchable
from core.text import N_, Choice
from tables.base import (
    DEPARTMENT,
    OF_DEPARTMENT,
    OFFICE,
    ChoiceType,
    Created,
    Encrypted,
    Marked,
    Table,
    any_of,
    col,
    link,
    ref,
)
from tables.people import Department, User
from workflow import Actor, Role


class Gender(Choice):
    FEMALE = "female", N_("Female")
    MALE = "male", N_("Male")
    UNKNOWN = "unknown", N_("Not stated")


class OwnedByDepartment:
    """A row that belongs to the department which brought it in."""

    search_marks = (OF_DEPARTMENT,)

    @classmethod
    def seen_by(cls, actor: Actor) -> tuple:
        """The parts of what `actor` sees: True for every row, False for none, conditions."""
        return (
            actor.has(*OFFICE, Role.EXECUTIVE, Role.FRONT_DESK),
            actor.has(*DEPARTMENT)
            and Marked(cls.department_id == actor.department_id, OF_DEPARTMENT.of(actor.department_id)),
        )

    @classmethod
    def visible_to(cls, actor: Actor):
        return any_of(*cls.seen_by(actor))


class Customer(OwnedByDepartment, Searchable, Created, Table):
    __tablename__ = "customer"
    __table_args__ = (sa.Index("ix_customer_department", "department_id", "id"),)
    search_fields = ("name", "short_name", "contact")
    name: Mapped[str] = col(sa.String(80), _l("Organisation"), unique=True)
    short_name: Mapped[str] = col(sa.String(30), _l("Short name"), default="")
    kind: Mapped[CustomerClass] = col(
        ChoiceType(CustomerClass), _l("Customer class"), default=CustomerClass.POTENTIAL, index=True
    )
    contact: Mapped[str] = col(sa.String(40), _l("Contact"), default="")
    address: Mapped[str] = col(sa.String(120), _l("Address"), default="")
    owner_id: Mapped[int | None] = ref("user.id", _l("Owner"), null=True)
    owner: Mapped[User | None] = link("User", _l("Owner"))
    department_id: Mapped[int] = ref("department.id", _l("Department"))
    department: Mapped[Department] = link("Department", _l("Department"))
    contact_days: Mapped[int | None] = col(sa.Integer, _l("Contact every (days)"), null=True)
    remarks: Mapped[str] = col(sa.Text, _l("Remarks"), default="")

    def __str__(self):
        return self.name


class Visitor(OwnedByDepartment, Searchable, Created, Table):
    """A guest. Identity number and phone are encrypted; a keyed hash finds them again (domain.md §6)."""

    __tablename__ = "visitor"
    __table_args__ = (sa.Index("ix_visitor_department", "department_id", "id"),)
    search_fields = ("name", "organisation", "title")
    name: Mapped[str] = col(sa.String(40), _l("Name"))
    gender: Mapped[Gender] = col(ChoiceType(Gender), _l("Gender"), default=Gender.UNKNOWN)
    title: Mapped[str] = col(sa.String(40), _l("Position"), default="")
    organisation: Mapped[str] = col(sa.String(80), _l("Organisation"), default="")
    customer_id: Mapped[int | None] = ref("customer.id", _l("Customer"), null=True, index=True)
    customer: Mapped[Customer | None] = link("Customer", _l("Customer"))
    department_id: Mapped[int] = ref("department.id", _l("Department"))
    department: Mapped[Department] = link("Department", _l("Department"))
    phone: Mapped[str | None] = col(Encrypted, _l("Phone"), null=True, info={"private": True})
    phone_hash: Mapped[str | None] = mapped_column(sa.String(64), index=True)
    identity_no: Mapped[str | None] = col(Encrypted, _l("Identity number"), null=True, info={"private": True})
    identity_hash: Mapped[str | None] = mapped_column(sa.String(64), index=True)
    diet: Mapped[str] = col(sa.String(80), _l("Dietary needs"), default="")
    assistance: Mapped[str] = col(sa.String(80), _l("Special assistance"), default="")
    blacklisted: Mapped[bool] = col(sa.Boolean, _l("Barred"), default=False, index=True)
    blacklist_reason: Mapped[str] = col(sa.String(200), _l("Why barred"), default="")

    @validates("phone", "identity_no")
    def keep_hash(self, key, value):
        value = (value or "").strip() or None
        setattr(self, "phone_hash" if key == "phone" else "identity_hash", fingerprint(value) if value else None)
        return value

    def __str__(self):
        return self.name
