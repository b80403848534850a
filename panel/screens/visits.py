"""Visits: filed with guests, escorts and the sealed letter on one page."""

import re
from datetime import timedelta

import sqlalchemy as sa
from flask import flash, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from wtforms import BooleanField, FileField, TextAreaField
from wtforms.validators import Length, Optional

import rules
from core.clock import now, this_minute
from core.text import N_, say
from engine.advance import advance
from engine.moves import Refused
from facts import notices
from models import (
    Area,
    Dispatch,
    Evidence,
    EvidenceKind,
    Expense,
    GiftRequest,
    HospitalityRequest,
    ReceptionLevel,
    RoomBooking,
    User,
    VisitEscort,
    VisitGuest,
    Visitor,
    db,
    preload_presence,
)
from panel.access import actor, can, sees_money
from panel.forms import AjaxSelectMany, ScopedLoader, ScopedSelect, tidy
from panel.i18n import badge, show, tr
from panel.notices import change_section, differences
from panel.screens.visits_parts import may_change_guests
from panel.screens.visits_sections import parts_of
from panel.sections import requests_section, section, url_of
from panel.transitions import RequestView
from panel.uploads import read_upload
from rulebook.versions import levels
from rules import suggest_level
from workflow import VISIT, VisitState

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
        from rulebook import versions

        return rules.demanded(versions.load(None, actor().department_id), actor().today)

    def create_form(self, obj=None):
        return self._asked(super().create_form(obj), self._walk_in())

    def prefill(self, form):
        super().prefill(form)
        if self._walk_in():
            form.planned_start.data, form.area.data = this_minute(), Area.LOBBY
            form.planned_end.data = form.planned_start.data + timedelta(hours=1)
        else:
            form.host.data = form.host.data or db.session.get(User, actor().id)

    @staticmethod
    def _asked(form, walk_in: bool):
        """`form` with what concerns this visit and this user: somebody stands at the desk and waits while it is filled in."""
        unasked = set() if levels(actor().department_id) else {"level"}
        if walk_in:
            unasked |= {f.name for f in form} - WALK_IN_ASKS - WALK_IN_MORE
        if not sees_money():
            unasked.add("budget")
        for name in unasked & {f.name for f in form} - {"csrf_token"}:
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
        form = self._asked(super().edit_form(obj), obj is not None and obj.walk_in)
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
        row.guest_count = max(row.guest_count or 1, len(self._lines(form)) + (0 if created else len(row.guests)))
        first = self._lines(form)
        if first and not row.lead_guest:
            row.lead_guest = " ".join(first[0][:2]).strip()[:60]

    def problems(self, row, form):
        if not row.organisation:
            yield "organisation", say(N_("Name the organisation, or choose a customer."))
        if row.planned_start and row.planned_end and row.planned_end < row.planned_start:
            yield "planned_end", say(N_("It ends before it begins."))
        if row.guest_count is not None and row.guest_count < 1:
            yield "guest_count", say(N_("At least one guest comes."))
        if row.budget is not None and row.budget < 0:
            yield "budget", say(N_("An amount is not negative."))
        if row.level is None and not row.walk_in and levels(actor().department_id):
            yield "level", say(N_("Choose the reception level."))

    @staticmethod
    def _lines(form) -> list[list[str]]:
        """The guest list as rows of name, position, phone."""
        rows = []
        for line in (form.guest_names.data or "").splitlines():
            parts = [p.strip() for p in re.split(r"[,，;；\t|]", line)]
            if parts[0]:
                rows.append((parts + ["", ""])[:3])
        return rows

    def after_fill(self, form, row, created):
        for name, title, phone in self._lines(form):
            visitor = self._known(row, name, phone)
            if visitor is None:
                visitor = Visitor(
                    name=name[:40],
                    title=title[:40],
                    phone=phone[:20] or None,
                    organisation=row.organisation,
                    customer_id=row.customer_id,
                    department_id=row.department_id,
                )
                db.session.add(visitor)
                db.session.flush()
            if not db.session.scalar(
                sa.select(VisitGuest.id).where(VisitGuest.visit_id == row.id, VisitGuest.visitor_id == visitor.id)
            ):
                lead = not db.session.scalar(sa.select(VisitGuest.id).where(VisitGuest.visit_id == row.id))
                db.session.add(VisitGuest(visit_id=row.id, visitor_id=visitor.id, is_lead=lead))
                db.session.flush()
        wanted, present = {u.id for u in form.escort_users.data or ()}, {e.user_id: e for e in row.escorts}
        for user_id in sorted(wanted - present.keys()):
            db.session.add(VisitEscort(visit_id=row.id, user_id=user_id))
        for user_id in present.keys() - wanted:
            db.session.delete(present[user_id])
        upload = read_upload(form.evidence_file.data) if "evidence_file" in form else None
        if upload:
            db.session.add(
                Evidence(
                    visit_id=row.id,
                    kind=EvidenceKind.LETTER,
                    reference=row.letter_no,
                    issuer=row.organisation,
                    sealed=form.evidence_sealed.data,
                    uploaded_by_id=actor().id,
                    created_at=now(),
                    **upload,
                )
            )

    def create_model(self, form):
        """Who stands at the desk is registered at once; who may not be, stays a draft that the desk completes or refuses."""
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
        there = list(row.guests)
        row.guests = there + [
            VisitGuest(
                visitor=Visitor(
                    name=name,
                    title=title,
                    phone=phone or None,
                    organisation=row.organisation,
                    diet="",
                    blacklisted=False,
                ),
                is_lead=not there and n == 0,
            )
            for n, (name, title, phone) in enumerate(self._lines(form))
        ]
        row.escorts = [
            VisitEscort(user=user, duty=next((e.duty for e in row.escorts if e.user_id == user.id), ""))
            for user in form.escort_users.data or ()
        ]
        if request.form.get("evidence_file_chosen"):
            row.evidence = [*row.evidence, Evidence(sealed=bool(form.evidence_sealed.data))]

    def judged(self, row, book):
        found = super().judged(row, book)
        if not row.walk_in:
            return found
        return [f for f in found if not f.cured_by]  # the next page sees to the others

    def more(self, row, book):
        facts = row.facts(actor().now, actor().today, frozenset())
        suggested = None if row.walk_in else suggest_level(book, facts)
        if suggested is None:
            return []
        level = next((one for one in levels(row.department_id) if one.rank == suggested[0]), None)
        return [
            {
                "tone": "good",
                "text": gettext(
                    "Suggested level: %(level)s (%(clause)s)",
                    level=str(level or suggested[0]),
                    clause=" ".join(suggested[1]),
                ),
            }
        ]

    def too_early(self, row):
        if row.level is None and not row.walk_in and levels(row.department_id):
            return gettext("Choose the reception level: it decides who approves the visit.")
        return ""

    @staticmethod
    def _known(row, name, phone):
        """A visitor of the same name and phone, or organisation, who came before and is visible to the user."""
        from core.privacy import fingerprint

        same = Visitor.phone_hash == fingerprint(phone) if phone else Visitor.organisation == row.organisation
        return db.session.scalar(
            sa.select(Visitor).where(Visitor.name == name, same, Visitor.visible_to(actor())).limit(1)
        )

    def related(self, row):
        add = {"visit": row.id}
        open_list = may_change_guests(row) is None
        guests = [
            {
                "cells": [
                    Markup("★ ") + g.visitor.name if g.is_lead else g.visitor.name,
                    g.visitor.title,
                    g.visitor.organisation,
                    stays(g),
                ],
                "url": url_of("visitor", g.visitor_id) if can("visitor:read") else None,
            }
            for g in row.guests
        ]
        out = [
            section(
                gettext("Guest list"),
                [gettext("Name"), gettext("Position"), gettext("Organisation"), gettext("In the house")],
                guests,
                gettext("No guest is named yet. Add each of them, so that the front desk can check them in."),
                self._add("visitguest", add) if open_list else None,
                gettext("Add a guest"),
            )
        ]
        if can("visitescort:read"):
            out.append(
                section(
                    gettext("Escorts"),
                    [gettext("Name"), gettext("Department"), gettext("Duty")],
                    [{"cells": [e.user.name, e.user.department.name, e.duty], "url": None} for e in row.escorts],
                    gettext("Nobody is named yet."),
                    self._add("visitescort", add) if row.status not in VISIT.past else None,
                    gettext("Add an escort"),
                )
            )
        if can("evidence:read"):
            out.append(
                section(
                    gettext("Evidence"),
                    [gettext("File"), gettext("Letter No."), gettext("Official seal"), gettext("Size")],
                    [
                        {
                            "cells": [e.filename, e.reference, show(e.sealed), f"{e.size / 1024:,.0f} KB"],
                            "url": url_of("evidence", e.id),
                        }
                        for e in row.evidence
                    ],
                    gettext("Nothing is attached."),
                    self._add("evidence", add) if row.editable else None,
                    gettext("Attach a file"),
                )
            )
        for model, screen, title, label, cells, headers in RELATED:
            if can(f"{screen}:read"):
                rows = db.session.scalars(
                    sa.select(model).where(model.visit_id == row.id, model.visible_to(actor())).order_by(model.id)
                ).all()
                out.append(
                    {
                        **requests_section(
                            tr(title),
                            screen,
                            rows,
                            cells,
                            [tr(h) for h in headers],
                            gettext("None yet."),
                            add_url=self._add(screen, add),
                            add_label=tr(label),
                        ),
                        "quiet": True,
                    }
                )
        copies = notices.receipts(row)
        if copies and can("noticereceipt:read"):
            out.append(
                section(
                    gettext("Reception notice"),
                    [
                        gettext("Department"),
                        gettext("Task"),
                        gettext("What has changed"),
                        gettext("Done by (time)"),
                        gettext("Responsible"),
                        gettext("Signed for"),
                    ],
                    [
                        {
                            "cells": [
                                r.department.name,
                                gettext("Relieved of its task") if r.relieved else r.task,
                                "、".join(line[0] for line in differences(r.notice.changes)),
                                show(r.notice.due_at),
                                r.responsible.name if r.responsible else "",
                                f"{r.signed_by.name} {show(r.signed_at)}" if r.signed_at else badge(r.status),
                            ],
                            "url": None,
                        }
                        for r in copies
                    ],
                    "",
                )
            )
        out += parts_of(row)
        return out

    def before(self, row, step):
        if step.name in ("hand_over", "keep_host") and row.proposed_host is not None:
            return [
                section(
                    gettext("Change asked for"),
                    [
                        gettext("Receptionist asked for"),
                        gettext("Change asked for by"),
                        gettext("Reason for the change"),
                    ],
                    [
                        {
                            "cells": [
                                f"{row.proposed_host.name} · {row.proposed_host.department.name}",
                                row.proposed_by.name,
                                row.proposed_reason,
                            ],
                            "url": None,
                        }
                    ],
                    "",
                )
            ]
        if step.name != "amend_notice":
            return super().before(row, step)
        return [
            change_section(
                notices.changes(row),
                gettext(
                    "Nothing has changed since the last notice. A task that you change below goes out to its department alone."
                ),
            )
        ]

    def _add(self, screen, args):
        return self.get_url(f"{screen}.create_view", **args) if can(f"{screen}:create") else None


