"""The screens of clauses and what hangs on them: fields for a rule's parameters, the effect of a change in words."""

import re
from typing import NamedTuple

import sqlalchemy as sa
from flask import request
from flask_admin.helpers import get_form_data
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FieldList, Form, FormField, IntegerField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

import rules
from core.text import N_, say
from engine.compliance import refresh_drafts
from models import (
    ApprovalRule,
    Category,
    ChecklistTemplate,
    Clause,
    ReceptionLevel,
    Regulation,
    SpendingCap,
    TourRoute,
    db,
)
from panel.access import actor, can
from panel.checks import not_negative
from panel.findings import remark
from panel.forms import NOTHING_CHOSEN, Boxes, LinesField, RanksField, tidy, worded
from panel.i18n import show, tr
from panel.live import Live
from panel.printing.forms import FORMS
from panel.screens.regulations_words import (
    binding_lines,
    category_label,
    form_lines,
    neighbours,
    part_sentence,
    ranks_label,
    rule_lines,
    rule_sentence,
    rule_title,
    severity_sentence,
)
from panel.sections import line, link_to, section
from panel.views import PanelView


def takes_caps(clause: Clause) -> bool:
    """Whether caps can hang on `clause`: a parameter of its rule is made of them."""
    return clause.rule in rules.RULES and "cap" in rules.RULES[clause.rule].parts


class Binding(Live, PanelView):
    """A row of the rulebook: once it is saved, drafts are judged by it."""

    def after_save(self):
        refresh_drafts(actor())
        db.session.commit()

    def create_model(self, form):
        made = super().create_model(form)
        if made:
            self.after_save()
        return made

    def update_model(self, form, model):
        done = super().update_model(form, model)
        if done:
            self.after_save()
        return done

    def delete_model(self, model):
        done = super().delete_model(model)
        if done:
            self.after_save()
        return done


class TermsScreen(Binding):
    """Levels, approval steps, caps, items and routes: each change makes a new version of the rulebook."""

    column_formatters = {"ranks": lambda v, c, row, n: ranks_label(row.ranks)}
    row_needs = ("clause.regulation",)

    def meaning(self, form, row, created):
        regulation = db.session.get(Regulation, row.clause.regulation_id) if row.clause is not None else None
        return {"lines": [remark(part_sentence(row), "good"), *neighbours(row), *binding_lines(regulation)]}

    def problems(self, row, form):
        for name in ("rank", "rank_from", "rank_to", "step"):
            value = getattr(row, name, 1)
            if value is not None and not 1 <= value <= 99:
                yield name, say(N_("A number from 1 to 99."))

    def sections(self, row):
        return {"effect": part_sentence(row)}


class CapScreen(TermsScreen):
    """Caps per guest, of a category or of every one."""

    form_extra = {
        "category": SelectField(
            _l("Category"),
            [InputRequired()],
            choices=lambda: [SelectChoice(c, category_label(c)) for c in ("all", *map(str, Category))],
        )
    }
    column_formatters = {"category": lambda v, c, row, n: category_label(row.category)}

    def problems(self, row, form):
        yield from super().problems(row, form)
        yield from not_negative(row, "per_guest")
        if row.clause is not None and not takes_caps(row.clause):
            yield "clause", say(N_("A cap hangs on a clause with the rule “Cap per guest”."))


class StepScreen(TermsScreen):
    """Steps of the approval chains."""

    def problems(self, row, form):
        yield from super().problems(row, form)
        if row.rank_from and row.rank_to and row.rank_from > row.rank_to:
            yield "rank_to", say(N_("The last rank does not come before the first."))


class RouteScreen(TermsScreen):
    """Tours of the site."""

    def problems(self, row, form):
        if not row.stops:
            yield "stops", say(N_("Write at least one stop."))


# ── A rule's parameters as fields ────────────────────────────────────────────────────────────────────────
def ranks_field(param: rules.Param, compact: bool):
    hint = "" if compact else _l("For example 1, 2 or 1-3; empty: every level.")
    return RanksField(_l(param.label), [Optional()], description=hint)


def whole_field(param: rules.Param, compact: bool):
    return IntegerField(_l(param.label), [InputRequired(), NumberRange(param.least, param.most)])


def yes_field(param: rules.Param, compact: bool):
    return BooleanField(_l(param.label))


