"""At the front desk: confidentiality agreements, goods release slips, incidents."""

from core.clock import this_minute, today
from panel.access import actor
from panel.checks import ends_in_time, has_come
from panel.ruled import Ruled
from panel.screens.visits_parts import VisitPartScreen, visit_over
from panel.transitions import RequestView


class NdaScreen(VisitPartScreen):
    """Confidentiality agreements as they were signed."""

    form_args = {"signed_on": {"default": today}}
    takes = {
        "visit": {
            "organisation": lambda visit: visit.organisation,
            "signatory": lambda visit: visit.lead_guest,
        }
    }

    def problems(self, row, form):
        yield from has_come(row, "signed_on")
        yield from ends_in_time(row, "signed_on", "valid_until")


class GoodsReleaseScreen(RequestView):
    """Goods release slips: what a guest may take out of the house."""

    summary_columns = ("visit", "carrier", "items", "reason", "applicant")
    closed = staticmethod(visit_over)
    takes = {"visit": {"carrier": lambda visit: visit.lead_guest}}

    def owning_department(self, row):
        return row.visit.department_id


class IncidentScreen(Ruled):
    """Incidents: what happened and what was done at once."""

    closed = staticmethod(visit_over)
    form_args = {"occurred_at": {"default": this_minute}, "handled_at": {"default": this_minute}}

    def fill(self, form, row, created):
        super().fill(form, row, created)
        if created:
            row.reported_by_id = actor().id

    def problems(self, row, form):
        yield from super().problems(row, form)
        yield from has_come(row, "occurred_at")
