"""How the values of generated screens look, by their type: on a page, and plain in a file.

A column's own type says how wide it is and on which side it stands (`column_class`), so that a stylesheet never
names a column.
"""

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from markupsafe import Markup

from core.text import Choice, Text
from models import Table, UTCDateTime
from panel.i18n import show, tr
from tables.base import ChoiceType


def info_of(prop) -> dict:
    """What is declared beside a column or a relation: its label, and whether it is private."""
    return prop.columns[0].info if hasattr(prop, "columns") else prop.info


# ── Columns ──────────────────────────────────────────────────────────────────────────────────────
SHORT = 40
"""Texts of up to so many characters stay on one line; longer ones wrap; one without a bound is given room."""


def column_class(model, name: str) -> str:
    """The class of the column, relation or property `name` of `model`: c-num, c-date, c-time, c-badge, c-code, c-short,
    c-long; c-text for what wraps as it pleases. A property is taken by the type it says that it gives."""
    prop = sa.inspect(model).attrs.get(name)
    if prop is None:
        getter = getattr(getattr(model, name, None), "fget", None)
        return "c-num" if getattr(getter, "__annotations__", {}).get("return") in (Decimal, int) else "c-text"
    if "look" in info_of(prop):
        return f"c-{info_of(prop)['look']}"
    if not hasattr(prop, "columns"):
        return "c-text" if prop.uselist else "c-short"
    column = prop.columns[0]
    kind = column.type
    if column.foreign_keys:
        return "c-short"
    if isinstance(kind, ChoiceType):
        return "c-badge"
    if isinstance(kind, UTCDateTime):
        return "c-time"
    if isinstance(kind, sa.Date):
        return "c-date"
    if isinstance(kind, sa.Boolean):
        return "c-short"
    if isinstance(kind, (sa.Integer, sa.Numeric)):
        return "c-num"
    if isinstance(kind, sa.JSON):
        return "c-text"
    length = getattr(kind, "length", None)
    if length is None:
        return "c-long" if isinstance(kind, sa.Text) else "c-code"
    if column.unique and length <= 20:
        return "c-code"
    return "c-short" if length <= SHORT else "c-text"


# ── Values ───────────────────────────────────────────────────────────────────────────────────────
NOTHING = Markup('<span class="none">—</span>')


def words(view, value, name=None):
    return show(value) or "—"


HTML_FORMATS = {
    type(None): lambda view, value, name: NOTHING,
    Table: lambda view, value, name: tr(str(value)),
    list: words,
    Choice: words,
    Text: words,
    Markup: lambda view, value, name: value,
    bool: words,
    datetime: words,
    date: words,
    Decimal: words,
    str: lambda view, value, name: value or NOTHING,
    dict: words,
}
PLAIN_FORMATS = {
    type(None): lambda view, value, name: "",
    Decimal: lambda view, value, name: value,
    bool: words,
    int: lambda view, value, name: value,
    Table: lambda view, value, name: tr(str(value)),
    list: lambda view, value, name: show(value),
    Choice: lambda view, value, name: show(value),
    Text: words,
    datetime: lambda view, value, name: show(value),
    date: lambda view, value, name: show(value),
    dict: lambda view, value, name: show(value),
}

_chosen: dict = {}


def formatted(view, value, name: str, formats: dict):
    """`value` as the first type of `formats` that it is an instance of has it; as it is where none fits."""
    key = (id(formats), type(value))
    if key not in _chosen:
        _chosen[key] = next((f for kind, f in formats.items() if isinstance(value, kind)), None)
    formatter = _chosen[key]
    return value if formatter is None else formatter(view, value, name)
