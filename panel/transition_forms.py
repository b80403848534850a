"""The form of a transition: a field for everything it asks, and a reason for each finding that needs one."""

import sqlalchemy as sa
from flask import request
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DecimalField, HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from clauses.words import Offer, Outcome, Refusal
from core.clock import today
from engine.findings import explanations
from facts import notices
from models import Department, Driver, TourRoute, User, Vehicle, db
from panel.access import actor
from panel.forms import AjaxSelect, Boxes, DayField, LocalDateTimeField, ScopedLoader, finite, tidy
from rules import RULES, Severity

CHOSEN = {
    "refusal": (_l("Why refused"), Refusal),
    "offer": (_l("Offered to the visitor"), Offer),
    "outcome": (_l("Outcome"), Outcome),
}
TICKED = {
    "identity": _l("Identity documents checked"),
    "security": _l("Security check passed"),
    "signed": _l("Guests have signed the register"),
    "goods": _l("Guests take goods along"),
    "restored": _l("Venue and equipment checked and restored"),
    "satisfied": _l("Customer is satisfied"),
}
WRITTEN = {
    "measures": _l("What was done against it"),
    "investigation": _l("Investigation"),
    "solution": _l("Solution"),
    "result": _l("Result"),
    "promises": _l("Promises made, one per line"),
}
NAMES = {
    "approved_amount": _l("Approved amount (CNY)"),
    "voucher_no": _l("Voucher No."),
    "settled_on": _l("Settled on"),
}


def text_area(label, required=False, longest=2000):
    return TextAreaField(label, [InputRequired() if required else Optional(), Length(max=longest)], filters=[tidy])


def number(label, required=False):
    return IntegerField(label, [InputRequired() if required else Optional(), NumberRange(0, 9_999_999)])


