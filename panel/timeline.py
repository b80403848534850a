"""What happened to a row, and what is to come: the approval chain, the timeline, the words for actions."""

import sqlalchemy as sa
from flask import current_app
from flask_babel import gettext

from core.text import N_
from engine.chains import Plan
from models import Approval, Event, db
from panel.i18n import show, tr
from workflow import Process, Role


def step_shown(step: Approval) -> dict:
    """A step of a chain as it is in the database."""
    states = {"approved": "done", "returned": "returned", "rejected": "rejected", "skipped": "skipped"}
    state = states[str(step.decision)] if step.decision else "current" if step.opened_at else "pending"
    words = {"current": gettext("Deciding"), "pending": gettext("To come")}
    return {
        "label": tr(step.role),
        "clause": step.clause,
        "state": state,
        "decider": step.signers,
        "at": show(step.decided_at),
        "comment": step.comment,
        "decision": tr(step.decision) if step.decision else words[state],
        "urged": step.urged_on is not None and step.decided_at is None,
    }


def plan_shown(plan: Plan) -> list[dict]:
    """The steps of a chain that is not filed yet."""
    return [
        {
            "label": tr(Role(step.role).label),
            "clause": step.clause,
            "state": "skipped" if skipped else "planned",
            "decider": "",
            "at": "",
            "comment": "",
            "decision": gettext("Skipped") if skipped else gettext("Not begun"),
        }
        for step, skipped in plan.steps
    ]


ACTIONS = {
    "create": N_("Created it"),
    "edit": N_("Edited it"),
    "delete": N_("Deleted it"),
    "reveal": N_("Saw the numbers in full"),
    "sign_in": N_("Signed in"),
    "sign_out": N_("Signed out"),
    "password": N_("Changed the password"),
    "roles": N_("Changed the roles"),
    "export": N_("Exported"),
    "init": N_("Set up"),
}
"""What happened besides transitions, in words."""


def kind_label(kind: str) -> str:
    """The kind of a row, as an audit entry or a step names it, in words."""
    screen = current_app.extensions["screens"].get(kind)
    return tr(screen.process.label if hasattr(screen, "process") else screen.title) if screen else kind


def process_of(event: Event) -> Process | None:
    """The process of the row that the event tells of; None for a row that has none."""
    return getattr(current_app.extensions["screens"].get(event.subject), "process", None)


def action_label(event: Event) -> str:
    """What was done, in words."""
    process = process_of(event)
    step = process.by_name.get(event.action) if process else None
    return tr(step.label if step else ACTIONS.get(event.action, event.action))


def state_label(event: Event, code: str) -> str:
    """A state the event names, in words; as it is written where its process no longer has it."""
    process = process_of(event)
    return tr(process.states(code)) if process and code in set(process.states) else code


def timeline(row) -> list[dict]:
    """What happened to the row, the latest first."""
    events = db.session.scalars(
        sa.select(Event)
        .where(Event.subject == row.process.name, Event.subject_id == row.id)
        .order_by(Event.id.desc())
        .limit(50)
    )
    out = []
    for event in events:
        who = event.actor.name if event.actor else gettext("System")
        if event.on_behalf_of:
            who = gettext("%(name)s for %(other)s", name=who, other=event.on_behalf_of.name)
        out.append(
            {
                "at": show(event.at),
                "who": who,
                "what": action_label(event),
                "note": event.note,
                "clauses": event.clauses or [],
            }
        )
    return out
