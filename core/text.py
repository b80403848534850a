"""Texts that know how to be translated: the message id in English, and the values that go into it.

Rules and processes are pure and know no language; they say things with `say`, and whoever shows
the text to a person translates it (`panel.i18n.tr`). A `Text` is its own English rendering, so that it
can be logged, compared in a test or raised as it is.
"""

from enum import StrEnum
from typing import Any, Self


class Text(str):
    """An English sentence that remembers its message id and values."""

    msgid: str
    values: dict[str, Any]

    def __new__(cls, msgid: str, **values: Any) -> Self:
        text = super().__new__(cls, msgid.format(**values) if values else msgid)
        text.msgid, text.values = msgid, values
        return text


def say(msgid: str, **values: Any) -> Text:
    """A translatable sentence; `{name}` in `msgid` is filled from `values`."""
    return Text(msgid, **values)


def N_(msgid: str) -> str:
    """Mark a string for the translation catalogue without translating it now."""
    return msgid


class Choice(StrEnum):
    """A string enumeration whose members carry the label a person sees (a message id)."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        # `label` has a default for the type checker alone, to which looking a member up by its value is a call too.
        if not label:
            raise TypeError(f"{cls.__name__}: {value!r} has no label")
        member = str.__new__(cls, value)
        member._value_, member.label = value, label
        return member
