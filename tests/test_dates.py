import logging
from datetime import UTC, datetime, timedelta

import pytest

from repogen import dates
from repogen.errors import UsageError

NOW = datetime(2026, 11, 20, 10, 0, 0, 500, tzinfo=UTC)


def test_a_new_state_is_dated_now() -> None:
    assert dates.next_date(None, NOW, "") == "2026-11-20T10:00:00Z"


def test_a_state_is_always_later_than_the_last_one() -> None:
    assert dates.next_date(None, NOW, "2026-11-20T10:00:00Z") == "2026-11-20T10:00:01Z"


def test_a_date_that_stands_still_is_moved_on_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("repogen").propagate = True
    wanted = dates.requested(None, {"SOURCE_DATE_EPOCH": "1767225600"})
    assert dates.next_date(wanted, NOW, "2026-01-01T00:00:00Z") == "2026-01-01T00:00:01Z"
    assert "not older than" in caplog.text


@pytest.mark.parametrize(
    ("text", "stamp"),
    [("2026-01-01", "2026-01-01T00:00:00Z"), ("2026-01-01T12:00:00+02:00", "2026-01-01T10:00:00Z"), ("2026-01-01T12:00:00Z", "2026-01-01T12:00:00Z")],
)
def test_iso_dates(text: str, stamp: str) -> None:
    wanted = dates.requested(text, {})
    assert wanted is not None
    assert dates.stamp(wanted) == stamp


@pytest.mark.parametrize(("option", "epoch"), [("yesterday", ""), (None, "12x"), (None, "99999999999999999"), ("1970-01-01", "")])
def test_what_is_no_date_is_refused(option: str | None, epoch: str) -> None:
    with pytest.raises(UsageError):
        dates.requested(option, {"SOURCE_DATE_EPOCH": epoch})


def test_a_date_in_the_future_would_lock_apt_out() -> None:
    with pytest.raises(UsageError, match="future"):
        dates.next_date(datetime(2027, 1, 1, tzinfo=UTC), NOW, "")


@pytest.mark.parametrize(("days", "hours", "over"), [(0, 9999, False), (10, 119, False), (10, 120, True), (1, 12, True)])
def test_half_of_a_time_is_over(days: int, hours: int, over: bool) -> None:
    assert dates.half_over("2026-01-01T00:00:00Z", days, dates.parse("2026-01-01T00:00:00Z") + timedelta(hours=hours)) is over


@pytest.mark.parametrize(("seconds", "wait"), [(-1, 0.0), (0, 0.0), (1, 1.0), (3, 3.0), (61, 0.0)])
def test_a_state_waits_for_its_date_unless_the_clock_is_far_behind(seconds: int, wait: float) -> None:
    whole = NOW.replace(microsecond=0)
    assert dates.until(dates.stamp(whole + timedelta(seconds=seconds)), whole) == wait
