"""The shelf: adopting with choices, versions, copies, files out and in, over HTTP as the office does it."""

import re
from decimal import Decimal

import pytest
import sqlalchemy as sa

from models import ClauseChoice, Regulation, db
from rulebook import files
from tests.conftest import errors


def id_of(office, code):
    return office.ask(sa.select(Regulation.id).where(Regulation.code == code, Regulation.to_version.is_(None)))


def adopt(office, code, **form):
    return office.step("office_head", "regulation", id_of(office, code), "adopt", **form)


def state(office, code):
    return office.ask(sa.select(Regulation.status).where(Regulation.code == code, Regulation.to_version.is_(None)))


def test_R10_3_2_against_R15_4_1_4_is_shown_at_adoption_and_the_choice_is_stored(office):
    page = office.get("office_head", f"/admin/regulation/transition/adopt/?id={id_of(office, 'R15')}").get_data(
        as_text=True
    )
    assert "R10-3.2" in page and "R15-4.1.4" in page and 'name="choice_0"' in page
    assert adopt(office, "R15").status_code in (409, 422) and state(office, "R15") == "draft", (
        "without a choice nothing is adopted"
    )
    answer = adopt(office, "R15", choice_0="R15-4.1.4", why_0="节俭")
    assert answer.status_code == 302, errors(answer)
    assert office.rows(sa.select(ClauseChoice.key, ClauseChoice.prevails, ClauseChoice.reason)) == [
        ("R10-3.2|R15-4.1.4", "R15-4.1.4", "节俭")
    ]
    from rulebook import versions

    with office.app.app_context():
        (quota,) = versions.load().terms["escort_quota"]
        assert quota["yields_to_share"] == "0.2"
        db.session.rollback()


def test_only_the_head_of_the_office_adopts(office):
    for username in ("office", "sales_head", "exec", "sysadmin"):
        assert office.step(username, "regulation", id_of(office, "R03"), "adopt").status_code in (404, 409), username
    assert state(office, "R03") == "draft"


def test_one_regulation_grades_and_another_can_take_its_place_or_complement(office):
    grading = sa.select(Regulation.code).where(
        Regulation.grades, Regulation.status == "adopted", Regulation.to_version.is_(None)
    )
    assert office.rows(grading) == [("R01",)]
    assert adopt(office, "R09", grading="complements").status_code == 302
    assert office.rows(grading) == [("R01",)]
    answer = adopt(office, "R17", grading="grades")
    assert answer.status_code == 302, errors(answer)
    assert office.rows(grading) == [("R17",)] and state(office, "R01") == "adopted"


def test_a_copy_is_edited_and_replaces_the_original_which_old_requests_keep(office):
    original = id_of(office, "R10")
    answer = office.post("office_head", f"/admin/regulation/copy/?id={original}")
    copy = int(re.search(r"id=(\d+)", answer.location).group(1))
    assert office.ask(sa.select(Regulation.code).where(Regulation.id == copy)) == "R10-A"
    from models import Clause, SpendingCap

    cap = office.ask(
        sa.select(SpendingCap.id)
        .join(Clause, Clause.id == SpendingCap.clause_id)
        .where(Clause.regulation_id == copy, SpendingCap.rank == 4)
    )
    clause = office.ask(sa.select(SpendingCap.clause_id).where(SpendingCap.id == cap))
    assert (
        office.post(
            "office",
            f"/admin/spendingcap/edit/?id={cap}",
            {"clause": clause, "rank": "4", "category": "meal", "per_guest": "120"},
        ).status_code
        == 302
    )
    with office.app.app_context():
        from rulebook import versions

        before = versions.current_version()
        db.session.rollback()
    answer = office.step("office_head", "regulation", copy, "adopt", grading="complements")
    assert answer.status_code == 302, errors(answer)
    from rules import cap_for

    with office.app.app_context():
        assert cap_for(versions.load(), "meal", 4, None) == (Decimal("120.00"), "R10-3.1"), (
            "the copy bears the original's code now"
        )
        assert cap_for(versions.load(before), "meal", 4, None) == (Decimal("150.00"), "R10-3.1"), (
            "and the past stays as it was"
        )
        db.session.rollback()
    assert office.ask(sa.select(Regulation.status).where(Regulation.id == original)) == "retired"


