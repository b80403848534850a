"""Workflow buttons, their confirmation pages and batches, all derived from the process declarations."""

import sqlalchemy as sa
from flask import abort, flash, redirect, request
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from core.text import N_, say
from engine.advance import advance, advance_each, refusal_of
from engine.audit import file
from engine.findings import Judgement, explanations, judge, planned
from engine.moves import Refused
from models import Event, db, forget_chain, lock, preload_chains
from panel.access import actor, local_path
from panel.findings import shown
from panel.i18n import badge, show, tr
from panel.lists import clean_pk
from panel.live import LiveFindings
from panel.printing.printable import Printable
from panel.timeline import plan_shown, step_shown, timeline
from panel.transition_forms import REASON, check_asks, data_of, form_for, text_area
from panel.views import PanelView
from rules import blocking
from workflow import own_or_office, permitted, possible, why_not


def say_not_done() -> None:
    """Above a transition's form that came back: what is marked may look as it did before it was sent."""
    flash(gettext("Not done yet: see to what is marked below. Everything you typed is still there."), "error")


class WorkflowView(PanelView):
    """A screen of rows with a process."""

    summary_columns: tuple = ()
    """The few columns a decision is taken on; the first six of the list where it names none."""

    def __init__(self):
        check_asks(self.process)
        super().__init__()

    @property
    def process(self):
        return self.model.process

    # ── Buttons ──────────────────────────────────────────────────────────────────────────────────
    def buttons(self, row) -> list[dict]:
        """Every transition that the user may take the row through now."""
        return [
            {
                "url": self.get_url(".transition_view", transition=t.name, id=row.id),
                "label": tr(t.label),
                "style": t.style,
                "name": t.name,
            }
            for t in possible(self.process, row, actor())
        ]

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
        """The transitions that may be taken for many rows at once."""
        return [
            {"url": self.get_url(".bulk_view", transition=t.name), "label": tr(t.label), "style": t.style}
            for t in self.process.transitions
            if t.bulk and permitted(self.process, t, actor())
        ]

    def prepare_rows(self, rows):
        # Only who may decide is asked for what was decided so far.
        deciding = frozenset(state for t in self.process.transitions if t.decides for state in t.sources)
        preload_chains([row for row in rows if row.status in deciding])

    # ── One transition ───────────────────────────────────────────────────────────────────────────
    @expose("/transition/<transition>/", methods=("GET", "POST"))
    def transition_view(self, transition):
        """GET says what will happen and asks what is needed; POST does it, once."""
        row, step = self.wanted(), self.process.by_name.get(transition)
        if step is None:
            abort(404)
        back = local_path(request.values.get("next")) or self.get_url(".details_view", id=row.id)
        if request.method == "POST":
            asked_again = self._carry_out(row, step)
            if asked_again is None:
                return redirect(back)
            form, judgement, status = asked_again
        else:
            judgement = self._judged(row, step)
            form, status = form_for(row, step, judgement.findings)(), 200
            form.version.data = form.version.data or str(row.version)
        reason = why_not(self.process, step.name, row, actor())
        return self.render(
            "transition.html",
            heading=self.heading(row),
            transition_label=tr(step.label),
            style=step.style,
            name=step.name,
            effects=[tr(e) for e in step.effects],
            clause=" ".join(judgement.book.adopted(step.clause)),
            findings=shown(judgement.findings, book=judgement.book, asked=step.asks),
            form=form,
            why_not=tr(reason) if reason else "",
            blocked=bool(blocking(judgement.findings, step.asks)),
            back_url=back,
            summary=self.summary(row),
            related=self.before(row, step),
        ), status

    def _carry_out(self, row, step):
        """Take the row through the transition as the form says.

        None once that is done, by this request or by the same one before; otherwise the form to show again with what
        is wrong with it, the judgement, and the HTTP status: 422 where the form was not filled in, 409 where it was
        refused. The rules are judged by `advance` alone, under the lock; what it found is shown.
        """
        if self._already(row, step):
            flash(gettext("%(number)s: %(step)s, done already.", number=str(row), step=tr(step.label)), "success")
            return None
        form = form_for(row, step)()
        if not form.validate():
            return self._not_filled_in(row, step, data_of(form))
        try:
            version = clean_pk(form.version.data) if form.version.data else None
            advance(row, step.name, actor(), data_of(form), version)
            number = str(row)
            db.session.commit()
        except (Refused, sa.exc.IntegrityError) as error:
            db.session.rollback()
            forget_chain(row)
            return self._refused(row, step, data_of(form), error)
        self.after(row, step)
        flash(gettext("%(number)s: %(step)s, done.", number=number, step=tr(step.label)), "success")
        return None

    def _judged(self, row, step, data=None) -> Judgement:
        """What the rules find about the row at the moment of this transition, with what the form says."""
        return judge(row, actor(), (step.stage,) if step.stage else (), data=data)

    def _not_filled_in(self, row, step, data):
        """The form as it was sent, with what is wrong with its fields."""
        judgement = self._judged(row, step, data)
        form = form_for(row, step, judgement.findings)()
        form.validate()
        say_not_done()
        return form, judgement, 422

    def _refused(self, row, step, data, error):
        """The form as it was sent, and why it was refused: on the reasons that are missing, or above everything."""
        silent = error.findings if isinstance(error, Refused) else []
        judgement = (error.judgement if isinstance(error, Refused) else None) or self._judged(row, step, data)
        form = form_for(row, step, judgement.findings)()
        if not isinstance(error, Refused):
            flash(gettext("Somebody was quicker, or a badge is already handed out: look at it again."), "error")
        elif silent:
            say_not_done()
        else:
            flash(tr(error.reason), "error")
        for finding in silent:
            if REASON + finding.rule in form:
                form[REASON + finding.rule].errors = [gettext("A written reason is needed here.")]
        return form, judgement, 409

    def after(self, row, step) -> None:
        """What follows a transition, in a transaction of its own."""

    def before(self, row, step) -> list[dict]:
        """Sections that say what a transition would change."""
        return []

    def _already(self, row, step) -> bool:
        """The same person has just done the same: a second click, or a repeated request."""
        if why_not(self.process, step.name, row, actor()) is None:
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
        rows = self._ticked()
        form = type("BulkForm", (FlaskForm,), {"comment": text_area(_l("Comment"))})()
        done = request.method == "POST" and form.validate() and bool(rows)
        if done:
            results = advance_each(rows, step.name, actor(), data_of(form))
            db.session.commit()
        else:
            preload_chains(rows)
            results = [(row, refusal_of(row, step.name, actor(), data_of(form))) for row in rows]
        return self.render(
            "bulk.html",
            transition_label=tr(step.label),
            style=step.style,
            form=form,
            results=[self._result(row, refusal, done) for row, refusal in results],
            done=done,
            back_url=self.get_url(".index_view"),
        )

    def _ticked(self) -> list:
        """The rows the request names, at most two hundred; 404 where one does not exist for this user."""
        ids = {key for key in map(clean_pk, request.values.getlist("rowid")) if key}
        rows = db.session.scalars(
            sa.select(self.model).where(self.model.id.in_(sorted(ids)[:200]), self.scope()).order_by(self.model.id)
        ).all()
        if len(rows) != len(ids):
            abort(404)
        return rows

    def _result(self, row, refusal: Refused | None, done: bool) -> dict:
        """A row of a batch: whether it goes through, or went, and what stops it."""
        return {
            "id": row.id,
            "title": str(row),
            "url": self.get_url(".details_view", id=row.id),
            "ok": refusal is None,
            "reason": tr(refusal.reason) if refusal else "",
            "clause": " ".join(f.clause for f in refusal.findings) if refusal else "",
            "facts": [] if done else [value for _, value in self.summary(row)],
        }


