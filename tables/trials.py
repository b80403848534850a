"""── Trials: what a regulation would have meant for the visits of a past period (试算)."""

from datetime import date

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column

from core.text import N_, Choice
from tables.base import JSON, OFFICE, ChoiceType, Created, Table, any_of, col, link, ref
from tables.people import Department, User
from workflow import Actor


class TrialState(Choice):
    RUNNING = "running", N_("Running")
    DONE = "done", N_("Done")
    FAILED = "failed", N_("Failed")


class Trial(Created, Table):
    """One replay: the regulations tried (identities), the period, how far it has come, and what it found."""

    __tablename__ = "trial"
    title: Mapped[str] = col(sa.String(200), _l("Regulations tried"))
    regulation_ids: Mapped[list] = mapped_column(JSON, default=list)
    retired_ids: Mapped[list] = mapped_column(JSON, default=list)
    since: Mapped[date] = col(sa.Date, _l("From day"))
    until: Mapped[date] = col(sa.Date, _l("To day"))
    department_id: Mapped[int | None] = ref("department.id", _l("Only for department"), null=True)
    department: Mapped[Department | None] = link("Department", _l("Only for department"))
    state: Mapped[TrialState] = col(ChoiceType(TrialState), _l("State"), default=TrialState.RUNNING)
    done: Mapped[int] = col(sa.Integer, _l("Replayed"), default=0)
    total: Mapped[int] = col(sa.Integer, _l("To replay"), default=0)
    took_ms: Mapped[int | None] = col(sa.Integer, _l("Took (ms)"), null=True)
    rulebook_version: Mapped[int] = mapped_column(sa.Integer, default=0)
    result: Mapped[dict] = mapped_column(JSON, default=dict)
    by_id: Mapped[int | None] = ref("user.id", _l("By"), null=True)
    by: Mapped[User | None] = link("User", _l("By"))

    @classmethod
    def visible_to(cls, actor: Actor):
        return any_of(actor.has(*OFFICE))

    def __str__(self):
        return self.title


__all__ = ["Trial", "TrialState"]
