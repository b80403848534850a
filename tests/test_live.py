"""What a form would mean while it is filled in: half a form is judged as far as it goes, a broken rule is said."""

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
import sqlalchemy as sa

import rules
from panel.live import Live
from tests.conftest import ROLES, company_day, local_time

GARBAGE = ("", "?", "-1", "0", "1e9", "99999999999999999999", "2026-13-45", "2026-11-01T25:99", "\x00", "é" * 6000)


class Fields(HTMLParser):
    """The fields of a form page by name, each with a value that can be read."""

    def __init__(self):
        super().__init__()
        self.values, self.select = {}, ""

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        name, soon = attrs.get("name") or "", datetime.now(UTC) + timedelta(days=3)
        if tag == "select":
            self.select = name
        elif tag == "option" and attrs.get("value"):
            self.values.setdefault(self.select, attrs["value"])
        elif tag == "textarea":
            self.values[name] = "文字"
        elif tag == "input" and name:
            if attrs.get("role") == "combobox":  # the look-up's ids stand before its text box
                self.values[name.removesuffix("-text")] = "1"
                return
            kind = attrs.get("type", "text")
            typed = {
                "datetime-local": local_time(soon),
                "date": str(company_day()),
                "number": "3",
                "checkbox": attrs.get("value") or "y",
                "text": "3",
            }
            if kind in typed:
                self.values.setdefault(name, typed[kind])


@pytest.fixture
def everything(sqlite_office):
    """Every regulation of the shelf binds at once, so that every rule is asked."""
    from models import Regulation, db
    from workflow import RegulationState

    with sqlite_office.app.app_context():
        for regulation in db.session.scalars(sa.select(Regulation).where(Regulation.to_version.is_(None))):
            regulation.status, regulation.grades = RegulationState.ADOPTED, regulation.code == "R01"
        db.session.commit()
    return sqlite_office


def filers(office) -> dict[str, str]:
    """The live screens, each with a user who may fill in its form."""
    from models import Grant, User, UserRole

    found = {}
    for name, screen in office.app.extensions["screens"].items():
        if isinstance(screen, Live):
            found[name] = office.ask(
                sa.select(User.username)
                .join(UserRole, UserRole.user_id == User.id)
                .join(Grant, Grant.role == UserRole.role)
                .where(Grant.permission == f"{name}:create", User.username.in_(ROLES))
                .order_by(User.username.desc())
            )
    return {name: username for name, username in found.items() if username}


def fields_of(office, username, path):
    page = office.get(username, path)
    assert page.status_code == 200, path
    parser = Fields()
    parser.feed(page.get_data(as_text=True).partition("data-check")[2].partition("</form>")[0])
    return parser.values


def judged(office, username, path, form):
    answer = office.post(username, path, form)
    assert answer.status_code == 200 and "error" not in answer.json, (path, form, answer.get_data(as_text=True))
    return answer.json


def half_forms(values):
    """A form with nothing in it, with one field alone, and with each field left out or unreadable."""
    yield {}
    for name in values:
        yield {name: values[name]}
        yield {k: v for k, v in values.items() if k != name}
        for typed in GARBAGE:
            yield values | {name: typed}


def test_half_a_form_is_judged_as_far_as_it_goes(everything):
    """Every live form, every field left out, empty or unreadable: never an error, and nothing is stored."""
    office, seen = everything, 0
    for name, username in filers(office).items():
        model = office.app.extensions["screens"][name].model
        before = office.ask(sa.select(sa.func.count()).select_from(model))
        values = fields_of(office, username, f"/admin/{name}/new/")
        for form in half_forms(values):
            judged(office, username, f"/admin/{name}/check/", form)
            seen += 1
        assert office.ask(sa.select(sa.func.count()).select_from(model)) == before
    assert seen > 1000


def test_half_a_clause_of_every_rule_is_told_in_words(everything):
    for kind in (kind for kind, rule in rules.RULES.items() if rule.typed):
        values = fields_of(everything, "office", f"/admin/clause/new/?rule={kind}&regulation=1") | {"rule": kind}
        for name in [n for n in values if n.startswith("term_")]:
            for typed in (None, "", "?"):
                form = {k: v for k, v in values.items() if k != name} | ({} if typed is None else {name: typed})
                assert judged(everything, "office", "/admin/clause/check/", form)["lines"]


def test_a_rule_that_is_broken_is_logged_and_said(sqlite_office, monkeypatch, caplog):
    """It used to look like a form to which no clause objects."""

    def broken(terms, facts):
        raise TypeError("broken on purpose")

    monkeypatch.setitem(rules.RULES, "advance_notice", replace(rules.RULES["advance_notice"], judge=broken))
    values = fields_of(sqlite_office, "sales", "/admin/visit/new/") | {"level": str(sqlite_office.level("A"))}
    with caplog.at_level(logging.ERROR):
        answer = sqlite_office.post("sales", "/admin/visit/check/", values)
    assert answer.status_code == 500 and set(answer.json) == {"error"} and "broken" not in answer.json["error"]
    form = sqlite_office.get("sales", "/admin/visit/new/").get_data(as_text=True)
    assert f'data-failed="{answer.json["error"]}"' in form, "the page says the same where no answer came"
    assert "broken on purpose" in caplog.text


def test_whoever_may_not_change_the_row_any_more_is_told_so(sqlite_office):
    visit = sqlite_office.create_visit()
    assert sqlite_office.step("sales", "visit", visit, "submit", reason_advance_notice="临时").status_code == 302
    answer = sqlite_office.post("sales", f"/admin/visit/check/?id={visit}", {"purpose": "参观"})
    assert answer.status_code == 200 and answer.json["lines"][0]["tone"] == "warn"
