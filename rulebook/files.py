"""Regulation files: TOML that an office clerk can read, into the tables and out again; mistakes name file and
clause."""

import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import tomli_w

import config
from clauses.words import CheckCondition, CheckPhase, CustomerClass, VisitCategory
from models import (
    ApprovalRule,
    ChecklistTemplate,
    Clause,
    ClauseKind,
    ReceptionLevel,
    Regulation,
    SpendingCap,
    StepCondition,
    Subject,
    TourRoute,
    Vacancy,
    db,
)
from rulebook import versions
from rulebook.versions import Document
from rules import Rulebook, build, check_terms
from workflow import RegulationState, Role

FOLDER = config.ROOT / "seed" / "regulations"
LEVEL: Document = {"name_en": "", "qualifies": "", "hosts": "", "classes": [], "categories": [], "titles": []}
"""What a level says where its file says nothing."""
FORMS = (
    "visit_application",
    "reception_notice",
    "customer_visit_approval",
    "hospitality_request",
    "dispatch_order",
    "visitor_register",
    "visitor_badge",
    "settlement_sheet",
    "reception_record",
    "feedback_form",
    "nda",
    "goods_release",
    "negotiation_record",
    "visit_plan",
    "visit_report",
)
"""The printed forms and registers a clause can ask for; `panel.printing` draws each."""

TEXT, NUMBER, MONEY, LIST = (str,), (int,), (int, Decimal), (list,)
PARTS: dict[str, dict[str, Any]] = {
    "level": {
        "rank": NUMBER,
        "code": TEXT,
        "name": TEXT,
        "name_en": TEXT,
        "qualifies": TEXT,
        "hosts": TEXT,
        "classes": LIST,
        "categories": LIST,
        "titles": LIST,
    },
    "route": {"name": TEXT, "stops": LIST},
    "cap": {"rank": NUMBER, "category": TEXT, "per_guest": MONEY},
    "check": {"phase": TEXT, "item": TEXT, "item_en": TEXT, "ranks": LIST, "only_if": TEXT},
    "step": {
        "subject": TEXT,
        "step": NUMBER,
        "role": TEXT,
        "rank_from": NUMBER,
        "rank_to": NUMBER,
        "amount_from": MONEY,
        "only_if": TEXT,
        "when_vacant": TEXT,
    },
}
MUST = {
    "level": ("rank", "code", "name"),
    "route": ("name", "stops"),
    "cap": ("rank", "category", "per_guest"),
    "check": ("phase", "item"),
    "step": ("subject", "step", "role"),
}
WORDS = {
    ("check", "phase"): CheckPhase,
    ("check", "only_if"): CheckCondition,
    ("step", "subject"): Subject,
    ("step", "role"): Role,
    ("step", "only_if"): StepCondition,
    ("step", "when_vacant"): Vacancy,
    ("level", "classes"): CustomerClass,
    ("level", "categories"): VisitCategory,
}
CLAUSE_KEYS = {"number", "kind", "zh", "en", "rule", "terms", "applies", "forms", *PARTS}
TOP_KEYS = {"code", "title", "title_en", "grades", "clause"}


class BadRegulation(ValueError):
    """A regulation file that can't be carried out; the message names the file and the clause."""


# ── Reading ──────────────────────────────────────────────────────────────────────────────────────
def read(path: Path) -> Document:
    """The regulation in `path`, checked: every clause has its texts, every rule exactly the terms it reads."""
    try:
        data = tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadRegulation(f"{path.name}: {error}") from None
    check(data, path.name)
    return data


