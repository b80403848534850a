"""The floor: the same rows by the database's driver alone, no panel around them.

Run as a program it serves the list's first page as a bare HTML table, by as many processes as the panel:
`python -m tools.bench.floors`.
"""

import contextlib
import csv
import html
import os
import threading
import time
from pathlib import Path

from core import serving
from tools.bench.databases import Database
from tools.bench.rows import COUNTED, DEPTH, FLOOR, POSTGRESQL, SEARCHED, SIZE, SQLITE, Figures

NEWEST = "ORDER BY planned_start DESC, id DESC"
MATCHING = " OR ".join(f"{name} LIKE '%{SEARCHED}%'" for name in ("organisation", "purpose", "lead_guest"))
EXPENSES = (
    "SELECT e.*, v.number, v.letter_no, v.category, v.lead_guest, l.code FROM expense e "
    "LEFT JOIN visit v ON v.id = e.visit_id LEFT JOIN reception_level l ON l.id = v.level_id "
    "ORDER BY e.incurred_on, e.id"
)
EXPORTED = (
    "number, status, compliance, organisation, level_id, purpose, lead_guest, guest_count, planned_start, host_id, "
    "department_id, applicant_id, category, planned_end, submitted_at, closed_at"
)
"""The columns of the visit list's export."""
LEAST, MOST = 5, 50


def depth(visits: int) -> int:
    """The page that is asked for by its number: the last one of a small database."""
    return max(1, min(DEPTH, visits // SIZE))


def statements(facts: dict) -> dict[str, tuple[str, str | None]]:
    """The rows of a page by one statement, and their number by another, by the key of the row."""
    chosen = f"WHERE status = 'closed' AND department_id = {facts['department']}"
    skipped = (depth(facts["visits"]) - 1) * SIZE
    count = "SELECT count(*) FROM visit"
    return {
        "first": (f"SELECT * FROM visit {NEWEST} LIMIT {SIZE}", count),
        "filtered": (f"SELECT * FROM visit {chosen} {NEWEST} LIMIT {SIZE}", f"{count} {chosen}"),
        "search": (f"SELECT * FROM visit WHERE {MATCHING} {NEWEST} LIMIT {SIZE}", f"{count} WHERE {MATCHING}"),
        "page": (
            f"SELECT * FROM visit WHERE id IN (SELECT id FROM visit {NEWEST} LIMIT {SIZE} OFFSET {skipped}) {NEWEST}",
            count,
        ),
        "edit": ("SELECT * FROM customer WHERE id = 1", None),
    }


def timed(work, seconds: float) -> float:
    """The median time of `work` in ms, over so many seconds."""
    times, ends = [], time.perf_counter() + seconds
    while len(times) < LEAST or (len(times) < MOST and time.perf_counter() < ends):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return sorted(times)[len(times) // 2] * 1000


def measure(database: Database, facts: dict, seconds: float, figures: Figures) -> None:
    """One round of the pages' statements and of saving a customer."""
    with contextlib.closing(database.connect()) as connection:

        def ask(*texts):
            return lambda: [connection.execute(text).fetchall() for text in texts]

        for key, (rows, count) in statements(facts).items():
            figures.add(database.kind, FLOOR, key, timed(ask(rows), seconds / 2))
            if count:
                figures.add(database.kind, COUNTED, key, timed(ask(rows, count), seconds / 2))

        def save():
            connection.execute(f"UPDATE customer SET remarks = '{time.time()}' WHERE id = 1")

        before = connection.execute("SELECT remarks FROM customer WHERE id = 1").fetchone()[0]
        figures.add(database.kind, FLOOR, "save", timed(save, seconds / 2))
        quoted = before.replace("'", "''")
        connection.execute(f"UPDATE customer SET remarks = '{quoted}' WHERE id = 1")


def exported(level: int) -> str:
    """The visits of a level with the columns of an export."""
    return f"SELECT {EXPORTED} FROM visit WHERE level_id = {level} {NEWEST}"


def written(database: Database, statement: str) -> float:
    """The seconds that the rows of the statement take by driver and csv.writer alone."""
    began = time.perf_counter()
    with contextlib.closing(database.connect()) as connection, open(os.devnull, "w", newline="") as sink:
        if database.kind == POSTGRESQL:
            connection.autocommit = False  # A cursor on the server lives in a transaction.
            cursor = connection.cursor("written")
            cursor.itersize = 2000
        else:
            cursor = connection.cursor()
        cursor.execute(statement)
        csv.writer(sink).writerows(cursor)
    return time.perf_counter() - began


# ── Served ───────────────────────────────────────────────────────────────────────────────────────
def application():
    """The first page of the visits, counted, as a bare table."""
    kind = POSTGRESQL if os.environ.get("DATABASE_URL") else SQLITE
    database = Database(kind, Path(os.environ["INSTANCE_DIR"]), os.environ.get("DATABASE_URL"))
    rows, count = statements({"department": 0, "visits": 0})["first"]
    kept = threading.local()

    def app(environ, start_response):
        if not hasattr(kept, "connection"):
            kept.connection = database.connect()
        total = kept.connection.execute(count).fetchone()[0]
        lines = "".join(
            f"<tr>{''.join(f'<td>{html.escape(str(value))}</td>' for value in row)}</tr>"
            for row in kept.connection.execute(rows).fetchall()
        )
        body = f"<p>{total}</p><table>{lines}</table>".encode()
        start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(body)))])
        return [body]

    return app


def main() -> None:
    port = int(os.environ["PORT"])
    with serving.claim("127.0.0.1", port) or contextlib.nullcontext():
        serving.run(application, "127.0.0.1", port, serving.cores(), 8)


if __name__ == "__main__":
    main()
