"""The cards of the first page: how many rows wait, the first few of them, and where all of them are."""

from collections.abc import Callable
from dataclasses import dataclass, field

import sqlalchemy as sa
from flask import current_app, url_for

from core.text import Text
from models import db
from panel.access import can
from panel.i18n import show, tr
from panel.loading import loading
from workflow import Actor, Role

SHOWN = 5
"""So many rows of a card stand on the page."""
CAP = 1000
"""Counted at most; more are said to be more."""


@dataclass(frozen=True)
class Card:
    """One card, asked for each reader: `rows` of the reader, each shown by `item`, all of them on the list of `screen`.

    `needs` is the permission or the role the reader must have. `filters` are those of the list: values, or functions
    of the reader. `tone` is that of a card with rows: normal, warn or alert.
    """

    title: Text
    empty: Text
    needs: str | Role
    rows: Callable[[Actor], sa.Select]
    item: Callable
    screen: str
    filters: dict = field(default_factory=dict)
    tone: str = "normal"

    def __call__(self, who: Actor) -> dict | None:
        """The card as the page shows it; None for a reader it does not concern."""
        concerned = who.has(self.needs) if isinstance(self.needs, Role) else can(self.needs)
        if not concerned:
            return None
        rows, filters = self.rows(who), {n: v(who) if callable(v) else v for n, v in self.filters.items()}
        shown = first(rows, self.item)
        return card(
            tr(self.title),
            counted(rows) if shown else 0,
            filtered(self.screen, **filters),
            tr(self.empty),
            [self.item(row) for row in shown],
            self.tone,
        )


def card(title: str, count: int, url: str, empty: str, items: list[dict], tone: str = "normal") -> dict:
    """A card as the page shows it."""
    return {
        "title": title,
        "count": f"{CAP}+" if count > CAP else str(count),
        "any": count > 0,
        "url": url,
        "items": items,
        "empty": empty,
        "tone": tone if count else "normal",
    }


def counted(rows: sa.Select) -> int:
    """How many rows there are, counted to one more than `CAP`."""
    some = rows.with_only_columns(sa.literal(1)).order_by(None).limit(CAP + 1)
    return db.session.scalar(sa.select(sa.func.count()).select_from(some.subquery()))


def reads(*relations: str) -> Callable[[Callable], Callable]:
    """The function below, which shows a row, reads these relations of it: they come with the rows of a card."""

    def mark(show_row: Callable) -> Callable:
        show_row.relations = relations
        return show_row

    return mark


def first(rows: sa.Select, show_row: Callable) -> list:
    """The rows that stand on the card, with what `show_row` reads of others."""
    (entity,) = rows.column_descriptions
    return db.session.scalars(rows.limit(SHOWN).options(*loading(entity["entity"], show_row.relations))).all()


def item(title, subtitle, when, url, badge="", late=False) -> dict:
    """A row of a card: what it is, what belongs to it, its time, and whether it is late."""
    return {"title": title, "subtitle": subtitle, "when": show(when), "url": url, "badge": badge, "late": late}


def filtered(name: str, **values) -> str:
    """The list of a screen with filters set: names as `column` or `column__since`, values as the filter parses them."""
    screen, args = current_app.extensions["screens"][name], {}
    for key, value in values.items():
        column, _, operation = key.partition("__")
        for index, flt in enumerate(screen._filters):
            kind = type(flt).__name__.lower()
            if flt.column.key == column and kind == (operation or kind):
                args[f"flt{index}_{screen.get_filter_arg(index, flt)}"] = value
                break
    return url_for(f"{name}.index_view", **args)
