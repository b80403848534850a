"""Every process of the company on one page: who the actors are, the states, the transitions.

A transition is data. `why_not` is the one predicate that says whether it may happen, and why not:
buttons, batch actions, the confirmation page, the POST and the tests all ask it. Nothing here knows a
database or a web framework; what a transition does beyond changing the state stands in `engine/effects/`.
"""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

from core.text import N_, Choice, Text, say


# ── People ───────────────────────────────────────────────────────────────────────────────────────
class Role(Choice):
    """The roles of domain.md §1; what each may do stands in `seed/roles.toml`."""

    FRONT_DESK = "front_desk", N_("Front desk")
    STAFF = "staff", N_("Department staff")
    DEPT_HEAD = "dept_head", N_("Department head")
    ADMIN_OFFICE = "admin_office", N_("Admin office")
    ADMIN_HEAD = "admin_head", N_("Admin office head")
    EXECUTIVE = "executive", N_("Executive")
    FINANCE = "finance", N_("Finance")
    SYSADMIN = "sysadmin", N_("System administrator")


@dataclass(frozen=True)
class Seat:
    """A right to decide: a role, and the department it is held in (it matters for department heads).

    `user_id` is the person whose seat it is: the actor's own, or the one who delegated it.
    """

    role: str
    department_id: int | None
    user_id: int

    def fits(self, role: str, department_id: int | None) -> bool:
        return self.role == role and (role != Role.DEPT_HEAD or self.department_id == department_id)


@dataclass(frozen=True)
class Actor:
    """Who acts, as the processes see them: roles, permissions, seats and the moment."""

    id: int
    name: str
    roles: frozenset[str]
    department_id: int | None
    permissions: frozenset[str]
    now: datetime
    today: date
    delegated: tuple[Seat, ...] = ()
    address: str = ""

    def has(self, *roles: str) -> bool:
        return not self.roles.isdisjoint(roles)

    def can(self, permission: str) -> bool:
        return permission in self.permissions

    @property
    def seats(self) -> tuple[Seat, ...]:
        """Own seats first: a decision is on someone's behalf only when it has to be."""
        own = tuple(Seat(str(role), self.department_id, self.id) for role in sorted(self.roles))
        return own + self.delegated


# ── The engine ───────────────────────────────────────────────────────────────────────────────────
Guard = Callable[[Any, Actor], Text | None]


@dataclass(frozen=True)
class Transition:
    """One step of a process.

    `targets` holds the states it may lead to; with more than one, the effect chooses. `stage` names
    the moment for which rules are judged before it happens. `asks` are the fields of its form, those with
    an exclamation mark required. `decides` marks a decision on the open approval step. `effects` says in
    words what it does beyond changing the state.
    """

    name: str
    label: str
    sources: Set[Choice]
    targets: tuple[Choice, ...]
    guards: tuple[Guard, ...] = ()
    asks: tuple[str, ...] = ()
    stage: str | None = None
    decides: bool = False
    bulk: bool = False
    style: str = "default"
    clause: str = ""
    effects: tuple[str, ...] = ()


