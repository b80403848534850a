"""Each list of the menu as each role, and the search of a common word in each: time, statements, scans of big tables.

Asked inside the process, so that the statements can be counted. On SQLite the plan of each is looked at.
"""

import contextlib
import logging
import re
import sqlite3
import time
from dataclasses import dataclass
from statistics import median

from tools.bench.apart import application
from tools.bench.browser import PASSWORD
from tools.bench.rows import COMMON

ROLES = ("front", "sales", "sales_head", "tech", "tech_head", "office", "office_head", "exec", "finance", "sysadmin")
BIG = {"visit", "expense", "approval"}
MORE = (
    "/admin/visit/?last=1",
    "/admin/visit/?{level_id}=3",
    "/admin/visit/?{compliance}=explained",
    "/admin/visit/?search=滨海半导体 研究院",
    "/admin/visit/?search=不存在的单位",
    "/admin/visit/?search={number}",
    "/admin/expense/?last=1",
    "/admin/expense/?search=10000000000001234567",
)
"""Further pages of the big tables."""
SLOWEST = 10
LONG = 0.5
"""Seconds after which a page is not asked for again."""


@dataclass(frozen=True)
class Cell:
    """A page as one role: median ms, statements, the steps of their plans that read a big table from end to end."""

    ms: float
    statements: int
    scans: tuple[str, ...]


def measure(file: str | None, runs: int, roles=ROLES) -> dict[str, dict[str, Cell]]:
    """The cells by address and role. `file`: the SQLite database, whose plans are looked at."""
    import sqlalchemy as sa

    from models import db

    logging.disable(logging.CRITICAL)
    app, seen, cells = application(), [], {}
    plain = sqlite3.connect(f"file:{file}?mode=ro", uri=True) if file else None

    def note(connection, cursor, statement, parameters, context, many):
        seen.append((statement, parameters))

    with app.app_context():
        sa.event.listen(db.engine, "before_cursor_execute", note)
        number = db.session.scalar(sa.text("SELECT number FROM visit ORDER BY id DESC LIMIT 1 OFFSET 100"))
    screen = app.extensions["screens"]["visit"]
    names = {f.column.key: f"flt{n}_{screen.get_filter_arg(n, f)}" for n, f in enumerate(screen._filters)}
    more = [address.format(number=number, **names) for address in MORE]
    for username in roles:
        client = app.test_client()
        client.post("/login", data={"username": username, "password": PASSWORD})
        lists = _menu(app, client)
        for address in (*lists, *(a for a in more if a.split("?")[0] in lists)):
            if client.get(address).status_code != 200:
                raise RuntimeError(f"{address} as {username}")
            seen.clear()
            ms, times = _timed(client, address, runs)
            asked = seen[: len(seen) // times]
            cells.setdefault(address, {})[username] = Cell(ms, len(asked), _scans(plain, asked) if plain else ())
    return cells


def _menu(app, client) -> list[str]:
    """The addresses of the menu, and of the search of a common word in each list that has one."""
    from panel.menu import menu

    with client:
        client.get("/admin/")
        entries = [entry for area in menu(app.extensions["admin"][0]) for entry in area.entries]
    screens = app.extensions["screens"]
    searched = [
        f"{entry.url}?search={COMMON}"
        for entry in entries
        if getattr(screens.get(entry.endpoint), "_search_supported", 0)
    ]
    return [*(entry.url for entry in entries), *searched]


def _timed(client, address: str, runs: int) -> tuple[float, int]:
    """The median ms of so many runs, and how many there were: a page that takes long is not asked for as often."""
    times: list[float] = []
    while len(times) < runs and sum(times) < LONG:
        began = time.perf_counter()
        client.get(address)
        times.append(time.perf_counter() - began)
    return median(times) * 1000, len(times)


def _scans(plain: sqlite3.Connection, statements) -> tuple[str, ...]:
    """The steps of the plans that read a big table itself; one that walks an index stops with its LIMIT."""
    found = set()
    for statement, parameters in statements:
        with contextlib.suppress(sqlite3.OperationalError):  # a statement that writes
            for row in plain.execute("EXPLAIN QUERY PLAN " + statement, parameters):
                scan = re.match(r"SCAN (\w+)", row[3])
                if scan and scan[1] in BIG and "INDEX" not in row[3]:
                    found.add(row[3])
    return tuple(sorted(found))


def printed(cells: dict[str, dict[str, Cell]]) -> str:
    """The matrix: addresses down, roles across, ms and statements in each cell; then the scans."""
    width = max(map(len, cells)) + 1
    lines = [" " * width + "".join(f"{username:>14}" for username in ROLES)]
    scans = {}
    for address, by_role in cells.items():
        row = ""
        for username in ROLES:
            cell = by_role.get(username)
            mark = "*" if cell and cell.scans else ""
            row += f"{f'{cell.ms:.1f} / {cell.statements}{mark}' if cell else '–':>14}"
            if cell and cell.scans:
                scans.setdefault((address, cell.scans), []).append(username)
        lines.append(f"{address:<{width}}{row}")
    slow = sorted(
        ((c.ms, a, username) for a, by_role in cells.items() for username, c in by_role.items()), reverse=True
    )
    lines += ["", "the slowest: " + "; ".join(f"{a} as {username} {ms:.1f} ms" for ms, a, username in slow[:SLOWEST])]
    lines += [
        f"* {address} reads a big table whole as {', '.join(who)}: {'; '.join(steps)}"
        for (address, steps), who in scans.items()
    ]
    return "\n".join(lines)
