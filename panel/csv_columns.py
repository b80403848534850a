"""Cells of a CSV file, formatted a column at a time: several times quicker than cell by cell.

It imports next to nothing: the processes that format a large export (`panel.csv_worker`) start with it alone.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
QUOTED = (",", '"', "\r", "\n")
REMEMBERED = 5_000
_CENTS = tuple(f".{n:02d}" for n in range(100))


def neutral(value):
    """A text cell that a spreadsheet would run as a formula, made plain text by a leading space; numbers stay
    numbers."""
    if isinstance(value, str) and value.startswith(DANGEROUS):
        return " " + value
    return value


def quoted(cell: str) -> str:
    """The cell as `csv.writer` writes it: in quotes where it holds a comma, a quote or the end of a line."""
    if "," in cell or '"' in cell or "\n" in cell or "\r" in cell:
        return '"' + cell.replace('"', '""') + '"'
    return cell


def written(column: Sequence[str | None]) -> Sequence[str]:
    """Text that the panel itself wrote (numbers, dates), ready for the line."""
    try:
        whole = "\0".join(column)
    except TypeError:
        column = [cell or "" for cell in column]
        whole = "\0".join(column)
    return _quoted(column, whole)


def typed(column: Sequence[str | None]) -> Sequence[str]:
    """Text that a person typed, ready for the line: no cell of it is run as a formula."""
    try:
        whole = "\0" + "\0".join(column)
    except TypeError:
        column = [cell or "" for cell in column]
        whole = "\0" + "\0".join(column)
    # The whole column is looked through at once; single cells only where there is something in it.
    if any("\0" + mark in whole for mark in DANGEROUS):
        column = [neutral(cell) for cell in column]
    return _quoted(column, whole)


def _quoted(column, whole):
    return [quoted(cell) for cell in column] if any(mark in whole for mark in QUOTED) else column


def yuan(column: Iterable[int | None]) -> list[str]:
    """Whole cents as 1234.50; nothing for nothing."""
    return [
        "" if cents is None else str(cents // 100) + _CENTS[cents % 100] if cents >= 0 else "-" + yuan([-cents])[0]
        for cents in column
    ]


def lines(columns: Iterable[Iterable[str]]) -> str:
    """The lines of cells that are ready, each column as long as the next and not empty."""
    return "\r\n".join(map(",".join, zip(*columns, strict=True))) + "\r\n"


class Remembered(dict):
    """What `work` makes of a value, worked out once; it forgets when it grows too large."""

    def __init__(self, work: Callable):
        super().__init__()
        self.work = work

    def __missing__(self, value):
        if len(self) >= REMEMBERED:
            self.clear()
        result = self[value] = self.work(value)
        return result


class Clock:
    """The company's time of stored UTC moments, each by the first 16 characters of it: "2026-01-05 09:30"."""

    def __init__(self, zone: str):
        self.zone = ZoneInfo(zone)
        self.hours, self.minutes = Remembered(self._hour), Remembered(self._local)

    def times(self, column: Iterable[str]) -> list[str]:
        """To the minute."""
        hours, minutes = self.hours, self.minutes
        return [hour + minute[13:] if (hour := hours[minute[:13]]) else minutes[minute] for minute in column]

    def days(self, column: Iterable[str]) -> list[str]:
        """The day alone."""
        hours, minutes = self.hours, self.minutes
        return [(hours[minute[:13]] or minutes[minute])[:10] for minute in column]

    def _local(self, minute: str) -> str:
        moment = datetime.fromisoformat(minute).replace(tzinfo=UTC).astimezone(self.zone)
        return moment.isoformat(" ", "minutes")[:16]

    def _hour(self, hour: str) -> str:
        """The company's hour, where it is one whole hour of the company's clock."""
        first, last = self._local(f"{hour}:00"), self._local(f"{hour}:59")
        return first[:13] if first[13:] == ":00" and last == f"{first[:13]}:59" else ""
