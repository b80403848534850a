"""The screens of clauses and what hangs on them: real fields for a rule's parameters, and the effect of a change in words."""

import re
from decimal import Decimal

import sqlalchemy as sa
from flask import request
from flask_admin.helpers import get_form_data
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FieldList, Form, FormField, IntegerField, SelectField, StringField
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
    Visit,
    db,
)
from panel.access import actor, can
from panel.forms import Boxes, LinesField, RanksField, tidy
from panel.i18n import show, tr
from panel.live import Live
from panel.printing.forms import FORMS
from panel.sections import section, url_of
from panel.views import PanelView
from rulebook import versions
from workflow import RegulationState, Role


def category_label(code: str) -> str:
    """A category of hospitality as a cap names it: `all` is every one of them."""
    return tr(N_("Every category")) if code == "all" else tr(Category(code).label)


# ── What a clause does, in words ─────────────────────────────────────────────────────────────────
def ranks_label(ranks) -> str:
    return gettext("rank %(ranks)s", ranks="、".join(str(r) for r in ranks)) if ranks else gettext("every level")


def value_label(param: rules.Param, value) -> str:
    """The value of a parameter as people read it."""
    if param.kind == "ranks":
        return ranks_label(value)
    if param.kind == "one":
        return tr(param.choices(value))
    if param.kind == "many":
        return show([tr(param.choices(v)) for v in value])
    if param.kind == "rows":
        return "；".join(
            show([f"{tr(p.label)} {value_label(p, row[n])}" for n, p in param.columns.items() if n in row])
            for row in value
        )
    return show(value)


def rule_sentence(kind: str, terms: dict) -> str:
    """What a clause with this rule and these parameters does, in one sentence."""
    rule = rules.RULES[kind]
    values = {name: value_label(p, terms[name]) if name in terms else "…" for name, p in rule.params.items()}
    return tr(rule.says).format(**values)


def severity_sentence(terms: dict) -> str:
    if "severity" not in terms:
        return ""
    return {
        "block": gettext("Where it is not met, it goes no further."),
        "explain": gettext("Where it is not met, a written reason is needed."),
        "note": gettext("Where it is not met, it is noted; nothing is held up."),
    }[terms["severity"]]


def binding_lines(regulation: Regulation | None) -> list[dict]:
    """From when a change of a clause of `regulation` binds."""
    if regulation is None:
        return []
    if regulation.status != RegulationState.ADOPTED:
        return [
            {
                "tone": "fine",
                "text": gettext(
                    "%(code)s is not adopted: nothing changes until it is. Try it on past visits first (Trial runs).",
                    code=regulation.code,
                ),
            }
        ]
    drafts = db.session.scalar(
        sa.select(sa.func.count()).select_from(
            sa.select(Visit.id).where(Visit.status.in_(Visit.process.editable)).limit(1000).subquery()
        )
    )
    return [
        {
            "tone": "warn",
            "text": gettext(
                "Binds from the moment it is saved: %(drafts)s visits still being written are judged by it; what is submitted already keeps its rules.",
                drafts=drafts,
            ),
        }
    ]


