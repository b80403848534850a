"""Filters that an index can serve: equality, ranges, beginnings. Each is one control of the filter panel."""

from datetime import date
from decimal import Decimal, InvalidOperation

import sqlalchemy as sa
from flask_admin.model.filters import BaseFilter
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from core.clock import day_bounds
from models import UTCDateTime
from panel.i18n import tr
from tables.base import ChoiceType


class ColumnFilter(BaseFilter):
    """A condition on one own column. `control` is the kind of input the panel draws."""

    control = "text"

    def __init__(self, column, label, operation=""):
        super().__init__(label)
        self.column, self._operation = column, operation

    def operation(self):
        return self._operation

    def parse(self, value: str):
        """The typed value; ValueError for one that means nothing here."""
        if "\x00" in value:
            raise ValueError(value)
        return value

    def validate(self, value):
        try:
            self.parse(value)
        except (ValueError, InvalidOperation, OverflowError):
            return False
        return True

    def clean(self, value):
        return self.parse(value)

    def condition(self, value):
        return self.column == value

    def apply(self, query, value, alias=None):
        return query.where(self.condition(value))

    def choices(self):
        return None


class ChoiceIs(ColumnFilter):
    control = "select"

    def parse(self, value):
        return self.column.type.choices(value)

    def choices(self):
        return [(str(c), tr(c)) for c in self.column.type.choices if str(c)]


class RowIs(ColumnFilter):
    """One row of a small table (a department, a level, a room)."""

    control = "select"

    def __init__(self, column, label, model, scope):
        super().__init__(column, label)
        self.model, self.scope = model, scope

    def parse(self, value):
        number = int(value)
        if not 0 < number < 2**31:
            raise ValueError(value)
        return number

    def choices(self):
        return [(str(row.id), str(row)) for row in self.scope(self.model)]


class YesNo(ColumnFilter):
    control = "select"

    def parse(self, value):
        if value not in ("0", "1"):
            raise ValueError(value)
        return value == "1"

    def condition(self, value):
        return self.column.is_(value)

    def choices(self):
        return [("1", gettext("Yes")), ("0", gettext("No"))]


class _Day(ColumnFilter):
    control = "date"

    def parse(self, value):
        return date.fromisoformat(value)

    def bounds(self, value):
        return day_bounds(value) if isinstance(self.column.type, UTCDateTime) else (value, None)


class Since(_Day):
    def condition(self, value):
        return self.column >= self.bounds(value)[0]


class Until(_Day):
    def condition(self, value):
        first, following = self.bounds(value)
        return self.column < following if following else self.column <= first


class _Amount(ColumnFilter):
    control = "number"

    def parse(self, value):
        amount = Decimal(value)
        if not amount.is_finite() or abs(amount) > 10**9:
            raise ValueError(value)
        return amount


class AtLeast(_Amount):
    def condition(self, value):
        return self.column >= value


class AtMost(_Amount):
    def condition(self, value):
        return self.column <= value


class BeginsWith(ColumnFilter):
    def condition(self, value):
        return sa.and_(self.column >= value, self.column < value + "\uffff")


def filters_for(column, label, model=None, scope=None) -> list[ColumnFilter]:
    """The filters that fit the type of `column`."""
    kind = column.type
    if model is not None:
        return [RowIs(column, label, model, scope)]
    if isinstance(kind, ChoiceType):
        return [ChoiceIs(column, label)]
    if isinstance(kind, sa.Boolean):
        return [YesNo(column, label)]
    if isinstance(kind, (UTCDateTime, sa.Date)):
        return [Since(column, label, _l("from")), Until(column, label, _l("to"))]
    if isinstance(kind, (sa.Numeric, sa.Integer)):
        return [AtLeast(column, label, "≥"), AtMost(column, label, "≤")]
    return [BeginsWith(column, label, _l("begins with"))]
