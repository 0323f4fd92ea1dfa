"""How long to wait for S3: with a clock, a sleep and a die of the test's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, SSLError

from repogen.stores.s3_retries import Patience, passes


class _Time:
    """A clock that only sleeping moves, and a die that shows its highest number."""

    def __init__(self) -> None:
        self.now, self.pauses = 1000.0, []

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    def patience(self, **values: float) -> Patience:
        return Patience(sleep=self.sleep, clock=lambda: self.now, uniform=lambda _, high: high)._replace(**values)


def _failing(error: Exception, times: int = 99) -> tuple[Callable[[int], str], list[int]]:
    asked: list[int] = []

    def request(number: int) -> str:
        asked.append(number)
        if len(asked) <= times:
            raise error
        return "answer"

    return request, asked


def _refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code}}, "PutObject")


def test_the_wait_doubles_up_to_the_longest() -> None:
    time = _Time()
    request, asked = _failing(_refused("SlowDown"), times=7)
    assert time.patience(first=0.5, longest=4.0).ask(request) == "answer"
    assert asked == [0, 1, 2, 3, 4, 5, 6, 7]
    assert time.pauses == [0.5, 1.0, 2.0, 4.0, 4.0, 4.0, 4.0]


def test_the_die_is_thrown_from_nothing_up() -> None:
    thrown: list[tuple[float, float]] = []

    def die(low: float, high: float) -> float:
        thrown.append((low, high))
        return low

    request, _ = _failing(_refused("500"), times=3)
    Patience(sleep=lambda _: None, uniform=die).ask(request)
    assert thrown == [(0, 0.2), (0, 0.4), (0, 0.8)]


def test_attempts_are_counted() -> None:
    time = _Time()
    request, asked = _failing(_refused("503"))
    with pytest.raises(ClientError):
        time.patience(attempts=3).ask(request)
    assert asked == [0, 1, 2]
    assert len(time.pauses) == 2


def test_no_attempt_begins_after_the_whole_time() -> None:
    time = _Time()
    request, asked = _failing(ConnectTimeoutError(endpoint_url="x"))
    with pytest.raises(ConnectTimeoutError):
        time.patience(attempts=99, total=10.0, first=3.0, longest=3.0).ask(request)
    assert len(asked) == 4
    assert time.now == 1009.0


def test_slow_attempts_count_too() -> None:
    time = _Time()

    def request(_: int) -> NoReturn:
        time.now += 60
        raise _refused("500")

    with pytest.raises(ClientError):
        time.patience(total=100.0).ask(request)
    assert time.now == pytest.approx(1120.2)


@pytest.mark.parametrize(
    "error", [_refused("AccessDenied"), _refused("PreconditionFailed"), SSLError(endpoint_url="x", error="y"), KeyError("x"), OSError(2, "x")]
)
def test_what_does_not_pass_is_asked_once(error: Exception) -> None:
    assert not passes(error)
    request, asked = _failing(error)
    with pytest.raises(type(error)):
        Patience(sleep=lambda _: None).ask(request)
    assert asked == [0]


def test_the_network_passes() -> None:
    assert passes(EndpointConnectionError(endpoint_url="x"))
    assert passes(_refused("429"))


@pytest.mark.parametrize(("said", "attempts"), [("3", 3), ("", 8), ("0", 8), ("many", 8)])
def test_the_environment_says_how_often(said: str, attempts: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", said)
    assert Patience.of_environment().attempts == attempts