def part_sentence(row) -> str:
    """What a level, step, cap, checklist item or route does, in one sentence."""
    if isinstance(row, SpendingCap):
        return gettext(
            "%(category)s for guests of rank %(rank)s cost at most %(cap)s CNY per guest; above it a reason is needed.",
            category=category_label(row.category or "all"),
            rank=row.rank or "…",
            cap=show(Decimal(row.per_guest)) if row.per_guest is not None else "…",
        )
    if isinstance(row, ApprovalRule):
        parts = {
            "subject": tr(row.subject) if row.subject else "…",
            "role": tr(row.role) if row.role else "…",
            "step": row.step or "…",
            "ranks": gettext("of every rank")
            if (row.rank_from or 1) <= 1 and (row.rank_to or 99) >= 99
            else gettext("of rank %(first)s to %(last)s", first=row.rank_from, last=row.rank_to),
        }
        text = gettext("%(subject)s %(ranks)s: %(role)s decides at place %(step)s.", **parts)
        if row.amount_from:
            text += " " + gettext("Only from %(amount)s CNY upward.", amount=show(Decimal(row.amount_from)))
        if row.only_if:
            text += " " + gettext("Condition: %(condition)s.", condition=tr(row.only_if))
        return text + (
            " " + gettext("Where nobody can decide, the step is skipped.") if row.when_vacant == "skip" else ""
        )
    if isinstance(row, ChecklistTemplate):
        return gettext(
            "Every approved visit of %(ranks)s gets this item (%(when)s, %(condition)s); it has to be ticked.",
            ranks=ranks_label(row.ranks or []),
            when=tr(row.phase) if row.phase else "…",
            condition=tr(row.only_if) if row.only_if is not None else "…",
        )
    if isinstance(row, TourRoute):
        return gettext(
            "Visits can choose this route of %(count)s stops; it is printed on the application and the notice.",
            count=len(row.stops or ()),
        )
    who = show([tr(c) for c in _choices(row)] + list(row.titles or ()))
    return gettext(
        "Level %(level)s (rank %(rank)s) can be chosen for visits where its regulation grades.",
        level=row.code or "…",
        rank=row.rank or "…",
    ) + (" " + gettext("It is suggested for: %(who)s.", who=who) if who else "")


def _choices(level):
    from clauses.words import CustomerClass, VisitCategory

    return [CustomerClass(c) for c in level.classes or ()] + [VisitCategory(c) for c in level.categories or ()]


def neighbours(row) -> list[dict]:
    """What the rulebook in force says of the same thing already."""
    book, lines = versions.load(None, actor().department_id), []
    if isinstance(row, SpendingCap) and row.rank and row.category:
        found = rules.cap_for(book, row.category, row.rank, None)
        if found:
            lines.append(
                gettext(
                    "Today the lowest cap is %(cap)s CNY (%(clause)s); the lowest binds.",
                    cap=show(found[0]),
                    clause=found[1],
                )
            )
    if isinstance(row, ApprovalRule) and row.subject and row.rank_from:
        chain = rules.chain(
            book,
            str(row.subject),
            rank=row.rank_from,
            amount=Decimal(row.amount_from or 0),
            conditions=frozenset({str(row.only_if)}),
            day=None,
        )
        lines.append(
            gettext(
                "Today's chain there: %(chain)s",
                chain=" → ".join(f"{tr(Role(s.role))} ({s.clause})" for s in chain) or gettext("nobody"),
            )
        )
    return [{"tone": "", "text": text} for text in lines]


def takes_caps(clause: Clause) -> bool:
    """Whether caps can hang on `clause`: a parameter of its rule is made of them."""
    return clause.rule in rules.RULES and "cap" in rules.RULES[clause.rule].parts


# ── Screens ──────────────────────────────────────────────────────────────────────────────────────
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

    def meaning(self, form, row, created):
        regulation = db.session.get(Regulation, row.clause.regulation_id) if row.clause is not None else None
        return {"lines": [{"tone": "good", "text": part_sentence(row)}, *neighbours(row), *binding_lines(regulation)]}

    def problems(self, row, form):
        for name in ("rank", "rank_from", "rank_to", "step"):
            value = getattr(row, name, 1)
            if value is not None and not 1 <= value <= 99:
                yield name, say(N_("A number from 1 to 99."))
        if hasattr(row, "rank_from") and row.rank_from and row.rank_to and row.rank_from > row.rank_to:
            yield "rank_to", say(N_("The last rank does not come before the first."))
        if hasattr(row, "per_guest") and row.per_guest is not None and row.per_guest < 0:
            yield "per_guest", say(N_("An amount is not negative."))
        if isinstance(row, TourRoute) and not row.stops:
            yield "stops", say(N_("Write at least one stop."))
        if isinstance(row, SpendingCap) and row.clause is not None and not takes_caps(row.clause):
            yield "clause", say(N_("A cap hangs on a clause with the rule “Cap per guest”."))

    def sections(self, row):
        return {"effect": part_sentence(row)}


