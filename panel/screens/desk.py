"""At the front desk: confidentiality agreements, goods release slips, incidents."""

from flask import request

from core.clock import now, today
from core.text import N_, say
from panel.access import actor
from panel.ruled import Ruled
from panel.screens.visits_parts import PartScreen
from panel.transitions import RequestView


class NdaScreen(PartScreen):
    def take_over(self, form, visit):
        if visit is not None:
            form.organisation.data, form.signed_on.data, form.signatory.data = (
                visit.organisation,
                today(),
                visit.lead_guest,
            )

    def problems(self, row, form):
        if row.signed_on and row.signed_on > actor().today:
            yield "signed_on", say(N_("This day has not come yet."))
        if row.valid_until and row.signed_on and row.valid_until < row.signed_on:
            yield "valid_until", say(N_("It ends before it begins."))


class GoodsReleaseScreen(RequestView):
    summary_columns = ("visit", "carrier", "items", "reason", "applicant")

    def create_form(self, obj=None):
        form = super().create_form(obj)
        if request.method == "GET" and request.args.get("visit"):
            form.visit.data = form.visit.loader.get_one(request.args["visit"])
            if form.visit.data is not None:
                form.carrier.data = form.visit.data.lead_guest
        return form

    def owning_department(self, row):
        return row.visit.department_id


class IncidentScreen(Ruled):
    """Incidents: what happened and what was done at once."""

    def create_form(self, obj=None):
        form = super().create_form(obj)
        if request.method == "GET":
            form.occurred_at.data = form.occurred_at.data or now().replace(second=0, microsecond=0)
            form.handled_at.data = form.handled_at.data or now().replace(second=0, microsecond=0)
        return form

    def fill(self, form, row, created):
        super().fill(form, row, created)
        if created:
            row.reported_by_id = actor().id

    def problems(self, row, form):
        yield from super().problems(row, form)
        if row.occurred_at and row.occurred_at > actor().now:
            yield "occurred_at", say(N_("This time has not come yet."))
