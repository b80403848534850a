"""The form of a transition: a field for everything it asks, and a reason for each finding that needs one."""

from collections.abc import Callable, Iterable
from typing import Any

import sqlalchemy as sa
from flask import request
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DecimalField,
    HiddenField,
    IntegerField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from clauses.words import Offer, Outcome, Refusal
from core.clock import today
from engine.findings import explanations
from facts import notices
from models import Department, Driver, TourRoute, User, Vehicle, db
from panel.access import actor
from panel.forms import (
    NOTHING_CHOSEN,
    AjaxSelect,
    Boxes,
    DayField,
    LocalDateTimeField,
    ScopedLoader,
    finite,
    tidy,
    worded,
)
from rules import Finding, Severity, reason_in
from workflow import PROCESSES, Process, Transition

Fields = dict[str, Any]
Builder = Callable[[Any, str, bool], Fields]
BUILDERS: dict[str, Builder] = {}
"""By what a transition asks for, the function that gives the fields for it."""
REASON = "reason_"
MOST_CNY = 9_999_999_999
MOST_KM = 9_999_999


def asks(*names: str) -> Callable[[Builder], Builder]:
    """The function below gives the fields for what a transition asks for by one of these names.

    It is called with the row, the name, and whether the transition requires it. Raises LookupError for a name that no
    transition asks for.
    """

    def register(build: Builder) -> Builder:
        for name in names:
            if name not in ASKED:
                raise LookupError(f"no transition asks for {name}")
            BUILDERS[name] = build
        return build

    return register


ASKED = {name.rstrip("!") for p in PROCESSES.values() for t in p.transitions for name in t.asks}


def check_asks(process: Process) -> None:
    """Raise LookupError where a transition of `process` asks for something that nobody gives a field for."""
    for transition in process.transitions:
        for name in transition.asks:
            if name.rstrip("!") not in BUILDERS:
                raise LookupError(f"{process.name}:{transition.name} asks for {name}, and there is no field for it")


def form_for(row: Any, transition: Transition, findings: Iterable[Finding] | None = None) -> type[FlaskForm]:
    """The form of a transition: what it asks, and a reason for each of the `findings` that needs one.

    Where nothing was judged yet (`findings` is None) the reasons are read as the request sends them.
    """
    fields: Fields = {"version": HiddenField()}
    for name in transition.asks:
        fields |= BUILDERS[name.rstrip("!")](row, name.rstrip("!"), name.endswith("!"))
    if findings is None:
        fields |= {name: reason(name) for name in request.form if name.startswith(REASON)}
    else:
        fields |= reasons_for(row, [f for f in findings if f.severity == Severity.EXPLAIN])
    return type("TransitionForm", (FlaskForm,), fields)


def data_of(form: FlaskForm) -> dict[str, Any]:
    """What the form said, as `advance` reads it."""
    data = {name: value for name, value in form.data.items() if name not in ("csrf_token", "version")}
    data["reasons"] = {n.removeprefix(REASON): v for n, v in data.items() if n.startswith(REASON)}
    data["badges"] = {int(n.removeprefix("badge_")): v for n, v in data.items() if n.startswith("badge_")}
    data["tasks"] = {n.removeprefix("task_"): v for n, v in data.items() if n.startswith("task_")}
    return data


# ── Reasons ──────────────────────────────────────────────────────────────────────────────────────
def reason(label: Any, default: str = "") -> TextAreaField:
    """The field for a written reason."""
    return TextAreaField(label, [Optional(), Length(max=300)], filters=[tidy], default=default)


def reasons_for(row: Any, findings: list[Finding]) -> Fields:
    """A field for each finding that asks for a reason, with the one given before, or typed on the request itself."""
    given = explanations(row) if findings else {}
    return {
        REASON + f.rule: reason(
            gettext("Reason for %(clause)s", clause=f.clause), given.get(f.rule) or typed_reason(row, f.rule)
        )
        for f in findings
    }


def typed_reason(row: Any, kind: str) -> str:
    """The reason typed on the request itself, where its form has a field for it."""
    return getattr(row, reason_in(kind), "")


@asks("reasons")
def no_field(row: Any, name: str, required: bool) -> Fields:
    """Its fields come with the findings."""
    return {}


