"""The controls of generated forms: the HTML that WTForms writes, for a quarter of what it takes to write it.

A form writes some dozens of controls and hundreds of options. WTForms escapes and formats each attribute of each by
itself; here a control is put together as one text. What is no plain input, text area or select is left to WTForms.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flask_admin.form import BaseForm
from markupsafe import Markup, escape
from wtforms import Field
from wtforms.fields.choices import SelectFieldBase
from wtforms.widgets import Input, Select, TextArea
from wtforms.widgets.core import clean_key

_name = lru_cache(256)(clean_key)


def attributes(values: dict[str, Any]) -> str:
    """`values` as HTML attributes in the order of their names; True stands alone, False is left out."""
    written = []
    for key in sorted(values):
        value = values[key]
        if value is True:
            written.append(_name(key))
        elif value is not False:
            written.append(f'{_name(key)}="{_quoted(value)}"')
    return " ".join(written)


def _quoted(value: Any) -> str:
    return str(escape(value)).replace('"', "&quot;")


def _asked(field: Field, given: dict[str, Any]) -> dict[str, Any]:
    """The attributes `given` with the field's id, its name and what the browser checks by itself."""
    flags = vars(field.flags)
    checks = {name: flags[name] for name in field.widget.validation_attrs if name in flags}
    return {"id": field.id} | checks | given | {"name": field.name}


def _input(field: Field, given: dict[str, Any]) -> str:
    values = {"type": field.widget.input_type} | _asked(field, given)
    if "value" not in values:
        values["value"] = field._value()
    return f"<input {attributes(values)}>"


def _text_area(field: Field, given: dict[str, Any]) -> str:
    return f"<textarea {attributes(_asked(field, given))}>\r\n{escape(field._value())}</textarea>"


def _select(field: SelectFieldBase, given: dict[str, Any]) -> str:
    if field.widget.multiple:
        given = given | {"multiple": True}
    options = []
    for value, label, selected, more in field.iter_choices():
        values = {"value": str(value) if isinstance(value, bool) else value, **more}
        if selected:
            values["selected"] = True
        options.append(f"<option {attributes(values)}>{escape(label) or escape(value)}</option>")
    return f"<select {attributes(_asked(field, given))}>{''.join(options)}</select>"


@lru_cache(64)
def _writer(widget: type) -> Callable[[Field, dict[str, Any]], str] | None:
    """How controls of the class `widget` are written; None for those that WTForms writes."""
    how = widget.__call__
    if how is Input.__call__:
        return _input
    if how is TextArea.__call__:
        return _text_area
    return _select if how is Select.__call__ else None


class PanelForm(BaseForm):
    """A generated form."""

    class Meta(BaseForm.Meta):
        def render_field(self, field: Field, render_kw: dict[str, Any]) -> Markup:
            given = {_name(key): value for key, value in {**(field.render_kw or {}), **render_kw}.items()}
            write = _writer(type(field.widget))
            if write is None or (write is _select and field.has_groups()) or field._datalist is not None:
                return field.widget(field, **given)
            return Markup(write(field, given))
