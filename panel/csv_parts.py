"""A CSV export of very many rows, its parts formatted by several processes and sent in order.

The numbers of the rows are read here, in the order of the file and a few thousand at a time; worker processes
(`panel.csv_worker`) take turns at reading and formatting the rows themselves. A worker that waits for its turn
waits with one part in hand, so that memory is bounded however slow the reader of the file is. All of them see
the database as it was at one moment. What is small is formatted here, by the same code.
"""

import contextlib
import itertools
import json
import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

import config
from panel.csv_worker import FRAME, Formatter
from panel.streams import CHUNK, batches, begin_reading, reading

SMALL = 20_000
"""Up to so many rows are formatted without further processes: they would take longer to start."""
PART = 1_000
WORKERS = 3
"""At most so many processes format one export."""
ATTEMPTS = 50


def among(column, dialect: str):
    """The condition that `column` is one of the numbers that the parameter `keys` brings."""
    if dialect == "sqlite":
        return column.in_(sa.select(sa.func.json_each(sa.bindparam("keys")).table_valued("value").c.value))
    return column == sa.any_(sa.bindparam("keys", type_=sa.ARRAY(sa.Integer)))


def keys_for(keys: list[int], dialect: str) -> dict:
    """The parameter that `among` asks for."""
    return {"keys": json.dumps(keys) if dialect == "sqlite" else keys}


@dataclass(frozen=True)
class Plan:
    """What an export consists of.

    `keys` selects the numbers of the rows in the order of the file. The `statements` are conditioned by `among`;
    the first one reads the rows, beginning with their number. `lines` is the class that makes text of what they
    read, and stands where a process that imports next to nothing can reach it; `words` reads what it is made with.
    `notes` gives, for some rows, what only this process can say.
    """

    keys: sa.Select
    statements: list[sa.Select]
    lines: type
    words: Callable[[sa.Connection], dict]
    notes: Callable[[sa.Connection, list[int]], dict[int, str]]
    encoding: str

    def described(self, connection: sa.Connection) -> dict:
        """The plan as `panel.csv_worker.Formatter` takes it."""
        return {
            "statements": [_compiled(statement, connection.dialect) for statement in self.statements],
            "lines": f"{self.lines.__module__}:{self.lines.__qualname__}",
            "words": self.words(connection),
            "encoding": self.encoding,
        }


def _compiled(statement, dialect) -> tuple[str, dict | list]:
    """The statement and its parameters as the driver takes them; None stands where the keys go."""
    compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    values = {**compiled.params, "keys": None}
    return str(compiled), [values[name] for name in compiled.positiontup] if compiled.positional else values


class WorkerEnded(Exception):
    """A worker ended before it had answered: the export can't be completed."""


class Worker:
    """One process that formats parts, and what stands between it and this one. Each request has one answer."""

    def __init__(self, engine: sa.Engine):
        arguments, options = engine.dialect.create_connect_args(engine.url)
        # Adapters are for values that the statements of an export do not read.
        options.pop("context", None)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "panel.csv_worker"],
            cwd=config.ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self.request({"driver": engine.dialect.driver, "arguments": arguments, "options": options})

    def request(self, message: dict) -> None:
        try:
            self.process.stdin.write(json.dumps(message).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise WorkerEnded(self.process.wait()) from None

    def answer(self) -> Iterator[bytes]:
        """The answer to the oldest request, in pieces."""
        (left,) = FRAME.unpack(self._read(FRAME.size))
        while left:
            piece = self._read(min(left, CHUNK))
            left -= len(piece)
            yield piece

    def _read(self, size: int) -> bytes:
        piece = self.process.stdout.read(size)
        if len(piece) < size:
            raise WorkerEnded(self.process.wait())
        return piece

    def stop(self) -> None:
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
        self.process.wait()


@contextlib.contextmanager
def working(count: int, engine: sa.Engine) -> Iterator[list[Worker]]:
    """So many workers; none of them outlives the block."""
    workers: list[Worker] = []
    try:
        for _ in range(count):
            workers.append(Worker(engine))
        yield workers
    finally:
        for worker in workers:
            worker.stop()


def request_all(workers: list[Worker], message: dict) -> None:
    """Ask all of them the same, and wait until each has done it."""
    for worker in workers:
        worker.request(message)
    for worker in workers:
        list(worker.answer())


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def see_the_same(connection: sa.Connection, workers: list[Worker]) -> bool:
    """Begin transactions that see one state of the database, here and in every worker; whether that succeeded.

    PostgreSQL hands its snapshot on. SQLite can't: all begin, and it counts when nobody committed meanwhile.
    """
    if connection.dialect.name == "postgresql":
        request_all(workers, {"snapshot": connection.scalar(sa.text("SELECT pg_export_snapshot()"))})
        return True
    with reading(connection.engine) as watch:
        for _ in range(ATTEMPTS):
            begin_reading(watch)
            before = watch.scalar(sa.text("PRAGMA data_version"))
            begin_reading(connection)
            request_all(workers, {"snapshot": None})
            begin_reading(watch)
            if watch.scalar(sa.text("PRAGMA data_version")) == before:
                return True
    return False


def formatted_here(connection: sa.Connection, plan: Plan, parts: Iterable[list[int]]) -> Iterator[bytes]:
    """The parts formatted by this process alone."""
    with contextlib.closing(connection.connection.cursor()) as cursor:
        formatter, first = Formatter(cursor, plan.described(connection)), 1
        for keys in parts:
            yield from formatter(first, keys, plan.notes(connection, keys))
            first += len(keys)


def formatted_by(
    workers: list[Worker], connection: sa.Connection, plan: Plan, parts: Iterable[list[int]]
) -> Iterator[bytes]:
    """The parts formatted by `workers` in turn, in order. A worker is asked again only when its answer is taken, or
    both sides might wait for each other to read."""
    request_all(workers, {"plan": plan.described(connection)})
    busy: deque[Worker] = deque()
    first = 1
    for worker, keys in zip(itertools.cycle(workers), parts, strict=False):
        notes = plan.notes(connection, keys)
        if len(busy) == len(workers):
            yield from busy.popleft().answer()
        worker.request({"first": first, "keys": keys, "notes": list(notes.items())})
        busy.append(worker)
        first += len(keys)
    for worker in busy:
        yield from worker.answer()


def stream(engine: sa.Engine, plan: Plan) -> Iterator[bytes]:
    """The lines of the export in pieces. Raises WorkerEnded where it can't be completed."""
    with reading(engine) as connection:
        keys = list(connection.scalars(plan.keys.limit(SMALL + 1)))
        if len(keys) <= SMALL:
            parts = (keys[at : at + PART] for at in range(0, len(keys), PART))
            yield from formatted_here(connection, plan, parts)
            return
        del keys
        # A database in memory belongs to its process alone.
        count = min(processors(), WORKERS) if engine.url.database not in (None, "", ":memory:") else 0
        with working(count, engine) as workers:
            if workers and see_the_same(connection, workers):
                with batches(connection, plan.keys, PART) as parts:
                    yield from formatted_by(workers, connection, plan, parts)
                return
        with batches(connection, plan.keys, PART) as parts:
            yield from formatted_here(connection, plan, parts)
