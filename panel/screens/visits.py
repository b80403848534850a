"""Visits: filed with guests, escorts and the sealed letter on one page."""

import re
from datetime import timedelta
from typing import NamedTuple

import sqlalchemy as sa
from flask import flash, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FileField, TextAreaField
from wtforms.validators import Length, Optional

import facts
import rules
from core.clock import now, this_minute
from core.privacy import fingerprint
from core.text import N_, say
from engine.advance import advance
from engine.moves import Refused
from facts import notices
from models import (
    Area,
    Evidence,
    EvidenceKind,
    ReceptionLevel,
    User,
    VisitEscort,
    VisitGuest,
    Visitor,
    db,
    preload_presence,
)
from panel.access import actor, can, sees_money
from panel.checks import at_least_one_guest, ends_in_time, not_negative
from panel.findings import remark
from panel.forms import AjaxSelectMany, ScopedLoader, ScopedSelect, tidy
from panel.i18n import show, tr
from panel.notices import change_section
from panel.screens.visits_sections import sections_of
from panel.sections import line, section
from panel.transitions import RequestView
from panel.uploads import read_upload
from rulebook import versions
from rulebook.versions import levels
from rules import made_from, suggest_level
from workflow import VisitState

WALK_IN_ASKS = {"organisation", "purpose", "guest_names", "guest_count", "host", "area", "unrelated_sales"}
WALK_IN_MORE = {
    "customer",
    "visit_kind",
    "category",
    "planned_start",
    "planned_end",
    "escort_users",
    "contact",
    "sensitive",
    "remarks",
}
"""What is asked about a visitor without an appointment, and what may be added."""


