"""What each transition does beyond changing the state. `engine.advance` calls it inside the transaction."""

import sqlalchemy as sa

import rules
from clauses.words import CheckPhase
from core.text import N_, say
from engine.audit import file
from engine.chains import Conflict, Move, Refused, close_chain, decide, open_chain
from facts import notices
from models import (
    Approval,
    Checkin,
    ChecklistItem,
    ClauseChoice,
    Commitment,
    Decision,
    Dispatch,
    Driver,
    Expense,
    Incident,
    IncidentKind,
    MovementKind,
    Regulation,
    RoomBooking,
    StockMovement,
    User,
    Vehicle,
    Visit,
    VisitEscort,
    VisitGuest,
    db,
    lock,
    stock_of,
)
from rulebook import versions
from workflow import BOOKING, DISPATCH, HospitalityState, RegulationState, VisitState


# ── Effects: what a transition does beyond the state ─────────────────────────────────────────────
def submit(move: Move):
    open_chain(move)
    if (
        isinstance(move.row, Expense)
        and move.row.hospitality is not None
        and move.row.hospitality.status == HospitalityState.APPROVED
    ):
        move.entails.append((move.row.hospitality, "use"))


def approve(move: Move):
    decide(move, Decision.APPROVED)
    following = db.session.scalar(
        sa.select(Approval)
        .where(
            Approval.subject == move.row.process.name,
            Approval.subject_id == move.row.id,
            Approval.round == move.row.round,
            Approval.decided_at.is_(None),
        )
        .order_by(Approval.step)
        .limit(1)
    )
    states = move.row.process.states
    if following is None:
        move.target = states.APPROVED
        if isinstance(move.row, Visit):
            make_checklist(move)
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
    changed = db.session.execute(
        sa.update(Approval)
        .where(
            Approval.id == step.id,
            Approval.decided_at.is_(None),
            sa.or_(Approval.urged_on.is_(None), Approval.urged_on < move.actor.today),
        )
        .values(urged_on=move.actor.today)
    ).rowcount
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


def answer_customer(move: Move):
    move.row.answered_at = move.actor.now
    move.target = move.row.status


def confirm_guest(move: Move):
    move.row.guest_confirmed_at = move.actor.now
    move.target = move.row.status


def mark_ready(move: Move):
    move.row.ready_at = move.actor.now


def propose_host(move: Move):
    row = move.row
    row.proposed_host_id, row.proposed_by_id, row.proposed_reason = (
        another_host(move).id,
        move.actor.id,
        (move.data.get("comment") or "")[:300],
    )
    move.target = row.status


def another_host(move: Move) -> User:
    host = move.data.get("new_host")
    if host is None or host.id == move.row.host_id:
        raise Refused(say(N_("Choose somebody else.")))
    return host


def hand_over(move: Move):
    row = move.row
    row.host_id, row.host_confirmed_at = another_host(move).id, None
    keep_host(move)
    db.session.flush()
    db.session.expire(row, ["host"])


def keep_host(move: Move):
    """What was asked for is decided, one way or the other; the audit log keeps it."""
    row = move.row
    row.proposed_host_id, row.proposed_by_id, row.proposed_reason = None, None, ""
    move.target = row.status


def refuse(move: Move):
    """Who is not let in, why, and what was offered; where a clause wants it, an incident is recorded with it."""
    row, data = move.row, move.data
    row.refusal, row.offer = data.get("refusal") or None, data.get("offer") or ""
    recording = rules.kept_as_incident(move.book, row.refusal, move.actor.today)
    if recording:
        db.session.add(
            Incident(
                visit_id=row.id,
                kind=IncidentKind(str(row.refusal)),
                occurred_at=move.actor.now,
                handled_at=move.actor.now,
                place="",
                description=data.get("comment") or "",
                measures=data.get("measures") or "",
                police="110" in (data.get("measures") or ""),
                reported_by_id=move.actor.id,
                created_at=move.actor.now,
            )
        )
        move.clauses += recording


def make_checklist(move: Move):
    """The items that the adopted clauses want for this visit, once it is approved; those ticked already stay."""
    row = move.row
    held = set(row.needs or ())
    conditions = frozenset(
        name
        for name, holds in (
            ("tour", "tour" in held or row.route_id is not None or row.visit_kind in ("tour", "site_audit")),
            ("overnight", row.nights > 0 or "lodging" in held),
            ("pick_up", "car" in held),
            ("meal", "meal" in held),
            ("meeting", "room" in held or "meeting" in held),
            ("assistance", any(g.visitor.assistance for g in row.guests)),
            ("sensitive", row.sensitive),
        )
        if holds
    )
    there = {
        (str(p), i)
        for p, i in db.session.execute(
            sa.select(ChecklistItem.phase, ChecklistItem.item).where(ChecklistItem.visit_id == row.id)
        )
    }
    for check in rules.checklist(move.book, rank=row.rank, conditions=conditions, day=move.actor.today):
        if (check.phase, check.item) not in there:
            db.session.add(
                ChecklistItem(
                    visit_id=row.id,
                    phase=CheckPhase(check.phase),
                    item=check.item,
                    item_en=check.item_en,
                    clause=check.clause,
                )
            )


