"""The first page: the day of whoever signed in; for the front desk, its arrivals."""

from datetime import timedelta

import sqlalchemy as sa
from flask import request, url_for
from flask_admin import AdminIndexView, expose
from flask_babel import gettext

from core.clock import day_bounds
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
    db,
    open_for,
)
from panel.access import actor, can
from panel.i18n import show, tr
from panel.pages.arrivals import arrivals
from panel.transitions import action_label
from rules import cured_by
from workflow import COMPLAINT, VISIT, BookingState, DispatchState, ExpenseState, GiftRequestState, Role, VisitState

SHOWN = 5
CAP = 1000


class HomeView(AdminIndexView):
    """/admin/: what waits for me, what came back, who comes today, what is overdue; each a number and one click."""

    def _run_view(self, fn, *args, **kwargs):
        return fn(self, *args, **kwargs)

    @expose("/")
    def index(self):
        who = actor()
        if who.has(Role.FRONT_DESK) and not who.has(Role.ADMIN_OFFICE, Role.ADMIN_HEAD):
            return self.render("arrivals.html", **arrivals(request.args.get("q", "")))
        return self.render("todo.html", groups=[g for g in groups(who) if g], today_text=show(who.today), who=who)


def group(title, statement, url, item, empty, tone="normal"):
    """One card: how many rows (bounded), the first few, and where all of them are."""
    count = db.session.scalar(
        sa.select(sa.func.count()).select_from(
            statement.with_only_columns(sa.literal(1)).order_by(None).limit(CAP + 1).subquery()
        )
    )
    rows = db.session.scalars(statement.limit(SHOWN)).all() if count else []
    return {
        "title": title,
        "count": f"{CAP}+" if count > CAP else str(count),
        "any": count > 0,
        "url": url,
        "items": [item(r) for r in rows],
        "empty": empty,
        "tone": tone if count else "normal",
    }


def filtered(view, **values) -> str:
    """The list of `view` with filters set: names as `column` or `column__since`, values as the filter parses them."""
    from flask import current_app

    screen = current_app.extensions["screens"][view]
    args = {}
    for name, value in values.items():
        column, _, operation = name.partition("__")
        for index, flt in enumerate(screen._filters):
            if flt.column.key == column and type(flt).__name__.lower() == (operation or type(flt).__name__.lower()):
                args[f"flt{index}_{screen.get_filter_arg(index, flt)}"] = value
                break
    return url_for(f"{view}.index_view", **args)


def visit_item(visit):
    return {
        "title": f"{visit.organisation} · {visit.purpose}",
        "subtitle": f"{visit.number} · {show(visit.host.name)}",
        "when": show(visit.planned_start),
        "badge": visit.level.code if visit.level else "",
        "url": url_for("visit.details_view", id=visit.id),
    }


def request_item(row):
    text = (
        getattr(row, "organisation", "")
        or getattr(row, "purpose", "")
        or getattr(row, "subject", "")
        or getattr(row, "reason", "")
    )
    return {
        "title": text or row.number,
        "subtitle": f"{row.number} · {row.applicant.name}",
        "when": show(getattr(row, "starts_at", None) or getattr(row, "out_planned", None) or row.created_at),
        "badge": tr(row.status),
        "url": url_for(f"{row.process.name}.details_view", id=row.id),
    }


def groups(who):
    yield waiting(who)
    yield came_back(who)
    yield from visitors(who)
    yield from office(who)
    yield from aftercare(who)
    yield falls_due(who)
    yield from finance(who)
    if who.has(Role.SYSADMIN):
        yield group(
            gettext("Audit log of the last day"),
            sa.select(Event).where(Event.at > who.now - timedelta(days=1)).order_by(Event.id.desc()),
            url_for("event.index_view"),
            lambda e: {
                "title": f"{e.actor.name if e.actor else '—'} · {action_label(e)}",
                "subtitle": e.number,
                "when": show(e.at),
                "badge": "",
                "url": url_for("event.details_view", id=e.id),
            },
            gettext("Nothing happened."),
        )