@pytest.mark.parametrize("code", [f"R{n:02d}" for n in range(1, 19)])
def test_every_regulation_goes_out_and_comes_in_as_the_same_file(sqlite_office, code):
    import tomllib

    with sqlite_office.app.app_context():
        stored = files.find(code)
        text = files.write(files.export(stored))
        again, shelf = tomllib.loads(text, parse_float=Decimal), files.read(files.FOLDER / f"{code}.toml")
        files.check(again, code)
        assert files.normal(again) == files.normal(shelf)
        db.session.rollback()


WORKER = """
import sys
from tests.conftest import build
app = build({"SQLALCHEMY_DATABASE_URI": sys.argv[1], "SQLALCHEMY_ENGINE_OPTIONS": {}})
from rulebook import versions
import sqlalchemy as sa
from models import db, writing
from rules import cap_for
writing.set(False)
seen = []
with app.app_context():
    sa.event.listen(db.engine, "before_cursor_execute", lambda c, cur, statement, *rest: seen.append(statement))
    for line in sys.stdin:
        seen.clear()
        for _ in range(20):
            cap = cap_for(versions.load(), "meal", 2, None)[0]
        db.session.rollback()
        print(cap, len(seen), sum("spending_cap" in s for s in seen), flush=True)
"""


def test_a_cap_changed_in_the_panel_counts_in_every_worker_process_at_once_and_is_not_read_per_row(office):
    """Two worker processes that have kept the rulebook: the next evaluation has the new cap, and reads the tables
    once."""
    import os
    import subprocess
    import sys
    from pathlib import Path

    from models import Clause, SpendingCap

    root = Path(__file__).parent.parent
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, office.app.config["SQLALCHEMY_DATABASE_URI"]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(root)},
        )
        for _ in range(2)
    ]

    def ask():
        out = []
        for worker in workers:
            worker.stdin.write("?\n")
            worker.stdin.flush()
            out.append(tuple(worker.stdout.readline().split()))
        return out

    try:
        assert [cap for cap, *_ in ask()] == ["300.00", "300.00"]
        kept = ask()
        assert all(cap == "300.00" and int(queries) <= 21 and of_caps == "0" for cap, queries, of_caps in kept), (
            "twenty evaluations look up the version only"
        )
        cap = office.ask(
            sa.select(SpendingCap.id)
            .join(Clause, Clause.id == SpendingCap.clause_id)
            .join(Regulation, Regulation.id == Clause.regulation_id)
            .where(
                Regulation.code == "R10",
                SpendingCap.rank == 2,
                SpendingCap.category == "meal",
                SpendingCap.to_version.is_(None),
            )
        )
        clause = office.ask(sa.select(SpendingCap.clause_id).where(SpendingCap.id == cap))
        answer = office.post(
            "office",
            f"/admin/spendingcap/edit/?id={cap}",
            {"clause": clause, "rank": "2", "category": "meal", "per_guest": "280"},
        )
        assert answer.status_code == 302, errors(answer)
        assert [(cap, of_caps) for cap, _, of_caps in ask()] == [("280.00", "1")] * 2, "the next evaluation, read once"
    finally:
        for worker in workers:
            worker.communicate(timeout=10)


def test_a_department_may_be_graded_by_a_regulation_of_its_own(office):
    technology = office.ask(sa.text("SELECT id FROM department WHERE code = 'TEC'"))
    answer = office.post("office_head", f"/admin/regulation/copy/?id={id_of(office, 'R17')}")
    copy = int(re.search(r"id=(\d+)", answer.location).group(1))
    assert (
        office.post(
            "office",
            f"/admin/regulation/edit/?id={copy}",
            {
                "code": "R17-A",
                "title": "技术部来访接待制度",
                "title_en": "Visits to Technology",
                "department": str(technology),
            },
        ).status_code
        == 302
    )
    answer = office.step("office_head", "regulation", copy, "adopt", grading="grades")
    assert answer.status_code == 302, errors(answer)
    assert "特级" in office.get("tech", "/admin/visit/new/").get_data(as_text=True) and "特级" not in office.get(
        "sales", "/admin/visit/new/"
    ).get_data(as_text=True)
    assert "A+ 特别重要" in office.get("sales", "/admin/visit/new/").get_data(
        as_text=True
    ) and "A+ 特别重要" not in office.get("tech", "/admin/visit/new/").get_data(as_text=True)
    from rulebook import versions

    with office.app.app_context():
        of = {
            code: {t.clause.split("-")[0] for t in versions.load(None, department).terms["level_suggested"]}
            for code, department in (("TEC", technology), ("all", None))
        }
        db.session.rollback()
    assert of == {"TEC": {"R17"}, "all": {"R01"}}