class VisitScreen(RequestView):
    """Visits. Guests, escorts and the sealed letter are entered on the same page as the visit itself."""

    hide_empty = True
    form_needs = ("escorts.user.department",)

    form_extra = {
        "guest_names": TextAreaField(
            _l("Guest list"),
            [Optional(), Length(max=4000)],
            filters=[tidy],
            description=_l("One guest per line: name, position, phone. The first is the main guest."),
        ),
        "escort_users": AjaxSelectMany(
            ScopedLoader("escort_users", User, ("name", "username")), _l("Escorts"), [Optional()]
        ),
        "evidence_file": FileField(_l("Letter or notice (PDF, PNG, JPEG)"), [Optional()]),
        "evidence_sealed": BooleanField(_l("The letter bears an official seal")),
    }
    column_descriptions = {
        "organisation": _l("Empty: the customer's name."),
        "guest_count": _l("At least as many as are listed."),
        "area": _l("How far the guests are let in."),
    }

    def prepare_rows(self, rows):
        super().prepare_rows(rows)
        at_door = self.process.by_name["check_in"].sources
        preload_presence([row for row in rows if row.status in at_door])

    def _process_ajax_references(self):
        loaders = super()._process_ajax_references()
        loaders["escort_users"] = self.form_extra["escort_users"].args[0]
        return loaders

    def scaffold_form(self):
        form = super().scaffold_form()
        form.organisation.kwargs["validators"] = [Optional(), Length(max=80)]
        form.level = LevelSelect(label=self.label_of("level"))
        return form

    def demanded(self):
        """What the adopted clauses want filled in on submission stands with the other fields."""
        return rules.demanded(versions.load(None, actor().department_id), actor().today)

    def create_form(self, obj=None):
        return self._suited(super().create_form(obj), self._walk_in())

    def prefill(self, form):
        super().prefill(form)
        if self._walk_in():
            form.planned_start.data, form.area.data = this_minute(), Area.LOBBY
            form.planned_end.data = form.planned_start.data + timedelta(hours=1)
        else:
            form.host.data = form.host.data or db.session.get(User, actor().id)

    @staticmethod
    def _suited(form, walk_in: bool):
        """`form` with what concerns this visit and this user; at the desk somebody stands and waits meanwhile."""
        there = {field.name for field in form}
        removed = set() if levels(actor().department_id) else {"level"}
        if walk_in:
            removed |= there - WALK_IN_ASKS - WALK_IN_MORE
        if not sees_money():
            removed.add("budget")
        for name in removed & there - {"csrf_token"}:
            del form[name]
        return form

    def tucked_away(self, form):
        return super().tucked_away(form) if "letter_no" in form else WALK_IN_MORE

    def new_heading(self):
        return gettext("Visitor without appointment") if self._walk_in() else super().new_heading()

    def get_save_return_url(self, model, is_created=False):
        """Whoever stands at the desk is on the list of arrivals, where the next step is."""
        registered = is_created and model.walk_in and model.status == VisitState.NOTIFIED and not can("visit:submit")
        return self.get_url("admin.index") if registered else super().get_save_return_url(model, is_created)

    def edit_form(self, obj=None):
        form = self._suited(super().edit_form(obj), obj is not None and obj.walk_in)
        if request.method == "GET" and obj is not None:
            form.escort_users.data = [e.user for e in obj.escorts]
        form.guest_names.description = gettext(
            "Already listed: %(names)s. Add further guests, one per line: name, position, phone.",
            names=show([g.visitor.name for g in obj.guests]) or "—",
        )
        return form

    @staticmethod
    def _walk_in() -> bool:
        return request.args.get("walk_in") == "1" or not can("visit:submit")

    def owning_department(self, row):
        return row.host.department_id if row.walk_in else None

    def fill(self, form, row, created):
        super().fill(form, row, created)
        if created:
            row.walk_in = self._walk_in() and can("visit:register")
        if row.customer is not None and not row.organisation:
            row.organisation = row.customer.name
        typed = typed_guests(form)
        row.guest_count = max(row.guest_count or 1, len(typed) + (0 if created else len(row.guests)))
        if typed and not row.lead_guest:
            row.lead_guest = f"{typed[0].name} {typed[0].title}".strip()[:60]

    def problems(self, row, form):
        if not row.organisation:
            yield "organisation", say(N_("Name the organisation, or choose a customer."))
        yield from ends_in_time(row, "planned_start", "planned_end")
        yield from at_least_one_guest(row, "guest_count")
        yield from not_negative(row, "budget")
        if row.level is None and not row.walk_in and levels(actor().department_id):
            yield "level", say(N_("Choose the reception level."))

    def after_fill(self, form, row, created):
        keep_guests(row, typed_guests(form))
        keep_escorts(row, {user.id for user in form.escort_users.data or ()})
        upload = read_upload(form.evidence_file.data) if "evidence_file" in form else None
        if upload:
            keep_letter(row, upload, form.evidence_sealed.data)

    def create_model(self, form):
        """Who stands at the desk is registered at once; who may not be, stays a draft that the desk completes or
        refuses."""
        row = super().create_model(form)
        if row and row.walk_in:
            try:
                advance(row, "register", actor())
                db.session.commit()
            except Refused as refusal:
                db.session.rollback()
                flash(tr(refusal.reason), "error")
        return row

    def complete(self, form, row, created):
        """Guests, escorts and the letter as typed, laid into the visit for judging; none of it is stored."""
        listed = list(row.guests)
        row.guests = listed + [
            VisitGuest(visitor=new_visitor(row, guest), is_lead=not listed and n == 0)
            for n, guest in enumerate(typed_guests(form))
        ]
        duties = {escort.user_id: escort.duty for escort in row.escorts}
        row.escorts = [VisitEscort(user=user, duty=duties.get(user.id, "")) for user in form.escort_users.data or ()]
        if request.form.get("evidence_file_chosen"):
            row.evidence = [*row.evidence, Evidence(sealed=bool(form.evidence_sealed.data))]

    def to_show(self, row, judgement):
        if not row.walk_in:
            return judgement.findings
        return [f for f in judgement.findings if not f.cured_by]  # the next page sees to the others

    def more(self, row, book):
        of_guests = facts.of(row, actor().now, actor().today, made_from("level"))
        suggested = None if row.walk_in else suggest_level(book, of_guests)
        if suggested is None:
            return []
        rank, clauses = suggested
        level = next((level for level in levels(row.department_id) if level.rank == rank), rank)
        text = gettext("Suggested level: %(level)s (%(clause)s)", level=str(level), clause=" ".join(clauses))
        return [remark(text, "good")]

    def too_early(self, row):
        if row.level is None and not row.walk_in and levels(row.department_id):
            return gettext("Choose the reception level: it decides who approves the visit.")
        return ""

    def related(self, row):
        return sections_of(row)

    def before(self, row, step):
        if step.name in ("hand_over", "keep_host") and row.proposed_host is not None:
            return [change_asked_for(row)]
        if step.name == "amend_notice":
            empty = gettext(
                "Nothing has changed since the last notice. "
                "A task that you change below goes out to its department alone."
            )
            return [change_section(notices.changes(row), empty)]
        return super().before(row, step)


