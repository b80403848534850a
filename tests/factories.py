"""One row of every table, by department: what a test needs beside the one thing it is about.

`Rows(app, username)` makes rows as if `username` had filed them, each kind once and shared: the guest is a guest of the
visit, the receipt a copy of its notice. A table without a factory is a mistake that `test_scope` finds.
"""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import sqlalchemy as sa

import models as m
from core.clock import now
from engine import audit
from models import db

FACTORIES: dict[type, Callable] = {}


def factory(model):
    """Declare how the columns of a new row of `model` are filled, or which row the company has already."""

    def declare(function):
        FACTORIES[model] = function
        return function

    return declare


class Rows:
    """The rows of one user's department; to be used in an application context, committed by whoever asked."""

    def __init__(self, username: str):
        self.user = db.session.scalar(sa.select(m.User).where(m.User.username == username))
        self.moment = now()
        self.actor = self.user.actor(self.moment, self.moment.date())
        self.today = self.actor.today
        self.made: dict[type, object] = {}

    def of(self, model):
        """The shared row of `model`, made when first asked for."""
        if model not in self.made:
            self.made[model] = self.make(model)
        return self.made[model]

    def make(self, model, **overrides):
        """A new row of `model`, flushed; `overrides` are columns that matter to the test."""
        values = FACTORIES[model](self)
        if isinstance(values, model):
            return values  # a table that is full from the start
        values |= overrides
        row = model(**values)
        if issubclass(model, m.Request):
            row.department_id = values.get("department_id") or self.user.department_id
            audit.file(row, self.actor)
        else:
            db.session.add(row)
        db.session.flush()
        return row

    def first(self, model, *conditions):
        """A row of `model` that the company has already."""
        return db.session.scalar(sa.select(model).where(*conditions).order_by(model.id).limit(1))

    def serial(self, model) -> int:
        """A number that no row of `model` bears yet."""
        return (db.session.scalar(sa.select(sa.func.max(model.id))) or 0) + 1


def of_visit(rows: Rows) -> dict:
    return {"visit_id": rows.of(m.Visit).id}


def of_department(rows: Rows) -> dict:
    return {"department_id": rows.user.department_id}


# ── People and the organisation ──────────────────────────────────────────────────────────────────
@factory(m.Department)
def department(rows):
    return {"code": f"D{rows.serial(m.Department)}", "name": f"部门{rows.serial(m.Department)}"}


@factory(m.User)
def user(rows):
    name = f"user{rows.serial(m.User)}"
    return {"username": name, "name": name, "password_hash": "none", **of_department(rows)}


@factory(m.Grant)
def grant(rows):
    held = set(db.session.scalars(sa.select(m.Grant.permission).where(m.Grant.role == m.Role.FRONT_DESK)))
    free = sorted(p for p in m.known_permissions() if p.endswith(":read") and p not in held)
    return {"role": m.Role.FRONT_DESK, "permission": free[0]}


@factory(m.Delegation)
def delegation(rows):
    other = rows.first(m.User, m.User.department_id == rows.user.department_id, m.User.id != rows.user.id)
    return {
        "delegator_id": rows.user.id,
        "delegate_id": (other or rows.user).id,
        "since": rows.today,
        "until": rows.today,
    }


@factory(m.Event)
def event(rows):
    return {"action": "edit", "subject": "visit", "subject_id": rows.of(m.Visit).id, "actor_id": rows.user.id}


@factory(m.Approval)
def approval(rows):
    expense = rows.of(m.Expense)
    step = {"subject": "expense", "subject_id": expense.id, "number": expense.number, "step": 1, "role": "dept_head"}
    return {**step, **of_department(rows)}


# ── Customers ────────────────────────────────────────────────────────────────────────────────────
@factory(m.Customer)
def customer(rows):
    return {"name": f"客户 {rows.user.username}{rows.serial(m.Customer)}", **of_department(rows)}


@factory(m.Visitor)
def visitor(rows):
    return {"name": f"来宾{rows.user.username}", "organisation": rows.user.username, **of_department(rows)}


