"""Searching by words, Chinese or not, on both databases, without reading the whole table.

A row keeps `search_grams`: its searchable columns cut into overlapping pairs of Chinese characters and
whole words of other scripts. SQLite indexes them with FTS5, PostgreSQL with a GIN index over the same
text as an array; neither needs an extension or a Chinese dictionary.
"""

import re
import unicodedata
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapped, mapped_column

_CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_RUNS = re.compile(rf"[{_CJK}]+|[0-9a-z\u00c0-\u024f]+")
LONGEST = 200
NUMBER = re.compile(r"[A-Z]{2}-[0-9]{0,8}(-[0-9]{0,8})?$", re.ASCII)


def _tokens(text: str) -> list[str]:
    tokens = []
    for run in _RUNS.findall(unicodedata.normalize("NFKC", text or "").lower()):
        if re.match(rf"[{_CJK}]", run):
            tokens += [run[i : i + 2] for i in range(len(run) - 1)] or [run]
        else:
            tokens.append(run)
    return tokens


def grams(text: str) -> str:
    """`text` as search tokens: 「华为技术 GmbH」 → 「华为 为技 技术 gmbh」."""
    return " ".join(_tokens(text))


class Searchable:
    """A table whose columns `search_fields` are found by words."""

    search_fields: tuple[str, ...] = ()
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
        for statement in create_search_ddl(table.name, connection.dialect.name):
            connection.exec_driver_sql(statement)


def create_search_ddl(table: str, dialect: str) -> list[str]:
    """The statements that make the index of `table`; migrations run them too."""
    if dialect == "postgresql":
        return [f"CREATE INDEX ix_{table}_search ON \"{table}\" USING gin (string_to_array(search_grams, ' '))"]
    name = f"{table}_search"
    delete = f"INSERT INTO {name}({name}, rowid, search_grams) VALUES ('delete', old.id, old.search_grams);"
    insert = f"INSERT INTO {name}(rowid, search_grams) VALUES (new.id, new.search_grams);"
    return [
        f"CREATE VIRTUAL TABLE {name} USING "
        f"fts5(search_grams, content='{table}', content_rowid='id', tokenize='unicode61')",
        f"CREATE TRIGGER {name}_ai AFTER INSERT ON {table} BEGIN {insert} END",
        f"CREATE TRIGGER {name}_ad AFTER DELETE ON {table} BEGIN {delete} END",
        f"CREATE TRIGGER {name}_au AFTER UPDATE OF search_grams ON {table} "
        f"WHEN old.search_grams <> new.search_grams BEGIN {delete} {insert} END",
    ]


def drop_search_ddl(table: str, dialect: str) -> list[str]:
    return [f"DROP INDEX ix_{table}_search"] if dialect == "postgresql" else [f"DROP TABLE {table}_search"]


def pause_triggers(connection: sa.Connection, table: str) -> None:
    """Before inserting in bulk on SQLite: the index is rebuilt afterwards in one go (`rebuild`)."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_search_ai")


def rebuild(connection: sa.Connection, table: str) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"INSERT INTO {table}_search({table}_search) VALUES ('rebuild')")
        connection.exec_driver_sql(f"INSERT INTO {table}_search({table}_search) VALUES ('optimize')")
        trigger = create_search_ddl(table, "sqlite")[1]
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_search_ai")
        connection.exec_driver_sql(trigger)


def matches(model: Any, query: str, dialect: str) -> sa.ColumnElement[bool]:
    """The condition that `model` matches every word of `query`; nothing a person types can break it.

    A word that looks like the beginning of a number (LF-202611…) is looked up in the unique index of
    `number` instead. A query of only punctuation matches nothing.
    """
    words = (query or "").replace("\x00", " ")[:LONGEST].split()
    if hasattr(model, "number") and len(words) == 1 and NUMBER.match(words[0].upper()):
        prefix = words[0].upper()
        return sa.and_(model.number >= prefix, model.number < prefix + "\uffff")
    phrases = [tokens for tokens in map(_tokens, words) if tokens]
    if not phrases:
        return sa.false()
    return _postgres(model, phrases) if dialect == "postgresql" else _sqlite(model, phrases)


def _sqlite(model: Any, phrases: list[list[str]]) -> sa.ColumnElement[bool]:
    name = f"{model.__tablename__}_search"
    # A single Chinese character, and the end of a word of another script, is the beginning of something.
    match = " AND ".join(
        '"' + " ".join(tokens) + '"' + (" *" if len(tokens[-1]) == 1 or tokens[-1].isascii() else "")
        for tokens in phrases
    )
    table = sa.table(name, sa.column("rowid"))
    found: sa.ColumnElement[bool] = model.id.in_(
        sa.select(table.c.rowid).where(sa.literal_column(name).op("MATCH")(match))
    )
    return found


def _postgres(model: Any, phrases: list[list[str]]) -> sa.ColumnElement[bool]:
    array = sa.func.string_to_array(model.search_grams, " ", type_=sa.ARRAY(sa.Text))
    conditions = []
    for tokens in phrases:
        begins = len(tokens[-1]) == 1 or tokens[-1].isascii()
        whole = tokens[:-1] if begins else tokens
        if whole:
            conditions.append(array.op("@>")(sa.cast(whole, sa.ARRAY(sa.Text))))
        if len(tokens) > 1 or begins:
            # The tokens stand next to each other, in this order, at the beginning of a token.
            text = (" " + " ".join(tokens)).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            conditions.append(
                sa.literal(" ").concat(model.search_grams).like(f"%{text}%" if begins else f"%{text} %", escape="\\")
                if begins
                else sa.literal(" ").concat(model.search_grams).concat(" ").like(f"%{text} %", escape="\\")
            )
    return sa.and_(*conditions)
