"""The rulebook in force: read from the tables once per version, then kept.

Every change to a regulation makes a new version (`tables.regulations`), so one cheap look-up per request
tells every worker process whether what it keeps is still what binds.
"""

from collections import OrderedDict
from threading import Lock

import sqlalchemy as sa

from models import ApprovalRule, Clause, ReceptionLevel, Regulation, RulebookVersion, SpendingCap, db
from rules import Rulebook, Step, Terms
from workflow import RegulationState

_kept: "OrderedDict[tuple, Rulebook]" = OrderedDict()
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
    book = _read(version, department_id)
    with _guard:
        _kept[key] = book
        while len(_kept) > KEEP:
            _kept.popitem(last=False)
    return book


def _at(model, version: int):
    """The rows of `model` as they stood in `version`."""
    return sa.select(model).where(model.from_version <= version, sa.or_(model.to_version.is_(None), model.to_version > version))


def _read(version: int, department_id: int | None) -> Rulebook:
    with db.session.no_autoflush:
        adopted = {r.identity: r for r in db.session.scalars(_at(Regulation, version)) if r.status == RegulationState.ADOPTED
                   and (r.department_id is None or r.department_id == department_id)}
        own_grading = any(r.grades and r.department_id is not None for r in adopted.values())
        if own_grading:
            adopted = {i: r for i, r in adopted.items() if not (r.grades and r.department_id is None)}
        clauses = {c.identity: c for c in db.session.scalars(_at(Clause, version)) if c.regulation_id in adopted and c.applies}
        caps: dict[int, dict] = {}
        for cap in db.session.scalars(_at(SpendingCap, version)):
            caps.setdefault(cap.clause_id, {})[(cap.category, cap.rank)] = cap.per_guest
        terms: dict[str, list[Terms]] = {}
        for clause in clauses.values():
            if clause.rule:
                regulation = adopted[clause.regulation_id]
                params = dict(clause.terms or {})
                if clause.identity in caps:
                    params["per_guest"] = caps[clause.identity]
                terms.setdefault(clause.rule, []).append(Terms(f"{regulation.code}-{clause.number}", params, regulation.effective))
        steps = []
        for rule in db.session.scalars(_at(ApprovalRule, version)):
            clause = clauses.get(rule.clause_id)
            if clause is not None:
                regulation = adopted[clause.regulation_id]
                steps.append(Step(f"{regulation.code}-{clause.number}", str(rule.subject), rule.step, str(rule.role), rule.rank_from,
                                  rule.rank_to, rule.amount_from, str(rule.only_if), str(rule.when_vacant), regulation.effective))
    return Rulebook(version, {kind: tuple(found) for kind, found in terms.items()}, tuple(steps))


def levels(department_id: int | None) -> list[ReceptionLevel]:
    """The levels that grade the visits of `department_id`, highest first."""
    rows = db.session.execute(
        sa.select(ReceptionLevel, Regulation.department_id).join(Clause, ReceptionLevel.clause_id == Clause.id)
        .join(Regulation, Clause.regulation_id == Regulation.id)
        .where(ReceptionLevel.to_version.is_(None), Clause.to_version.is_(None), Regulation.to_version.is_(None), Clause.applies,
               Regulation.status == RegulationState.ADOPTED, Regulation.grades,
               sa.or_(Regulation.department_id.is_(None), Regulation.department_id == department_id))
        .order_by(ReceptionLevel.rank, ReceptionLevel.id)).all()
    own = [level for level, of in rows if of is not None]
    return own or [level for level, _ in rows]