def check(data: Document, name: str) -> None:
    """Raise BadRegulation for what in `data` can't be carried out; `name` is how the file is called."""
    for key in ("code", "title", "title_en", "clause"):
        if not data.get(key):
            raise BadRegulation(f"{name}: {key} is missing")
    if set(data) - TOP_KEYS:
        raise BadRegulation(f"{name}: unknown {', '.join(sorted(set(data) - TOP_KEYS))}")
    for clause in data["clause"]:
        where = f"{name}: clause {clause.get('number', '?')}"
        for key in ("number", "kind", "zh", "en"):
            if not isinstance(clause.get(key), str) or not clause[key]:
                raise BadRegulation(f"{where}: {key} is missing")
        unknown = set(clause) - CLAUSE_KEYS
        if unknown:
            raise BadRegulation(f"{where}: unknown {', '.join(sorted(unknown))}")
        if clause["kind"] not in list(ClauseKind):
            raise BadRegulation(f"{where}: unknown kind {clause['kind']}")
        if clause.get("rule"):
            wrong = check_terms(clause["rule"], clause.get("terms", {}))
            if wrong:
                raise BadRegulation(f"{where}: " + " ".join(f"{key or 'rule'}: {text}" for key, text in wrong))
        elif clause.get("terms"):
            raise BadRegulation(f"{where}: terms without a rule")
        if set(clause.get("forms", ())) - set(FORMS):
            raise BadRegulation(f"{where}: unknown form {', '.join(sorted(set(clause['forms']) - set(FORMS)))}")
        for part in PARTS:
            rows = clause.get(part, ())
            for row in [rows] if isinstance(rows, dict) else rows:
                _check_part(where, part, row)


def _check_part(where: str, part: str, row: Document) -> None:
    for key in MUST[part]:
        if key not in row:
            raise BadRegulation(f"{where}: {part} needs {key}")
    for key, value in row.items():
        if key not in PARTS[part]:
            raise BadRegulation(f"{where}: {part} knows no {key}")
        if not isinstance(value, PARTS[part][key]) or isinstance(value, bool):
            raise BadRegulation(f"{where}: {part}.{key} is of the wrong kind")
        allowed = WORDS.get((part, key))
        if allowed and not set(value if isinstance(value, list) else [value]) <= {str(v) for v in allowed}:
            raise BadRegulation(f"{where}: {part}.{key} has an unknown value {value}")
    if part == "step" and row.get("rank_from", 1) > row.get("rank_to", 99):
        raise BadRegulation(f"{where}: step.rank_from lies above rank_to")


def book_of(*codes: str, choices: dict[str, str] | None = None) -> Rulebook:
    """The rulebook of the regulation files on the shelf named by `codes`, without a database."""
    return build(1, [read(FOLDER / f"{code}.toml") for code in codes], choices)


# ── Into the tables ──────────────────────────────────────────────────────────────────────────────
def load(path: Path, adopt: bool = False, department_id: int | None = None) -> Regulation:
    """Store the regulation in `path`, adopted or as a draft. The caller commits."""
    return store(read(path), path.name, adopt, department_id)


def find(code: str) -> Regulation | None:
    return db.session.scalar(sa.select(Regulation).where(Regulation.code == code, Regulation.to_version.is_(None)))


def grading(department_id: int | None) -> Regulation | None:
    """The adopted regulation that grades visits for the department (None: for the company), if there is one."""
    return db.session.scalar(
        sa.select(Regulation).where(
            Regulation.to_version.is_(None),
            Regulation.grades,
            Regulation.status == RegulationState.ADOPTED,
            Regulation.department_id == department_id if department_id else Regulation.department_id.is_(None),
        )
    )


def store(
    data: Document,
    name: str,
    adopt: bool = False,
    department_id: int | None = None,
    code: str | None = None,
    replaces: Regulation | None = None,
) -> Regulation:
    """Store the checked `data` as a regulation of its own, under `code` where given. The caller commits."""
    code = code or data["code"]
    if find(code):
        raise BadRegulation(f"{name}: {code} is there already")
    grades = data.get("grades", False)
    if adopt and grades and grading(department_id) is not None:
        grades = False  # It complements the one that grades already.
    regulation = Regulation(
        code=code,
        title=data["title"],
        title_en=data["title_en"],
        grades=grades,
        department_id=department_id,
        status=RegulationState.ADOPTED if adopt else RegulationState.DRAFT,
        replaces_id=replaces.id if replaces else None,
    )
    db.session.add(regulation)
    db.session.flush()
    add_clauses(regulation, data)
    return regulation


