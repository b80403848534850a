"""Findings as people read them: on a page, as one sentence in the place of an error; and what a clause keeps back."""

from flask_babel import gettext

import rules
from core.text import N_, say
from panel.access import actor
from panel.i18n import language_tag, tr
from rulebook import versions
from rules import Severity


def shown(findings, reasons=None, book=None, asked=()) -> list[dict]:
    """Findings as the templates show them, with the reasons given (by rule); with `book` what each clause says too.

    What a form that asks for `asked` puts right is named as what is to be done.
    """
    reasons, english = reasons or {}, language_tag() == "en"
    return [
        {
            "severity": str(f.severity),
            "label": gettext("To be done here") if f.cured_on(asked) else tr(f.severity),
            "cured": f.cured_on(asked),
            "clause": f.clause,
            "text": tr(f.text),
            "way_out": tr(f.way_out),
            "explanation": reasons.get(f.rule, ""),
            "says": [{"clause": c, "text": book.text_of(c, f.rule)[english]} for c in f.clauses] if book else [],
        }
        for f in findings
    ]


def cited(finding):
    """A finding as one sentence behind its clause, for the place of an error."""
    return say(N_("{clause}: {text} {way_out}"), clause=finding.clause, text=finding.text, way_out=finding.way_out)


def disclosure(what: str, reason: str = ""):
    """The clause that keeps this user from seeing personal data in full or exporting it; None where none does."""
    who = actor()
    findings = rules.judge(
        versions.load(None, who.department_id),
        rules.DisclosureFacts(day=who.today, what=what, roles=who.roles, reason=reason),
        ("disclose",),
    )
    return next((f for f in findings if f.severity == Severity.BLOCK), None)


def remark(text: str, tone: str = "") -> dict:
    """A line of the panel beside a form; the tone is good, warn, fine or none."""
    return {"tone": tone, "text": text}