# ── Text ─────────────────────────────────────────────────────────────────────────────────────────
WRITTEN = {
    "measures": _l("What was done against it"),
    "investigation": _l("Investigation"),
    "solution": _l("Solution"),
    "result": _l("Result"),
    "promises": _l("Promises made, one per line"),
    "record": _l("Reception record"),
}
"""Longer texts, by their column where they have one; the result of a visit to a customer is required."""
LINES = {
    "next_step": (_l("Next step"), 200),
    "recipient": (_l("Recipient"), 60),
    "voucher_no": (_l("Voucher No."), 30),
}
"""Texts of one line, with how long each may be; a voucher is required."""


def text_area(label: Any, required: bool = False, longest: int = 2000) -> TextAreaField:
    """The field for a text of several lines."""
    return TextAreaField(label, [InputRequired() if required else Optional(), Length(max=longest)], filters=[tidy])


@asks("comment")
def comment(row: Any, name: str, required: bool) -> Fields:
    """A comment, or the reason that the transition requires."""
    return {name: text_area(_l("Reason") if required else _l("Comment"), required)}


@asks(*WRITTEN)
def written(row: Any, name: str, required: bool) -> Fields:
    """A longer text, with what the row says already."""
    presence = InputRequired() if name == "result" else Optional()
    default = getattr(row, name, "")
    return {name: TextAreaField(WRITTEN[name], [presence, Length(max=5000)], filters=[tidy], default=default)}


@asks(*LINES)
def line(row: Any, name: str, required: bool) -> Fields:
    """A text of one line."""
    label, longest = LINES[name]
    presence = InputRequired() if name == "voucher_no" else Optional()
    return {name: StringField(label, [presence, Length(max=longest)], filters=[tidy])}


# ── Boxes and choices ────────────────────────────────────────────────────────────────────────────
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


@asks(*TICKED)
def ticked(row: Any, name: str, required: bool) -> Fields:
    """A box to tick."""
    return {name: BooleanField(TICKED[name])}


@asks(*CHOSEN)
def chosen(row: Any, name: str, required: bool) -> Fields:
    """One of a list of words, or none of them."""
    label, words = CHOSEN[name]
    choices = worded(words) if any(not str(word) for word in words) else [NOTHING_CHOSEN, *worded(words)]
    default = str(getattr(row, name, "") or "")
    return {name: SelectField(label, [Optional()], choices=choices, default=default)}


# ── Guests and their reception ───────────────────────────────────────────────────────────────────
class GuestBoxes(Boxes):
    """Guests to tick: on the page at least one; a request that does not come from there means all of them."""

    def pre_validate(self, form):
        super().pre_validate(form)
        if not self.data and request.form.get("guests_shown"):
            raise ValidationError(gettext("Choose at least one."))
        self.data = self.data or None


@asks("guests_out", "guests_in")
def guests(row: Any, name: str, required: bool) -> Fields:
    """The guests who may come in, or leave: all are ticked, or those that the address names."""
    there = row.guests_outside if name == "guests_out" else row.guests_inside
    named = request.args.getlist("guests", type=int)
    return {
        "guests": GuestBoxes(
            _l("Guests"),
            choices=[SelectChoice(g.id, f"{g.visitor.name} {g.visitor.title}".strip()) for g in there],
            coerce=int,
            default=[g.id for g in there if not named or g.id in named],
        )
    }


@asks("badges")
def badges(row: Any, name: str, required: bool) -> Fields:
    """A badge for each guest who is outside."""
    return {
        f"badge_{guest.id}": StringField(
            gettext("Badge of %(name)s", name=guest.visitor.name), [Optional(), Length(max=12)], filters=[tidy]
        )
        for guest in row.guests_outside
    }


@asks("new_host")
def new_host(row: Any, name: str, required: bool) -> Fields:
    """Who is to receive the guests; whoever was asked for is suggested."""
    people = ScopedLoader("host", User, ("name", "username"))
    label = _l("New receptionist")
    return {name: AjaxSelect(people, label, [InputRequired()], allow_blank=False, default=row.proposed_host)}


@asks("new_start")
def new_start(row: Any, name: str, required: bool) -> Fields:
    """The time to which a visit is moved."""
    return {name: LocalDateTimeField(_l("New time of arrival"), [InputRequired()])}


