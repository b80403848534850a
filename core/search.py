"""Searching by words, Chinese or not, on both databases, without reading the whole table.

A row keeps `search_grams`: its searchable columns cut into overlapping pairs of Chinese characters and
whole words of other scripts. SQLite indexes them with FTS5, PostgreSQL with a GIN index over the same
text as an array; neither needs an extension or a Chinese dictionary.

Beside its words a row stands in the index under its marks: whose department it belongs to, who receives. So a common
word is looked up among a department's rows alone, however many other rows bear it. The database itself keeps the marks.
"""

import contextlib
import re
import unicodedata
from collections.abc import Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapped, mapped_column

_CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_LATIN = "\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"  # without × and ÷: SQLite's index parts words there too
_RUNS = re.compile(rf"[{_CJK}]+|[0-9a-z{_LATIN}]+")
_ACCENTED = re.compile(f"[{_LATIN}]")
LONGEST = 200
NUMBER = re.compile(r"[A-Z]{2}-[0-9]{0,8}(-[0-9]{0,8})?$", re.ASCII)


def _tokens(text: str) -> list[str]:
    text = unicodedata.normalize("NFKC", text or "")
    if _ACCENTED.search(text):  # Müller is found as Muller too
        text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    tokens = []
    for run in _RUNS.findall(text.lower()):
        if re.match(rf"[{_CJK}]", run):
            tokens += [run[i : i + 2] for i in range(len(run) - 1)] or [run]
        else:
            tokens.append(run)
    return tokens


def grams(text: str) -> str:
    """`text` as search tokens: 「华为技术 GmbH」 → 「华为 为技 技术 gmbh」."""
    return " ".join(_tokens(text))


class Mark(NamedTuple):
    """The rows of one value of `column`, except those whose other column `unless` holds a value.

    `letter` is of a script that no word of a query is cut from, so that a mark is never typed.
    """

    letter: str
    column: str
    unless: tuple[str, str] | None = None

    def of(self, value: object) -> str:
        """The mark of the rows whose column holds `value`."""
        return f"{self.letter}{value}"

    def sql(self, row: str = "") -> str:
        """The mark of a row as an SQL expression; `row` is "new." or "old." in a trigger."""
        mark = f"'{self.letter}' || CAST({row}{self.column} AS TEXT)"
        if self.unless is None:
            return mark
        return f"CASE WHEN {row}{self.unless[0]} <> '{self.unless[1]}' THEN {mark} END"

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column, self.unless[0]) if self.unless else (self.column,)


class Searchable:
    """A table whose columns `search_fields` are found by words, and its rows by `search_marks`."""

    search_fields: tuple[str, ...] = ()
    search_marks: tuple[Mark, ...]
    search_grams: Mapped[str] = mapped_column(sa.Text, default="", nullable=False, deferred=True)

    @classmethod
    def grams_of(cls, values: dict[str, str | None]) -> str:
        return " ".join(filter(None, (grams(values.get(name) or "") for name in cls.search_fields)))


def _keep_grams(mapper: Any, connection: sa.Connection, row: Any) -> None:
    row.search_grams = row.grams_of({name: getattr(row, name) for name in row.search_fields})


@event.listens_for(Searchable, "mapper_configured", propagate=True)
def _listen(mapper: Any, cls: Any) -> None:
    event.listen(cls, "before_insert", _keep_grams)
    event.listen(cls, "before_update", _keep_grams)
    table = cls.__table__

    @event.listens_for(table, "after_create")
    def create(target: sa.Table, connection: sa.Connection, **kw: Any) -> None:
        for statement in create_search_ddl(table.name, connection.dialect.name, cls.search_marks):
            connection.exec_driver_sql(statement)


# ── The index ────────────────────────────────────────────────────────────────────────────────────
def create_search_ddl(table: str, dialect: str, marks: tuple[Mark, ...] = ()) -> list[str]:
    """The statements that make the index of `table` and fill it with the rows that are there."""
    if dialect == "postgresql":
        return [f'CREATE INDEX ix_{table}_search ON "{table}" USING gin (({_array(marks)}))']
    name = f"{table}_search"
    columns = ", ".join(dict.fromkeys(("search_grams", *(c for mark in marks for c in mark.columns))))
    delete = f"INSERT INTO {name}({name}, rowid, search_grams) VALUES ('delete', old.id, {_text(marks, 'old.')});"
    insert = f"INSERT INTO {name}(rowid, search_grams) VALUES (new.id, {_text(marks, 'new.')});"
    changed = f"{_text(marks, 'old.')} <> {_text(marks, 'new.')}"
    return [
        f"CREATE VIRTUAL TABLE {name} USING fts5(search_grams, content='', tokenize='unicode61')",
        f"CREATE TRIGGER {name}_ai AFTER INSERT ON {table} BEGIN {insert} END",
        f"CREATE TRIGGER {name}_ad AFTER DELETE ON {table} BEGIN {delete} END",
        f"CREATE TRIGGER {name}_au AFTER UPDATE OF {columns} ON {table} WHEN {changed} BEGIN {delete} {insert} END",
        f"INSERT INTO {name}(rowid, search_grams) SELECT id, {_text(marks)} FROM {table}",
        f"INSERT INTO {name}({name}) VALUES ('optimize')",
    ]


