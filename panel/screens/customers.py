"""Visitors: masked, found by a full number through its keyed hash, barred by the admin office alone."""

import re

import sqlalchemy as sa
from flask import flash, redirect, request
from flask_admin import expose
from flask_babel import gettext

from core.privacy import fingerprint
from core.text import N_, say
from engine.audit import audit
from models import OFFICE, Visit, VisitGuest, Visitor, db
from panel.access import actor, can
from panel.findings import cited, disclosure
from panel.forms import tidy
from panel.i18n import badge, show, tr
from panel.sections import line, link_to, section, url_of
from panel.views import PanelView


class VisitorScreen(PanelView):
    """Visitors, masked; a full identity number or phone in the search box finds its owner by the keyed hash."""

    form_extra = {}
    personal = True

    def exactly(self, search):
        typed = search.strip()
        if re.fullmatch(r"[\d\s+\-()]{7,20}[\dXx]?", typed):
            digest = fingerprint(typed)
            return sa.or_(Visitor.phone_hash == digest, Visitor.identity_hash == digest)
        return None

    def edit_form(self, obj=None):
        form = super().edit_form(obj)
        return self._hide(form, obj)

    def _hide(self, form, row):
        """What is stored is not shown in a form either: an empty field leaves it as it is."""
        for name in ("phone", "identity_no"):
            field = form._fields.get(name)
            if field is not None and row is not None and getattr(row, name):
                field.description = gettext(
                    "Stored: %(masked)s. Leave empty to keep it.", masked=self._masked(self, None, row, name)
                )
                if not field.raw_data:
                    field.data = None
        return form

    def fill(self, form, row, created):
        kept = {n: getattr(row, n) for n in ("phone", "identity_no")} if not created else {}
        super().fill(form, row, created)
        for name, value in kept.items():
            if not getattr(row, name):
                setattr(row, name, value)
        if not actor().has(*OFFICE) and (created or sa.inspect(row).attrs.blacklisted.history.has_changes()):
            # Only the admin office bars and lifts.
            row.blacklisted = False if created else sa.inspect(row).attrs.blacklisted.history.deleted[0]

    def problems(self, row, form):
        if row.blacklisted and not row.blacklist_reason:
            yield "blacklist_reason", say(N_("Give the reason for barring."))

    @expose("/reveal/", methods=("POST",))
    def reveal_view(self):
        """Show a number in full, for a reason, on the audit log (domain.md §6)."""
        row, reason = self.wanted(), tidy(request.form.get("reason", ""))
        kept = disclosure("reveal", reason)
        if len(reason) < 2 or kept is not None:
            flash(tr(cited(kept)) if kept is not None else gettext("Say why you need to see it."), "error")
            return redirect(url_of(self.key, row.id))
        audit("reveal", row, actor(), note=reason[:200])
        shown_values = [
            (tr(str(self.label_of(n))), getattr(row, n)) for n in ("phone", "identity_no") if getattr(row, n)
        ]
        db.session.commit()
        return self.render("reveal.html", heading=row.name, values=shown_values, back_url=url_of(self.key, row.id))

    def sections(self, row):
        may_reveal = can("visitor:reveal") and (row.phone or row.identity_no)
        return {
            "reveal_url": self.get_url(".reveal_view", id=row.id) if may_reveal else None,
            "related": [visits_of(row)],
        }


def visits_of(visitor) -> dict:
    """The latest visits of a visitor that the reader may see."""
    visits = db.session.scalars(
        sa.select(Visit)
        .join(VisitGuest, VisitGuest.visit_id == Visit.id)
        .where(VisitGuest.visitor_id == visitor.id, Visit.visible_to(actor()))
        .order_by(Visit.planned_start.desc())
        .limit(20)
    )
    return section(
        gettext("Visits"),
        [
            gettext("No."),
            gettext("Visiting organisation"),
            gettext("Purpose"),
            gettext("Arrives"),
            gettext("Status"),
        ],
        [
            line(
                v.number, v.organisation, v.purpose, show(v.planned_start), badge(v.status), url=link_to("visit", v.id)
            )
            for v in visits
        ],
        gettext("Not here yet."),
    )
