"""Workflow buttons, their confirmation pages and batches, all derived from the process declarations."""

import sqlalchemy as sa
from flask import abort, current_app, flash, redirect, request
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from core.text import N_
from engine.advance import advance, advance_each
from engine.audit import file
from engine.findings import book_for, explanations, judge, planned
from engine.moves import Refused
from models import Approval, Event, db, forget_chain, preload_chains
from panel.access import actor, local_path
from panel.findings import shown
from panel.i18n import badge, show, tr
from panel.lists import clean_pk
from panel.live import LiveFindings
from panel.printing.printable import Printable
from panel.transition_forms import data_of, form_for, text_area
from panel.views import PanelView
from rules import blocking
from workflow import Role, why_not


class WorkflowView(PanelView):
    """A screen of rows with a process."""

    @property
    def process(self):
        return self.model.process

    # ── Buttons ──────────────────────────────────────────────────────────────────────────────────
    def buttons(self, row) -> list[dict]:
        """Every transition whose permission the user holds; those that cannot be taken now say why when they lead on."""
        who, out = actor(), []
        for transition in self.process.transitions:
            if row.status not in transition.sources:
                continue
            reason = why_not(self.process, transition.name, row, who)
            if reason is None:
                out.append(
                    {
                        "url": self.get_url(".transition_view", transition=transition.name, id=row.id),
                        "label": tr(transition.label),
                        "style": transition.style,
                        "name": transition.name,
                    }
                )
        return out

    def links_for(self, return_url):
        who, process, offers = actor(), self.process, {}
        for t in process.transitions:
            if t.style == "primary" or t.decides:
                before, after = self.get_url(".transition_view", transition=t.name, id=0, next=return_url).split(
                    "id=0", 1
                )
                for state in t.sources:
                    offers.setdefault(state, []).append((t.name, f"{before}id=", after, tr(t.label), t.style))
        return lambda row: [
            {"url": f"{before}{row.id}{after}", "label": label, "style": style}
            for name, before, after, label, style in offers.get(row.status, ())
            if why_not(process, name, row, who) is None
        ]

    def bulk_actions(self):
        who = actor()
        return [
            {"url": self.get_url(".bulk_view", transition=t.name), "label": tr(t.label), "style": t.style}
            for t in self.process.transitions
            if t.bulk and (who.can(self.process.permission(t)) or (t.decides and who.delegated))
        ]

    def prepare_rows(self, rows):
        preload_chains(rows)

    # ── One transition ───────────────────────────────────────────────────────────────────────────
    @expose("/transition/<transition>/", methods=("GET", "POST"))
    def transition_view(self, transition):
        """GET says what will happen and asks what is needed; POST does it, once."""
        step = self.process.by_name.get(transition)
        row = self.wanted()
        if step is None:
            abort(404)
        back = local_path(request.values.get("next")) or self.get_url(".details_view", id=row.id)
        reason = why_not(self.process, step.name, row, actor())
        found = judge(row, actor(), (step.stage,)).findings if step.stage else []
        further = self.asked_fields(row, step)
        form, status = form_for(row, step, found, further)(), 200
        if request.method == "POST":
            if step.stage:
                # What the form itself says counts too: it may call for a reason, or put one right.
                found = judge(row, actor(), (step.stage,), data=data_of(form)).findings
                form = form_for(row, step, found, further)()
            if self._already(row, step, reason):
                flash(gettext("%(number)s: %(step)s, done already.", number=str(row), step=tr(step.label)), "success")
                return redirect(back)
            if form.validate() and not self._emptied(form):
                try:
                    version = clean_pk(form.version.data) if form.version.data else None
                    advance(row, step.name, actor(), data_of(form), version)
                    said = str(row)
                    db.session.commit()
                    self.after(row, step)
                    flash(gettext("%(number)s: %(step)s, done.", number=said, step=tr(step.label)), "success")
                    return redirect(back)
                except Refused as refusal:
                    db.session.rollback()
                    forget_chain(row)
                    status, reason = 409, None if refusal.findings else refusal.reason
                    if not refusal.findings:
                        flash(tr(refusal.reason), "error")
                    for finding in refusal.findings:
                        field = form._fields.get(f"reason_{finding.rule}")
                        if field is not None:
                            field.errors = [gettext("A written reason is needed here.")]
                    if why_not(self.process, step.name, row, actor()) is None:
                        reason = None
                except sa.exc.IntegrityError:
                    db.session.rollback()
                    forget_chain(row)
                    status = 409
                    flash(gettext("Somebody was quicker, or a badge is already handed out: look at it again."), "error")
            else:
                status = 422
        elif not form.version.data:
            form.version.data = str(row.version)
        book = book_for(row)
        return self.render(
            "transition.html",
            heading=self.heading(row),
            transition_label=tr(step.label),
            style=step.style,
            name=step.name,
            effects=[tr(e) for e in step.effects],
            clause=" ".join(book.adopted(step.clause)),
            findings=shown(found, book=book, asked=step.asks),
            form=form,
            why_not=tr(reason) if reason else "",
            blocked=bool(blocking(found, step.asks)),
            back_url=back,
            summary=self.summary(row),
            related=self.before(row, step),
        ), status

    def asked_fields(self, row, step) -> dict:
        """Fields of a transition's form that only its screen knows."""
        return {}

    def after(self, row, step) -> None:
        """What follows a transition, in a transaction of its own."""

    def before(self, row, step) -> list[dict]:
        """Sections that say what a transition would change."""
        return []

    @staticmethod
    def _emptied(form) -> bool:
        """Every guest was unticked on the page (a request without that page means all of them)."""
        if "guests" in form and request.form.get("guests_shown") and not form.guests.data:
            form.guests.errors = [gettext("Choose at least one.")]
            return True
        if "guests" in form and not form.guests.data:
            form.guests.data = None
        return False

    @staticmethod
    def _already(row, step, reason) -> bool:
        """The same person has just done the same: a second click, or a repeated request."""
        if reason is None:
            return False
        last = db.session.scalar(
            sa.select(Event)
            .where(Event.subject == row.process.name, Event.subject_id == row.id)
            .order_by(Event.id.desc())
            .limit(1)
        )
        return last is not None and last.actor_id == actor().id and last.action == step.name

    def summary(self, row) -> list[tuple[str, str]]:
        """The few facts a decision is taken on."""
        return [
            (str(self.label_of(name)), show(self._plain(row, name)))
            for name in self.summary_columns or self.column_list[:6]
            if self.may_see(name)
        ]

    summary_columns: tuple = ()

    def _plain(self, row, name):
        value = getattr(row, name)
        return value if not hasattr(value, "__table__") else str(value)

    # ── Many at once ─────────────────────────────────────────────────────────────────────────────
    @expose("/bulk/<transition>/", methods=("GET", "POST"))
    def bulk_view(self, transition):
        """One confirmation for the ticked rows; each passes its rules or is listed with what stopped it."""
        step = self.process.by_name.get(transition)
        if step is None or not step.bulk:
            abort(404)
        ids = {key for key in map(clean_pk, request.values.getlist("rowid")) if key}
        rows = db.session.scalars(
            sa.select(self.model).where(self.model.id.in_(sorted(ids)[:200]), self.scope()).order_by(self.model.id)
        ).all()
        if len(rows) != len(ids):
            abort(404)
        form = type("BulkForm", (FlaskForm,), {"comment": text_area(_l("Comment"))})()
        results = []
        if request.method == "POST" and form.validate():
            done = advance_each(rows, step.name, actor(), {"comment": form.comment.data})
            db.session.commit()
            for row, refusal in done:
                clauses = " ".join(f.clause for f in refusal.findings) if refusal else ""
                results.append(
                    {
                        "title": str(row),
                        "url": self.get_url(".details_view", id=row.id),
                        "ok": refusal is None,
                        "id": row.id,
                        "reason": tr(refusal.reason) if refusal else "",
                        "clause": clauses,
                    }
                )
        else:
            preload_chains(rows)
            for row in rows:
                reason = why_not(self.process, step.name, row, actor())
                found = judge(row, actor(), (step.stage,)).findings if step.stage and reason is None else []
                block = next(iter(blocking(found, form._fields)), None)
                results.append(
                    {
                        "title": str(row),
                        "url": self.get_url(".details_view", id=row.id),
                        "ok": reason is None and block is None,
                        "reason": tr(reason) if reason else tr(block.text) if block else "",
                        "clause": block.clause if block else "",
                        "id": row.id,
                        "facts": [v for _, v in self.summary(row)],
                    }
                )
        return self.render(
            "bulk.html",
            transition_label=tr(step.label),
            style=step.style,
            form=form,
            results=results,
            done=request.method == "POST" and bool(results),
            back_url=self.get_url(".index_view"),
        )


