"""The screen of regulations: the shelf, adoption with its choices, copies to edit, files in and out."""

import tomllib
from decimal import Decimal

import sqlalchemy as sa
from flask import Response, flash, redirect
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

import rules
from core.text import N_, say
from engine.audit import audit, snapshot
from engine.compliance import refresh_drafts
from models import Clause, ReceptionLevel, Regulation, Role, Subject, db
from panel.access import actor, can
from panel.forms import tidy
from panel.i18n import badge, language_tag, tr
from panel.screens.regulations_clauses import rule_sentence, rule_title
from panel.sections import section, url_of
from panel.streams import attachment_headers
from panel.transitions import WorkflowView
from rulebook import files, versions


def tried(row: Regulation) -> rules.Rulebook:
    """The rulebook as it would be with `row` adopted."""
    return versions.with_drafts([row], row.department_id)


def open_choices(row: Regulation) -> list[rules.Contradiction]:
    """The contradictions that adopting `row` would bring and that the company has not decided yet."""
    version = versions.current_version()
    known, present = versions.choices(version), versions.load(version, row.department_id)
    before = {c.key for c in rules.contradictions(present)}
    return [
        c
        for c in rules.contradictions(versions.with_drafts([row], row.department_id, kept={}))
        if c.key not in known and c.key not in before
    ]


def choice_fields(row: Regulation) -> dict:
    """One question per open contradiction: both clauses with their texts, and which of them prevails."""
    book, fields, english = tried(row), {}, language_tag() == "en"
    for n, contradiction in enumerate(open_choices(row)):
        texts = [
            f"{clause}：{book.text_of(clause, kind)[english]}"
            for kind, clause in (contradiction.first, contradiction.second)
        ]
        fields[f"choice_{n}"] = RadioField(
            tr(contradiction.example),
            [InputRequired(gettext("Choose which prevails."))],
            choices=list(zip(contradiction.clauses, texts, strict=True)),
            description=gettext(
                "Both cannot be kept. The one you choose prevails where they meet; the other binds everywhere else. The choice is stored with your reason."
            ),
        )
        fields[f"why_{n}"] = StringField(
            gettext("Why this one prevails"), [Optional(), Length(max=300)], filters=[tidy]
        )
    return fields


def grading_field(row: Regulation):
    """Whether the regulation is to grade visits, where it has levels; None where it has none."""
    if not db.session.scalar(
        sa.select(Clause.id)
        .join(ReceptionLevel, ReceptionLevel.clause_id == Clause.id)
        .where(Clause.regulation_id == row.identity, Clause.to_version.is_(None), ReceptionLevel.to_version.is_(None))
        .limit(1)
    ):
        return None
    present = files.grading(row.department_id)
    if row.replaces is not None and present is not None and present.id == row.replaces.identity:
        present = None
    scope = row.department.name if row.department else gettext("the whole company")
    choices = [
        (
            "grades",
            gettext("It grades the visits of %(scope)s", scope=scope)
            + (gettext("; %(other)s grades no longer, its other clauses stay", other=present.code) if present else ""),
        )
    ]
    choices.append(
        ("complements", gettext("It complements: its caps, duties and checklists bind, its levels do not grade"))
    )
    return SelectField(_l("Levels"), [InputRequired()], choices=choices, default="complements" if present else "grades")