def one_field(param: rules.Param, compact: bool):
    return SelectField(_l(param.label), [InputRequired()], choices=worded(param.choices))


def many_field(param: rules.Param, compact: bool):
    return Boxes(_l(param.label), [Optional()], choices=worded(choice for choice in param.choices if str(choice)))


def words_field(param: rules.Param, compact: bool):
    needed = Optional() if compact else InputRequired()
    return LinesField(_l(param.label), [needed], description=_l("One per line."))


def rows_field(param: rules.Param, compact: bool):
    columns = {name: field_of(column, True) for name, column in param.columns.items()}
    for column in columns.values():
        # A row left blank is no row: nothing in it is required by itself.
        validators = column.args[1] if len(column.args) > 1 else ()
        kept = [v for v in validators if not isinstance(v, InputRequired | Optional)]
        column.args, column.kwargs["validators"] = column.args[:1], [Optional(), *kept]
    return FieldList(FormField(type("Row", (Form,), columns)), _l(param.label), min_entries=0)


def text_field(param: rules.Param, compact: bool):
    return StringField(_l(param.label), [InputRequired(), Length(max=60)], filters=[tidy])


FIELDS = {
    "ranks": ranks_field,
    "whole": whole_field,
    "yes": yes_field,
    "one": one_field,
    "many": many_field,
    "words": words_field,
    "rows": rows_field,
}
"""What a parameter of each kind is typed into; any other kind is a short text."""


def field_of(param: rules.Param, compact: bool = False):
    """The form field of a parameter; `compact` in a row of several."""
    return FIELDS.get(param.kind, text_field)(param, compact)


BLANK_ROWS = 2
"""So many rows stand ready to be filled in."""
NAMED = "term_"
"""What the names of a rule's parameters begin with in the form."""


def params_of(kind: str | None) -> dict[str, rules.Param]:
    """The parameters a clause form asks for; derived ones come from other tables."""
    rule = rules.RULES.get(kind or "")
    return {name: p for name, p in rule.params.items() if p.kind != "derived"} if rule and rule.typed else {}


def rule_choices() -> list[SelectChoice]:
    """The rules a clause can have, by their titles."""
    titles = [SelectChoice(kind, tr(rule.title)) for kind, rule in rules.RULES.items() if rule.typed]
    return [NOTHING_CHOSEN, *sorted(titles, key=lambda choice: choice.label)]


