"""The rulebook in force: read from the tables once per version, then kept.

Every change to a regulation makes a new version (`tables.regulations`), so one cheap look-up per request
tells every worker process whether what it keeps is still what binds.
"""

from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock
from typing import Any

import sqlalchemy as sa

from models import (
    ApprovalRule,
    ChecklistTemplate,
    Clause,
    ClauseChoice,
    ReceptionLevel,
    Regulation,
    RulebookVersion,
    SpendingCap,
    TourRoute,
    db,
)
from rules import Contradiction, Rulebook, build, contradictions
from workflow import RegulationState

Document = dict[str, Any]
"""A regulation or a part of it, in the form of its TOML file."""

_kept: "OrderedDict[tuple[str, int, int | None], Rulebook]" = OrderedDict()
_guard = Lock()
KEEP = 64


def current_version() -> int:
    """The number of the rulebook in force; 0 before anything was adopted."""
    return db.session.scalar(sa.select(sa.func.max(RulebookVersion.id))) or 0


def load(version: int | None = None, department_id: int | None = None) -> Rulebook:
    """The rulebook of `version` (None: in force now) as it binds `department_id`.

    A department with a grading regulation of its own is not graded by the company's.
    """
    version = current_version() if version is None else version
    key = (str(db.engine.url), version, department_id)
    with _guard:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    with db.session.no_autoflush:
        book = build(version, documents(version, adopted(version, department_id)), choices(version))
    if version >= db.session().info.get("rulebook_version", version + 1):
        return book  # Half-way through a change of the rulebook: not what others are to be judged by.
    with _guard:
        _kept[key] = book
        while len(_kept) > KEEP:
            _kept.popitem(last=False)
    return book


def _at(model: Any, version: int) -> Any:
    """The rows of `model` as they stood in `version`."""
    return sa.select(model).where(
        model.from_version <= version, sa.or_(model.to_version.is_(None), model.to_version > version)
    )


def adopted(version: int, department_id: int | None) -> list[Regulation]:
    """The regulations that bound `department_id` in `version`."""
    rows = [
        r
        for r in db.session.scalars(_at(Regulation, version).order_by(Regulation.code))
        if r.status == RegulationState.ADOPTED and (r.department_id is None or r.department_id == department_id)
    ]
    if any(r.grades and r.department_id is not None for r in rows):
        rows = [r for r in rows if not (r.grades and r.department_id is None)]
    return rows


def choices(version: int) -> dict[str, str]:
    """The company's choices between contradictory clauses, by the contradiction's key."""
    return {c.key: c.prevails for c in db.session.scalars(_at(ClauseChoice, version))}


def documents(version: int, regulations: Iterable[Regulation]) -> list[Document]:
    """`regulations` as they stood in `version`, in the form of their TOML files."""
    regulations = list(regulations)
    identities = [r.identity for r in regulations]
    clauses: dict[int, list[Clause]] = {}
    for clause in db.session.scalars(_at(Clause, version).where(Clause.regulation_id.in_(identities))):
        clauses.setdefault(clause.regulation_id, []).append(clause)
    keys = [c.identity for rows in clauses.values() for c in rows]
    parts: dict[str, dict[int, list[Any]]] = {}
    for name, model in (
        ("cap", SpendingCap),
        ("step", ApprovalRule),
        ("level", ReceptionLevel),
        ("check", ChecklistTemplate),
        ("route", TourRoute),
    ):
        by_clause = parts[name] = {}
        for row in sorted(
            db.session.scalars(_at(model, version).where(model.clause_id.in_(keys))), key=lambda r: r.identity
        ):
            by_clause.setdefault(row.clause_id, []).append(row)
    out = []
    for regulation in regulations:
        rows = sorted(clauses.get(regulation.identity, ()), key=lambda c: c.identity)
        out.append(
            {
                "code": regulation.code,
                "title": regulation.title,
                "title_en": regulation.title_en,
                "grades": regulation.grades,
                "effective": regulation.effective,
                "clause": [
                    _clause(c, {name: of_kind.get(c.identity, []) for name, of_kind in parts.items()}) for c in rows
                ],
            }
        )
    return out


