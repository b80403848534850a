"""What can be wrong with a row of any table: its span, its days, its numbers. Each gives pairs of field and sentence.

A value that is missing is not judged here: the form itself asks for what is required.
"""

from collections.abc import Iterator
from datetime import datetime

from core.text import N_, Text, say
from panel.access import actor

Problems = Iterator[tuple[str, Text]]


def ends_in_time(row, first: str, last: str, strictly: bool = False) -> Problems:
    """A span ends no earlier than it begins; `strictly` later."""
    begins, ends = getattr(row, first), getattr(row, last)
    if begins and ends and (ends <= begins if strictly else ends < begins):
        yield last, say(N_("It ends before it begins."))


def has_come(row, name: str) -> Problems:
    """What is recorded has happened: a moment or a day does not lie ahead."""
    value, who = getattr(row, name), actor()
    if isinstance(value, datetime):
        if value > who.now:
            yield name, say(N_("This time has not come yet."))
    elif value and value > who.today:
        yield name, say(N_("This day has not come yet."))


def not_negative(row, *names: str) -> Problems:
    """Amounts in CNY are nothing or more."""
    for name in names:
        value = getattr(row, name)
        if value is not None and value < 0:
            yield name, say(N_("An amount is not negative."))


def at_least_one(row, name: str) -> Problems:
    """A number of things or people."""
    value = getattr(row, name)
    if value is not None and value < 1:
        yield name, say(N_("At least one."))


def at_least_one_guest(row, name: str) -> Problems:
    """A number of guests."""
    value = getattr(row, name)
    if value is not None and value < 1:
        yield name, say(N_("At least one guest comes."))


def one_to_five(row, name: str) -> Problems:
    """A satisfaction."""
    value = getattr(row, name)
    if value is not None and not 1 <= value <= 5:
        yield name, say(N_("From 1 (not at all) to 5 (very)."))
