"""Supervision of the company's own people: assessments, violations, trainings, inspections."""

from flask import request
from flask_admin.helpers import get_form_data
from flask_babel import gettext
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange

import rules
from core.clock import today
from core.text import N_, say
from models import User, db
from panel.access import actor, can
from panel.checks import has_come
from panel.i18n import show
from panel.parts import PartView
from panel.ruled import Ruled
from panel.sections import line, link_to, section
from panel.views import PanelView
from rulebook import versions


class AssessmentScreen(Ruled):
    """Points for each criterion of the adopted standards of conduct; the criteria come from the clauses."""

    form_args = {"held_on": {"default": today}}
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

    def blank_form(self, obj=None):
        return self._with_points("create", obj)

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
    form_args = {"happened_on": {"default": today}}


class InspectionScreen(PanelView):
    """Inspections and reviews, with the faults found."""

    form_args = {"held_on": {"default": today}, "inspector": {"default": lambda: db.session.get(User, actor().id)}}

    def problems(self, row, form):
        yield from has_come(row, "held_on")
        if row.repaired_on and row.held_on and row.repaired_on < row.held_on:
            yield "repaired_on", say(N_("It cannot be repaired before it was found."))


class TrainingScreen(PanelView):
    """Trainings, with who attended."""

    form_args = {"held_on": {"default": today}}
    page_needs = ("attendances.user.department",)

    def problems(self, row, form):
        yield from has_come(row, "held_on")

    def sections(self, row):
        may_add = can("trainingattendance:create")
        attendance = section(
            gettext("Attendance"),
            [gettext("Name"), gettext("Department"), gettext("Test result (0–100)")],
            [
                line(a.user.name, a.user.department.name, show(a.score), url=link_to("trainingattendance", a.id))
                for a in row.attendances
            ],
            gettext("Nobody is entered yet."),
            self.get_url("trainingattendance.create_view", training=row.id) if may_add else None,
            gettext("Add a person"),
        )
        return {"related": [attendance]}


class AttendanceScreen(PartView):
    """Who attended a training, and how the test went."""

    parent = "training"

    def problems(self, row, form):
        if row.score is not None and not 0 <= row.score <= 100:
            yield "score", say(N_("From 0 to 100 points."))
