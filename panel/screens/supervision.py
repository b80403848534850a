"""The screens of going out and of supervision: plans, reports, promises, assessments, violations, inspections."""

from datetime import timedelta

from flask import request
from flask_admin.helpers import get_form_data
from flask_babel import gettext
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange

import rules
from core.text import N_, say
from engine.chains import Refused
from models import User, db, lock
from panel.access import actor, can
from panel.i18n import badge, show, today, tr
from panel.ruled import Ruled
from panel.sections import section, url_of
from panel.transitions import RequestView
from panel.views import PanelView
from rulebook import versions


# ── Going out ────────────────────────────────────────────────────────────────────────────────────
class PlanScreen(RequestView):
    """A month's plan: the author files it with its lines before the month begins."""

    summary_columns = ("month", "applicant", "remarks")
    column_formatters = {"month": lambda v, c, row, n: f"{row.month:%Y-%m}"}

    def create_form(self, obj=None):
        form = super().create_form(obj)
        if request.method == "GET":
            form.month.data = (today().replace(day=1) + timedelta(days=32)).replace(day=1)
        return form

    def fill(self, form, row, created):
        super().fill(form, row, created)
        if row.month:
            row.month = row.month.replace(day=1)

    def related(self, row):
        lines = [
            {
                "cells": [
                    show(line.planned_on),
                    line.customer.name,
                    tr(line.purpose),
                    tr(line.target),
                    line.goal,
                    badge(line.status),
                ],
                "url": url_of("outboundvisit", line.id),
            }
            for line in row.lines
        ]
        add = (
            self.get_url("outboundvisit.create_view", plan=row.id)
            if row.editable and can("outboundvisit:create") and row.applicant_id == actor().id
            else None
        )
        return [
            section(
                gettext("Visits to customers"),
                [
                    gettext("Date"),
                    gettext("Customer"),
                    gettext("Purpose"),
                    gettext("Kind of target"),
                    gettext("What it is to achieve"),
                    gettext("Status"),
                ],
                lines,
                gettext("No visit is planned yet. Add the customers you are going to see."),
                add,
                gettext("Add a visit"),
            )
        ]


class OutboundScreen(RequestView):
    """One visit to a customer: a line of a plan first, a report afterwards."""

    summary_columns = ("plan", "customer", "planned_on", "purpose", "contact", "goal", "items", "expected_cost")

    def create_form(self, obj=None):
        form = super().create_form(obj)
        if request.method == "GET" and request.args.get("plan"):
            form.plan.data = form.plan.loader.get_one(request.args["plan"])
            if form.plan.data is not None:
                form.planned_on.data = form.plan.data.month
        return form

    def may_edit_row(self, row):
        if row.plan is not None and not row.plan.editable:
            return say(N_("The plan has been submitted: its lines can no longer change."))
        return super().may_edit_row(row) if row.id else None

    def fill(self, form, row, created):
        super().fill(form, row, created)
        with db.session.no_autoflush:
            if row.plan is not None:
                lock(row.plan)
                reason = self.may_edit_row(row) or (
                    None if row.plan.applicant_id == actor().id else say(N_("Only its author adds to a plan."))
                )
                if reason is not None:
                    raise Refused(reason)

    def problems(self, row, form):
        if row.plan and row.planned_on and row.planned_on.replace(day=1) != row.plan.month:
            yield (
                "planned_on",
                say(N_("The day lies outside the plan's month {month}."), month=f"{row.plan.month:%Y-%m}"),
            )
        if row.expected_cost is not None and row.expected_cost < 0:
            yield "expected_cost", say(N_("An amount is not negative."))

    def related(self, row):
        promises = [
            {
                "cells": [p.text, p.owner.name, show(p.due_on), show(p.settled_on) or gettext("Open")],
                "url": url_of("commitment", p.id),
            }
            for p in row.commitments
        ]
        return (
            [
                section(
                    gettext("Promises"),
                    [gettext("Promise"), gettext("Owner"), gettext("Due on"), gettext("Kept on")],
                    promises,
                    gettext("None yet."),
                )
            ]
            if row.reported_on
            else []
        )

    def get_save_return_url(self, model, is_created=False):
        return url_of("outboundplan", model.plan_id)


