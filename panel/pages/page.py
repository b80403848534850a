"""The base of hand-made pages that stand in the menu beside the generated screens."""

from flask import abort
from flask_admin import BaseView

from panel.access import can


class Page(BaseView):
    """A page of its own: `key` names its permission (`key:read`) and its address."""

    key = ""
    area = ""
    title = ""
    model = None

    def __init__(self):
        super().__init__(name=self.title, category=self.area, endpoint=self.key)

    def is_accessible(self):
        return can(f"{self.key}:read")

    def _run_view(self, fn, *args, **kwargs):
        return fn(self, *args, **kwargs)

    def inaccessible_callback(self, name, **kwargs):
        abort(404)