def waiting(who):
    """Open steps that this person may decide: not on own requests, not twice in a chain; urged ones first."""
    mine = (
        sa.select(Approval)
        .where(open_for(who.seats), *not_mine(who))
        .order_by(Approval.urged_on.is_(None), Approval.opened_at)
    )
    if not any(can(f"{name}:approve") for name in REQUESTS) and not who.delegated:
        return None

    def item(step):
        row = db.session.get(REQUESTS[step.subject], step.subject_id)
        found = visit_item(row) if isinstance(row, Visit) else request_item(row)
        found["badge"] = tr(row.process.label)
        found["late"] = step.urged_on is not None
        if step.urged_on:
            found["badge"] = gettext("Urged")
        return found

    first = db.session.scalar(mine.limit(1))
    url = filtered(first.subject, status="submitted") if first else url_for("visit.index_view")
    return group(
        gettext("Waiting for my decision"), mine, url, item, gettext("Nothing waits for your decision."), "warn"
    )


def not_mine(who):
    """The applicant and those who decided an earlier step of the round are not asked."""
    conditions = [
        ~sa.exists().where(
            sa.and_(
                Other.subject == Approval.subject,
                Other.subject_id == Approval.subject_id,
                Other.round == Approval.round,
                sa.or_(Other.decider_id == who.id, Other.on_behalf_of_id == who.id),
            )
        )
    ]
    for name, model in REQUESTS.items():
        conditions.append(
            ~sa.and_(
                Approval.subject == name,
                Approval.subject_id.in_(sa.select(model.id).where(model.applicant_id == who.id)),
            )
        )
    return conditions


Other = sa.orm.aliased(Approval)


def came_back(who):
    """Own requests that were sent back, and drafts still lying about, over all kinds of requests."""
    found, kinds = [], []
    for name, model in REQUESTS.items():
        if not can(f"{name}:submit"):
            continue
        statement = (
            sa.select(model).where(model.applicant_id == who.id, model.status == "returned").order_by(model.id.desc())
        )
        part = group("", statement, filtered(name, status="returned"), request_item, "")
        if part["any"]:
            found += part["items"]
            kinds.append((int(part["count"].rstrip("+")), part["url"]))
    if not kinds and not any(can(f"{name}:submit") for name in REQUESTS):
        return None
    return {
        "title": gettext("Came back to me"),
        "count": str(sum(n for n, _ in kinds)),
        "any": bool(kinds),
        "tone": "alert" if kinds else "normal",
        "url": max(kinds)[1] if kinds else url_for("visit.index_view"),
        "items": found[:SHOWN],
        "empty": gettext("Nothing was sent back."),
    }