def drop_search_ddl(table: str, dialect: str) -> list[str]:
    if dialect == "postgresql":
        return [f"DROP INDEX ix_{table}_search"]
    return [*(f"DROP TRIGGER {table}_search_{on}" for on in ("ai", "ad", "au")), f"DROP TABLE {table}_search"]


@contextlib.contextmanager
def without_index(connection: sa.Connection, model: Any) -> Iterator[None]:
    """Insert rows of `model` in bulk: its index is made anew afterwards, which is quicker than row by row."""
    table, dialect = model.__tablename__, connection.dialect.name
    for statement in drop_search_ddl(table, dialect):
        connection.exec_driver_sql(statement)
    yield
    for statement in create_search_ddl(table, dialect, model.search_marks):
        connection.exec_driver_sql(statement)


def _text(marks: tuple[Mark, ...], row: str = "") -> str:
    """A row's words and marks as one text, in SQLite's SQL."""
    return " || ".join((f"{row}search_grams", *(f"coalesce(' ' || {mark.sql(row)}, '')" for mark in marks)))


def _array(marks: tuple[Mark, ...]) -> str:
    """A row's words and marks as an array, in PostgreSQL's SQL."""
    words = "string_to_array(search_grams, ' ')"
    return f"{words} || ARRAY[{', '.join(mark.sql() for mark in marks)}]" if marks else words


# ── Looking for words ────────────────────────────────────────────────────────────────────────────
class Words:
    """What somebody typed, to be looked for in the rows of `model`; nothing that a person types can break it.

    A word that looks like the beginning of a number (LF-202611…) is looked up in the unique index of `number`
    instead. What holds only punctuation finds nothing.
    """

    def __init__(self, model: Any, query: str, dialect: str) -> None:
        words = (query or "").replace("\x00", " ")[:LONGEST].split()
        self.model, self.postgres = model, dialect == "postgresql"
        self.prefix = ""
        if hasattr(model, "number") and len(words) == 1 and NUMBER.match(words[0].upper()):
            self.prefix = words[0].upper()
        self.phrases = [tokens for tokens in map(_tokens, words) if tokens]

    def __bool__(self) -> bool:
        return bool(self.prefix or self.phrases)

    @property
    def marked(self) -> bool:
        """Whether the index that finds these words knows the marks of rows too."""
        return not self.prefix

    def indexed(self, marks: tuple[str, ...] = ()) -> sa.Select[tuple[int]]:
        """The ids of the rows with these words, by the index: a select of one column. With `marks` those alone that
        bear one of them."""
        if self.prefix or self.postgres:
            condition = self.tested() if self.prefix else self._contained(marks)
            return sa.select(self.model.id).where(condition)
        name = f"{self.model.__tablename__}_search"
        match = " AND ".join(map(_match, self.phrases))
        if marks:
            match += " AND (" + " OR ".join(f'"{mark}"' for mark in marks) + ")"
        table = sa.table(name, sa.column("rowid", sa.Integer))
        return sa.select(table.c.rowid).where(sa.literal_column(name).op("MATCH")(match))

    def tested(self) -> sa.ColumnElement[bool]:
        """The condition that a row holds these words, by its own text: for rows that are few already."""
        if self.prefix:
            return sa.and_(self.model.number >= self.prefix, self.model.number < self.prefix + "\uffff")
        text = sa.literal(" ").concat(self.model.search_grams).concat(" ")
        place = sa.func.strpos if self.postgres else sa.func.instr
        return sa.and_(*(place(text, f" {' '.join(t)}{'' if _begins(t) else ' '}") > 0 for t in self.phrases))

    def _contained(self, marks: tuple[str, ...]) -> sa.ColumnElement[bool]:
        """PostgreSQL's condition: an index finds rows with these tokens, their text says if they stand together."""
        array = sa.literal_column(f"({_array(self.model.search_marks)})", sa.ARRAY(sa.Text))
        whole = [t for tokens in self.phrases for t in (tokens[:-1] if _begins(tokens) else tokens)]
        conditions: list[sa.ColumnElement[bool]] = [array.op("@>")(sa.cast(whole, sa.ARRAY(sa.Text)))] if whole else []
        if marks:
            conditions.append(array.op("&&")(sa.cast(list(marks), sa.ARRAY(sa.Text))))
        if any(len(tokens) > 1 or _begins(tokens) for tokens in self.phrases):
            conditions.append(self.tested())
        return sa.and_(*conditions)


def _begins(tokens: list[str]) -> bool:
    """A single Chinese character, and the end of a word of another script, is the beginning of something."""
    return len(tokens[-1]) == 1 or tokens[-1].isascii()


def _match(tokens: list[str]) -> str:
    """FTS5's query for tokens that stand together."""
    return '"' + " ".join(tokens) + '"' + (" *" if _begins(tokens) else "")


def matches(model: Any, query: str, dialect: str) -> sa.ColumnElement[bool]:
    """The condition that `model` matches every word of `query`."""
    words = Words(model, query, dialect)
    if not words:
        return sa.false()
    indexed: sa.ColumnElement[bool] = model.id.in_(words.indexed())
    return indexed
