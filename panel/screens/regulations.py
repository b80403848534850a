"""The screen of regulations: the shelf, adoption with its choices, copies to edit, files in and out."""

import tomllib
from decimal import Decimal

import sqlalchemy as sa
from flask import Response, flash, redirect, url_for
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

import rules
from core.text import N_, say
from engine.audit import audit, snapshot
from engine.compliance import refresh_drafts
from models import Clause, ReceptionLevel, Regulation, Role, Subject, db
from panel.access import actor, can
from panel.checks import ends_in_time
from panel.forms import tidy
from panel.i18n import badge, language_tag, tr
from panel.screens.regulations_clauses import rule_sentence, rule_title
from panel.sections import line, link_to, section, url_of
from panel.streams import attachment_headers
from panel.transition_forms import asks
from panel.transitions import WorkflowView
from rulebook import files, versions


def tried(row: Regulation) -> rules.Rulebook:
    """The rulebook as it would be with `row` adopted."""
    return versions.with_drafts([row], row.department_id)


@asks("choices")
def choice_fields(row: Regulation, name: str, required: bool) -> dict:
    """One question per open contradiction: both clauses with their texts, and which of them prevails."""
    book, fields, english = tried(row), {}, language_tag() == "en"
    for n, contradiction in enumerate(versions.undecided(row)):
        texts = [
            f"{clause}：{book.text_of(clause, kind)[english]}"
            for kind, clause in (contradiction.first, contradiction.second)
        ]
        fields[f"choice_{n}"] = RadioField(
            tr(contradiction.example),
            [InputRequired(gettext("Choose which prevails."))],
            choices=[SelectChoice(*choice) for choice in zip(contradiction.clauses, texts, strict=True)],
            description=gettext(
                "Both cannot be kept. The one you choose prevails where they meet; the other binds everywhere else. "
                "The choice is stored with your reason."
            ),
        )
        fields[f"why_{n}"] = StringField(
            gettext("Why this one prevails"), [Optional(), Length(max=300)], filters=[tidy]
        )
    return fields


@asks("grading")
def grading_field(row: Regulation, name: str, required: bool) -> dict:
    """Whether the regulation is to grade visits, where it has levels."""
    levels = (
        sa.select(Clause.id)
        .join(ReceptionLevel, ReceptionLevel.clause_id == Clause.id)
        .where(Clause.regulation_id == row.identity, Clause.to_version.is_(None), ReceptionLevel.to_version.is_(None))
    )
    if not db.session.scalar(levels.limit(1)):
        return {}
    present = files.grading(row.department_id)
    if row.replaces is not None and present is not None and present.id == row.replaces.identity:
        present = None
    scope = row.department.name if row.department else gettext("the whole company")
    grades = gettext("It grades the visits of %(scope)s", scope=scope)
    if present:
        grades += gettext("; %(other)s grades no longer, its other clauses stay", other=present.code)
    complements = gettext("It complements: its caps, duties and checklists bind, its levels do not grade")
    choices = [SelectChoice("grades", grades), SelectChoice("complements", complements)]
    default = "complements" if present else "grades"
    return {name: SelectField(_l("Levels"), [InputRequired()], choices=choices, default=default)}


def added(row: Regulation, book: rules.Rulebook) -> list[dict]:
    """What adopting `row` adds to today's rulebook, in lines of clause, rule and effect; `book` is with it adopted."""
    present = versions.load(None, row.department_id)
    lines = [
        line(terms.clause, rule_title(kind), rule_sentence(kind, dict(terms.params)))
        for kind, rows in book.terms.items()
        for terms in rows
        if terms.clause.startswith(f"{row.code}-") and rules.RULES[kind].typed
    ]
    lines += [
        line(
            step.clause,
            gettext("Approval step"),
            f"{tr(Subject(step.subject))} · {step.rank_from}–{step.rank_to} · {tr(Role(step.role))}",
        )
        for step in book.steps
        if step not in present.steps
    ]
    checks = [check for check in book.checks if check not in present.checks]
    if checks:
        clauses = " ".join(dict.fromkeys(check.clause for check in checks))
        lines.append(line(clauses, gettext("Checklist"), gettext("%(count)s items more", count=len(checks))))
    return lines


