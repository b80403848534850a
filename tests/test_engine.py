"""The engine: effects bound to transitions that there are, states of one process only, findings judged once."""

import inspect

import pytest

from engine.effects import FILES, registry
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
