"""What a new row begins with: what its page's address names, and what follows from it."""

from collections.abc import Callable

from flask import request
from flask_admin.contrib.sqla.fields import QuerySelectField
from flask_admin.model.fields import AjaxSelectField
from wtforms import SelectField, SelectMultipleField


def named(field, keys: list[str]):
    """What the address means for `field` by `keys`: a row or choices; None for what this user may not choose."""
    if isinstance(field, AjaxSelectField):
        return field.loader.get_one(keys[0])
    if isinstance(field, QuerySelectField):
        return next((row for pk, row in field._get_object_list() if pk == keys[0]), None)
    if isinstance(field, SelectField | SelectMultipleField):
        offered = {str(choice[0]) for choice in field.iter_choices()}
        chosen = [field.coerce(key) for key in keys if key in offered]
        return (chosen if isinstance(field, SelectMultipleField) else chosen[0]) if chosen else None
    return None


class Prefilled:
    """Mixed into a screen. `?visit=7` in the address of a new row chooses that visit, where the user may see it."""

    takes: dict[str, dict[str, Callable]] = {}
    """By relation, the fields that begin with what the row named says: functions of that row."""

    def create_form(self, obj=None):
        form = self.blank_form(obj)
        if request.method == "GET":
            self.prefill(form)
        return form

    def blank_form(self, obj=None):
        """The form of a new row, before anything is filled in."""
        return super().create_form(obj)

    def prefill(self, form) -> None:
        """Fill in what the address names, and what that says."""
        for field in list(form):
            value = named(field, request.args.getlist(field.name)) if field.name in request.args else None
            if value is not None:
                field.data = value
                for name, says in self.takes.get(field.name, {}).items():
                    form[name].data = says(value)
