"""Only texts are translated, never data: an organisation called "Media" is called that in either language."""

import csv
import io
import json
import re
from datetime import date

import pytest
import sqlalchemy as sa

from core.text import N_, Choice, Text, packed, say, unpacked
from panel.i18n import show, tr

DATA = ("Media", "Finance", "Draft", "Yes", "Approved")
"""Message ids of the panel that people may well write themselves."""


class Colour(Choice):
    RED = "red", "Draft"


@pytest.fixture
def chinese(sqlite_office):
    from flask_babel import force_locale

    with sqlite_office.app.test_request_context(), force_locale("zh_Hans_CN"):
        yield


@pytest.mark.parametrize("word", DATA)
def test_a_plain_string_is_data_wherever_it_stands(chinese, word):
    assert show(word) == tr(word) == word
    assert show([word]) == word and show({"note": word}) == f"note: {word}"
    assert tr(say("Not filled in: {fields}.", fields=[word])).endswith(f"{word}。")


def test_a_marked_string_is_translated_wherever_it_stands(chinese):
    assert tr(N_("Draft")) == show(N_("Draft")) == show(Colour.RED) == show([Colour.RED]) == "草稿"
    assert tr(say("Not filled in: {fields}.", fields=[N_("Draft"), "Draft"])) == "未填写：草稿、Draft。"


@pytest.mark.parametrize(
    "value",
    [
        Colour.RED,
        N_("Draft"),
        say("Not filled in: {fields}.", fields=[N_("Draft"), "Draft"]),
        {"state": Colour.RED, "name": "Draft", "list": ["Draft", N_("Draft")]},
    ],
)
def test_what_is_kept_as_json_remembers_what_is_a_text(chinese, value):
    kept = unpacked(json.loads(json.dumps(packed(value))))
    assert show(kept) == show(value)


def test_a_text_is_a_string_for_whoever_knows_no_language():
    assert N_("Draft") == "Draft" and isinstance(N_("Draft"), Text) and Colour.RED.label == "Draft"
    assert type(N_("Draft").msgid) is str


# ── On the pages ─────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def named(sqlite_office):
    """Rows whose every free text is a message id of the panel."""
    from models import Customer, User, VisitGuest, Visitor, db

    office = sqlite_office
    visit = office.create_visit(guests="Finance，Yes", organisation="Media", purpose="Draft")
    hospitality = office.create_hospitality(visit, organisation="Media", purpose="Draft")
    expense = office.create_expense(organisation="Media", payee="Finance", place="Draft", escort_names="Yes")
    with office.app.app_context():
        owner = db.session.scalar(sa.select(User).where(User.username == "sales"))
        db.session.add(Customer(name="Media", short_name="Draft", contact="Yes", department_id=owner.department_id))
        db.session.commit()
        customer = db.session.scalar(sa.select(Customer.id).where(Customer.name == "Media"))
        guest = db.session.scalar(sa.select(Visitor.id).join(VisitGuest).where(VisitGuest.visit_id == visit))
    return office, {
        "visit": visit,
        "hospitalityrequest": hospitality,
        "expense": expense,
        "customer": customer,
        "visitor": guest,
    }


WRITTEN = {
    "visit": ("Media", "Draft"),
    "hospitalityrequest": ("Media",),
    "expense": ("Media",),
    "customer": ("Media", "Yes"),
    "visitor": ("Finance", "Yes"),
}


def words(page: str) -> set[str]:
    """What stands between two tags, and what fields hold."""
    return {w.strip() for w in re.findall(r">([^<>]+)<", page)} | set(re.findall(r'value="([^"]*)"', page))


@pytest.mark.parametrize("table", WRITTEN)
def test_list_details_form_and_export_show_data_as_they_were_written(named, table):
    office, rows = named
    for path in ("", f"details/?id={rows[table]}", f"edit/?id={rows[table]}"):
        answer = office.get("sales", f"/admin/{table}/{path}", follow_redirects=True)
        assert answer.status_code == 200
        missing = set(WRITTEN[table]) - words(answer.get_data(as_text=True))
        assert not missing, (path, missing)
    text = office.get("office", f"/admin/{table}/export/csv/").get_data().decode("utf-8-sig")
    cells = {cell for row in csv.reader(io.StringIO(text)) for cell in row}
    assert set(WRITTEN[table]) <= cells
    stateless = table in ("customer", "visitor")
    assert ("草稿" in cells) == (not stateless), "the state is a label and is translated"


def test_printed_forms_flashes_events_and_look_ups_show_data_as_they_were_written(named):
    office, rows = named
    details = office.get("sales", f"/admin/visit/details/?id={rows['visit']}").get_data(as_text=True)
    forms = re.findall(r'href="(/admin/visit/print/[^"]+)"', details)
    assert forms
    for form in forms:
        printed = office.get("sales", form.replace("&amp;", "&"))
        assert printed.status_code == 200
        assert "媒体" not in printed.get_data(as_text=True) and "Media" in printed.get_data(as_text=True)
    found = office.get("sales", "/admin/visit/ajax/lookup/?name=customer&query=Media").get_data(as_text=True)
    assert "Media" in found and "媒体" not in found
    page = office.get("sales", f"/admin/visit/transition/submit/?id={rows['visit']}").get_data(as_text=True)
    assert "Media" in words(page) and "媒体" not in page
    log = office.get("sysadmin", "/admin/event/export/csv/").get_data(as_text=True)
    assert "organisation: Media" in log and "媒体" not in log


def test_findings_translate_their_labels_and_leave_their_data(sqlite_office):
    """A checklist item called "Finance" stays one; the field that is not filled in is named in Chinese."""
    from models import CurrentFinding, db

    with sqlite_office.app.app_context():
        db.session.add(
            CurrentFinding(
                subject="visit",
                subject_id=1,
                day=date(2026, 11, 1),
                rule="required_fields",
                severity="block",
                clauses=["R01-1"],
                msgid="Not filled in: {fields}.",
                values=packed({"fields": ["Finance", N_("Contact")]}),
            )
        )
        db.session.commit()
    page = sqlite_office.get("office", "/admin/compliance/?month=2026-11").get_data(as_text=True)
    assert "未填写：Finance、联系人。" in page
