"""Gifts and wine: the articles, what is asked for, and the ledger that their stock is the sum of."""

import sqlalchemy as sa
from markupsafe import Markup

from core.text import N_, say
from models import MovementKind, StockMovement, db, lock, stock_of
from panel.access import actor
from panel.checks import at_least_one, not_negative
from panel.transitions import RequestView
from panel.views import PanelView
from workflow import HOSPITALITY


class GiftScreen(PanelView):
    """Articles with their stock, which is the sum of the ledger: one query per page."""

    column_formatters = {"stock": lambda view, c, row, n: view.stock(row)}
    column_looks = {"stock": "c-num"}

    def prepare_rows(self, rows):
        sums = dict(
            db.session.execute(
                sa.select(StockMovement.gift_id, sa.func.sum(StockMovement.quantity))
                .where(StockMovement.gift_id.in_([r.id for r in rows]))
                .group_by(StockMovement.gift_id)
            ).all()
        )
        for row in rows:
            row._stock = sums.get(row.id, 0)

    @staticmethod
    def stock(row) -> str:
        """What is there, marked where it is less than it should be."""
        there = row._stock if hasattr(row, "_stock") else stock_of(row.id)
        return Markup('<b class="low">{}</b>').format(there) if there < row.minimum else str(there)

    def problems(self, row, form):
        yield from not_negative(row, "unit_cost")


class GiftRequestScreen(RequestView):
    takes = {"visit": {"purpose": lambda visit: f"{visit.organisation} {visit.purpose}"}}
    summary_columns = ("gift", "quantity", "amount", "purpose", "visit", "hospitality", "applicant")

    def lookup_conditions(self, name):
        if name == "hospitality":
            return lambda model: (model.status.in_(HOSPITALITY.granted),)
        return None

    def problems(self, row, form):
        yield from at_least_one(row, "quantity")


class StockScreen(PanelView):
    """The ledger is append-only: goods received and corrections are entered here, issues come from requests."""

    can_edit = False
    can_delete = False
    column_default_sort = None

    def fill(self, form, row, created):
        super().fill(form, row, created)
        row.by_id = actor().id

    def problems(self, row, form):
        if row.kind not in (MovementKind.IN, MovementKind.ADJUST):
            yield "kind", say(N_("Only receipts and corrections are entered by hand."))
        elif not row.quantity or (row.kind == MovementKind.IN and row.quantity < 0):
            yield "quantity", say(N_("What is received is more than nothing."))
        elif row.kind == MovementKind.ADJUST and not row.note:
            yield "note", say(N_("Say why the stock is corrected."))
        elif row.gift is not None:
            lock(row.gift)
            if stock_of(row.gift.id) + row.quantity < 0:
                yield "quantity", say(N_("The stock cannot fall below zero."))
        yield from not_negative(row, "unit_cost")
