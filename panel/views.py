"""The base of every generated screen: scope, permission, labels, formats, audit, export."""

import sqlalchemy as sa
from flask import abort, current_app, flash, redirect, request
from flask_admin import expose
from flask_admin.babel import gettext as admin_gettext
from flask_admin.contrib.sqla import ModelView
from flask_babel import gettext
from jinja2 import pass_context
from markupsafe import Markup

from core.privacy import mask
from core.text import Text
from models import Table, db, unindexed
from panel.access import actor, can, local_path, sees_money
from panel.exports import Exporting
from panel.filters import filters_for
from panel.formats import HTML_FORMATS, PLAIN_FORMATS, info_of
from panel.forms import LOOKUPS, ScopedLoader, field_for
from panel.i18n import badge, show, tr
from panel.layout import FormLayout
from panel.lists import FastList
from panel.loading import single
from panel.prefill import Prefilled
from panel.rows import Tabular
from panel.saving import Saving, say_not_saved
from panel.sections import url_of
from panel.widgets import PanelForm
from tables.base import ChoiceType


class PanelView(Prefilled, FormLayout, Saving, Exporting, Tabular, FastList, ModelView):
    """A generated screen. A subclass says what it shows; permissions come from the grants, rows from the
    table's scope, labels and controls from its columns."""

    model = None
    area = ""
    title = ""
    """The menu entry, a message id; `area` is the group of the menu it stands in."""
    labels: dict = {}
    in_menu = True
    can_view_details = True
    column_display_actions = True
    export_types = ["csv", "xlsx"]
    column_type_formatters = HTML_FORMATS
    column_type_formatters_detail = HTML_FORMATS
    column_type_formatters_export = PLAIN_FORMATS
    list_template = "admin/model/list.html"
    details_template = "admin/model/details.html"
    create_template = "admin/model/create.html"
    edit_template = "admin/model/edit.html"
    action_disallowed_list = ["delete"]
    column_default_sort = None
    form_base_class = PanelForm
    form_extra: dict = {}
    form_args: dict = {}
    empty_hint = ""
    hide_empty = False
    """Whether a details page leaves out what is not filled in: for rows with many fields of which few apply."""

    def __init__(self):
        self.key = self.model.__name__.lower()
        self._column_classes: dict[str, str] = {}
        self.column_details_list = self.column_details_list or self._described()
        self.column_labels = {p.key: self.label_of(p.key) for p in sa.inspect(self.model).attrs} | self.labels
        mapper = sa.inspect(self.model)
        self.column_formatters = {p.key: self._masked for p in mapper.column_attrs if info_of(p).get("private")} | (
            self.column_formatters or {}
        )
        for prop in mapper.column_attrs:
            if "choices" in info_of(prop):
                self.column_formatters.setdefault(prop.key, self._chosen)
        if "compliance" in mapper.column_attrs:
            self.column_formatters["compliance"] = lambda view, context, row, name: badge(row.compliance)
        if "status" in mapper.column_attrs and isinstance(mapper.column_attrs["status"].columns[0].type, ChoiceType):
            self.column_formatters["status"] = lambda view, context, row, name: badge(row.status)
        self.column_formatters_detail = dict(self.column_formatters)
        self.column_formatters_export = {
            k: f for k, f in self.column_formatters.items() if k not in ("status", "compliance")
        }
        self.column_sortable_list = self.column_sortable_list or ()
        self.list_relations = tuple(single(self.model, self.column_list))
        super().__init__(self.model, db, name=self.title, category=self.area, endpoint=self.key)

    def _described(self) -> tuple[str, ...]:
        """The columns and relations that bear a label, the list's own first; what bears none is never shown."""
        names = list(self.column_list or ())
        for prop in sa.inspect(self.model).attrs:
            # The relation stands for its foreign key; lists have sections of their own.
            left_out = prop.columns[0].foreign_keys if hasattr(prop, "columns") else prop.uselist
            if "label" in info_of(prop) and prop.key not in names and not left_out:
                names.append(prop.key)
        return tuple(names)

    def _masked(self, view, context, row, name):
        return mask(getattr(row, name))

    def _chosen(self, view, context, row, name):
        """A list of codes in the words that stand beside its column."""
        choices = info_of(sa.inspect(self.model).attrs[name])["choices"]
        return show([choices(code) for code in getattr(row, name) or ()]) or "—"

    def label_of(self, name: str):
        """The label declared on the column or relation; of a property in `labels`."""
        if name in self.labels:
            return self.labels[name]
        attrs = sa.inspect(self.model).attrs
        if name not in attrs:
            return name
        return info_of(attrs[name]).get("label", name)

    # ── Permission ───────────────────────────────────────────────────────────────────────────────
    def may(self, verb: str) -> bool:
        return can(f"{self.key}:{verb}")

    can_create = property(lambda self: bool(self.form_columns) and self.may("create"))
    can_edit = property(lambda self: bool(self.form_columns) and self.may("edit"))
    can_delete = property(lambda self: self.may("delete"))
    can_export = property(lambda self: self.may("export"))

    def is_accessible(self):
        return self.may("read")

    def is_visible(self):
        return self.in_menu

    def _run_view(self, fn, *args, **kwargs):
        # Flask-Admin calls again with other arguments on a TypeError, which hides the real one.
        return fn(self, *args, **kwargs)

    def inaccessible_callback(self, name, **kwargs):
        abort(404)

    def may_edit_row(self, row) -> Text | None:
        """Why this row may not be edited or deleted now; None where it may."""
        return None

    # ── Lists ────────────────────────────────────────────────────────────────────────────────────
    def scaffold_filters(self, name):
        attr = getattr(self.model, name)
        prop = attr.property
        if hasattr(prop, "columns"):
            return filters_for(prop.columns[0], self.label_of(name))
        column = next(iter(prop.local_columns))
        return filters_for(column, self.label_of(name), prop.mapper.class_, self._options)

    @staticmethod
    def _options(model):
        return db.session.scalars(sa.select(model).where(model.visible_to(actor())).order_by(model.id).limit(200)).all()

    def scaffold_auto_joins(self):
        return []

    def scaffold_sortable_columns(self):
        return {}

    def get_sortable_columns(self):
        return {name: getattr(self.model, name) for name in self.column_sortable_list}

    def get_empty_list_message(self):
        return gettext(self.empty_hint) if self.empty_hint else gettext("Nothing here yet.")

    def filter_controls(self) -> list[dict]:
        """The filter panel: one control per filter, with what is chosen."""
        chosen = request.args
        return [
            {
                "name": name,
                "label": f"{f.name} {f.operation()}".strip(),
                "control": f.control,
                "choices": f.choices(),
                "value": chosen.get(name, ""),
            }
            for f, name in ((f, f"flt{i}_{self.get_filter_arg(i, f)}") for i, f in enumerate(self._filters or ()))
        ]

    def bulk_actions(self) -> list:
        return []

    # ── Pages ────────────────────────────────────────────────────────────────────────────────────
    def wanted(self, needs=(), bare: bool = False):
        """The row the address names, with the related rows `needs`; 404 for one that does not exist for this user."""
        row = self.get_one(request.args.get("id", ""), needs, bare)
        if row is None:
            abort(404)
        return row

    @expose("/details/")
    def details_view(self):
        needs = (*single(self.model, self.column_details_list), *self.row_needs, *self.page_needs)
        row = self.wanted(needs)
        shown = {"heading": self.heading(row), **self.sections(row)}
        return self.render(
            self.details_template,
            model=row,
            details_columns=[c for c in self._details_columns if self.may_see(c[0])],
            get_value=self.get_detail_value,
            return_url=self.came_from(),
            edit_blocked=self.may_edit_row(row),
            **shown,
        )

    def may_see(self, name: str) -> bool:
        """Whether the user may see the column `name` of a row that they may see."""
        column = sa.inspect(self.model).columns.get(name)
        return column is None or not isinstance(column.type, sa.Numeric) or sees_money()

    def heading(self, row) -> str:
        """What the row is called; of a kind without names the screen's title."""
        return tr(self.title) if type(row).__str__ is Table.__str__ else tr(str(row))

    @pass_context
    def get_detail_value(self, context, model, name):
        """A value of the details page; another row is a link to where this user may see it."""
        shown, relation = super().get_detail_value(context, model, name), sa.inspect(self.model).relationships.get(name)
        value = getattr(model, name) if relation is not None and not relation.uselist else None
        screen = type(value).__name__.lower()
        if value is None or screen not in current_app.extensions["screens"] or not _may_open(screen, value):
            return shown
        return Markup('<a href="{}">{}</a>').format(url_of(screen, value.id), shown)

    def sections(self, row) -> dict:
        """What the details page shows besides the columns."""
        return {}

    def validate_form(self, form):
        valid = super().validate_form(form)
        if request.method == "POST" and not valid:
            say_not_saved()
        return valid

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self):
        if not self.can_create:
            abort(404)
        form = self.create_form()
        row = self.create_model(form) if self.validate_form(form) else None
        if row:
            flash(admin_gettext("Record was successfully created."), "success")
            return redirect(self.get_save_return_url(row, is_created=True))
        return self.render(self.create_template, form=form, return_url=self.came_from())

    @expose("/edit/", methods=("GET", "POST"))
    def edit_view(self):
        if not self.can_edit:
            abort(404)
        row = self.wanted((*single(self.model, self.form_columns), *self.row_needs, *self.form_needs), bare=True)
        blocked = self.may_edit_row(row)
        if blocked is not None:
            flash(tr(blocked), "error")
            return redirect(self.get_url(".details_view", id=row.id))
        form = self.edit_form(row)
        if self.validate_form(form) and self.update_model(form, row):
            flash(admin_gettext("Record was successfully saved."), "success")
            return redirect(self.get_save_return_url(row))
        return self.render(self.edit_template, model=row, form=form, return_url=self.came_from())

    def came_from(self) -> str:
        """Where the page leads back to: the list as it was, if the address says so."""
        return local_path(request.args.get("url")) or self.get_url(".index_view")

    @expose("/delete/", methods=("POST",))
    def delete_view(self):
        row = self.get_one(request.form.get("id", ""))
        if row is None or not self.can_delete:
            abort(404)
        blocked = self.may_edit_row(row)
        if blocked is not None:
            flash(tr(blocked), "error")
        elif self.delete_model(row):
            flash(gettext("Deleted."), "success")
        return redirect(local_path(request.form.get("url")) or self.get_url(".index_view"))

    def get_save_return_url(self, model, is_created=False):
        return self.get_url(".details_view", id=model.id)

    # ── Forms ────────────────────────────────────────────────────────────────────────────────────
    def _process_ajax_references(self):
        loaders = {}
        for name in self.form_columns or ():
            prop = sa.inspect(self.model).attrs[name]
            target = getattr(getattr(prop, "mapper", None), "class_", None)
            if target is not None and target.__name__ in LOOKUPS:
                loaders[name] = ScopedLoader(name, target, LOOKUPS[target.__name__], self.lookup_conditions(name))
        return loaders

    def lookup_conditions(self, name: str):
        """A function of the target table giving further conditions on what the look-up offers, or None."""
        return

    def scaffold_form(self):
        fields = {}
        for name in self.form_columns or ():
            fields[name] = field_for(self, name, self.form_args.get(name))
        return type(f"{self.model.__name__}Form", (self.form_base_class,), {**fields, **self.form_extra})

    # ── What this panel does not offer ───────────────────────────────────────────────────────────
    @expose("/ajax/update/", methods=("POST",))
    def ajax_update(self):
        abort(404)


def _may_open(screen: str, row) -> bool:
    """Whether the row's page is there for this user: by permission, and by the scope of its table."""
    if not can(f"{screen}:read"):
        return False
    scope = type(row).visible_to(actor())
    if isinstance(scope, sa.True_):
        return True
    here = sa.select(type(row).id).where(type(row).id == row.id, unindexed(scope))
    return db.session.scalar(here) is not None
