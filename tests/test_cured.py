"""What a form itself puts right never hides the form: it says what is to be done, and what was not done stops it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from models import Checkin, Complaint, Feedback, ReceptionLevel, Visit, VisitGuest, Visitor, db
from rulebook import files, versions
from rules import RULES
from tests.conftest import errors, local_time
from tests.test_desk import walk_in
from tests.test_low_code import adopt
from workflow import PROCESSES

CODES = sorted(p.stem for p in files.FOLDER.glob("R*.toml"))


def text_of(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def button(page):
    """The button that sends the form of a transition."""
    return re.search(r'<div class="save"><button[^>]*>', page)[0]


def expected(office, area="office", host="sales", **more):
    """An appointment of today whose notice went out, filed under the rulebook in force."""

    def make():
        now = datetime.now(UTC)
        user = office.user_id(host)
        department = db.session.scalar(sa.text(f"SELECT department_id FROM user WHERE id = {user}"))
        visitor = Visitor(
            name="吴国平",
            title="总经理",
            phone="13912340001",
            organisation="苏州恒远新能源有限公司",
            department_id=department,
        )
        visit = Visit(
            **{
                "number": f"LF-T-{len(str(more))}-{now:%H%M%S%f}"[:20],
                "status": "notified",
                "organisation": "苏州恒远新能源有限公司",
                "purpose": "参观生产线",
                "planned_start": now - timedelta(minutes=5),
                "planned_end": now + timedelta(minutes=50),
                "area": area,
                "host_id": user,
                "applicant_id": user,
                "department_id": department,
                "contact": "吴国平",
                "lead_guest": "吴国平",
                "channel": "phone",
                "created_at": now - timedelta(days=5),
                "submitted_at": now - timedelta(days=5),
                "rulebook_version": versions.current_version(),
                "guests": [VisitGuest(visitor=visitor, is_lead=True)],
            }
            | more
        )
        db.session.add(visit)
        db.session.commit()
        return visit.id

    with office.app.app_context():
        try:
            return make()
        finally:
            db.session.remove()


# ── The arrivals page ────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("arrival", ["appointment", "walk_in"])
@pytest.mark.parametrize("code", ["R04", "R12", "R13", "R18"])
def test_the_desk_checks_in_under_every_regulation_on_the_door(sqlite_office, code, arrival):
    office = sqlite_office
    adopt(office, code, grading="complements")
    if arrival == "walk_in":
        _, answer = walk_in(office)
        assert answer.status_code == 302, errors(answer)
        visit = office.ask(sa.select(sa.func.max(Visit.id)))
        assert office.step("front", "visit", visit, "confirm_host").status_code == 302
    else:
        visit = expected(office)
    page = office.get("front", "/admin/").get_data(as_text=True)
    url = f"/admin/visit/transition/check_in/?id={visit}"
    assert url in page, "the arrivals page leads on to the check-in"
    form = office.get("front", url).get_data(as_text=True)
    assert "disabled" not in button(form)
    done = dict.fromkeys(re.findall(r'name="(identity|security|signed)"', form), "1")
    done |= dict.fromkeys(re.findall(r'name="(badge_\d+)"', form), "017")
    done |= dict.fromkeys(re.findall(r'name="(reason_\w+)"', form), "已说明")
    if code != "R18" or arrival == "appointment":
        refused = office.post("front", url)
        page = refused.get_data(as_text=True)
        assert refused.status_code == 409 and f"{code}-" in text_of(page) and "disabled" not in button(page)
        assert office.status(Visit, visit) == "notified"
    answer = office.post("front", url, done)
    assert answer.status_code == 302, errors(answer)
    assert office.status(Visit, visit) == "in_progress"


def test_what_no_form_puts_right_still_hides_the_check_in(sqlite_office):
    """R08-2.6: the host has not confirmed; R12-2.2: nobody knows the guest's phone, and the form can't ask for it."""
    office = sqlite_office
    _, answer = walk_in(office)
    assert answer.status_code == 302, errors(answer)
    visit = office.ask(sa.select(sa.func.max(Visit.id)))
    url = f"/admin/visit/transition/check_in/?id={visit}"
    page = office.get("front", "/admin/").get_data(as_text=True)
    assert url not in page and f"/admin/visit/transition/confirm_host/?id={visit}" in page
    assert "disabled" in button(office.get("front", url).get_data(as_text=True))
    assert office.step("front", "visit", visit, "confirm_host").status_code == 302
    assert url in office.get("front", "/admin/").get_data(as_text=True)
    adopt(office, "R12")
    _, answer = walk_in(office, guest_names="钱师傅，司机", organisation="无锡汇通")
    other = office.ask(sa.select(sa.func.max(Visit.id)))
    assert other != visit and office.step("front", "visit", other, "confirm_host").status_code == 302
    page = office.get("front", "/admin/").get_data(as_text=True)
    assert f"/admin/visit/transition/check_in/?id={other}" not in page and "R12-2.2" in page


def test_one_guest_of_several_is_checked_in_with_what_the_form_asks(sqlite_office):
    """The link of one guest ticks that guest alone on the form."""
    office = sqlite_office
    adopt(office, "R13")
    visit = expected(office)
    with office.app.app_context():
        row = db.session.get(Visit, visit)
        second = Visitor(name="郑丽娟", title="秘书", organisation="恒远", department_id=row.department_id)
        row.guests.append(VisitGuest(visitor=second))
        db.session.commit()
        guest = row.guests[1].id
        db.session.remove()
    page = office.get("front", "/admin/").get_data(as_text=True)
    url = f"/admin/visit/transition/check_in/?id={visit}&amp;guests={guest}"
    assert url in page
    form = office.get("front", url.replace("&amp;", "&")).get_data(as_text=True)
    boxes = {m[1]: "checked" in m[0] for m in re.finditer(r'<input[^>]*name="guests"[^>]*value="(\d+)"[^>]*>', form)}
    assert boxes[str(guest)] and sum(boxes.values()) == 1


# ── Every rule and every form that cures it ──────────────────────────────────────────────────────
GIVEN = {
    "record": "谈了合作细节。",
    "outcome": "done",
    "identity": "1",
    "security": "1",
    "signed": "1",
    "measures": "保安劝离。",
    "offer": "message",
    "investigation": "已查明。",
    "solution": "换货。",
}
"""What is filled in where a form asks for it; badges and a route belong to the row."""


def cases():
    """Every clause of the shelf whose rule is cured by what a form asks, with the form: (regulation, clause, …)."""
    for code in CODES:
        for number, clause in enumerate(files.read(files.FOLDER / f"{code}.toml")["clause"]):
            rule = RULES.get(clause.get("rule"))
            for process in PROCESSES.values() if rule else ():
                for step in process.transitions:
                    at = clause["terms"].get("at", step.stage) if step.stage in rule.moments else None
                    if at == step.stage and at and set(rule.cured_by) & set(step.asks) and curable(clause):
                        yield pytest.param(
                            code,
                            number,
                            process.name,
                            step.name,
                            id=f"{code}-{clause['number']}-{rule.kind}-{step.name}",
                        )


def curable(clause):
    """Guests' names and phones are no field of the check-in: only their signatures are."""
    return clause["rule"] != "guest_particulars" or "signature" in clause["terms"]["fields"]


