"""How values are shown: translated, in the company's time zone, with the company's punctuation."""

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from babel import Locale
from flask import current_app, g, session
from flask_babel import Babel, Domain, get_locale, gettext
from flask_login import current_user
from markupsafe import Markup

from core.clock import local
from core.text import Choice, Text
from models import Setting, db

LOCALES = {"zh_Hans_CN": "中文", "en": "English"}
PARSED = {code: Locale.parse(code) for code in LOCALES}


def choose_locale() -> Locale | str:
    """The user's own language, then the one chosen before signing in, then the company's."""
    chosen = getattr(current_user, "locale", None) or session.get("locale")
    code = chosen if chosen in LOCALES else current_app.config["BABEL_DEFAULT_LOCALE"]
    return PARSED.get(code, code)


def language() -> str:
    """The reader's language, one of `LOCALES`."""
    return WORDS.catalogue().language


def language_tag() -> str:
    return "en" if language() == "en" else "zh-Hans"


class Catalogue(dict):
    """The texts of one language: each is looked up in the catalogue once per process. `[msgid]` is never missing."""

    def __init__(self, translations, language: str):
        super().__init__()
        self.translations, self.language = translations, language
        self.marked: dict[str, Markup] = {}
        self.badges: dict = {}

    def __missing__(self, msgid: str) -> str:
        text = self.translations.ugettext(str(msgid))
        if len(self) < 10_000:
            self[str(msgid)] = text
        return text

    def html(self, msgid: str, **values) -> Markup:
        """A text as the templates write it: itself HTML, what is filled in escaped."""
        text = self.marked.get(msgid)
        if text is None:
            text = self.marked[msgid] = Markup(self[msgid])
        return text % values if values or "%" in text else text


class Words(Domain):
    """The panel's own texts; what `gettext`, lazy texts and the templates' `_` read."""

    def __init__(self):
        super().__init__()
        self.catalogues: dict = {}
        self.latest = None, None

    def catalogue(self) -> Catalogue:
        """The texts in the language of whoever reads."""
        locale = get_locale()
        latest, kept = self.latest
        if latest is not locale or kept is None:
            kept = self.catalogues.get(locale)
            if kept is None:
                kept = self.catalogues[locale] = Catalogue(self.get_translations(), str(locale))
            self.latest = locale, kept
        return kept

    def gettext(self, string, **variables):
        text = self.catalogue()[string]
        return text % variables if variables else text


WORDS = Words()


def init_app(app) -> None:
    """Install the languages; texts are looked up once per language and process."""
    babel = Babel(app, locale_selector=choose_locale)
    babel.domain_instance = WORDS
    app.jinja_env.install_gettext_callables(
        gettext=lambda msgid: WORDS.catalogue()[msgid],
        ngettext=WORDS.ngettext,
        newstyle=True,
        pgettext=WORDS.pgettext,
        npgettext=WORDS.npgettext,
    )
    app.jinja_env.globals["_"] = lambda msgid, **values: WORDS.catalogue().html(msgid, **values)


def tr(text) -> str:
    """A text for a person, in their language. Only what is marked as a text (`core.text`) is translated: a plain
    string is data and stays as it is, whatever it says."""
    if isinstance(text, Text) and text:
        translated = WORDS.catalogue()[text.msgid]
        return translated.format(**{k: show(v) for k, v in text.values.items()}) if text.values else translated
    if isinstance(text, Choice):
        return WORDS.catalogue()[text.label.msgid]
    return str(text) if text else ""


def show(value) -> str:
    """Any value as plain text, in words and numbers a person reads."""
    if value is None or value == "":
        return ""
    if isinstance(value, (Choice, Text)):
        return tr(value)
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, datetime):
        return f"{local(value):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    if isinstance(value, (list, tuple)):
        return (", " if language_tag() == "en" else "、").join(show(v) for v in value)
    if isinstance(value, dict):
        return "; ".join(f"{k}: {show(v)}" for k, v in value.items())
    return tr(str(value))


COMPANY = sa.select(Setting.__table__.c.value).where(Setting.__table__.c.key == "company")


def company_name() -> str:
    """The company's name: from the environment, else as the installation has it."""
    if current_app.config["COMPANY_NAME"]:
        return current_app.config["COMPANY_NAME"]
    if "company" not in g:
        try:
            g.company = db.session.scalar(COMPANY) or ""
        except sa.exc.SQLAlchemyError:
            db.session.rollback()
            g.company = ""
    return g.company


def badge(value: Choice) -> Markup:
    """A state as a coloured badge; made once per language and process."""
    badges = WORDS.catalogue().badges
    key = (type(value), value)
    if key not in badges:
        html = Markup('<span class="badge state-{}">{}</span>')
        badges[key] = html.format(str(value) or "none", tr(value))
    return badges[key]