@dataclass(frozen=True)
class Process:
    """The states of one kind of request and the transitions between them, in reading order.

    What a state means is named here, once, as a set of states. No other file writes a set of states: a query asks
    `status.in_(PROCESS.granted)`, a page `row.status in PROCESS.granted`.
    """

    name: str
    label: str
    states: type[Choice]
    initial: Choice
    transitions: tuple[Transition, ...]
    editable: Set[Choice] = frozenset()
    """The applicant may still change what it says."""
    over: Set[Choice] = frozenset()
    """Nothing follows any more."""
    unfiled: Set[Choice] = frozenset()
    """Nobody was asked to decide: not yet filed, or taken back."""
    waiting: Set[Choice] = frozenset()
    """Somebody has to decide on it or answer it."""
    granted: Set[Choice] = frozenset()
    """It counts as approved, whether or not it has been used since."""
    gone: Set[Choice] = frozenset()
    """It does not count for the visit it belongs to: not asked for (yet), or come to nothing."""
    occupying: Set[Choice] = frozenset()
    """A room, or a car and its driver, is taken by it."""
    handed_out: Set[Choice] = frozenset()
    """The goods have left the stock."""
    comes_next: Mapping[Choice, tuple[str, ...]] = field(default_factory=dict)
    """The moments whose rules come next, by state; while it is editable, its submission."""
    counts: Mapping[Choice, tuple[str, ...]] = field(default_factory=dict)
    """Where less counts against it than comes next: what only the door can see to is no shortcoming before that."""
    by_name: dict[str, Transition] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {t.name: t for t in self.transitions})
        for name in self.named():
            object.__setattr__(self, name, frozenset(getattr(self, name)))
        for t in self.transitions:
            self._check(t.name, {*t.sources, *t.targets})
        for name, states in self.named().items():
            self._check(name, states)

    def _check(self, name: str, states: Set[Choice]) -> None:
        if not all(isinstance(state, self.states) for state in states):
            raise ValueError(f"{self.name}: {name} names states of another process")

    def named(self) -> dict[str, Set[Choice]]:
        """The named sets of states."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.init}
        return {name: value for name, value in values.items() if isinstance(value, Set)}

    def permission(self, transition: Transition) -> str:
        return f"{self.name}:{transition.name}"

    @property
    def chained(self) -> bool:
        """Whether it is decided along an approval chain."""
        return "approve" in self.by_name


def permitted(process: Process, transition: Transition, actor: Actor) -> bool:
    """Whether the role of `actor` may take the transition at all; of which rows, `why_not` says."""
    # A delegate may hold no such permission of their own: the seat they were lent is the right.
    return actor.can(process.permission(transition)) or (transition.decides and bool(actor.delegated))


def why_not(process: Process, name: str, row: Any, actor: Actor) -> Text | None:
    """Why `actor` may not take `row` through the transition `name` now; None where they may.

    `row` needs `status` and what the guards read (`applicant_id`, `open_step`, …).
    Raises KeyError for a name that no transition of the process bears.
    """
    transition = process.by_name[name]
    if not permitted(process, transition, actor):
        return say(N_("Your role may not do this."))
    if row.status not in transition.sources:
        return say(N_("Not possible while it is “{state}”."), state=process.states(row.status).label)
    for guard in transition.guards:
        reason = guard(row, actor)
        if reason is not None:
            return reason
    return None


def possible(process: Process, row: Any, actor: Actor) -> list[Transition]:
    """The transitions that `actor` may take `row` through now, in reading order."""
    here = [t for t in process.transitions if row.status in t.sources]  # the others are refused for their state
    return [t for t in here if why_not(process, t.name, row, actor) is None]


def seat_for(row: Any, actor: Actor) -> Seat | None:
    """The seat from which `actor` may decide the open step of `row`: own before delegated."""
    step = row.open_step
    if step is None:
        return None
    for seat in actor.seats:
        # Nobody decides on a request of their own, not through a delegate either.
        if seat.fits(step.role, step.department_id) and seat.user_id != row.applicant_id:
            return seat
    return None


# ── Guards: each gives the reason in words ───────────────────────────────────────────────────────
def not_own(row: Any, actor: Actor) -> Text | None:
    if row.applicant_id == actor.id:
        return say(N_("Nobody decides on their own request."))
    return None


def own_request(row: Any, actor: Actor) -> Text | None:
    if row.applicant_id != actor.id:
        return say(N_("Only the applicant can do this."))
    return None


def own_or_office(row: Any, actor: Actor) -> Text | None:
    """The applicant, their department head, or the admin office that runs every table."""
    if row.applicant_id == actor.id or actor.has(Role.ADMIN_OFFICE, Role.ADMIN_HEAD):
        return None
    if actor.has(Role.DEPT_HEAD) and actor.department_id == row.department_id:
        return None
    return say(N_("Only the applicant, their department head or the admin office can do this."))


def holds_seat(row: Any, actor: Actor) -> Text | None:
    step = row.open_step
    if step is None:
        return say(N_("No approval step is open."))
    if seat_for(row, actor) is None:
        return say(N_("The open step belongs to: {role}."), role=Role(step.role).label)
    return None


def first_decision(row: Any, actor: Actor) -> Text | None:
    """Nobody decides two steps of one chain, neither in person nor through a delegate."""
    if actor.id in row.chain_deciders:
        return say(N_("You have already decided a step of this chain."))
    seat = seat_for(row, actor)
    if seat is not None and seat.user_id in row.chain_deciders:
        return say(N_("The person who delegated to you has already decided a step of this chain."))
    return None


def undecided(row: Any, actor: Actor) -> Text | None:
    if row.chain_deciders:
        return say(N_("Somebody has already decided; it can no longer be withdrawn."))
    return None


def once_a_day(row: Any, actor: Actor) -> Text | None:
    step = row.open_step
    if step is None:
        return say(N_("No approval step is open."))
    if step.urged_on == actor.today:
        return say(N_("Already urged today."))
    return None


def is_walk_in(row: Any, actor: Actor) -> Text | None:
    return None if row.walk_in else say(N_("Only for visitors without an appointment."))


def refusable(row: Any, actor: Actor) -> Text | None:
    """Who stands at the door is refused; a draft of an appointment is cancelled instead."""
    return None if row.walk_in or row.status != "draft" else say(N_("Only for visitors without an appointment."))


def of_the_reception(row: Any, actor: Actor) -> Text | None:
    return None if actor.id == row.host_id else own_or_office(row, actor)


def no_change_pending(row: Any, actor: Actor) -> Text | None:
    return say(N_("A change of receptionist waits for approval already.")) if row.proposed_host_id else None


def change_pending(row: Any, actor: Actor) -> Text | None:
    return None if row.proposed_host_id else say(N_("Nobody has asked for another receptionist."))


def not_own_change(row: Any, actor: Actor) -> Text | None:
    return say(N_("Nobody decides on their own request.")) if row.proposed_by_id == actor.id else None


def had_notice(row: Any, actor: Actor) -> Text | None:
    return say(N_("No notice went out for a visitor without an appointment.")) if row.walk_in else None


def is_due(row: Any, actor: Actor) -> Text | None:
    return None if row.planned_start <= actor.now else say(N_("Its time has not come yet."))


def guests_inside(row: Any, actor: Actor) -> Text | None:
    return None if row.anyone_inside else say(N_("Nobody is checked in."))


def guests_outside(row: Any, actor: Actor) -> Text | None:
    return None if row.anyone_outside else say(N_("Every guest is checked in already."))


def host_open(row: Any, actor: Actor) -> Text | None:
    return say(N_("The host has already confirmed.")) if row.host_confirmed_at else None


def not_answered(row: Any, actor: Actor) -> Text | None:
    return say(N_("The customer has been answered already.")) if row.answered_at else None


def not_ready(row: Any, actor: Actor) -> Text | None:
    return say(N_("It is marked as ready already.")) if row.ready_at else None


def plan_approved(row: Any, actor: Actor) -> Text | None:
    """A visit to a customer is reported once its plan is approved, and not before its day."""
    if row.plan.status != "approved":
        return say(N_("The plan has not been approved."))
    return None if row.planned_on <= actor.today else say(N_("Its time has not come yet."))


# fmt: off
DECIDE = (not_own, holds_seat, first_decision)


def approvals(states: Any) -> tuple[Transition, ...]:
    """The transitions that every request with an approval chain shares, from filing to decision."""
    filed, open_ = {states.SUBMITTED}, {states.DRAFT, states.RETURNED, states.WITHDRAWN}
    return (
        Transition("submit", N_("Submit"), open_, (states.SUBMITTED,), (own_or_office,),
                   ("reasons",), stage="submit", style="primary",
                   effects=(N_("The approval chain is made from the adopted regulations."),
                            N_("It can no longer be edited."))),
        Transition("approve", N_("Approve"), filed, (states.SUBMITTED, states.APPROVED), DECIDE,
                   ("comment",), stage="approve", decides=True, bulk=True, style="primary",
                   effects=(N_("The open step is decided: approved."),)),
        Transition("return", N_("Send back"), filed, (states.RETURNED,), DECIDE,
                   ("comment!",), decides=True,
                   effects=(N_("The applicant can correct it and submit again; the chain then starts anew."),)),
        Transition("reject", N_("Reject"), filed, (states.REJECTED,), DECIDE,
                   ("comment!",), decides=True, style="danger",
                   effects=(N_("The request ends here."),)),
        Transition("withdraw", N_("Withdraw"), filed, (states.WITHDRAWN,), (own_request, undecided),
                   ("comment",),
                   effects=(N_("It leaves the approvers' lists and can be edited again."),)),
        Transition("urge", N_("Urge"), filed, (states.SUBMITTED,), (own_or_office, once_a_day),
                   ("comment",),
                   effects=(N_("It rises to the top of the approver's to-do list. Once a day."),)),
    )


def chained(states: Any) -> dict[str, Any]:
    """What the states from filing to decision mean, for every request with an approval chain."""
    return {"editable": {states.DRAFT, states.RETURNED, states.WITHDRAWN},
            "unfiled": {states.DRAFT, states.WITHDRAWN},
            "waiting": {states.SUBMITTED}}


# ── Regulations ──────────────────────────────────────────────────────────────────────────────────
class RegulationState(Choice):
    DRAFT = "draft", N_("Draft")
    ADOPTED = "adopted", N_("Adopted")
    RETIRED = "retired", N_("Retired")


_R = RegulationState
REGULATION = Process("regulation", N_("Regulation"), RegulationState, _R.DRAFT, (
    Transition("adopt", N_("Adopt"), {_R.DRAFT, _R.RETIRED}, (_R.ADOPTED,), (),
               ("grading", "choices", "comment"), style="primary",
               effects=(N_("Its clauses bind from now on; "
                           "requests already submitted keep the rules they were filed under."),)),
    Transition("retire", N_("Retire"), {_R.ADOPTED}, (_R.RETIRED,), (),
               ("comment!",), style="danger",
               effects=(N_("Its clauses no longer bind new requests."),)),
), over={_R.RETIRED})


# ── Visits ───────────────────────────────────────────────────────────────────────────────────────
class VisitState(Choice):
    DRAFT = "draft", N_("Draft")
    SUBMITTED = "submitted", N_("In approval")
    APPROVED = "approved", N_("Approved")
    NOTIFIED = "notified", N_("Notice issued")
    IN_PROGRESS = "in_progress", N_("In progress")
    FINISHED = "finished", N_("Finished")
    CLOSED = "closed", N_("Closed")
    RETURNED = "returned", N_("Sent back")
    REJECTED = "rejected", N_("Rejected")
    WITHDRAWN = "withdrawn", N_("Withdrawn")
    RESCHEDULED = "rescheduled", N_("Rescheduled")
    CANCELLED = "cancelled", N_("Cancelled")
    NO_SHOW = "no_show", N_("No-show")
    REFUSED = "refused", N_("Refused")


@dataclass(frozen=True, kw_only=True)
class VisitProcess(Process):
    """The process of visits, with the sets that speak of guests."""

    coming: Set[Choice]
    """The guests are expected and have not come."""
    admitting: Set[Choice]
    """The front desk may let guests in: the notice is out, and not everybody has left."""
    receiving: Set[Choice]
    """Somebody is appointed to receive the guests, and does so or will."""
    at_the_door: Set[Choice]
    """A visitor without an appointment stands at the desk and waits."""
    received: Set[Choice]
    """The guests came and have left."""
    past: Set[Choice]
    """It lies behind: nothing is arranged for it any more."""
    called_off: Set[Choice]
    """Nobody comes because of it: it was taken back, moved or called off."""
    known_to_desk: Set[Choice]
    """The front desk is told of it: it was approved, whatever became of it."""
    reached: Mapping[Choice, frozenset[str]]
    """The moments a visit went through, by the state it has come to; any other: filing and approval."""


_V = VisitState
_RECEIVING = (_V.APPROVED, _V.NOTIFIED, _V.IN_PROGRESS)
_OPEN = (_V.DRAFT, _V.SUBMITTED, _V.APPROVED)
_OVER = {_V.CLOSED, _V.REJECTED, _V.RESCHEDULED, _V.CANCELLED, _V.NO_SHOW, _V.REFUSED}
_FILED = frozenset({"submit", "approve"})

VISIT = VisitProcess("visit", N_("Visit"), VisitState, _V.DRAFT, (
    *approvals(_V),
    Transition("register", N_("Register walk-in"), {_V.DRAFT}, (_V.NOTIFIED,), (is_walk_in,),
               ("comment",), stage="register", style="primary", clause="R08-1.1",
               effects=(N_("The visitor is on the arrivals list and waits for the host."),)),
    Transition("issue_notice", N_("Issue notice"), {_V.APPROVED}, (_V.NOTIFIED,), (),
               ("route", "tasks", "due", "comment"), stage="notice", style="primary", clause="R01-4.1",
               effects=(N_("The reception notice goes to the departments concerned."),)),
    Transition("amend_notice", N_("Send a change notice"), {_V.NOTIFIED, _V.IN_PROGRESS},
               (_V.NOTIFIED, _V.IN_PROGRESS), (had_notice,),
               ("tasks", "due", "comment"), stage="amend", clause="R01-4.1",
               effects=(N_("Each department gets only what changed for it, and signs for it again."),)),
    Transition("confirm_host", N_("Host confirms"), {_V.APPROVED, _V.NOTIFIED}, (_V.APPROVED, _V.NOTIFIED),
               (host_open,),
               ("comment",), clause="R08-2.6",
               effects=(N_("The front desk may let the guests in."),)),
    Transition("answer", N_("Answer the customer"), {*_OPEN}, _OPEN, (not_answered,),
               ("comment",), clause="R02-2.1",
               effects=(N_("It is recorded when the customer heard whether the time works."),)),
    Transition("confirm_guest", N_("Confirmed with guest"), {*_OPEN, _V.NOTIFIED}, (*_OPEN, _V.NOTIFIED), (),
               ("comment",), clause="R05-2.1",
               effects=(N_("Time, number of guests and needs are confirmed with the guest."),)),
    Transition("ready", N_("Ready"), {_V.NOTIFIED}, (_V.NOTIFIED,), (not_ready,),
               ("reasons", "comment"), stage="ready", style="primary", clause="R17-4.2.3",
               effects=(N_("Everything is prepared; the front desk sees it."),)),
    Transition("propose_host", N_("Ask for another receptionist"), {*_RECEIVING}, _RECEIVING,
               (of_the_reception, no_change_pending),
               ("new_host", "comment!"), clause="R17-4.1",
               effects=(N_("The present receptionist stays in charge until the change is approved."),)),
    Transition("hand_over", N_("Change the receptionist"), {*_RECEIVING}, _RECEIVING, (not_own_change,),
               ("new_host", "comment!"), stage="hand_over", clause="R17-4.1",
               effects=(N_("Somebody else receives the guests; the host has to confirm anew."),)),
    Transition("keep_host", N_("Keep the receptionist"), {*_RECEIVING}, _RECEIVING, (change_pending, not_own_change),
               ("comment!",), clause="R17-4.1",
               effects=(N_("The change that was asked for does not take place."),)),
    Transition("check_in", N_("Check in"), {_V.NOTIFIED, _V.IN_PROGRESS}, (_V.IN_PROGRESS,), (guests_outside,),
               ("guests_out", "badges", "identity", "security", "signed", "reasons"), stage="check_in",
               style="primary", clause="R08-1.1",
               effects=(N_("Arrival time and badge are recorded."),)),
    Transition("check_out", N_("Check out"), {_V.IN_PROGRESS}, (_V.IN_PROGRESS, _V.FINISHED), (guests_inside,),
               ("guests_in", "goods"), stage="check_out", style="primary", clause="R08-2.10",
               effects=(N_("Departure time is recorded and badges come back."),)),
    Transition("close", N_("Close"), {_V.FINISHED}, (_V.CLOSED,), (),
               ("record", "outcome"), stage="close", style="primary", clause="R01-4.1",
               effects=(N_("The reception record is kept; the visit can no longer change."),)),
    Transition("reschedule", N_("Reschedule"), {_V.APPROVED, _V.NOTIFIED}, (_V.RESCHEDULED,), (),
               ("new_start", "comment!"), clause="R08-1.2",
               effects=(N_("A new draft with the same guests is made for the new time."),)),
    Transition("refuse", N_("Refuse entry"), {_V.DRAFT, _V.NOTIFIED}, (_V.REFUSED,), (refusable,),
               ("refusal", "offer", "measures", "comment!"), stage="refuse", style="danger", clause="R08-1.2",
               effects=(N_("The guests are not let in; the reason is recorded."),)),
    Transition("no_show", N_("No-show"), {_V.APPROVED, _V.NOTIFIED}, (_V.NO_SHOW,), (is_due,),
               ("comment",),
               effects=(N_("The guests did not come."),)),
    Transition("cancel", N_("Cancel"), {_V.DRAFT, _V.RETURNED, _V.WITHDRAWN, _V.APPROVED, _V.NOTIFIED},
               (_V.CANCELLED,), (own_or_office,),
               ("comment!",), style="danger",
               effects=(N_("The visit does not take place."),)),
), **chained(_V),
    over=_OVER, past={*_OVER, _V.FINISHED}, received={_V.FINISHED, _V.CLOSED},
    granted={*_RECEIVING, _V.FINISHED, _V.CLOSED},
    coming={_V.APPROVED, _V.NOTIFIED}, admitting={_V.NOTIFIED, _V.IN_PROGRESS}, receiving={*_RECEIVING},
    at_the_door={_V.DRAFT, _V.NOTIFIED}, called_off={_V.WITHDRAWN, _V.RESCHEDULED, _V.CANCELLED},
    known_to_desk={*_RECEIVING, _V.FINISHED, _V.CLOSED, _V.NO_SHOW, _V.REFUSED},
    comes_next={_V.SUBMITTED: ("approve",), _V.APPROVED: ("notice",), _V.NOTIFIED: ("ready", "check_in"),
                _V.IN_PROGRESS: ("check_in", "check_out", "close"), _V.FINISHED: ("close",)},
    counts={_V.NOTIFIED: ("ready",), _V.IN_PROGRESS: ()},
    reached={_V.NOTIFIED: _FILED | {"notice"}, _V.IN_PROGRESS: _FILED | {"notice", "check_in"},
             _V.FINISHED: _FILED | {"notice", "check_in"}, _V.CLOSED: _FILED | {"notice", "check_in", "close"},
             _V.REFUSED: _FILED | {"notice", "refuse"}})


class ReceiptState(Choice):
    OPEN = "open", N_("To be signed for")
    SIGNED = "signed", N_("Signed for")


def own_department(row: Any, actor: Actor) -> Text | None:
    return None if row.department_id == actor.department_id else say(N_("Only the department concerned signs for it."))


NOTICE_RECEIPT = Process("noticereceipt", N_("Notice receipt"), ReceiptState, ReceiptState.OPEN, (
    Transition("sign", N_("Sign for it"), {ReceiptState.OPEN}, (ReceiptState.SIGNED,), (own_department,),
               ("responsible", "comment"), bulk=True, style="primary", clause="R01-4.1",
               effects=(N_("Your department knows its task."),)),
), over={ReceiptState.SIGNED})


# ── Rooms ────────────────────────────────────────────────────────────────────────────────────────
class BookingState(Choice):
    REQUESTED = "requested", N_("Requested")
    CONFIRMED = "confirmed", N_("Confirmed")
    IN_USE = "in_use", N_("In use")
    RESTORED = "restored", N_("Restored")
    CLOSED = "closed", N_("Closed")
    DECLINED = "declined", N_("Declined")
    CANCELLED = "cancelled", N_("Cancelled")


_B = BookingState
BOOKING = Process("roombooking", N_("Room booking"), BookingState, _B.REQUESTED, (
    Transition("confirm", N_("Confirm"), {_B.REQUESTED}, (_B.CONFIRMED,), (not_own,),
               ("comment",), bulk=True, style="primary", clause="R01-2.1",
               effects=(N_("The room is reserved for this time."),)),
    Transition("decline", N_("Decline"), {_B.REQUESTED}, (_B.DECLINED,), (not_own,),
               ("comment!",), style="danger", clause="R01-2.1",
               effects=(N_("The request ends here."),)),
    Transition("start", N_("Start using"), {_B.CONFIRMED}, (_B.IN_USE,), style="primary"),
    Transition("restore", N_("Room restored"), {_B.IN_USE}, (_B.RESTORED,), (),
               ("restored", "comment"), style="primary",
               effects=(N_("Venue and equipment were checked after use."),)),
    Transition("close", N_("Close"), {_B.RESTORED}, (_B.CLOSED,), (),
               ("comment",), style="primary"),
    Transition("cancel", N_("Cancel"), {_B.REQUESTED, _B.CONFIRMED}, (_B.CANCELLED,), (own_or_office,),
               ("comment",), style="danger",
               effects=(N_("The room is free again."),)),
), editable={_B.REQUESTED}, over={_B.CLOSED, _B.DECLINED, _B.CANCELLED}, gone={_B.DECLINED, _B.CANCELLED},
    occupying={_B.CONFIRMED, _B.IN_USE}, granted={_B.CONFIRMED, _B.IN_USE, _B.RESTORED, _B.CLOSED})


# ── Vehicles ─────────────────────────────────────────────────────────────────────────────────────
class DispatchState(Choice):
    SUBMITTED = "submitted", N_("To be assigned")
    ASSIGNED = "assigned", N_("Assigned")
    OUT = "out", N_("On the road")
    BACK = "back", N_("Back at base")
    CANCELLED = "cancelled", N_("Cancelled")


_D = DispatchState
DISPATCH = Process("dispatch", N_("Dispatch order"), DispatchState, _D.SUBMITTED, (
    Transition("assign", N_("Assign"), {_D.SUBMITTED, _D.ASSIGNED}, (_D.ASSIGNED,), (not_own,),
               ("vehicle", "driver", "comment"), style="primary", clause="R01-2.1",
               effects=(N_("Car and driver are reserved for this time."),)),
    Transition("depart", N_("Departs"), {_D.ASSIGNED}, (_D.OUT,), (),
               ("odometer_out",), style="primary"),
    Transition("come_back", N_("Comes back"), {_D.OUT}, (_D.BACK,), (),
               ("odometer_back", "comment"), style="primary",
               effects=(N_("Mileage and times are recorded; the car is free again."),)),
    Transition("cancel", N_("Cancel"), {_D.SUBMITTED, _D.ASSIGNED}, (_D.CANCELLED,), (own_or_office,),
               ("comment!",), style="danger",
               effects=(N_("The car is free again."),)),
), editable={_D.SUBMITTED}, over={_D.BACK, _D.CANCELLED}, gone={_D.CANCELLED}, occupying={_D.ASSIGNED, _D.OUT},
    comes_next={_D.SUBMITTED: ("file",), _D.ASSIGNED: ("file",)})


# ── Gifts ────────────────────────────────────────────────────────────────────────────────────────
class GiftRequestState(Choice):
    DRAFT = "draft", N_("Draft")
    SUBMITTED = "submitted", N_("In approval")
    APPROVED = "approved", N_("Approved")
    ISSUED = "issued", N_("Issued")
    CLOSED = "closed", N_("Closed")
    RETURNED = "returned", N_("Sent back")
    REJECTED = "rejected", N_("Rejected")
    WITHDRAWN = "withdrawn", N_("Withdrawn")


_G = GiftRequestState
GIFT_REQUEST = Process("giftrequest", N_("Gift request"), GiftRequestState, _G.DRAFT, (
    *approvals(_G),
    Transition("issue", N_("Issue"), {_G.APPROVED}, (_G.ISSUED,), (not_own,),
               ("comment",), style="primary", clause="R01-2.1",
               effects=(N_("The goods leave the stock."),)),
    Transition("close", N_("Close"), {_G.ISSUED}, (_G.CLOSED,), (),
               ("recipient", "quantity_returned", "comment"), style="primary",
               effects=(N_("The recipient is recorded; what was not used returns to stock."),)),
), **chained(_G), over={_G.CLOSED, _G.REJECTED}, gone={_G.DRAFT, _G.RETURNED, _G.REJECTED, _G.WITHDRAWN},
    granted={_G.APPROVED, _G.ISSUED, _G.CLOSED}, handed_out={_G.ISSUED, _G.CLOSED})


# ── Money ────────────────────────────────────────────────────────────────────────────────────────
class HospitalityState(Choice):
    DRAFT = "draft", N_("Draft")
    SUBMITTED = "submitted", N_("In approval")
    APPROVED = "approved", N_("Approved")
    USED = "used", N_("Used")
    CLOSED = "closed", N_("Closed")
    RETURNED = "returned", N_("Sent back")
    REJECTED = "rejected", N_("Rejected")
    WITHDRAWN = "withdrawn", N_("Withdrawn")


_H = HospitalityState
HOSPITALITY = Process("hospitalityrequest", N_("Hospitality request"), HospitalityState, _H.DRAFT, (
    *approvals(_H),
    Transition("use", N_("Mark as used"), {_H.APPROVED}, (_H.USED,), (),
               ("comment",),
               effects=(N_("The hospitality took place."),)),
    Transition("close", N_("Close"), {_H.USED, _H.APPROVED}, (_H.CLOSED,), (),
               ("comment",), style="primary"),
), **chained(_H), over={_H.CLOSED, _H.REJECTED}, granted={_H.APPROVED, _H.USED, _H.CLOSED})


class ExpenseState(Choice):
    DRAFT = "draft", N_("Draft")
    SUBMITTED = "submitted", N_("In approval")
    APPROVED = "approved", N_("Approved")
    VERIFIED = "verified", N_("Verified")
    SETTLED = "settled", N_("Settled")
    RETURNED = "returned", N_("Sent back")
    REJECTED = "rejected", N_("Rejected")
    WITHDRAWN = "withdrawn", N_("Withdrawn")


_E = ExpenseState
EXPENSE = Process("expense", N_("Expense"), ExpenseState, _E.DRAFT, (
    *approvals(_E),
    Transition("verify", N_("Verify"), {_E.APPROVED}, (_E.VERIFIED,), (not_own,),
               ("approved_amount", "comment"), stage="verify", style="primary",
               effects=(N_("The amount to be reimbursed is fixed."),)),
    Transition("send_back", N_("Send back from finance"), {_E.APPROVED, _E.VERIFIED}, (_E.RETURNED,), (not_own,),
               ("comment!",),
               effects=(N_("The applicant can correct it and submit again; the chain then starts anew."),)),
    Transition("settle", N_("Settle"), {_E.VERIFIED}, (_E.SETTLED,), (not_own,),
               ("voucher_no", "settled_on", "comment"), style="primary",
               effects=(N_("The expense is paid and can no longer change."),)),
), **chained(_E), over={_E.SETTLED, _E.REJECTED}, gone={_E.REJECTED, _E.WITHDRAWN},
    granted={_E.APPROVED, _E.VERIFIED, _E.SETTLED})


# ── Goods, going out, complaints ─────────────────────────────────────────────────────────────────
class ReleaseState(Choice):
    OPEN = "open", N_("To be released")
    RELEASED = "released", N_("Released")
    REFUSED = "refused", N_("Refused")


GOODS_RELEASE = Process("goodsrelease", N_("Goods release slip"), ReleaseState, ReleaseState.OPEN, (
    Transition("release", N_("Release"), {ReleaseState.OPEN}, (ReleaseState.RELEASED,), (not_own,),
               ("comment",), style="primary", clause="R10-4",
               effects=(N_("The front desk lets the goods leave with the guests."),)),
    Transition("refuse", N_("Refuse"), {ReleaseState.OPEN}, (ReleaseState.REFUSED,), (not_own,),
               ("comment!",), style="danger", clause="R10-4",
               effects=(N_("The goods stay in the house."),)),
), editable={ReleaseState.OPEN}, over={ReleaseState.RELEASED, ReleaseState.REFUSED})


class PlanState(Choice):
    DRAFT = "draft", N_("Draft")
    SUBMITTED = "submitted", N_("In approval")
    APPROVED = "approved", N_("Approved")
    RETURNED = "returned", N_("Sent back")
    REJECTED = "rejected", N_("Rejected")
    WITHDRAWN = "withdrawn", N_("Withdrawn")


OUTBOUND_PLAN = Process("outboundplan", N_("Plan of visits"), PlanState, PlanState.DRAFT, approvals(PlanState),
                        **chained(PlanState), over={PlanState.REJECTED}, granted={PlanState.APPROVED})


class OutboundState(Choice):
    PLANNED = "planned", N_("Planned")
    REPORTED = "reported", N_("Reported")
    DROPPED = "dropped", N_("Dropped")


_O = OutboundState
OUTBOUND_VISIT = Process("outboundvisit", N_("Visit to a customer"), OutboundState, _O.PLANNED, (
    Transition("report", N_("Report"), {_O.PLANNED}, (_O.REPORTED,), (own_request, plan_approved),
               ("result", "promises", "next_step", "actual_cost", "reasons"), stage="report", style="primary",
               clause="R14-3.4",
               effects=(N_("The report goes to the department head; promises are tracked from now on."),)),
    Transition("drop", N_("Drop"), {_O.PLANNED}, (_O.DROPPED,), (own_or_office,),
               ("comment!",), style="danger",
               effects=(N_("The visit does not take place."),)),
), editable={_O.PLANNED}, over={_O.REPORTED, _O.DROPPED}, granted={_O.REPORTED}, comes_next={_O.PLANNED: ("report",)})


class ComplaintState(Choice):
    OPEN = "open", N_("Complaint received")
    INVESTIGATING = "investigating", N_("Being looked into")
    ANSWERED = "answered", N_("Answered")
    CLOSED = "closed", N_("Closed")


_C = ComplaintState
COMPLAINT = Process("complaint", N_("Complaint"), ComplaintState, _C.OPEN, (
    Transition("investigate", N_("Look into it"), {_C.OPEN}, (_C.INVESTIGATING,), (),
               ("investigation",), style="primary", clause="R06-2.8",
               effects=(N_("What was found is written down."),)),
    Transition("answer", N_("Answer"), {_C.OPEN, _C.INVESTIGATING}, (_C.ANSWERED,), (),
               ("investigation", "solution", "reasons"), stage="answer", style="primary", clause="R06-2.8",
               effects=(N_("The customer has an answer; the time is recorded."),)),
    Transition("close", N_("Close"), {_C.ANSWERED}, (_C.CLOSED,), (),
               ("satisfied", "comment"), style="primary", clause="R04-5.4",
               effects=(N_("The customer's satisfaction is recorded; the complaint can no longer change."),)),
), editable={_C.OPEN}, over={_C.CLOSED}, granted={_C.CLOSED}, waiting={_C.OPEN, _C.INVESTIGATING},
    comes_next={_C.OPEN: ("answer",), _C.INVESTIGATING: ("answer",)})


PROCESSES: dict[str, Process] = {
    p.name: p
    for p in (REGULATION, VISIT, NOTICE_RECEIPT, BOOKING, DISPATCH, GIFT_REQUEST, HOSPITALITY, EXPENSE, GOODS_RELEASE,
              OUTBOUND_PLAN, OUTBOUND_VISIT, COMPLAINT)
}
DECISIONS = ("approve", "return", "reject")
