"""After a visit: questions, cards, feedback, follow-ups, complaints; and going out: plans, reports, promises."""

from datetime import date, timedelta

from flask_babel import gettext

from core.clock import this_minute, today
from core.text import N_, say
from models import User, db
from panel.access import actor, can
from panel.checks import has_come, not_negative, one_to_five
from panel.i18n import badge, show, tr
from panel.parts import PartView
from panel.ruled import Ruled
from panel.screens.visits_parts import VisitPartScreen
from panel.sections import line, link_to, section
from panel.transitions import RequestView
from panel.views import PanelView


class QuestionScreen(VisitPartScreen):
    """What guests need and ask, who owns it, and its answer."""

    def fill(self, form, row, created):
        super().fill(form, row, created)
        if bool(row.answer) != bool(row.answered_at):
            row.answered_at = actor().now if row.answer else None


class CardScreen(VisitPartScreen):
    """Business cards received."""

    takes = {"visit": {"organisation": lambda visit: visit.organisation}}


class FeedbackScreen(Ruled, PartView):
    """来访反馈表: entered after the visit, passed on to the department concerned in time."""

    form_args = {"given_on": {"default": today}}

    def problems(self, row, form):
        yield from one_to_five(row, "satisfaction")
        if row.passed_to is not None and row.passed_on is None:
            row.passed_on = actor().today
        if row.passed_on and row.given_on and row.passed_on < row.given_on:
            yield "passed_on", say(N_("It cannot be passed on before it was given."))
        yield from super().problems(row, form)


class FollowUpScreen(PartView):
    """客户洽谈记录: what was talked about, who follows up and when."""

    form_args = {"held_on": {"default": today}, "owner": {"default": lambda: db.session.get(User, actor().id)}}
    takes = {"visit": {"customer": lambda visit: visit.customer}}

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

    form_args = {"received_at": {"default": this_minute}}
    takes = {"visit": {"organisation": lambda visit: visit.organisation}}

    def owning_department(self, row):
        return row.visit.department_id if row.visit is not None else None

    def problems(self, row, form):
        yield from has_come(row, "received_at")


def next_month() -> date:
    """The first day of the month to come."""
    return (today().replace(day=1) + timedelta(days=32)).replace(day=1)


class PlanScreen(RequestView):
    """A month's plan: the author files it with its lines before the month begins."""

    summary_columns = ("month", "applicant", "remarks")
    page_needs = ("lines.customer",)
    column_formatters = {"month": lambda v, c, row, n: f"{row.month:%Y-%m}"}

    form_args = {"month": {"default": next_month}}

    def fill(self, form, row, created):
        super().fill(form, row, created)
        if row.month:
            row.month = row.month.replace(day=1)

    def related(self, row):
        may_add = row.editable and can("outboundvisit:create") and row.applicant_id == actor().id
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
                [
                    line(
                        show(visit.planned_on),
                        visit.customer.name,
                        tr(visit.purpose),
                        tr(visit.target),
                        visit.goal,
                        badge(visit.status),
                        url=link_to("outboundvisit", visit.id),
                    )
                    for visit in row.lines
                ],
                gettext("No visit is planned yet. Add the customers you are going to see."),
                self.get_url("outboundvisit.create_view", plan=row.id) if may_add else None,
                gettext("Add a visit"),
            )
        ]


class OutboundScreen(PartView, RequestView):
    """One visit to a customer: a line of a plan first, a report afterwards."""

    summary_columns = ("plan", "customer", "planned_on", "purpose", "contact", "goal", "items", "expected_cost")

    row_needs, page_needs = ("plan",), ("commitments.owner",)
    parent = "plan"
    takes = {"plan": {"planned_on": lambda plan: plan.month}}

    def closed(self, plan):
        if not plan.editable:
            return say(N_("The plan has been submitted: its lines can no longer change."))
        return None if plan.applicant_id == actor().id else say(N_("Only its author adds to a plan."))

    def problems(self, row, form):
        if row.plan and row.planned_on and row.planned_on.replace(day=1) != row.plan.month:
            yield (
                "planned_on",
                say(N_("The day lies outside the plan's month {month}."), month=f"{row.plan.month:%Y-%m}"),
            )
        yield from not_negative(row, "expected_cost")

    def related(self, row):
        if not row.reported_on:
            return []
        return [
            section(
                gettext("Promises"),
                [gettext("Promise"), gettext("Owner"), gettext("Due on"), gettext("Kept on")],
                [
                    line(
                        promise.text,
                        promise.owner.name,
                        show(promise.due_on),
                        show(promise.settled_on) or gettext("Open"),
                        url=link_to("commitment", promise.id),
                    )
                    for promise in row.commitments
                ],
                gettext("None yet."),
            )
        ]


class CommitmentScreen(PanelView):
    """Promises made to customers, until they are kept."""

    can_create = False
