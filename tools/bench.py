"""What the lists and finance's CSV cost at a million visits and two million expenses, beside the floor.

`make bench` builds the database once in `bench-data/` (some minutes), then prints for each list page the time
and what the database does for it, for trials over 100,000 visits the
time, and for the CSV time, speed and peak memory of the serving process. The floor is
the same rows by `sqlite3` and `csv.writer` alone. Times are the best of several runs.
"""

import argparse
import csv
import http.cookiejar
import os
import re
import socket
import sqlite3
import statistics
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parent.parent
PASSWORD = "demo-yingke"
PAGES = (
    ("visit list, first page", "/admin/visit/"),
    ("visit list, deepest page by number", "/admin/visit/?page=49999"),
    ("visit list, last page by its link", "/admin/visit/?last=1"),
    ("visit list, filtered by status and department", "/admin/visit/?{status}=closed&{department}=2"),
    ("visit list, filtered by level", "/admin/visit/?{level}=3"),
    ("visit list, filtered by compliance", "/admin/visit/?{compliance}=explained"),
    ("visit list, search, common word", "/admin/visit/?search=新能源"),
    ("visit list, search, two words", "/admin/visit/?search=滨海半导体 研究院"),
    ("visit list, search, no hit", "/admin/visit/?search=不存在的单位"),
    ("visit list, search, a number", "/admin/visit/?search={number}"),
    ("expense list, first page", "/admin/expense/"),
    ("expense list, last page by its link", "/admin/expense/?last=1"),
    ("expense list, search, an invoice", "/admin/expense/?search=10000000000001234567"),
    ("to-do list of the office", "/admin/"),
    ("what falls due", "/admin/due/"),
)
FLOORS = {
    "visit list, first page": "SELECT * FROM visit ORDER BY planned_start DESC, id DESC LIMIT 20",
    "visit list, deepest page by number": "SELECT * FROM visit WHERE id IN (SELECT id FROM visit ORDER BY "
    "planned_start DESC, id DESC LIMIT 20 OFFSET 999980)",
    "visit list, last page by its link": "SELECT * FROM visit ORDER BY planned_start, id LIMIT 20",
    "expense list, first page": "SELECT * FROM expense ORDER BY incurred_on DESC, id DESC LIMIT 20",
}


BIG = {"visit", "expense", "approval"}
OF_A_ROW = (("department", "department_id"), ("level", "level_id"))


def best(work, runs=7):
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times), statistics.median(times)


def build(folder: Path, visits: int) -> Path:
    """The database to measure with, made on first use."""
    os.environ["INSTANCE_DIR"] = str(folder)
    os.environ.pop("DATABASE_URL", None)
    database, whole = folder / "yingke.db", folder / f"made-{visits}"
    if not whole.exists():
        for leftover in folder.glob("yingke.db*"):
            leftover.unlink()
        folder.mkdir(exist_ok=True)
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "flask", "--app", "app", "demo", "--visits", str(visits)], check=True, cwd=ROOT
        )
        print(f"made in {time.perf_counter() - began:.0f} s")
        whole.touch()
    return database


# ── Lists ────────────────────────────────────────────────────────────────────────────────────────
def plan_of(connection, statement, parameters) -> list[str]:
    return [row[3] for row in connection.execute("EXPLAIN QUERY PLAN " + statement, parameters)]


def lists(database: Path) -> None:
    """Each page through the whole application, as the admin office and as the sales clerk."""
    import sqlalchemy as sa

    from app import create_app
    from models import db

    app = create_app({"WTF_CSRF_ENABLED": False, "RATELIMIT_ENABLED": False})
    plain = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    number = plain.execute("SELECT number FROM visit ORDER BY id DESC LIMIT 1 OFFSET 100").fetchone()[0]
    seen: list = []

    def note(connection, cursor, statement, parameters, context, many):
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            seen.append((statement, parameters))

    with app.app_context():
        sa.event.listen(db.engine, "before_cursor_execute", note)
    names = filter_names(app)
    for username in ("office", "sales"):
        client = app.test_client()
        client.post("/login", data={"username": username, "password": PASSWORD})
        print(f"\nas {username:<49}{'best':>9}{'median':>9}{'floor':>9}   full scans of a big table")
        for title, address in PAGES:
            url = address.format(number=number, **names)
            seen.clear()
            answer = client.get(url)
            assert answer.status_code == 200, (url, answer.status_code)
            scans = "; ".join(sorted(full_scans(plain, seen))) or "none"
            quick, middle = best(lambda client=client, url=url: client.get(url))
            floor = FLOORS.get(title) if username == "office" else None
            bottom = f"{best(lambda floor=floor: plain.execute(floor).fetchall())[0] * 1000:6.1f} ms" if floor else ""
            print(f"  {title:<48} {quick * 1000:6.1f} ms{middle * 1000:6.1f} ms{bottom:>9}   {scans}")


