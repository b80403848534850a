"""What happened: the steps of every approval chain, and the audit log."""

from core.text import N_
from panel.i18n import tr
from panel.timeline import action_label, kind_label, state_label
from panel.views import PanelView


class ApprovalScreen(PanelView):
    column_formatters = {
        "subject": lambda v, c, row, n: kind_label(row.subject),
        "decision": lambda v, c, row, n: tr(row.decision or (N_("Deciding") if row.opened_at else N_("Not reached"))),
    }


class EventScreen(PanelView):
    column_default_sort = None
    can_create = can_edit = can_delete = False
    column_formatters = {
        "subject": lambda v, c, row, n: kind_label(row.subject),
        "action": lambda v, c, row, n: action_label(row),
        "from_state": lambda v, c, row, n: state_label(row, row.from_state),
        "to_state": lambda v, c, row, n: state_label(row, row.to_state),
    }
