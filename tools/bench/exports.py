"""Finance's CSV of every expense, through the server: seconds, first byte, memory."""

import time

from tools.bench import floors
from tools.bench.browser import Browser
from tools.bench.databases import Database
from tools.bench.rows import FLOOR, Figures
from tools.bench.servers import Peak, Served

PATH = "/admin/expense/finance.csv"
SHARE = 0.99
"""Of the expenses; a few drafts are not finance's."""


class Short(Exception):
    """The file holds too few lines."""


def measure(database: Database, panel: Served, figures: Figures) -> None:
    """One round, and the plain loop beside it."""
    browser, facts = Browser(panel.port), figures.facts[database.kind]
    browser.sign_in("/login", "finance")
    lines, size, first, head = 0, 0, 0.0, b""
    with Peak(panel.pid) as peak:
        rest = peak.most
        began = time.perf_counter()
        answer = browser.ask(PATH)
        while piece := answer.read1(1 << 18):
            first = first or time.perf_counter() - began
            if b"\r\n" not in head:
                head += piece
            size += len(piece)
            lines += piece.count(b"\r\n")
        took = time.perf_counter() - began
    if lines < SHARE * facts["expenses"]:
        raise Short(f"{PATH}: {answer.status}, {lines:,} lines for {facts['expenses']:,} expenses")
    facts["columns"] = head.split(b"\r\n", 1)[0].count(b",") + 1
    facts["file"] = f"{size / 2**20:.0f} MB"
    figures.add(database.kind, panel.name, "csv", took)
    figures.add(database.kind, panel.name, "csv_first", first * 1000)
    if peak.most:
        figures.add(database.kind, panel.name, "csv_memory", peak.most)
        figures.add(database.kind, panel.name, "csv_rest", rest)
    figures.add(database.kind, FLOOR, "csv", floors.expenses(database))
