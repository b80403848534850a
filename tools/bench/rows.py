"""The rows of the table, the figures under them, and what is wanted of each."""

from dataclasses import dataclass, field
from statistics import median

SEARCHED = "能源"
"""The search of two characters: every twelfth organisation bears it."""
COMMON = "新能源"
DEPTH = 10_000
"""The page that is asked for by its number."""
SIZE = 20
"""Rows of a page."""
COLUMNS = (
    "number",
    "status",
    "compliance",
    "organisation",
    "level",
    "purpose",
    "lead_guest",
    "guest_count",
    "planned_start",
    "host",
    "department",
)
"""What the visit list of each subject shows: the same columns as the panel's."""
WORDS = ("organisation", "purpose", "lead_guest")
"""The columns that each searches."""
SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
DATABASES = (SQLITE, POSTGRESQL)
FLOOR, COUNTED, DJANGO, STOCK, PANEL = "floor", "floor, counted", "Django admin", "stock Flask-Admin", "Yingke"
SUBJECTS = (FLOOR, COUNTED, DJANGO, STOCK, PANEL)


@dataclass(frozen=True)
class Row:
    """A figure of the table. `wanted` by kind of database; `more`: whether more of it is better."""

    key: str
    title: str
    unit: str
    wanted: dict[str, float] = field(default_factory=dict)
    more: bool = False

    def reached(self, database: str, value: float) -> bool | None:
        """Whether what is wanted was reached; None where nothing is."""
        if database not in self.wanted:
            return None
        return value >= self.wanted[database] if self.more else value <= self.wanted[database]

    def times(self, value: float, panel: float) -> float:
        """How many times worse than the panel's figure `value` is."""
        return panel / value if self.more else value / panel


def both(sqlite: float, postgresql: float) -> dict[str, float]:
    return {SQLITE: sqlite, POSTGRESQL: postgresql}


# fmt: off
ROWS = (
    Row("first", "list, first page", "ms", both(12, 15)),
    Row("filtered", "filtered by status and department", "ms", both(12, 15)),
    Row("search", "search of two characters", "ms", both(25, 40)),
    Row("slowest", "the same search, the slowest role", "ms", both(25, 40)),
    Row("page", "page {page:,}", "ms", both(14, 25)),
    Row("edit", "edit form of a customer", "ms", {SQLITE: 6}),
    Row("save", "saving a customer", "ms", {SQLITE: 6}),
    Row("eight", "list, 8 clients", "requests/s", {SQLITE: 150}, more=True),
    Row("eight_p50", "… p50", "ms"),
    Row("eight_p99", "… p99", "ms", {SQLITE: 120}),
    Row("eight_cpu", "… the server's processor time for each", "ms"),
    Row("forty", "list, 40 clients", "requests/s", more=True),
    Row("forty_p50", "… p50", "ms"),
    Row("forty_p99", "… p99", "ms"),
    Row("forty_cpu", "… the server's processor time for each", "ms"),
    Row("csv", "CSV of {expenses:,} expenses, {columns} columns", "s", {SQLITE: 20}),
    Row("csv_first", "… first byte", "ms"),
    Row("csv_memory", "… memory of all processes, at most", "MB", {SQLITE: 160}),
    Row("csv_rest", "… memory of all processes, before", "MB"),
    Row("export", "the list's own CSV of {leveled:,} visits", "s"),
)
# fmt: on


class Figures:
    """What was measured of each subject on each database, round by round; the median of the rounds counts."""

    def __init__(self):
        self.rounds: dict[tuple[str, str, str], list[float]] = {}
        self.facts: dict[str, dict] = {database: {} for database in DATABASES}
        """What titles and notes say of a database: how many rows it holds, its version."""

    def add(self, database: str, subject: str, key: str, value: float) -> None:
        self.rounds.setdefault((database, subject, key), []).append(value)

    def value(self, database: str, subject: str, key: str) -> float | None:
        values = self.rounds.get((database, subject, key))
        return median(values) if values else None

    def subjects(self, database: str) -> list[str]:
        """Who was measured on `database`, in the order of the columns."""
        measured = {subject for kind, subject, _ in self.rounds if kind == database}
        return [subject for subject in SUBJECTS if subject in measured]
