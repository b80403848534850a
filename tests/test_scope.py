"""Who sees what: the application's own URL map × every role × own and foreign department."""

import re

import pytest
import sqlalchemy as sa

from panel.access import CLOSED, PUBLIC, SCREEN, SIGNED_IN
from tests.conftest import ROLES, Office, local_time
from workflow import PROCESSES

DEPARTMENTAL = (
    "visit",
    "visitguest",
    "visitescort",
    "evidence",
    "noticereceipt",
    "checkin",
    "customer",
    "visitor",
    "roombooking",
    "dispatch",
    "giftrequest",
    "hospitalityrequest",
    "expense",
    "approval",
)
ALL_ROWS = {  # the roles that see every department's rows of a table, besides the department itself
    "office": set(DEPARTMENTAL),
    "office_head": set(DEPARTMENTAL),
    "exec": set(DEPARTMENTAL) - {"noticereceipt", "roombooking", "dispatch"},
    "finance": {"expense", "hospitalityrequest", "approval"},
    "front": {"visit", "visitguest", "checkin", "visitor"},
}


def test_every_route_is_declared(sqlite_app):
    screens = sqlite_app.extensions["screens"]
    for rule in sqlite_app.url_map.iter_rules():
        screen, _, method = rule.endpoint.partition(".")
        declared = rule.endpoint in PUBLIC | SIGNED_IN or (screen in screens and (method in SCREEN or method in CLOSED))
        assert declared, f"{rule.endpoint} stands nowhere in panel/access.py"


def test_nothing_but_the_sign_in_is_public(sqlite_app):
    client = sqlite_app.test_client()
    for rule in sqlite_app.url_map.iter_rules():
        if rule.endpoint in PUBLIC or rule.endpoint == "root":
            continue
        path = rule.rule.replace("<export_type>", "csv").replace("<transition>", "submit")
        method = "GET" if "GET" in rule.methods else "POST"
        answer = client.open(path + "?id=1", method=method)
        assert answer.status_code in (302, 403), (rule.endpoint, answer.status_code)
        if answer.status_code == 302:
            assert "/login" in answer.location


@pytest.fixture
def two(sqlite_office):
    """A row of every departmental table for sales and one for tech: {department: {table: id}}."""
    from datetime import timedelta

    from core.clock import now
    from engine.audit import file
    from models import (
        Approval,
        Checkin,
        Customer,
        Dispatch,
        Evidence,
        Expense,
        Gift,
        GiftRequest,
        HospitalityRequest,
        MeetingRoom,
        NoticeReceipt,
        RoomBooking,
        User,
        Visit,
        VisitEscort,
        VisitGuest,
        db,
    )

    office, out = sqlite_office, {}
    with office.app.app_context():
        for username in ("sales", "tech"):
            user = db.session.scalar(sa.select(User).where(User.username == username))
            moment = now()
            who = user.actor(moment, moment.date())
            common = {"department_id": user.department_id}
            from models import Visitor

            visitor = Visitor(name=f"来宾{username}", organisation=username, **common)
            customer = Customer(name=f"客户 {username}", **common)
            db.session.add_all([visitor, customer])
            visit = file(
                Visit(
                    organisation=f"单位{username}",
                    purpose="参观",
                    guest_count=1,
                    planned_start=moment,
                    planned_end=moment + timedelta(hours=1),
                    host_id=user.id,
                    status="in_progress",
                    **common,
                ),
                who,
            )
            guest, escort = (
                VisitGuest(visit_id=visit.id, visitor_id=visitor.id),
                VisitEscort(visit_id=visit.id, user_id=user.id),
            )
            evidence = Evidence(
                visit_id=visit.id,
                filename="a.pdf",
                media_type="application/pdf",
                size=3,
                sha256="",
                content=f"secret {username}".encode(),
            )
            db.session.add_all([guest, escort, evidence])
            db.session.flush()
            checkin = Checkin(guest_id=guest.id, arrived_at=moment, received_by_id=user.id)
            from models import Notice

            notice = Notice(visit_id=visit.id, issued_by_id=user.id)
            db.session.add_all([checkin, notice])
            db.session.flush()
            receipt = NoticeReceipt(notice_id=notice.id, **common)
            booking = file(
                RoomBooking(
                    room_id=db.session.scalar(sa.select(MeetingRoom.id).limit(1)),
                    subject="会",
                    starts_at=moment,
                    ends_at=moment + timedelta(hours=1),
                    **common,
                ),
                who,
            )
            dispatch = file(
                Dispatch(
                    reason="接",
                    pick_up="甲",
                    destination="乙",
                    out_planned=moment,
                    back_planned=moment + timedelta(hours=1),
                    **common,
                ),
                who,
            )
            gift = file(
                GiftRequest(gift_id=db.session.scalar(sa.select(Gift.id).limit(1)), quantity=1, purpose="赠", **common),
                who,
            )
            asked = file(
                HospitalityRequest(organisation="甲", purpose="宴", planned_on=moment.date(), amount=1, **common), who
            )
            expense = file(Expense(organisation="甲", incurred_on=moment.date(), amount=1, **common), who)
            approval = Approval(
                subject="expense", subject_id=expense.id, number=expense.number, step=1, role="dept_head", **common
            )
            db.session.add_all([receipt, approval])
            db.session.flush()
            out[username] = {
                "visit": visit.id,
                "visitguest": guest.id,
                "visitescort": escort.id,
                "evidence": evidence.id,
                "noticereceipt": receipt.id,
                "checkin": checkin.id,
                "customer": customer.id,
                "visitor": visitor.id,
                "roombooking": booking.id,
                "dispatch": dispatch.id,
                "giftrequest": gift.id,
                "hospitalityrequest": asked.id,
                "expense": expense.id,
                "approval": approval.id,
            }
        db.session.commit()
    return office, out