class RequestView(Printable, LiveFindings, WorkflowView):
    """A screen of requests: numbered, filed by somebody, decided along a chain, edited only while nobody decides."""

    column_default_sort = ("created_at", True)

    def insert(self, row):
        file(row, actor(), self.owning_department(row))

    def owning_department(self, row) -> int | None:
        return None

    def may_edit_row(self, row):
        from core.text import N_, say
        from workflow import own_or_office

        if not row.editable:
            return say(N_("It can only be edited while it is a draft, sent back or withdrawn."))
        return own_or_office(row, actor())

    def fill(self, form, row, created):
        if not created:
            # Against a submit that happens meanwhile: hold the row, look at its state again.
            from models import lock

            lock(row)
            reason = self.may_edit_row(row)
            if reason is not None:
                raise Refused(reason)
        super().fill(form, row, created)

    def sections(self, row):
        given, book = explanations(row), book_for(row)
        found = judge(row, actor(), book=book).findings
        return {
            "buttons": self.buttons(row),
            "state": badge(row.status),
            "findings": shown(found, given, book),
            "chain": self.chain(row),
            "timeline": timeline(row),
            "related": self.related(row),
            "prints": self.prints(row, book),
        }

    def prints(self, row, book) -> list[dict]:
        """The printed forms that the adopted clauses ask for, each with the clauses."""
        return [
            {
                "label": f.title,
                "url": self.get_url(".print_view", form=f.name, id=row.id),
                "clause": " ".join(book.forms[f.name]),
            }
            for f in self.forms(row)
            if f.name in book.forms
        ]

    def related(self, row) -> list[dict]:
        return []

    def chain(self, row) -> list[dict]:
        """The steps of the present round as they are in the database; before submission, as they would be."""
        steps = [s for s in row.chain if s.round == row.round] if row.round else []
        if steps and row.status not in self.process.editable:
            return [step_shown(step) for step in steps]
        plan = planned(row, actor())
        if plan is None:
            return []
        return [
            {
                "label": tr(Role(s.role).label),
                "clause": s.clause,
                "state": "skipped" if skipped else "planned",
                "decider": "",
                "at": "",
                "comment": "",
                "decision": gettext("Skipped") if skipped else gettext("Not begun"),
            }
            for s, skipped in plan.steps
        ]


def step_shown(step: Approval) -> dict:
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


def process_of(event: Event):
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
