"""Reception notices as people read them: what one says, and what changed since the one before."""

import contextlib
from datetime import datetime

from flask_babel import gettext

from clauses.words import NoticeField
from core.text import unpacked
from panel.i18n import language_tag, show, tr
from panel.sections import section


def words(lines) -> str:
    """The lines of one field of a notice (`notices.content`) in the reader's language and the company's time zone."""
    return ("; " if language_tag() == "en" else "；").join(_line(line) for line in lines if line)


def _line(atoms) -> str:
    line, since = "", ""
    for atom in atoms:
        moment = _moment(atom)
        word = show(moment or unpacked(atom))
        if since and moment:  # a span: its day is named once
            line += "–" + (word[11:] if word[:10] == since[:10] else word)
        else:
            line += f" {word}" if line else word
        since = word if moment else ""
    return line


def _moment(atom) -> datetime | None:
    """The moment that an atom of a notice holds; None for a word or a label."""
    if isinstance(atom, str) and atom.startswith("@"):
        with contextlib.suppress(ValueError):  # a name may begin like that too
            return datetime.fromisoformat(atom[1:])
    return None


def says(content: dict) -> list[tuple[str, str]]:
    """Label and words of each field that holds something, in the order of a notice."""
    return [(tr(field), words(content[field])) for field in NoticeField if content.get(field)]


def differences(changes: dict) -> list[tuple[str, str, str]]:
    """Label, words before and words now of each field that changed, in the order of a notice."""
    return [
        (tr(field), words(changes[field][0]) or "—", words(changes[field][1]) or "—")
        for field in NoticeField
        if field in changes
    ]


def change_section(changes: dict, empty: str = "") -> dict:
    """What changed, as a section of a page."""
    return section(
        gettext("What has changed"),
        [gettext("Field"), gettext("Before"), gettext("Now")],
        _rows(differences(changes)),
        empty,
    )


def notice_sections(notice) -> list[dict]:
    """What a notice tells its departments: only what changed where it is a change notice; nothing where an older release kept nothing."""
    if notice.changes:
        return [change_section(notice.changes)]
    if notice.content:
        return [
            section(
                gettext("Reception notice"),
                [gettext("Field"), gettext("What it says")],
                _rows(says(notice.content)),
                "",
            )
        ]
    return []


def _rows(lines) -> list[dict]:
    return [{"cells": list(line), "url": None} for line in lines]
