"""Dispatch orders as the rules see them."""

from datetime import date
from typing import Any

from clauses.words import DispatchField
from facts.base import REQUEST, Beside, Column, Reader, columns_of
from models import Dispatch
from rules import DispatchFacts

FIELDS = tuple(str(name) for name in DispatchField)

DISPATCHES = Reader(
    Dispatch,
    DispatchFacts,
    columns_of(Dispatch, *REQUEST, *FIELDS, "out_planned", "reason")
    | {"created_at": Column(Dispatch.created_at, lambda row: row.created_at if row.id else None)},
)


@DISPATCHES.tells("day")
def leaves_on(row: Any, beside: Beside) -> date | None:
    return beside.local_day(row.out_planned) if row.out_planned else None


@DISPATCHES.tells("filed_on")
def filed_on(row: Any, beside: Beside) -> date:
    """While it is being typed, today."""
    return beside.local_day(row.created_at) if row.created_at else row.today


@DISPATCHES.tells("filled", of=FIELDS)
def filled(row: Any, beside: Beside) -> frozenset[str]:
    return frozenset(name for name in FIELDS if getattr(row, name))


__all__ = ["DISPATCHES"]
