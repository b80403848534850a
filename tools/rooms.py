"""The rooms of the house: what each holds, and that imports point down. `python -m tools.rooms` writes the README's
table.

One table says it for everybody: the test of the architecture, and the README's "How it is built".
"""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from workflow import PROCESSES

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
LINE, FILE, DECLARATIONS, FUNCTION = 120, 400, 800, 45
"""At most so many columns a line; lines a file, a file of declarations, a function."""


@dataclass(frozen=True)
class Room:
    """A folder or a file at the root, and what it holds. `declares`: its files may run to `DECLARATIONS` lines."""

    path: str
    holds: str
    declares: bool = False
    within: bool = False
    """Whether it stands on the same floor as the room it is a part of."""

    @property
    def module(self) -> str:
        return self.path.rstrip("/").removesuffix(".py").replace("/", ".")


ROOMS = (
    Room("core/", "texts, money, privacy, search, the clock, passwords, serving: know nothing of the business"),
    Room("config.py", "the configuration of an installation, from its environment"),
    Room(
        "workflow.py",
        "every process on one page: states and what they mean, transitions, guards, as data",
        declares=True,
    ),
    Room("clauses/", "the rules, pure: facts in, findings out; a file an area", declares=True),
    Room("rules.py", "the regulations executed, by name"),
    Room("tables/", "columns, constraints and row scope; a file an area", declares=True),
    Room("models.py", "the tables, by name"),
    Room("facts/", "rows as the rules see them: one row or very many, by the same reader"),
    Room("rulebook/", "the adopted regulations: versions, files in and out, trials, what falls due"),
    Room("engine/", "the one place where a state changes; findings, chains, audit, compliance"),
    Room("engine/effects/", "what a transition does beyond its state; a file an area", within=True),
    Room("installation.py", "what a new installation starts with, and what an older one is given"),
    Room("panel/", "the kit that every screen stands on: lists, forms, transitions, findings, exports, access"),
    Room("panel/printing/", "printed forms, as pages and as PDF", declares=True, within=True),
    Room("panel/screens/", "what a screen does beyond its declaration; a file an area"),
    Room("panel/pages/", "pages made by hand: to-do, arrivals, reports, what falls due, sign-in"),
    Room("admin_views.py", "every generated screen as a declaration, and the menu", declares=True),
    Room("demo/", "three demo companies, lived through the workflow itself", declares=True),
    Room("commands.py", "the commands of an installation"),
    Room("app.py", "the application: configuration, extensions, error pages, serving"),
    Room("tools/", "the workshop's own tools: this table, translations, a PostgreSQL for tests"),
    Room("tools/bench/", "the benchmark, and two stock admins to compare with", within=True),
)
"""From the ground up: each room imports only from rooms that stand before it here, and no circle stands inside one."""

AREAS = (
    "people",
    "customers",
    "visits",
    "desk",
    "resources",
    "gifts",
    "money",
    "aftercare",
    "supervision",
    "regulations",
    "system",
)
"""What the business consists of, in its order: each room calls its file of an area by this name."""


def sources(root: Path = ROOT) -> dict[str, Path]:
    """Every module of the house by its dotted name."""
    modules = {}
    for room in ROOMS:
        place = root / room.path
        for path in sorted(place.glob("*.py")) if place.is_dir() else [place]:
            name = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
            modules[name] = path
    return modules


def strays(root: Path = ROOT) -> list[str]:
    """Python files that stand in no room."""
    known, beside = set(sources(root).values()), {"tests", "migrations"}
    return [
        str(path.relative_to(root))
        for path in sorted(root.rglob("*.py"))
        if path not in known
        and not any(part.startswith(".") or part in beside for part in path.relative_to(root).parts)
    ]


def room_of(module: str) -> int:
    """The place of the room in which `module` stands."""
    path = module.replace(".", "/")
    fits = [
        n
        for n, room in enumerate(ROOMS)
        if path == room.module.replace(".", "/") or path.startswith(room.module.replace(".", "/") + "/")
    ]
    return max(fits, key=lambda n: len(ROOMS[n].path))


def floor_of(module: str) -> int:
    """How high `module` stands; a room within another stands on its floor."""
    place = room_of(module)
    while ROOMS[place].within:
        place -= 1
    return place


def imports(path: Path, known) -> dict[str, int]:
    """The modules out of `known` that the file imports, anywhere in it, with the line."""
    lines: dict[str, int] = {}
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [
                f"{node.module}.{alias.name}" if f"{node.module}.{alias.name}" in known else node.module
                for alias in node.names
            ]
        for name in names:
            if name in known:
                lines.setdefault(name, node.lineno)
    return lines


def graph(root: Path = ROOT) -> dict[str, dict[str, int]]:
    """Who imports whom, with the line."""
    known = sources(root)
    return {
        name: {target: line for target, line in imports(path, known).items() if target != name}
        for name, path in known.items()
    }


def upward(root: Path = ROOT) -> list[str]:
    """Imports that point up the house."""
    return [
        f"{name} imports {target} from above (line {line})"
        for name, imported in graph(root).items()
        for target, line in imported.items()
        if floor_of(target) > floor_of(name)
    ]


