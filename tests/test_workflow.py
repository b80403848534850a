"""Workflow over HTTP, as each role, on both databases."""

import re
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from models import Approval, Event, Expense, HospitalityRequest, Visit
from tests.conftest import REASONS, errors, together


def test_R01_4_1_a_visit_of_level_A_goes_to_department_head_office_head_and_executive(office):
    visit = office.create_visit(level="A")
    assert office.step("sales", "visit", visit, "submit").status_code == 302
    chain = office.rows(
        sa.select(Approval.role, Approval.clause)
        .where(Approval.subject == "visit", Approval.subject_id == visit)
        .order_by(Approval.step)
    )
    assert [(str(r), c) for r, c in chain] == [
        ("dept_head", "R01-2.2"),
        ("admin_head", "R01-4.1"),
        ("executive", "R01-4.1"),
    ]
    for username, after in (("sales_head", "submitted"), ("office_head", "submitted"), ("exec", "approved")):
        assert office.step(username, "visit", visit, "approve").status_code == 302
        assert office.status(Visit, visit) == after


def test_R01_4_2_a_visit_of_level_C_is_reviewed_by_the_admin_office(office):
    visit = office.approved_visit("C")
    chain = office.rows(
        sa.select(Approval.role, Approval.clause)
        .where(Approval.subject_id == visit, Approval.subject == "visit")
        .order_by(Approval.step)
    )
    assert [(str(r), c) for r, c in chain] == [("dept_head", "R01-2.2"), ("admin_office", "R01-4.2")]
    assert office.status(Visit, visit) == "approved"


def test_R01_4_1_without_sealed_evidence_submission_is_refused_with_the_clause(office):
    visit = office.create_visit(level="B", sealed=False)
    page = office.step("sales", "visit", visit, "submit")
    assert page.status_code == 409 and "R01-4.1" in page.get_data(as_text=True)
    assert office.status(Visit, visit) == "draft"
    assert (
        office.ask(
            sa.select(sa.func.count())
            .select_from(Approval)
            .where(Approval.subject_id == visit, Approval.subject == "visit")
        )
        == 0
    )


def test_steps_are_decided_in_order_and_only_by_their_role(office):
    visit = office.create_visit(level="A")
    office.step("sales", "visit", visit, "submit")
    for wrong in ("office_head", "exec", "sales", "office"):
        assert office.step(wrong, "visit", visit, "approve").status_code == 409, wrong
    assert office.step("tech_head", "visit", visit, "approve").status_code == 404
    assert office.status(Visit, visit) == "submitted"


def test_nobody_decides_on_their_own_request(office):
    visit = office.create_visit(username="sales_head", level="C")
    assert office.step("sales_head", "visit", visit, "submit").status_code == 302
    # The department head's own step is skipped as R01-2.2 allows; the admin office still decides.
    assert office.step("sales_head", "visit", visit, "approve").status_code == 409
    steps = office.rows(
        sa.select(Approval.role, Approval.decision)
        .where(Approval.subject_id == visit, Approval.subject == "visit")
        .order_by(Approval.step)
    )
    assert [(str(r), str(d) if d else None) for r, d in steps] == [("dept_head", "skipped"), ("admin_office", None)]
    assert office.step("office", "visit", visit, "approve").status_code == 302
    assert office.status(Visit, visit) == "approved"


def test_return_needs_a_reason_and_resubmission_starts_the_chain_anew(office):
    visit = office.create_visit(level="C")
    office.step("sales", "visit", visit, "submit")
    assert office.step("sales_head", "visit", visit, "return").status_code == 422
    assert office.step("sales_head", "visit", visit, "return", comment="请补充名单").status_code == 302
    assert office.status(Visit, visit) == "returned"
    assert office.step("sales", "visit", visit, "submit").status_code == 302
    rounds = office.rows(
        sa.select(Approval.round, Approval.decision, Approval.comment)
        .where(Approval.subject_id == visit, Approval.subject == "visit")
        .order_by(Approval.id)
    )
    assert (1, "returned", "请补充名单") in [(r, str(d), c) for r, d, c in rounds] and {r for r, _, _ in rounds} == {
        1,
        2,
    }


