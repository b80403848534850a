"""Numbers and the audit log: what every change of a row writes down."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from core.privacy import mask
from models import (
    Event,
    NumberSequence,
    db,
)
from workflow import Actor


# ── Numbers ──────────────────────────────────────────────────────────────────────────────────────
def next_number(prefix: str, day: date) -> str:
    """The next number of `prefix` on `day`; the row of the day stays locked until the transaction ends."""
    insert = (postgresql if db.engine.dialect.name == "postgresql" else sqlite).insert(NumberSequence)
    statement = (
        insert.values(prefix=prefix, day=day, last=1)
        .on_conflict_do_update(index_elements=["prefix", "day"], set_={"last": NumberSequence.last + 1})
        .returning(NumberSequence.last)
    )
    return f"{prefix}-{day:%Y%m%d}-{db.session.execute(statement).scalar_one():04d}"


def file(row: Any, actor: Actor, department_id: int | None = None) -> Any:
    """Open a request: number, applicant, owning department. The caller commits."""
    row.applicant_id, row.department_id = actor.id, department_id or row.department_id or actor.department_id
    row.created_at = actor.now
    with db.session.no_autoflush:
        row.number = next_number(row.prefix, actor.today)
    db.session.add(row)
    db.session.flush()
    return row


# ── Audit ────────────────────────────────────────────────────────────────────────────────────────
def snapshot(row: Any) -> dict[str, Any]:
    """The loaded columns of `row` as the audit log shows them: private ones masked, files left out."""
    values = {}
    for attr in sa.inspect(type(row)).column_attrs:
        column = attr.columns[0]
        if attr.key in sa.inspect(row).unloaded or isinstance(column.type, sa.LargeBinary) or attr.key in HIDDEN:
            continue
        value = getattr(row, attr.key)
        values[attr.key] = (
            mask(value)
            if column.info.get("private")
            else value
            if value is None or isinstance(value, bool | int)
            else str(value)
        )
    return values


HIDDEN = {"password_hash", "token", "search_grams", "phone_hash", "identity_hash", "version"}


def audit(
    action: str,
    row: Any,
    actor: Actor | None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    note: str = "",
    clauses: Iterable[str] = (),
    from_state: str = "",
    to_state: str = "",
    on_behalf_of: int | None = None,
) -> Event:
    """One entry of the audit log, holding only what changed. The caller commits it with the change itself."""
    before, after = before or {}, after or {}
    changed = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    event = Event(
        actor_id=actor.id if actor else None,
        action=action,
        subject=type(row).__name__.lower() if row is not None else "",
        subject_id=getattr(row, "id", None),
        number=getattr(row, "number", "") or "",
        from_state=str(from_state),
        to_state=str(to_state),
        before={k: before.get(k) for k in changed if k in before},
        after={k: after.get(k) for k in changed if k in after},
        note=note or "",
        clauses=list(clauses),
        on_behalf_of_id=on_behalf_of,
        address=actor.address if actor else "",
    )
    if actor:
        event.at = actor.now
    db.session.add(event)
    return event
