"""Texts that know how to be translated: the message id in English, and the values that go into it.

Rules and processes are pure and know no language; they say things with `say`, and whoever shows
the text to a person translates it (`panel.i18n.tr`). A `Text` is its own English rendering, so that it
can be logged, compared in a test or raised as it is.

What is a text and what is data is decided where a string is made: `N_`, `say` and `Choice` mark texts, and only
those are ever translated. A visiting organisation called "Media" is a plain string and stays "Media".
"""

from enum import StrEnum
from typing import Any, Self

BLANK = "".join(c for c in map(chr, range(0x3001)) if c.isspace())
"""The characters that are no text by themselves: those that `str.strip` takes away."""


class Text(str):
    """An English sentence that remembers its message id and values."""

    msgid: str
    values: dict[str, Any]

    def __new__(cls, msgid: str, **values: Any) -> Self:
        text = super().__new__(cls, msgid.format(**values) if values else msgid)
        text.msgid, text.values = str(msgid), values
        return text


def say(msgid: str, **values: Any) -> Text:
    """A translatable sentence; `{name}` in `msgid` is filled from `values`."""
    return Text(msgid, **values)


def N_(msgid: str) -> Text:
    """Mark a string as a text, for the translation catalogue and for whoever shows it; it is not translated now."""
    return Text(msgid)


class Choice(StrEnum):
    """A string enumeration whose members carry the label a person sees (a message id)."""

    label: Text

    def __new__(cls, value: str, label: str = "") -> Self:
        # `label` has a default for the type checker alone, to which looking a member up by its value is a call too.
        if not label:
            raise TypeError(f"{cls.__name__}: {value!r} has no label")
        member = str.__new__(cls, value)
        member._value_, member.label = value, Text(label)
        return member


def packed(value: Any) -> Any:
    """`value` as JSON keeps it: texts stay marked ({"msgid": …}), lists stay lists, everything else is a word."""
    if isinstance(value, Choice):
        value = value.label
    if isinstance(value, Text):
        marked = {"msgid": value.msgid}
        return marked | {"values": packed(value.values)} if value.values else marked
    if isinstance(value, dict):
        return {key: packed(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [packed(part) for part in value]
    return str(value)


def unpacked(value: Any) -> Any:
    """What `packed` made `value` of: its texts can be translated again."""
    if isinstance(value, dict):
        if "msgid" in value:
            return Text(value["msgid"], **unpacked(value.get("values", {})))
        return {key: unpacked(part) for key, part in value.items()}
    if isinstance(value, list):
        return [unpacked(part) for part in value]
    return value