def add_clauses(regulation: Regulation, data: Document) -> None:
    """The clauses of `data` with their levels, routes, caps, items and steps, added to `regulation`."""
    for item in data["clause"]:
        clause = Clause(
            regulation_id=regulation.id,
            number=item["number"],
            kind=ClauseKind(item["kind"]),
            text=item["zh"],
            text_en=item["en"],
            rule=item.get("rule"),
            terms=item.get("terms", {}),
            forms=item.get("forms", []),
            applies=item.get("applies", True),
        )
        db.session.add(clause)
        db.session.flush()
        db.session.add_all(_parts(clause.id, item))
    db.session.flush()


def _parts(clause: int, item: Document) -> Iterator[Any]:
    """The rows of other tables that a clause brings: its level, route, caps, checklist items and approval steps."""
    if "level" in item:
        yield ReceptionLevel(clause_id=clause, **(LEVEL | item["level"]))
    if "route" in item:
        yield TourRoute(clause_id=clause, **item["route"])
    for cap in item.get("cap", ()):
        amount = Decimal(cap["per_guest"])
        yield SpendingCap(clause_id=clause, rank=cap["rank"], category=cap["category"], per_guest=amount)
    for row in item.get("check", ()):
        yield ChecklistTemplate(
            clause_id=clause,
            phase=CheckPhase(row["phase"]),
            item=row["item"],
            item_en=row.get("item_en", ""),
            ranks=row.get("ranks", []),
            only_if=CheckCondition(row.get("only_if", "")),
        )
    for step in item.get("step", ()):
        yield ApprovalRule(
            clause_id=clause,
            subject=Subject(step["subject"]),
            step=step["step"],
            role=Role(step["role"]),
            rank_from=step.get("rank_from", 1),
            rank_to=step.get("rank_to", 99),
            amount_from=Decimal(step.get("amount_from", 0)),
            only_if=StepCondition(step.get("only_if", "")),
            when_vacant=Vacancy(step.get("when_vacant", "refuse")),
        )


# ── Out again ────────────────────────────────────────────────────────────────────────────────────
def export(regulation: Regulation) -> Document:
    """`regulation` as it stands now, as the data of its TOML file."""
    data = versions.documents(versions.current_version(), [regulation])[0]
    data.pop("effective")
    # Whether it can grade is the regulation's; whether it does is the company's.
    data["grades"] = any("level" in clause for clause in data["clause"])
    if not data["grades"]:
        data.pop("grades")
    return data


def write(data: Document) -> str:
    """`data` as TOML text; whole amounts are written without decimals."""
    return tomli_w.dumps(_plain(data), multiline_strings=False)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else value
    return value


def normal(data: Document) -> Document:
    """`data` with every default spelt out: two files that mean the same are equal in this form."""
    defaults: dict[str, Document] = {
        "level": LEVEL,
        "check": {"item_en": "", "ranks": [], "only_if": ""},
        "step": {"rank_from": 1, "rank_to": 99, "amount_from": 0, "only_if": "", "when_vacant": "refuse"},
        "route": {},
        "cap": {},
    }
    out: Document = {"grades": False, **{k: v for k, v in data.items() if k != "clause"}, "clause": []}
    for clause in data["clause"]:
        full: Document = {"rule": None, "terms": {}, "forms": [], "applies": True} | clause
        for part, given in defaults.items():
            if part in full:
                full[part] = (
                    {**given, **full[part]}
                    if isinstance(full[part], dict)
                    else [{**given, **row} for row in full[part]]
                )
        out["clause"].append(_plain(full))
    return out