NO, ST = N_("No."), N_("Status")
RELATED = (
    (
        RoomBooking,
        "roombooking",
        N_("Rooms"),
        N_("Book a room"),
        lambda r: [r.number, r.room.name, show(r.starts_at), badge(r.status)],
        (NO, N_("Room"), N_("From"), ST),
    ),
    (
        Dispatch,
        "dispatch",
        N_("Cars"),
        N_("Ask for a car"),
        lambda r: [r.number, r.destination, show(r.out_planned), badge(r.status)],
        (NO, N_("Destination"), N_("Departs"), ST),
    ),
    (
        HospitalityRequest,
        "hospitalityrequest",
        N_("Hospitality requests"),
        N_("Ask for hospitality"),
        lambda r: [r.number, tr(r.category), show(r.amount), badge(r.status)],
        (NO, N_("Category"), N_("Estimated (CNY)"), ST),
    ),
    (
        GiftRequest,
        "giftrequest",
        N_("Gift requests"),
        N_("Ask for a gift"),
        lambda r: [r.number, str(r.gift), str(r.quantity), badge(r.status)],
        (NO, N_("Article"), N_("Quantity"), ST),
    ),
    (
        Expense,
        "expense",
        N_("Expenses"),
        N_("File an expense"),
        lambda r: [r.number, tr(r.category), show(r.amount), badge(r.status)],
        (NO, N_("Category"), N_("Amount with tax (CNY)"), ST),
    ),
)


def stays(guest) -> str:
    return "、".join(
        f"{show(c.arrived_at)[5:]} → {show(c.left_at)[11:] if c.left_at else '…'}"
        + (f" [{c.badge_no}]" if c.badge_no else "")
        for c in guest.checkins
    )


class LevelSelect(ScopedSelect):
    """The levels that grade the visits of the user's department."""

    def __init__(self, label=None, validators=None, **kwargs):
        super().__init__(ReceptionLevel, label, [Optional()], allow_blank=True, **kwargs)
        self.query_factory = lambda: levels(actor().department_id)