def visitors(who):
    if not can("visit:read"):
        return
    start, end = day_bounds(who.today)
    scope = Visit.visible_to(who)
    mine = () if who.has(Role.ADMIN_OFFICE, Role.ADMIN_HEAD, Role.EXECUTIVE) else ()
    yield group(
        gettext("Who arrives today"),
        sa.select(Visit)
        .where(scope, *mine, Visit.planned_start >= start, Visit.planned_start < end, Visit.status.in_(VISIT.receiving))
        .order_by(Visit.planned_start),
        filtered("visit", planned_start__since=str(who.today), planned_start__until=str(who.today)),
        visit_item,
        gettext("Nobody is expected today."),
    )
    if can("visit:issue_notice"):
        yield group(
            gettext("Approved, notice not issued"),
            sa.select(Visit).where(scope, Visit.status == VisitState.APPROVED).order_by(Visit.planned_start),
            filtered("visit", status="approved"),
            visit_item,
            gettext("Every approved visit has its notice."),
            "warn",
        )
    if can("visit:keep_host"):
        asked = (
            sa.select(Visit)
            .where(
                scope,
                Visit.proposed_host_id.is_not(None),
                Visit.proposed_by_id != who.id,
                Visit.status.in_(VISIT.receiving),
            )
            .order_by(Visit.planned_start)
        )
        yield group(
            gettext("Change of receptionist to decide"),
            asked,
            filtered("visit", status="notified"),
            visit_item,
            gettext("Nobody has asked for another receptionist."),
            "warn",
        )
    if can("visit:amend_notice"):
        stale = sa.exists().where(
            CurrentFinding.subject == "visit",
            CurrentFinding.subject_id == Visit.id,
            CurrentFinding.rule.in_(cured_by("amend_notice")),
        )
        yield group(
            gettext("Changed since the notice"),
            sa.select(Visit)
            .where(scope, Visit.status == VisitState.NOTIFIED, Visit.planned_start >= start, stale)
            .order_by(Visit.planned_start),
            filtered("visit", status="notified", compliance="open"),
            visit_item,
            gettext("Every department knows the latest."),
            "warn",
        )
    if can("visit:close"):
        late = sa.or_(
            Visit.status == VisitState.FINISHED,
            sa.and_(Visit.status.in_(VISIT.coming), Visit.planned_end < who.now),
        )
        yield group(
            gettext("Overdue: to be closed or cleared up"),
            sa.select(Visit).where(scope, late, Visit.planned_start < who.now).order_by(Visit.planned_start),
            filtered("visit", status="finished"),
            visit_item,
            gettext("Nothing is overdue."),
            "alert",
        )
    if can("noticereceipt:sign"):
        yield group(
            gettext("Notices to sign for"),
            sa.select(NoticeReceipt)
            .where(NoticeReceipt.department_id == who.department_id, NoticeReceipt.status == "open")
            .order_by(NoticeReceipt.id),
            filtered("noticereceipt", status="open"),
            receipt_item,
            gettext("Every notice is signed for."),
            "warn",
        )
    if who.has(Role.EXECUTIVE):
        later = who.now + timedelta(days=7)
        yield group(
            gettext("Who calls on me this week"),
            sa.select(Visit)
            .where(
                sa.or_(
                    Visit.host_id == who.id,
                    Visit.id.in_(sa.select(VisitEscort.visit_id).where(VisitEscort.user_id == who.id)),
                ),
                Visit.planned_start.between(start, later),
                Visit.status.in_(VISIT.receiving),
            )
            .order_by(Visit.planned_start),
            filtered("visit", planned_start__since=str(who.today)),
            visit_item,
            gettext("Nobody this week."),
        )


def receipt_item(receipt):
    visit = receipt.notice.visit
    return {
        "title": f"{visit.organisation} · {receipt.task or visit.purpose}",
        "subtitle": visit.number,
        "when": show(visit.planned_start),
        "badge": "",
        "url": url_for("noticereceipt.details_view", id=receipt.id),
    }


def office(who):
    if can("roombooking:confirm"):
        yield group(
            gettext("Rooms to confirm"),
            sa.select(RoomBooking).where(RoomBooking.status == BookingState.REQUESTED).order_by(RoomBooking.starts_at),
            filtered("roombooking", status="requested"),
            request_item,
            gettext("No room waits for you."),
            "warn",
        )
    if can("dispatch:assign"):
        yield group(
            gettext("Cars to assign"),
            sa.select(Dispatch).where(Dispatch.status == DispatchState.SUBMITTED).order_by(Dispatch.out_planned),
            filtered("dispatch", status="submitted"),
            request_item,
            gettext("No car waits for you."),
            "warn",
        )
    if can("giftrequest:issue"):
        yield group(
            gettext("Gifts to issue"),
            sa.select(GiftRequest).where(GiftRequest.status == GiftRequestState.APPROVED).order_by(GiftRequest.id),
            filtered("giftrequest", status="approved"),
            request_item,
            gettext("No gift waits for you."),
            "warn",
        )