def change_asked_for(visit) -> dict:
    """Who asked for another receptionist, and why."""
    host = visit.proposed_host
    return section(
        gettext("Change asked for"),
        [gettext("Receptionist asked for"), gettext("Change asked for by"), gettext("Reason for the change")],
        [line(f"{host.name} · {host.department.name}", visit.proposed_by.name, visit.proposed_reason)],
    )


class LevelSelect(ScopedSelect):
    """The levels that grade the visits of the user's department."""

    def __init__(self, label=None, validators=None, **kwargs):
        super().__init__(ReceptionLevel, label, [Optional()], allow_blank=True, **kwargs)
        self.query_factory = lambda: levels(actor().department_id)


# ── What is typed on the visit's page about its guests, escorts and letter ───────────────────────────────
class TypedGuest(NamedTuple):
    """A line of the guest list."""

    name: str
    title: str = ""
    phone: str = ""


def typed_guests(form) -> list[TypedGuest]:
    """The guest list as it was typed: name, position, phone."""
    lines = (form.guest_names.data or "").splitlines()
    parts = [[part.strip() for part in re.split(r"[,，;；\t|]", text)][:3] for text in lines]
    return [TypedGuest(*guest) for guest in parts if guest[0]]


def new_visitor(visit, guest: TypedGuest) -> Visitor:
    """A visitor nobody has entered yet; not stored."""
    return Visitor(
        name=guest.name[:40],
        title=guest.title[:40],
        phone=guest.phone[:20] or None,
        organisation=visit.organisation,
        customer_id=visit.customer_id,
        department_id=visit.department_id,
        diet="",
        blacklisted=False,
    )


def known_visitor(visit, guest: TypedGuest) -> Visitor | None:
    """A visitor of the same name and phone, or organisation, who came before and is visible to the user."""
    same = Visitor.phone_hash == fingerprint(guest.phone) if guest.phone else Visitor.organisation == visit.organisation
    return db.session.scalar(
        sa.select(Visitor).where(Visitor.name == guest.name, same, Visitor.visible_to(actor())).limit(1)
    )


def keep_guests(visit, typed: list[TypedGuest]) -> None:
    """Add the guests typed that the visit does not have yet; its first is the main guest."""
    listed = set(db.session.scalars(sa.select(VisitGuest.visitor_id).where(VisitGuest.visit_id == visit.id)))
    for guest in typed:
        visitor = known_visitor(visit, guest)
        if visitor is None:
            visitor = new_visitor(visit, guest)
            db.session.add(visitor)
            db.session.flush()
        if visitor.id not in listed:
            db.session.add(VisitGuest(visit_id=visit.id, visitor_id=visitor.id, is_lead=not listed))
            db.session.flush()
            listed.add(visitor.id)


def keep_escorts(visit, wanted: set[int]) -> None:
    """Make the users `wanted` the visit's escorts; those who stay keep their duty."""
    present = {escort.user_id: escort for escort in visit.escorts}
    for user_id in sorted(wanted - present.keys()):
        db.session.add(VisitEscort(visit_id=visit.id, user_id=user_id))
    for user_id in present.keys() - wanted:
        db.session.delete(present[user_id])


def keep_letter(visit, upload: dict, sealed: bool) -> None:
    """Attach the letter that came with the form."""
    db.session.add(
        Evidence(
            visit_id=visit.id,
            kind=EvidenceKind.LETTER,
            reference=visit.letter_no,
            issuer=visit.organisation,
            sealed=sealed,
            uploaded_by_id=actor().id,
            created_at=now(),
            **upload,
        )
    )
