"""Reception notices as people read them: what one says, and what changed since the one before."""

import contextlib
from datetime import datetime

from flask_babel import gettext

from clauses.words import NoticeField
from core.text import unpacked
from panel.i18n import language_tag, show, tr
from panel.sections import line, section


def words(lines) -> str:
    """The lines of one field of a notice (`facts.notices.content`) in the reader's language and the company's zone."""
    return ("; " if language_tag() == "en" else "；").join(_sentence(parts) for parts in lines if parts)


def _sentence(parts) -> str:
    """Words, labels and moments in one line; of a span of time its day is named once."""
    text, since = "", ""
    for part in parts:
        moment = _moment(part)
        word = show(moment or unpacked(part))
        if since and moment:
            text += "–" + (word[11:] if word[:10] == since[:10] else word)
        else:
            text += f" {word}" if text else word
        since = word if moment else ""
    return text


def _moment(part) -> datetime | None:
    """The moment that a part of a notice's line holds; None for a word or a label."""
    if isinstance(part, str) and part.startswith("@"):
        with contextlib.suppress(ValueError):  # a name may begin like that too
            return datetime.fromisoformat(part[1:])
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
        [line(*difference) for difference in differences(changes)],
        empty,
    )


def notice_sections(notice) -> list[dict]:
    """What a notice tells its departments: only what changed where it is a change notice; nothing where an older
    release kept nothing."""
    if notice.changes:
        return [change_section(notice.changes)]
    if notice.content:
        headers = [gettext("Field"), gettext("What it says")]
        return [section(gettext("Reception notice"), headers, [line(*field) for field in says(notice.content)])]
    return []