# ── Notices ──────────────────────────────────────────────────────────────────────────────────────
@asks("route")
def route(row: Any, name: str, required: bool) -> Fields:
    """The tour, where the company has described any."""
    routes = db.session.scalars(sa.select(TourRoute).where(TourRoute.to_version.is_(None)).order_by(TourRoute.id))
    choices = [SelectChoice(str(r.id), r.name) for r in routes]
    if not choices:
        return {}
    default = str(row.route_id or "")
    return {name: SelectField(_l("Tour route"), [Optional()], choices=[NOTHING_CHOSEN, *choices], default=default)}


@asks("tasks")
def tasks(row: Any, name: str, required: bool) -> Fields:
    """A task for each department, with the one it has already."""
    held = {d: r.task for d, r in notices.standing(notices.receipts(row)).items()}
    departments = db.session.scalars(sa.select(Department).where(Department.active).order_by(Department.id))
    return {
        f"task_{department.id}": StringField(
            gettext("Task of %(department)s", department=department.name),
            [Optional(), Length(max=300)],
            filters=[tidy],
            default=held.get(department.id, ""),
        )
        for department in departments
    }


@asks("due")
def due(row: Any, name: str, required: bool) -> Fields:
    """By when the departments are to be done: as the last notice said, else when the guests arrive."""
    last = notices.latest(row)
    default = last.due_at if last and last.due_at else row.planned_start
    return {name: LocalDateTimeField(_l("Done by (time)"), [Optional()], default=default)}


@asks("responsible")
def responsible(row: Any, name: str, required: bool) -> Fields:
    """Who of the department sees to its task; nobody where it is relieved of it."""
    if row.relieved:
        return {}
    people = db.session.scalars(
        sa.select(User).where(User.department_id == row.department_id, User.active).order_by(User.id)
    )
    choices = [SelectChoice(user.id, user.name) for user in people]
    return {name: SelectField(_l("Responsible"), [Optional()], coerce=int, choices=choices, default=actor().id)}


# ── Cars ─────────────────────────────────────────────────────────────────────────────────────────
@asks("vehicle", "driver")
def vehicle_or_driver(row: Any, name: str, required: bool) -> Fields:
    """A car, or a driver, in service."""
    model, label = (Vehicle, _l("Vehicle")) if name == "vehicle" else (Driver, _l("Driver"))
    rows = db.session.scalars(sa.select(model).where(model.active).order_by(model.id))
    return {name: SelectField(label, coerce=int, choices=[SelectChoice(r.id, str(r)) for r in rows])}


@asks("odometer_out")
def odometer_out(row: Any, name: str, required: bool) -> Fields:
    """Kilometres at departure, as the car stands in the books."""
    default = row.vehicle.odometer if row.vehicle else None
    return {name: IntegerField(_l("Odometer out (km)"), [Optional(), NumberRange(0, MOST_KM)], default=default)}


@asks("odometer_back")
def odometer_back(row: Any, name: str, required: bool) -> Fields:
    """Kilometres at return."""
    return {name: IntegerField(_l("Odometer back (km)"), [InputRequired(), NumberRange(0, MOST_KM)])}


# ── Gifts and money ──────────────────────────────────────────────────────────────────────────────
@asks("quantity_returned")
def quantity_returned(row: Any, name: str, required: bool) -> Fields:
    """How many pieces were not used."""
    return {name: IntegerField(_l("Quantity returned to stock"), [Optional(), NumberRange(0, 99_999)], default=0)}


@asks("approved_amount")
def approved_amount(row: Any, name: str, required: bool) -> Fields:
    """What is to be reimbursed, in CNY: at first what was asked for."""
    valid = [InputRequired(), NumberRange(0, MOST_CNY), finite]
    return {name: DecimalField(_l("Approved amount (CNY)"), valid, places=2, default=row.amount)}


@asks("actual_cost")
def actual_cost(row: Any, name: str, required: bool) -> Fields:
    """What a visit to a customer cost, in CNY."""
    return {name: DecimalField(_l("Cost (CNY)"), [Optional(), NumberRange(0, MOST_CNY), finite], places=2)}


@asks("settled_on")
def settled_on(row: Any, name: str, required: bool) -> Fields:
    """The day of payment."""
    return {name: DayField(_l("Settled on"), [Optional()], default=today)}