def alone(office, code, number):
    """Adopt nothing but one clause of a regulation."""
    with office.app.app_context():
        from models import Regulation
        from workflow import RegulationState

        for regulation in db.session.scalars(
            sa.select(Regulation).where(Regulation.status == RegulationState.ADOPTED, Regulation.to_version.is_(None))
        ):
            regulation.status = RegulationState.RETIRED
        data = files.read(files.FOLDER / f"{code}.toml")
        data["clause"] = [data["clause"][number]]
        files.store(data, "one.toml", adopt=True, code=f"X{code}")
        db.session.commit()
        db.session.remove()
    return data["clause"][0]


def row_for(office, process, step, clause):
    """A row at the state from which the transition starts, and what is put on its form."""
    terms = clause["terms"]
    if process == "complaint":
        with office.app.app_context():
            now, user = datetime.now(UTC), office.user_id("sales")
            row = Complaint(
                number="TS-T-1",
                status="open",
                applicant_id=user,
                department_id=db.session.scalar(sa.text(f"SELECT department_id FROM user WHERE id = {user}")),
                organisation="苏州恒远新能源有限公司",
                content="样品有瑕疵",
                complainant="吴国平",
                received_at=now,
                created_at=now,
            )
            db.session.add(row)
            db.session.commit()
            return row.id, {}
    given = {}
    state = {"check_in": "notified", "close": "finished", "refuse": "notified", "issue_notice": "approved"}[step]
    ranks = terms.get("ranks") or [4]
    level = office.ask(sa.select(ReceptionLevel.id).where(ReceptionLevel.rank == ranks[0]))
    visit = expected(office, status=state, level_id=level, visit_kind=(terms.get("kinds") or ["tour"])[0])
    if step == "close":
        # They came, they left, and they said what they thought: what is missing is on the form.
        with office.app.app_context():
            now, user = datetime.now(UTC), office.user_id("front")
            guest = db.session.scalar(sa.select(VisitGuest.id).where(VisitGuest.visit_id == visit))
            db.session.add(Checkin(guest_id=guest, arrived_at=now, left_at=now, received_by_id=user))
            db.session.add(Feedback(visit_id=visit, satisfaction=5, given_on=now.date(), created_at=now))
            db.session.commit()
    if step == "refuse":
        given |= {"comment": "不放行", "refusal": terms.get("reasons", ["host_unavailable"])[0]}
    if step == "check_in":
        given |= {
            f"badge_{g}": "017" for (g,) in office.rows(sa.select(VisitGuest.id).where(VisitGuest.visit_id == visit))
        }
    if step == "issue_notice":
        with office.app.app_context():
            from models import Clause, TourRoute

            route = TourRoute(
                clause_id=db.session.scalar(sa.select(sa.func.max(Clause.id))), name="东线", stops=["展厅"]
            )
            db.session.add(route)
            db.session.commit()
            given["route"] = str(route.id)
    return visit, given


