"""Pages through the server: one client after another's answer, saving, eight and forty clients at once."""

import contextlib
import sys
import time
from urllib.parse import quote

from tools.bench import floors
from tools.bench.apart import apart, filter_names
from tools.bench.browser import Browser, Refused
from tools.bench.databases import Database
from tools.bench.load import WARM, Job, run
from tools.bench.rows import FLOOR, SEARCHED, SIZE, Figures
from tools.bench.servers import Served, processor, serving

READERS = ("front", "sales", "sales_head", "tech", "tech_head", "office", "office_head", "exec")
"""Who may search among the visits."""
LISTS = ("first", "filtered", "search", "page")
PAGES = (*LISTS, "edit")
CUSTOMER = "/admin/customer/edit/?id=1"
CROWDS = {"eight": 8, "forty": 40}
SAVES = 30


def settle(panel: Served, facts: dict) -> None:
    """Sign the admin office in; say where each page of the panel is."""
    names = apart(filter_names)
    filters = f"{names['status']}=closed&{names['department_id']}={facts['department']}"
    panel.browser = Browser(panel.port)
    panel.browser.sign_in("/login", "office")
    panel.paths = {
        "first": "/admin/visit/",
        "filtered": f"/admin/visit/?{filters}",
        "search": f"/admin/visit/?search={quote(SEARCHED)}",
        "page": f"/admin/visit/?page={floors.depth(facts['visits']) - 1}",
        "export": f"/admin/visit/export/csv/?{names['level_id']}={facts['level']}",
        "edit": CUSTOMER,
        "save": CUSTOMER,
    }


def check(subjects: list[Served]) -> None:
    """Refused where a list of a subject does not show a whole page of rows."""
    for subject in subjects:
        for key in LISTS:
            if subject.browser.page(subject.paths[key]).count("<tr") <= SIZE:
                raise Refused(f"{subject.name}: {subject.paths[key]} shows fewer than {SIZE} rows")


# ── One client ───────────────────────────────────────────────────────────────────────────────────
def pages(database: Database, subjects: list[Served], seconds: float, figures: Figures) -> None:
    """One round of every page of every subject, page by page: what disturbs one disturbs its neighbours too."""
    for key in PAGES:
        for subject in subjects:
            answered = run(Job(subject.port, subject.paths[key], subject.cookie, seconds=seconds))
            figures.add(database.kind, subject.name, key, answered.p50)


def slowest(database: Database, panel: Served, rounds: int, seconds: float, figures: Figures) -> None:
    """The search as each role that may; the slowest of them counts."""
    for username in READERS:
        browser = Browser(panel.port)
        browser.sign_in("/login", username)
        for _ in range(rounds):
            answered = run(Job(panel.port, panel.paths["search"], browser.cookie, seconds=seconds))
            figures.add(database.kind, username, "slowest", answered.p50)
    by_role = {username: figures.value(database.kind, username, "slowest") for username in READERS}
    figures.add(database.kind, panel.name, "slowest", max(by_role.values()))
    figures.facts[database.kind]["search by role"] = by_role


def saves(database: Database, subjects: list[Served], seconds: float, figures: Figures) -> None:
    """One round of saving a customer; the form is fetched anew each time, which does not count."""
    for subject in subjects:
        path, times = subject.paths["save"], []
        first = subject.browser.form(path, "remarks")
        ends = time.perf_counter() + seconds
        while len(times) < floors.LEAST or (len(times) < SAVES and time.perf_counter() < ends):
            form = subject.browser.form(path, "remarks")
            changed = f"{time.time()}"
            times.append(subject.browser.post(path, [(n, changed if n == "remarks" else v) for n, v in form]))
        figures.add(database.kind, subject.name, "save", sorted(times)[len(times) // 2] * 1000)
        remarks, form = dict(first)["remarks"], subject.browser.form(path, "remarks")
        subject.browser.post(path, [(n, remarks if n == "remarks" else v) for n, v in form])


# ── Many clients ─────────────────────────────────────────────────────────────────────────────────
def crowds(database: Database, subjects: list[Served], seconds: float, figures: Figures) -> None:
    """One round of eight and of forty clients on the list."""
    for key, clients in CROWDS.items():
        for subject in subjects:
            before = processor(subject.pid)
            answered = run(Job(subject.port, subject.paths["first"], subject.cookie, clients, 2 * seconds))
            computed = (processor(subject.pid) - before) / (answered.count + 2 * WARM) * 1000
            for name, value in (
                (key, answered.rate),
                (f"{key}_p50", answered.p50),
                (f"{key}_p99", answered.p99),
                (f"{key}_cpu", computed),
            ):
                figures.add(database.kind, subject.name, name, value)


@contextlib.contextmanager
def floor_served():
    """The first page as a bare table, served as the panel is."""
    with serving(FLOOR, [sys.executable, "-m", "tools.bench.floors"], "/") as served:
        served.paths = {"first": "/"}
        yield served