def circles(root: Path = ROOT) -> list[list[str]]:
    """Groups of modules that import each other round about."""
    links, index, low, stack, groups = graph(root), {}, {}, [], []

    def visit(name):
        index[name] = low[name] = len(index)
        stack.append(name)
        for imported in links[name]:
            if imported not in index:
                visit(imported)
                low[name] = min(low[name], low[imported])
            elif imported in stack:
                low[name] = min(low[name], index[imported])
        if low[name] == index[name]:
            group = [stack.pop()]
            while group[-1] != name:
                group.append(stack.pop())
            if len(group) > 1:
                groups.append(sorted(group))

    for name in links:
        if name not in index:
            visit(name)
    return groups


def misnamed(root: Path = ROOT) -> list[str]:
    """Files of rooms that are ordered by area and bear no area's name."""
    places = {
        "clauses": ("base", "params", "words", "building", "contradictions"),
        "tables": ("base", "requests"),
        "engine/effects": ("approvals", "registry"),
        "panel/screens": (),
    }
    return [
        str(path.relative_to(root))
        for place, also in places.items()
        for path in sorted((root / place).glob("*.py"))
        if path.stem != "__init__" and path.stem not in also and path.stem.split("_")[0] not in AREAS
    ]


def oversized(root: Path = ROOT) -> list[str]:
    """Files, functions and lines over their size."""
    over = []
    for name, path in sources(root).items():
        lines = path.read_text("utf-8").splitlines()
        most = DECLARATIONS if ROOMS[room_of(name)].declares else FILE
        if len(lines) > most:
            over.append(f"{path.relative_to(root)}: {len(lines)} lines, {most} may be")
        over += [
            f"{path.relative_to(root)}:{n}: {len(line)} columns" for n, line in enumerate(lines, 1) if len(line) > LINE
        ]
        for node in ast.walk(ast.parse("\n".join(lines))):
            if (
                isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
                and (size := node.end_lineno - node.lineno + 1) > FUNCTION
            ):
                over.append(f"{path.relative_to(root)}:{node.lineno}: {node.name} has {size} lines, {FUNCTION} may be")
    return over


def states_outside(root: Path = ROOT) -> list[str]:
    """Sets of states written outside workflow.py, where each is to be named beside the states.

    That is a tuple, list, set, call or pattern that names two or more states of a process, as members of a State class
    or as strings, and a status compared with two or more of them in one condition; in a template two or more of them
    side by side. Migrations and tests stand aside.
    """
    codes = [{str(state) for state in process.states} for process in PROCESSES.values()]
    classes = {process.states.__name__ for process in PROCESSES.values()}
    sets = []
    for name, path in sources(root).items():
        tree = ast.parse(path.read_text("utf-8")) if name != "workflow" else ast.Module([], [])
        known = classes | _aliases(tree, classes)
        for node in ast.walk(tree):
            for group in _groups(node):
                members = {
                    ast.unparse(n) for n in group if isinstance(n, ast.Attribute) and ast.unparse(n.value) in known
                }
                words = {n.value if isinstance(n, ast.Constant) else None for n in group}
                spelt = len(words) > 1 and not isinstance(node, ast.Call) and any(words <= code for code in codes)
                if len(members) > 1 or spelt:
                    sets.append(f"{path.relative_to(root)}:{node.lineno}: {ast.unparse(node)[:80]}")
    for path in sorted(root.glob("panel/templates/**/*.html")):
        for n, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            for group in re.findall(r"[(\[]\s*'[a-z_]+'(?:\s*,\s*'[a-z_]+')+", line):
                if any(set(re.findall(r"[a-z_]+", group)) <= code for code in codes):
                    sets.append(f"{path.relative_to(root)}:{n}: {group}")
    return sets


def _aliases(tree: ast.Module, classes: set[str]) -> set[str]:
    """Other names that a file gives to a State class."""
    assigned = [n for n in ast.walk(tree) if isinstance(n, ast.Assign)]
    named = [n for n in assigned if ast.unparse(n.value).split(".")[-1] in {*classes, "states"}]
    return {target.id for n in named for target in n.targets if isinstance(target, ast.Name)}


def _groups(node: ast.AST) -> list[list]:
    """What `node` puts side by side: elements, arguments, alternatives, and what one thing is compared with."""
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return [node.elts]
    if isinstance(node, ast.MatchOr):
        return [[p.value for p in node.patterns if isinstance(p, ast.MatchValue)]]
    parts = node.values if isinstance(node, ast.BoolOp) else node.args if isinstance(node, ast.Call) else []
    compared: dict[str, list] = {}
    for part in parts:
        if isinstance(part, ast.Compare) and len(part.ops) == 1 and isinstance(part.ops[0], ast.Eq | ast.NotEq):
            compared.setdefault(ast.unparse(part.left), []).append(part.comparators[0])
    return [*compared.values(), parts if isinstance(node, ast.Call) else []]


def table() -> str:
    """The rooms as the README prints them, from the top down."""
    return (
        "| room | holds |\n|---|---|\n"
        + "\n".join(f"| `{room.path}` | {room.holds} |" for room in reversed(ROOMS))
        + "\n"
    )


def main() -> None:
    """Write the table between its marks in the README."""
    text = README.read_text("utf-8")
    README.write_text(
        re.sub(r"(?s)(<!-- rooms -->\n).*?(<!-- /rooms -->)", lambda m: m[1] + table() + m[2], text), "utf-8"
    )


if __name__ == "__main__":
    main()
