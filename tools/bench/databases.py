"""The databases that are measured: made on first use and kept in bench-data/, or ready-made ones."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.bench.rows import POSTGRESQL, SQLITE
from tools.bench.servers import ROOT

KEPT = ROOT / "bench-data"
VARIABLES = ("INSTANCE_DIR", "DATABASE_URL")


class Unfit(Exception):
    """The database is not one to measure with."""


@dataclass(frozen=True)
class Database:
    """A demo company of very many visits. `folder`: its instance folder; `url`: of PostgreSQL."""

    kind: str
    folder: Path
    url: str | None = None

    @property
    def file(self) -> Path:
        return self.folder / "yingke.db"

    def connect(self):
        """A connection of the driver itself; each statement is a transaction of its own."""
        if self.kind == SQLITE:
            connection = sqlite3.connect(self.file, isolation_level=None, timeout=20)
            connection.execute("PRAGMA synchronous=FULL")  # as the panel has it
            return connection
        import psycopg

        return psycopg.connect(self.url.replace("+psycopg", "", 1), autocommit=True)

    def facts(self) -> dict:
        """How many rows it holds, its version; the sales department, the rarest level of many visits."""
        with contextlib.closing(self.connect()) as connection:

            def first(statement):
                return connection.execute(statement).fetchone()

            version = first("SELECT sqlite_version()" if self.kind == SQLITE else "SHOW server_version")[0]
            visits, expenses = (first(f"SELECT count(*) FROM {table}")[0] for table in ("visit", "expense"))
            level, leveled = first(
                "SELECT level_id, count(*) FROM visit WHERE level_id IS NOT NULL GROUP BY level_id "
                f"HAVING count(*) > {visits // 50} ORDER BY 2, 1"
            )
            return {
                "version": f"{self.kind} {version.split()[0]}",
                "visits": visits,
                "expenses": expenses,
                "department": first("SELECT id FROM department WHERE code = 'SAL'")[0],
                "level": level,
                "leveled": leveled,
            }

    @contextlib.contextmanager
    def chosen(self) -> Iterator["Database"]:
        """While the block runs, what reads the environment works on this database."""
        before = {name: os.environ.get(name) for name in VARIABLES}
        _set({"INSTANCE_DIR": str(self.folder), "DATABASE_URL": self.url})
        try:
            yield self
        finally:
            _set(before)

    def fit(self) -> "Database":
        """Itself; Unfit where it does not hold a demo company with visits."""
        try:
            with contextlib.closing(self.connect()) as connection:
                demo = connection.execute("SELECT value FROM setting WHERE key = 'demo'").fetchone()
        except Exception as error:
            raise Unfit(f"{self.url or self.file}: {str(error).splitlines()[0]}") from None
        if not demo:
            raise Unfit(f"{self.url or self.file} is a real installation; the benchmark signs in and saves.")
        return self


def _set(variables: dict[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _fill(database: Database, visits: int) -> None:
    began = time.perf_counter()
    print(f"{database.kind}: making {visits:,} visits in {database.folder} …", flush=True)
    command = [sys.executable, "-m", "flask", "--app", "app", "demo", "--visits", str(visits)]
    with database.chosen():
        subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    print(f"{database.kind}: made in {time.perf_counter() - began:.0f} s", flush=True)


@contextlib.contextmanager
def sqlite(visits: int, data: Path | None) -> Iterator[Database]:
    """The SQLite database of the instance folder `data`; without it the benchmark's own, of `visits` visits."""
    if data is not None:
        if not (data / "yingke.db").exists():
            raise Unfit(f"{data} holds no yingke.db")
        yield Database(SQLITE, data).fit()
        return
    database = Database(SQLITE, KEPT / f"sqlite-{visits}")
    made = database.folder / "made"
    if not made.exists():
        shutil.rmtree(database.folder, ignore_errors=True)
        database.folder.mkdir(parents=True)
        _fill(database, visits)
        made.touch()
    yield database


@contextlib.contextmanager
def postgresql(visits: int) -> Iterator[Database]:
    """The database that DATABASE_URL names (its keys are in INSTANCE_DIR); without it one in a cluster of the
    benchmark's own, of `visits` visits."""
    url = os.environ.get("DATABASE_URL", "")
    if url.startswith("postgres"):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
        yield Database(POSTGRESQL, Path(os.environ.get("INSTANCE_DIR") or ROOT / "instance").resolve(), url).fit()
        return
    from tools.postgres import create_database, running_postgres, with_name

    folder = KEPT / f"postgresql-{visits}"
    made = folder / "made"
    if not made.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    with running_postgres(folder / "cluster") as server:
        if made.exists():
            database = Database(POSTGRESQL, folder, with_name(server, "yingke"))
        else:
            database = Database(POSTGRESQL, folder, create_database(server, "yingke"))
            _fill(database, visits)
            made.touch()
        yield database


def opened(kind: str, visits: int, data: Path | None) -> contextlib.AbstractContextManager[Database]:
    return sqlite(visits, data) if kind == SQLITE else postgresql(visits)
