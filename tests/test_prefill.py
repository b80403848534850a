"""What a new row begins with: what its page's address names, on every screen, and nothing its reader may not see."""

import re
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from tests.conftest import company_day


def chosen(page: str, name: str) -> list[str]:
    """The ids that the form of `page` has chosen in the field `name`."""
    look_up = re.search(rf'<input type="hidden" id="{name}" name="{name}" value="([^"]*)">', page)
    if look_up:
        return [part for part in look_up[1].split(",") if part]
    select = re.search(rf'<select[^>]*name="{name}".*?</select>', page, re.S)
    if select:
        return [v for v in re.findall(r'<option selected value="([^"]*)"', select[0]) if v not in ("", "__None")]
    return re.findall(rf'<input checked[^>]*name="{name}"[^>]*value="(\d+)"', page)


@pytest.fixture
def departments(sqlite_office):
    """A visit of sales and one of tech with its guests, each with a request for hospitality."""
    office = sqlite_office
    for username in ("sales", "tech"):
        visit = office.create_visit(username, organisation=f"单位{username}")
        office.create_hospitality(visit, username)
    return office


def new_pages(office, username):
    """Every screen on which `username` creates rows, with the relations of its form: (screen, {field: table})."""
    from flask_admin.contrib.sqla.fields import QuerySelectField
    from flask_admin.model.fields import AjaxSelectField, AjaxSelectMultipleField

    for name, screen in office.app.extensions["screens"].items():
        if (
            screen.model is None
            or not screen.form_columns
            or office.get(username, f"/admin/{name}/new/").status_code != 200
        ):
            continue
        relations = {}
        for prop in sa.inspect(screen.model).relationships:
            field = getattr(screen._create_form_class, prop.key, None)
            kind = field.field_class if field is not None else object
            if issubclass(kind, AjaxSelectField | QuerySelectField) and not issubclass(kind, AjaxSelectMultipleField):
                relations[prop.key] = prop.mapper.class_
        yield name, relations


@pytest.mark.parametrize("username", ["sales", "office_head"])
def test_a_row_that_the_address_names_is_chosen_and_one_out_of_scope_is_not(departments, username):
    from models import User, db

    office, tried = departments, set()
    for name, relations in new_pages(office, username):
        for field, model in relations.items():
            with office.app.app_context():
                user = db.session.scalar(sa.select(User).where(User.username == username))
                seen = model.visible_to(user.actor(datetime.now(UTC), company_day()))
                own, foreign = (db.session.scalar(sa.select(sa.func.max(model.id)).where(c)) for c in (seen, ~seen))
            for row, within in ((own, True), (foreign, False), ("kaputt", False), (10**9 - 1, False)):
                if row is None:
                    continue
                page = office.get(username, f"/admin/{name}/new/?{field}={row}").get_data(as_text=True)
                select = re.search(rf'<select[^>]*name="{field}".*?</select>', page, re.S)
                if select and within:
                    within = f'value="{row}"' in select[0]  # fewer may be on offer than one sees
                assert (chosen(page, field) == [str(row)]) == within, (name, field, row)
                tried.add((model.__name__, within))
    assert {("Visit", True), ("Customer", True)} <= tried
    if username == "sales":
        assert {("Visit", False), ("HospitalityRequest", False)} <= tried


def test_every_link_to_a_new_row_fills_in_what_it_names(departments):
    """Whatever page says "add one here" opens a form that knows where here is."""
    from models import Clause, OutboundPlan, Training, Visit, db

    office, followed = departments, set()
    with office.app.app_context():
        db.session.add(Training(held_on=company_day(), topic="礼仪"))
        db.session.commit()
    answer = office.post("sales", "/admin/outboundplan/new/", {"month": f"{company_day():%Y-%m-01}"})
    assert answer.status_code == 302
    latest = {m: office.ask(sa.select(sa.func.max(m.id))) for m in (Visit, OutboundPlan, Training)}
    clause = office.ask(sa.select(Clause.id).where(Clause.rule == "spending_cap", Clause.to_version.is_(None)))
    with office.app.app_context():
        regulation = db.session.get(Clause, clause).regulation_id
    pages = [
        ("sales", f"visit/details/?id={office.ask(sa.select(sa.func.min(Visit.id)))}"),
        ("office_head", f"visit/details/?id={latest[Visit]}"),
        ("front", f"visit/details/?id={latest[Visit]}"),
        ("sales", f"outboundplan/details/?id={latest[OutboundPlan]}"),
        ("office", f"training/details/?id={latest[Training]}"),
        ("office_head", f"clause/details/?id={clause}"),
        ("office_head", f"regulation/details/?id={regulation}"),
        ("sales", "due/"),
        ("office_head", "due/"),
    ]
    for username, path in pages:
        page = office.get(username, f"/admin/{path}").get_data(as_text=True)
        for screen, name, value in set(re.findall(r'href="/admin/(\w+)/new/\?(\w+)=(\w+)"', page)):
            form = office.get(username, f"/admin/{screen}/new/?{name}={value}").get_data(as_text=True)
            assert chosen(form, name) == [value], (path, screen, name, value)
            followed.add((screen, name))
    assert {
        ("incident", "visit"),
        ("inspection", "kind"),
        ("trial", "regulations"),
        ("clause", "regulation"),
    } <= followed
    assert {("outboundvisit", "plan"), ("trainingattendance", "training"), ("spendingcap", "clause")} <= followed


def test_what_a_row_says_goes_into_fields_of_the_form(departments):
    office = departments
    taken = 0
    for name, screen in office.app.extensions["screens"].items():
        for relation, fields in getattr(screen, "takes", {}).items():
            for field in (relation, *fields):
                assert hasattr(screen._create_form_class, field), (name, field)
                taken += 1
    assert taken > 20
    from models import Visit

    visit = office.ask(sa.select(sa.func.min(Visit.id)))
    page = office.get("sales", f"/admin/expense/new/?visit={visit}").get_data(as_text=True)
    assert re.search(r'name="organisation"[^>]*value="单位sales"', page)
    page = office.get("sales", "/admin/expense/new/").get_data(as_text=True)
    assert "单位sales" not in page
