"""Reception notices: issued, amended by what changed alone, and signed for (R01-4.1, R01-4.2)."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.text import N_, say
from engine.effects.registry import effect
from engine.moves import Move, Refused
from facts import notices
from models import Notice, NoticeReceipt, TourRoute, User, db


@effect("visit.issue_notice")
def issue(move: Move) -> None:
    """The notice goes to every department with a task and to the visit's own; a route chosen with it is taken over."""
    row, route = move.row, str(move.data.get("route") or "")
    chosen = db.session.get(TourRoute, int(route)) if route.isdigit() else None
    if chosen is not None and chosen.to_version is None:
        row.route_id = chosen.id
    tasks = {department: task for department, task in tasks_of(move).items() if task}
    tasks.setdefault(row.department_id, "")
    send(move, [NoticeReceipt(department_id=department, task=task) for department, task in tasks.items()])


@effect("visit.amend_notice")
def amend(move: Move) -> None:
    """Only what changed goes out.

    Changed facts or a new deadline go to every department concerned, a changed task to the one it was given to.
    Refused where nothing has changed, or where no notice went out.
    """
    row, changed = move.row, notices.changes(move.row)
    last, held = notices.latest(row), {d: r.task for d, r in notices.standing(notices.receipts(row)).items()}
    if last is None or not held:
        raise Refused(say(N_("No notice has gone out yet: issue it first.")))
    wanted, due = held | tasks_of(move), move.data.get("due")
    for_all = bool(changed) or (due is not None and due != last.due_at)
    copies = [
        NoticeReceipt(
            department_id=department,
            task=task,
            relieved=bool(held.get(department)) and not task and department != row.department_id,
        )
        for department, task in sorted(wanted.items())
        if (for_all or task != held[department] if department in held else task)
    ]
    if not copies:
        raise Refused(say(N_("Nothing has changed since the last notice: there is nothing to send.")))
    send(move, copies, changed)
    move.stay()


@effect("noticereceipt.sign")
def sign(move: Move) -> None:
    """The department knows its task: who signed, when, and who of it is responsible."""
    row, chosen = move.row, move.data.get("responsible")
    if chosen and not db.session.scalar(
        sa.select(User.id).where(User.id == chosen, User.department_id == row.department_id, User.active)
    ):
        raise Refused(say(N_("Choose somebody of the department.")))
    row.signed_at, row.signed_by_id = move.actor.now, move.actor.id
    row.responsible_id = None if row.relieved else chosen or move.actor.id


def tasks_of(move: Move) -> dict[int, str]:
    """The task that the form gives to each department, by its id."""
    return {int(k): (v or "").strip() for k, v in (move.data.get("tasks") or {}).items()}


def send(move: Move, copies: list[NoticeReceipt], changed: dict[str, list[Any]] | None = None) -> None:
    """Send `copies` out, keeping what the notice says now; `changed` is what a change notice tells alone."""
    row = move.row
    due: datetime | None = move.data.get("due")
    db.session.flush()
    db.session.expire(row, ["route"])
    db.session.add(
        Notice(
            visit_id=row.id,
            issued_by_id=move.actor.id,
            created_at=move.actor.now,
            due_at=due or row.planned_start,
            content=notices.content(row),
            changes=changed or {},
            receipts=copies,
        )
    )
