"""The engine: effects bound to transitions that there are, states of one process only, findings judged once."""

import inspect
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

import rules
from engine.effects import FILES, registry
from models import Visit
from workflow import BOOKING, PROCESSES, BookingState, DispatchState, Process, Transition, VisitState


@pytest.mark.parametrize(
    "name", ["visit.chek_in", "visti.check_in", "close", "issue_notice", "roombooking.approve", ""]
)
def test_an_effect_of_a_transition_that_there_is_not_is_refused_at_import(name):
    with pytest.raises(LookupError, match=f"there is no transition {name}"):
        registry.effect(name)(print)


@pytest.mark.parametrize("name", ["visit.check_in", "submit", "expense.submit"])
def test_a_transition_has_one_effect(name):
    with pytest.raises(ValueError, match=name):
        registry.effect(name)(print)


def test_what_is_bound_to_one_process_stands_before_what_is_bound_to_all():
    assert registry.effect_of(PROCESSES["giftrequest"], "submit").__name__ == "submit"
    assert registry.effect_of(PROCESSES["expense"], "submit").__name__ == "submit_expense"
    assert registry.effect_of(BOOKING, "start") is None


@pytest.mark.parametrize(
    "effect",
    sorted({*registry.EFFECTS.values(), *registry.PREPARED.values()}, key=lambda e: e.__name__),
    ids=lambda e: e.__name__,
)
def test_every_effect_says_what_it_does_and_stands_in_a_file_of_effects(effect):
    assert inspect.getdoc(effect)
    assert effect.__module__ in {file.__name__ for file in FILES}


@pytest.mark.parametrize(
    "more",
    [
        {"over": {DispatchState.BACK}},
        {"granted": {BookingState.CONFIRMED, VisitState.APPROVED}},
        {"transitions": (Transition("start", "Start", {BookingState.CONFIRMED}, (DispatchState.OUT,)),)},
        {"transitions": (Transition("start", "Start", {VisitState.DRAFT}, (BookingState.IN_USE,)),)},
    ],
)
def test_a_process_knows_its_own_states_only(more):
    with pytest.raises(ValueError, match="another process"):
        Process(
            **{"name": "x", "label": "X", "states": BookingState, "initial": BookingState.REQUESTED, "transitions": ()}
            | more
        )


# ── Findings are judged once ─────────────────────────────────────────────────────────────────────
@pytest.fixture
def judged(monkeypatch):
    """About what the rules are asked, in order: the moments, by each call."""
    asked, judge = [], rules.judge

    def watched(book, facts, moments=None):
        asked.append((type(facts).__name__.removesuffix("Facts"), *(moments or ())))
        return judge(book, facts, moments)

    monkeypatch.setattr(rules, "judge", watched)
    return asked


def test_the_rules_are_asked_once_by_a_page_and_twice_by_a_transition(sqlite_office, judged):
    """A transition asks once under the lock, and once for what comes next; a page, a sheet and a live form once."""
    office, visit = sqlite_office, sqlite_office.create_visit(level="A", start=datetime.now(UTC) + timedelta(hours=20))
    once = [("Visit", "submit")]

    def asked(*pages):
        judged.clear()
        for page in pages:
            page()
        return judged

    details, confirm = f"/admin/visit/details/?id={visit}", f"/admin/visit/transition/submit/?id={visit}"
    assert asked(lambda: office.get("sales", details)) == once
    assert asked(lambda: office.get("sales", confirm)) == once
    assert asked(lambda: office.get("sales", f"/admin/visit/print/visit_application/?id={visit}")) == once
    assert asked(lambda: office.post("sales", f"/admin/visit/check/?id={visit}", {"purpose": "参观"})) == once
    assert asked(lambda: office.step("sales", "visit", visit, "submit")) == once, "refused for want of a reason"
    assert office.status(Visit, visit) == "draft"
    submit = asked(lambda: office.step("sales", "visit", visit, "submit", reason_advance_notice="临时"))
    assert submit == [*once, ("Visit", "approve")]
    approve = asked(lambda: office.step("sales_head", "visit", visit, "approve"))
    assert approve == [("Visit", "approve"), ("Visit", "approve")]
    assert asked(lambda: office.get("sales", details)) == [("Visit", "approve")]
    assert office.status(Visit, visit) == "submitted"


def test_a_request_of_a_visit_has_the_visit_judged_once_more(sqlite_office, judged):
    office, visit = sqlite_office, sqlite_office.approved_visit()
    asked = office.create_hospitality(visit, amount="200.00")
    judged.clear()
    assert office.step("sales", "hospitalityrequest", asked, "submit").status_code == 302
    assert [subject for subject, *_ in judged] == ["Spending", "Visit"]
    judged.clear()
    rows = {"rowid": [str(asked)]}
    page = office.client("sales_head").get("/admin/hospitalityrequest/bulk/approve/", query_string=rows)
    assert page.status_code == 200 and judged == [("Spending", "approve")]
    judged.clear()
    assert office.post("sales_head", "/admin/hospitalityrequest/bulk/approve/", rows).status_code == 200
    assert [subject for subject, *_ in judged] == ["Spending", "Visit"]


# ── The form of a transition ─────────────────────────────────────────────────────────────────────
def test_a_transition_that_asks_for_a_field_nobody_gives_is_refused():
    from panel.transition_forms import check_asks

    for process in PROCESSES.values():
        check_asks(process)
    lost = Transition("start", "Start", {BookingState.CONFIRMED}, (BookingState.IN_USE,), asks=("kommentar!",))
    with pytest.raises(LookupError, match="roombooking:start asks for kommentar!"):
        check_asks(replace(BOOKING, transitions=(lost,)))


def test_a_field_that_no_transition_asks_for_is_refused():
    from panel.transition_forms import asks

    with pytest.raises(LookupError, match="kommentar"):
        asks("kommentar")(print)