# ── Visits ───────────────────────────────────────────────────────────────────────────────────────
@factory(m.Visit)
def visit(rows):
    times = {"planned_start": rows.moment, "planned_end": rows.moment + timedelta(hours=1)}
    about = {"organisation": f"单位{rows.user.username}", "purpose": "参观", "guest_count": 1, "status": "in_progress"}
    return {**about, **times, "host_id": rows.user.id}


@factory(m.VisitGuest)
def visit_guest(rows):
    return {**of_visit(rows), "visitor_id": rows.of(m.Visitor).id}


@factory(m.VisitEscort)
def visit_escort(rows):
    return {**of_visit(rows), "user_id": rows.user.id}


@factory(m.Evidence)
def evidence(rows):
    content = f"secret {rows.user.username}".encode()
    file = {
        "filename": "a.pdf",
        "media_type": "application/pdf",
        "size": len(content),
        "sha256": "",
        "content": content,
    }
    return {**of_visit(rows), **file}


@factory(m.ChecklistItem)
def checklist_item(rows):
    return {**of_visit(rows), "phase": m.CheckPhase.BEFORE, "item": "备茶"}


@factory(m.ItineraryItem)
def itinerary_item(rows):
    return {**of_visit(rows), "kind": m.ItineraryKind.MEETING, "starts_at": rows.moment, "place": "一楼"}


@factory(m.Notice)
def notice(rows):
    return {**of_visit(rows), "issued_by_id": rows.user.id}


@factory(m.NoticeReceipt)
def notice_receipt(rows):
    return {"notice_id": rows.of(m.Notice).id, **of_department(rows)}


# ── The front desk ───────────────────────────────────────────────────────────────────────────────
@factory(m.Checkin)
def checkin(rows):
    return {"guest_id": rows.of(m.VisitGuest).id, "arrived_at": rows.moment, "received_by_id": rows.user.id}


@factory(m.Nda)
def nda(rows):
    return {**of_visit(rows), "signatory": "来宾", "signed_on": rows.today}


@factory(m.GoodsRelease)
def goods_release(rows):
    return {**of_visit(rows), "carrier": "来宾", "items": "样品 1", "reason": "送检"}


@factory(m.Incident)
def incident(rows):
    kind = next(iter(m.IncidentKind))
    return {**of_visit(rows), "kind": kind, "occurred_at": rows.moment, "description": "无理取闹"}


# ── Rooms, cars, gifts ───────────────────────────────────────────────────────────────────────────
@factory(m.MeetingRoom)
def meeting_room(rows):
    return {"name": f"会议室{rows.serial(m.MeetingRoom)}", "capacity": 8}


@factory(m.RoomBooking)
def room_booking(rows):
    times = {"starts_at": rows.moment, "ends_at": rows.moment + timedelta(hours=1)}
    return {"room_id": rows.first(m.MeetingRoom).id, "subject": "会", **times}


@factory(m.Vehicle)
def vehicle(rows):
    return {"plate": f"沪A{rows.serial(m.Vehicle):05d}", "model": "别克", "seats": 7}


@factory(m.Driver)
def driver(rows):
    return {"name": "司机", "phone": "13900000000", "licence_class": "C1"}


@factory(m.Dispatch)
def dispatch(rows):
    times = {"out_planned": rows.moment, "back_planned": rows.moment + timedelta(hours=1)}
    return {"reason": "接", "pick_up": "甲", "destination": "乙", **times}


@factory(m.Gift)
def gift(rows):
    return {"code": f"G{rows.serial(m.Gift)}", "name": "茶", "kind": m.GiftKind.GIFT, "unit_cost": Decimal(10)}


@factory(m.StockMovement)
def stock_movement(rows):
    return {"gift_id": rows.first(m.Gift).id, "kind": m.MovementKind.IN, "quantity": 1, "unit_cost": Decimal(1)}


@factory(m.GiftRequest)
def gift_request(rows):
    return {"gift_id": rows.first(m.Gift).id, "quantity": 1, "purpose": "赠"}


# ── Money ────────────────────────────────────────────────────────────────────────────────────────
@factory(m.HospitalityRequest)
def hospitality_request(rows):
    return {"organisation": "甲", "purpose": "宴", "planned_on": rows.today, "amount": Decimal(1)}


@factory(m.Expense)
def expense(rows):
    return {"organisation": "甲", "incurred_on": rows.today, "amount": Decimal(1)}


