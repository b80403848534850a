"""What is kept about the installation itself: its settings and the audit log."""

from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped

from core.clock import now
from tables.base import JSON, Table, UTCDateTime, any_of, col, link, ref
from tables.people import User
from workflow import Actor, Role


class Setting(Table):
    """What holds for the whole installation (is it a demo? what is the company called?)."""

    __tablename__ = "setting"
    key: Mapped[str] = col(sa.String(40), _l("Setting"), unique=True)
    value: Mapped[str] = col(sa.String(200), _l("Value"), default="")


class Event(Table):
    """What happened: the audit log. Append-only; `before` and `after` hold the columns that changed."""

    __tablename__ = "event"
    __table_args__ = (
        sa.Index("ix_event_row", "subject", "subject_id", "id"),
        sa.Index("ix_event_actor", "actor_id", "id"),
    )
    at: Mapped[datetime] = col(UTCDateTime, _l("At"), default=now, index=True)
    actor_id: Mapped[int | None] = ref("user.id", _l("Who"), null=True)
    actor: Mapped[User | None] = link("User", _l("Who"), foreign_keys=[actor_id])
    on_behalf_of_id: Mapped[int | None] = ref("user.id", _l("On behalf of"), null=True)
    on_behalf_of: Mapped[User | None] = link("User", _l("On behalf of"), foreign_keys=[on_behalf_of_id])
    action: Mapped[str] = col(sa.String(30), _l("Action"), index=True)
    subject: Mapped[str] = col(sa.String(24), _l("Kind"), default="")
    subject_id: Mapped[int | None] = col(sa.Integer, _l("Row"), null=True)
    number: Mapped[str] = col(sa.String(20), _l("No."), default="", index=True)
    from_state: Mapped[str] = col(sa.String(24), _l("From state"), default="")
    to_state: Mapped[str] = col(sa.String(24), _l("To state"), default="")
    before: Mapped[dict] = col(JSON, _l("Before"), default=dict)
    after: Mapped[dict] = col(JSON, _l("After"), default=dict)
    note: Mapped[str] = col(sa.Text, _l("Note"), default="")
    clauses: Mapped[list] = col(JSON, _l("Clauses"), default=list)
    address: Mapped[str] = col(sa.String(45), _l("Address"), default="")

    @classmethod
    def visible_to(cls, actor: Actor):
        return any_of(
            actor.has(Role.SYSADMIN), actor.has(Role.ADMIN_HEAD) and cls.subject.not_in(("user", "grant", "session"))
        )