class CapScreen(TermsScreen):
    form_extra = {
        "category": SelectField(
            _l("Category"),
            [InputRequired()],
            choices=lambda: [(c, category_label(c)) for c in ("all", *map(str, Category))],
        )
    }
    column_formatters = {"category": lambda v, c, row, n: category_label(row.category)}


def field_of(param: rules.Param, compact: bool = False):
    """The form field of a parameter."""
    label = _l(param.label)
    if param.kind == "ranks":
        return RanksField(
            label, [Optional()], description="" if compact else _l("For example 1, 2 or 1-3; empty: every level.")
        )
    if param.kind == "whole":
        return IntegerField(label, [InputRequired(), NumberRange(param.least, param.most)])
    if param.kind == "yes":
        return BooleanField(label)
    if param.kind == "one":
        return SelectField(label, [InputRequired()], choices=[(str(c), _l(c.label)) for c in param.choices])
    if param.kind == "many":
        return Boxes(label, [Optional()], choices=[(str(c), _l(c.label)) for c in param.choices if str(c)])
    if param.kind == "words":
        return LinesField(label, [Optional() if compact else InputRequired()], description=_l("One per line."))
    if param.kind == "rows":
        columns = {name: field_of(p, True) for name, p in param.columns.items()}
        for column in columns.values():
            # A row left blank is no row: nothing in it is required by itself.
            given = column.args[1] if len(column.args) > 1 else ()
            column.args, column.kwargs["validators"] = (
                column.args[:1],
                [Optional(), *(v for v in given if not isinstance(v, InputRequired | Optional))],
            )
        return FieldList(FormField(type("Row", (Form,), columns)), label, min_entries=0)
    return StringField(label, [InputRequired(), Length(max=60)], filters=[tidy])


BLANK_ROWS = 2
NAMED = "term_"


