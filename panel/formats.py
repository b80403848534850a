"""How the values of generated screens look, by their type: on a page, and plain in a file."""

from datetime import date, datetime
from decimal import Decimal

from markupsafe import Markup

from core.text import Choice, Text
from models import Table
from panel.i18n import show


def info_of(prop) -> dict:
    """What is declared beside a column or a relation: its label, and whether it is private."""
    return prop.columns[0].info if hasattr(prop, "columns") else prop.info


def html(view, value, name=None):
    return show(value) or "—"


HTML_FORMATS = {
    type(None): lambda view, value, name: Markup('<span class="none">—</span>'),
    Table: lambda view, value, name: str(value),
    list: lambda view, value, name: show([str(v) for v in value]) or "—",
    Choice: html,
    Text: html,
    bool: html,
    datetime: html,
    date: html,
    Decimal: html,
    str: lambda view, value, name: value or Markup('<span class="none">—</span>'),
    dict: lambda view, value, name: show(value) or "—",
}
PLAIN_FORMATS = {
    type(None): lambda view, value, name: "",
    Decimal: lambda view, value, name: value,
    bool: html,
    int: lambda view, value, name: value,
    Table: lambda view, value, name: str(value),
    list: lambda view, value, name: show([str(v) for v in value]),
    Choice: lambda view, value, name: show(value),
    Text: html,
    datetime: lambda view, value, name: show(value),
    date: lambda view, value, name: show(value),
    dict: lambda view, value, name: show(value),
}
