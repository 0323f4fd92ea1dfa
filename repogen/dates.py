"""Dates as the site writes them: UTC, whole seconds, ``2026-11-20T10:00:00Z``."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from repogen.errors import UsageError

#: Longer than that nobody waits for a clock that is behind the published date.
LONGEST_WAIT = timedelta(minutes=1)
#: apt refuses a Release whose Date is more than ten seconds ahead of its own clock (Acquire::Max-FutureTime).
FUTURE_TOLERANCE = timedelta(seconds=10)
_EARLIEST_ZIP = datetime(1980, 1, 2, tzinfo=UTC)


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse(text: str) -> datetime:
    """A stamp, any other ISO 8601 date (UTC when it names no zone), or ``@SECONDS``. Raises ValueError."""
    moment = datetime.fromtimestamp(int(text[1:]), UTC) if text.startswith("@") else datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def half_over(date: str, days: int, now: datetime) -> bool:
    """Whether at least half of a number of days after a date is over; never where the number is 0."""
    return days > 0 and now - parse(date) >= timedelta(days=days) / 2


def requested(option: str | None, environ: Mapping[str, str]) -> datetime | None:
    """The date asked for by ``--date`` or else by SOURCE_DATE_EPOCH (https://reproducible-builds.org/specs/source-date-epoch/)."""
    epoch = environ.get("SOURCE_DATE_EPOCH", "")
    text, origin = (option, "--date") if option else (f"@{epoch}" if epoch else "", "SOURCE_DATE_EPOCH")
    if not text:
        return None
    try:
        moment = parse(text)
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(
            f"{origin} {text.lstrip('@')!r} is no date", hint='write it as "2026-11-20T10:00:00Z", or as seconds since 1970 in SOURCE_DATE_EPOCH'
        ) from error
    if moment < _EARLIEST_ZIP:
        raise UsageError(f"{origin} {stamp(moment)} is before 1980, which a package cannot bear", hint="give a later date")
    return moment


def next_date(wanted: datetime | None, now: datetime, last: str) -> str:
    """The date of a new state: as wanted or now, and always later than the last one.

    Clients ignore a Release that is not newer than the one they have, so a date that stands still (a fixed
    SOURCE_DATE_EPOCH, a clock set back) is moved on by one second, and the user is told.
    """
    moment = (wanted or now).replace(microsecond=0)
    if moment > now + FUTURE_TOLERANCE:
        raise UsageError(f"the date {stamp(moment)} lies in the future", hint="apt refuses such a repository; set the clock or give an earlier --date")
    if last and moment <= parse(last):
        following = parse(last) + timedelta(seconds=1)
        if wanted is not None or following > now + FUTURE_TOLERANCE:
            logging.getLogger(__name__).warning("the published state is of %s, not older than %s: dating this one %s", last, stamp(moment), stamp(following))
        moment = following
    return stamp(moment)


def until(date: str, now: datetime) -> float:
    """Seconds to wait before a state of this date is written: many publishes in a row must not run ahead of the clock."""
    ahead = parse(date) - now
    return ahead.total_seconds() if timedelta() < ahead <= LONGEST_WAIT else 0.0
