"""Where attempts are counted: a SQLite file of their own, so that a limit holds in every process of a machine."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from limits.storage import Storage

ResultT = TypeVar("ResultT")
TABLE = "CREATE TABLE IF NOT EXISTS hits (key TEXT PRIMARY KEY, count INTEGER NOT NULL, ends REAL NOT NULL)"
DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def address(path: Path) -> str:
    """The storage address (RATELIMIT_STORAGE_URI) of counters kept in the file `path`."""
    return f"sqlite:///{path}"


class FileStorage(Storage):
    """Counters in the file of a `sqlite:///` address. Each call is one transaction: two processes never count past
    each other. What a machine loses when its power fails is at most these counters."""

    STORAGE_SCHEME = ["sqlite"]

    def __init__(self, uri: str, wrap_exceptions: bool = False, **options: float | str | bool):
        super().__init__(uri, wrap_exceptions, **options)
        self._path = uri.removeprefix("sqlite:///")

    @property
    def base_exceptions(self) -> type[Exception]:
        return sqlite3.Error

    def _write(self, work: Callable[[sqlite3.Connection], ResultT]) -> ResultT:
        """What `work` gives, done in a transaction. A file that the end of power left damaged is begun anew: nobody
        could sign in."""
        try:
            return self._transaction(work)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF not in DAMAGED:
                raise
        for name in (self._path, f"{self._path}-journal"):
            Path(name).unlink(missing_ok=True)
        return self._transaction(work)

    def _transaction(self, work: Callable[[sqlite3.Connection], ResultT]) -> ResultT:
        """`work` done while it holds the file, without the counters that have run out."""
        with closing(sqlite3.connect(self._path, timeout=10, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(TABLE)
            connection.execute("DELETE FROM hits WHERE ends <= ?", (time.time(),))
            result = work(connection)
            connection.execute("COMMIT")
            return result

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        statement = (
            "INSERT INTO hits VALUES (?, ?, ?) "
            "ON CONFLICT (key) DO UPDATE SET count = count + excluded.count RETURNING count"
        )
        hit = (key, amount, time.time() + expiry)
        return int(self._write(lambda connection: connection.execute(statement, hit).fetchall()[0][0]))

    def get(self, key: str) -> int:
        return int(self._row(key)[0])

    def get_expiry(self, key: str) -> float:
        return float(self._row(key)[1])

    def _row(self, key: str) -> tuple[int, float]:
        """How often, and until when."""
        statement = "SELECT count, ends FROM hits WHERE key = ?"
        row = self._write(lambda connection: connection.execute(statement, (key,)).fetchone())
        return row or (0, time.time())

    def check(self) -> bool:
        return True

    def reset(self) -> int:
        return self._write(lambda connection: connection.execute("DELETE FROM hits").rowcount)

    def clear(self, key: str) -> None:
        self._write(lambda connection: connection.execute("DELETE FROM hits WHERE key = ?", (key,)))
