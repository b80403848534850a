"""Gifts: what leaves the stock and what comes back."""

from typing import Any

import sqlalchemy as sa

from core.text import N_, say
from engine.effects.registry import effect
from engine.moves import Move, Refused
from models import MovementKind, StockMovement, db, lock, stock_of


@effect("giftrequest.issue")
def issue_gift(move: Move) -> None:
    """The goods leave the stock at what they cost. Refused where too few are there; the article is held meanwhile."""
    row = move.row
    lock(row.gift)
    stock = stock_of(row.gift_id)
    if stock < row.quantity:
        raise Refused(say(N_("Only {stock} in stock: receive more first, or ask for fewer."), stock=stock))
    book_movement(move, MovementKind.OUT, -row.quantity, row.gift.unit_cost)


@effect("giftrequest.close")
def close_gift(move: Move) -> None:
    """Who received it is kept; what was not used is back in the stock, at what it cost when it left."""
    row, unused = move.row, move.data.get("quantity_returned") or 0
    row.recipient = (move.data.get("recipient") or "").strip()
    if not 0 <= unused <= row.quantity:
        raise Refused(say(N_("Between 0 and {quantity} can come back."), quantity=row.quantity))
    if unused < row.quantity and not row.recipient:
        raise Refused(say(N_("Enter who received it.")))
    if unused:
        lock(row.gift)
        cost = db.session.scalar(
            sa.select(StockMovement.unit_cost).where(
                StockMovement.request_id == row.id, StockMovement.kind == MovementKind.OUT
            )
        )
        book_movement(move, MovementKind.BACK, unused, cost)


def book_movement(move: Move, kind: MovementKind, quantity: int, unit_cost: Any) -> None:
    """One line of the stock ledger about this request; what leaves is negative, `unit_cost` is in CNY."""
    row = move.row
    db.session.add(
        StockMovement(
            gift_id=row.gift_id,
            kind=kind,
            quantity=quantity,
            unit_cost=unit_cost,
            request_id=row.id,
            by_id=move.actor.id,
            note=row.number,
            created_at=move.actor.now,
        )
    )
