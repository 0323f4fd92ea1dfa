"""Many tasks at once: each is done, in order of beginning; a failure anywhere stops the rest and is raised."""

from __future__ import annotations

import threading
import time

import pytest

from repogen.crew import each


def test_every_item_is_worked_on_and_told_of_once() -> None:
    begun: list[int] = []
    told: list[tuple[int, int]] = []
    each(range(500), begun.append, threads=8, done=lambda item: told.append((item, threading.get_ident())))
    assert sorted(begun) == list(range(500))
    assert sorted(told) == [(item, threading.get_ident()) for item in range(500)]


def test_one_thread_keeps_the_order() -> None:
    begun: list[int] = []
    each(range(50), begun.append, threads=1, done=lambda _: None)
    assert begun == list(range(50))


def test_nothing_to_do() -> None:
    each([], lambda _: None, threads=4, done=lambda _: None)


def test_some_at_a_time() -> None:
    together = threading.Barrier(4, timeout=10)
    each(range(8), lambda _: together.wait() and None, threads=4, done=lambda _: None)


def test_the_caller_has_a_say_in_between() -> None:
    looks: list[None] = []
    each(range(2), lambda _: time.sleep(0.35), threads=2, done=lambda _: None, between=lambda: looks.append(None))
    assert len(looks) >= 2


@pytest.mark.parametrize("who", ["work", "done", "between"])
def test_a_failure_stops_the_rest(who: str) -> None:
    begun: list[int] = []
    running = [0]

    def fail_if(name: str) -> None:
        if who == name:
            raise ValueError(name)

    def work(item: int) -> None:
        begun.append(item)
        running[0] += 1
        time.sleep(0.01)
        running[0] -= 1
        if item == 3:
            fail_if("work")

    with pytest.raises(ValueError, match=who):
        each(range(10_000), work, threads=4, done=lambda _: fail_if("done"), between=lambda: fail_if("between"))
    assert len(begun) < 1000
    assert running == [0], "nothing goes on behind the caller's back"
