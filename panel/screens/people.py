"""Users with their roles, what the roles may do, and approval rights lent to a colleague."""

import re

import sqlalchemy as sa
from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, SelectChoice, SelectField
from wtforms.validators import InputRequired, Length, Optional

from core.passwords import SHORTEST
from core.text import N_, say
from engine.audit import audit
from models import (
    Grant,
    Role,
    UserRole,
    clash,
    db,
    known_permissions,
)
from panel.access import actor
from panel.checks import ends_in_time
from panel.forms import Boxes, worded
from panel.i18n import LOCALES, show
from panel.views import PanelView


class UserScreen(PanelView):
    """Users and their roles. A new password is given once and changed at the next sign-in."""

    column_formatters = {"roles": lambda v, c, row, n: show([r.role for r in row.roles])}

    form_extra = {
        "role_codes": Boxes(_l("Roles"), choices=worded(Role), validators=[Optional()]),
        "new_password": PasswordField(
            _l("New password"),
            [Optional(), Length(min=SHORTEST, max=200)],
            description=_l(
                "At least 10 characters; the user changes it at the next sign-in. "
                "Empty leaves an existing one as it is."
            ),
        ),
    }

    def edit_form(self, obj=None):
        form = super().edit_form(obj)
        if request.method == "GET" and obj is not None:
            form.role_codes.data = [str(r.role) for r in obj.roles]
        return form

    def scaffold_form(self):
        form = super().scaffold_form()
        form.locale = SelectField(
            self.label_of("locale"), choices=[SelectChoice(code, name) for code, name in LOCALES.items()]
        )
        return form

    def problems(self, row, form):
        if row.id == actor().id and (not row.active or str(Role.SYSADMIN) not in form.role_codes.data):
            yield "active", say(N_("You cannot shut yourself out."))
        if row.username and not re.fullmatch(r"[a-z0-9_.\-]{2,40}", row.username):
            yield "username", say(N_("Small letters, digits, dot, dash and underscore."))
        if row.id is None and not form.new_password.data:
            yield "new_password", say(N_("Give a first password; the user changes it at the first sign-in."))

    def after_fill(self, form, row, created):
        wanted, present = set(form.role_codes.data or ()), {str(r.role): r for r in row.roles}
        for code in wanted - present.keys():
            row.roles.append(UserRole(role=Role(code)))
        for code in present.keys() - wanted:
            row.roles.remove(present[code])
        if wanted != present.keys():
            audit("roles", row, actor(), {"roles": sorted(present)}, {"roles": sorted(wanted)})
        if form.new_password.data:
            row.set_password(form.new_password.data)
            row.must_change = row.id != actor().id


class GrantScreen(PanelView):
    can_edit = False

    def scaffold_form(self):
        form = super().scaffold_form()
        form.permission = SelectField(
            self.label_of("permission"),
            [InputRequired()],
            choices=lambda: [SelectChoice(p) for p in sorted(known_permissions())],
        )
        return form

    def problems(self, row, form):
        held = set(db.session.scalars(sa.select(Grant.permission).where(Grant.role == row.role)))
        clashing = clash(str(row.role), held | {row.permission})
        if clashing:
            yield (
                "permission",
                say(N_("These must not meet in one role: {names}"), names=", ".join(sorted(clashing)[:4])),
            )
        if row.permission in held:
            yield "permission", say(N_("The role holds it already."))


class DelegationScreen(PanelView):
    """Everybody lends their own approval rights, for a span of days, to somebody else."""

    def may_edit_row(self, row):
        return (
            None
            if row.delegator_id == actor().id or actor().has(Role.SYSADMIN)
            else say(N_("Only who delegated can change it."))
        )

    def fill(self, form, row, created):
        super().fill(form, row, created)
        if created:
            row.delegator_id = actor().id

    def problems(self, row, form):
        if row.delegate is not None and row.delegate.id == actor().id and row.delegator_id == actor().id:
            yield "delegate", say(N_("Name somebody else."))
        yield from ends_in_time(row, "since", "until")
