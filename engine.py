"""Carrying a transition out: the only place in the program where a state changes.

`advance` locks the row, asks `why_not`, has the rules judged inside the transaction, lets the effect
of the transition happen, moves the state and writes one Event. The caller commits.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm.exc import StaleDataError

import rulebook
import rules
from models import (
    Approval, Checkin, Decision, Delegation, Dispatch, Driver, Event, Expense, GiftRequest, HospitalityRequest, MovementKind, Notice,
    NoticeReceipt, NumberSequence, RecordedFinding, RoomBooking, StockMovement, User, UserRole, Vehicle, Visit, VisitEscort, VisitGuest,
    db, forget_chain, lock, stock_of,
)
from rules import Finding, Severity, Step
from text import N_, Text, say
from workflow import BookingState, Actor, DispatchState, HospitalityState, Role, Seat, VisitState, seat_for, why_not


class Refused(Exception):
    """A transition that may not happen: the reason in words, and the findings that stopped it."""

    def __init__(self, reason: Text, findings: list[Finding] | None = None):
        super().__init__(str(reason))
        self.reason, self.findings = reason, findings or []


class Conflict(Refused):
    """Somebody else was first."""


@dataclass
class Move:
    """One transition under way: the row, who acts, what the form said, where it leads."""

    row: object
    actor: Actor
    data: dict
    target: object
    book: rules.Rulebook | None = None
    plan: "Plan | None" = None
    clauses: list[str] = field(default_factory=list)
    seat: Seat | None = None


# ── Numbers ──────────────────────────────────────────────────────────────────────────────────────
def next_number(prefix: str, day: date) -> str:
    """The next number of `prefix` on `day`; the row of the day stays locked until the transaction ends."""
    insert = (postgresql if db.engine.dialect.name == "postgresql" else sqlite).insert(NumberSequence)
    statement = insert.values(prefix=prefix, day=day, last=1).on_conflict_do_update(
        index_elements=["prefix", "day"], set_={"last": NumberSequence.last + 1}).returning(NumberSequence.last)
    return f"{prefix}-{day:%Y%m%d}-{db.session.execute(statement).scalar_one():04d}"


def file(row, actor: Actor, department_id: int | None = None):
    """Open a request: number, applicant, owning department. The caller commits."""
    row.applicant_id, row.department_id = actor.id, department_id or row.department_id or actor.department_id
    row.created_at = actor.now
    with db.session.no_autoflush:
        row.number = next_number(row.prefix, actor.today)
    db.session.add(row)
    db.session.flush()
    return row


# ── Audit ────────────────────────────────────────────────────────────────────────────────────────
def snapshot(row) -> dict:
    """The loaded columns of `row` as the audit log shows them: private ones masked, files left out."""
    from privacy import mask
    values = {}
    for attr in sa.inspect(type(row)).column_attrs:
        column = attr.columns[0]
        if attr.key in sa.inspect(row).unloaded or isinstance(column.type, sa.LargeBinary) or attr.key in HIDDEN:
            continue
        value = getattr(row, attr.key)
        values[attr.key] = mask(value) if column.info.get("private") else value if value is None or isinstance(value, bool | int) else str(value)
    return values


HIDDEN = {"password_hash", "token", "search_grams", "phone_hash", "identity_hash", "version"}


def audit(action: str, row, actor: Actor | None, before: dict | None = None, after: dict | None = None, note: str = "", clauses=(),
          from_state="", to_state="", on_behalf_of: int | None = None) -> Event:
    """One entry of the audit log, holding only what changed. The caller commits it with the change itself."""
    before, after = before or {}, after or {}
    changed = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    event = Event(actor_id=actor.id if actor else None, action=action, subject=type(row).__name__.lower() if row is not None else "",
                  subject_id=getattr(row, "id", None), number=getattr(row, "number", "") or "",
                  from_state=str(from_state), to_state=str(to_state), before={k: before.get(k) for k in changed if k in before},
                  after={k: after.get(k) for k in changed if k in after}, note=note or "", clauses=list(clauses),
                  on_behalf_of_id=on_behalf_of, address=actor.address if actor else "")
    if actor:
        event.at = actor.now
    db.session.add(event)
    return event


# ── The chain ────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Plan:
    """The chain of a request before it is filed: steps with the people who could decide each."""

    steps: tuple[tuple[Step, bool], ...] = ()
    vacant: tuple[Step, ...] = ()

    def facts(self) -> dict:
        return {"has_chain": bool(self.steps) and any(not skipped for _, skipped in self.steps) or bool(self.vacant),
                "vacant": tuple(Role(s.role).label for s in self.vacant),
                "vacant_clauses": tuple(dict.fromkeys(s.clause for s in self.vacant))}


def conditions(row, book: rules.Rulebook) -> frozenset[str]:
    """The conditions of approval steps that hold for `row`: over_cap, important."""
    if isinstance(row, HospitalityRequest):
        cap = rules.cap_for(book, str(row.category), row.rank, row.planned_on)
        return frozenset({"over_cap"} if cap and Decimal(row.amount) > cap[0] * row.guests else ())
    return getattr(row, "conditions", frozenset())


def deciders(step: Step, department_id: int, applicant_id: int, today: date) -> set[int]:
    """Who could decide `step`: holders of the role and their delegates, never the applicant."""
    of_department = step.role == Role.DEPT_HEAD
    holders = set(db.session.scalars(sa.select(UserRole.user_id).join(User, User.id == UserRole.user_id).where(
        UserRole.role == step.role, User.active, *([User.department_id == department_id] if of_department else [])))) - {applicant_id}
    delegates = set(db.session.scalars(sa.select(Delegation.delegate_id).join(User, User.id == Delegation.delegate_id).where(
        Delegation.delegator_id.in_(holders), Delegation.active, Delegation.since <= today, Delegation.until >= today, User.active)))
    return (holders | delegates) - {applicant_id}


def plan_chain(row, book: rules.Rulebook, today: date) -> Plan:
    """The steps the adopted clauses demand for `row`, and whether different people can decide them all.

    A step that only somebody else of the chain could decide is skipped where its clause allows it
    (a department head who files for their own department), otherwise it is vacant.
    """
    amount = Decimal(getattr(row, "amount", None) or getattr(row, "budget", None) or 0)
    steps = rules.chain(book, row.process.name, rank=row.rank, amount=amount, conditions=conditions(row, book), day=today)
    people = {s: deciders(s, row.department_id, row.applicant_id, today) for s in steps}
    taken: dict[int, Step] = {}

    def seat(step: Step, tried: set[int]) -> bool:
        for person in sorted(people[step] - tried):
            tried.add(person)
            if person not in taken or seat(taken[person], tried):
                taken[person] = step
                return True
        return False

    unmatched = {s for s in sorted(steps, key=lambda s: s.when_vacant == "skip") if not seat(s, set())}
    skipped = {s for s in unmatched if s.when_vacant == "skip"}
    return Plan(tuple((s, s in skipped) for s in steps if s not in unmatched or s in skipped),
                tuple(s for s in steps if s in unmatched and s not in skipped))


def open_chain(move: Move):
    """Store the chain of this round as Approval rows and open its first step."""
    row, actor = move.row, move.actor
    row.round += 1
    row.submitted_at, row.rulebook_version = actor.now, move.book.version
    opened = False
    for place, (step, skipped) in enumerate(move.plan.steps, 1):
        approval = Approval(subject=row.process.name, subject_id=row.id, number=row.number, round=row.round, step=place, role=step.role,
                            department_id=row.department_id, clause=step.clause)
        if skipped:
            approval.decision, approval.decided_at = Decision.SKIPPED, actor.now
        elif not opened:
            approval.opened_at, opened = actor.now, True
        db.session.add(approval)
        move.clauses.append(step.clause)


def decide(move: Move, decision: Decision):
    """Decide the open step, once: the condition in the UPDATE holds against a second decider."""
    step, actor = move.row.open_step, move.actor
    move.seat = seat_for(move.row, actor)
    behalf = move.seat.user_id if move.seat.user_id != actor.id else None
    changed = db.session.execute(sa.update(Approval).where(Approval.id == step.id, Approval.decided_at.is_(None)).values(
        decision=decision, decider_id=actor.id, on_behalf_of_id=behalf, comment=move.data.get("comment") or "", decided_at=actor.now)).rowcount
    if changed != 1:
        raise Conflict(say(N_("Somebody else has decided this step just now.")))
    db.session.expire(step)
    move.clauses.append(step.clause)


def close_chain(row):
    """Steps that were still to come will not come: they stay on record without having been opened."""
    db.session.execute(sa.update(Approval).where(
        Approval.subject == row.process.name, Approval.subject_id == row.id, Approval.decided_at.is_(None)).values(opened_at=None))


# ── Effects: what a transition does beyond the state ─────────────────────────────────────────────
def submit(move: Move):
    open_chain(move)
    if isinstance(move.row, Expense) and move.row.hospitality is not None and move.row.hospitality.status == HospitalityState.APPROVED:
        advance(move.row.hospitality, "use", move.actor, {"comment": move.row.number}, by_rule=True)


def approve(move: Move):
    decide(move, Decision.APPROVED)
    following = db.session.scalar(sa.select(Approval).where(
        Approval.subject == move.row.process.name, Approval.subject_id == move.row.id, Approval.round == move.row.round,
        Approval.decided_at.is_(None)).order_by(Approval.step).limit(1))
    states = move.row.process.states
    if following is None:
        move.target = states.APPROVED
    else:
        following.opened_at = move.actor.now
        move.target = states.SUBMITTED


def send_back(move: Move):
    decide(move, Decision.RETURNED)
    close_chain(move.row)


def reject(move: Move):
    decide(move, Decision.REJECTED)
    close_chain(move.row)


def withdraw(move: Move):
    close_chain(move.row)


def urge(move: Move):
    step = move.row.open_step
    changed = db.session.execute(sa.update(Approval).where(Approval.id == step.id, Approval.decided_at.is_(None), sa.or_(
        Approval.urged_on.is_(None), Approval.urged_on < move.actor.today)).values(urged_on=move.actor.today)).rowcount
    if changed != 1:
        raise Conflict(say(N_("Already urged today.")))
    db.session.expire(step)


def finance_send_back(move: Move):
    move.row.approved_amount = None


def register(move: Move):
    move.row.submitted_at = move.actor.now
    move.row.rulebook_version = move.book.version


def confirm_host(move: Move):
    move.row.host_confirmed_at = move.actor.now
    move.target = move.row.status


def issue_notice(move: Move):
    row, tasks = move.row, {int(k): v.strip() for k, v in (move.data.get("tasks") or {}).items() if v and v.strip()}
    tasks.setdefault(row.department_id, "")
    notice = Notice(visit_id=row.id, issued_by_id=move.actor.id, created_at=move.actor.now)
    notice.receipts = [NoticeReceipt(department_id=department_id, task=task) for department_id, task in tasks.items()]
    db.session.add(notice)


def check_in(move: Move):
    wanted, badges = move.data.get("guests"), move.data.get("badges") or {}
    guests = [g for g in move.row.guests_outside if not wanted or g.id in wanted]
    if not guests:
        raise Refused(say(N_("Choose at least one guest who is not in the house.")))
    for guest in guests:
        db.session.add(Checkin(guest_id=guest.id, arrived_at=move.actor.now, badge_no=(badges.get(guest.id) or "").strip()[:12],
                               identity_checked=bool(move.data.get("identity")), received_by_id=move.actor.id))


def check_out(move: Move):
    wanted = move.data.get("guests")
    guests = [g for g in move.row.guests_inside if not wanted or g.id in wanted]
    if not guests:
        raise Refused(say(N_("Choose at least one guest who is in the house.")))
    for guest in guests:
        for stay in guest.checkins:
            if stay.left_at is None:
                stay.left_at = move.actor.now
    db.session.flush()
    everybody_came = all(g.checkins for g in move.row.guests)
    move.target = VisitState.FINISHED if everybody_came and not move.row.guests_inside else VisitState.IN_PROGRESS


def finish_record(move: Move):
    if move.data.get("record"):
        move.row.record = move.data["record"].strip()


def reschedule(move: Move):
    row, start = move.row, move.data["new_start"]
    if start <= move.actor.now:
        raise Refused(say(N_("The new time must lie in the future.")))
    copied = ("organisation", "customer_id", "category", "purpose", "level_id", "lead_guest", "guest_count", "host_id", "area", "letter_no",
              "budget", "remarks")
    successor = Visit(**{k: getattr(row, k) for k in copied}, planned_start=start, planned_end=start + (row.planned_end - row.planned_start),
                      status=VisitState.DRAFT, rescheduled_from_id=row.id, department_id=row.department_id)
    file(successor, move.actor, row.department_id)
    successor.applicant_id = row.applicant_id
    db.session.add_all([VisitGuest(visit_id=successor.id, visitor_id=g.visitor_id, is_lead=g.is_lead) for g in row.guests])
    db.session.add_all([VisitEscort(visit_id=successor.id, user_id=e.user_id, duty=e.duty) for e in row.escorts])


def overlapping(model, column, key: int, start, end, since, until, states, but: int):
    """The number of another booking of the same thing that overlaps [start, end), or None."""
    return db.session.scalar(sa.select(model.number).where(column == key, model.status.in_(states), model.id != but, since < end, until > start).limit(1))


def confirm_room(move: Move):
    row = move.row
    lock(row.room)
    other = overlapping(RoomBooking, RoomBooking.room_id, row.room_id, row.starts_at, row.ends_at, RoomBooking.starts_at, RoomBooking.ends_at,
                        (BookingState.CONFIRMED, BookingState.IN_USE), row.id)
    if other:
        raise Refused(say(N_("The room is taken at that time by {number}: choose another room or time."), number=other))
    if row.attendees > row.room.capacity:
        raise Refused(say(N_("The room seats {seats}; {people} are expected: choose a larger room."), seats=row.room.capacity, people=row.attendees))


def restore_room(move: Move):
    if not move.data.get("restored"):
        raise Refused(say(N_("Tick that venue and equipment were checked.")))
    move.row.restored_note = (move.data.get("comment") or "")[:200]


def assign(move: Move):
    row, vehicle, driver = move.row, db.session.get(Vehicle, move.data["vehicle"]), db.session.get(Driver, move.data["driver"])
    if vehicle is None or driver is None or not vehicle.active or not driver.active:
        raise Refused(say(N_("Choose a car and a driver that are in service.")))
    # Always in this order, so that two assignments never wait for each other.
    lock(vehicle)
    lock(driver)
    busy = (DispatchState.ASSIGNED, DispatchState.OUT)
    for column, key, text in ((Dispatch.vehicle_id, vehicle.id, N_("The car is taken at that time by {number}: choose another.")),
                              (Dispatch.driver_id, driver.id, N_("The driver is taken at that time by {number}: choose another."))):
        other = overlapping(Dispatch, column, key, row.out_planned, row.back_planned, Dispatch.out_planned, Dispatch.back_planned, busy, row.id)
        if other:
            raise Refused(say(text, number=other))
    if row.passengers >= vehicle.seats:
        raise Refused(say(N_("The car seats {seats} with its driver; {people} passengers are too many."), seats=vehicle.seats, people=row.passengers))
    if driver.licence_until and driver.licence_until < row.out_planned.date():
        raise Refused(say(N_("The driver's licence will have expired on that day.")))
    row.vehicle_id, row.driver_id = vehicle.id, driver.id


def depart(move: Move):
    row = move.row
    lock(row.vehicle)
    reading = move.data.get("odometer_out")
    row.odometer_out = row.vehicle.odometer if reading is None else reading
    if row.odometer_out < row.vehicle.odometer:
        raise Refused(say(N_("The odometer stood at {km} km before: it cannot go back."), km=row.vehicle.odometer))
    row.out_at = move.actor.now


def come_back(move: Move):
    row = move.row
    lock(row.vehicle)
    reading = move.data.get("odometer_back")
    if reading is None or reading < row.odometer_out:
        raise Refused(say(N_("It left at {km} km: enter the odometer at return."), km=row.odometer_out))
    row.odometer_back, row.back_at, row.vehicle.odometer = reading, move.actor.now, reading


def issue_gift(move: Move):
    row = move.row
    lock(row.gift)
    stock = stock_of(row.gift_id)
    if stock < row.quantity:
        raise Refused(say(N_("Only {stock} in stock: receive more first, or ask for fewer."), stock=stock))
    db.session.add(StockMovement(gift_id=row.gift_id, kind=MovementKind.OUT, quantity=-row.quantity, unit_cost=row.gift.unit_cost,
                                 request_id=row.id, by_id=move.actor.id, note=row.number, created_at=move.actor.now))


def close_gift(move: Move):
    row, unused = move.row, move.data.get("quantity_returned") or 0
    row.recipient = (move.data.get("recipient") or "").strip()
    if not 0 <= unused <= row.quantity:
        raise Refused(say(N_("Between 0 and {quantity} can come back."), quantity=row.quantity))
    if unused < row.quantity and not row.recipient:
        raise Refused(say(N_("Enter who received it.")))
    if unused:
        lock(row.gift)
        out = db.session.scalar(sa.select(StockMovement).where(StockMovement.request_id == row.id, StockMovement.kind == MovementKind.OUT))
        db.session.add(StockMovement(gift_id=row.gift_id, kind=MovementKind.BACK, quantity=unused, unit_cost=out.unit_cost, request_id=row.id,
                                     by_id=move.actor.id, note=row.number, created_at=move.actor.now))


def verify(move: Move):
    row, amount = move.row, move.data.get("approved_amount")
    row.approved_amount = row.amount if amount is None else amount
    if not 0 < row.approved_amount <= row.amount:
        raise Refused(say(N_("The approved amount lies above 0 and is at most {amount}."), amount=row.amount))


def settle(move: Move):
    move.row.voucher_no = (move.data.get("voucher_no") or "").strip()
    move.row.settled_on = move.data.get("settled_on") or move.actor.today
    if not move.row.voucher_no:
        raise Refused(say(N_("Enter the voucher number.")))


EFFECTS = {
    "submit": submit, "approve": approve, "return": send_back, "reject": reject, "withdraw": withdraw, "urge": urge,
    "visit.register": register, "visit.confirm_host": confirm_host, "visit.issue_notice": issue_notice, "visit.check_in": check_in,
    "visit.check_out": check_out, "visit.close": finish_record, "visit.reschedule": reschedule, "roombooking.confirm": confirm_room,
    "roombooking.restore": restore_room, "dispatch.assign": assign, "dispatch.depart": depart, "dispatch.come_back": come_back,
    "giftrequest.issue": issue_gift, "giftrequest.close": close_gift, "expense.verify": verify, "expense.settle": settle,
    "expense.send_back": finance_send_back, "noticereceipt.sign": lambda move: sign(move),
}


def sign(move: Move):
    move.row.signed_at, move.row.signed_by_id = move.actor.now, move.actor.id


# ── Findings ─────────────────────────────────────────────────────────────────────────────────────
STAGES = {
    ("visit", "draft"): ("submit",), ("visit", "returned"): ("submit",), ("visit", "withdrawn"): ("submit",), ("visit", "submitted"): ("approve",),
    ("visit", "approved"): ("notice", "check_in"), ("visit", "notified"): ("check_in",), ("visit", "in_progress"): ("check_in", "close"),
    ("visit", "finished"): ("close",),
}


def prepare(row, book: rules.Rulebook):
    """Fix what the rules are held against: the cap of an expense and the wine issued for it."""
    if isinstance(row, Expense):
        found = rules.cap_for(book, str(row.category), row.rank, row.incurred_on)
        row.cap, row.cap_clause = found if found else (None, "")
        row.wine_amount = row.wine_request.issued_cost if row.wine_request else 0


def book_for(row) -> rules.Rulebook:
    """The rulebook that judges `row`: the one it was filed under, or today's while it can still be edited."""
    filed = getattr(row, "rulebook_version", None) if row.status not in row.process.editable else None
    return rulebook.load(filed, getattr(row, "department_id", None))