def granted(office, username):
    from models import Grant, UserRole

    return {
        p
        for (p,) in office.rows(
            sa.select(Grant.permission)
            .join(UserRole, UserRole.role == Grant.role)
            .where(UserRole.user_id == office.user_id(username))
        )
    }


def sees(username, table, department) -> bool:
    own = {"sales": "sales", "sales_head": "sales", "tech": "tech", "tech_head": "tech"}.get(username)
    return own == department or table in ALL_ROWS.get(username, ())


@pytest.mark.parametrize("username", ROLES)
def test_a_row_out_of_scope_does_not_exist(two, username):
    office, rows = two
    may = granted(office, username)
    for department, ids in rows.items():
        for table, row in ids.items():
            seen = sees(username, table, department)
            expected = 200 if seen and f"{table}:read" in may else 404
            assert office.get(username, f"/admin/{table}/details/?id={row}").status_code == expected, (
                table,
                department,
                "details",
            )
            edit = office.get(username, f"/admin/{table}/edit/?id={row}").status_code
            assert edit in ((200, 302) if expected == 200 and f"{table}:edit" in may else (404,)), (
                table,
                department,
                "edit",
                edit,
            )
            delete = office.post(username, f"/admin/{table}/delete/", {"id": row}) if not seen else None
            assert delete is None or delete.status_code == 404, (table, department, "delete")
            process = PROCESSES.get(table)
            for transition in process.transitions if process else ():
                for method in ("GET", "POST"):
                    answer = (
                        office.client(username).open(
                            f"/admin/{table}/transition/{transition.name}/?id={row}", method=method
                        )
                        if method == "GET" or not seen
                        else None
                    )
                    assert answer is None or answer.status_code == expected, (
                        table,
                        department,
                        transition.name,
                        method,
                        answer.status_code,
                    )
            if process and any(t.bulk for t in process.transitions):
                name = next(t.name for t in process.transitions if t.bulk)
                assert office.get(username, f"/admin/{table}/bulk/{name}/?rowid={row}").status_code == expected, (
                    table,
                    department,
                    "bulk",
                )
            if table == "evidence":
                assert office.get(username, f"/admin/evidence/file/?id={row}").status_code == expected


@pytest.mark.parametrize("username", ROLES)
def test_lists_exports_and_look_ups_hold_only_what_is_seen(two, username):
    office, rows = two
    may = granted(office, username)
    from models import REQUESTS

    names = {"visitor": "来宾{}", "customer": "客户 {}", "visit": "单位{}"}
    for table in rows["sales"]:
        answer = office.get(username, f"/admin/{table}/")
        assert answer.status_code == (200 if f"{table}:read" in may else 404), table
        for kind in ("csv", "xlsx"):
            export = office.get(username, f"/admin/{table}/export/{kind}/")
            assert export.status_code == (200 if f"{table}:export" in may else 404), (table, kind)
        for department, ids in rows.items():
            if table in names:
                word = names[table].format(department)
            elif table in REQUESTS:
                word = office.ask(sa.select(REQUESTS[table].number).where(REQUESTS[table].id == ids[table]))
            else:
                continue
            expected = sees(username, table, department)
            if f"{table}:read" in may:
                assert (word in answer.get_data(as_text=True)) == expected, (table, department)
            if f"{table}:export" in may:
                assert (
                    word in office.get(username, f"/admin/{table}/export/csv/").get_data(as_text=True)
                ) == expected, (table, department, "csv")
    if "visitguest:read" in may:
        for department in rows:
            for name, word in (("visitor", f"来宾{department}"), ("visit", f"单位{department}")):
                found = office.get(username, f"/admin/visitguest/ajax/lookup/?name={name}&query={word}&limit=-1")
                assert (word in found.get_json(force=True).__str__()) == sees(username, name, department), (
                    name,
                    department,
                )


