"""Trial runs (试算): what regulations would have meant for a past period, side by side with today's."""

import logging
import threading
from datetime import timedelta

import sqlalchemy as sa
from flask import Response, abort, current_app, stream_with_context
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from wtforms import SelectChoice
from wtforms.validators import Optional

from clauses.words import SpendingCategory
from core.clock import now, today, zone
from core.text import N_, say
from models import REQUESTS, Regulation, TrialState, db
from panel.access import actor
from panel.checks import ends_in_time
from panel.forms import Boxes
from panel.i18n import badge, language_tag, show, tr
from panel.screens.regulations_trial_report import report, rule_title
from panel.sections import link_to
from panel.streams import attachment_headers, stream_csv
from panel.views import PanelView
from rulebook import trial, versions
from workflow import REGULATION, RegulationState, Role

log = logging.getLogger("yingke")
HEADERS = {
    "chains": (
        N_("No."),
        N_("Date"),
        N_("Visiting organisation"),
        N_("Level"),
        N_("Chain today"),
        N_("Chain tried"),
        N_("Clauses"),
    ),
    "caps": (
        N_("No."),
        N_("Date"),
        N_("Visiting organisation"),
        N_("Category"),
        N_("Guests"),
        N_("With wine (CNY)"),
        N_("Cap today"),
        N_("Cap tried"),
        N_("Above it today"),
        N_("Above it tried"),
        N_("Clauses"),
    ),
    "deadlines": (
        N_("Kind"),
        N_("No."),
        N_("Date"),
        N_("Rule"),
        N_("Clauses"),
        N_("Missed today"),
        N_("Missed when tried"),
    ),
    "approvals": (N_("Decided by"), N_("Name"), N_("Month"), N_("Today"), N_("Tried"), N_("Difference")),
    "findings": (N_("Clause"), N_("Rule"), N_("Today"), N_("Tried"), N_("Difference")),
    "summary": (N_("What"), N_("Today"), N_("Tried"), N_("Difference")),
}


def start(app, trial_id: int):
    """Carry a trial out beside the requests; it says itself how far it is."""

    def work():
        with app.app_context():
            try:
                trial.run(trial_id, zone())
            except Exception:
                log.exception("trial %s", trial_id)

    threading.Thread(target=work, name=f"trial-{trial_id}", daemon=True).start()


def regulations(*where) -> list[Regulation]:
    return db.session.scalars(
        sa.select(Regulation).where(Regulation.to_version.is_(None), *where).order_by(Regulation.code)
    ).all()


def triable() -> list[Regulation]:
    """What can be tried: every regulation that is not retired."""
    return regulations(Regulation.status.not_in(REGULATION.over))


def tried_choices() -> list[SelectChoice]:
    """Every regulation that is not retired: drafts first, each with what adopting it would replace."""
    rows = sorted(triable(), key=lambda r: r.status != RegulationState.DRAFT)
    grading = {r.department_id: r for r in rows if r.grades and r.status == RegulationState.ADOPTED}
    named = ((r.id, [f"{r.code} {_title(r)}", tr(r.status), *_in_place_of(r, grading)]) for r in rows)
    return [SelectChoice(key, " · ".join(parts)) for key, parts in named]


def _title(regulation) -> str:
    return regulation.title_en if language_tag() == "en" and regulation.title_en else regulation.title


def _in_place_of(regulation, grading):
    if regulation.status != RegulationState.DRAFT:
        return
    if regulation.replaces is not None:
        yield gettext("in place of %(code)s", code=regulation.replaces.code)
    elif regulation.grades and regulation.department_id in grading:
        yield gettext("grades visits: %(code)s gives way", code=grading[regulation.department_id].code)
    if regulation.department is not None:
        yield str(regulation.department)


def left_out_choices() -> list[SelectChoice]:
    """The adopted regulations."""
    adopted = regulations(Regulation.status == RegulationState.ADOPTED)
    return [SelectChoice(r.id, f"{r.code} {_title(r)}") for r in adopted]


