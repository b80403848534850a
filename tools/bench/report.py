"""The table of a run: printed, and written into the README between its marks."""

import os
import platform
import re
import subprocess
from datetime import date
from pathlib import Path

from tools.bench.rows import COUNTED, DATABASES, FLOOR, PANEL, ROWS, Figures, Row
from tools.bench.servers import ROOT

README = ROOT / "README.md"
MARKS = re.compile(r"(?s)(<!-- bench -->\n).*?(<!-- /bench -->)")


def number(value: float) -> str:
    return f"{value:,.{2 if value < 1 else 1 if value < 1000 else 0}f}"


def measured() -> str:
    """What is measured, when and where: commit, day, processors, memory, Python, the load that was there already."""
    with open("/proc/cpuinfo") if os.path.exists("/proc/cpuinfo") else open(os.devnull) as file:
        model = re.search(r"model name\s*:\s*(.+)", file.read())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"on {date.today()}, commit {commit()}; {os.cpu_count()} × {model[1] if model else platform.machine()}, "
        f"{memory:.0f} GB, {platform.system()}, Python {platform.python_version()}; "
        f"load {os.getloadavg()[0]:.1f} at the start"
    )


def commit() -> str:
    """What was measured: the commit, and whether files differ from it."""

    def git(*words):
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True).stdout.strip()

    return (git("rev-parse", "--short", "HEAD") or "unknown") + (
        " with changes" if git("status", "--porcelain") else ""
    )


def _cell(row: Row, value: float | None, panel: float, subject: str) -> str:
    if value is None:
        return "–"
    text = number(value)
    if subject == PANEL:
        return f"**{text}**"
    if subject in (FLOOR, COUNTED):
        return text
    return f"{text} (×{number(row.times(value, panel))})"


def table(figures: Figures, database: str) -> str:
    """The rows that were measured on `database`, beside what is wanted of each."""
    subjects, facts = figures.subjects(database), figures.facts[database]
    named = {"columns": 0} | facts
    lines = ["| | " + " | ".join((*subjects, "wanted")) + " |", "|---|" + "--:|" * (len(subjects) + 1)]
    for row in ROWS:
        values = {subject: figures.value(database, subject, row.key) for subject in subjects}
        panel, wanted = values.get(PANEL), row.wanted.get(database)
        if panel is None:
            continue
        cells = [_cell(row, values[subject], panel, subject) for subject in subjects]
        sign = "≥" if row.more else "≤"
        missed = row.reached(database, panel) is False
        cells.append("" if wanted is None else f"{sign} {wanted:g}{' (missed)' if missed else ''}")
        lines.append(f"| {row.title.format(**named)}, {row.unit} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def notes(figures: Figures, database: str) -> str:
    """What stands under the table of `database`: the search of each role, trials."""
    facts, lines = figures.facts[database], []
    if by_role := facts.get("search by role"):
        times = ", ".join(f"`{username}` {number(value)}" for username, value in by_role.items())
        lines.append(f"The search by role, ms: {times}.\n")
    lines += [
        f"A trial of {codes} judges {rows:,} rows in {number(seconds)} s.\n"
        for codes, rows, seconds in facts.get("trials", ())
    ]
    return "\n".join(lines) + ("\n" if lines else "")


def section(figures: Figures, start: str, rounds: int) -> str:
    """What the README says of a run: the table of each database, the machine, the day and the commit."""
    parts = []
    for database in DATABASES:
        if figures.subjects(database):
            facts = figures.facts[database]
            parts.append(f"{facts['version']}, {facts['visits']:,} visits, {facts['expenses']:,} expenses:\n")
            parts.append(table(figures, database))
            parts.append(notes(figures, database))
    return "\n".join(parts) + last(start, rounds)


def last(start: str, rounds: int) -> str:
    """How it was measured, and what was known at the start."""
    return f"{f'The median of {rounds} rounds' if rounds > 1 else 'One round'} {start}.\n"


def write(text: str, path: Path) -> None:
    """Put the section between its marks in the README."""
    before = path.read_text("utf-8")
    if not MARKS.search(before):
        raise ValueError(f"{path} has no <!-- bench --> marks")
    path.write_text(MARKS.sub(lambda found: found[1] + text + found[2], before), "utf-8")
