"""After a visit: questions, cards, feedback, follow-ups, complaints; and going out: plans, reports, promises."""

from datetime import timedelta

from flask import request
from flask_babel import gettext

from core.clock import now, today
from core.text import N_, say
from engine.moves import Refused
from models import User, db, lock
from panel.access import actor, can
from panel.i18n import badge, show, tr
from panel.ruled import Ruled
from panel.screens.visits_parts import PartScreen
from panel.sections import section, url_of
from panel.transitions import RequestView
from panel.views import PanelView


class QuestionScreen(PartScreen):
    def fill(self, form, row, created):
        super().fill(form, row, created)
        if bool(row.answer) != bool(row.answered_at):
            row.answered_at = actor().now if row.answer else None


class CardScreen(PartScreen):
    def take_over(self, form, visit):
        if visit is not None:
            form.organisation.data = visit.organisation


class FeedbackScreen(Ruled, PartScreen):
    """来访反馈表: entered after the visit, passed on to the department concerned in time."""

    def take_over(self, form, visit):
        form.given_on.data = today()

    def may_edit_row(self, row):
        return None

    def problems(self, row, form):
        if row.satisfaction is not None and not 1 <= row.satisfaction <= 5:
            yield "satisfaction", say(N_("From 1 (not at all) to 5 (very)."))
            return
        if row.passed_to is not None and row.passed_on is None:
            row.passed_on = actor().today
        if row.passed_on and row.given_on and row.passed_on < row.given_on:
            yield "passed_on", say(N_("It cannot be passed on before it was given."))
        yield from super().problems(row, form)


class FollowUpScreen(PartScreen):
    def take_over(self, form, visit):
        form.held_on.data = today()
        if visit is not None:
            form.customer.data = visit.customer

    def create_form(self, obj=None):
        form = super().create_form(obj)
        if request.method == "GET":
            form.held_on.data = form.held_on.data or today()
            form.owner.data = form.owner.data or db.session.get(User, actor().id)
            if request.args.get("customer"):
                form.customer.data = form.customer.loader.get_one(request.args["customer"])
        return form

    def may_edit_row(self, row):
        return None

    def fill(self, form, row, created):
        super().fill(form, row, created)
        if row.customer is None and row.visit is not None:
            row.customer = row.visit.customer
        if created:
            row.department_id = row.visit.department_id if row.visit is not None else actor().department_id

    def problems(self, row, form):
        if row.visit is None and row.customer is None:
            yield "customer", say(N_("Name the customer, or choose a visit."))
        if row.next_on and row.held_on and row.next_on < row.held_on:
            yield "next_on", say(N_("The next contact does not come before this one."))


class ComplaintScreen(RequestView):
    """Complaints: received, looked into, answered in time, closed with the customer's satisfaction."""

    summary_columns = ("organisation", "complainant", "received_at", "content", "investigation", "solution")

    def create_form(self, obj=None):
        form = super().create_form(obj)
        if request.method == "GET":
            form.received_at.data = form.received_at.data or now().replace(second=0, microsecond=0)
            if request.args.get("visit"):
                form.visit.data = form.visit.loader.get_one(request.args["visit"])
                form.organisation.data = form.visit.data.organisation if form.visit.data else ""
        return form

    def owning_department(self, row):
        return row.visit.department_id if row.visit is not None else None

    def problems(self, row, form):
        if row.received_at and row.received_at > actor().now:
            yield "received_at", say(N_("This time has not come yet."))


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


class CommitmentScreen(PanelView):
    """Promises made to customers, until they are kept."""

    can_create = False
