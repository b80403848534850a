"""Where a rule is written down by its name: in its decorator, and nowhere else in the program.

All that is to be known of a rule stands there; a list of names in another file is the drift that once made a desk
unable to check anybody in. Regulations, the demo's companies and tests name rules as data.
"""

import ast
from collections.abc import Collection, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, cast

from core.text import Choice
from models import db
from rulebook.files import FORMS
from rules import APPROVAL_CHAIN, RULES
from tools.rooms import ROOT, sources

HOMES = ("clauses", "demo")
KINDS = frozenset(RULES) | {APPROVAL_CHAIN}


def ordinary() -> frozenset[str]:
    """Rules that share their name with something else: a column, a table, a fact, a choice, a printed form."""
    names = {attribute.key for mapper in db.Model.registry.mappers for attribute in mapper.attrs}
    names |= {str(table) for table in db.metadata.tables} | set(FORMS)
    names |= {f.name for rule in RULES.values() for facts in rule.facts for f in fields(cast(Any, facts))}
    names |= {str(member) for choice in _below(Choice) for member in choice}
    return KINDS & names


def _below(choice: type[Choice]) -> Iterator[type[Choice]]:
    for sub in choice.__subclasses__():
        yield sub
        yield from _below(sub)


def rules_named(tree: ast.AST, also: Collection[str]) -> list[tuple[int, str]]:
    """Each line of `tree` that names a rule, with the name; those of `also` only where they can be nothing else.

    That is: what a `rule` is compared with or given as, what a rulebook is asked for, what RULES is looked up for. The
    field of a reason (`reason_…`) names its rule too.
    """
    sure = {id(node) for parent in ast.walk(tree) for node in _surely(parent)}
    named = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            name = node.value.removeprefix("reason_")
            if name in KINDS and (name not in also or id(node) in sure or name != node.value):
                named.append((node.lineno, name))
    return named


def _surely(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of `node` that stand for a rule."""
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        if any(ast.unparse(side).split(".")[-1] == "rule" for side in sides):
            yield from (part for side in sides for part in ast.walk(side))
    elif isinstance(node, ast.keyword) and node.arg == "rule":
        yield node.value
    elif isinstance(node, ast.Subscript) and ast.unparse(node.value).split(".")[-1] == "RULES":
        yield node.slice
    elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("of", "get"):
        owner = ast.unparse(node.func).split(".")[-2:]
        if owner[-1] == "of" or owner[0] == "RULES":
            yield from node.args[:1]


def outside(root: Path = ROOT) -> list[str]:
    """Rules named outside their homes, with file and line."""
    also = ordinary()
    return [
        f"{path.relative_to(root)}:{line}: {name}"
        for module, path in sources(root).items()
        if module.split(".")[0] not in HOMES
        for line, name in rules_named(ast.parse(path.read_text("utf-8")), also)
    ]