def findings(row, actor: Actor, stages=None, book: rules.Rulebook | None = None, plan: Plan | None = None, data: dict | None = None) -> list[Finding]:
    """What the adopted clauses find about `row` at `stages` (None: those that come next from its state)."""
    if not hasattr(row, "facts"):
        return []
    book = book or book_for(row)
    if stages is None:
        stages = STAGES.get((row.process.name, str(row.status)), ("submit",) if row.status in row.process.editable else ())
        if getattr(row, "walk_in", False) and row.status == VisitState.DRAFT:
            stages = ("register", "check_in")
    extra = {}
    if "submit" in stages and hasattr(row, "rank"):
        extra = (plan or plan_chain(row, book, actor.today)).facts()
    if isinstance(row, Visit):
        office, own = actor.has(Role.ADMIN_OFFICE, Role.ADMIN_HEAD), actor.department_id == row.department_id
        extra |= {"issuer": ("any" if own else "office") if office else "department", "recorded": (data or {}).get("record") or ""}
    return rules.judge(book, row.facts(actor.now, actor.today, **extra), stages)


def explanations(row) -> dict[str, str]:
    """The reasons already given for findings about `row`, by rule, the latest last."""
    return {f.rule: f.explanation for f in db.session.scalars(sa.select(RecordedFinding).where(
        RecordedFinding.subject == row.process.name, RecordedFinding.subject_id == row.id).order_by(RecordedFinding.id)) if f.explanation}


