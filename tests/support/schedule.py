"""Several publishers over one store in memory, of which exactly one makes exactly one request at a time, in an order that the test chooses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from threading import Condition, Thread
from typing import Any

from repogen.stores.memory import MemoryStore

#: Requests after which the publishers take turns, so that one that waits for another does not wait for ever.
_CHOSEN = 400
_MOST = 20_000
_VERBS = ("get", "stat", "age", "holds", "put", "copy", "delete", "list")


class KilledError(BaseException):
    """The process is no more."""


class Schedule:
    """Runs publishers in threads. ``choose`` gets the names of those that may go on and returns one; ``kill`` says whether it dies instead."""

    def __init__(self, store: MemoryStore, choose: Callable[[Sequence[str]], str], kill: Callable[[str], bool] = lambda _: False) -> None:
        self.store = store
        self.steps = 0
        self.dead: set[str] = set()
        self.outcomes: dict[str, object] = {}
        self._choose, self._kill = choose, kill
        self._writers: dict[str, str] = {}
        self._waiting: Counter[str] = Counter()
        self._alive: set[str] = set()
        self._granted = ""
        self._changed = Condition()

    def run(self, publishers: dict[str, Callable[[Any], object]], look: Callable[[], None]) -> None:
        """Run all publishers to their end; ``look`` after every request. ``outcomes`` then has what each returned or raised."""
        self._alive = set(publishers)
        threads = [Thread(target=self._publish, args=(name, publisher), daemon=True) for name, publisher in publishers.items()]
        for thread in threads:
            thread.start()
        while self._step():
            look()
        for thread in threads:
            thread.join(10)

    def _publish(self, name: str, publisher: Callable[[Any], object]) -> None:
        try:
            self.outcomes[name] = publisher(_View(self, name))
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            self.outcomes[name] = error
        with self._changed:
            self._alive.discard(name)
            self._changed.notify_all()

    def _step(self) -> bool:
        """Let one publisher make one request; false when all have ended."""
        with self._changed:
            self._settle()
            if not self._alive:
                return False
            names = sorted(self._alive)
            self._granted = self._choose(names) if self.steps < _CHOSEN else names[self.steps % len(names)]
            self.steps += 1
            assert self.steps < _MOST, "the publishers wait for each other"
            self._changed.notify_all()
            self._settle()
            return True

    def _settle(self) -> None:
        """Wait until every publisher asks for something, or has ended."""
        if not self._changed.wait_for(lambda: not self._granted and all(self._waiting[name] for name in self._alive), timeout=20):
            raise AssertionError(f"publishers that neither ask nor end: {[name for name in self._alive if not self._waiting[name]]}")

    def ask(self, name: str, verb: str, *arguments: Any, **named: Any) -> Any:
        with self._changed:
            if name in self.dead:
                raise KilledError
            self._waiting[name] += 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._granted == name)
            self._waiting[name] -= 1
            if self._kill(name):
                self.dead.add(name)
            try:
                if name in self.dead:
                    raise KilledError
                return self._answer(name, verb, *arguments, **named)
            finally:
                self._granted = ""
                self._changed.notify_all()

    def _answer(self, name: str, verb: str, *arguments: Any, **named: Any) -> Any:
        if verb == "age":  # time passes for the dead alone
            return (1e9 if self._writers.get(arguments[0]) in self.dead else 0.0) if self.store.stat(arguments[0]) else None
        if verb == "list":
            return list(self.store.list(*arguments))
        answer = getattr(self.store, verb)(*arguments, **named)
        if verb in {"put", "copy"}:
            self._writers[arguments[0] if verb == "put" else arguments[1]] = name
        return answer


class _View:
    """The store as one publisher has it."""

    def __init__(self, schedule: Schedule, name: str) -> None:
        self.address, self.endpoint = schedule.store.address, ""
        self.lock, self.clock = schedule.store.lock, schedule.store.clock
        for verb in _VERBS:
            setattr(self, verb, partial(schedule.ask, name, verb))
