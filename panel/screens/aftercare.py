"""The screens around a visit: checklist, itinerary, questions, cards, agreements, slips, incidents, feedback, follow-ups."""

import sqlalchemy as sa
from flask import abort, flash, redirect, request
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from core.text import N_, say
from engine.audit import audit, snapshot
from engine.chains import Refused
from engine.compliance import refresh
from models import Complaint, Feedback, User, db, lock, now
from panel.access import actor, can
from panel.i18n import language_tag, show, today, tr
from panel.ruled import Ruled
from panel.sections import section, url_of
from panel.transitions import RequestView
from panel.views import PanelView


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


class QuestionScreen(PartScreen):
    def fill(self, form, row, created):
        super().fill(form, row, created)
        if bool(row.answer) != bool(row.answered_at):
            row.answered_at = actor().now if row.answer else None


class CardScreen(PartScreen):
    def take_over(self, form, visit):
        if visit is not None:
            form.organisation.data = visit.organisation


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


class IncidentScreen(Ruled):
    """Incidents: what happened and what was done at once."""

    finding_fields = {"incident_handled": "measures"}

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


class FeedbackScreen(Ruled, PartScreen):
    """来访反馈表: entered after the visit, passed on to the department concerned in time."""

    finding_fields = {"feedback_passed": "passed_to"}

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


def parts_of(visit) -> list[dict]:
    """The sections of a visit's page for what grows with it; each one the user may see."""
    from models import BusinessCard, ChecklistItem, FollowUp, GoodsRelease, Incident, ItineraryItem, Nda, VisitQuestion

    out, live = [], visit.status not in visit.process.over
    checks = _rows(ChecklistItem, visit)
    if checks and can("checklistitem:read"):
        done = sum(1 for c in checks if c.done_at)
        out.append(
            {
                **section(
                    gettext("Checklist"),
                    [gettext("Done"), gettext("Item"), gettext("When"), gettext("By"), gettext("Clause")],
                    [
                        {
                            "cells": [
                                "",
                                c.item_en if language_tag() == "en" and c.item_en else c.item,
                                tr(c.phase),
                                f"{c.done_by.name} {show(c.done_at)}" if c.done_at else "",
                                c.clause,
                            ],
                            "url": None,
                            "tick": {"id": c.id, "done": bool(c.done_at), "may": live and can("checklistitem:edit")},
                        }
                        for c in checks
                    ],
                    "",
                ),
                "anchor": "checklist",
                "tally": f"{done}/{len(checks)}",
            }
        )
    listed = (
        (
            ItineraryItem,
            "itineraryitem",
            gettext("Itinerary"),
            gettext("Add to the itinerary"),
            [gettext("Kind"), gettext("From"), gettext("Place"), gettext("Standard"), gettext("Responsible")],
            lambda r: [tr(r.kind), show(r.starts_at), r.place, r.standard, r.responsible.name if r.responsible else ""],
        ),
        (
            VisitQuestion,
            "visitquestion",
            gettext("Questions and needs"),
            gettext("Add a question"),
            [gettext("Need or question"), gettext("Owner"), gettext("Answer")],
            lambda r: [r.question, r.owner.name if r.owner else "", r.answer or gettext("Open")],
        ),
        (
            Nda,
            "nda",
            gettext("Confidentiality agreements"),
            gettext("Enter a signed agreement"),
            [gettext("Signed by (guest)"), gettext("Signed on"), gettext("Valid until")],
            lambda r: [r.signatory, show(r.signed_on), show(r.valid_until)],
        ),
        (
            BusinessCard,
            "businesscard",
            gettext("Business cards"),
            gettext("Keep a card"),
            [gettext("Name"), gettext("Position"), gettext("Organisation")],
            lambda r: [r.name, r.title, r.organisation],
        ),
        (
            GoodsRelease,
            "goodsrelease",
            gettext("Goods release slips"),
            gettext("Write a slip"),
            [gettext("No."), gettext("Goods"), gettext("Status")],
            lambda r: [r.number, r.items, tr(r.status)],
        ),
        (
            Feedback,
            "feedback",
            gettext("Feedback"),
            gettext("Enter feedback"),
            [gettext("Given on"), gettext("Satisfaction"), gettext("Opinion"), gettext("Passed on to")],
            lambda r: [
                show(r.given_on),
                str(r.satisfaction),
                r.opinion,
                r.passed_to.name if r.passed_to else gettext("Not yet"),
            ],
        ),
        (
            FollowUp,
            "followup",
            gettext("Follow-ups"),
            gettext("Enter a follow-up"),
            [gettext("Date"), gettext("What was discussed"), gettext("Owner"), gettext("Next contact on")],
            lambda r: [show(r.held_on), r.content, r.owner.name, show(r.next_on)],
        ),
        (
            Complaint,
            "complaint",
            gettext("Complaints"),
            gettext("Enter a complaint"),
            [gettext("No."), gettext("Complaint"), gettext("Status")],
            lambda r: [r.number, r.content, tr(r.status)],
        ),
        (
            Incident,
            "incident",
            gettext("Incidents"),
            gettext("Report an incident"),
            [gettext("Happened on"), gettext("Kind"), gettext("What was done")],
            lambda r: [show(r.occurred_at), tr(r.kind), r.measures],
        ),
    )
    for model, screen, title, add, headers, cells in listed:
        if can(f"{screen}:read"):
            rows = _rows(model, visit)
            addable = can(f"{screen}:create") and (live or screen in ("feedback", "followup", "complaint"))
            if rows or addable:
                out.append(
                    {
                        **section(
                            title,
                            headers,
                            [{"cells": cells(r), "url": url_of(screen, r.id)} for r in rows],
                            gettext("None yet."),
                            _new(screen, visit.id) if addable else None,
                            add,
                        ),
                        "quiet": True,
                    }
                )
    return out


def _rows(model, visit):
    return db.session.scalars(
        sa.select(model).where(model.visit_id == visit.id, model.visible_to(actor())).order_by(model.id).limit(100)
    ).all()


def _new(screen, visit_id):
    from flask import url_for

    return url_for(f"{screen}.create_view", visit=visit_id)
