"""The first page: the day of whoever signed in; for the front desk, its arrivals."""

from collections import defaultdict
from datetime import timedelta

import sqlalchemy as sa
from flask import request, url_for
from flask_admin import AdminIndexView, expose
from flask_babel import gettext

from core.clock import day_bounds
from core.text import N_
from models import (
    REQUESTS,
    Approval,
    Commitment,
    Complaint,
    CurrentFinding,
    Dispatch,
    Event,
    Expense,
    FollowUp,
    GiftRequest,
    HospitalityRequest,
    Notice,
    NoticeReceipt,
    RoomBooking,
    Visit,
    VisitEscort,
    open_for,
)
from panel.access import actor, can
from panel.i18n import show, tr
from panel.pages.arrivals import arrivals
from panel.pages.cards import SHOWN, Card, card, counted, filtered, first, item, reads
from panel.pages.due import due_for, is_for, record_url
from panel.sections import url_of
from panel.timeline import action_label
from rules import cured_by
from workflow import (
    COMPLAINT,
    VISIT,
    BookingState,
    DispatchState,
    ExpenseState,
    GiftRequestState,
    HospitalityState,
    ReceiptState,
    Role,
    VisitState,
)


class HomeView(AdminIndexView):
    """/admin/: what waits for me, what came back, who comes today, what is overdue; each a number and one click."""

    def _run_view(self, fn, *args, **kwargs):
        return fn(self, *args, **kwargs)

    @expose("/")
    def index(self):
        who = actor()
        if who.has(Role.FRONT_DESK) and not who.has(Role.ADMIN_OFFICE, Role.ADMIN_HEAD):
            return self.render("arrivals.html", **arrivals(request.args.get("q", "")))
        groups = [made for made in (make(who) for make in CARDS) if made]
        return self.render("todo.html", groups=groups, today_text=show(who.today), who=who)


# ── Rows of the cards ────────────────────────────────────────────────────────────────────────────────────
@reads("level", "host")
def visit_item(visit):
    level = visit.level.code if visit.level else ""
    return item(
        f"{visit.organisation} · {visit.purpose}",
        f"{visit.number} · {visit.host.name}",
        visit.planned_start,
        url_of("visit", visit.id),
        level,
    )


@reads("applicant")
def request_item(row):
    about = (getattr(row, name, "") for name in ("organisation", "purpose", "subject", "reason"))
    when = getattr(row, "starts_at", None) or getattr(row, "out_planned", None) or row.created_at
    url = url_of(row.process.name, row.id)
    return item(
        next(filter(None, about), row.number), f"{row.number} · {row.applicant.name}", when, url, tr(row.status)
    )


@reads("notice.visit")
def receipt_item(receipt):
    visit = receipt.notice.visit
    title = f"{visit.organisation} · {receipt.task or visit.purpose}"
    return item(title, visit.number, visit.planned_start, url_of("noticereceipt", receipt.id))


@reads("notice.visit", "department")
def unsigned_item(receipt):
    return receipt_item(receipt) | {"badge": receipt.department.name}


@reads("customer", "owner")
def follow_up_item(row):
    customer = row.customer.name if row.customer else ""
    title = f"{customer} · {row.open_points or row.content}"
    return item(title, row.owner.name, row.next_on, url_of("followup", row.id))


@reads("outbound.customer")
def promise_item(promise):
    when = promise.due_on or promise.made_on
    return item(promise.text, promise.outbound.customer.name, when, url_of("commitment", promise.id))


@reads("actor")
def event_item(event):
    who = event.actor.name if event.actor else "—"
    return item(f"{who} · {action_label(event)}", event.number, event.at, url_of("event", event.id))


# ── Whose rows they are ──────────────────────────────────────────────────────────────────────────────────
def visits(who, *conditions) -> sa.Select:
    """The visits that `who` sees and that meet the conditions, the next first."""
    return sa.select(Visit).where(Visit.visible_to(who), *conditions).order_by(Visit.planned_start)


def in_state(model, state, order):
    """Rows of a model in a state, for whoever keeps such rows."""
    return lambda who: sa.select(model).where(model.status == state).order_by(order)


def arriving(who):
    start, end = day_bounds(who.today)
    return visits(who, Visit.planned_start >= start, Visit.planned_start < end, Visit.status.in_(VISIT.receiving))


def host_changes(who):
    return visits(
        who,
        Visit.proposed_host_id.is_not(None),
        Visit.proposed_by_id != who.id,
        Visit.status.in_(VISIT.receiving),
    )


def outdated_notices(who):
    stale = sa.exists().where(
        CurrentFinding.subject == VISIT.name,
        CurrentFinding.subject_id == Visit.id,
        CurrentFinding.rule.in_(cured_by("amend_notice")),
    )
    start, _ = day_bounds(who.today)
    return visits(who, Visit.status == VisitState.NOTIFIED, Visit.planned_start >= start, stale)


def overdue(who):
    late = sa.or_(
        Visit.status == VisitState.FINISHED,
        sa.and_(Visit.status.in_(VISIT.coming), Visit.planned_end < who.now),
    )
    return visits(who, late, Visit.planned_start < who.now)