def test_withdraw_only_while_nobody_has_decided(office):
    visit = office.create_visit(level="C")
    office.step("sales", "visit", visit, "submit")
    assert office.step("sales_head", "visit", visit, "withdraw").status_code == 409
    assert office.step("sales", "visit", visit, "withdraw").status_code == 302
    assert office.status(Visit, visit) == "withdrawn"
    office.step("sales", "visit", visit, "submit")
    office.step("sales_head", "visit", visit, "approve")
    assert office.step("sales", "visit", visit, "withdraw").status_code == 409


def test_urging_is_possible_once_a_day(office):
    visit = office.create_visit(level="C")
    office.step("sales", "visit", visit, "submit")
    assert office.step("sales", "visit", visit, "urge").status_code == 302
    assert (
        office.ask(sa.select(Approval.urged_on).where(Approval.subject_id == visit, Approval.opened_at.is_not(None)))
        is not None
    )
    page = office.get("sales_head", "/admin/").get_data(as_text=True)
    assert "已催办" in page
    # The same click again is no error; urging anew on the same day is not possible.
    office.step("sales", "visit", visit, "urge")
    assert (
        office.ask(
            sa.select(sa.func.count()).select_from(Event).where(Event.action == "urge", Event.subject_id == visit)
        )
        == 1
    )


def test_a_repeated_approval_changes_nothing_and_says_so(office):
    visit = office.create_visit(level="A")
    office.step("sales", "visit", visit, "submit")
    for _ in range(3):
        assert office.step("sales_head", "visit", visit, "approve").status_code == 302
    assert (
        office.ask(
            sa.select(sa.func.count()).select_from(Event).where(Event.action == "approve", Event.subject_id == visit)
        )
        == 1
    )
    assert office.status(Visit, visit) == "submitted"


def test_eight_people_at_once_make_one_decision(office):
    visit = office.create_visit(level="C")
    office.step("sales", "visit", visit, "submit")
    office.client("sales_head")
    calls = [lambda i=i: office.app.test_client() for i in range(8)]
    clients = []
    for make in calls:
        client = make()
        assert client.post("/login", data={"username": "sales_head", "password": "demo-yingke"}).status_code == 302
        clients.append(client)
    verbs = ["approve", "return", "reject", "approve", "return", "reject", "approve", "approve"]
    results = together(
        *[
            lambda c=c, v=v: c.post(f"/admin/visit/transition/{v}/?id={visit}", data={"comment": "x"}).status_code
            for c, v in zip(clients, verbs, strict=True)
        ]
    )
    assert all(r in (302, 409) for r in results), results
    decided = office.rows(
        sa.select(Approval.decision).where(
            Approval.subject_id == visit, Approval.subject == "visit", Approval.decided_at.is_not(None)
        )
    )
    assert len(decided) == 1
    assert (
        office.ask(
            sa.select(sa.func.count())
            .select_from(Event)
            .where(
                Event.subject_id == visit, Event.subject == "visit", Event.action.in_(("approve", "return", "reject"))
            )
        )
        == 1
    )


def test_bulk_approval_lists_each_row_that_was_stopped(office):
    good, other = office.create_visit(level="C"), office.create_visit(level="C")
    own = office.create_visit(username="sales_head", level="C")
    for visit, who in ((good, "sales"), (other, "sales"), (own, "sales_head")):
        office.step(who, "visit", visit, "submit")
    query = "&".join(f"rowid={i}" for i in (good, other, own))
    page = office.get("sales_head", f"/admin/visit/bulk/approve/?{query}").get_data(as_text=True)
    assert page.count("可以进行") == 2 and "任何人不得审批自己的申请" in page
    # What is confirmed is what was shown to go through: neither more rows nor those of the address.
    sent = re.findall(r'<form method="post"[^>]*action="([^"]+)"|name="rowid" value="(\d+)"', page.partition("<h1>")[2])
    assert sent == [("/admin/visit/bulk/approve/", ""), ("", str(good)), ("", str(other))]
    done = office.post("sales_head", f"/admin/visit/bulk/approve/?{query}", {"comment": "同意"}).get_data(as_text=True)
    assert done.count("state-approved") == 2
    assert office.ask(sa.select(sa.func.count()).select_from(Approval).where(Approval.decision == "approved")) == 2
    assert office.get("tech_head", f"/admin/visit/bulk/approve/?{query}").status_code == 404


