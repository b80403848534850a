"""The house in order: held by the syntax tree against the table of rooms (tools/rooms.py)."""

import ast
import re

import pytest

from tools import rooms, rule_names


def test_the_readme_prints_the_table_of_rooms():
    text = rooms.README.read_text("utf-8")
    assert f"<!-- rooms -->\n{rooms.table()}<!-- /rooms -->" in text, "make docs"


def test_every_file_stands_in_a_room():
    assert not rooms.strays()


def test_imports_point_down_even_inside_functions():
    assert not rooms.upward()


def test_no_circle_stands_anywhere():
    assert not rooms.circles()


def test_an_area_has_one_name_in_every_room():
    assert not rooms.misnamed()


def test_files_functions_and_lines_keep_their_size():
    assert not rooms.oversized()


def test_nothing_is_imported_only_to_be_listed():
    """`__all__` names what is made here; a front door hands on what others made, or filled in."""
    doors = {"rules", "models", "facts", "panel.printing.forms"}
    for name, path in rooms.sources().items():
        tree = ast.parse(path.read_text("utf-8"))
        listed = [n.value for n in tree.body if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "__all__"]
        own = {n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
        own |= {
            n.id
            for part in tree.body
            for n in ast.walk(part)
            if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        }
        assert name in doors or not listed or set(ast.literal_eval(listed[0])) <= own, name


PATH = r"`([\w.*-]+/[\w./*-]*|[\w-]+\.(?:py|md|toml|txt|ini))`"
NO_FILES = {"Asia/Shanghai", "instance/", "instance/secret_key", "instance/data_key"}
"""A time zone, and what an installation makes."""


def test_every_file_and_target_that_the_documents_name_is_there():
    """Whatever is renamed is renamed in the README and in CONTRIBUTING too."""
    targets = set(re.findall(r"(?m)^([a-z]+):", (rooms.ROOT / "Makefile").read_text("utf-8")))
    for document in ("README.md", "CONTRIBUTING.md"):
        text = (rooms.ROOT / document).read_text("utf-8")
        # In an example of CONTRIBUTING a new file is named before it is made.
        new = set(re.findall(r"A new file `([^`]+)`", text))
        named = set(re.findall(PATH, text)) | set(re.findall(r"\]\(([\w./-]+)[)#]", text))
        assert len(named) > 10 and not [p for p in named - new - NO_FILES if not any(rooms.ROOT.glob(p))], document
        called = {a or b for a, b in re.findall(r"(?m)`make ([a-z]+)`|^[^`|]*\bmake ([a-z]+) +#", text)}
        assert called and called <= targets, document


def test_what_a_state_means_is_named_once_beside_the_states():
    assert not rooms.states_outside()


def house(root, path, text):
    """An empty house with one file in it."""
    for room in rooms.ROOMS:
        place = root / room.path
        (place if room.path.endswith("/") else place.parent).mkdir(parents=True, exist_ok=True)
        if not room.path.endswith("/"):
            place.write_text("")
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


@pytest.mark.parametrize(
    "line",
    [
        "busy = (BookingState.CONFIRMED, BookingState.IN_USE)",
        "S = BookingState\nbusy = {S.CONFIRMED, S.IN_USE}",
        'GONE = ["cancelled", "declined"]',
        'open_ = row.status == "open" or row.status == "investigating"',
        "sa.or_(Visit.status == VisitState.DRAFT, Visit.status == VisitState.NOTIFIED)",
        "if row.status != VisitState.DRAFT and row.status != VisitState.NOTIFIED: pass",
        "regulations(RegulationState.DRAFT, RegulationState.ADOPTED)",
    ],
)
def test_a_set_of_states_is_found_however_it_is_written(tmp_path, line):
    house(tmp_path, "facts/past.py", line)
    assert len(rooms.states_outside(tmp_path)) == 1


def test_a_set_of_states_is_found_in_a_template_too(tmp_path):
    house(tmp_path, "panel/templates/desk/list.html", "{% if v.status in ('draft', 'notified') %}{{ ('id', 'name') }}")
    assert len(rooms.states_outside(tmp_path)) == 1


@pytest.mark.parametrize(
    "line",
    [
        'steps = ("submit", "approve")',
        "target = VisitState.FINISHED if left else VisitState.IN_PROGRESS",
        'one = ["open"]',
    ],
)
def test_other_words_are_no_set_of_states(tmp_path, line):
    house(tmp_path, "facts/past.py", line)
    assert not rooms.states_outside(tmp_path)


def test_a_rule_is_named_in_its_decorator_and_nowhere_else():
    assert not rule_names.outside()


@pytest.mark.parametrize(
    "line",
    [
        'LISTED = {"advance_notice", "notice_signed"}',
        'wants("checklist_before")',
        'cap = finding.rule == "spending_cap"',
        'if clause.rule in ("tour_route",): pass',
        'book.of("cycle", day)',
        'RULES["conduct"]',
        'RULES.get("arranged")',
        'form["reason_spending_cap"]',
        'CurrentFinding(rule="unrelated_sales")',
        'found = [f for f in found if f.rule != "approval_chain"]',
    ],
)
def test_the_name_of_a_rule_is_found_however_it_is_used(line):
    assert rule_names.rules_named(ast.parse(line), rule_names.ordinary())


@pytest.mark.parametrize(
    "line",
    [
        '__tablename__ = "spending_cap"',
        'CYCLE = "cycle", N_("Cycle")',
        'columns = ("unrelated_sales", "identity_checked")',
        'facts["arranged"] = frozenset()',
        'if clause.kind == "conduct": pass',
        'text = "advance_notice is given"',
    ],
)
def test_a_column_a_table_and_a_choice_of_the_same_name_are_no_rule(line):
    assert not rule_names.rules_named(ast.parse(line), rule_names.ordinary())