def check_in(move: Move):
    wanted, badges = move.data.get("guests"), move.data.get("badges") or {}
    guests = [g for g in move.row.guests_outside if not wanted or g.id in wanted]
    if not guests:
        raise Refused(say(N_("Choose at least one guest who is not in the house.")))
    for guest in guests:
        guest.signed = guest.signed or bool(move.data.get("signed"))
        db.session.add(
            Checkin(
                guest_id=guest.id,
                arrived_at=move.actor.now,
                badge_no=(badges.get(guest.id) or "").strip()[:12],
                identity_checked=bool(move.data.get("identity")),
                security_checked=bool(move.data.get("security")),
                received_by_id=move.actor.id,
            )
        )


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
        if move.row.record != move.data["record"].strip():
            move.row.recorded_at = move.actor.now
        move.row.record = move.data["record"].strip()
    if move.data.get("outcome"):
        move.row.outcome = move.data["outcome"]


def reschedule(move: Move):
    row, start = move.row, move.data["new_start"]
    if start <= move.actor.now:
        raise Refused(say(N_("The new time must lie in the future.")))
    copied = (
        "organisation",
        "customer_id",
        "category",
        "purpose",
        "level_id",
        "lead_guest",
        "guest_count",
        "host_id",
        "area",
        "letter_no",
        "budget",
        "remarks",
        "visit_kind",
        "channel",
        "contact",
        "lead_title",
        "nights",
        "transport",
        "needs",
        "sensitive",
        "route_id",
    )
    successor = Visit(
        **{k: getattr(row, k) for k in copied},
        planned_start=start,
        planned_end=start + (row.planned_end - row.planned_start),
        status=VisitState.DRAFT,
        rescheduled_from_id=row.id,
        department_id=row.department_id,
    )
    file(successor, move.actor, row.department_id)
    successor.applicant_id = row.applicant_id
    db.session.add_all(
        [VisitGuest(visit_id=successor.id, visitor_id=g.visitor_id, is_lead=g.is_lead) for g in row.guests]
    )
    db.session.add_all([VisitEscort(visit_id=successor.id, user_id=e.user_id, duty=e.duty) for e in row.escorts])


def overlapping(model, column, key: int, start, end, since, until, states, but: int):
    """The number of another booking of the same thing that overlaps [start, end), or None."""
    return db.session.scalar(
        sa.select(model.number)
        .where(column == key, model.status.in_(states), model.id != but, since < end, until > start)
        .limit(1)
    )


def confirm_room(move: Move):
    row = move.row
    lock(row.room)
    other = overlapping(
        RoomBooking,
        RoomBooking.room_id,
        row.room_id,
        row.starts_at,
        row.ends_at,
        RoomBooking.starts_at,
        RoomBooking.ends_at,
        BOOKING.occupying,
        row.id,
    )
    if other:
        raise Refused(say(N_("The room is taken at that time by {number}: choose another room or time."), number=other))
    if row.attendees > row.room.capacity:
        raise Refused(
            say(
                N_("The room seats {seats}; {people} are expected: choose a larger room."),
                seats=row.room.capacity,
                people=row.attendees,
            )
        )


def restore_room(move: Move):
    if not move.data.get("restored"):
        raise Refused(say(N_("Tick that venue and equipment were checked.")))
    move.row.restored_note = (move.data.get("comment") or "")[:200]


def assign(move: Move):
    row, vehicle, driver = (
        move.row,
        db.session.get(Vehicle, move.data["vehicle"]),
        db.session.get(Driver, move.data["driver"]),
    )
    if vehicle is None or driver is None or not vehicle.active or not driver.active:
        raise Refused(say(N_("Choose a car and a driver that are in service.")))
    # Always in this order, so that two assignments never wait for each other.
    lock(vehicle)
    lock(driver)
    for column, key, text in (
        (Dispatch.vehicle_id, vehicle.id, N_("The car is taken at that time by {number}: choose another.")),
        (Dispatch.driver_id, driver.id, N_("The driver is taken at that time by {number}: choose another.")),
    ):
        other = overlapping(
            Dispatch,
            column,
            key,
            row.out_planned,
            row.back_planned,
            Dispatch.out_planned,
            Dispatch.back_planned,
            DISPATCH.occupying,
            row.id,
        )
        if other:
            raise Refused(say(text, number=other))
    if row.passengers >= vehicle.seats:
        raise Refused(
            say(
                N_("The car seats {seats} with its driver; {people} passengers are too many."),
                seats=vehicle.seats,
                people=row.passengers,
            )
        )
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
    db.session.add(
        StockMovement(
            gift_id=row.gift_id,
            kind=MovementKind.OUT,
            quantity=-row.quantity,
            unit_cost=row.gift.unit_cost,
            request_id=row.id,
            by_id=move.actor.id,
            note=row.number,
            created_at=move.actor.now,
        )
    )