def test_a_delegate_decides_and_both_names_are_on_record(office):
    from tests.conftest import company_day

    answer = office.post(
        "sales_head",
        "/admin/delegation/new/",
        {
            "delegate": str(office.user_id("tech_head")),
            "since": str(company_day()),
            "until": str(company_day()),
            "active": "y",
        },
    )
    assert answer.status_code == 302, errors(answer)
    visit = office.create_visit(level="C")
    office.step("sales", "visit", visit, "submit")
    assert "LF-" in office.get("tech_head", "/admin/").get_data(as_text=True)
    assert office.step("tech_head", "visit", visit, "approve").status_code == 302
    page = office.get("sales", f"/admin/visit/details/?id={visit}").get_data(as_text=True)
    assert "郑立新（代 周建国）" in page


def test_editing_a_submitted_request_is_not_possible(office):
    visit = office.create_visit(level="C")
    office.step("sales", "visit", visit, "submit")
    answer = office.post("sales", f"/admin/visit/edit/?id={visit}", {"purpose": "改了"})
    assert answer.status_code == 302
    assert office.ask(sa.select(Visit.purpose).where(Visit.id == visit)) == "参观生产线"


def test_status_cannot_be_typed_into_a_form(office):
    visit = office.create_visit(level="C", status="approved", applicant_id="1")
    assert office.status(Visit, visit) == "draft"


def test_R01_4_1_the_office_issues_the_notice_for_A_and_R01_4_2_the_department_for_C(office):
    important, ordinary = office.approved_visit("A"), office.approved_visit("C")
    page = office.step("sales", "visit", important, "issue_notice")
    assert page.status_code == 409 and "R01-4.1" in page.get_data(as_text=True)
    assert office.step("office", "visit", important, "issue_notice").status_code == 302
    assert office.step("office", "visit", ordinary, "issue_notice").status_code == 409
    assert office.step("sales", "visit", ordinary, "issue_notice").status_code == 302


def test_front_desk_checks_guests_in_and_out_one_by_one(office):
    from models import Checkin
    from tests.conftest import UTC, datetime, timedelta

    visit = office.notified_visit("A", start=datetime.now(UTC) + timedelta(hours=2))
    page = office.get("front", "/admin/").get_data(as_text=True)
    assert "吴国平" in page and "签到" in page
    guests = [i for (i,) in office.rows(sa.text(f"SELECT id FROM visit_guest WHERE visit_id = {visit} ORDER BY id"))]
    assert office.step("front", "visit", visit, "check_in", guests=guests[0]).status_code == 302
    assert office.status(Visit, visit) == "in_progress"
    office.step("front", "visit", visit, "check_in", guests=guests[1])
    office.step("front", "visit", visit, "check_out", guests=guests[0])
    assert office.status(Visit, visit) == "in_progress"
    office.step("front", "visit", visit, "check_out", guests=guests[1])
    assert office.status(Visit, visit) == "finished"
    assert office.ask(sa.select(sa.func.count()).select_from(Checkin).where(Checkin.left_at.is_not(None))) == 2


def test_R01_4_1_closing_needs_the_reception_record(office):
    from tests.conftest import UTC, datetime, timedelta

    visit = office.notified_visit("A", start=datetime.now(UTC) + timedelta(hours=2))
    office.step("front", "visit", visit, "check_in")
    office.step("front", "visit", visit, "check_out")
    assert office.step("sales", "visit", visit, "close", record="").status_code == 409
    assert office.step("sales", "visit", visit, "close", record="商谈顺利").status_code == 302
    assert office.status(Visit, visit) == "closed"