@factory(m.Account)
def account(rows):
    return rows.first(m.Account)  # each category has its code already


# ── Aftercare ────────────────────────────────────────────────────────────────────────────────────
@factory(m.VisitQuestion)
def visit_question(rows):
    return {**of_visit(rows), "question": "何时交货？"}


@factory(m.BusinessCard)
def business_card(rows):
    return {**of_visit(rows), "name": "来宾"}


@factory(m.Feedback)
def feedback(rows):
    return {**of_visit(rows), "satisfaction": 5, "given_on": rows.today}


@factory(m.FollowUp)
def follow_up(rows):
    about = {"held_on": rows.today, "content": "电话", "owner_id": rows.user.id}
    return {**about, "customer_id": rows.of(m.Customer).id, **of_department(rows)}


@factory(m.Complaint)
def complaint(rows):
    return {"organisation": "甲", "received_at": rows.moment, "content": "久等"}


@factory(m.OutboundPlan)
def outbound_plan(rows):
    return {"month": rows.today.replace(day=1)}


@factory(m.OutboundVisit)
def outbound_visit(rows):
    whom = {"plan_id": rows.of(m.OutboundPlan).id, "customer_id": rows.of(m.Customer).id}
    return {
        **whom,
        "planned_on": rows.today,
        "purpose": next(iter(m.OutboundPurpose)),
        "target": next(iter(m.OutboundTarget)),
    }


@factory(m.Commitment)
def commitment(rows):
    return {"outbound_id": rows.of(m.OutboundVisit).id, "text": "寄样", "owner_id": rows.user.id, "made_on": rows.today}


# ── Supervision ──────────────────────────────────────────────────────────────────────────────────
@factory(m.Assessment)
def assessment(rows):
    return {"user_id": rows.user.id, "assessor_id": rows.user.id, "held_on": rows.today}


@factory(m.Violation)
def violation(rows):
    what = {"happened_on": rows.today, "description": "未登记", "measure": next(iter(m.Measure))}
    return {"user_id": rows.user.id, **what}


@factory(m.Training)
def training(rows):
    return {"held_on": rows.today, "topic": "礼仪"}


@factory(m.TrainingAttendance)
def training_attendance(rows):
    return {"training_id": rows.of(m.Training).id, "user_id": rows.user.id}


@factory(m.Inspection)
def inspection(rows):
    what = {"kind": next(iter(m.InspectionKind)), "held_on": rows.today, "result": "正常"}
    return {**what, "inspector_id": rows.user.id}


# ── Regulations ──────────────────────────────────────────────────────────────────────────────────
@factory(m.Regulation)
def regulation(rows):
    return {"code": f"T{rows.serial(m.Regulation)}", "title": "试行办法"}


@factory(m.Clause)
def clause(rows):
    regulation = rows.of(m.Regulation)
    return {"regulation_id": regulation.identity, "number": "1", "kind": next(iter(m.ClauseKind)), "text": "试行"}


def of_clause(rows: Rows) -> dict:
    return {"clause_id": rows.of(m.Clause).identity}


@factory(m.ReceptionLevel)
def reception_level(rows):
    return {**of_clause(rows), "rank": 9, "code": "Z", "name": "试行级"}


@factory(m.ApprovalRule)
def approval_rule(rows):
    return {**of_clause(rows), "subject": m.Subject.VISIT, "step": 10, "role": m.Role.DEPT_HEAD}


@factory(m.SpendingCap)
def spending_cap(rows):
    return {**of_clause(rows), "rank": 1, "category": "meal", "per_guest": Decimal(100)}


@factory(m.ChecklistTemplate)
def checklist_template(rows):
    return {**of_clause(rows), "phase": m.CheckPhase.BEFORE, "item": "备茶"}


@factory(m.TourRoute)
def tour_route(rows):
    return {**of_clause(rows), "name": "一号线", "stops": ["大厅"]}


@factory(m.ClauseChoice)
def clause_choice(rows):
    return {"key": f"test {rows.serial(m.ClauseChoice)}", "prevails": "R10-3.2"}


@factory(m.Trial)
def trial(rows):
    return {"title": "R15", "since": rows.today, "until": rows.today, "by_id": rows.user.id}
