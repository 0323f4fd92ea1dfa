"""Thousands of small tasks, some at a time, on threads that take the next one by themselves.

The calling thread is woken a few times a second and not for each task: handing every task over and back costs more than sending a small file.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from threading import Thread
from typing import Generic, TypeVar

T = TypeVar("T")

#: Seconds between two looks of the calling thread.
_PULSE = 0.1


def each(items: Iterable[T], work: Callable[[T], None], *, threads: int, done: Callable[[T], None], between: Callable[[], None] | None = None) -> None:
    """Do ``work`` with every item, beginning in their order; ``done`` and ``between`` are called in the calling thread.

    The first failure of any of the three lets those who have begun finish, stops the rest, and is raised.
    """
    crew = _Crew(items, work)
    hands = [Thread(target=crew.labour, daemon=True) for _ in range(min(threads, len(crew.waiting)))]
    for hand in hands:
        hand.start()
    try:
        for hand in hands:
            while hand.is_alive():
                hand.join(_PULSE)
                crew.report(done)
                if between:
                    between()
        crew.report(done)
    except BaseException:
        crew.waiting.clear()
        for hand in hands:
            hand.join()
        raise
    if crew.failures:
        raise crew.failures[0]


class _Crew(Generic[T]):
    """What the threads share: deques, of which every operation is atomic."""

    def __init__(self, items: Iterable[T], work: Callable[[T], None]) -> None:
        self.waiting = deque(items)
        self.failures: list[BaseException] = []
        self._finished: deque[T] = deque()
        self._work = work

    def labour(self) -> None:
        """Take items until there are none."""
        try:
            while True:
                try:
                    item = self.waiting.popleft()
                except IndexError:
                    return
                self._work(item)
                self._finished.append(item)
        except BaseException as error:  # noqa: BLE001 - raised in the calling thread
            self.failures.append(error)
            self.waiting.clear()

    def report(self, done: Callable[[T], None]) -> None:
        """Tell of every item that was finished since the last report."""
        while self._finished:
            done(self._finished.popleft())
