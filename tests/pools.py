"""Rows of every table, made from the tables themselves: a table added tomorrow has its rows here unasked.

The n-th row of a table refers to the n-th rows of the others, so that no two rows of a list share what they show.
"""

from datetime import timedelta
from decimal import Decimal

import sqlalchemy as sa

from core.clock import local_day, now

CODES = {("spending_cap", "category"): "all"}
"""Columns whose text is a code."""


def ordered(models) -> list:
    """The tables, those first that others refer to."""
    left, out, done = list(models), [], set()
    while left:
        for model in left:
            wanted = {k.column.table.name for c in model.__table__.columns for k in c.foreign_keys if not c.nullable}
            if wanted - {model.__tablename__} <= done:
                break
        else:
            raise AssertionError(f"these refer to each other: {left}")
        left.remove(model)
        out.append(model)
        done.add(model.__tablename__)
    return out


def target_of(column) -> str | None:
    """The table that a column refers to."""
    return next((key.column.table.name for key in column.foreign_keys), None)


class Pools:
    """`pools[model]` are the rows of a table made here."""

    def __init__(self, session, department_id: int, size: int):
        self.session, self.department_id, self.size, self.rows, self.serial = session, department_id, size, {}, 0

    def __getitem__(self, model) -> list:
        return self.rows[model.__tablename__]

    def fill(self, models) -> None:
        for model in ordered(models):
            if any(c.unique and hasattr(c.type, "choices") for c in model.__table__.columns):
                continue  # one row per word of a list: they are there already
            self.rows[model.__tablename__] = [self.make(model, n) for n in range(self.size)]
            self.session.flush()

    def more(self, model, count: int, **values) -> None:
        """Up to `count` further rows of a table with `values`; where the database allows no more, fewer."""
        for n in range(1, count + 1):
            try:
                with self.session.begin_nested():
                    self.make(model, n, **values)
            except sa.exc.IntegrityError:
                return

    def make(self, model, n: int, **values):
        """The n-th row of a table; `values` are columns that are given."""
        self.serial += 1
        for column in model.__table__.columns:
            if column.primary_key or column.name in values or column.computed is not None:
                continue
            value = self.value(model, column, n)
            if value is not None:
                values[column.name] = value
        row = model(
            **{sa.inspect(model).get_property_by_column(model.__table__.c[k]).key: v for k, v in values.items()}
        )
        self.session.add(row)
        return row

    def value(self, model, column, n: int):
        if (model.__tablename__, column.name) in CODES:
            return CODES[model.__tablename__, column.name]
        if column.name == "department_id" and model.__tablename__ != "user":
            return self.department_id
        if column.foreign_keys:
            rows = self.rows.get(target_of(column), ())
            # A second reference to the same table is to another row: nobody lends rights to themself.
            others = [c for c in model.__table__.columns if target_of(c) == target_of(column)]
            return rows[(n + others.index(column)) % self.size].id if rows else None
        kind = column.type
        if hasattr(kind, "choices"):
            states = list(kind.choices)
            return states[n % len(states)] if column.name in ("status", "role") else self.default(column) or states[0]
        if column.name in ("from_version", "to_version"):
            return 1 if column.name == "from_version" else None
        if isinstance(kind, sa.JSON):
            return None if column.default is not None or column.nullable else []
        if isinstance(kind, sa.Boolean):
            return column.name == "active"
        if isinstance(kind, sa.LargeBinary):
            return b"x"
        if isinstance(kind, sa.Date):
            return local_day(now()) + timedelta(days=n % 5 if column.name in ("until", "valid_until") else 0)
        if isinstance(kind, sa.Numeric):
            return Decimal(1)
        if isinstance(kind, sa.Integer):
            return self.serial if self.unique(model, column) or column.name == "identity" else self.default(column) or 1
        if "time" in type(kind).__name__.lower():
            return None if column.nullable else now()
        length = min(getattr(kind, "length", None) or 12, 12)
        return f"{self.serial:x}{column.name}"[:length] if not column.nullable or column.name == "name" else None

    @staticmethod
    def default(column):
        return column.default.arg if column.default is not None and column.default.is_scalar else None

    @staticmethod
    def unique(model, column) -> bool:
        sets = [c.columns for c in model.__table__.constraints if isinstance(c, sa.UniqueConstraint)]
        return column.unique or any(column.name in columns for columns in sets)