def clauses_section(row: Regulation) -> dict:
    """The clauses of the regulation as they are now."""
    english = language_tag() == "en"
    clauses = db.session.scalars(
        sa.select(Clause).where(Clause.regulation_id == row.identity, Clause.to_version.is_(None)).order_by(Clause.id)
    )
    return section(
        gettext("Clauses"),
        [gettext("Clause"), gettext("Kind"), gettext("Text"), gettext("Rule")],
        [
            line(
                clause.number,
                tr(clause.kind),
                clause.text_en if english and clause.text_en else clause.text,
                rule_title(clause.rule),
                url=link_to("clause", clause.id),
            )
            for clause in clauses
        ],
        gettext("No clause yet."),
        url_for("clause.create_view", regulation=row.id) if can("clause:create") else None,
        gettext("Add a clause"),
    )


class RegulationScreen(WorkflowView):
    """The shelf of regulations: what is adopted binds, the rest can be read, tried and edited."""

    form_extra = {
        "toml": TextAreaField(
            _l("Clauses from a file (TOML)"),
            [Optional(), Length(max=400_000)],
            description=_l(
                "Paste the text of a regulation file here when you create a regulation; "
                "empty: you add the clauses yourself."
            ),
        )
    }
    summary_columns = ("code", "title", "grades", "department", "replaces")

    def after(self, row, step):
        refresh_drafts(actor())
        db.session.commit()

    def before(self, row, step):
        """What adopting or retiring would change, shown before it is done."""
        if step.name != "adopt":
            return []
        book = tried(row)
        return [
            section(
                gettext("What it adds"),
                [gettext("Clause"), gettext("Rule"), gettext("What it does")],
                added(row, book),
                gettext("Nothing that software carries out."),
            ),
            section(
                gettext("Where it meets what is adopted"),
                [gettext("Rule"), gettext("Clauses"), gettext("What binds")],
                [
                    line(rule_title(kind), " ".join(clauses), tr(what))
                    for kind, clauses, what in rules.overlaps(book, row.code)
                ],
                gettext("It speaks of nothing that is regulated already."),
            ),
        ]

    def sections(self, row):
        return {
            "buttons": [*self.buttons(row), *self.further_buttons(row)],
            "state": badge(row.status),
            "copy_url": self.get_url(".copy_view", id=row.id) if self.can_create else None,
            "related": [clauses_section(row)],
        }

    def further_buttons(self, row) -> list[dict]:
        """What can be done with a regulation besides its transitions."""
        offered = (
            ("regulation:export", self.get_url(".toml_view", id=row.id), gettext("Download as TOML"), "toml"),
            (
                "trial:create",
                self.get_url("trial.create_view", regulations=row.id),
                gettext("Try it on past visits"),
                "trial",
            ),
        )
        return [
            {"url": url, "label": label, "style": "default", "name": name}
            for permission, url, label, name in offered
            if can(permission)
        ]

    @expose("/copy/", methods=("POST",))
    def copy_view(self):
        """A draft copy to edit and try; adopting it replaces the original."""
        row = self.wanted()
        codes = (f"{row.code}-{chr(64 + n) if n < 27 else n}" for n in range(1, 100))
        code = next(code for code in codes if files.find(code) is None)
        copy = files.store(files.export(row), row.code, code=code, department_id=row.department_id, replaces=row)
        audit("create", copy, actor(), {}, snapshot(copy), note=row.code)
        db.session.commit()
        flash(
            gettext(
                "This is a draft copy: edit it, try it on past visits, adopt it in place of %(code)s.", code=row.code
            ),
            "success",
        )
        return redirect(url_of("regulation", copy.id))

    @expose("/toml/")
    def toml_view(self):
        """The regulation as the TOML file that any other installation takes in."""
        row = self.wanted()
        text = files.write(files.export(row))
        self.log_export(f"toml {row.code}")
        return Response(text, headers=attachment_headers(f"{row.code}.toml", "application/toml; charset=utf-8"))

    def prepare_rows(self, rows):
        pass

    def edit_form(self, obj=None):
        form = super().edit_form(obj)
        del form.toml
        return form

    def problems(self, row, form):
        yield from ends_in_time(row, "effective_from", "effective_until")
        if "toml" in form and form.toml.data:
            try:
                data = tomllib.loads(form.toml.data, parse_float=Decimal)
                files.check(data, row.code or "TOML")
            except (tomllib.TOMLDecodeError, files.BadRegulation) as error:
                yield "toml", say(N_("This file cannot be carried out: {error}"), error=str(error))

    def after_fill(self, form, row, created):
        if created and form.toml.data:
            files.add_clauses(row, tomllib.loads(form.toml.data, parse_float=Decimal))
