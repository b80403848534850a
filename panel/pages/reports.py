"""The monthly compliance report: findings by clause and department – noted, explained, waived, open, blocked."""

from collections import Counter, defaultdict
from datetime import date, timedelta

import sqlalchemy as sa
from flask import Response, request, stream_with_context
from flask_admin import expose
from flask_babel import gettext

from core.text import N_
from engine.audit import audit
from models import REQUESTS, CurrentFinding, Department, RecordedFinding, db, writing
from panel.access import actor, can
from panel.i18n import language_tag, tr
from panel.lists import clean_pk
from panel.pages.page import Page
from panel.sections import link_to
from panel.streams import attachment_headers, stream_csv
from rulebook import versions
from rules import RULES, Severity
from workflow import Role

STANDINGS = (
    ("noted", N_("Noted")),
    ("explained", N_("Reason given")),
    ("waived", N_("Approved with the reason")),
    ("open", N_("Reason missing")),
    ("blocked", N_("Blocked")),
)
MOST_WAITING = 50
"""At most so many findings that wait are listed."""


def month_of(text: str | None, today: date) -> date:
    """The month named as 2026-11; this month for anything else."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)


def following(month: date) -> date:
    """The first day of the month after `month`."""
    return (month + timedelta(days=32)).replace(day=1)


def sees_every_department(who) -> bool:
    """Whether the reader may choose a department; a head sees the own alone."""
    return who.has(Role.ADMIN_OFFICE, Role.ADMIN_HEAD, Role.EXECUTIVE)


def department_scope(who, model, wanted: int | None):
    """The departments a reader sees: a head the own, the others all or the one chosen."""
    if not sees_every_department(who):
        return [model.department_id == who.department_id]
    return [model.department_id == wanted] if wanted else []


def standing_of(severity: str, explained: bool, granted: bool) -> str:
    """How a finding stands: what was granted in spite of it is waived, what is not explained is open."""
    if severity == Severity.NOTE:
        return "noted"
    if severity == Severity.BLOCK:
        return "blocked"
    if not explained:
        return "open"
    return "waived" if granted else "explained"


def findings_of(month: date, who, department: int | None):
    """Every finding of the month with its standing, one per request and rule: as it is now, else as it was recorded."""
    seen: set[tuple] = set()
    for model in (CurrentFinding, RecordedFinding):
        rows = db.session.scalars(
            sa.select(model)
            .where(model.day >= month, model.day < following(month), *department_scope(who, model, department))
            .order_by(model.id.desc())
        )
        by_subject: dict[str, list] = defaultdict(list)
        for row in rows:
            key = (row.subject, row.subject_id, row.rule)
            if key not in seen:
                seen.add(key)
                by_subject[row.subject].append(row)
        for subject, group in by_subject.items():
            granted = granted_among(subject, {row.subject_id for row in group})
            for row in group:
                yield row, standing_of(row.severity, bool(row.explanation), row.subject_id in granted)


def granted_among(subject: str, ids: set[int]) -> set[int]:
    """Those of the requests `ids` that count as approved."""
    model, granted = REQUESTS.get(subject), set()
    for part in batched(sorted(ids), 500) if model is not None else ():
        rows = sa.select(model.id).where(model.id.in_(part), model.status.in_(model.process.granted))
        granted.update(db.session.scalars(rows))
    return granted


def batched(items: list, size: int):
    """`items` in parts of at most `size`."""
    return (items[start : start + size] for start in range(0, len(items), size))


class Tally:
    """The findings of a month counted by clause and by department, and those that wait for somebody."""

    def __init__(self, findings):
        self.by_clause: dict[tuple, Counter] = defaultdict(Counter)
        self.by_department: dict[int, Counter] = defaultdict(Counter)
        self.waiting = []
        for row, standing in findings:
            for clause in row.clauses or ("—",):
                self.by_clause[clause, row.rule][standing] += 1
            self.by_department[row.department_id][standing] += 1
            if standing in ("open", "blocked") and len(self.waiting) < MOST_WAITING:
                self.waiting.append(row)

    @staticmethod
    def ordered(counts: dict):
        """Keys with their counts in the order of `STANDINGS` and the total; the most first."""
        for key, counted in sorted(counts.items(), key=lambda item: -item[1].total()):
            yield key, {"counts": [counted[standing] for standing, _ in STANDINGS], "total": counted.total()}


class ComplianceScreen(Page):
    """Who reads it: heads their own department, the office and the executives all."""

    def _chosen(self):
        who = actor()
        return who, month_of(request.args.get("month"), who.today), clean_pk(request.args.get("department") or "")

    @expose("/")
    def index_view(self):
        who, month, department = self._chosen()
        book, english = versions.load(None, who.department_id), language_tag() == "en"
        tally, names = Tally(findings_of(month, who, department)), department_names()
        csv_url = self.get_url(".csv_view", month=f"{month:%Y-%m}", department=department or "")
        return self.render(
            "compliance.html",
            rows=[
                {"clause": clause, "title": rule_title(rule), "says": book.text_of(clause, rule)[english], **numbers}
                for (clause, rule), numbers in tally.ordered(tally.by_clause)
            ],
            by_department=[
                {"name": names.get(key, "—"), **numbers} for key, numbers in tally.ordered(tally.by_department)
            ],
            waiting=[self._waiting(row) for row in tally.waiting],
            month=f"{month:%Y-%m}",
            department=department,
            standings=[tr(label) for _, label in STANDINGS],
            choices=sorted(names.items()) if sees_every_department(who) else [],
            csv_url=csv_url if can("compliance:export") else None,
        )

    @staticmethod
    def _waiting(row) -> dict:
        """A finding that waits for a reason or blocks, with the way to its request."""
        return {
            "clause": " ".join(row.clauses),
            "text": tr(row.sentence),
            "url": link_to(row.subject, row.subject_id),
            "number": number_of(row),
        }

    @expose("/csv/")
    def csv_view(self):
        """Every finding of the month, one row each."""
        who, month, department = self._chosen()
        names, labels = department_names(), {key: tr(label) for key, label in STANDINGS}
        rows = [
            [
                str(row.day),
                names.get(row.department_id, ""),
                " ".join(row.clauses),
                tr(RULES[row.rule].title) if row.rule in RULES else row.rule,
                number_of(row),
                tr(row.sentence),
                labels[standing],
                row.explanation,
            ]
            for row, standing in findings_of(month, who, department)
        ]
        self._log_export(who, month)
        header = [
            gettext("Date"),
            gettext("Department"),
            gettext("Clause"),
            gettext("Rule"),
            gettext("No."),
            gettext("Finding"),
            gettext("Standing"),
            gettext("Reason"),
        ]
        return Response(
            stream_with_context(stream_csv(header, rows)),
            headers=attachment_headers(f"compliance-{month:%Y-%m}.csv", "text/csv; charset=utf-8"),
        )

    def _log_export(self, who, month: date) -> None:
        """The audit entry of the export, in a transaction of its own: the page itself only reads."""
        db.session.rollback()
        writing.set(True)
        event = audit("export", None, who, note=f"compliance {month:%Y-%m}")
        event.subject = self.key
        db.session.commit()
        writing.set(False)


def rule_title(rule: str) -> str:
    """The rule that a finding was made by, in words."""
    return tr(RULES[rule].title) if rule in RULES else gettext("Approval chain")


def department_names() -> dict[int, str]:
    return dict(db.session.execute(sa.select(Department.id, Department.name)).all())


def number_of(row) -> str:
    """The number of the request that a stored finding speaks of; nothing for one that has none."""
    model = REQUESTS.get(row.subject)
    if model is None:
        return ""
    return db.session.scalar(sa.select(model.number).where(model.id == row.subject_id)) or ""