# ── Supervision ──────────────────────────────────────────────────────────────────────────────────
class AssessmentScreen(Ruled):
    """Points for each criterion of the adopted standards of conduct; the criteria come from the clauses."""

    finding_fields = {}
    column_formatters = {
        "average": lambda v, c, row, n: show(row.average) if row.average is not None else "—",
        "scores": lambda v, c, row, n: "；".join(f"{k} {points}" for k, points in (row.scores or {}).items()),
    }

    @staticmethod
    def _criteria() -> dict[str, str]:
        return rules.criteria(versions.load(None, actor().department_id))

    def _with_points(self, make, obj):
        """The form with one field per criterion in force (an old assessment keeps its own)."""
        base, wanted = self._create_form_class if make == "create" else self._edit_form_class, self._criteria()
        if obj is not None and obj.scores:
            wanted = {k: wanted.get(k, "") for k in [*wanted, *(k for k in obj.scores if k not in wanted)]}
        fields = {
            f"points_{i}": IntegerField(f"{criterion}", [InputRequired(), NumberRange(0, 10)], description=clause)
            for i, (criterion, clause) in enumerate(wanted.items())
        }
        form = type("AssessmentForm", (base,), fields)(get_form_data(), obj=obj)
        form.wanted = list(wanted)
        if request.method == "GET":
            for i, criterion in enumerate(wanted):
                form[f"points_{i}"].data = (obj.scores or {}).get(criterion) if obj is not None else None
        return form

    def create_form(self, obj=None):
        form = self._with_points("create", obj)
        if request.method == "GET":
            form.held_on.data = today()
        return form

    def edit_form(self, obj=None):
        return self._with_points("edit", obj)

    def fill(self, form, row, created):
        super().fill(form, row, created)
        row.scores = {criterion: form[f"points_{i}"].data for i, criterion in enumerate(form.wanted)}
        if created:
            row.assessor_id = actor().id

    def problems(self, row, form):
        if row.user is not None and row.user.id == actor().id:
            yield "user", say(N_("Nobody assesses themself."))
        if not row.scores:
            yield (
                "user",
                say(N_("No adopted clause sets a criterion: adopt a regulation with standards of conduct first.")),
            )
        yield from super().problems(row, form)


class ViolationScreen(Ruled):
    finding_fields = {"violation_measure": "measure"}

    def create_form(self, obj=None):
        form = super().create_form(obj)
        if request.method == "GET":
            form.happened_on.data = today()
        return form


class InspectionScreen(PanelView):
    def create_form(self, obj=None):
        form = super().create_form(obj)
        if request.method == "GET":
            form.held_on.data, form.inspector.data = today(), db.session.get(User, actor().id)
            if request.args.get("kind"):
                form.kind.data = request.args["kind"]
        return form

    def problems(self, row, form):
        if row.held_on and row.held_on > actor().today:
            yield "held_on", say(N_("This day has not come yet."))
        if row.repaired_on and row.held_on and row.repaired_on < row.held_on:
            yield "repaired_on", say(N_("It cannot be repaired before it was found."))


class TrainingScreen(PanelView):
    def create_form(self, obj=None):
        form = super().create_form(obj)
        if request.method == "GET":
            form.held_on.data = today()
        return form

    def problems(self, row, form):
        if row.held_on and row.held_on > actor().today:
            yield "held_on", say(N_("This day has not come yet."))

    def sections(self, row):
        rows = [
            {"cells": [a.user.name, a.user.department.name, show(a.score)], "url": url_of("trainingattendance", a.id)}
            for a in row.attendances
        ]
        return {
            "related": [
                section(
                    gettext("Attendance"),
                    [gettext("Name"), gettext("Department"), gettext("Test result (0–100)")],
                    rows,
                    gettext("Nobody is entered yet."),
                    self.get_url("trainingattendance.create_view", training=row.id)
                    if can("trainingattendance:create")
                    else None,
                    gettext("Add a person"),
                )
            ]
        }


class AttendanceScreen(PanelView):
    def create_form(self, obj=None):
        form = super().create_form(obj)
        if request.method == "GET" and request.args.get("training"):
            from models import Training
            from panel.lists import clean_pk

            form.training.data = db.session.get(Training, clean_pk(request.args["training"]) or 0)
        return form

    def problems(self, row, form):
        if row.score is not None and not 0 <= row.score <= 100:
            yield "score", say(N_("From 0 to 100 points."))

    def get_save_return_url(self, model, is_created=False):
        return url_of("training", model.training_id)


class CommitmentScreen(PanelView):
    """Promises made to customers, until they are kept."""

    can_create = False