def params_of(kind: str | None) -> dict[str, rules.Param]:
    """The parameters a clause form asks for; derived ones come from other tables."""
    rule = rules.RULES.get(kind or "")
    return {name: p for name, p in rule.params.items() if p.kind != "derived"} if rule and rule.typed else {}


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
            choices=lambda: (
                [("", "—")] + sorted(((k, tr(r.title)) for k, r in rules.RULES.items() if r.typed), key=lambda c: c[1])
            ),
            filters=[lambda v: v or None],
            render_kw={"data-redraw": "1"},
            description=_l("What the software does with the clause; its parameters follow below."),
        )
        form.forms = Boxes(self.label_of("forms"), [Optional()], choices=[(name, f.title) for name, f in FORMS.items()])
        return form

    def _with_terms(self, base, obj):
        """The form with the parameters of the chosen rule as fields."""
        typed = get_form_data()
        kind = (typed.get("rule") if typed is not None else request.args.get("rule")) or (
            obj.rule if obj is not None and typed is None else None
        )
        wanted, terms = params_of(kind), (obj.terms or {}) if obj is not None and obj.rule == kind else {}
        form = type("ClauseForm", (base,), {NAMED + name: field_of(p) for name, p in wanted.items()})(typed, obj=obj)
        form.wanted = wanted
        if typed is None:
            if kind:
                form.rule.data = kind
            for name, param in wanted.items():
                value = terms.get(name, param.default)
                field = form[NAMED + name]
                if param.kind == "rows":
                    for row in [*(value or ()), *([{}] * BLANK_ROWS)]:
                        field.append_entry(row)
                elif value is not None:
                    field.data = value
        if typed is not None and "_redraw" in typed:
            # Another rule was chosen: draw its parameters, and one row to begin with.
            for name, param in wanted.items():
                if param.kind == "rows":
                    for _ in range(1 if form[NAMED + name].entries else BLANK_ROWS + 1):
                        form[NAMED + name].append_entry({})
                elif param.default is not None and not form[NAMED + name].raw_data:
                    form[NAMED + name].data = param.default
        return form

    def blank_form(self, obj=None):
        return self._with_terms(self._create_form_class, obj)

    def edit_form(self, obj=None):
        return self._with_terms(self._edit_form_class, obj)

    def ordered(self, form):
        """The parameters stand right below the rule they belong to."""
        fields = super().ordered(form)
        terms = [f for f in fields if f.name.startswith(NAMED)]
        others = [f for f in fields if f not in terms]
        below = 1 + next(i for i, f in enumerate(others) if f.name == "rule")
        return others[:below] + terms + others[below:]

    def validate_form(self, form):
        if request.method == "POST" and "_redraw" in request.form:
            return False
        return super().validate_form(form)

    def fill(self, form, row, created):
        super().fill(form, row, created)
        row.forms = list(form.forms.data or ())
        row.terms = {name: self._value(p, form[NAMED + name]) for name, p in form.wanted.items()} if row.rule else {}

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
                yield NAMED + key if key in form.wanted else "rule", text
        if not re.fullmatch(r"[0-9A-Za-z.+\-]{1,20}", row.number or ""):
            yield "number", say(N_("Digits, letters and dots, as in 3.1 or 3.A+."))

    def meaning(self, form, row, created):
        lines = []
        if row.rule in rules.RULES:
            lines.append({"tone": "good", "text": rule_sentence(row.rule, row.terms)})
            if severity_sentence(row.terms):
                lines.append({"tone": "", "text": severity_sentence(row.terms)})
            same = [c for c in dict.fromkeys(t.clause for t in versions.load(None, actor().department_id).of(row.rule))]
            if same:
                lines.append(
                    {
                        "tone": "fine",
                        "text": gettext(
                            "In force already on the same thing: %(clauses)s; the stricter binds.",
                            clauses=" ".join(same),
                        ),
                    }
                )
        elif not row.forms:
            lines.append(
                {
                    "tone": "fine",
                    "text": gettext(
                        "Without a rule the clause is only read, unless levels, steps, caps, items or routes hang on it."
                    ),
                }
            )
        if row.forms:
            lines.append(
                {
                    "tone": "",
                    "text": gettext(
                        "These forms are offered for printing: %(forms)s",
                        forms=show([FORMS[f].title for f in row.forms if f in FORMS]),
                    ),
                }
            )
        return {"lines": lines + binding_lines(row.regulation)}

    def sections(self, row):
        add = [
            {
                "url": self.get_url(f"{screen}.create_view", clause=row.id),
                "label": label,
                "style": "default",
                "name": screen,
            }
            for screen, label in (
                ("approvalrule", gettext("Add an approval step")),
                ("checklisttemplate", gettext("Add a checklist item")),
                ("receptionlevel", gettext("Add a level")),
                ("spendingcap", gettext("Add a cap")),
                ("tourroute", gettext("Add a route")),
            )
            if can(f"{screen}:create") and (screen != "spendingcap" or takes_caps(row))
        ]
        return {
            "buttons": add,
            "effect": rule_sentence(row.rule, row.terms or {}) + " " + severity_sentence(row.terms or {})
            if row.rule in rules.RULES
            else "",
            "related": [
                section(
                    gettext("What hangs on this clause"),
                    [gettext("Kind"), gettext("Content")],
                    self._parts(row),
                    gettext("None."),
                )
            ],
        }

    @staticmethod
    def _parts(row):
        out = []
        for model, screen, label in (
            (ReceptionLevel, "receptionlevel", N_("Level")),
            (ApprovalRule, "approvalrule", N_("Approval step")),
            (SpendingCap, "spendingcap", N_("Spending cap")),
            (ChecklistTemplate, "checklisttemplate", N_("Checklist item")),
            (TourRoute, "tourroute", N_("Tour route")),
        ):
            for part in db.session.scalars(
                sa.select(model).where(model.clause_id == row.identity, model.to_version.is_(None)).order_by(model.id)
            ):
                name = f"{part} · " if screen in ("receptionlevel", "checklisttemplate", "tourroute") else ""
                out.append({"cells": [tr(label), name + part_sentence(part)], "url": url_of(screen, part.id)})
        return out


def rule_title(kind: str | None) -> str:
    """The name of a rule for people."""
    return tr(rules.RULES[kind].title) if kind in rules.RULES else ""
