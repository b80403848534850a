"""Expenses: what they are held against, verified and settled."""

from typing import Any

import rules
from core.text import N_, say
from engine.effects.approvals import submit
from engine.effects.registry import effect, prepares
from engine.moves import Move, Refused
from rules import Rulebook
from workflow import HospitalityState


def fix_cap(row: Any, book: Rulebook) -> None:
    """Fix what an expense is held against: its cap per guest by `book`, and the company wine issued for it, in CNY."""
    cap = rules.cap_for(book, str(row.category), row.rank, row.incurred_on)
    row.cap, row.cap_clause = cap if cap else (None, "")
    row.wine_amount = row.wine_request.issued_cost if row.wine_request else 0


@prepares("expense.submit")
def prepare_expense(move: Move) -> None:
    """The cap is that of the rulebook it is filed under, whatever it was when the form was saved."""
    fix_cap(move.row, move.book)


@effect("expense.submit")
def submit_expense(move: Move) -> None:
    """The chain is filed, and the application that was approved for it counts as used."""
    submit(move)
    row = move.row
    if row.hospitality is not None and row.hospitality.status == HospitalityState.APPROVED:
        move.entails.append((row.hospitality, "use"))


@effect("expense.verify")
def verify(move: Move) -> None:
    """The amount to be reimbursed is fixed: above nothing, at most what was asked for."""
    row, amount = move.row, move.data.get("approved_amount")
    row.approved_amount = row.amount if amount is None else amount
    if not 0 < row.approved_amount <= row.amount:
        raise Refused(say(N_("The approved amount lies above 0 and is at most {amount}."), amount=row.amount))


@effect("expense.send_back")
def send_back(move: Move) -> None:
    """Finance sends it back to the applicant: nothing is verified any more."""
    move.row.approved_amount = None


@effect("expense.settle")
def settle(move: Move) -> None:
    """It is paid: voucher and day are kept."""
    move.row.voucher_no = (move.data.get("voucher_no") or "").strip()
    move.row.settled_on = move.data.get("settled_on") or move.actor.today
    if not move.row.voucher_no:
        raise Refused(say(N_("Enter the voucher number.")))
