"""Rows that are part of another row: lines of a plan, guests of a visit."""

from core.text import Text
from engine.moves import Refused
from models import db, lock
from panel.sections import url_of
from panel.views import PanelView


class PartView(PanelView):
    """A screen of such rows: they change only while the row they belong to lets them, and saving leads back to it."""

    parent = "visit"
    """The relation to the row they belong to."""

    def closed(self, parent) -> Text | None:
        """Why the parts of `parent` may no longer change; None while they may."""
        return None

    def may_edit_row(self, row):
        parent = getattr(row, self.parent)
        reason = self.closed(parent) if parent is not None else None
        return reason or (super().may_edit_row(row) if row.id else None)

    def fill(self, form, row, created):
        super().fill(form, row, created)
        # Against a submit that happens meanwhile: what they belong to is held while they change.
        with db.session.no_autoflush:
            parent = getattr(row, self.parent)
            if parent is not None:
                lock(parent)
                reason = self.may_edit_row(row)
                if reason is not None:
                    raise Refused(reason)

    def get_save_return_url(self, model, is_created=False):
        parent = getattr(model, self.parent)
        if parent is None:
            return super().get_save_return_url(model, is_created)
        return url_of(type(parent).__name__.lower(), parent.id)