def test_findings_of_a_filed_visit_are_the_same_years_later_whatever_was_changed_since(office):
    from datetime import UTC, datetime, timedelta

    from engine.findings import book_for, judge
    from models import Clause, User, Visit
    from rulebook import versions

    visit = office.create_visit(level="A", start=datetime.now(UTC) + timedelta(hours=30))
    assert office.step("sales", "visit", visit, "submit").status_code == 302, "30 hours ahead is in time by R01-4.1"
    clause = office.ask(
        sa.select(Clause.id).where(
            Clause.rule == "advance_notice",
            Clause.number == "4.1",
            Clause.to_version.is_(None),
            Clause.regulation_id == id_of(office, "R01"),
        )
    )
    row = office.rows(sa.select(Clause.text, Clause.text_en).where(Clause.id == clause))[0]
    form = {
        "regulation": str(id_of(office, "R01")),
        "number": "4.1",
        "kind": "chain",
        "text": row[0],
        "text_en": row[1],
        "rule": "advance_notice",
        "term_ranks": "1-3",
        "term_hours": "72",
        "applies": "y",
    }
    assert office.post("office", f"/admin/clause/edit/?id={clause}", form).status_code == 302
    assert (
        adopt(office, "R03").status_code == 302
        and office.step("office_head", "regulation", id_of(office, "R10"), "retire", comment="停用").status_code == 302
    )

    def found(version=None):
        with office.app.test_request_context():
            filed = db.session.get(Visit, visit)
            clerk = db.session.get(User, filed.applicant_id).actor(filed.submitted_at, filed.submitted_at.date())
            book = book_for(filed) if version is None else versions.load()
            out = {f.rule: f.clause for f in judge(filed, clerk, ("submit",), book=book).findings}
            db.session.rollback()
            return out

    assert "advance_notice" not in found(), "judged by the version it was filed under"
    assert "R01-4.1" in found("today")["advance_notice"], "today the same visit would be late"


def test_two_regulations_adopted_at_the_same_moment_leave_one_that_grades(office):
    from tests.conftest import together

    for username in ("office_head", "office"):
        office.client(username)
    second = office.app.test_client()
    second.post("/login", data={"username": "office_head", "password": "demo-yingke"})
    ids = {code: id_of(office, code) for code in ("R09", "R17")}
    answers = together(
        lambda: office.client("office_head").post(
            f"/admin/regulation/transition/adopt/?id={ids['R09']}", data={"grading": "grades"}
        ),
        lambda: second.post(f"/admin/regulation/transition/adopt/?id={ids['R17']}", data={"grading": "grades"}),
    )
    assert all(a.status_code in (302, 409) for a in answers), [getattr(a, "status_code", a) for a in answers]
    assert (
        len(
            office.rows(
                sa.select(Regulation.code).where(
                    Regulation.grades, Regulation.status == "adopted", Regulation.to_version.is_(None)
                )
            )
        )
        == 1
    )


def test_an_item_ticked_by_two_at_once_is_ticked_once(office):
    from models import ChecklistItem, Event
    from tests.conftest import together

    visit = office.approved_visit("C")
    item = office.ask(sa.select(ChecklistItem.id).where(ChecklistItem.visit_id == visit))
    for username in ("office", "sales"):
        office.client(username)
    answers = together(
        *(
            lambda u=u: office.post(u, "/admin/checklistitem/tick/", {"id": str(item), "done": "1"})
            for u in ("office", "sales")
        )
    )
    assert [a.status_code for a in answers] == [302, 302]
    assert (
        office.ask(
            sa.select(sa.func.count())
            .select_from(Event)
            .where(Event.subject == "checklistitem", Event.action == "edit")
        )
        == 1
    )
