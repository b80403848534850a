"""Stock Flask-Admin and Django admin beside the panel: on the same data, each served by two gunicorn workers.

Their packages stand in an environment of their own in bench-data/, pinned by tools/bench/requirements.txt.
"""

import contextlib
import os
import subprocess
import venv
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from tools.bench import floors
from tools.bench.browser import PASSWORD, Browser
from tools.bench.databases import KEPT, Database
from tools.bench.rows import DJANGO, SEARCHED, STOCK
from tools.bench.servers import ROOT, Served, serving
from workflow import VISIT

PINNED = Path(__file__).parent / "requirements.txt"
WORKERS = 2
PATIENCE = 600
"""Seconds that an export may take; gunicorn's own limit is 30."""
USERNAME = "office"


def environment() -> Path:
    """The programs of the benchmark's own environment, installed where it is missing or pinned otherwise."""
    folder = KEPT / ".venv"
    stamp = folder / "installed"
    if not stamp.exists() or stamp.read_text() != PINNED.read_text():
        print("Installing Django and stock Flask-Admin …", flush=True)
        venv.create(folder, clear=True, with_pip=True)
        command = [folder / "bin" / "python", "-m", "pip", "install", "-qq", "-r", PINNED]
        subprocess.run(command, check=True)
        stamp.write_text(PINNED.read_text())
    return folder / "bin"


def _gunicorn(programs: Path, application: str) -> list[str]:
    options = [
        "--workers",
        str(WORKERS),
        "--timeout",
        str(PATIENCE),
        "--bind",
        "127.0.0.1:$PORT",
        "--log-level",
        "error",
    ]
    return [str(programs / "gunicorn"), *options, application]


@contextlib.contextmanager
def running(database: Database, facts: dict) -> Iterator[list[Served]]:
    """Both, signed in, until the block ends."""
    programs = environment()
    files = {"DATABASE_FILE": str(database.file), "OWN_FILE": str(KEPT / "django.db")}
    files["STATES"] = ",".join(map(str, VISIT.states))
    make = f"from tools.bench.django_admin import make; make({USERNAME!r}, {PASSWORD!r})"
    subprocess.run([programs / "python", "-c", make], check=True, cwd=ROOT, env={**os.environ, **files})
    with (
        serving(STOCK, _gunicorn(programs, "tools.bench.stock_admin:app"), "/healthz", **files) as stock,
        serving(DJANGO, _gunicorn(programs, "tools.bench.django_admin:application"), "/healthz", **files) as django,
    ):
        stock.paths = _stock_paths(facts)
        django.paths = _django_paths(facts)
        for served, login in ((stock, "/login"), (django, "/admin/login/")):
            served.browser = Browser(served.port)
            served.browser.sign_in(login, USERNAME)
        yield [stock, django]


def _stock_paths(facts: dict) -> dict[str, str]:
    chosen = f"flt0_status_equals=closed&flt1_department_id_equals={facts['department']}"
    return {
        "first": "/admin/visit/",
        "filtered": f"/admin/visit/?{chosen}",
        "search": f"/admin/visit/?search={quote(SEARCHED)}",
        "page": f"/admin/visit/?page={floors.depth(facts['visits']) - 1}",
        "export": f"/admin/visit/export/csv/?flt0_level_id_equals={facts['level']}",
        "edit": "/admin/customer/edit/?id=1",
        "save": "/admin/customer/edit/?id=1",
    }


def _django_paths(facts: dict) -> dict[str, str]:
    chosen = f"status__exact=closed&department__id__exact={facts['department']}"
    return {
        "first": "/admin/panel/visit/",
        "filtered": f"/admin/panel/visit/?{chosen}",
        "search": f"/admin/panel/visit/?q={quote(SEARCHED)}",
        "page": f"/admin/panel/visit/?p={floors.depth(facts['visits'])}",
        "edit": "/admin/panel/customer/1/change/",
        "save": "/admin/panel/customer/1/change/",
    }
