"""The past as the rules see it: the facts of many visits, expenses and bookings of a period, read in bulk.

They are told by the same readers as the facts of one row, from columns instead of objects, a few thousand rows at a
time; what other tables say of them is read by one statement per table and batch. Each row is judged at the moment it
was over. What a row's past no longer tells is named in `UNTOLD`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import Connection

from facts.base import Plan, Reader
from facts.gifts import GIFTS, value
from facts.money import EXPENSES, HOSPITALITIES
from facts.people import NONE, Everybody
from facts.resources import DISPATCHES
from facts.visits import VISITS
from models import Dispatch, Expense, GiftRequest, HospitalityRequest, Visit
from tables.base import UTCDateTime, db, writing
from workflow import DISPATCH, EXPENSE, GIFT_REQUEST, HOSPITALITY, VISIT

BATCH = 2000
NOTHING = Decimal(0)
FILED = frozenset({"submit", "approve"})
"""The moments that every filed request went through."""
UNTOLD = {
    "goods": "What guests took along is asked for at the door and kept nowhere.",
    "measures": "What was done against somebody at the door stands with the incident, not with the visit.",
    "actor_roles": "Who acts is known while they act.",
    "has_chain": "Chains are made anew by a trial.",
    "vacant": "Chains are made anew by a trial.",
    "vacant_clauses": "Chains are made anew by a trial.",
    "answering": "Whether a complaint is being answered is known while it is.",
}
"""Facts that stored rows do not tell, and why: only who acts, or what a form says, makes them known."""


class Asked(NamedTuple):
    """What the chain of a request goes by, and what it is about."""

    rank: int | None
    amount: Decimal
    conditions: frozenset[str]
    chained: bool
    reached: frozenset[str]
    about: str
    level: str = ""


class Past(NamedTuple):
    """One row of the past: what identifies it, what its chain goes by, how far it came, the moment it was over (None
    where no fact depends on it), and its facts as of then."""

    id: int
    number: str
    on: date
    department_id: int
    applicant_id: int
    rank: int | None
    amount: Decimal
    conditions: frozenset[str]
    chained: bool
    reached: frozenset[str]
    about: str
    level: str
    moment: datetime | None
    facts: Any


@dataclass(frozen=True)
class Replayed:
    """How the requests of one process are read: the column that says when (`on`), those that `asked` reads, and it."""

    model: Any
    reader: Reader
    on: str
    also: tuple[str, ...]
    asked: Callable[[Any], Asked]

    @property
    def columns(self) -> tuple[str, ...]:
        return ("number", "department_id", "applicant_id", self.on, *self.also)

    @property
    def when(self) -> Any:
        return self.reader.columns[self.on].read


def _visit(row: Any) -> Asked:
    reached = VISIT.reached.get(row.status, FILED)
    return Asked(row.rank, row.budget or NOTHING, NONE, not row.walk_in, reached, row.organisation, row.level or "")


def _spending(row: Any) -> Asked:
    return Asked(row.rank, row.amount, NONE, True, FILED, row.organisation)


def _gift(row: Any) -> Asked:
    conditions = frozenset({"important"}) if row.important else NONE
    return Asked(row.rank, value(row, None), conditions, True, FILED, row.purpose)


def _dispatch(row: Any) -> Asked:
    return Asked(None, NOTHING, NONE, False, frozenset({"file"}), row.reason)


REPLAYED = {
    VISIT.name: Replayed(
        Visit,
        VISITS,
        "planned_start",
        ("rank", "level", "budget", "walk_in", "status", "organisation"),
        _visit,
    ),
    EXPENSE.name: Replayed(Expense, EXPENSES, "day", ("rank", "amount", "organisation"), _spending),
    HOSPITALITY.name: Replayed(
        HospitalityRequest,
        HOSPITALITIES,
        "day",
        ("rank", "amount", "organisation"),
        _spending,
    ),
    GIFT_REQUEST.name: Replayed(
        GiftRequest,
        GIFTS,
        "created_at",
        ("rank", "unit_cost", "quantity", "important", "purpose"),
        _gift,
    ),
    DISPATCH.name: Replayed(Dispatch, DISPATCHES, "out_planned", ("reason",), _dispatch),
}
"""What is replayed, by process."""


@contextmanager
def reading() -> Iterator[Connection]:
    """A connection that only reads and gives back its snapshot at the end."""
    token = writing.set(False)
    try:
        with db.engine.connect() as connection:
            yield connection
            connection.rollback()
    finally:
        writing.reset(token)


class Archive:
    """The rows of a period. `names` are the facts that will be read (None: all); `moment` is now."""

    def __init__(
        self,
        since: date,
        until: date,
        zone: ZoneInfo,
        moment: datetime,
        names: frozenset[str] | None = None,
        department_id: int | None = None,
    ):
        self.since, self.until, self.zone, self.moment = since, until, zone, moment
        self.department_id = department_id
        self.after = until + timedelta(days=1)
        self.plans = {name: kind.reader.plan(names, kind.columns) for name, kind in REPLAYED.items()}
        with reading() as connection:
            self.people = Everybody(connection).read()

    def count(self) -> dict[str, int]:
        """How many rows of each kind there are to replay."""
        with reading() as connection:
            return {
                name: connection.scalar(
                    self._scoped(kind, sa.select(sa.func.count()).select_from(kind.model), self._edge(kind, self.since))
                )
                or 0
                for name, kind in REPLAYED.items()
            }

    def batches(self) -> Iterator[tuple[str, list[Past]]]:
        """Every row of the period, kind by kind, in the order of its day; no transaction outlives a batch."""
        for name, kind in REPLAYED.items():
            last = None
            while True:
                with reading() as connection:
                    rows, last = self._batch(connection, kind, self.plans[name], last)
                if rows:
                    yield name, rows
                if last is None:
                    break

    def _batch(self, connection: Connection, kind: Replayed, plan: Plan, last: Any) -> tuple[list[Past], Any]:
        """The next rows after the key `last`, and the key to go on from (None: that was all)."""
        statement = self._scoped(
            kind, kind.reader.select(plan), self._edge(kind, self.since) if last is None else last[0]
        )
        if last is not None:
            after = sa.tuple_(sa.literal(last[0], kind.when.type), sa.literal(last[1]))
            statement = statement.where(sa.tuple_(kind.when, kind.model.id) > after)
        statement = statement.add_columns(self._moment(kind.model) if plan.needs_moment else sa.null())
        read = connection.execute(statement.order_by(kind.when, kind.model.id).limit(BATCH)).all()
        if not read:
            return [], None
        place = 1 + plan.columns.index(kind.on)
        first, end = read[0][place], read[-1][place]
        span = sa.select(kind.model.id).where(kind.when.between(first, end))
        beside = kind.reader.beside(connection, lambda column: column.in_(span), self.people, self.zone)
        past = [self._past(kind, plan, values, beside) for values in read]
        return past, (end, past[-1].id) if len(past) == BATCH else None

    def _past(self, kind: Replayed, plan: Plan, values: Any, beside: Any) -> Past:
        moment = values[-1]
        row = plan.row(*values, moment and self._day(moment))
        on = getattr(row, kind.on)
        return Past(
            row.id,
            row.number,
            self._day(on) if on.__class__ is datetime else on,
            row.department_id,
            row.applicant_id,
            *kind.asked(row),
            moment,
            kind.reader.tell(plan, row, beside),
        )

    def _scoped(self, kind: Replayed, statement: Any, start: Any) -> Any:
        statement = statement.where(
            kind.when >= start,
            kind.when < self._edge(kind, self.after),
            kind.model.status.not_in(kind.model.process.unfiled),
        )
        return (
            statement if self.department_id is None else statement.where(kind.model.department_id == self.department_id)
        )

    def _edge(self, kind: Replayed, day: date) -> date:
        """The beginning of `day` as the column of `kind` says it: a moment or the day itself."""
        moment = isinstance(kind.when.type, UTCDateTime)
        return datetime(day.year, day.month, day.day, tzinfo=self.zone) if moment else day

    def _moment(self, model: Any) -> Any:
        """The moment a row is judged at: when it was over; one sent back, when it was filed; else now."""
        filed = sa.case((model.status.in_(model.process.editable), model.submitted_at))
        return sa.type_coerce(
            sa.func.coalesce(model.closed_at, filed, sa.literal(self.moment, UTCDateTime)), UTCDateTime
        )

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()


__all__ = ["REPLAYED", "UNTOLD", "Archive", "Past", "reading"]
