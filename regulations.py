"""Regulation files: TOML that an office clerk can read, into the tables; mistakes name file and clause."""

import tomllib
from decimal import Decimal
from pathlib import Path

import sqlalchemy as sa

from models import ApprovalRule, Clause, ClauseKind, ReceptionLevel, Regulation, SpendingCap, StepCondition, Subject, Vacancy, db
from rules import check_terms
from workflow import RegulationState, Role

FOLDER = Path(__file__).parent / "seed" / "regulations"
CLAUSE_KEYS = {"number", "kind", "zh", "en", "rule", "terms", "applies", "step", "cap", "level"}


class BadRegulation(ValueError):
    """A regulation file that can't be carried out; the message names the file and the clause."""


def read(path: Path) -> dict:
    """The regulation in `path`, checked: every clause has its texts, every rule exactly the terms it reads."""
    try:
        data = tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise BadRegulation(f"{path.name}: {error}") from None
    for key in ("code", "title", "title_en", "clause"):
        if not data.get(key):
            raise BadRegulation(f"{path.name}: {key} is missing")
    for clause in data["clause"]:
        where = f"{path.name}: clause {clause.get('number', '?')}"
        for key in ("number", "kind", "zh", "en"):
            if not clause.get(key):
                raise BadRegulation(f"{where}: {key} is missing")
        unknown = set(clause) - CLAUSE_KEYS
        if unknown:
            raise BadRegulation(f"{where}: unknown {', '.join(sorted(unknown))}")
        if clause["kind"] not in list(ClauseKind):
            raise BadRegulation(f"{where}: unknown kind {clause['kind']}")
        if clause.get("rule"):
            terms = {**clause.get("terms", {}), **({"per_guest": {}} if clause["rule"] == "spending_cap" else {})}
            wrong = check_terms(clause["rule"], terms)
            if wrong:
                raise BadRegulation(f"{where}: {' '.join(wrong)}")
        elif clause.get("terms"):
            raise BadRegulation(f"{where}: terms without a rule")
    return data


def load(path: Path, adopt: bool = False, department_id: int | None = None) -> Regulation:
    """Store the regulation in `path`, adopted or as a draft. The caller commits."""
    data = read(path)
    if db.session.scalar(sa.select(Regulation.id).where(Regulation.code == data["code"], Regulation.to_version.is_(None))):
        raise BadRegulation(f"{path.name}: {data['code']} is there already")
    regulation = Regulation(code=data["code"], title=data["title"], title_en=data["title_en"], grades=data.get("grades", False), department_id=department_id,
                            status=RegulationState.ADOPTED if adopt else RegulationState.DRAFT)
    db.session.add(regulation)
    db.session.flush()
    for item in data["clause"]:
        clause = Clause(regulation_id=regulation.id, number=item["number"], kind=ClauseKind(item["kind"]), text=item["zh"], text_en=item["en"],
                        rule=item.get("rule"), terms=item.get("terms", {}), applies=item.get("applies", True))
        db.session.add(clause)
        db.session.flush()
        if "level" in item:
            db.session.add(ReceptionLevel(clause_id=clause.id, **item["level"]))
        for cap in item.get("cap", ()):
            db.session.add(SpendingCap(clause_id=clause.id, rank=cap["rank"], category=cap["category"], per_guest=Decimal(cap["per_guest"])))
        for step in item.get("step", ()):
            db.session.add(ApprovalRule(
                clause_id=clause.id, subject=Subject(step["subject"]), step=step["step"], role=Role(step["role"]), rank_from=step.get("rank_from", 1),
                rank_to=step.get("rank_to", 99), amount_from=Decimal(step.get("amount_from", 0)), only_if=StepCondition(step.get("only_if", "")),
                when_vacant=Vacancy(step.get("when_vacant", "refuse"))))
    db.session.flush()
    return regulation
