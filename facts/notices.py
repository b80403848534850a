"""What a reception notice says of a visit, and what has changed since it went out (R01-4.1, R01-4.2).

A notice keeps what it said as plain values, so that years later it still says the same, in either language.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from clauses.words import NoticeField
from core.clock import zone
from core.text import packed
from facts.people import Acquaintances
from facts.visits_beside import BesideVisits
from models import Notice, NoticeReceipt, Visit, db


def of(visit: Visit, model: Any, *order: Any) -> list[Any]:
    """The rows of `model` that belong to `visit` and count for it, in `order`."""
    statement = sa.select(model).where(model.visit_id == visit.id).order_by(*(order or (model.id,)))
    if hasattr(model, "process"):
        statement = statement.where(model.status.not_in(model.process.gone))
    return list(db.session.scalars(statement))


def _line(*values: Any) -> list[Any]:
    """One line of a notice. A moment is kept in UTC behind an @ and a label as a text, so that whoever shows them can
    tell them from words."""
    return [f"@{v.isoformat()}" if isinstance(v, datetime) else packed(v) for v in values if v not in (None, "")]


Lines = list[list[Any]]
"""Lines of a notice, each of words, labels and moments."""


def content_of(visit: Any, beside: BesideVisits) -> dict[str, Lines]:
    """What a notice about `visit`, an object or a row of columns, says now: its lines by NoticeField."""
    name, key = beside.people.name, visit.id
    route = beside.routes.get(key)
    lines = {
        NoticeField.TIME: [_line(visit.planned_start, visit.planned_end)],
        NoticeField.GUEST_COUNT: [_line(visit.guest_count)],
        NoticeField.LEAD_GUEST: [_line(visit.lead_guest)],
        NoticeField.GUESTS: [_line(guest.name, guest.title) for guest in beside.guests.get(key, ())],
        NoticeField.HOST: [_line(name(visit.host_id))],
        NoticeField.ESCORTS: [_line(name(person), duty) for person, duty in beside.escorts.get(key, ())],
        NoticeField.ROUTE: [_line(route)] if route else [],
        NoticeField.ROOMS: [_line(*booking) for booking in beside.bookings.get(key, ())],
        NoticeField.CARS: [_line(*car) for car in beside.drives.get(key, ())],
        NoticeField.ITINERARY: [_line(*item) for item in beside.programme.get(key, ())],
        NoticeField.GIFTS: [_line(gift, f"× {quantity}") for gift, quantity in beside.gifts_wanted.get(key, ())],
    }
    return {str(field): of_field for field, of_field in lines.items()}


def changes_of(visit: Any, beside: BesideVisits) -> dict[str, list[Lines]]:
    """What the departments still believe of `visit` and what holds now, by NoticeField: [lines before, lines now].

    Empty where no notice went out, or where one of an older release did not keep what it said.
    """
    believed = beside.notices.get(visit.id)
    if not believed:
        return {}
    return {
        field: [believed.get(field, []), lines]
        for field, lines in content_of(visit, beside).items()
        if lines != believed.get(field, [])
    }


def _beside(visit: Visit) -> BesideVisits:
    return BesideVisits(db.session, lambda column: column == visit.id, Acquaintances(), zone(), visit)


def content(visit: Visit) -> dict[str, Lines]:
    """What a notice about `visit` says now; see `content_of`."""
    return content_of(visit, _beside(visit))


def changes(visit: Visit) -> dict[str, list[Lines]]:
    """What the departments still believe of `visit` and what holds now; see `changes_of`."""
    return changes_of(visit, _beside(visit))


def latest(visit: Visit) -> Notice | None:
    """The notice that went out last."""
    return db.session.scalar(sa.select(Notice).where(Notice.visit_id == visit.id).order_by(Notice.id.desc()).limit(1))


READ = ("notice", "department", "responsible", "signed_by")
"""What is said of a department's copy."""


def receipts(visit: Visit) -> list[NoticeReceipt]:
    """Every department's copies of every notice of `visit`, in the order they went out."""
    return list(
        db.session.scalars(
            sa.select(NoticeReceipt)
            .join(Notice)
            .where(Notice.visit_id == visit.id)
            .order_by(NoticeReceipt.notice_id, NoticeReceipt.id)
            .options(*(joinedload(getattr(NoticeReceipt, name)) for name in READ))
        )
    )


def standing(copies: list[NoticeReceipt]) -> dict[int, NoticeReceipt]:
    """Of `copies` in the order they went out the one that holds for each department, by its id: the last.

    Departments that were relieved of their task are left out.
    """
    last = {r.department_id: r for r in copies}
    return {department: receipt for department, receipt in last.items() if not receipt.relieved}