# ── The one way a state changes ──────────────────────────────────────────────────────────────────
def advance(row, name: str, actor: Actor, data: dict | None = None, version: int | None = None, by_rule: bool = False) -> Event:
    """Take `row` through the transition `name`.

    `data` holds what the form asked for: comment, reasons (by rule), and the fields the transition
    names in `asks`. `version` is the version the form was made from. `by_rule` is set where another
    transition entails this one, whatever the actor's own permissions.
    Raises Refused with the reason or the findings, Conflict when somebody else was first.
    """
    data, process = data or {}, row.process
    transition = process.by_name[name]
    lock(row)
    forget_chain(row)
    if version is not None and version != row.version:
        raise Conflict(say(N_("Somebody changed it in the meantime: look at it again before you decide.")))
    reason = None if by_rule else why_not(process, name, row, actor)
    if reason is not None:
        raise Refused(reason)
    for asked in transition.asks:
        if asked == "comment!" and not (data.get("comment") or "").strip():
            raise Refused(say(N_("A reason is needed.")))
    before, from_state = snapshot(row), row.status
    move = Move(row, actor, data, transition.targets[0], rulebook.load(None, getattr(row, "department_id", None)))
    if name == "submit":
        prepare(row, move.book)
        move.plan = plan_chain(row, move.book, actor.today)
    elif row.process.name != "regulation":
        move.book = book_for(row)
    found = findings(row, actor, (transition.stage,), move.book, move.plan, data) if transition.stage else []
    reasons = explanations(row) | {k: v.strip() for k, v in (data.get("reasons") or {}).items() if v and v.strip()} if found else {}
    blocking = [f for f in found if f.severity == Severity.BLOCK]
    if blocking:
        raise Refused(blocking[0].text, blocking)
    silent = [f for f in found if f.severity == Severity.EXPLAIN and not reasons.get(f.rule)]
    if silent:
        raise Refused(say(N_("A written reason is needed for: {clauses}"), clauses=", ".join(f.clause for f in silent)), silent)
    effect = EFFECTS.get(f"{process.name}.{name}") or EFFECTS.get(name)
    if effect is not None:
        effect(move)
    row.status = move.target
    if hasattr(row, "closed_at"):
        row.closed_at = actor.now if move.target in process.over else None
    if isinstance(row, Expense) and name == "submit" and reasons.get("spending_cap"):
        row.over_cap_reason = reasons["spending_cap"][:300]
    cited = [c for f in found for c in f.clauses] + [c for text in (*move.clauses, transition.clause) for c in text.split()]
    event = audit(name, row, actor, before, snapshot(row), data.get("comment") or "", dict.fromkeys(cited), from_state, move.target,
                  move.seat.user_id if move.seat and move.seat.user_id != actor.id else None)
    try:
        db.session.flush()
    except StaleDataError:
        raise Conflict(say(N_("Somebody changed it in the meantime: look at it again before you decide."))) from None
    for f in found:
        db.session.add(RecordedFinding(subject=process.name, subject_id=row.id, event_id=event.id, rule=f.rule, severity=str(f.severity),
                                       clauses=list(f.clauses), msgid=f.text.msgid, values={k: str(v) for k, v in f.text.values.items()},
                                       explanation=reasons.get(f.rule, "")))
    forget_chain(row)
    db.session.flush()
    return event


def advance_each(rows, name: str, actor: Actor, data: dict | None = None) -> list[tuple[object, Refused | None]]:
    """The same for many rows: each stands or falls alone, and every refusal is given back with its reason."""
    results = []
    for row in rows:
        try:
            with db.session.begin_nested():
                advance(row, name, actor, data)
            results.append((row, None))
        except Refused as refusal:
            results.append((row, refusal))
    return results


__all__ = ["Conflict", "Refused", "advance", "advance_each", "audit", "explanations", "file", "findings", "next_number", "open_chain", "plan_chain",
           "prepare", "snapshot", "GiftRequest", "timedelta"]