def test_R10_3_1_an_expense_over_the_cap_needs_a_reason_and_the_executive(office):
    visit = office.approved_visit("A")
    asked = office.approved_hospitality(visit)
    expense = office.create_expense(visit=visit, hospitality=asked, amount="600.01")
    page = office.step("sales", "expense", expense, "submit")
    assert page.status_code == 409 and "R10-3.1" in page.get_data(as_text=True)
    assert office.step("sales", "expense", expense, "submit", reason_spending_cap="临时加菜").status_code == 302
    roles = [
        str(r)
        for (r,) in office.rows(sa.select(Approval.role).where(Approval.subject == "expense").order_by(Approval.step))
    ]
    assert roles == ["dept_head", "executive"]
    assert office.ask(sa.select(Expense.over_cap_reason)) == "临时加菜"
    assert office.ask(sa.select(HospitalityRequest.status).where(HospitalityRequest.id == asked)) == "used"


def test_R10_3_1_at_the_cap_no_reason_is_asked(office):
    visit = office.approved_visit("A")
    asked = office.approved_hospitality(visit)
    expense = office.create_expense(visit=visit, hospitality=asked, amount="600.00")
    assert office.step("sales", "expense", expense, "submit").status_code == 302
    assert [str(r) for (r,) in office.rows(sa.select(Approval.role).where(Approval.subject == "expense"))] == [
        "dept_head"
    ]


def test_R01_4_3_a_gift_needs_an_approved_hospitality_request(office):
    from models import Gift, GiftRequest

    visit = office.approved_visit("C")
    gift = office.ask(sa.select(Gift.id).where(Gift.code == "G003"))
    answer = office.post(
        "sales", "/admin/giftrequest/new/", {"visit": visit, "gift": gift, "quantity": "2", "purpose": "赠送"}
    )
    assert answer.status_code == 302, errors(answer)
    request = office.ask(sa.select(GiftRequest.id))
    page = office.step("sales", "giftrequest", request, "submit")
    assert page.status_code == 409 and "R01-4.3" in page.get_data(as_text=True)


def test_R01_4_3_an_application_that_was_approved_counts_for_a_gift_after_it_was_closed_too(office):
    """One row and the rows of a trial are read alike: what is granted stays granted."""
    from zoneinfo import ZoneInfo

    import facts
    from facts.past import Archive
    from models import Gift, GiftRequest, db

    visit = office.approved_visit("C")
    asked = office.approved_hospitality(visit, category="gift", amount="200")
    assert office.step("sales", "hospitalityrequest", asked, "close").status_code == 302
    gift = office.ask(sa.select(Gift.id).where(Gift.code == "G003"))
    form = {"visit": visit, "hospitality": asked, "gift": gift, "quantity": "2", "purpose": "赠送"}
    answer = office.post("sales", "/admin/giftrequest/new/", form)
    assert answer.status_code == 302, errors(answer)
    row = office.ask(sa.select(sa.func.max(GiftRequest.id)))
    answer = office.step("sales", "giftrequest", row, "submit")
    assert answer.status_code == 302, errors(answer)
    with office.app.app_context():
        moment, day = datetime.now(UTC), datetime.now(UTC).date()
        single = facts.of(db.session.get(GiftRequest, row), moment, day)
        archive = Archive(
            day - timedelta(2), day + timedelta(2), ZoneInfo("Asia/Shanghai"), moment, frozenset({"application"})
        )
        many = [past.facts for kind, rows in archive.batches() if kind == "giftrequest" for past in rows]
    assert [f.application for f in many] == [single.application] == ["approved"]