def form_for(row, transition, found, further=None) -> type[FlaskForm]:
    """The form of a transition: what it asks, what its screen adds, and a reason for each finding that needs one."""
    fields: dict = {"version": HiddenField(), **(further or {})}
    for asked in transition.asks:
        if asked in ("comment", "comment!"):
            fields["comment"] = text_area(_l("Reason") if asked.endswith("!") else _l("Comment"), asked.endswith("!"))
        elif asked in ("guests_out", "guests_in"):
            guests = row.guests_outside if asked == "guests_out" else row.guests_inside
            chosen = request.args.getlist("guests", type=int)
            fields["guests"] = Boxes(
                _l("Guests"),
                choices=[(g.id, f"{g.visitor.name} {g.visitor.title}".strip()) for g in guests],
                coerce=int,
                default=[g.id for g in guests if not chosen or g.id in chosen],
            )
        elif asked == "badges":
            for guest in row.guests_outside:
                fields[f"badge_{guest.id}"] = StringField(
                    gettext("Badge of %(name)s", name=guest.visitor.name), [Optional(), Length(max=12)], filters=[tidy]
                )
        elif asked in TICKED:
            fields[asked] = BooleanField(TICKED[asked])
        elif asked in CHOSEN:
            label, choices = CHOSEN[asked]
            options = [(str(c), _l(c.label)) for c in choices]
            if not any(value == "" for value, _ in options):
                options.insert(0, ("", "—"))
            fields[asked] = SelectField(
                label, [Optional()], choices=options, default=str(getattr(row, asked, "") or "")
            )
        elif asked in WRITTEN:
            fields[asked] = TextAreaField(
                WRITTEN[asked],
                [InputRequired() if asked == "result" else Optional(), Length(max=5000)],
                filters=[tidy],
                default=getattr(row, asked, ""),
            )
        elif asked == "route":
            routes = db.session.scalars(
                sa.select(TourRoute).where(TourRoute.to_version.is_(None)).order_by(TourRoute.id)
            ).all()
            if routes:
                fields[asked] = SelectField(
                    _l("Tour route"),
                    [Optional()],
                    choices=[("", "—")] + [(str(r.id), r.name) for r in routes],
                    default=str(row.route_id or ""),
                )
        elif asked == "next_step":
            fields[asked] = StringField(_l("Next step"), [Optional(), Length(max=200)], filters=[tidy])
        elif asked == "actual_cost":
            fields[asked] = DecimalField(
                _l("Cost (CNY)"), [Optional(), NumberRange(0, 9_999_999_999), finite], places=2
            )
        elif asked == "new_host":
            fields[asked] = AjaxSelect(
                ScopedLoader("host", User, ("name", "username")),
                _l("New receptionist"),
                [InputRequired()],
                allow_blank=False,
                default=row.proposed_host,
            )
        elif asked == "due":
            last = notices.latest(row)
            fields[asked] = LocalDateTimeField(
                _l("Done by (time)"), [Optional()], default=last.due_at if last and last.due_at else row.planned_start
            )
        elif asked == "responsible":
            if not row.relieved:
                people = db.session.scalars(
                    sa.select(User).where(User.department_id == row.department_id, User.active).order_by(User.id)
                )
                fields[asked] = SelectField(
                    _l("Responsible"),
                    [Optional()],
                    coerce=int,
                    choices=[(u.id, u.name) for u in people],
                    default=actor().id,
                )
        elif asked == "tasks":
            held = {d: r.task for d, r in notices.standing(notices.receipts(row)).items()}
            for department in db.session.scalars(
                sa.select(Department).where(Department.active).order_by(Department.id)
            ):
                fields[f"task_{department.id}"] = StringField(
                    gettext("Task of %(department)s", department=department.name),
                    [Optional(), Length(max=300)],
                    filters=[tidy],
                    default=held.get(department.id, ""),
                )
        elif asked == "record":
            fields["record"] = TextAreaField(
                _l("Reception record"), [Optional(), Length(max=5000)], filters=[tidy], default=row.record
            )
        elif asked == "new_start":
            fields["new_start"] = LocalDateTimeField(_l("New time of arrival"), [InputRequired()])
        elif asked in ("vehicle", "driver"):
            model = Vehicle if asked == "vehicle" else Driver
            rows = db.session.scalars(sa.select(model).where(model.active).order_by(model.id))
            fields[asked] = SelectField(
                _l("Vehicle") if asked == "vehicle" else _l("Driver"),
                coerce=int,
                choices=[(r.id, str(r)) for r in rows],
            )
        elif asked == "odometer_out":
            fields[asked] = IntegerField(
                _l("Odometer out (km)"),
                [Optional(), NumberRange(0, 9_999_999)],
                default=row.vehicle.odometer if row.vehicle else None,
            )
        elif asked == "odometer_back":
            fields[asked] = number(_l("Odometer back (km)"), True)
        elif asked == "recipient":
            fields[asked] = StringField(_l("Recipient"), [Optional(), Length(max=60)], filters=[tidy])
        elif asked == "quantity_returned":
            fields[asked] = IntegerField(
                _l("Quantity returned to stock"), [Optional(), NumberRange(0, 99_999)], default=0
            )
        elif asked == "approved_amount":
            fields[asked] = DecimalField(
                NAMES[asked], [InputRequired(), NumberRange(0, 9_999_999_999), finite], places=2, default=row.amount
            )
        elif asked == "voucher_no":
            fields[asked] = StringField(NAMES[asked], [InputRequired(), Length(max=30)], filters=[tidy])
        elif asked == "settled_on":
            fields[asked] = DayField(NAMES[asked], [Optional()], default=today)
    given = explanations(row) if found else {}
    for finding in found:
        if finding.severity == Severity.EXPLAIN:
            fields[f"reason_{finding.rule}"] = TextAreaField(
                gettext("Reason for %(clause)s", clause=finding.clause),
                [Optional(), Length(max=300)],
                filters=[tidy],
                default=given.get(finding.rule) or typed_reason(row, finding.rule),
            )
    return type("TransitionForm", (FlaskForm,), fields)


def typed_reason(row, kind: str) -> str:
    """The reason typed on the request itself, where its form has a field for it."""
    return getattr(row, RULES[kind].reason_in, "") if kind in RULES and RULES[kind].reason_in else ""


def data_of(form) -> dict:
    """What the form said, as `advance` reads it."""
    data = {name: value for name, value in form.data.items() if name not in ("csrf_token", "version")}
    data["reasons"] = {n.removeprefix("reason_"): v for n, v in data.items() if n.startswith("reason_")}
    data["badges"] = {int(n.removeprefix("badge_")): v for n, v in data.items() if n.startswith("badge_")}
    data["tasks"] = {n.removeprefix("task_"): v for n, v in data.items() if n.startswith("task_")}
    return data
