"""Storing what a form says: the row, what its screen adds, how it stands to the clauses, the audit entry, at once."""

import logging
import re

from flask import flash
from flask_babel import gettext
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from core.text import Text
from engine.audit import audit, snapshot
from engine.compliance import refresh, refresh_visits
from engine.moves import Refused
from models import Request, db
from panel.access import actor
from panel.i18n import tr

log = logging.getLogger("yingke")


class Saving:
    """Mixed into a screen: creating, editing and deleting its rows."""

    def fill(self, form, row, created: bool):
        """Take the form over into the row; a field that could not be read leaves it as it is."""
        for field in form:
            if field.name in (self.form_columns or ()) and not field.errors:
                field.populate_obj(row, field.name)

    def problems(self, row, form) -> list[tuple[str, Text]]:
        """What is wrong with the row as a whole: pairs of field name and sentence."""
        return []

    def after_fill(self, form, row, created: bool):
        """Within the same transaction, once the row is flushed."""

    def _save(self, form, row, created: bool):
        before = {} if created else snapshot(row)
        left = None if created else getattr(row, "visit", None)
        try:
            with db.session.no_autoflush:
                self.fill(form, row, created)
                wrong = list(self.problems(row, form))
            if wrong:
                for name, sentence in wrong:
                    field = form._fields.get(name)
                    if field is None:
                        flash(tr(sentence), "error")
                    else:
                        field.errors = [*field.errors, tr(sentence)]
                if any(field.errors for field in form):
                    say_not_saved()
                raise _Wrong
            if created:
                self.insert(row)
            db.session.flush()
            self.after_fill(form, row, created)
            db.session.flush()
            if isinstance(row, Request):
                refresh(row, actor())
            refresh_visits([left, getattr(row, "visit", None)], actor())
            audit("create" if created else "edit", row, actor(), before, snapshot(row))
            commit_as_read()
            return row
        except _Wrong:
            db.session.rollback()
        except Refused as refusal:
            db.session.rollback()
            flash(tr(refusal.reason), "error")
        except StaleDataError:
            db.session.rollback()
            flash(gettext("Somebody changed it in the meantime: look at it again before you save."), "error")
        except (IntegrityError, DataError) as error:
            db.session.rollback()
            self._explain(form, error)
        return False

    def insert(self, row):
        db.session.add(row)

    def _explain(self, form, error):
        """Say on the field which value the database refused, without its own words."""
        message, known = str(error.orig), False
        for field in form:
            if re.search(rf"[._(\"]{field.name}(_id)?\b|_{field.name}\b", message):
                field.errors = [
                    *field.errors,
                    gettext("This value is already in use.")
                    if "uni" in message.lower()
                    else gettext("This value is not possible here."),
                ]
                known = True
        if known:
            say_not_saved()
        else:
            log.warning("refused by the database: %s", message)
            flash(gettext("These values contradict what is already stored; check them and try again."), "error")

    def create_model(self, form):
        return self._save(form, self.build_new_instance(), True)

    def update_model(self, form, model):
        return bool(self._save(form, model, False))

    def delete_model(self, model):
        before = snapshot(model)
        try:
            audit("delete", model, actor(), before, {})
            visit = getattr(model, "visit", None)
            db.session.delete(model)
            refresh_visits([visit], actor())
            db.session.commit()
            return True
        except IntegrityError:
            db.session.rollback()
            flash(gettext("Other rows refer to it, so it cannot be deleted; deactivate it instead."), "error")
            return False


def say_not_saved() -> None:
    """Above a form that is wrong: what is marked may stand far below, or folded away."""
    flash(gettext("Not saved yet: mend what is marked below. Everything you typed is still there."), "error")


def commit_as_read() -> None:
    """Commit, and go on with the rows as they are: what leads back from a form reads nothing anew."""
    session = db.session()
    session.expire_on_commit = False
    try:
        session.commit()
    finally:
        session.expire_on_commit = True


class _Wrong(Exception):
    """The form was judged wrong; its fields say why."""