def unsigned_here(who):
    here = NoticeReceipt.department_id == who.department_id
    return sa.select(NoticeReceipt).where(here, NoticeReceipt.status == ReceiptState.OPEN).order_by(NoticeReceipt.id)


def unsigned_elsewhere(who):
    return (
        sa.select(NoticeReceipt)
        .join(Notice, Notice.id == NoticeReceipt.notice_id)
        .join(Visit, Visit.id == Notice.visit_id)
        .where(
            NoticeReceipt.status == ReceiptState.OPEN,
            Visit.status.in_(VISIT.admitting),
            NoticeReceipt.department_id != who.department_id,
        )
        .order_by(Visit.planned_start)
    )


def calls_on_me(who):
    start, _ = day_bounds(who.today)
    escorted = sa.select(VisitEscort.visit_id).where(VisitEscort.user_id == who.id)
    return (
        sa.select(Visit)
        .where(
            sa.or_(Visit.host_id == who.id, Visit.id.in_(escorted)),
            Visit.planned_start.between(start, who.now + timedelta(days=7)),
            Visit.status.in_(VISIT.receiving),
        )
        .order_by(Visit.planned_start)
    )


def complaints(who):
    waiting = Complaint.status.in_(COMPLAINT.waiting)
    return sa.select(Complaint).where(Complaint.visible_to(who), waiting).order_by(Complaint.received_at)


def follow_ups(who):
    return (
        sa.select(FollowUp)
        .where(FollowUp.owner_id == who.id, ~FollowUp.settled, FollowUp.next_on <= who.today)
        .order_by(FollowUp.next_on)
    )


def promises(who):
    return (
        sa.select(Commitment)
        .where(Commitment.owner_id == who.id, Commitment.settled_on.is_(None))
        .order_by(Commitment.due_on, Commitment.id)
    )


def unclaimed(who):
    return (
        sa.select(HospitalityRequest)
        .where(HospitalityRequest.status == HospitalityState.APPROVED, HospitalityRequest.planned_on < who.today)
        .order_by(HospitalityRequest.planned_on)
    )


def last_day(who):
    return sa.select(Event).where(Event.at > who.now - timedelta(days=1)).order_by(Event.id.desc())


# ── Cards over several kinds of rows ─────────────────────────────────────────────────────────────────────
Earlier = sa.orm.aliased(Approval)


def decided_by_others(who):
    """The applicant and those who decided an earlier step of the round are not asked."""
    yield ~sa.exists().where(
        Earlier.subject == Approval.subject,
        Earlier.subject_id == Approval.subject_id,
        Earlier.round == Approval.round,
        sa.or_(Earlier.decider_id == who.id, Earlier.on_behalf_of_id == who.id),
    )
    for name, model in REQUESTS.items():
        own = sa.select(model.id).where(model.applicant_id == who.id)
        yield ~sa.and_(Approval.subject == name, Approval.subject_id.in_(own))


@reads()
def step_item(step, row):
    """An open step of the request `row`."""
    made = item_of(row)(row)
    urged = step.urged_on is not None
    return made | {"badge": gettext("Urged") if urged else tr(row.process.label), "late": urged}


def item_of(model):
    """How a request of the kind `model` is shown."""
    return visit_item if model.process is VISIT else request_item


def requests_of(steps) -> dict:
    """The requests of open steps, by kind and id: one statement for each kind."""
    keys, requests = defaultdict(list), {}
    for step in steps:
        keys[step.subject].append(step.subject_id)
    for name, ids in keys.items():
        model = REQUESTS[name]
        for row in first(sa.select(model).where(model.id.in_(ids)), item_of(model)):
            requests[name, row.id] = row
    return requests


def waiting(who) -> dict | None:
    """Open steps that this person may decide: not on own requests, not twice in a chain; urged ones first."""
    if not any(can(f"{name}:approve") for name in REQUESTS) and not who.delegated:
        return None
    steps = (
        sa.select(Approval)
        .where(open_for(who.seats), *decided_by_others(who))
        .order_by(Approval.urged_on.is_(None), Approval.opened_at)
    )
    shown = first(steps, step_item)
    requests = requests_of(shown)
    url = filtered(shown[0].subject, status="submitted") if shown else url_for("visit.index_view")
    return card(
        gettext("Waiting for my decision"),
        counted(steps) if shown else 0,
        url,
        gettext("Nothing waits for your decision."),
        [step_item(step, requests[step.subject, step.subject_id]) for step in shown],
        "warn",
    )


def came_back(who) -> dict | None:
    """Own requests that were sent back, over all kinds of requests; the card leads to the kind with most of them."""
    kinds = [name for name in REQUESTS if can(f"{name}:submit")]
    if not kinds:
        return None
    total, most, url, items = 0, 0, url_for("visit.index_view"), []
    for name in kinds:
        model = REQUESTS[name]
        own = sa.select(model).where(model.applicant_id == who.id, model.status == "returned")
        shown = first(own.order_by(model.id.desc()), request_item)
        count = counted(own) if shown else 0
        total, items = total + count, [*items, *map(request_item, shown)]
        if count > most:
            most, url = count, filtered(name, status="returned")
    return card(gettext("Came back to me"), total, url, gettext("Nothing was sent back."), items[:SHOWN], "alert")


