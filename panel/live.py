"""What a form would mean, while it is being filled in: the findings of a request, the effect of a change to the rulebook.

The page sends its form as it stands to `check_view`, which builds the row without storing it and answers
in words. Nothing is written: the transaction only reads.
"""

from flask import abort, jsonify, render_template, request
from flask_admin import expose

import rules
from engine.chains import plan_chain
from engine.findings import judge
from engine.moves import Refused
from models import User, db
from panel.access import actor
from panel.findings import shown
from panel.i18n import tr
from rulebook import versions
from workflow import Role


class Live:
    """Mixed into a screen whose form says at once what it would mean."""

    live = True

    def check_args(self) -> dict:
        """What of the page's address the form's meaning depends on."""
        return {k: request.args[k] for k in ("walk_in", "regulation", "clause", "rule") if k in request.args}

    @expose("/check/", methods=("POST",))
    def check_view(self):
        """The form as it stands, judged: what it would mean, as data and as the page beside the form shows it. Saves nothing."""
        created = "id" not in request.args
        if not (self.can_create if created else self.can_edit):
            abort(404)
        with db.session.no_autoflush:
            try:
                row = self.sketch() if created else self.wanted()
                form = self.create_form() if created else self.edit_form(row)
                self.fill(form, row, created)
                answer = self.meaning(form, row, created)
            except (Refused, TypeError, ValueError, AttributeError, ArithmeticError):
                # Half a form need not make sense yet; saving it will say what is wrong.
                answer = {}
            db.session.rollback()
        return jsonify(answer | {"html": render_template("meaning.html", **answer)})

    def sketch(self):
        """A new row as it would be filed, not stored."""
        return self.model()

    def meaning(self, form, row, created) -> dict:
        """What the form would mean, in words."""
        raise NotImplementedError


class LiveFindings(Live):
    """Findings of a request, before it is even saved."""

    def sketch(self):
        who = actor()
        return self.model(
            status=self.process.initial,
            applicant_id=who.id,
            applicant=db.session.get(User, who.id),
            department_id=who.department_id,
        )

    def complete(self, form, row, created) -> None:
        """Lay into `row` what the form says that stands in other tables."""

    def meaning(self, form, row, created):
        self.complete(form, row, created)
        book = versions.load(None, row.department_id)
        found = self.judged(row, book)
        early = self.too_early(row)
        if early:
            found = [f for f in found if f.rule != rules.APPROVAL_CHAIN]
        answer = {"findings": shown(found, book=book)}
        if early:
            answer["lines"] = [{"tone": "fine", "text": early}]
        elif hasattr(row, "rank") and not getattr(row, "walk_in", False):
            exception = any(f.severity == rules.Severity.EXPLAIN for f in found)
            plan = plan_chain(row, book, actor().today, exception)
            steps = [{"label": tr(Role(s.role)), "clause": s.clause} for s, skipped in plan.steps if not skipped]
            answer["chain"] = steps
        answer["lines"] = self.more(row, book) + answer.get("lines", [])
        return answer

    def judged(self, row, book) -> list[rules.Finding]:
        """The findings that the form is told of."""
        return judge(row, actor(), book=book).findings

    def too_early(self, row) -> str:
        """Why nothing can be said of the chain yet; empty where it can."""
        return ""

    def more(self, row, book) -> list[dict]:
        """Lines above the findings: text and tone."""
        return []