@pytest.mark.parametrize(("username", "foreign"), [("tech", "sales"), ("sales", "tech")])
def test_a_foreign_row_cannot_be_slipped_into_a_form(two, username, foreign):
    from models import Expense

    office, rows = two
    before = office.ask(sa.select(sa.func.count()).select_from(Expense))
    answer = office.post(
        username,
        "/admin/expense/new/",
        {
            "visit": rows[foreign]["visit"],
            "organisation": "甲",
            "category": "meal",
            "incurred_on": "2026-11-01",
            "guests": "1",
            "escort_count": "1",
            "amount": "10",
            "tax": "0",
            "attachments": "1",
        },
    )
    assert answer.status_code == 200 and "请从列表中选择" in answer.get_data(as_text=True)
    assert office.ask(sa.select(sa.func.count()).select_from(Expense)) == before
    # Guests of a foreign visit neither.
    answer = office.post(
        username, "/admin/visitguest/new/", {"visit": rows[foreign]["visit"], "visitor": rows[username]["visitor"]}
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("username", ROLES)
def test_the_menu_holds_only_what_the_role_may_use(sqlite_office, username):
    may = granted(sqlite_office, username)
    page = sqlite_office.get(username, "/admin/").get_data(as_text=True)
    side = page[page.index('<nav class="side"') : page.index("</nav>")]
    for table in re.findall(r'href="/admin/(\w+)/"', side):
        assert f"{table}:read" in may, table
        assert sqlite_office.get(username, f"/admin/{table}/").status_code == 200
    for table in sqlite_office.app.extensions["screens"]:
        assert (f'href="/admin/{table}/"' in side) == (f"{table}:read" in may), table


NONSENSE = (
    "details/?id=abc",
    "details/?id=99999999999999999999",
    "details/?id=1,2",
    "details/?id=",
    "edit/?id=-1",
    "?page=-5",
    "?page=999999999",
    "?search=%00",
    "?search=%22*%27%3B--",
    "?flt0_0=%00",
    "?flt3_3=kaputt",
    "?after=kaputt",
    "?before=W10",
    "?last=1",
    "?sort=99",
    "?page_size=-1",
    "?endpoint=x",
    "?self=1",
    "transition/submit/?id=abc",
    "transition/nothing/?id=1",
    "?url=http:evil.example/x",
    "export/pdf/",
    "export/csv/?flt0_0=x",
)


def test_nonsense_in_an_address_is_never_a_server_error(office):
    for table in ("visit", "expense", "visitor", "meetingroom", "regulation", "event"):
        for path in NONSENSE:
            answer = office.get("office_head", f"/admin/{table}/{path}")
            assert answer.status_code in (200, 302, 404), (table, path, answer.status_code)
            if answer.status_code == 302:
                assert answer.location.startswith("/"), (table, path)


def test_no_screen_shows_a_column_without_a_label(two):
    """Password hashes, session tokens, keyed hashes, search grams and file bodies bear none."""
    office, rows = two
    for name, screen in office.app.extensions["screens"].items():
        if screen.model is None:
            continue
        mapper = sa.inspect(screen.model)
        for column in (*(screen.column_list or ()), *screen.column_details_list, *(screen.column_export_list or ())):
            prop = mapper.attrs.get(column)
            if prop is not None:
                info = prop.columns[0].info if hasattr(prop, "columns") else prop.info
                assert "label" in info, (name, column)
    page = office.get("sysadmin", "/admin/user/details/?id=1").get_data(as_text=True)
    assert "argon2" not in page and "token" not in page.replace("csrf_token", "")
    assert "search_grams" not in office.get(
        "office", f"/admin/visitor/details/?id={rows['sales']['visitor']}"
    ).get_data(as_text=True)


def test_finance_alone_settles_and_sysadmin_approves_nothing(sqlite_office):
    for username in ROLES:
        may = granted(sqlite_office, username)
        assert ("expense:settle" in may) == (username == "finance")
        assert ("expense:finance_csv" in may) == (username == "finance")
        if username == "sysadmin":
            assert not any(p.split(":")[0] in PROCESSES for p in may)


__all__ = ["Office", "local_time"]
