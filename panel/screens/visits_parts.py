"""The screens of a visit's own rows: guests, escorts, evidence, checklist, itinerary, and the copies of its notices."""

import sqlalchemy as sa
from flask import Response, abort, flash, redirect, request
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import FileField

from core.search import matches
from core.text import N_, say
from engine.audit import audit, snapshot
from engine.compliance import refresh
from engine.moves import Refused
from models import Notice, NoticeReceipt, Visit, VisitEscort, VisitGuest, db, lock
from panel.access import actor, can
from panel.i18n import badge, language_tag, show, tr
from panel.notices import notice_sections
from panel.sections import url_of
from panel.streams import attachment_headers
from panel.transitions import RequestView, WorkflowView
from panel.uploads import read_upload
from panel.views import PanelView
from workflow import VISIT


def may_change_guests(visit):
    """Guests are added while the visit is a draft, and at the door by those who check in."""
    at_door = visit.status in VISIT.receiving and can("visit:check_in")
    if visit.editable or at_door:
        return None
    return say(N_("The guest list is closed: it can change as a draft, or at the front desk on arrival."))


class OfVisitScreen(PanelView):
    """Rows of a visit: changed only while the visit can be."""

    column_default_sort = None

    def may_edit_row(self, row):
        visit = row.visit
        if isinstance(row, VisitGuest):
            return may_change_guests(visit) or (say(N_("This guest has been checked in.")) if row.checkins else None)
        if isinstance(row, VisitEscort):
            # Heads assign escorts after the approval too, until the guests have left.
            return say(N_("The visit is over: this can no longer change.")) if visit.status in VISIT.past else None
        return None if visit.editable else say(N_("The visit has been submitted: this can no longer change."))

    def create_form(self, obj=None):
        form = super().create_form(obj)
        if request.method == "GET" and request.args.get("visit"):
            form.visit.data = form.visit.loader.get_one(request.args["visit"])
        return form

    def fill(self, form, row, created):
        super().fill(form, row, created)
        # Against a submit that happens meanwhile: the visit is held while its rows change.
        with db.session.no_autoflush:
            if row.visit is not None:
                lock(row.visit)
                reason = self.may_edit_row(row)
                if reason is not None:
                    raise Refused(reason)

    def after_fill(self, form, row, created):
        visit = row.visit
        if isinstance(row, VisitGuest):
            names = db.session.scalar(
                sa.select(sa.func.count()).select_from(VisitGuest).where(VisitGuest.visit_id == visit.id)
            )
            visit.guest_count = max(visit.guest_count, names)
            if row.is_lead or not visit.lead_guest:
                visit.lead_guest = f"{row.visitor.name} {row.visitor.title}".strip()[:60]

    def get_save_return_url(self, model, is_created=False):
        return url_of("visit", model.visit_id)


class EvidenceScreen(OfVisitScreen):
    form_extra = {"file": FileField(_l("File (PDF, PNG, JPEG)"))}

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

    summary_columns = ("task", "department")


class PartScreen(PanelView):
    """Rows of a visit that grow with it, from its first draft to its end; the visit's compliance follows."""

    column_default_sort = None

    def create_form(self, obj=None):
        form = super().create_form(obj)
        if request.method == "GET" and request.args.get("visit") and "visit" in form:
            form.visit.data = form.visit.loader.get_one(request.args["visit"])
            self.take_over(form, form.visit.data)
        return form

    def take_over(self, form, visit):
        """What the visit says that the new row begins with."""

    def may_edit_row(self, row):
        visit = row.visit
        if visit is not None and visit.status in visit.process.over:
            return say(N_("The visit is closed: this can no longer change."))
        return None

    def fill(self, form, row, created):
        super().fill(form, row, created)
        with db.session.no_autoflush:
            if row.visit is not None:
                lock(row.visit)
                reason = self.may_edit_row(row)
                if reason is not None:
                    raise Refused(reason)

    def get_save_return_url(self, model, is_created=False):
        return url_of("visit", model.visit_id) if model.visit_id else super().get_save_return_url(model, is_created)


class ChecklistScreen(PartScreen):
    """What is to be done for a visit. Ticking is all that changes here; the items come from the adopted checklists."""

    can_create = False
    column_formatters = {
        "item": lambda v, c, row, n: row.item_en if language_tag() == "en" and row.item_en else row.item
    }

    def scaffold_form(self):
        from wtforms import BooleanField

        form = super().scaffold_form()
        form.done = BooleanField(_l("Done"))
        return form

    def edit_form(self, obj=None):
        form = super().edit_form(obj)
        if request.method == "GET" and obj is not None:
            form.done.data = True if obj.done_at is None else bool(obj.done_at)
        return form

    @expose("/tick/", methods=("POST",))
    def tick_view(self):
        """Tick an item, or take the tick back; twice the same changes nothing."""
        row = self.get_one(request.form.get("id", ""))
        if row is None:
            abort(404)
        lock(row.visit)
        lock(row)
        blocked, done = self.may_edit_row(row), request.form.get("done") == "1"
        if blocked is not None:
            flash(tr(blocked), "error")
        elif done != bool(row.done_at):
            before = snapshot(row)
            row.done_at, row.done_by_id = (actor().now, actor().id) if done else (None, None)
            db.session.flush()
            refresh(row.visit, actor())
            audit("edit", row, actor(), before, snapshot(row))
            db.session.commit()
        return redirect(url_of("visit", row.visit_id) + "#checklist")

    def fill(self, form, row, created):
        super().fill(form, row, created)
        done = bool(form.done.data)
        if done != bool(row.done_at):
            row.done_at, row.done_by_id = (actor().now, actor().id) if done else (None, None)


class ItineraryScreen(PartScreen):
    def take_over(self, form, visit):
        if visit is not None:
            form.starts_at.data = visit.planned_start

    def problems(self, row, form):
        if row.satisfaction is not None and not 1 <= row.satisfaction <= 5:
            yield "satisfaction", say(N_("From 1 (not at all) to 5 (very)."))


class PrefilledVisit(RequestView):
    """Requests opened from a visit's page take the visit and what it says over."""

    takes = {}

    def create_form(self, obj=None):
        form = super().create_form(obj)
        if request.method == "GET" and request.args.get("visit"):
            visit = form.visit.loader.get_one(request.args["visit"])
            if visit is not None:
                form.visit.data = visit
                for field, value in self.takes.items():
                    form._fields[field].data = value(visit)
        return form
