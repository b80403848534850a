"""How rows become facts: the same functions for one row, stored or still being typed, and for very many.

A `Reader` says of one table what its rows say themselves (`columns`), what other tables say of them (`Beside`), and
how each fact is told from both (`tells`). One object and a batch of columns differ only in how those inputs come in:
`of` reads an object, `Batch` the rows of given keys, `facts.past.Archive` those of a period.

A fact that no judged rule reads is not told, and what only it needs is not read.
"""

from collections import defaultdict, namedtuple
from collections.abc import Callable, Collection, Iterable, Mapping, Set
from copy import copy
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime
from functools import cache, cached_property
from operator import attrgetter
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from clauses.base import named_in
from core.clock import zone
from facts.people import Acquaintances, Everybody, People
from rules import RULES
from tables.base import ChoiceType, db
from workflow import Actor, Process

ALWAYS = frozenset({"day", "rank", "subject"})
"""What judging itself reads of facts."""
JUDGED_AT = ("moment", "today")
"""What is known of a row besides its columns: the moment it is judged at, and the company's day then."""

REQUEST = ("number", "status", "department_id", "applicant_id", "submitted_at", "created_at")
"""Columns of every request."""

Function = Callable[[Any, Any], Any]
"""(row, beside) → the value of a fact, or a tuple of the values of several."""
Known = Callable[[Any, Actor, Mapping[str, Any]], dict[str, Any]]
"""(row, actor, what a form says) → facts and columns of the row that they know better."""
Within = Callable[[Any], sa.ColumnElement[bool]]
"""The condition on a column of keys that holds for the rows which are read together."""


class Runs(Protocol):
    """A session or a connection."""

    def execute(self, statement: Any) -> Any: ...


@dataclass(frozen=True)
class Column:
    """What a row says itself: the expression that reads it for many rows, and how one object says it (None: by the
    attribute of that name)."""

    read: Any
    of: Callable[[Any], object] | None = None


@dataclass(frozen=True)
class Teller:
    """A function that tells facts: their names, the function, and every name that its code could read."""

    names: tuple[str, ...]
    function: Function
    reads: frozenset[str]


def plain(column: InstrumentedAttribute[Any]) -> Any:
    """A column as it is stored: a choice as its word, which compares as the choice does."""
    return sa.type_coerce(column, sa.String) if isinstance(column.type, ChoiceType) else column


def columns_of(model: type, *names: str) -> dict[str, Column]:
    """Columns of `model` under their own names."""
    return {name: Column(plain(getattr(model, name))) for name in names}


def grouped(
    run: Runs,
    within: Within,
    key: Any,
    *columns: Any,
    where: Iterable[Any] = (),
    join: Iterable[tuple[Any, Any]] = (),
    order: tuple[Any, ...] = (),
) -> dict[int, list[Any]]:
    """What a table says of each row: tuples of `columns` by `key`, the column of the table that names the row.

    `join` are further tables with their conditions, joined where there is such a row; without an `order` they come as
    they were written.
    """
    statement = sa.select(key, *columns).where(within(key), *where).order_by(*(order or (key.class_.id,)))
    for target, condition in join:
        statement = statement.outerjoin(target, condition)
    rows: dict[int, list[Any]] = defaultdict(list)
    for row in run.execute(statement):
        rows[row[0]].append(row[1:])
    return rows


class Beside:
    """What other tables say of the rows that are read together: one statement a table, when the first fact asks.

    `row` is the one object that is read, whose children may not be stored yet; None where rows are read by columns.
    """

    def __init__(self, run: Runs, within: Within | None, people: People, zone: ZoneInfo, row: Any = None):
        self.run, self.within, self.people, self.zone, self.row = run, within, people, zone, row

    def local_day(self, moment: datetime) -> date:
        """The company's calendar day at `moment`."""
        return moment.astimezone(self.zone).date()

    def grouped(self, key: Any, *columns: Any, **shape: Any) -> dict[int, list[Any]]:
        """What another table says of each row: `columns` by `key`, the column that names the row. See `grouped`."""
        return {} if self.within is None else grouped(self.run, self.within, key, *columns, **shape)

    def counted(self, key: Any, *where: Any) -> dict[int, int]:
        """How many rows of another table belong to each, by `key`."""
        if self.within is None:
            return {}
        statement = sa.select(key, sa.func.count()).where(self.within(key), *where).group_by(key)
        return dict(self.run.execute(statement).all())


