"""Streaming rows out: CSV and XLSX at constant memory, safe to open in a spreadsheet."""

import contextlib
import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from urllib.parse import quote

import sqlalchemy as sa

from panel.csv_columns import neutral
from tables.base import writing

CHUNK = 64 * 1024
SHEET_ROWS = 1_048_575


def stream_csv(
    header: Sequence[str], rows: Iterable[Sequence], encoding: str = "utf-8-sig", safe: bool = False
) -> Iterator[bytes]:
    """`rows` as CSV in pieces of some 64 KB; `encoding` is utf-8-sig (people, Excel) or gbk (ledgers).

    `safe` says that the rows are neutral already.
    """
    buffer, plain = io.StringIO(), "utf-8" if encoding == "utf-8-sig" else encoding
    writer = csv.writer(buffer)
    if encoding == "utf-8-sig":
        yield b"\xef\xbb\xbf"
    writer.writerow(header)
    try:
        for row in rows:
            writer.writerow(row if safe else [neutral(value) for value in row])
            if buffer.tell() >= CHUNK:
                yield buffer.getvalue().encode(plain, "replace")
                buffer.seek(0)
                buffer.truncate()
        yield buffer.getvalue().encode(plain, "replace")
    finally:
        close = getattr(rows, "close", None)
        if close:
            close()


def stream_xlsx(header: Sequence[str], rows: Iterable[Sequence]) -> Iterator[bytes]:
    """`rows` as a workbook: written row by row to a temporary file, then sent in pieces.

    Numbers are typed as numbers, everything else as text; past 1,048,575 rows a further sheet begins.
    """
    import xlsxwriter

    with tempfile.TemporaryFile() as file:
        book = xlsxwriter.Workbook(
            file,
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        sheet, at = None, SHEET_ROWS
        for row in rows:
            if at >= SHEET_ROWS:
                sheet, at = book.add_worksheet(), 0
                sheet.write_row(0, 0, header)
            at += 1
            for column, value in enumerate(row):
                if value is None or value == "":
                    continue
                if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
                    sheet.write_number(at, column, value)
                else:
                    sheet.write_string(at, column, str(value)[:32767])
        if sheet is None:
            book.add_worksheet().write_row(0, 0, header)
        book.close()
        file.seek(0)
        while piece := file.read(CHUNK):
            yield piece


def attachment_headers(filename: str, media_type: str) -> dict[str, str]:
    """The headers of a download whose name may be Chinese (RFC 6266)."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in filename)
    return {
        "Content-Type": media_type,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}",
    }


@contextlib.contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection for an export: of its own, because the request's is gone once the response streams; it sees the
    database as it was at one moment, never writes, and is given back even when the client leaves half-way."""
    options = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    with (
        contextlib.closing(engine.connect().execution_options(**options)) as connection,
        _small_cache(connection),
    ):
        begin_reading(connection)
        try:
            yield connection
        finally:
            connection.rollback()


@contextlib.contextmanager
def batches(connection: sa.Connection, keys: sa.Select, size: int) -> Iterator[Iterator[list[int]]]:
    """The numbers of the rows that `keys` selects, `size` at a time, as the database gives them.

    They are read by a cursor of the database; the block closes it, also where the reader of the file has left.
    """
    with contextlib.closing(connection.scalars(keys.execution_options(yield_per=size))) as rows:
        yield rows.partitions()


@contextlib.contextmanager
def _small_cache(connection: sa.Connection) -> Iterator[None]:
    """What is read once need not be kept: SQLite keeps no more than a megabyte of it meanwhile."""
    if connection.dialect.name != "sqlite":
        yield
        return
    # By the driver: no transaction begins here.
    with contextlib.closing(connection.connection.cursor()) as cursor:
        before = cursor.execute("PRAGMA cache_size").fetchone()[0]
        cursor.execute("PRAGMA cache_size=-1024")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA cache_size={before}")


def begin_reading(connection: sa.Connection) -> None:
    """Begin a transaction that only reads, and fix what it sees to this moment."""
    token = writing.set(False)
    try:
        connection.rollback()
        connection.execute(sa.text("SELECT 1 FROM alembic_version")).first()
    finally:
        writing.reset(token)
