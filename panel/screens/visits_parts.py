"""The screens of a visit's own rows: guests, escorts, evidence, checklist, itinerary, and the copies of its notices."""

import sqlalchemy as sa
from flask import Response, abort, flash, redirect, request
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FileField

from core.search import matches
from core.text import N_, say
from engine.audit import audit, snapshot
from engine.compliance import refresh
from engine.moves import Refused
from models import Notice, NoticeReceipt, Visit, VisitGuest, db, lock
from panel.access import actor, can
from panel.checks import one_to_five
from panel.i18n import badge, language_tag, show, tr
from panel.notices import notice_sections
from panel.parts import PartView
from panel.sections import url_of
from panel.streams import attachment_headers
from panel.transitions import WorkflowView
from panel.uploads import read_upload
from workflow import VISIT


def may_change_guests(visit):
    """Guests are added while the visit is a draft, and at the door by those who check in."""
    at_door = visit.status in VISIT.receiving and can("visit:check_in")
    if visit.editable or at_door:
        return None
    return say(N_("The guest list is closed: it can change as a draft, or at the front desk on arrival."))


class GuestScreen(PartView):
    """Guests: added while the visit is a draft, and at the door by those who check in."""

    closed = staticmethod(may_change_guests)

    def may_edit_row(self, row):
        return super().may_edit_row(row) or (say(N_("This guest has been checked in.")) if row.checkins else None)

    def after_fill(self, form, row, created):
        visit = row.visit
        names = db.session.scalar(
            sa.select(sa.func.count()).select_from(VisitGuest).where(VisitGuest.visit_id == visit.id)
        )
        visit.guest_count = max(visit.guest_count, names)
        if row.is_lead or not visit.lead_guest:
            visit.lead_guest = f"{row.visitor.name} {row.visitor.title}".strip()[:60]


class EscortScreen(PartView):
    """Escorts: heads assign them after the approval too, until the guests have left."""

    def closed(self, visit):
        return say(N_("The visit is over: this can no longer change.")) if visit.status in VISIT.past else None


class EvidenceScreen(PartView):
    """Letters, notices and proofs, attached while the visit can be edited."""

    form_extra = {"file": FileField(_l("File (PDF, PNG, JPEG)"))}

    def closed(self, visit):
        return None if visit.editable else say(N_("The visit has been submitted: this can no longer change."))

    def fill(self, form, row, created):
        super().fill(form, row, created)
        upload = read_upload(form.file.data)
        if upload is None and created:
            form.file.errors = [gettext("Choose a file.")]
            raise Refused(say(N_("Choose a file.")))
        for name, value in (upload or {}).items():
            setattr(row, name, value)
        if created:
            row.uploaded_by_id = actor().id

    @expose("/file/")
    def file_view(self):
        """The attachment itself, always as a download of its checked type."""
        row = self.wanted()
        return Response(row.content, headers=attachment_headers(row.filename, row.media_type))

    def sections(self, row):
        return {
            "buttons": [
                {
                    "url": self.get_url(".file_view", id=row.id),
                    "label": gettext("Download"),
                    "style": "primary",
                    "name": "file",
                }
            ]
        }


class ReceiptScreen(WorkflowView):
    """A department's copies of the notices: what it is to do, and who signed for it."""

    summary_columns = ("task", "department")
    row_needs = ("notice.visit",)
    column_sortable_list = ()
    column_formatters = {
        "visit_number": lambda v, c, row, n: row.notice.visit.number,
        "organisation": lambda v, c, row, n: row.notice.visit.organisation,
        "due_at": lambda v, c, row, n: show(row.notice.due_at or row.notice.visit.planned_start),
    }

    def init_search(self):
        return True

    def search_placeholder(self):
        return str(_l("Visit"))

    def search_condition(self, search):
        visits = sa.select(Visit.id).where(matches(Visit, search, db.engine.dialect.name))
        return NoticeReceipt.notice_id.in_(sa.select(Notice.id).where(Notice.visit_id.in_(visits)))

    def sections(self, row):
        return {
            "buttons": self.buttons(row),
            "state": badge(row.status),
            "heading": f"{row.visit.number} {row.visit.organisation}",
            "related": notice_sections(row.notice),
        }

    def prepare_rows(self, rows):
        pass


def visit_over(visit):
    """Why nothing more is added to a visit that is over."""
    return say(N_("The visit is closed: this can no longer change.")) if visit.status in VISIT.over else None


class VisitPartScreen(PartView):
    """Rows that grow with their visit, from its first draft to its end; the visit's compliance follows."""

    closed = staticmethod(visit_over)


class ChecklistScreen(VisitPartScreen):
    """What is to be done for a visit. Ticking is all that changes here; the items come from the adopted checklists."""

    can_create = False
    column_formatters = {
        "item": lambda v, c, row, n: row.item_en if language_tag() == "en" and row.item_en else row.item
    }

    def scaffold_form(self):
        form = super().scaffold_form()
        form.done = BooleanField(_l("Done"))
        return form

    def edit_form(self, obj=None):
        form = super().edit_form(obj)
        if request.method == "GET" and obj is not None:
            form.done.data = True  # whoever opens it has done it
        return form

    @expose("/tick/", methods=("POST",))
    def tick_view(self):
        """Tick an item, or take the tick back; twice the same changes nothing."""
        row = self.get_one(request.form.get("id", ""))
        if row is None:
            abort(404)
        lock(row.visit)
        lock(row)
        blocked, before = self.may_edit_row(row), snapshot(row)
        if blocked is not None:
            flash(tr(blocked), "error")
        elif self.tick(row, request.form.get("done") == "1"):
            db.session.flush()
            refresh(row.visit, actor())
            audit("edit", row, actor(), before, snapshot(row))
            db.session.commit()
        return redirect(url_of("visit", row.visit_id) + "#checklist")

    def fill(self, form, row, created):
        super().fill(form, row, created)
        self.tick(row, form.done.data)

    @staticmethod
    def tick(row, done: bool) -> bool:
        """Note who has done the item, or that nobody has; whether that is news."""
        if done == bool(row.done_at):
            return False
        row.done_at, row.done_by_id = (actor().now, actor().id) if done else (None, None)
        return True


class ItineraryScreen(VisitPartScreen):
    """The itinerary: a meal, a night, a tour, arranged for the guests."""

    takes = {"visit": {"starts_at": lambda visit: visit.planned_start}}

    def problems(self, row, form):
        yield from one_to_five(row, "satisfaction")