def _clause(clause: Clause, parts: dict[str, list[Any]]) -> Document:
    data: Document = {"number": clause.number, "kind": str(clause.kind), "zh": clause.text, "en": clause.text_en}
    if not clause.applies:
        data["applies"] = False
    if clause.rule:
        data |= {"rule": clause.rule, "terms": dict(clause.terms or {})}
    if clause.forms:
        data["forms"] = list(clause.forms)
    for level in parts["level"][:1]:
        words = ("rank", "code", "name", "name_en", "qualifies", "hosts")
        lists = ("classes", "categories", "titles")
        data["level"] = {name: getattr(level, name) for name in words} | {n: list(getattr(level, n)) for n in lists}
    for route in parts["route"][:1]:
        data["route"] = {"name": route.name, "stops": list(route.stops)}
    if parts["cap"]:
        data["cap"] = [{"rank": c.rank, "category": c.category, "per_guest": c.per_guest} for c in parts["cap"]]
    if parts["check"]:
        data["check"] = [_check(check) for check in parts["check"]]
    if parts["step"]:
        data["step"] = [_step(step) for step in parts["step"]]
    return data


def _check(row: ChecklistTemplate) -> Document:
    words = {"phase": str(row.phase), "item": row.item, "item_en": row.item_en}
    return words | {"ranks": list(row.ranks or ()), "only_if": str(row.only_if)}


def _step(row: ApprovalRule) -> Document:
    return {
        "subject": str(row.subject),
        "step": row.step,
        "role": str(row.role),
        "rank_from": row.rank_from,
        "rank_to": row.rank_to,
        "amount_from": row.amount_from,
        "only_if": str(row.only_if),
        "when_vacant": str(row.when_vacant),
    }


def undecided(row: Regulation) -> list[Contradiction]:
    """The contradictions that adopting `row` would bring and that the company has not decided yet."""
    version = current_version()
    decided = {c.key for c in contradictions(load(version, row.department_id))} | set(choices(version))
    tried = with_drafts([row], row.department_id, kept={})
    return [c for c in contradictions(tried) if c.key not in decided]


def with_drafts(
    replaced: Iterable[Regulation],
    department_id: int | None = None,
    retired: Iterable[int] = (),
    kept: dict[str, str] | None = None,
) -> Rulebook:
    """The rulebook as it would be were `replaced` adopted too and `retired` (identities) not: for trials and
    adoption."""
    version, replaced = current_version(), list(replaced)
    gone = set(retired) | {r.identity for r in replaced} | {r.replaces_id for r in replaced if r.replaces_id}
    rows = [r for r in adopted(version, department_id) if r.identity not in gone] + replaced
    books = documents(version, sorted(rows, key=lambda r: r.code))
    if any(r.grades for r in replaced):
        # One grades at a time; the others' caps, chains and duties go on binding.
        for book in books:
            book["grades"] = book["grades"] and any(r.code == book["code"] for r in replaced)
    return build(version, books, choices(version) | (kept or {}))


def levels(department_id: int | None) -> list[ReceptionLevel]:
    """The levels that grade the visits of `department_id`, highest first."""
    rows = db.session.execute(
        sa.select(ReceptionLevel, Regulation.department_id)
        .join(Clause, ReceptionLevel.clause_id == Clause.id)
        .join(Regulation, Clause.regulation_id == Regulation.id)
        .where(
            ReceptionLevel.to_version.is_(None),
            Clause.to_version.is_(None),
            Regulation.to_version.is_(None),
            Clause.applies,
            Regulation.status == RegulationState.ADOPTED,
            Regulation.grades,
            sa.or_(Regulation.department_id.is_(None), Regulation.department_id == department_id),
        )
        .order_by(ReceptionLevel.rank, ReceptionLevel.id)
    ).all()
    own = [level for level, of in rows if of is not None]
    return own or [level for level, _ in rows]


__all__ = ["adopted", "choices", "current_version", "documents", "levels", "load", "with_drafts"]
