"""The front desk with a guest standing before it: a visitor without an appointment, and what the desk is not to
know."""

import html
import re
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from models import User, Visit, Visitor
from tests.conftest import REASONS, errors


def walk_in(office, **more):
    form = {
        "organisation": "苏州汇通物流有限公司",
        "purpose": "送样品",
        "guest_names": "钱师傅，司机，13912340009",
        "guest_count": "1",
        "host": str(office.user_id("tech")),
        "area": "lobby",
    }
    page = office.get("front", "/admin/visit/new/?walk_in=1").get_data(as_text=True)
    given = dict(re.findall(r'name="(planned_\w+|visit_kind|category)"[^>]*value="([^"]*)"', page))
    answer = office.post(
        "front", "/admin/visit/new/?walk_in=1", {"category": "business", "visit_kind": "tour"} | given | form | more
    )
    return page, answer


def fields(page):
    return set(re.findall(r'<(?:input|select|textarea)[^>]* name="([a-z_]+)"', page)) - {"csrf_token"}


def test_R08_1_1_the_desk_asks_a_visitor_without_appointment_only_what_it_needs(office):
    page, _ = walk_in(office)
    assert not fields(page) & {"level", "budget", "needs", "letter_no", "evidence_file", "nights", "route"}
    assert {"organisation", "purpose", "guest_names", "host", "area"} <= fields(page)
    assert re.search(r'<option selected value="lobby">', page), "R08-1.2: as far as the reception area"


def test_R08_1_1_one_form_puts_the_visitor_on_the_list_of_arrivals(office):
    _, answer = walk_in(office)
    assert answer.status_code == 302 and answer.location.endswith("/admin/"), errors(answer)
    assert office.rows(sa.select(Visit.status, Visit.walk_in, Visit.guest_count)) == [("notified", True, 1)]
    page = office.get("front", "/admin/").get_data(as_text=True)
    assert "钱师傅" in page and re.search(r"<b>1</b>位等候", page) and re.search(r"<b>0</b>批逾时未到", page), (
        "who stands there is not late"
    )


def test_R08_1_1_who_names_no_reason_or_person_is_not_registered(office):
    _, answer = walk_in(office, guest_names="")
    visit = office.ask(sa.select(sa.func.max(Visit.id)))
    assert office.status(Visit, visit) == "draft", errors(answer)
    assert f"id={visit}" in answer.location, "the desk sees what is missing, and may refuse"


def test_a_barred_visitor_stays_a_draft_that_the_desk_refuses(office):
    with office.app.app_context():
        from models import db

        db.session.add(
            Visitor(
                name="钱师傅",
                title="司机",
                phone="13912340009",
                organisation="苏州汇通物流有限公司",
                blacklisted=True,
                blacklist_reason="闯入",
                department_id=db.session.scalar(sa.select(User.department_id).where(User.username == "tech")),
            )
        )
        db.session.commit()
    _, answer = walk_in(office)
    visit = office.ask(sa.select(sa.func.max(Visit.id)))
    if office.status(Visit, visit) == "notified":  # let in by nobody: the door stops them
        assert office.step("front", "visit", visit, "check_in").status_code == 409
    assert office.step("front", "visit", visit, "refuse", refusal="barred", comment="禁入名单").status_code == 302, (
        errors(answer)
    )


def test_the_desk_is_told_of_no_money(office):
    """domain.md §1: the front desk never sees money, on the page, in a confirmation or on a printed form."""
    visit = office.create_visit(level="C", budget="1234.00")
    assert "1,234.00" in office.get("sales", f"/admin/visit/details/?id={visit}").get_data(as_text=True)
    assert office.step("sales", "visit", visit, "submit", reason_advance_notice="临时").status_code == 302
    for username in ("sales_head", "office"):
        assert office.step(username, "visit", visit, "approve").status_code == 302
    for path in (f"details/?id={visit}", f"transition/reschedule/?id={visit}", f"print/visitor_register/?id={visit}"):
        answer = office.get("front", f"/admin/visit/{path}")
        assert answer.status_code == 200 and "1,234.00" not in answer.get_data(as_text=True), path
    assert office.get("front", f"/admin/visit/print/visit_application/?id={visit}").status_code == 404


def test_a_step_of_the_arrivals_that_asks_first_leads_back_to_them(office):
    visit = office.notified_visit(start=datetime.now(UTC) + timedelta(minutes=5))
    walk_in(office, guest_names="")
    page = office.get("front", "/admin/").get_data(as_text=True)
    links = {html.unescape(link) for link in re.findall(r'href="(/admin/visit/transition/[^"]+)"', page)}
    assert {re.search(r"transition/(\w+)", link)[1] for link in links} >= {"check_in", "refuse", "register"}
    for link in links:
        assert 'name="next" value="/admin/"' in office.get("front", link).get_data(as_text=True), link
    link = next(link for link in links if f"check_in/?id={visit}&" in link)
    answer = office.post("front", link, {"identity": "y", "security": "y", "signed": "y", **REASONS})
    assert (answer.status_code, answer.location) == (302, "/admin/"), errors(answer)


def test_what_the_list_of_arrivals_offers_can_be_done(office):
    """Every button asks the same predicate as the page behind it."""
    for start in (timedelta(hours=2), timedelta(minutes=5)):
        visit = office.notified_visit(start=datetime.now(UTC) + start)
    office.approved_visit(start=datetime.now(UTC) + timedelta(hours=1))
    walk_in(office)
    walk_in(office, guest_names="")
    office.step("front", "visit", visit, "check_in", identity="y", security="y", signed="y", **REASONS)
    page = office.get("front", "/admin/").get_data(as_text=True)
    offered = set(re.findall(r"/admin/visit/transition/(\w+)/\?id=(\d+)", page))
    assert {"check_in", "check_out", "confirm_host", "refuse", "register"} <= {name for name, _ in offered}
    for name, row in offered:
        answer = office.get("front", f"/admin/visit/transition/{name}/?id={row}")
        assert '<div class="save">' in answer.get_data(as_text=True), (name, errors(answer))