def aftercare(who):
    """Complaints to answer, follow-ups and promises that are due."""
    if can("complaint:answer"):
        yield group(
            gettext("Complaints to answer"),
            sa.select(Complaint)
            .where(Complaint.visible_to(who), Complaint.status.in_(COMPLAINT.waiting))
            .order_by(Complaint.received_at),
            filtered("complaint", status="open"),
            request_item,
            gettext("No complaint waits for an answer."),
            "alert",
        )
    if can("followup:edit"):
        yield group(
            gettext("Follow-ups due"),
            sa.select(FollowUp)
            .where(FollowUp.owner_id == who.id, ~FollowUp.settled, FollowUp.next_on <= who.today)
            .order_by(FollowUp.next_on),
            filtered("followup", settled="0"),
            lambda f: {
                "title": f"{f.customer.name if f.customer else ''} · {f.open_points or f.content}",
                "subtitle": f.owner.name,
                "when": show(f.next_on),
                "badge": "",
                "url": url_for("followup.details_view", id=f.id),
            },
            gettext("No follow-up is due."),
            "warn",
        )
    if can("commitment:edit"):
        yield group(
            gettext("Promises to keep"),
            sa.select(Commitment)
            .where(Commitment.owner_id == who.id, Commitment.settled_on.is_(None))
            .order_by(Commitment.due_on, Commitment.id),
            url_for("commitment.index_view"),
            lambda c: {
                "title": c.text,
                "subtitle": c.outbound.customer.name,
                "when": show(c.due_on) or show(c.made_on),
                "badge": "",
                "url": url_for("commitment.details_view", id=c.id),
            },
            gettext("Every promise is kept."),
            "warn",
        )
    if can("noticereceipt:export"):
        open_notices = (
            sa.select(NoticeReceipt)
            .join(Notice, Notice.id == NoticeReceipt.notice_id)
            .join(Visit, Visit.id == Notice.visit_id)
            .where(
                NoticeReceipt.status == "open",
                Visit.status.in_(VISIT.admitting),
                NoticeReceipt.department_id != who.department_id,
            )
            .order_by(Visit.planned_start)
        )
        yield group(
            gettext("Who has not signed for a notice"),
            open_notices,
            filtered("noticereceipt", status="open"),
            lambda r: receipt_item(r) | {"badge": r.department.name},
            gettext("Every department has signed."),
            "warn",
        )


def falls_due(who):
    """What the adopted clauses ask this person to do regularly, overdue or due within a week."""
    if not can("due:read"):
        return None
    from panel.pages.due import mine, record_url, seen

    items = [item for item in seen(who, own=True) if mine(item, who) and item.late(who.today) >= -7]
    late = sum(1 for item in items if item.late(who.today) > 0)
    return {
        "title": gettext("Falls due"),
        "count": str(len(items)),
        "any": bool(items),
        "url": url_for("due.index_view"),
        "tone": "alert" if late else "warn" if items else "normal",
        "empty": gettext("Nothing falls due within a week."),
        "items": [
            {
                "title": tr(item.what) + (f" · {item.customer.name}" if item.customer else ""),
                "subtitle": item.terms.clause,
                "when": show(item.on),
                "late": item.late(who.today) > 0,
                "badge": gettext("Overdue") if item.late(who.today) > 0 else "",
                "url": record_url(item) or url_for("due.index_view"),
            }
            for item in items[:SHOWN]
        ],
    }


def finance(who):
    if can("expense:verify"):
        for state, title in (
            (ExpenseState.APPROVED, gettext("Expenses to verify")),
            (ExpenseState.VERIFIED, gettext("Expenses to settle")),
        ):
            yield group(
                title,
                sa.select(Expense).where(Expense.status == state).order_by(Expense.incurred_on),
                filtered("expense", status=str(state)),
                request_item,
                gettext("Nothing waits for you."),
                "warn",
            )
        yield group(
            gettext("Hospitality approved, not yet claimed"),
            sa.select(HospitalityRequest)
            .where(HospitalityRequest.status == "approved", HospitalityRequest.planned_on < who.today)
            .order_by(HospitalityRequest.planned_on),
            filtered("hospitalityrequest", status="approved"),
            request_item,
            gettext("Everything approved was claimed."),
        )
