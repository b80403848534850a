"""Where attempts are counted: a SQLite file of their own, so that a limit holds in every process of a machine."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from limits.storage import Storage

TABLE = "CREATE TABLE IF NOT EXISTS hits (key TEXT PRIMARY KEY, count INTEGER NOT NULL, ends REAL NOT NULL)"


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

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that holds the file, without the counters that have run out."""
        connection = sqlite3.connect(self._path, timeout=10, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(TABLE)
            connection.execute("DELETE FROM hits WHERE ends <= ?", (time.time(),))
            yield connection
            connection.execute("COMMIT")
        finally:
            connection.close()

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        with self._writing() as connection:
            return int(
                connection.execute(
                    "INSERT INTO hits VALUES (?, ?, ?) "
                    "ON CONFLICT (key) DO UPDATE SET count = count + excluded.count RETURNING count",
                    (key, amount, time.time() + expiry),
                ).fetchall()[0][0]
            )

    def get(self, key: str) -> int:
        return int(self._row(key)[0])

    def get_expiry(self, key: str) -> float:
        return float(self._row(key)[1])

    def _row(self, key: str) -> tuple[int, float]:
        """How often, and until when."""
        with self._writing() as connection:
            row = connection.execute("SELECT count, ends FROM hits WHERE key = ?", (key,)).fetchone()
        return row or (0, time.time())

    def check(self) -> bool:
        return True

    def reset(self) -> int:
        with self._writing() as connection:
            return connection.execute("DELETE FROM hits").rowcount

    def clear(self, key: str) -> None:
        with self._writing() as connection:
            connection.execute("DELETE FROM hits WHERE key = ?", (key,))