def close_gift(move: Move):
    row, unused = move.row, move.data.get("quantity_returned") or 0
    row.recipient = (move.data.get("recipient") or "").strip()
    if not 0 <= unused <= row.quantity:
        raise Refused(say(N_("Between 0 and {quantity} can come back."), quantity=row.quantity))
    if unused < row.quantity and not row.recipient:
        raise Refused(say(N_("Enter who received it.")))
    if unused:
        lock(row.gift)
        out = db.session.scalar(
            sa.select(StockMovement).where(StockMovement.request_id == row.id, StockMovement.kind == MovementKind.OUT)
        )
        db.session.add(
            StockMovement(
                gift_id=row.gift_id,
                kind=MovementKind.BACK,
                quantity=unused,
                unit_cost=out.unit_cost,
                request_id=row.id,
                by_id=move.actor.id,
                note=row.number,
                created_at=move.actor.now,
            )
        )


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


def report_outbound(move: Move):
    row = move.row
    row.result, row.next_step = (move.data.get("result") or "").strip(), (move.data.get("next_step") or "").strip()
    row.actual_cost, row.reported_on = move.data.get("actual_cost"), move.actor.today
    for line in (move.data.get("promises") or "").splitlines():
        if line.strip():
            db.session.add(
                Commitment(
                    outbound_id=row.id,
                    text=line.strip()[:300],
                    owner_id=move.actor.id,
                    made_on=row.planned_on,
                    created_at=move.actor.now,
                )
            )


def investigate(move: Move):
    move.row.investigation = (move.data.get("investigation") or "").strip()
    if not move.row.investigation:
        raise Refused(say(N_("Write down what was found.")))


def answer_complaint(move: Move):
    row = move.row
    for name in ("investigation", "solution"):
        if (move.data.get(name) or "").strip():
            setattr(row, name, move.data[name].strip())
    row.answered_at = move.actor.now


def close_complaint(move: Move):
    move.row.satisfied = bool(move.data.get("satisfied"))


def adopt(move: Move):
    """The regulation binds from now on; what it replaces retires, and every contradiction it brings has the company's choice."""
    row, data = move.row, move.data
    if row.replaces is not None and row.replaces.status == RegulationState.ADOPTED:
        old, code = row.replaces, row.replaces.code
        move.entails.append((old, "retire"))
        old.code = f"{code}.{versions.current_version()}"[:20]
        db.session.flush()
        row.code = code
    known = versions.choices(versions.current_version())
    present = versions.load(None, row.department_id)
    decided = {c.key for c in rules.contradictions(present)} | set(known)
    fresh = [
        c for c in rules.contradictions(versions.with_drafts([row], row.department_id, kept={})) if c.key not in decided
    ]
    for n, contradiction in enumerate(fresh):
        prevails = data.get(f"choice_{n}")
        if prevails not in contradiction.clauses:
            raise Refused(
                say(
                    N_("{first} and {second} contradict each other: choose which prevails."),
                    first=contradiction.clauses[0],
                    second=contradiction.clauses[1],
                )
            )
        db.session.add(ClauseChoice(key=contradiction.key, prevails=prevails, reason=data.get(f"why_{n}") or ""))
        move.clauses += list(contradiction.clauses)
    if data.get("grading"):
        row.grades = data["grading"] == "grades"
    if row.grades:
        scope = (
            Regulation.department_id == row.department_id if row.department_id else Regulation.department_id.is_(None)
        )
        for other in db.session.scalars(
            sa.select(Regulation).where(
                Regulation.to_version.is_(None),
                Regulation.grades,
                Regulation.status == RegulationState.ADOPTED,
                scope,
                Regulation.id != row.id,
            )
        ):
            other.grades = False
        db.session.flush()


EFFECTS = {
    "regulation.adopt": adopt,
    "visit.answer": answer_customer,
    "visit.confirm_guest": confirm_guest,
    "visit.ready": mark_ready,
    "visit.propose_host": propose_host,
    "visit.hand_over": hand_over,
    "visit.keep_host": keep_host,
    "visit.refuse": refuse,
    "outboundvisit.report": report_outbound,
    "complaint.investigate": investigate,
    "complaint.answer": answer_complaint,
    "complaint.close": close_complaint,
    "submit": submit,
    "approve": approve,
    "return": send_back,
    "reject": reject,
    "withdraw": withdraw,
    "urge": urge,
    "visit.register": register,
    "visit.confirm_host": confirm_host,
    "visit.issue_notice": notices.issue,
    "visit.amend_notice": notices.amend,
    "visit.check_in": check_in,
    "visit.check_out": check_out,
    "visit.close": finish_record,
    "visit.reschedule": reschedule,
    "roombooking.confirm": confirm_room,
    "roombooking.restore": restore_room,
    "dispatch.assign": assign,
    "dispatch.depart": depart,
    "dispatch.come_back": come_back,
    "giftrequest.issue": issue_gift,
    "giftrequest.close": close_gift,
    "expense.verify": verify,
    "expense.settle": settle,
    "expense.send_back": finance_send_back,
    "noticereceipt.sign": notices.sign,
}
