"""A process that formats parts of a large CSV export; `panel.csv_parts` starts it and tells it what to do.

Its standard input brings documents of JSON, one a line: how to connect, then requests: begin a transaction, a plan,
parts. Each request is answered on standard output by a frame: the number of bytes, then the bytes. It ends when its
input ends, or when nobody takes its output any more. It imports little, so that it starts quickly and stays small.
"""

import gc
import json
import os
import signal
import struct
import sys
from collections.abc import Sequence
from importlib import import_module

BATCH = 250
"""Rows read and formatted at a time: larger ones no longer fit the processor's cache."""
FRAME = struct.Struct("!Q")


class Formatter:
    """Turns rows, given by their numbers, into the bytes of their lines.

    `plan` holds the statements (the first one reads the rows and begins with their number), the class that makes
    lines of what they read (`module:Class`), the words that class is made with, and the encoding.
    """

    def __init__(self, cursor, plan: dict):
        module, name = plan["lines"].split(":")
        self.cursor, self.encoding = cursor, plan["encoding"]
        self.statements = plan["statements"]
        self.lines = getattr(import_module(module), name)(**plan["words"])

    def __call__(self, first: int, keys: Sequence[int], notes: dict[int, str]) -> list[bytes]:
        """The lines of the rows `keys`, in this order, numbered from `first`, in pieces. Raises KeyError for one that
        is gone."""
        pieces = []
        for at in range(0, len(keys), BATCH):
            batch = keys[at : at + BATCH]
            rows, *more = (self.read(*statement, batch) for statement in self.statements)
            by_key = {row[0]: row for row in rows}
            text = self.lines(first + at, [by_key[key] for key in batch], *more, notes)
            pieces.append(text.encode(self.encoding, "replace"))
        return pieces

    def read(self, statement: str, parameters: dict | list, keys: Sequence[int]) -> list[tuple]:
        """The rows of `statement` for `keys`, which stand where its parameters hold None."""
        if isinstance(parameters, dict):
            given = {name: keys if value is None else value for name, value in parameters.items()}
        else:
            given = [json.dumps(keys) if value is None else value for value in parameters]
        self.cursor.execute(statement, given)
        return self.cursor.fetchall()


def connect(driver: str, arguments: list, options: dict):
    """A connection that begins no transaction by itself."""
    if driver == "psycopg":
        import psycopg

        return psycopg.connect(*arguments, **options, autocommit=True)
    import sqlite3

    connection = sqlite3.connect(*arguments, **options)
    connection.isolation_level = None
    for pragma in ("query_only=ON", "busy_timeout=20000", "cache_size=-1024", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def begin(cursor, driver: str, snapshot: str | None) -> None:
    """Begin a transaction anew: what is read from now on is of one moment, on PostgreSQL that of `snapshot`."""
    cursor.connection.rollback()
    if driver == "psycopg":
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        # The server gave this name itself; the statement takes no parameters.
        cursor.execute("SET TRANSACTION SNAPSHOT '" + snapshot.replace("'", "") + "'")
    else:
        cursor.execute("BEGIN")
        cursor.execute("SELECT count(*) FROM sqlite_master").fetchall()


def serve(requests, answers) -> None:
    """Answer `requests` until they end."""
    database = json.loads(next(requests))
    cursor = connect(**database).cursor()
    formatter = None
    for line in requests:
        request, answer = json.loads(line), []
        if "snapshot" in request:
            begin(cursor, database["driver"], request["snapshot"])
        elif "plan" in request:
            formatter = Formatter(cursor, request["plan"])
        else:
            answer = formatter(request["first"], request["keys"], dict(request["notes"]))
        answers.write(FRAME.pack(sum(map(len, answer))))
        answers.writelines(answer)
        answers.flush()


def main() -> None:
    """Serve the process that started this one. Its end is ours, whoever else asks for it: a stop of the whole
    service must let an export that is under way come to its end."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    # Rows make no circles, and looking for some among millions of tuples is a tenth of the work.
    gc.disable()
    try:
        serve(sys.stdin.buffer, sys.stdout.buffer)
    except BrokenPipeError:
        # Nobody reads any more; Python would complain once more when it closes its output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