@pytest.mark.parametrize(("code", "number", "process", "step"), [*cases()])
def test_a_finding_that_the_form_cures_is_shown_and_never_hides_it(sqlite_office, code, number, process, step):
    office = sqlite_office
    clause = alone(office, code, number)
    rule, asks = RULES[clause["rule"]], PROCESSES[process].by_name[step].asks
    row, given = row_for(office, process, step, clause)
    who = {"check_in": "front", "refuse": "front"}.get(step, "office")
    cured = {name: value for name, value in given.items() if name in ("route",) or name.startswith("badge_")}
    needed = {k: v for k, v in given.items() if k not in cured}
    url = f"/admin/{process}/transition/{step}/?id={row}"
    page = office.get(who, url).get_data(as_text=True)
    assert "disabled" not in button(page)
    silent = {"route": "", **dict.fromkeys(cured, "")} | needed
    refused = office.post(who, url, silent)
    page = refused.get_data(as_text=True)
    assert refused.status_code == 409, errors(refused)
    assert f"X{code}-{clause['number']}" in text_of(page) and "disabled" not in button(page)
    assert "尚未办理" in text_of(page), "a form that came back says so: its findings look as they did before"
    answer = office.post(who, url, needed | cured | {name: GIVEN[name] for name in asks if name in GIVEN})
    assert answer.status_code == 302, (rule.kind, errors(answer))


def test_every_cure_is_something_there_is():
    """A cure is a field that a form asks for at a moment of the rule, a column, or a transition; never both."""
    asked = {name for p in PROCESSES.values() for t in p.transitions for name in t.asks}
    steps = {t.name for p in PROCESSES.values() for t in p.transitions}
    columns = {attribute.key for mapper in db.Model.registry.mappers for attribute in mapper.attrs}
    for rule in RULES.values():
        assert set(rule.cured_by) <= asked | steps | columns, rule.kind
    assert not asked & steps


# ── Forms of rows, and the form of a visitor without appointment ─────────────────────────────────
def test_R13_3_1_a_finding_stands_on_the_field_that_puts_it_right(sqlite_office):
    office = sqlite_office
    adopt(office, "R13", grading="complements")
    form = {
        "reason": "接站",
        "destination": "公司",
        "pick_up": "苏州北站",
        "contact": "",
        "passengers": "2",
        "out_planned": local_time(datetime.now(UTC) + timedelta(days=3)),
        "back_planned": local_time(datetime.now(UTC) + timedelta(days=3, hours=2)),
    }
    for name in ("contact", "pick_up"):
        page = office.post("sales", "/admin/dispatch/new/", form | {"contact": "吴国平"} | {name: ""}).get_data(
            as_text=True
        )
        wrong = [part.split('"')[0] for part in page.split('for="')[1:] if 'class="error"' in part]
        assert wrong == [name], errors(office.post("sales", "/admin/dispatch/new/", form | {name: ""}))


def test_R12_2_2_the_form_at_the_desk_says_what_the_next_page_cannot_ask(sqlite_office):
    """What the check-in asks, and the host's word, come next; a phone number is asked for here."""
    office = sqlite_office
    adopt(office, "R12")

    def found(guests):
        form = {
            "organisation": "苏州汇通物流有限公司",
            "purpose": "送样品",
            "guest_names": guests,
            "guest_count": "1",
            "host": str(office.user_id("tech")),
            "area": "lobby",
            "category": "business",
            "visit_kind": "tour",
            "planned_start": local_time(datetime.now(UTC)),
            "planned_end": local_time(datetime.now(UTC) + timedelta(hours=1)),
        }
        answer = office.post("front", "/admin/visit/check/?walk_in=1", form).get_json()
        return {f["clause"] for f in answer["findings"]}

    assert not found("钱师傅，司机，13912340009") & {"R12-2.2", "R08-2.6"}
    assert "R12-2.2" in found("钱师傅，司机")
