"""What a form would mean while it is filled in: the findings of a request, the effect of a change to the rulebook.

The page sends its form as it stands to `check_view`, which builds the row without storing it and answers
in words. Nothing is written: the transaction only reads.
"""

import logging

import sqlalchemy as sa
from flask import abort, jsonify, render_template, request
from flask_admin import expose
from flask_babel import gettext
from werkzeug.exceptions import HTTPException

import rules
from core.text import N_
from engine.findings import Judgement, judge
from engine.moves import Refused
from models import User, db
from panel.access import actor
from panel.findings import remark, shown
from panel.i18n import tr
from rulebook import versions
from rules import Finding
from workflow import Role

log = logging.getLogger("yingke")
FAILED = N_("This could not be checked just now. What you typed is still here; it is checked when you save.")


class Live:
    """Mixed into a screen whose form says at once what it would mean."""

    live = True

    def check_args(self) -> dict:
        """What of the page's address the form's meaning depends on."""
        return {k: request.args[k] for k in ("walk_in", "regulation", "clause", "rule") if k in request.args}

    @expose("/check/", methods=("POST",))
    def check_view(self):
        """The form as it stands, judged: as data, and as the page beside the form shows it. Saves nothing.

        A field that is not filled in yet, or not readably, stays out of the row. What fails then is a mistake of the
        program: it is logged, and the page says that nothing can be said.
        """
        created = "id" not in request.args
        if not (self.can_create if created else self.can_edit):
            abort(404)
        row = self.sketch() if created else self.wanted()
        try:
            with db.session.no_autoflush:
                form = self.create_form() if created else self.edit_form(row)
                form.validate()  # each field knows then whether it can be read
                self.fill(form, row, created)
                answer = self.meaning(form, row, created)
        except HTTPException:
            raise
        except Refused as refusal:
            answer = {"lines": [remark(tr(refusal.reason), "warn")]}
        except Exception:
            log.exception("the form of %s cannot be judged", self.key)
            db.session.rollback()
            return jsonify(error=gettext(FAILED)), 500
        db.session.rollback()
        return jsonify(answer | {"html": render_template("meaning.html", **answer)})

    def sketch(self):
        """A new row as it would be filed, not stored: with the values that its columns begin with."""
        columns = sa.inspect(self.model).columns
        scalar = {key: c.default.arg for key, c in columns.items() if c.default is not None and c.default.is_scalar}
        return self.model(**scalar)

    def meaning(self, form, row, created) -> dict:
        """What the form would mean, in words."""
        raise NotImplementedError


class LiveFindings(Live):
    """Findings of a request, before it is even saved."""

    def sketch(self):
        row, who = super().sketch(), actor()
        # The status column begins with the initial state of the process: nothing here moves it.
        row.applicant_id, row.applicant = who.id, db.session.get(User, who.id)
        row.department_id = who.department_id
        return row

    def complete(self, form, row, created) -> None:
        """Lay into `row` what the form says that stands in other tables."""

    def meaning(self, form, row, created):
        self.complete(form, row, created)
        judgement = judge(row, actor(), book=versions.load(None, row.department_id))
        findings, lines, early = self.to_show(row, judgement), self.more(row, judgement.book), self.too_early(row)
        if early:
            findings = [f for f in findings if f.rule != rules.APPROVAL_CHAIN]
            lines.append(remark(early, "fine"))
        steps = judgement.plan.walked if judgement.plan is not None and not early else []
        return {
            "lines": lines,
            "findings": shown(findings, book=judgement.book),
            "chain": [{"label": tr(Role(step.role)), "clause": step.clause} for step in steps],
        }

    def to_show(self, row, judgement: Judgement) -> list[Finding]:
        """The findings that stand beside the form."""
        return judgement.findings

    def too_early(self, row) -> str:
        """Why nothing can be said of the chain yet; empty where it can."""
        return ""

    def more(self, row, book) -> list[dict]:
        """Lines above the findings: text and tone."""
        return []
