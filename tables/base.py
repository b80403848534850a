"""What every table stands on: column helpers, types, mixins, and how transactions begin."""

import contextvars
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event, false, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.sql.functions import GenericFunction

from core.clock import now
from core.privacy import decrypt, encrypt
from core.search import Mark
from core.text import Choice
from workflow import Actor, Role

RowT = TypeVar("RowT")
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = sa.MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=Base, disable_autonaming=True)


# ── Types ────────────────────────────────────────────────────────────────────────────────────────
class UTCDateTime(sa.types.TypeDecorator):
    """An aware moment, stored as UTC without a zone on every database."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value, dialect):
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value, dialect):
        return None if value is None else value.replace(tzinfo=UTC)


class Encrypted(sa.types.TypeDecorator):
    """Personal data, encrypted with the data key of the installation (`core.privacy`)."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value, dialect):
        return encrypt(value) if value else None

    def process_result_value(self, value, dialect):
        return decrypt(value) if value else None


class ChoiceType(sa.types.TypeDecorator):
    """A `Choice`, stored by its value; anything else is refused before it reaches the database."""

    impl = sa.String(24)
    cache_ok = True

    def __init__(self, choices: type[Choice]):
        super().__init__()
        self.choices = choices

    def process_bind_param(self, value, dialect):
        return None if value is None else str(self.choices(value))

    def process_result_value(self, value, dialect):
        return None if value is None else self.choices(value)


Money = sa.Numeric(12, 2)
"""CNY to the cent."""

JSON = sa.JSON


def col(type_, label, *args, null: bool = False, **kwargs):
    """A column with the label that list, form, filter, export and audit show."""
    return mapped_column(type_, *args, nullable=null, info={"label": label, **kwargs.pop("info", {})}, **kwargs)


def ref(target: str, label=None, null: bool = False, **kwargs):
    """A foreign key to `target` ("table.id")."""
    info = {"label": label} if label else {}
    return mapped_column(sa.ForeignKey(target), nullable=null, info=info, **kwargs)


def link(target: str, label, **kwargs):
    """A relationship with its label; never loaded silently one by one (lists name what they need)."""
    return relationship(target, info={"label": label}, **kwargs)


class unindexed(GenericFunction):
    """A condition that SQLite is not to look an index up for: it would collect every row of a wide OR and sort
    them all, where walking the list's own index and testing each row finds a page at once."""

    type = sa.Boolean()
    inherit_cache = True


@compiles(unindexed)
def _plainly(element, compiler, **kw):
    return f"({compiler.process(element.clauses, **kw)})"


@compiles(unindexed, "sqlite")
def _unhelped(element, compiler, **kw):
    return f"+({compiler.process(element.clauses, **kw)})"


OF_DEPARTMENT = Mark("δ", "department_id")
"""The search index knows whose department a row belongs to."""


@dataclass(frozen=True)
class Marked:
    """A part of a row scope that the search index knows too: `condition` holds for just the rows that bear `mark`."""

    condition: sa.ColumnElement
    mark: str


def any_of(*parts):
    """One row scope out of several parts: True sees all, False nothing; the union of the rest."""
    if any(part is True for part in parts):
        return true()
    real = [part.condition if isinstance(part, Marked) else part for part in parts if part is not False]
    if len(real) < 2:
        return real[0] if real else false()
    return unindexed(sa.or_(*real))


def seen_through(column, target, actor: Actor):
    """The condition that `column` names a row of `target` that `actor` sees.

    Each row asks for its own: to collect every row of `target` that is seen takes a second among a million.
    """
    scope = target.visible_to(actor)
    if isinstance(scope, sa.True_):
        return column.is_not(None) if column.property.columns[0].nullable else true()
    return sa.exists().where(target.id == column, scope).correlate(column.class_.__table__)


# ── Mixins ───────────────────────────────────────────────────────────────────────────────────────
class Table(db.Model):
    """Every table: a number for its rows, and nothing to see until it says who sees what."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-10)

    @classmethod
    def visible_to(cls, actor: Actor):
        """The rows `actor` may see, as an SQL condition. Deny by default."""
        return false()

    def __str__(self):
        return f"{type(self).__name__} {self.id}"


OFFICE = (Role.ADMIN_OFFICE, Role.ADMIN_HEAD)
DEPARTMENT = (Role.STAFF, Role.DEPT_HEAD)


class OfficeTable:
    """Kept by the admin office, read by everyone whose role is granted it."""

    @classmethod
    def visible_to(cls, actor: Actor):
        return true()


class Created:
    created_at: Mapped[datetime] = mapped_column(
        UTCDateTime, default=now, nullable=False, info={"label": _l("Created")}
    )


# ── Transactions ─────────────────────────────────────────────────────────────────────────────────
writing: contextvars.ContextVar[bool] = contextvars.ContextVar("writing", default=True)
"""Whether the transaction to begin is going to write. On SQLite a writer takes the lock at once:
upgrading a read later fails immediately when another writer was first, whatever the busy timeout."""


def prepare_engine(engine):
    """Make SQLite keep what PostgreSQL keeps by itself: foreign keys, durable commits, real BEGINs."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def connect(connection, record):
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=20000",
            "cache_size=-16384",  # KiB: page 10,000 of a list at a million rows walks 10 MB of its index
            "temp_store=MEMORY",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection):
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing.get() else "BEGIN")


def lock(row: RowT) -> RowT:
    """Hold `row` against other writers until the transaction ends, and read it anew."""
    db.session.refresh(row, with_for_update=True)
    return row
