"""CSV through the server: finance's file of every expense, and the list's own export of the visits of one level."""

import time
from dataclasses import dataclass
from http.client import HTTPException

from tools.bench import floors
from tools.bench.browser import Browser
from tools.bench.databases import Database
from tools.bench.rows import FLOOR, Figures
from tools.bench.servers import Peak, Served

FINANCE = "/admin/expense/finance.csv"
SHARE = 0.99
"""Of the expenses; a few drafts are not finance's."""


class Short(Exception):
    """The file holds too few lines, or was cut off."""


@dataclass(frozen=True)
class Fetched:
    """A file: the seconds it took, those until its first byte, its lines without the first one, its columns."""

    seconds: float
    first: float
    lines: int
    columns: int


def fetch(browser: Browser, path: str, least: float) -> Fetched:
    """The file at `path`; Short where it holds fewer than `least` lines."""
    lines, first, head = 0, 0.0, b""
    began = time.perf_counter()
    answer = browser.ask(path)
    try:
        while piece := answer.read1(1 << 18):
            first = first or time.perf_counter() - began
            if b"\r\n" not in head:
                head += piece
            lines += piece.count(b"\r\n")
    except HTTPException:
        raise Short(f"{path} was cut off after {lines:,} lines") from None
    took = time.perf_counter() - began
    if lines - 1 < least:
        raise Short(f"{path}: {answer.status}, {lines:,} lines, {least:,.0f} expected")
    return Fetched(took, first, lines - 1, head.split(b"\r\n", 1)[0].count(b",") + 1)


def finance(database: Database, panel: Served, figures: Figures) -> None:
    """One round of finance's file, and the plain loop beside it."""
    browser, facts = Browser(panel.port), figures.facts[database.kind]
    browser.sign_in("/login", "finance")
    with Peak(panel.pid) as peak:
        rest = peak.most
        file = fetch(browser, FINANCE, SHARE * facts["expenses"])
    facts["columns"] = file.columns
    figures.add(database.kind, panel.name, "csv", file.seconds)
    figures.add(database.kind, panel.name, "csv_first", file.first * 1000)
    if peak.most:
        figures.add(database.kind, panel.name, "csv_memory", peak.most)
        figures.add(database.kind, panel.name, "csv_rest", rest)
    figures.add(database.kind, FLOOR, "csv", floors.written(database, floors.EXPENSES))


def visits(database: Database, subjects: list[Served], figures: Figures) -> None:
    """One round of the visits of one level, by everybody whose lists have an export."""
    facts = figures.facts[database.kind]
    for subject in subjects:
        if "export" in subject.paths:
            file = fetch(subject.browser, subject.paths["export"], facts["leveled"])
            figures.add(database.kind, subject.name, "export", file.seconds)
    figures.add(database.kind, FLOOR, "export", floors.written(database, floors.exported(facts["level"])))