class Plan:
    """What is read and told of the rows of a table for certain facts, with `also` further columns."""

    def __init__(self, reader: "Reader", names: frozenset[str] | None, also: tuple[str, ...] = ()):
        wanted = reader.fields if names is None else (names | ALWAYS) & reader.fields
        tellers = dict.fromkeys(reader.tellers[name] for name in sorted(wanted) if name in reader.tellers)
        self.single = tuple((teller.names[0], teller.function) for teller in tellers if len(teller.names) == 1)
        self.several = tuple((teller.names, teller.function) for teller in tellers if len(teller.names) > 1)
        self.direct = tuple(
            sorted(n for n in wanted if n not in reader.tellers and (n in reader.columns or n in JUDGED_AT))
        )
        read = {*self.direct, *also, *(name for teller in tellers for name in teller.reads)}
        self.columns = tuple(name for name in reader.columns if name in read)
        self.row: Any = namedtuple("Row", ("id", *self.columns, *JUDGED_AT))  # type: ignore[misc]
        """A row as it was read: `id`, `columns`, `moment`, `today`."""
        self.needs_moment = not read.isdisjoint(JUDGED_AT)
        self.take = attrgetter(*self.direct) if len(self.direct) > 1 else self._few

    def _few(self, row: Any) -> tuple[Any, ...]:
        return tuple(getattr(row, name) for name in self.direct)

    def without(self, known: Set[str]) -> "Plan":
        """What is left to tell where somebody knows the facts `known`."""
        left = copy(self)
        left.single = tuple((name, function) for name, function in self.single if name not in known)
        left.several = tuple((names, function) for names, function in self.several if not known >= set(names))
        return left


class Reader:
    """How the rows of `model` become `facts`. What is told by no function is what the column of its name says."""

    def __init__(
        self,
        model: Any,
        facts: type,
        columns: Mapping[str, Column],
        beside: type[Beside] = Beside,
        joins: Iterable[tuple[Any, Any]] = (),
        **constants: Any,
    ):
        """`joins`: further tables that columns come from, with the condition; `constants`: facts that are the same of
        every row."""
        self.model, self.facts, self.columns, self.beside = model, facts, dict(columns), beside
        self.joins, self.constants = tuple(joins), constants
        self.fields = frozenset(f.name for f in fields(facts))
        self.tellers: dict[str, Teller] = {}
        self._plans: dict[Any, Plan] = {}
        self.known_of: Known = lambda row, actor, data: {}
        """What the actor and the form of a transition know better of a row: facts and columns."""
        READERS[model] = self

    def tells(self, *names: str, of: Iterable[str] = ()) -> Callable[[Function], Function]:
        """Tell the facts `names` by a function; `of` are columns that it reads without naming them in its code."""
        if not self.fields.issuperset(names):
            raise ValueError(f"{self.facts.__name__} has no {sorted({*names} - self.fields)}")

        def register(function: Function) -> Function:
            self.tellers.update(dict.fromkeys(names, Teller(names, function, named_in(function).union(of))))
            return function

        return register

    def known(self, function: Known) -> Known:
        """The function below gives what the actor and a form know better."""
        self.known_of = function
        return function

    def plan(self, names: frozenset[str] | None, also: tuple[str, ...] = ()) -> Plan:
        """What is to be read for the facts `names` (None: all) and the columns `also`."""
        if (names, also) not in self._plans:
            self._plans[names, also] = Plan(self, names, also)
        return self._plans[names, also]

    def select(self, plan: Plan) -> sa.Select[Any]:
        """The statement that reads the columns of `plan`, `id` first."""
        chosen = (self.columns[name].read.label(name) for name in plan.columns)
        statement = sa.select(self.model.id.label("id"), *chosen).select_from(self.model)
        for target, condition in self.joins:
            statement = statement.outerjoin(target, condition)
        return statement

    def tell(self, plan: Plan, row: Any, beside: Beside, known: Mapping[str, Any] | None = None) -> Any:
        """The facts of `row`; `known` are those that somebody knows better."""
        if known:
            plan = plan.without(known.keys())
        facts = dict(self.always)
        facts.update(zip(plan.direct, plan.take(row), strict=True))
        for name, function in plan.single:
            facts[name] = function(row, beside)
        for names, function in plan.several:
            facts.update(zip(names, function(row, beside), strict=True))
        if known:
            facts.update((name, value) for name, value in known.items() if name in self.fields)
        return made(self.facts, facts)

    @cached_property
    def always(self) -> dict[str, Any]:
        """What is the same of every row; of a fact whose class has no value for it, what a row without any has."""
        empty = {f.name: f.default_factory() for f in fields(self.facts) if f.default_factory is not MISSING}
        return empty | self.constants

    @cached_property
    def blank(self) -> dict[str, Any]:
        """What a column that becomes a fact as it is says before a form has filled it in."""
        return {f.name: f.default for f in fields(self.facts) if f.name in self.columns and f.name not in self.tellers}