class RegulationScreen(WorkflowView):
    """The shelf of regulations: what is adopted binds, the rest can be read, tried and edited."""

    form_extra = {
        "toml": TextAreaField(
            _l("Clauses from a file (TOML)"),
            [Optional(), Length(max=400_000)],
            description=_l(
                "Paste the text of a regulation file here when you create a regulation; empty: you add the clauses yourself."
            ),
        )
    }
    summary_columns = ("code", "title", "grades", "department", "replaces")

    def asked_fields(self, row, step):
        fields = {}
        if "grading" in step.asks:
            grading = grading_field(row)
            if grading is not None:
                fields["grading"] = grading
            fields |= choice_fields(row)
        return fields

    def after(self, row, step):
        refresh_drafts(actor())
        db.session.commit()

    def before(self, row, step):
        """What adopting or retiring would change, shown before it is done."""
        if step.name != "adopt":
            return []
        present, book = versions.load(None, row.department_id), tried(row)
        mine = [
            (kind, t)
            for kind, rows in book.terms.items()
            for t in rows
            if t.clause.startswith(f"{row.code}-") and rules.RULES[kind].typed
        ]
        adds = [
            {"cells": [t.clause, rule_title(kind), rule_sentence(kind, dict(t.params))], "url": None}
            for kind, t in mine
        ]
        steps = [s for s in book.steps if s not in present.steps]
        adds += [
            {
                "cells": [
                    s.clause,
                    gettext("Approval step"),
                    f"{tr(Subject(s.subject))} · {s.rank_from}–{s.rank_to} · {tr(Role(s.role))}",
                ],
                "url": None,
            }
            for s in steps
        ]
        checks = [c for c in book.checks if c not in present.checks]
        if checks:
            adds.append(
                {
                    "cells": [
                        " ".join(dict.fromkeys(c.clause for c in checks)),
                        gettext("Checklist"),
                        gettext("%(count)s items more", count=len(checks)),
                    ],
                    "url": None,
                }
            )
        overlaps = [
            {"cells": [rule_title(kind), " ".join(clauses), tr(what)], "url": None}
            for kind, clauses, what in rules.overlaps(book, row.code)
        ]
        return [
            section(
                gettext("What it adds"),
                [gettext("Clause"), gettext("Rule"), gettext("What it does")],
                adds,
                gettext("Nothing that software carries out."),
            ),
            section(
                gettext("Where it meets what is adopted"),
                [gettext("Rule"), gettext("Clauses"), gettext("What binds")],
                overlaps,
                gettext("It speaks of nothing that is regulated already."),
            ),
        ]

    def sections(self, row):
        clauses = db.session.scalars(
            sa.select(Clause)
            .where(Clause.regulation_id == row.identity, Clause.to_version.is_(None))
            .order_by(Clause.id)
        ).all()
        buttons = self.buttons(row)
        if can("regulation:export"):
            buttons.append(
                {
                    "url": self.get_url(".toml_view", id=row.id),
                    "label": gettext("Download as TOML"),
                    "style": "default",
                    "name": "toml",
                }
            )
        if can("trial:create"):
            buttons.append(
                {
                    "url": self.get_url("trial.create_view", regulations=row.id),
                    "label": gettext("Try it on past visits"),
                    "style": "default",
                    "name": "trial",
                }
            )
        rows = [
            {
                "cells": [
                    c.number,
                    tr(c.kind),
                    (c.text_en if language_tag() == "en" and c.text_en else c.text),
                    rule_title(c.rule),
                ],
                "url": url_of("clause", c.id),
            }
            for c in clauses
        ]
        return {
            "buttons": buttons,
            "state": badge(row.status),
            "copy_url": self.get_url(".copy_view", id=row.id) if self.can_create else None,
            "related": [
                section(
                    gettext("Clauses"),
                    [gettext("Clause"), gettext("Kind"), gettext("Text"), gettext("Rule")],
                    rows,
                    gettext("No clause yet."),
                    self.get_url("clause.create_view", regulation=row.id) if can("clause:create") else None,
                    gettext("Add a clause"),
                )
            ],
        }

    @expose("/copy/", methods=("POST",))
    def copy_view(self):
        """A draft copy to edit and try; adopting it replaces the original."""
        row = self.wanted()
        n = next(n for n in range(1, 100) if files.find(f"{row.code}-{chr(64 + n) if n < 27 else n}") is None)
        code = f"{row.code}-{chr(64 + n) if n < 27 else n}"
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
        if row.effective_from and row.effective_until and row.effective_until < row.effective_from:
            yield "effective_until", say(N_("It ends before it begins."))
        if "toml" in form and form.toml.data:
            try:
                data = tomllib.loads(form.toml.data, parse_float=Decimal)
                files.check(data, row.code or "TOML")
            except (tomllib.TOMLDecodeError, files.BadRegulation) as error:
                yield "toml", say(N_("This file cannot be carried out: {error}"), error=str(error))

    def after_fill(self, form, row, created):
        if created and form.toml.data:
            files.add_clauses(row, tomllib.loads(form.toml.data, parse_float=Decimal))
