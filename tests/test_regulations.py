"""The eighteen regulations: every clause is there, and every clause is carried out by something that exists."""

from pathlib import Path

import pytest

from clauses.words import CycleKind
from models import InspectionKind
from panel.printing.forms import FORMS
from rulebook import files
from rules import RULES, check_terms
from workflow import PROCESSES

CODES = [f"R{n:02d}" for n in range(1, 19)]
INDEX = [
    line.split()
    for line in (Path(__file__).parent / "regulation_index.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
]
SHELF = {code: files.read(files.FOLDER / f"{code}.toml") for code in CODES}


def clauses_of(code, number):
    return [c for c in SHELF[code]["clause"] if c["number"] == number]


def carried_out(clause) -> list[str]:
    """What in the software reads the clause."""
    return [part for part in ("rule", "step", "cap", "level", "check", "route", "forms") if clause.get(part)]


@pytest.mark.parametrize(
    ("code", "number", "kinds"),
    [(code, number, kinds) for code, number, *kinds in INDEX],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_every_clause_is_there_with_every_kind_it_has(code, number, kinds):
    found = clauses_of(code, number)
    assert found, f"{code}-{number} is missing"
    assert {c["kind"] for c in found} >= set(kinds), f"{code}-{number}"


def test_there_is_no_clause_that_no_regulation_has():
    known = {(code, number) for code, number, *_ in INDEX}
    assert {(code, c["number"]) for code in CODES for c in SHELF[code]["clause"]} == known


@pytest.mark.parametrize("code", CODES)
def test_no_clause_is_decoration(code):
    for clause in SHELF[code]["clause"]:
        assert carried_out(clause), f"{code}-{clause['number']} {clause['kind']} is read by nothing"
        if clause["kind"] == "conduct":
            assert clause["rule"] == "conduct" and clause["terms"]["criteria"], (
                f"{code}-{clause['number']}: conduct is scored in assessments"
            )
        assert clause["zh"] != clause["en"] and not clause["zh"].isascii() and clause["en"].isprintable()


@pytest.mark.parametrize("code", CODES)
def test_what_a_clause_names_exists(code):
    for clause in SHELF[code]["clause"]:
        where = f"{code}-{clause['number']}"
        if clause.get("rule"):
            assert (
                clause["rule"] in RULES
                and RULES[clause["rule"]].typed
                and not check_terms(clause["rule"], clause.get("terms", {}))
            ), where
        assert set(clause.get("forms", ())) <= set(FORMS), where
        for step in clause.get("step", ()):
            assert "approve" in PROCESSES[step["subject"]].by_name, where
        if clause.get("rule") == "cycle":
            recorded = {str(k) for k in InspectionKind} | {
                CycleKind.TRAINING,
                CycleKind.ASSESSMENT,
                CycleKind.CUSTOMER_CONTACT,
                CycleKind.CUSTOMER_VISIT,
            }
            assert clause["terms"]["what"] in recorded, where


def test_every_rule_is_judged_at_a_moment_that_comes(sqlite_app):
    """Each rule names a stage that some transition, screen or page really asks for."""
    asked = {t.stage for p in PROCESSES.values() for t in p.transitions if t.stage} | {"due", "disclose"}
    for screen in sqlite_app.extensions["screens"].values():
        asked |= set(getattr(screen, "judged_at", ()))
    for kind, rule in RULES.items():
        assert rule.moments & asked, f"{kind} is judged at {set(rule.moments)}, which nobody asks for"


def test_every_rule_kind_is_used_by_a_regulation():
    used = {c["rule"] for code in CODES for c in SHELF[code]["clause"] if c.get("rule")}
    assert used == {kind for kind, rule in RULES.items() if rule.typed}


def test_the_index_is_that_of_the_specification():
    """Where the specification lies beside the project, the index is held against it."""
    import re

    spec = Path(__file__).parents[2] / "shared" / "spec" / "regulations.md"
    if not spec.exists():
        pytest.skip("the specification is not beside the project")
    code, rows = None, 0
    for line in spec.read_text("utf-8").splitlines():
        code = m[1] if (m := re.match(r"## (R\d\d)", line)) else code
        m = re.match(r"\| ([^|]+) \| ([^|]+) \| ", line)
        if code and m and m[1] != "clause" and not m[1].startswith("-"):
            rows += 1
            first = re.split(r"[–,]", m[1])[0].strip()
            assert any(c == code and n == first for c, n, *_ in INDEX), (code, first)
    assert rows > 140


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"rule": "no_such_rule"}, "no rule"),
        ({"rule": "advance_notice", "terms": {"ranks": []}}, "hours"),
        ({"rule": "advance_notice", "terms": {"ranks": [], "hours": -1}}, "not possible"),
        ({"rule": "advance_notice", "terms": {"ranks": [], "hours": -1}}, "R99.toml: clause 1: hours: “-1”"),
        ({"kind": "poem"}, "unknown kind"),
        ({"en": ""}, "en is missing"),
        ({"colour": 1}, "unknown colour"),
        ({"step": [{"subject": "visit", "step": 10, "role": "king"}]}, "unknown value"),
        ({"step": [{"subject": "visit", "step": 10}]}, "needs role"),
        ({"check": [{"phase": "during", "item": "x"}]}, "unknown value"),
        ({"forms": ["poem"]}, "unknown form"),
        ({"terms": {"hours": 3}}, "terms without a rule"),
        ({"cap": [{"rank": "1", "category": "meal", "per_guest": 3}]}, "wrong kind"),
    ],
)
def test_a_mistake_in_a_file_is_named_with_file_and_clause(change, complaint):
    data = {
        "code": "R99",
        "title": "试",
        "title_en": "Test",
        "clause": [{"number": "1", "kind": "duty", "zh": "甲", "en": "A"} | change],
    }
    with pytest.raises(files.BadRegulation, match=r"R99\.toml: clause 1") as error:
        files.check(data, "R99.toml")
    assert complaint in str(error.value)