READERS: dict[Any, Reader] = {}
"""How the rows of each table become facts; a table without is one that no rule speaks of."""


def filed_on(row: Any, beside: Beside, process: Process) -> date:
    """The day a request was filed; while it can be edited, the day it is judged."""
    if row.submitted_at is None or row.status in process.editable:
        return row.today
    return beside.local_day(row.submitted_at)


def made(facts: type, values: dict[str, Any]) -> Any:
    """Frozen facts in one step instead of one per field; what is not given has the default of its class."""
    new: Any = object.__new__(facts)
    object.__setattr__(new, "__dict__", values)
    return new


class Object:
    """One object read as a row: what the form says first, then the object's own columns."""

    def __init__(self, row: Any, reader: Reader, moment: datetime, day: date, form: Mapping[str, Any]):
        self._row, self._reader, self._form = row, reader, form
        self.moment, self.today = moment, day

    def __getattr__(self, name: str) -> Any:
        if name in self._form:
            return self._form[name]
        column = self._reader.columns.get(name)
        value = column.of(self._row) if column is not None and column.of is not None else getattr(self._row, name)
        return self._reader.blank.get(name) if value is None else value


@cache
def read_by(kinds: frozenset[str], facts: type) -> frozenset[str]:
    """The names of `facts` that the rules `kinds` could read."""
    return frozenset().union(*(RULES[kind].reads for kind in kinds if facts in RULES[kind].facts))


def names_of(kinds: Iterable[str] | None, facts: type) -> frozenset[str] | None:
    """What the rules `kinds` could read of `facts`; None where they are not limited."""
    return None if kinds is None else read_by(frozenset(kinds), facts)


def knows(row: Any) -> bool:
    """Whether rules can speak of `row`, an object or its table."""
    return (row if isinstance(row, type) else type(row)) in READERS


def known_of(row: Any, actor: Actor, data: Mapping[str, Any]) -> dict[str, Any]:
    """What `actor`, and what the form of a transition says (`data`), know better of `row` than its table."""
    return READERS[type(row)].known_of(row, actor, data)


def of(row: Any, moment: datetime, day: date, kinds: Iterable[str] | None = None, **known: Any) -> Any:
    """The facts of one row at `moment`, as far as the rules `kinds` read them (None: all).

    `row` need not be stored; children laid into it count. `known` is what a form or the engine knows better: facts
    and columns of the row. Raises TypeError for anything else.
    """
    reader = READERS[type(row)]
    known = {name: value for name, value in known.items() if value is not None}
    if unknown := known.keys() - reader.fields - reader.columns.keys():
        raise TypeError(f"{reader.facts.__name__} does not know {', '.join(sorted(unknown))}")
    key = row.id
    beside = reader.beside(
        db.session, None if key is None else lambda column: column == key, Acquaintances(), zone(), row
    )
    plan = reader.plan(names_of(kinds, reader.facts))
    return reader.tell(plan, Object(row, reader, moment, day, known), beside, known)


class Batch:
    """The facts of many stored rows of one table: as many statements for a thousand rows as for one."""

    def __init__(
        self, model: Any, keys: Collection[int], moment: datetime, day: date, kinds: Iterable[str] | None = None
    ):
        self.reader = READERS[model]
        self.plan = self.reader.plan(names_of(kinds, self.reader.facts))
        self.beside = self.reader.beside(db.session, lambda column: column.in_(keys), Everybody(db.session), zone())
        read = db.session.execute(self.reader.select(self.plan).where(model.id.in_(keys)))
        self.rows = {values[0]: self.plan.row(*values, moment, day) for values in read}

    def of(self, key: int, **known: Any) -> Any:
        """The facts of the row `key`; `known` are facts that the engine knows better."""
        return self.reader.tell(self.plan, self.rows[key], self.beside, known)
