"""Forms out of the tables: one field per column or relation, native controls, look-ups instead of giant selects."""

import json
import re
from collections.abc import Iterable
from datetime import UTC

import sqlalchemy as sa
from flask_admin.contrib.sqla.ajax import QueryAjaxModelLoader
from flask_admin.contrib.sqla.fields import QuerySelectField
from flask_admin.contrib.sqla.validators import Unique
from flask_admin.model.fields import AjaxSelectField, AjaxSelectMultipleField
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import RelationshipProperty, lazyload
from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    IntegerField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields import DateTimeLocalField
from wtforms.fields.choices import Choice as Offered
from wtforms.validators import InputRequired, Length, NumberRange, Optional, StopValidation
from wtforms.widgets import CheckboxInput, ListWidget, Select, TextArea

from core.clock import local, zone
from core.search import Searchable
from core.text import Choice
from models import User, UTCDateTime, db, unindexed
from panel.access import actor
from panel.lists import clean_pk
from panel.loading import loading
from panel.searching import Walk, by_words, parts_of
from tables.base import ChoiceType


def tidy(value):
    """Typed text without NUL (PostgreSQL refuses it) and without blanks around it."""
    return value.replace("\x00", "").strip() if isinstance(value, str) else value


class LocalDateTimeField(DateTimeLocalField):
    """A moment typed in the company's time zone, kept in UTC."""

    def __init__(self, label=None, validators=None, **kwargs):
        super().__init__(label, validators, format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"], **kwargs)

    def _value(self):
        if self.raw_data:
            return " ".join(self.raw_data)
        return f"{local(self.data):%Y-%m-%dT%H:%M}" if self.data else ""

    def process_formdata(self, valuelist):
        super().process_formdata(valuelist)
        if valuelist and self.data is not None:  # what was not sent is the default, which has its zone already
            if not 2000 <= self.data.year <= 2100:
                self.data = None
                raise ValueError(gettext("The year lies between 2000 and 2100."))
            self.data = self.data.replace(tzinfo=zone()).astimezone(UTC)


class DayField(DateField):
    def process_formdata(self, valuelist):
        super().process_formdata(valuelist)
        if self.data is not None and not 2000 <= self.data.year <= 2100:
            self.data = None
            raise ValueError(gettext("The year lies between 2000 and 2100."))


class JSONField(StringField):
    widget = TextArea()

    def _value(self):
        return self.raw_data[0] if self.raw_data else json.dumps(self.data or {}, ensure_ascii=False, indent=1)

    def process_formdata(self, valuelist):
        try:
            self.data = json.loads(valuelist[0] or "{}") if valuelist else {}
        except ValueError:
            self.data = {}
            raise ValueError(gettext("This is not valid JSON.")) from None


NOTHING_CHOSEN = SelectChoice("", "—")
"""What stands first among the choices where none need be made."""


def worded(choices: Iterable[Choice]) -> list[SelectChoice]:
    """The words of a list as a field offers them."""
    return [SelectChoice(str(choice), _l(choice.label)) for choice in choices]


class Boxes(SelectMultipleField):
    """Several values of a list, as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class LinesField(TextAreaField):
    """A list of words, one per line."""

    def _value(self):
        return self.raw_data[0] if self.raw_data else "\n".join(self.data or ())

    def process_formdata(self, valuelist):
        self.data = [line for line in (tidy(v) for v in (valuelist[0] if valuelist else "").splitlines()) if line]


class RanksField(StringField):
    """Ranks as people write them: 1, 2, 3 or 1-3; empty means every rank."""

    def _value(self):
        return self.raw_data[0] if self.raw_data else ", ".join(str(r) for r in self.data or ())

    def process_formdata(self, valuelist):
        self.data = []
        for part in re.split(r"[,，、\s]+", valuelist[0].strip() if valuelist else ""):
            span = re.fullmatch(r"(\d{1,2})(?:[-–~](\d{1,2}))?", part)
            if part and not span:
                raise ValueError(gettext("Write ranks as 1, 2 or 1-3."))
            if span:
                self.data += range(int(span[1]), int(span[2] or span[1]) + 1)
        if any(not 1 <= rank <= 99 for rank in self.data):
            raise ValueError(gettext("A rank lies between 1 and 99."))
        self.data = sorted(set(self.data))


CAPTION_NEEDS = {"User": ("department",), "Notice": ("visit",)}
"""What the captions of a look-up read of other tables."""


class ScopedLoader(QueryAjaxModelLoader):
    """A look-up that finds only what the user may see, by words where the table has a word index."""

    def __init__(self, name, model, fields, also=None):
        super().__init__(name, db, model, fields=fields)
        self.also = also

    def _conditions(self) -> list:
        """What the look-up offers besides the user's scope."""
        active = [self.model.active] if hasattr(self.model, "active") else []
        return [*active, *(self.also(self.model) if self.also else ())]

    def get_one(self, pk):
        key = clean_pk(pk)
        if key is None:
            return None
        scope = self.model.visible_to(actor())
        with db.session.no_autoflush:
            if isinstance(scope, sa.True_):  # Whoever is known may be named: a row that was read already is not again.
                return db.session.get(self.model, key, options=[lazyload("*")])
            return db.session.scalar(sa.select(self.model).where(self.model.id == key, scope).options(lazyload("*")))

    def get_list(self, query, offset=0, limit=10):
        query, key = tidy(query or "")[:100], self.model.id
        offset, limit = min(max(offset or 0, 0), 10_000), min(max(limit or 10, 1), 50)
        if query and issubclass(self.model, Searchable):
            rows = by_words(self.model, query, parts_of(self.model, actor()), self._conditions(), by_id=True)
        else:
            where = [self.model.visible_to(actor()), *self._conditions()]
            if query:
                word = query.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
                where.append(sa.or_(*(f.like(f"%{word}%", escape="\\") for f in self._cached_fields)))
            rows = Walk(self.model, where)
        ids = [row[-1] for row in rows.keys([key], True, None, offset, limit)]
        statement = sa.select(self.model).where(key.in_(ids), unindexed(self.model.visible_to(actor())))
        statement = statement.options(*loading(self.model, CAPTION_NEEDS.get(self.model.__name__, ())))
        return db.session.scalars(statement.order_by(key.desc())).all()

    def format(self, model):
        return (model.id, self.caption(model)) if model else None

    @staticmethod
    def caption(model) -> str:
        """What tells the row apart from its like in a look-up."""
        parts = [str(model)]
        for name in ("username", "organisation", "plate", "subject"):
            value = getattr(model, name, None)
            if value and value not in parts:
                parts.append(value)
        if isinstance(model, User):
            parts = [model.name, model.department.name]
        return " · ".join(parts)


LOOKUPS = {
    "Customer": ("name",),
    "Visitor": ("name",),
    "Visit": ("number",),
    "User": ("name", "username"),
    "HospitalityRequest": ("number",),
    "GiftRequest": ("number",),
    "Gift": ("name", "code"),
    "OutboundPlan": ("number",),
    "OutboundVisit": ("number",),
    "VisitGuest": ("id",),
    "Clause": ("number",),
    "Notice": ("id",),
}
"""Targets that can hold more than some dozens of rows: found by typing, through these columns."""


class ScopedSelect(QuerySelectField):
    """A select over the rows of a small table that the user may see."""

    widget = Select()

    def __init__(self, model, label=None, validators=None, **kwargs):
        def rows():
            statement = sa.select(model).where(model.visible_to(actor()))
            if hasattr(model, "active"):
                statement = statement.where(model.active)
            return db.session.scalars(statement.order_by(model.id)).all()

        super().__init__(label, validators, query_factory=rows, blank_text="—", **kwargs)

    def iter_choices(self):
        chosen = self.data
        if self.allow_blank:
            yield Offered("__None", self.blank_text, chosen is None, {})
        for key, row in self._get_object_list():
            yield Offered(key, self.get_label(row), row is chosen, {})


class LookUpField:
    """A look-up's text box is sent beside its ids: words that chose no row are an error, not nothing."""

    words = ""

    def process(self, formdata, *args, **kwargs):
        self.words = tidy("".join(formdata.getlist(f"{self.name}-text")))[:100] if formdata else ""
        super().process(formdata, *args, **kwargs)

    def check_words(self):
        if self.words:
            raise StopValidation(gettext("Choose one from the list."))


class AjaxSelect(LookUpField, AjaxSelectField):
    """Flask-Admin's look-up field, with a message for a row that does not exist for this user."""

    def pre_validate(self, form):
        self.check_words()
        sent = self._formdata not in (None, "", "__None")
        if self.data is None and (sent or not self.allow_blank):
            raise ValidationError(gettext("Choose one from the list."))


class AjaxSelectMany(LookUpField, AjaxSelectMultipleField):
    """Flask-Admin's look-up of several rows; an empty one is nobody, not an error."""

    def process_formdata(self, valuelist):
        chosen = {n for value in valuelist for n in value.split(self.separator) if n}
        if chosen:
            self._formdata = chosen
        else:
            self.data = []

    def pre_validate(self, form):
        self.check_words()
        super().pre_validate(form)


def field_for(view, name: str, extra: dict | None = None):
    """The form field of column or relation `name` of the view's table."""
    prop = sa.inspect(view.model).attrs[name]
    args = {
        "label": view.label_of(name),
        "description": view.column_descriptions.get(name, "") if view.column_descriptions else "",
        **(extra or {}),
    }
    validators = list(args.pop("validators", []))
    if isinstance(prop, RelationshipProperty):
        return _relation(view, prop, args, validators)
    column, kind = prop.columns[0], prop.columns[0].type
    default = column.default.arg if column.default is not None and column.default.is_scalar else None
    optional = column.nullable or default == ""
    if default is not None and "default" not in args:
        args["default"] = default
    if isinstance(kind, sa.Boolean):
        return BooleanField(validators=validators, **args)
    validators.append(Optional() if optional else InputRequired())
    if column.unique:
        validators.append(Fresh(db, view.model, column))
    if isinstance(kind, ChoiceType):
        return _choice(kind, validators, args)
    if isinstance(kind, UTCDateTime):
        return LocalDateTimeField(validators=validators, **args)
    if isinstance(kind, sa.Date):
        return DayField(validators=validators, **args)
    if isinstance(kind, sa.Numeric):
        bounds = NumberRange(-9_999_999_999, 9_999_999_999)
        return DecimalField(places=2, validators=[*validators, bounds, finite], **args)
    if isinstance(kind, sa.Integer):
        return IntegerField(validators=[*validators, NumberRange(-(2**31) + 1, 2**31 - 1)], **args)
    if isinstance(kind, sa.JSON):
        return _structured(column, [v for v in validators if not isinstance(v, InputRequired)], args)
    validators.append(Length(max=getattr(kind, "length", None) or 5000))
    box = TextAreaField if isinstance(kind, sa.Text) and not hasattr(kind, "process_bind_param") else StringField
    return box(
        validators=validators, filters=[tidy, (lambda v: v or None) if column.nullable else (lambda v: v or "")], **args
    )


def _choice(kind: ChoiceType, validators, args):
    """One of a list of words; nothing chosen stands first where nothing is given."""
    choices, blank = worded(kind.choices), any(not str(choice) for choice in kind.choices)
    if not blank and "default" not in args:
        choices.insert(0, NOTHING_CHOSEN)

    def read(value):
        return kind.choices(value) if value or blank else None

    return SelectField(choices=choices, coerce=read, validators=validators, **args)


def _structured(column, validators, args):
    """What a JSON column holds, by what is declared beside it: boxes to tick, lines, ranks, else JSON itself."""
    if "choices" in column.info:
        return Boxes(choices=worded(column.info["choices"]), validators=validators, **args)
    field = LinesField if column.info.get("words") else RanksField if column.info.get("ranks") else JSONField
    return field(validators=validators, **args)


class Fresh(Unique):
    """A value that no other row has; one that was not changed is not asked for."""

    def __call__(self, form, field):
        if field.object_data is None or field.data != field.object_data:
            super().__call__(form, field)


def finite(form, field):
    if field.data is not None and not field.data.is_finite():
        raise ValidationError(gettext("This is not an amount."))
    if field.data is not None and field.data != round(field.data, 2):
        raise ValidationError(gettext("At most two digits after the point."))


def _relation(view, prop, args, validators):
    target, many = prop.mapper.class_, prop.uselist
    nullable = many or all(c.nullable for c in prop.local_columns)
    validators.append(Optional() if nullable else InputRequired())
    loader = view._form_ajax_refs.get(prop.key)
    if loader is not None:
        if many:
            return AjaxSelectMany(loader, validators=validators, **args)
        return AjaxSelect(loader, validators=validators, allow_blank=nullable, **args)
    return ScopedSelect(target, validators=validators, allow_blank=nullable, **args)