def test_the_last_bottle_is_issued_once(office):
    from models import Gift, GiftRequest, StockMovement

    visit = office.approved_visit("A")
    asked = office.approved_hospitality(visit, category="gift", amount="200")
    gift = office.ask(sa.select(Gift.id).where(Gift.code == "W001"))
    ids = []
    for _ in range(2):
        office.post(
            "sales",
            "/admin/giftrequest/new/",
            {"visit": visit, "hospitality": asked, "gift": gift, "quantity": "60", "purpose": "晚宴"},
        )
        row = office.ask(sa.select(sa.func.max(GiftRequest.id)))
        assert office.step("sales", "giftrequest", row, "submit").status_code == 302
        assert office.step("sales_head", "giftrequest", row, "approve").status_code == 302
        assert office.step("office", "giftrequest", row, "approve").status_code == 302
        ids.append(row)
    office.client("office"), office.client("office_head")
    results = together(
        lambda: office.step("office", "giftrequest", ids[0], "issue").status_code,
        lambda: office.step("office_head", "giftrequest", ids[1], "issue").status_code,
    )
    assert sorted(results) == [302, 409]
    assert office.ask(sa.select(sa.func.sum(StockMovement.quantity)).where(StockMovement.gift_id == gift)) == 36


def test_a_room_is_promised_once(office):
    from models import MeetingRoom, RoomBooking
    from tests.conftest import UTC, datetime, local_time, timedelta

    room, start = office.ask(sa.select(MeetingRoom.id).limit(1)), datetime.now(UTC) + timedelta(days=1)
    ids = []
    for username in ("sales", "tech"):
        form = {
            "room": room,
            "subject": "会谈",
            "starts_at": local_time(start),
            "ends_at": local_time(start + timedelta(hours=1)),
            "attendees": "5",
        }
        answer = office.post(username, "/admin/roombooking/new/", form)
        assert answer.status_code == 302, errors(answer)
        ids.append(office.ask(sa.select(sa.func.max(RoomBooking.id))))
    office.client("office"), office.client("office_head")
    results = together(
        lambda: office.step("office", "roombooking", ids[0], "confirm").status_code,
        lambda: office.step("office_head", "roombooking", ids[1], "confirm").status_code,
    )
    assert sorted(results) == [302, 409]


def test_the_same_invoice_is_never_paid_twice(office):
    visit = office.approved_visit("A")
    office.create_expense(visit=visit, invoice_no="24312000000188886666")
    answer = office.post(
        "sales",
        "/admin/expense/new/",
        {
            "visit": visit,
            "organisation": "甲",
            "category": "meal",
            "incurred_on": "2026-11-01",
            "guests": "1",
            "escort_count": "1",
            "amount": "10",
            "tax": "0",
            "attachments": "1",
            "invoice_no": "24312000000188886666",
            "place": "食堂",
        },
    )
    assert answer.status_code == 200 and "该值已被使用" in answer.get_data(as_text=True)
    assert "食堂" in answer.get_data(as_text=True), "what was typed is still there"


def test_numbers_are_gap_free_under_a_race(office):
    for username in ("sales", "tech", "sales2", "tech2"):
        office.client(username)
    results = together(*[lambda u=u: office.create_visit(username=u) for u in ("sales", "tech", "sales2", "tech2")])
    assert all(isinstance(r, int) for r in results), results
    numbers = sorted(n for (n,) in office.rows(sa.select(Visit.number)))
    assert [int(n[-4:]) for n in numbers] == [1, 2, 3, 4] and all(n.startswith("LF-") for n in numbers)


def test_a_step_cites_only_clauses_the_company_has_adopted(office):
    """R17-4.2.3 asks for the office's word that all is ready; a company without R17 is not told of it."""
    from models import Event

    visit = office.notified_visit("C")
    assert "R17-4.2.3" not in office.get("sales", f"/admin/visit/transition/ready/?id={visit}").get_data(as_text=True)
    assert "R01-4.2" in office.get("sales", f"/admin/visit/details/?id={visit}").get_data(as_text=True)
    assert office.step("sales", "visit", visit, "ready", **REASONS).status_code == 302
    clauses = office.ask(sa.select(Event.clauses).where(Event.subject == "visit", Event.action == "ready"))
    assert not [c for c in clauses if c.startswith("R17")]
