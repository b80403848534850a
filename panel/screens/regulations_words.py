"""What a clause and what hangs on it does, in words: the sentences of the rulebook's screens."""

from decimal import Decimal

import sqlalchemy as sa
from flask_babel import gettext

import rules
from clauses.words import CustomerClass, VisitCategory
from core.text import N_
from models import (
    ApprovalRule,
    Category,
    ChecklistTemplate,
    ReceptionLevel,
    Regulation,
    SpendingCap,
    TourRoute,
    Vacancy,
    Visit,
    db,
)
from panel.access import actor
from panel.findings import remark
from panel.i18n import show, tr
from panel.printing.blocks import FORMS
from rulebook import versions
from workflow import RegulationState, Role


def rule_title(kind: str | None) -> str:
    """The name of a rule for people."""
    return tr(rules.RULES[kind].title) if kind in rules.RULES else ""


def rule_sentence(kind: str, terms: dict) -> str:
    """What a clause with this rule and these parameters does, in one sentence."""
    rule = rules.RULES[kind]
    values = {name: value_label(p, terms[name]) if name in terms else "…" for name, p in rule.params.items()}
    return tr(rule.says).format(**values)


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


def ranks_label(ranks) -> str:
    return gettext("rank %(ranks)s", ranks="、".join(str(r) for r in ranks)) if ranks else gettext("every level")


def category_label(code: str) -> str:
    """A category of hospitality as a cap names it: `all` is every one of them."""
    return tr(N_("Every category")) if code == "all" else tr(Category(code).label)


def severity_sentence(terms: dict) -> str:
    if "severity" not in terms:
        return ""
    return {
        "block": gettext("Where it is not met, it goes no further."),
        "explain": gettext("Where it is not met, a written reason is needed."),
        "note": gettext("Where it is not met, it is noted; nothing is held up."),
    }[terms["severity"]]


def part_sentence(row) -> str:
    """What a level, step, cap, checklist item or route does, in one sentence."""
    return SENTENCES[type(row)](row)


def cap_sentence(cap: SpendingCap) -> str:
    return gettext(
        "%(category)s for guests of rank %(rank)s cost at most %(cap)s CNY per guest; above it a reason is needed.",
        category=category_label(cap.category or "all"),
        rank=cap.rank or "…",
        cap=show(Decimal(cap.per_guest)) if cap.per_guest is not None else "…",
    )


def step_sentence(step: ApprovalRule) -> str:
    every = (step.rank_from or 1) <= 1 and (step.rank_to or 99) >= 99
    sentences = [
        gettext(
            "%(subject)s %(ranks)s: %(role)s decides at place %(step)s.",
            subject=tr(step.subject) if step.subject else "…",
            role=tr(step.role) if step.role else "…",
            step=step.step or "…",
            ranks=gettext("of every rank")
            if every
            else gettext("of rank %(first)s to %(last)s", first=step.rank_from, last=step.rank_to),
        )
    ]
    if step.amount_from:
        sentences.append(gettext("Only from %(amount)s CNY upward.", amount=show(Decimal(step.amount_from))))
    if step.only_if:
        sentences.append(gettext("Condition: %(condition)s.", condition=tr(step.only_if)))
    if step.when_vacant == Vacancy.SKIP:
        sentences.append(gettext("Where nobody can decide, the step is skipped."))
    return " ".join(sentences)


def item_sentence(item: ChecklistTemplate) -> str:
    return gettext(
        "Every approved visit of %(ranks)s gets this item (%(when)s, %(condition)s); it has to be ticked.",
        ranks=ranks_label(item.ranks or []),
        when=tr(item.phase) if item.phase else "…",
        condition=tr(item.only_if) if item.only_if is not None else "…",
    )


def route_sentence(route: TourRoute) -> str:
    return gettext(
        "Visits can choose this route of %(count)s stops; it is printed on the application and the notice.",
        count=len(route.stops or ()),
    )


