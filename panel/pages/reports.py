"""The monthly compliance report: findings by clause and department – noted, explained, waived, open, blocked."""

from collections import defaultdict
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
from panel.streams import attachment_headers, stream_csv
from rulebook import versions
from rules import RULES
from workflow import Role

STANDINGS = (
    ("noted", N_("Noted")),
    ("explained", N_("Reason given")),
    ("waived", N_("Approved with the reason")),
    ("open", N_("Reason missing")),
    ("blocked", N_("Blocked")),
)


def month_of(text: str | None, today: date) -> date:
    """The month named as 2026-11; this month for anything else."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)


def following(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)


def department_scope(who, model, wanted: int | None):
    """The departments a reader sees: a head the own, the others all or the one chosen."""
    if not who.has(Role.ADMIN_OFFICE, Role.ADMIN_HEAD, Role.EXECUTIVE):
        return [model.department_id == who.department_id]
    return [model.department_id == wanted] if wanted else []


def standing_of(severity: str, explained: bool, over: str | None) -> str:
    """How a finding stands: what was decided on in spite of it is waived, what is not explained is open."""
    if severity == "note":
        return "noted"
    if severity == "block":
        return "blocked"
    if not explained:
        return "open"
    return (
        "waived"
        if over
        in (
            "approved",
            "notified",
            "in_progress",
            "finished",
            "closed",
            "used",
            "verified",
            "settled",
            "issued",
            "reported",
        )
        else "explained"
    )


def found(month: date, who, department: int | None):
    """Every finding of the month: (department, clauses, rule, standing, subject, id, text, explanation). One per request and rule."""
    seen: set[tuple] = set()
    for model in (CurrentFinding, RecordedFinding):
        rows = db.session.scalars(
            sa.select(model)
            .where(model.day >= month, model.day < following(month), *department_scope(who, model, department))
            .order_by(model.id.desc())
        )
        parts: dict[str, list] = defaultdict(list)
        for row in rows:
            if (row.subject, row.subject_id, row.rule) not in seen:
                seen.add((row.subject, row.subject_id, row.rule))
                parts[row.subject].append(row)
        for subject, group in parts.items():
            table, states = REQUESTS.get(subject), {}
            for start in range(0, len(group), 500):
                ids = [row.subject_id for row in group[start : start + 500]]
                if table is not None:
                    states |= {
                        i: str(s)
                        for i, s in db.session.execute(sa.select(table.id, table.status).where(table.id.in_(ids)))
                    }
            for row in group:
                yield row, standing_of(row.severity, bool(row.explanation), states.get(row.subject_id))


def words(row) -> str:
    """The sentence of a stored finding, in the reader's language."""
    return tr(row.sentence)


class ComplianceScreen(Page):
    """Who reads it: heads their own department, the office and the executives all."""

    def _chosen(self):
        who = actor()
        return who, month_of(request.args.get("month"), who.today), clean_pk(request.args.get("department") or "")

    @expose("/")
    def index_view(self):
        who, month, department = self._chosen()
        book, english = versions.load(None, who.department_id), language_tag() == "en"
        counts: dict[tuple, dict] = defaultdict(lambda: defaultdict(int))
        by_department: dict[int, dict] = defaultdict(lambda: defaultdict(int))
        waiting = []
        for row, standing in found(month, who, department):
            for clause in row.clauses or ("—",):
                counts[clause, row.rule][standing] += 1
            by_department[row.department_id][standing] += 1
            if standing in ("open", "blocked") and len(waiting) < 50:
                waiting.append(
                    {
                        "clause": " ".join(row.clauses),
                        "text": words(row),
                        "url": self._url(row),
                        "number": self._number(row),
                    }
                )
        names = dict(db.session.execute(sa.select(Department.id, Department.name)).all())
        rows = [
            {
                "clause": clause,
                "title": tr(RULES[rule].title) if rule in RULES else gettext("Approval chain"),
                "says": book.text_of(clause, rule)[english],
                "counts": [found_[key] for key, _ in STANDINGS],
                "total": sum(found_.values()),
            }
            for (clause, rule), found_ in sorted(counts.items(), key=lambda item: -sum(item[1].values()))
        ]
        departments = [
            {"name": names.get(i, "—"), "counts": [found_[key] for key, _ in STANDINGS], "total": sum(found_.values())}
            for i, found_ in sorted(by_department.items(), key=lambda item: -sum(item[1].values()))
        ]
        choose = who.has(Role.ADMIN_OFFICE, Role.ADMIN_HEAD, Role.EXECUTIVE)
        return self.render(
            "compliance.html",
            rows=rows,
            by_department=departments,
            waiting=waiting,
            month=f"{month:%Y-%m}",
            department=department,
            standings=[tr(label) for _, label in STANDINGS],
            choices=sorted(names.items()) if choose else [],
            csv_url=self.get_url(".csv_view", month=f"{month:%Y-%m}", department=department or "")
            if can("compliance:export")
            else None,
        )

    @staticmethod
    def _url(row):
        from flask import url_for

        return url_for(f"{row.subject}.details_view", id=row.subject_id) if can(f"{row.subject}:read") else None

    @staticmethod
    def _number(row) -> str:
        table = REQUESTS.get(row.subject)
        return (
            db.session.scalar(sa.select(table.number).where(table.id == row.subject_id)) or ""
            if table is not None
            else ""
        )

    @expose("/csv/")
    def csv_view(self):
        """Every finding of the month, one row each."""
        who, month, department = self._chosen()
        names = dict(db.session.execute(sa.select(Department.id, Department.name)).all())
        labels = {key: tr(label) for key, label in STANDINGS}
        rows = [
            [
                str(row.day),
                names.get(row.department_id, ""),
                " ".join(row.clauses),
                tr(RULES[row.rule].title) if row.rule in RULES else row.rule,
                self._number(row),
                words(row),
                labels[standing],
                row.explanation,
            ]
            for row, standing in found(month, who, department)
        ]
        db.session.rollback()
        writing.set(True)
        event = audit("export", None, who, note=f"compliance {month:%Y-%m}")
        event.subject = self.key
        db.session.commit()
        writing.set(False)
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