class TrialScreen(PanelView):
    """A trial is filed, runs by itself and stays as it came out; the CSV is computed anew and holds every row."""

    details_template = "trial.html"
    create_template = "trial_form.html"
    form_columns = ("since", "until", "department")
    form_order = ("regulations", "left_out", "since", "until", "department")
    form_extra = {
        "regulations": Boxes(
            _l("Regulations to be tried"),
            [Optional()],
            coerce=int,
            choices=tried_choices,
            description=_l(
                "Drafts as they are written now. "
                "One that is adopted already binds today: trying it makes no difference."
            ),
        ),
        "left_out": Boxes(
            _l("Adopted regulations to be left out"),
            [Optional()],
            coerce=int,
            choices=left_out_choices,
            description=_l("The trial goes without them. What a draft takes the place of is left out by itself."),
        ),
    }
    form_args = {
        "since": {"default": lambda: today() - timedelta(days=91)},
        "until": {"default": today},
        "department": {"description": _l("Empty: the whole company.")},
    }
    column_formatters = {"state": lambda v, c, row, n: v.state(row)}
    empty_hint = N_("No trial yet. Try a draft on the visits of the last months before you adopt it.")

    # ── Filing one ───────────────────────────────────────────────────────────────────────────────
    def fill(self, form, row, created):
        super().fill(form, row, created)
        codes = {r.id: r.code for r in triable()}
        row.regulation_ids, row.retired_ids = list(form.regulations.data or ()), list(form.left_out.data or ())
        tried, without = (
            ", ".join(codes[i] for i in ids if i in codes) for ids in (row.regulation_ids, row.retired_ids)
        )
        row.title, row.by_id = f"{tried}{f' − {without}' if without else ''}".strip()[:200], actor().id

    def problems(self, row, form):
        if not row.regulation_ids and not row.retired_ids:
            yield "regulations", say(N_("Choose what is to be tried, or what is to be left out."))
        yield from ends_in_time(row, "since", "until")

    def create_model(self, form):
        row = super().create_model(form)
        if row:
            for earlier in db.session.scalars(
                sa.select(self.model).where(self.model.state == TrialState.RUNNING, self.model.id != row.id)
            ):
                if not trial.alive(earlier, now()):
                    earlier.state = TrialState.FAILED
            db.session.commit()
            start(current_app._get_current_object(), row.id)
        return row

    # ── Looking at it ────────────────────────────────────────────────────────────────────────────
    @staticmethod
    def state(row) -> Markup:
        state = row.state
        if state == TrialState.RUNNING and not trial.alive(row, now()):
            state = TrialState.INTERRUPTED
        look = {TrialState.RUNNING: "in_progress", TrialState.DONE: "finished"}.get(state, "rejected")
        return badge(state).replace(f"state-{state}", f"state-{look}")

    def sections(self, row):
        running = row.state == TrialState.RUNNING and trial.alive(row, now())
        again = [
            ("since", row.since),
            ("until", row.until),
            ("department", row.department_id or "__None"),
            *(("regulations", i) for i in row.regulation_ids),
            *(("left_out", i) for i in row.retired_ids),
        ]
        shown = {
            "state": self.state(row),
            "running": running,
            "done": row.state == TrialState.DONE,
            "again": again,
            "names": {r.id: f"{r.code} {_title(r)}" for r in regulations()},
        }
        if shown["done"]:
            shown |= {
                "report": report(row.result),
                "stale": row.rulebook_version != versions.current_version(),
                "kept": trial.KEPT,
                "line": self.line,
                "headers": {name: [gettext(h) for h in labels] for name, labels in HEADERS.items()},
            }
        return shown

    def line(self, section: str, values: list) -> list:
        """One row of a section as a person reads it, without the number of the row it is about."""
        if section == "chains":
            _, number, on, organisation, level, before, after, clauses = values
            return [number, on, organisation, level, self.chain(before), self.chain(after), clauses]
        if section == "caps":
            _, number, on, organisation, category, *numbers = values
            label = tr(SpendingCategory(category).label)
            return [number, on, organisation, label, *("" if n is None else n for n in numbers)]
        if section == "deadlines":
            subject, _, number, on, kind, clauses, *missed = values
            label = tr(REQUESTS[subject].process.label)
            return [label, number, on, rule_title(kind), clauses, *(gettext("Yes") if m else "" for m in missed)]
        if section == "approvals":
            role, name, month, before, after = values
            return [tr(Role(role).label), name or gettext("Nobody"), month, before, after, round(after - before, 2)]
        clause, kind, before, after = values
        return [clause, rule_title(kind), before, after, after - before]

    @staticmethod
    def chain(roles) -> str:
        return " → ".join(tr(Role(r).label) for r in roles) or "—"

    @staticmethod
    def link(section: str, values: list) -> str | None:
        """Where the row that a line speaks of can be seen, for those who may."""
        screen, key = {"chains": ("visit", values[0]), "caps": ("expense", values[0])}.get(section) or (
            values[0],
            values[1],
        )
        return link_to(screen, key)

    @expose("/progress/")
    def progress_view(self):
        """How far it is, for the page that waits."""
        row = self.wanted()
        running = row.state == TrialState.RUNNING and trial.alive(row, now())
        text = (
            gettext("%(done)s of %(total)s", done=f"{row.done:,}", total=f"{row.total:,}")
            if row.total
            else gettext("Waiting for its turn")
        )
        return {
            "state": str(row.state if running or row.state != TrialState.RUNNING else TrialState.INTERRUPTED),
            "done": row.done,
            "total": row.total,
            "text": text,
        }

    @expose("/csv/<section>/")
    def trial_csv(self, section):
        """A section with all its rows, computed anew and streamed; on the audit log like every export."""
        row = self.wanted()
        if section not in HEADERS or row.state != TrialState.DONE:
            abort(404)
        result, title = row.result, row.title
        # Before the audit entry ends the transaction: the rulebooks and what the rows refer to.
        replay = trial.replay_of(row, zone()) if section in ("chains", "caps", "deadlines", "approvals") else None
        header = [gettext(h) for h in HEADERS[section]]
        self.log_export(f"csv {section}")
        body = stream_csv(header, self._csv_rows(section, replay, result))
        name = f"{tr(self.title)}-{title[:40]}-{section}-{today():%Y%m%d}.csv"
        return Response(stream_with_context(body), headers=attachment_headers(name, "text/csv; charset=utf-8"))

    def _csv_rows(self, section, replay, result):
        if section == "summary":
            yield from ([show(label), *numbers] for label, *numbers in report(result)["summary"])
        elif section == "findings":
            yield from (self.line(section, values) for values in result["findings"])
        elif section == "approvals":
            for _ in replay.batches():
                pass
            yield from (
                self.line(section, [role, replay.people.name(person), month, before, after])
                for role, person, month, before, after in replay.approvals()
            )
        else:
            for _, sections in replay.batches():
                yield from (self.line(section, values) for values in sections[section])
