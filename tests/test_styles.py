"""The stylesheet and the pages know each other: no rule without a page, no class without a rule, nothing inline."""

import re
from pathlib import Path

import pytest

from workflow import PROCESSES

PANEL = Path(__file__).parent.parent / "panel"
TEMPLATES = sorted((PANEL / "templates").rglob("*.html"))
PYTHON = "\n".join(p.read_text() for p in sorted(PANEL.parent.rglob("*.py")) if not {".venv", "tests"} & set(p.parts))
SCRIPT = (PANEL / "static" / "yingke.js").read_text()
CLASS = re.compile(r'class="((?:[^"{]|\{\{.*?\}\}|\{%.*?%\})*)"')
HOLE = "\0"
"""Stands where a template writes a value into a class: `state-{{ … }}`."""


def rules(sheet: str) -> set[str]:
    """The classes that the rules of a stylesheet select by."""
    text = re.sub(r"/\*.*?\*/", "", (PANEL / "static" / sheet).read_text(), flags=re.S)
    return set(re.findall(r"\.([a-zA-Z][\w-]*)", re.sub(r"\{[^{}]*\}", "{}", text)))


def words(attribute: str) -> list[str]:
    """The classes of one `class="…"` of a template, with a hole for each value that is only known to the page."""
    text = re.sub(r"\{%.*?%\}", "", attribute)
    text = re.sub(r"\{\{\s*'([^']*)'(?: if (?:(?! else |\}\}).)*)?\s*\}\}", r"\1", text)
    return re.sub(r"\{\{.*?\}\}", HOLE, text).split()


def written(templates) -> set[str]:
    return {w for t in templates for attribute in CLASS.findall(t.read_text()) for w in words(attribute)}


def in_python() -> set[str]:
    """The classes that Python writes into a page."""
    found = {w for c in re.findall(r'<\w+ class="([^"]*)', PYTHON) for w in c.replace("{}", HOLE).split()}
    return {w for w in found if re.fullmatch(rf"[\w{HOLE}-]+", w)}


PRINTED = [t for t in TEMPLATES if t.name == "print.html"]
SHEETS = {"print.css": PRINTED, "yingke.css": [t for t in TEMPLATES if t not in PRINTED]}


@pytest.mark.parametrize("sheet", SHEETS)
def test_every_rule_of_the_stylesheet_is_for_something_on_a_page(sheet):
    pages = written(SHEETS[sheet])
    families = {w.partition(HOLE)[0] for w in pages | in_python() if HOLE in w} - {""}
    quoted = "\n".join(t.read_text() for t in SHEETS[sheet])

    def named(word):
        return re.search(rf"""["'\s]{re.escape(word)}["'\s]""", PYTHON + SCRIPT) or f"'{word}'" in quoted

    def occurs(name):
        values = [name.removeprefix(f) for f in families if name.startswith(f)]
        return name in pages or named(name) or any(value.isdigit() or named(value) for value in values)

    assert sorted(name for name in rules(sheet) if not occurs(name)) == []


@pytest.mark.parametrize("sheet", SHEETS)
def test_every_class_on_a_page_has_a_rule(sheet):
    known = rules(sheet)
    pages = {w for w in written(SHEETS[sheet]) if HOLE not in w}
    if sheet == "yingke.css":
        # What Python and the script write, and the looks of the buttons, which stand in the processes.
        pages |= {w for w in in_python() if HOLE not in w}
        pages |= {w for c in re.findall(r'element\("\w+", "([^"]+)"', SCRIPT) for w in c.split()}
        pages |= {f"btn-{t.style}" for p in PROCESSES.values() for t in p.transitions}
    assert sorted(pages - known) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: str(t.relative_to(PANEL / "templates")))
def test_nothing_is_written_inline_and_nothing_comes_from_elsewhere(template):
    """The content policy stops it anyway; so does this, without a browser."""
    text = template.read_text()
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", text)
    assert "admin_static" not in text and "admin.static" not in text and "admin/master.html" not in text


def test_only_the_panels_own_styles_and_scripts_are_served(app):
    """Flask-Admin's Bootstrap, jQuery and the like are no file of this application."""
    served = {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.endswith("static")}
    assert served == {"static"}
    assert {p.name for p in (PANEL / "static").iterdir()} == {"favicon.svg", "print.css", "yingke.css", "yingke.js"}


def test_no_password_is_shipped_in_a_static_file():
    assert not any("demo-yingke" in p.read_text() for p in (PANEL / "static").iterdir())
