"""The clock: moments are aware and in UTC, days are the company's own."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import current_app


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def this_minute() -> datetime:
    """The minute it is, in UTC: what a form begins with."""
    return now().replace(second=0, microsecond=0)


def zone() -> ZoneInfo:
    """The company's time zone."""
    return ZoneInfo(current_app.config["BABEL_DEFAULT_TIMEZONE"])


def local(moment: datetime) -> datetime:
    """`moment` as the company's clocks show it."""
    return moment.astimezone(zone())


def local_day(moment: datetime) -> date:
    """The company's calendar day at `moment`."""
    return local(moment).date()


def today() -> date:
    """The company's calendar day now."""
    return local_day(now())


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """The first moment of the company's `day` and of the next, in UTC."""
    first, second = (datetime.combine(d, time(), zone()).astimezone(UTC) for d in (day, day + timedelta(days=1)))
    return first, second