def falls_due(who) -> dict | None:
    """What the adopted clauses ask this person to do regularly, overdue or due within a week."""
    if not can("due:read"):
        return None
    dues = [due for due in due_for(who, own=True) if is_for(due, who) and due.late(who.today) >= -7]
    late = [due.late(who.today) > 0 for due in dues]
    items = [
        item(
            tr(due.what) + (f" · {due.customer.name}" if due.customer else ""),
            due.terms.clause,
            due.on,
            record_url(due) or url_for("due.index_view"),
            gettext("Overdue") if is_late else "",
            is_late,
        )
        for due, is_late in zip(dues[:SHOWN], late, strict=False)
    ]
    tone = "alert" if any(late) else "warn"
    return card(
        gettext("Falls due"),
        len(dues),
        url_for("due.index_view"),
        gettext("Nothing falls due within a week."),
        items,
        tone,
    )


def day_of(who) -> str:
    """The reader's day, as a filter takes it."""
    return str(who.today)


# fmt: off
CARDS = (
    waiting,
    came_back,
    Card(N_("Who arrives today"), N_("Nobody is expected today."), "visit:read", arriving, visit_item,
         "visit", {"planned_start__since": day_of, "planned_start__until": day_of}),
    Card(N_("Approved, notice not issued"), N_("Every approved visit has its notice."), "visit:issue_notice",
         lambda who: visits(who, Visit.status == VisitState.APPROVED), visit_item,
         "visit", {"status": "approved"}, "warn"),
    Card(N_("Change of receptionist to decide"), N_("Nobody has asked for another receptionist."), "visit:keep_host",
         host_changes, visit_item, "visit", {"status": "notified"}, "warn"),
    Card(N_("Changed since the notice"), N_("Every department knows the latest."), "visit:amend_notice",
         outdated_notices, visit_item, "visit", {"status": "notified", "compliance": "open"}, "warn"),
    Card(N_("Overdue: to be closed or cleared up"), N_("Nothing is overdue."), "visit:close", overdue, visit_item,
         "visit", {"status": "finished"}, "alert"),
    Card(N_("Notices to sign for"), N_("Every notice is signed for."), "noticereceipt:sign", unsigned_here,
         receipt_item, "noticereceipt", {"status": "open"}, "warn"),
    Card(N_("Who calls on me this week"), N_("Nobody this week."), Role.EXECUTIVE, calls_on_me, visit_item,
         "visit", {"planned_start__since": day_of}),
    Card(N_("Rooms to confirm"), N_("No room waits for you."), "roombooking:confirm",
         in_state(RoomBooking, BookingState.REQUESTED, RoomBooking.starts_at), request_item,
         "roombooking", {"status": "requested"}, "warn"),
    Card(N_("Cars to assign"), N_("No car waits for you."), "dispatch:assign",
         in_state(Dispatch, DispatchState.SUBMITTED, Dispatch.out_planned), request_item,
         "dispatch", {"status": "submitted"}, "warn"),
    Card(N_("Gifts to issue"), N_("No gift waits for you."), "giftrequest:issue",
         in_state(GiftRequest, GiftRequestState.APPROVED, GiftRequest.id), request_item,
         "giftrequest", {"status": "approved"}, "warn"),
    Card(N_("Complaints to answer"), N_("No complaint waits for an answer."), "complaint:answer", complaints,
         request_item, "complaint", {"status": "open"}, "alert"),
    Card(N_("Follow-ups due"), N_("No follow-up is due."), "followup:edit", follow_ups, follow_up_item,
         "followup", {"settled": "0"}, "warn"),
    Card(N_("Promises to keep"), N_("Every promise is kept."), "commitment:edit", promises, promise_item,
         "commitment", tone="warn"),
    Card(N_("Who has not signed for a notice"), N_("Every department has signed."), "noticereceipt:export",
         unsigned_elsewhere, unsigned_item, "noticereceipt", {"status": "open"}, "warn"),
    falls_due,
    Card(N_("Expenses to verify"), N_("Nothing waits for you."), "expense:verify",
         in_state(Expense, ExpenseState.APPROVED, Expense.incurred_on), request_item,
         "expense", {"status": "approved"}, "warn"),
    Card(N_("Expenses to settle"), N_("Nothing waits for you."), "expense:verify",
         in_state(Expense, ExpenseState.VERIFIED, Expense.incurred_on), request_item,
         "expense", {"status": "verified"}, "warn"),
    Card(N_("Hospitality approved, not yet claimed"), N_("Everything approved was claimed."), "expense:verify",
         unclaimed, request_item, "hospitalityrequest", {"status": "approved"}),
    Card(N_("Audit log of the last day"), N_("Nothing happened."), Role.SYSADMIN, last_day, event_item, "event"),
)
# fmt: on
"""The cards in their order; each gives itself for a reader, or None where it does not concern them."""
