"""The reception notice after it went out: what changes is sent alone, and signed for again (R01-4.1, R01-4.2)."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from models import CurrentFinding, Dispatch, MeetingRoom, Notice, NoticeReceipt, RoomBooking, User, VisitEscort
from tests.conftest import REASONS, errors, local_time, together

START = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=3)


def department(office, username):
    return office.ask(sa.select(User.department_id).where(User.username == username))


def copies(office, visit):
    """Department, task, relieved and state of every copy, in the order they went out."""
    return office.rows(
        sa.select(NoticeReceipt.department_id, NoticeReceipt.task, NoticeReceipt.relieved, NoticeReceipt.status)
        .join(Notice)
        .where(Notice.visit_id == visit)
        .order_by(NoticeReceipt.id)
    )


def found(office, visit):
    return {
        rule
        for (rule,) in office.rows(
            sa.select(CurrentFinding.rule).where(CurrentFinding.subject == "visit", CurrentFinding.subject_id == visit)
        )
    }


@pytest.fixture
def noticed(office):
    """A visit of level C whose notice went to sales and, with a task, to tech."""
    visit = office.approved_visit("C", start=START, needs=["room"])
    tech = department(office, "tech")
    answer = office.step(
        "sales",
        "visit",
        visit,
        "issue_notice",
        **{f"task_{tech}": "准备展厅", "due": local_time(START - timedelta(hours=2))},
        **REASONS,
    )
    assert answer.status_code == 302, errors(answer)
    return visit


def book_room(office, visit, start=START, confirm=True):
    room = office.ask(sa.select(MeetingRoom.id).order_by(MeetingRoom.id))
    form = {
        "room": str(room),
        "visit": str(visit),
        "subject": "洽谈",
        "starts_at": local_time(start),
        "ends_at": local_time(start + timedelta(hours=1)),
        "attendees": "3",
    }
    answer = office.post("sales", "/admin/roombooking/new/", form)
    assert answer.status_code == 302, errors(answer)
    booking = office.ask(sa.select(sa.func.max(RoomBooking.id)))
    if confirm:
        assert office.step("office", "roombooking", booking, "confirm").status_code == 302
    return booking


def test_a_room_confirmed_changes_how_its_visit_stands_at_once(office):
    """R01-2.1: no daily job is needed to see that what was missing is there."""
    visit = office.approved_visit("C", start=START, needs=["room"])
    assert "arranged" in found(office, visit)
    booking = book_room(office, visit)
    assert "arranged" not in found(office, visit)
    assert office.step("office", "roombooking", booking, "cancel", comment="改期").status_code == 302
    assert "arranged" in found(office, visit)


def test_a_part_added_to_or_taken_off_a_visit_changes_how_it_stands(office):
    """R01-3.B wants a head or the admin office at the table: the finding goes with the escort who cures it, and
    comes back."""
    visit = office.approved_visit("B", start=START)
    escort = office.ask(
        sa.select(VisitEscort.id).join(User, User.id == VisitEscort.user_id).where(VisitEscort.visit_id == visit)
    )
    assert escort is not None and "received_by" not in found(office, visit)
    for (row,) in office.rows(sa.select(VisitEscort.id).where(VisitEscort.visit_id == visit)):
        assert office.post("sales", "/admin/visitescort/delete/", {"id": str(row)}).status_code == 302
    assert "received_by" in found(office, visit)
    form = {"visit": str(visit), "user": str(office.user_id("sales_head")), "duty": "主陪"}
    assert office.post("sales", "/admin/visitescort/new/", form).status_code == 302
    assert "received_by" not in found(office, visit)


def test_R01_4_1_R01_4_2_only_what_changed_is_sent_and_signed_for_again(office, noticed):
    sales, tech = department(office, "sales"), department(office, "tech")
    assert sorted(copies(office, noticed)) == sorted([(sales, "", False, "open"), (tech, "准备展厅", False, "open")])
    for who in ("sales", "tech"):
        receipt = office.ask(
            sa.select(sa.func.max(NoticeReceipt.id)).where(NoticeReceipt.department_id == department(office, who))
        )
        assert office.step(who, "noticereceipt", receipt, "sign").status_code == 302
    assert not {"notice_signed", "notice_current"} & found(office, noticed)

    book_room(office, noticed)
    assert "notice_current" in found(office, noticed), "the departments do not know the room"
    page = office.get("sales", "/admin/").get_data(as_text=True)
    assert "通知后有变动" in page
    page = office.get("sales", f"/admin/visit/transition/amend_notice/?id={noticed}").get_data(as_text=True)
    room = office.ask(sa.select(MeetingRoom.name).order_by(MeetingRoom.id))
    assert room in page and "准备展厅" in page

    assert office.step("sales", "visit", noticed, "amend_notice").status_code == 302
    assert "notice_current" not in found(office, noticed)
    last = office.ask(sa.select(sa.func.max(Notice.id)))
    assert list(office.ask(sa.select(Notice.changes).where(Notice.id == last))) == ["rooms"], "only what changed"
    assert [state for *_, state in copies(office, noticed)] == ["signed", "signed", "open", "open"], "both sign again"
    receipt = office.ask(sa.select(sa.func.max(NoticeReceipt.id)).where(NoticeReceipt.department_id == tech))
    page = office.get("tech", f"/admin/noticereceipt/details/?id={receipt}").get_data(as_text=True)
    assert room in page and "变动" in page
    printed = office.get("office", f"/admin/visit/print/reception_notice/?id={noticed}").get_data(as_text=True)
    assert "变更事项" in printed and "尚未签收" in printed


def test_a_task_that_changed_goes_to_its_department_alone(office, noticed):
    tech, quality = department(office, "tech"), department(office, "finance")
    task = {f"task_{tech}": "", f"task_{quality}": "准备发票"}
    assert office.step("sales", "visit", noticed, "amend_notice", **task).status_code == 302
    assert sorted(copies(office, noticed)[2:]) == sorted(
        [(tech, "", True, "open"), (quality, "准备发票", False, "open")]
    ), "sales learns nothing new"
    answer = office.step("sales", "visit", noticed, "amend_notice", due=local_time(START - timedelta(hours=2)))
    assert answer.status_code == 409 and "没有变动" in answer.get_data(as_text=True), "nothing is sent twice"


def test_a_new_deadline_goes_to_every_department(office, noticed):
    assert (
        office.step("sales", "visit", noticed, "amend_notice", due=local_time(START - timedelta(hours=5))).status_code
        == 302
    )
    assert len(copies(office, noticed)) == 4 and office.ask(
        sa.select(Notice.due_at).order_by(Notice.id.desc())
    ) == START - timedelta(hours=5)


def test_R01_4_1_a_visit_is_not_called_ready_while_departments_work_from_an_old_notice(office, noticed):
    office.tick(noticed)
    book_room(office, noticed)
    reasons = {k: v for k, v in REASONS.items() if k != "reason_notice_current"}
    assert office.step("sales", "visit", noticed, "ready", **reasons).status_code in (409, 422)
    assert office.step("sales", "visit", noticed, "amend_notice").status_code == 302
    answer = office.step("sales", "visit", noticed, "ready", **reasons)
    assert answer.status_code == 302, errors(answer)


def test_the_department_names_who_is_responsible_when_it_signs(office, noticed):
    receipt = office.ask(sa.select(NoticeReceipt.id).where(NoticeReceipt.department_id == department(office, "tech")))
    assert (
        office.step("tech", "noticereceipt", receipt, "sign", responsible=str(office.user_id("sales"))).status_code
        == 422
    ), "somebody of another department"
    assert (
        office.step("tech", "noticereceipt", receipt, "sign", responsible=str(office.user_id("tech_head"))).status_code
        == 302
    )
    assert office.ask(sa.select(NoticeReceipt.responsible_id).where(NoticeReceipt.id == receipt)) == office.user_id(
        "tech_head"
    )


def test_R01_4_2_who_may_not_issue_the_notice_may_not_amend_it(office, noticed):
    book_room(office, noticed)
    assert office.step("tech", "visit", noticed, "amend_notice").status_code == 404, "another department's visit"
    assert office.step("exec", "visit", noticed, "amend_notice").status_code in (403, 404, 409)
    assert office.step("office", "visit", noticed, "amend_notice").status_code == 409, (
        "level C: the receiving department issues it"
    )
    assert len(copies(office, noticed)) == 2


def test_two_change_notices_at_once_send_the_change_once(office, noticed):
    book_room(office, noticed)
    office.client("sales"), office.client("sales_head")
    results = together(
        *[
            lambda who=who: office.step(who, "visit", noticed, "amend_notice").status_code
            for who in ("sales", "sales_head")
        ]
    )
    assert sorted(results) == [302, 409] and len(copies(office, noticed)) == 4


def test_a_car_assigned_after_the_notice_is_a_change(office, noticed):
    form = {
        "visit": str(noticed),
        "reason": "接站",
        "pick_up": "苏州北站",
        "destination": "公司",
        "out_planned": local_time(START - timedelta(hours=2)),
        "back_planned": local_time(START - timedelta(hours=1)),
        "passengers": "2",
        "contact": "吴国平 13900000000",
        "sign": "接站牌",
    }
    answer = office.post("sales", "/admin/dispatch/new/", form)
    assert answer.status_code == 302, errors(answer)
    assert office.ask(sa.select(sa.func.count()).select_from(Dispatch)) == 1 and "notice_current" in found(
        office, noticed
    )


def test_departments_that_sign_at_the_same_moment_leave_the_visit_judged_once(office, noticed):
    """Each signature judges the visit anew; neither may leave the other's finding behind, nor a finding twice."""
    pairs = [
        (who, office.ask(sa.select(NoticeReceipt.id).where(NoticeReceipt.department_id == department(office, who))))
        for who in ("sales", "tech")
    ]
    for who, _ in pairs:
        office.client(who)
    assert together(
        *[lambda who=who, row=row: office.step(who, "noticereceipt", row, "sign").status_code for who, row in pairs]
    ) == [302, 302]
    kept = [
        rule
        for (rule,) in office.rows(
            sa.select(CurrentFinding.rule).where(
                CurrentFinding.subject == "visit", CurrentFinding.subject_id == noticed
            )
        )
    ]
    assert "notice_signed" not in kept and len(kept) == len(set(kept))