class ClauseScreen(Binding):
    """Clauses in the company's own words; a rule's parameters are fields of their own."""

    column_formatters = {
        "rule": lambda v, c, row, n: rule_title(row.rule),
        "forms": lambda v, c, row, n: show([FORMS[f].title for f in row.forms or () if f in FORMS]),
        "does": lambda v, c, row, n: rule_sentence(row.rule, row.terms or {}) if row.rule in rules.RULES else "",
    }

    def scaffold_form(self):
        form = super().scaffold_form()
        form.rule = SelectField(
            self.label_of("rule"),
            [Optional()],
            choices=rule_choices,
            filters=[lambda v: v or None],
            render_kw={"data-redraw": "1"},
            description=_l("What the software does with the clause; its parameters follow below."),
        )
        printed = [SelectChoice(name, f.title) for name, f in FORMS.items()]
        form.forms = Boxes(self.label_of("forms"), [Optional()], choices=printed)
        return form

    def _with_terms(self, base, obj):
        """The form with the parameters of the chosen rule as fields."""
        typed = get_form_data()
        if typed is not None:
            kind = typed.get("rule")
        else:
            kind = request.args.get("rule") or (obj.rule if obj is not None else None)
        params = params_of(kind)
        form = type("ClauseForm", (base,), {NAMED + name: field_of(p) for name, p in params.items()})(typed, obj=obj)
        form.params = params
        if typed is None:
            form.rule.data = kind or form.rule.data
            self._show_terms(form, (obj.terms or {}) if obj is not None and obj.rule == kind else {})
        elif "_redraw" in typed:
            self._draw_anew(form)
        return form

    @staticmethod
    def _show_terms(form, terms: dict) -> None:
        """Fill in the parameters as they are stored, or as they usually are."""
        for name, param in form.params.items():
            value, field = terms.get(name, param.default), form[NAMED + name]
            if param.kind == "rows":
                for row in [*(value or ()), *([{}] * BLANK_ROWS)]:
                    field.append_entry(row)
            elif value is not None:
                field.data = value

    @staticmethod
    def _draw_anew(form) -> None:
        """Another rule was chosen, or one row more: its parameters with what was typed, and a row to begin with."""
        for name, param in form.params.items():
            field = form[NAMED + name]
            if param.kind == "rows":
                for _ in range(1 if field.entries else BLANK_ROWS + 1):
                    field.append_entry({})
            elif param.default is not None and not field.raw_data:
                field.data = param.default

    def blank_form(self, obj=None):
        return self._with_terms(self._create_form_class, obj)

    def edit_form(self, obj=None):
        return self._with_terms(self._edit_form_class, obj)

    def ordered(self, form):
        """The parameters stand right below the rule they belong to."""
        fields = super().ordered(form)
        terms = [f for f in fields if f.name.startswith(NAMED)]
        rest = [f for f in fields if f not in terms]
        below = 1 + next(i for i, f in enumerate(rest) if f.name == "rule")
        return [*rest[:below], *terms, *rest[below:]]

    def validate_form(self, form):
        if request.method == "POST" and "_redraw" in request.form:
            return False
        return super().validate_form(form)

    def fill(self, form, row, created):
        super().fill(form, row, created)
        row.forms = list(form.forms.data or ())
        row.terms = {name: self._value(p, form[NAMED + name]) for name, p in form.params.items()} if row.rule else {}

    @staticmethod
    def _value(param, field):
        """What was typed, as the rule reads it."""
        if param.kind != "rows":
            return field.data
        filled = []
        for entry in field.entries:
            row = {name: value for name, value in entry.form.data.items() if value not in (None, "", [])}
            if any(value is not False for value in row.values()):
                filled.append({name: value for name, value in row.items() if value is not False})
        return filled

    def problems(self, row, form):
        if row.rule:
            for key, text in rules.check_terms(row.rule, row.terms):
                yield NAMED + key if key in form.params else "rule", text
        if not re.fullmatch(r"[0-9A-Za-z.+\-]{1,20}", row.number or ""):
            yield "number", say(N_("Digits, letters and dots, as in 3.1 or 3.A+."))

    def meaning(self, form, row, created):
        return {"lines": [*rule_lines(row), *form_lines(row), *binding_lines(row.regulation)]}

    def sections(self, row):
        return {
            "buttons": [
                {
                    "url": self.get_url(f"{part.screen}.create_view", clause=row.id),
                    "label": tr(part.add),
                    "style": "default",
                    "name": part.screen,
                }
                for part in PARTS
                if can(f"{part.screen}:create") and (part.model is not SpendingCap or takes_caps(row))
            ],
            "effect": effect_of(row),
            "related": [parts_section(row)],
        }


def effect_of(clause) -> str:
    """What the clause does, and what follows where it is not met; nothing for one that is only read."""
    if clause.rule not in rules.RULES:
        return ""
    return f"{rule_sentence(clause.rule, clause.terms or {})} {severity_sentence(clause.terms or {})}"


# ── What hangs on a clause ───────────────────────────────────────────────────────────────────────────────
class Part(NamedTuple):
    """A kind of row that hangs on clauses; `named` where the row has a name of its own."""

    model: type
    label: str
    add: str
    named: bool

    @property
    def screen(self) -> str:
        return self.model.__name__.lower()


PARTS = (
    Part(ReceptionLevel, N_("Level"), N_("Add a level"), True),
    Part(ApprovalRule, N_("Approval step"), N_("Add an approval step"), False),
    Part(SpendingCap, N_("Spending cap"), N_("Add a cap"), False),
    Part(ChecklistTemplate, N_("Checklist item"), N_("Add a checklist item"), True),
    Part(TourRoute, N_("Tour route"), N_("Add a route"), True),
)


def parts_section(clause) -> dict:
    """What hangs on the clause, and what each part does."""
    lines = []
    for part in PARTS:
        rows = sa.select(part.model).where(part.model.clause_id == clause.identity, part.model.to_version.is_(None))
        for row in db.session.scalars(rows.order_by(part.model.id)):
            text = f"{row} · {part_sentence(row)}" if part.named else part_sentence(row)
            lines.append(line(tr(part.label), text, url=link_to(part.screen, row.id)))
    return section(gettext("What hangs on this clause"), [gettext("Kind"), gettext("Content")], lines, gettext("None."))
