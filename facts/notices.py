"""What a reception notice says of a visit, and what has changed since it went out (R01-4.1, R01-4.2).

A notice keeps what it said as plain values, so that years later it still says the same, in either language.
"""

import sqlalchemy as sa

from clauses.words import NoticeField
from core.text import packed
from models import Dispatch, GiftRequest, ItineraryItem, Notice, NoticeReceipt, RoomBooking, Visit, db


def of(visit: Visit, model, *order) -> list:
    """The rows of `model` that belong to `visit` and count for it, in `order`."""
    statement = sa.select(model).where(model.visit_id == visit.id).order_by(*(order or (model.id,)))
    if hasattr(model, "process"):
        statement = statement.where(model.status.not_in(model.process.gone))
    return list(db.session.scalars(statement))


def _plain(*values) -> list:
    """One line of a notice. A moment is kept in UTC behind an @ and a label as a text, so that whoever shows them can
    tell them from words."""
    return [f"@{v.isoformat()}" if hasattr(v, "isoformat") else packed(v) for v in values if v not in (None, "")]


def content(visit: Visit) -> dict[str, list[list]]:
    """What a notice about `visit` says now: for each NoticeField its lines of words, labels and moments."""
    guests = sorted(visit.guests, key=lambda g: g.id)
    said = {
        NoticeField.TIME: [_plain(visit.planned_start, visit.planned_end)],
        NoticeField.GUEST_COUNT: [_plain(visit.guest_count)],
        NoticeField.LEAD_GUEST: [_plain(visit.lead_guest)],
        NoticeField.GUESTS: [_plain(g.visitor.name, g.visitor.title) for g in guests],
        NoticeField.HOST: [_plain(visit.host.name)],
        NoticeField.ESCORTS: [_plain(e.user.name, e.duty) for e in sorted(visit.escorts, key=lambda e: e.id)],
        NoticeField.ROUTE: [_plain(visit.route.name)] if visit.route else [],
        NoticeField.ROOMS: [_plain(b.room.name, b.starts_at, b.ends_at) for b in of(visit, RoomBooking)],
        NoticeField.CARS: [
            _plain(d.out_planned, d.pick_up, d.destination, d.vehicle.plate if d.vehicle else "")
            for d in of(visit, Dispatch)
        ],
        NoticeField.ITINERARY: [
            _plain(i.starts_at, i.kind, i.place, i.standard)
            for i in of(visit, ItineraryItem, ItineraryItem.starts_at, ItineraryItem.id)
        ],
        NoticeField.GIFTS: [_plain(g.gift.name, f"× {g.quantity}") for g in of(visit, GiftRequest)],
    }
    return {str(name): lines for name, lines in said.items()}


def latest(visit: Visit) -> Notice | None:
    """The notice that went out last."""
    return db.session.scalar(sa.select(Notice).where(Notice.visit_id == visit.id).order_by(Notice.id.desc()).limit(1))


def changes(visit: Visit) -> dict[str, list]:
    """What a department still believes and what holds now, by NoticeField: {field: [lines before, lines now]}.

    Empty where no notice went out, or where one of an older release did not keep what it said.
    """
    notice = latest(visit)
    if notice is None or not notice.content:
        return {}
    return {
        name: [notice.content.get(name, []), lines]
        for name, lines in content(visit).items()
        if lines != notice.content.get(name, [])
    }


def receipts(visit: Visit) -> list[NoticeReceipt]:
    """Every department's copies of every notice of `visit`, in the order they went out."""
    return list(
        db.session.scalars(
            sa.select(NoticeReceipt)
            .join(Notice)
            .where(Notice.visit_id == visit.id)
            .order_by(NoticeReceipt.notice_id, NoticeReceipt.id)
        )
    )


def standing(copies: list[NoticeReceipt]) -> dict[int, NoticeReceipt]:
    """Of `copies` in the order they went out the one that holds for each department, by its id: the last.

    Departments relieved of their task are out.
    """
    last = {r.department_id: r for r in copies}
    return {department: receipt for department, receipt in last.items() if not receipt.relieved}