def level_sentence(level: ReceptionLevel) -> str:
    sentences = [
        gettext(
            "Level %(level)s (rank %(rank)s) can be chosen for visits where its regulation grades.",
            level=level.code or "…",
            rank=level.rank or "…",
        )
    ]
    chosen = [CustomerClass(c) for c in level.classes or ()] + [VisitCategory(c) for c in level.categories or ()]
    suggested = show([*map(tr, chosen), *(level.titles or ())])
    if suggested:
        sentences.append(gettext("It is suggested for: %(who)s.", who=suggested))
    return " ".join(sentences)


SENTENCES = {
    SpendingCap: cap_sentence,
    ApprovalRule: step_sentence,
    ChecklistTemplate: item_sentence,
    TourRoute: route_sentence,
    ReceptionLevel: level_sentence,
}
"""What hangs on a clause, and the sentence that says what it does."""


# ── What a form would mean ───────────────────────────────────────────────────────────────────────────────
def rule_lines(clause) -> list[dict]:
    """What the clause would do, and which clauses speak of the same already."""
    if clause.rule not in rules.RULES:
        text = gettext(
            "Without a rule the clause is only read, unless levels, steps, caps, items or routes hang on it."
        )
        return [] if clause.forms else [remark(text, "fine")]
    # A parameter that is not filled in yet, or that the rule cannot read, stays a gap in the sentence.
    params = rules.RULES[clause.rule].params
    terms = {name: value for name, value in clause.terms.items() if params[name].wrong(value) is None}
    lines = [remark(rule_sentence(clause.rule, terms), "good")]
    if severity_sentence(terms):
        lines.append(remark(severity_sentence(terms)))
    book = versions.load(None, actor().department_id)
    clauses = " ".join(dict.fromkeys(terms.clause for terms in book.of(clause.rule)))
    if clauses:
        text = gettext("In force already on the same thing: %(clauses)s; the stricter binds.", clauses=clauses)
        lines.append(remark(text, "fine"))
    return lines


def form_lines(clause) -> list[dict]:
    """Which forms the clause would offer for printing."""
    titles = [FORMS[name].title for name in clause.forms or () if name in FORMS]
    if not clause.forms:
        return []
    return [remark(gettext("These forms are offered for printing: %(forms)s", forms=show(titles)))]


def binding_lines(regulation: Regulation | None) -> list[dict]:
    """From when a change of a clause of `regulation` binds."""
    if regulation is None:
        return []
    if regulation.status != RegulationState.ADOPTED:
        text = gettext(
            "%(code)s is not adopted: nothing changes until it is. Try it on past visits first (Trial runs).",
            code=regulation.code,
        )
        return [remark(text, "fine")]
    drafts = sa.select(Visit.id).where(Visit.status.in_(Visit.process.editable)).limit(1000)
    text = gettext(
        "Binds from the moment it is saved: %(drafts)s visits still being written are judged by it; "
        "what is submitted already keeps its rules.",
        drafts=db.session.scalar(sa.select(sa.func.count()).select_from(drafts.subquery())),
    )
    return [remark(text, "warn")]


def neighbours(row) -> list[dict]:
    """What the rulebook in force says of the same thing already."""
    book = versions.load(None, actor().department_id)
    if isinstance(row, SpendingCap) and row.rank and row.category:
        lowest = rules.cap_for(book, row.category, row.rank, None)
        if lowest:
            cap, clause = lowest
            text = gettext(
                "Today the lowest cap is %(cap)s CNY (%(clause)s); the lowest binds.", cap=show(cap), clause=clause
            )
            return [remark(text)]
    if isinstance(row, ApprovalRule) and row.subject and row.rank_from:
        steps = rules.chain(
            book,
            str(row.subject),
            rank=row.rank_from,
            amount=Decimal(row.amount_from or 0),
            conditions=frozenset({str(row.only_if)}),
            day=None,
        )
        chain = " → ".join(f"{tr(Role(step.role))} ({step.clause})" for step in steps)
        return [remark(gettext("Today's chain there: %(chain)s", chain=chain or gettext("nobody")))]
    return []
