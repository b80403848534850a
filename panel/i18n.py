"""How values are shown: translated, in the company's time zone, with the company's punctuation."""

from datetime import date, datetime
from decimal import Decimal

from flask import current_app, session
from flask_babel import get_locale, gettext
from flask_login import current_user
from markupsafe import Markup, escape

from core.clock import local
from core.text import Choice, Text

LOCALES = {"zh_Hans_CN": "中文", "en": "English"}


def choose_locale() -> str:
    """The user's own language, then the one chosen before signing in, then the company's."""
    chosen = getattr(current_user, "locale", None) or session.get("locale")
    return chosen if chosen in LOCALES else current_app.config["BABEL_DEFAULT_LOCALE"]


def language_tag() -> str:
    return "en" if str(get_locale()) == "en" else "zh-Hans"


def tr(text) -> str:
    """A text for a person: message ids and `Text`s translated, values within them shown as they are shown elsewhere."""
    if isinstance(text, Text):
        return (
            gettext(text.msgid).format(**{k: show(v) for k, v in text.values.items()})
            if text.values
            else gettext(text.msgid)
        )
    if isinstance(text, Choice):
        return gettext(text.label)
    return gettext(text) if text else ""


def show(value) -> str:
    """Any value as plain text, in words and numbers a person reads."""
    if value is None or value == "":
        return ""
    if isinstance(value, Choice):
        return tr(value)
    if isinstance(value, Text):
        return tr(value)
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, datetime):
        return f"{local(value):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    if isinstance(value, (list, tuple)):
        return "、".join(show(v) for v in value) if language_tag() != "en" else ", ".join(show(v) for v in value)
    if isinstance(value, dict):
        return "; ".join(f"{k}: {show(v)}" for k, v in value.items())
    if isinstance(value, str):
        # Labels that ride along inside texts (roles, states) are message ids too.
        return gettext(value) if value.isascii() and value[:1].isupper() else value
    return str(value)


def company_name() -> str:
    """The company's name: from the environment, else as the installation has it."""
    import sqlalchemy as sa
    from flask import g

    from models import Setting, db

    if current_app.config["COMPANY_NAME"]:
        return current_app.config["COMPANY_NAME"]
    if "company" not in g:
        try:
            g.company = db.session.scalar(sa.select(Setting.value).where(Setting.key == "company")) or ""
        except sa.exc.SQLAlchemyError:
            db.session.rollback()
            g.company = ""
    return g.company


def badge(value: Choice) -> Markup:
    """A state as a coloured badge."""
    return Markup('<span class="badge badge-state state-{}">{}</span>').format(escape(str(value)) or "none", tr(value))
