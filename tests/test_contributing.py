"""CONTRIBUTING.md is followed to the letter on a copy: its steps together pass, and each one left out is named."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NEWEST = max((ROOT / "migrations" / "versions").glob("2*.py")).stem.split("_")[0]
SECTIONS = {"A table": "locker", "A transition": "prepare", "A kind of rule": r"party_size|size of the party"}
"""The sections whose steps can be carried out, and how the suite names what each adds."""
STEP = re.compile(
    r"(?:At the end of `(?P<end>[^`]+)`|A new file `(?P<new>[^`]+)`|"
    r"In `(?P<file>[^`]+)`, (?P<where>below|above) `(?P<line>[^`]+)`)"
    r":\n\n```\w+\n(?P<block>.*?)```\n"
    r"|In `(?P<place>[^`]+)`, `(?P<before>[^`]+)` becomes `(?P<after>[^`]+)`\.",
    re.DOTALL,
)
CHECKS = (
    "tests/test_architecture.py",
    "tests/test_setup.py::test_migrations_make_exactly_the_tables_of_the_code[sqlite]",
    "tests/test_setup.py::test_every_text_is_in_the_chinese_catalogue",
    "tests/test_transitions.py",
    "tests/clauses/test_together.py::test_every_rule_is_shown_on_both_sides",
    "tests/clauses/test_together.py::test_every_rule_comes_from_a_clause_of_the_eighteen",
    "tests/test_regulations.py",
    "tests/clauses/test_visits.py",
    "tests/test_scope.py::test_every_screen_has_a_factory_and_a_written_scope",
    "tests/test_scope.py::test_every_screen_stands_in_the_menu_and_is_granted_to_somebody",
    "tests/test_scope.py::test_a_row_out_of_scope_does_not_exist[office]",
)
"""Where the suite looks for what is incomplete; the rest of it says nothing of a thing that is new."""


def steps(section: str) -> list[re.Match]:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    part = text.split(f"\n## {section}\n")[1].split("\n## ")[0]
    return list(STEP.finditer(part))


def carry_out(step: re.Match, folder: Path) -> None:
    """Do what the step says in the checkout at `folder`."""
    block = (step["block"] or "").replace("{newest}", NEWEST)
    if step["new"]:
        (folder / step["new"]).write_text(block, "utf-8")
        return
    path = folder / (step["end"] or step["file"] or step["place"])
    text = path.read_text("utf-8")
    if step["end"]:
        text = (
            text.rstrip("\n")
            + ("\n\n\n" if path.suffix == ".py" else "\n" if path.suffix == ".txt" else "\n\n")
            + block
        )
    elif step["place"]:
        assert step["before"] in text, f"CONTRIBUTING.md: {path.name} has no {step['before']!r} any more"
        text = text.replace(step["before"], step["after"])
    else:
        at = re.search(rf"(?m)^{re.escape(step['line'])}.*\n", text)
        assert at, f"CONTRIBUTING.md: {path.name} has no line {step['line']!r} any more"
        place = at.end() if step["where"] == "below" else at.start()
        if step["where"] == "above" and not block.startswith(" "):
            block += "\n\n"  # a class or a function of its own
        text = text[:place] + block + text[place:]
    path.write_text(text, "utf-8")


def copy_of_the_house(folder: Path) -> Path:
    """A checkout of what git knows here, with what is not committed yet."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


def checked(folder: Path) -> subprocess.CompletedProcess:
    """What `make check` says of the checkout, as far as it concerns a thing that is new: the style, then the tests."""
    tests = ["pytest", "-q", "-x", "--tb=short", "-p", "no:cacheprovider", *CHECKS]
    for command in (["ruff", "check", "--no-cache", "."], tests):
        outcome = subprocess.run([sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True)
        if outcome.returncode:
            break
    return outcome


@pytest.mark.parametrize("section", SECTIONS)
def test_the_steps_together_pass(section, tmp_path):
    folder = copy_of_the_house(tmp_path)
    for step in steps(section):
        carry_out(step, folder)
    outcome = checked(folder)
    assert outcome.returncode == 0, outcome.stdout[-3000:]


@pytest.mark.parametrize(("section", "left_out"), [(s, n) for s in SECTIONS for n in range(len(steps(s)))])
def test_a_step_left_out_is_named(section, left_out, tmp_path):
    folder = copy_of_the_house(tmp_path)
    for n, step in enumerate(steps(section)):
        if n != left_out:
            carry_out(step, folder)
    outcome = checked(folder)
    assert outcome.returncode in (1, 2, 4), outcome.stdout[-3000:]
    assert re.search(SECTIONS[section], outcome.stdout, re.IGNORECASE), outcome.stdout[-3000:]