class RequestView(Printable, LiveFindings, WorkflowView):
    """A screen of requests: numbered, filed by somebody, decided along a chain, edited only while nobody decides."""

    column_default_sort = ("created_at", True)

    def insert(self, row):
        file(row, actor(), self.owning_department(row))

    def owning_department(self, row) -> int | None:
        """The department a new request belongs to; None: the applicant's."""
        return None

    def may_edit_row(self, row):
        if not row.editable:
            return say(N_("It can only be edited while it is a draft, sent back or withdrawn."))
        return own_or_office(row, actor())

    def fill(self, form, row, created):
        if not created:
            # Against a submit that happens meanwhile: hold the row, look at its state again.
            lock(row)
            reason = self.may_edit_row(row)
            if reason is not None:
                raise Refused(reason)
        super().fill(form, row, created)

    def sections(self, row):
        judgement = judge(row, actor())
        return {
            "buttons": self.buttons(row),
            "state": badge(row.status),
            "findings": shown(judgement.findings, explanations(row), judgement.book),
            "chain": self.chain(row, judgement),
            "timeline": timeline(row),
            "related": self.related(row),
            "prints": self.prints(row, judgement.book),
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
        """Sections of other rows that belong to this one."""
        return []

    def chain(self, row, judgement: Judgement) -> list[dict]:
        """The steps of the present round as they are in the database; before submission, as they would be."""
        steps = [step for step in row.chain if step.round == row.round] if row.round else []
        if steps and row.status not in self.process.editable:
            return [step_shown(step) for step in steps]
        plan = planned(row, actor(), judgement)
        return plan_shown(plan) if plan else []