def full_scans(plain, statements) -> set[str]:
    """The steps of the plans of `statements` that read a big table from end to end."""
    found = set()
    for statement, parameters in statements:
        for step in plan_of(plain, statement, parameters):
            # A scan that walks an index stops with its LIMIT; one of the table itself reads it all.
            scan = re.match(r"SCAN (\w+)", step)
            if scan and scan[1] in BIG and "INDEX" not in step:
                found.add(step)
    return found


def filter_names(app) -> dict[str, str]:
    """The address parameters of the visit list's filters, by the column they look at."""
    screen = app.extensions["screens"]["visit"]
    found = {f.column.key: f"flt{n}_{screen.get_filter_arg(n, f)}" for n, f in enumerate(screen._filters)}
    return {name: found[key] for name, key in (*((n, n) for n in ("status", "compliance")), *OF_A_ROW)}


# ── Finance's CSV ────────────────────────────────────────────────────────────────────────────────
def peak(pid: int) -> str:
    """The most memory that the server's processes have held, in sum; what they share counts for each."""
    try:
        processes = [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
        sizes = [re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{p}/status").read_text())[1] for p in processes]
        return f"{sum(map(int, sizes)) / 1024:.0f} MB"
    except (OSError, TypeError):
        return "unknown here"


def finance_csv(database: Path) -> None:
    """All expenses through the real server, by HTTP; beside it the plain loop."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "PORT": str(port)}
    server = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        browser = signed_in(f"http://127.0.0.1:{port}", "finance")
        before, began, first, size, lines = peak(server.pid), time.perf_counter(), None, 0, 0
        with browser.open(f"http://127.0.0.1:{port}/admin/expense/finance.csv") as answer:
            while piece := answer.read(1 << 20):
                first = first or time.perf_counter() - began
                size += len(piece)
                lines += piece.count(b"\r\n")
        took = time.perf_counter() - began
        speed = f"{(lines - 1) / took:,.0f} rows/s"
        print(f"\nfinance CSV, {lines - 1:,} expenses, {size / 2**20:.0f} MB: {took:.1f} s ({speed}),")
        print(
            f"first byte after {first * 1000:.0f} ms; the server's memory at most {peak(server.pid)} ({before} before)"
        )
    finally:
        server.terminate()
        server.wait()
    csv_floor(database)


def signed_in(base: str, username: str):
    """A browser without a screen in which `username` has signed in, once the server answers."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    for _ in range(300):
        try:
            browser.open(base + "/healthz").read()
            break
        except OSError:
            time.sleep(0.1)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.open(base + "/login").read().decode())[1]
    form = {"csrf_token": token, "username": username, "password": PASSWORD}
    browser.open(base + "/login", urllib.parse.urlencode(form).encode()).read()
    return browser


def csv_floor(database: Path) -> None:
    """The same rows by sqlite3 and csv.writer alone."""
    statement = (
        "SELECT e.*, v.number, l.code FROM expense e LEFT JOIN visit v ON v.id = e.visit_id "
        "LEFT JOIN reception_level l ON l.id = v.level_id ORDER BY e.incurred_on, e.id"
    )
    began, rows = time.perf_counter(), 0
    with (
        sqlite3.connect(f"file:{database}?mode=ro", uri=True) as plain,
        open(os.devnull, "w", newline="", encoding="utf-8") as sink,
    ):
        writer = csv.writer(sink)
        for row in plain.execute(statement):
            writer.writerow(row)
            rows += 1
    took = time.perf_counter() - began
    print(f"the floor, sqlite3 and csv.writer alone, {rows:,} rows: {took:.1f} s ({rows / took:,.0f} rows/s)")


# ── Trials ───────────────────────────────────────────────────────────────────────────────────────
def trials(visits: int = 100_000) -> None:
    """Two trials over as many past visits, with their expenses."""
    import sqlalchemy as sa

    from app import create_app
    from core.clock import local, zone
    from models import Trial, Visit, db
    from rulebook import files, trial

    app = create_app()
    with app.app_context():
        first = local(
            db.session.scalar(sa.select(Visit.planned_start).order_by(Visit.planned_start, Visit.id).limit(1))
        ).date()
        last = local(
            db.session.scalar(
                sa.select(Visit.planned_start).order_by(Visit.planned_start, Visit.id).offset(visits).limit(1)
            )
        ).date()
        print()
        for codes in (("R15",), ("R17", "R02", "R13")):
            row = Trial(
                title=" ".join(codes), regulation_ids=[files.find(code).id for code in codes], since=first, until=last
            )
            db.session.add(row)
            db.session.commit()
            key = row.id
            began = time.perf_counter()
            trial.run(key, zone())
            row = db.session.get(Trial, key)
            print(
                f"trial of {' '.join(codes):<14} {row.total:,} visits, expenses and other requests: "
                f"{time.perf_counter() - began:.1f} s"
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visits", type=int, default=1_000_000)
    arguments = parser.parse_args()
    path = build(ROOT / "bench-data", arguments.visits)
    lists(path)
    trials()
    finance_csv(path)
