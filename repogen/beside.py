"""A resource that is opened on a thread, while the one who needs it later does something else."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Generic, TypeVar

_Resource = TypeVar("_Resource")


class Beside(Generic[_Resource]):
    """Opens a resource beside other work; made by :func:`opened_beside`."""

    def __init__(self, manager: AbstractContextManager[_Resource], stack: ExitStack, pool: ThreadPoolExecutor) -> None:
        self._manager, self._stack, self._pool = manager, stack, pool
        self._opening: Future[_Resource] | None = None

    def begin(self) -> Future[_Resource]:
        """Begin to open it, if that has not begun. No thread runs before, so that a process may still fork."""
        self._opening = self._opening or self._pool.submit(self._stack.enter_context, self._manager)
        return self._opening

    def result(self) -> _Resource:
        """The open resource, once it is. Raises what opening it raised."""
        return self.begin().result()


@contextmanager
def opened_beside(manager: AbstractContextManager[_Resource]) -> Iterator[Beside[_Resource]]:
    """The resource of ``manager``, to be opened on a thread; it is closed at the end if it was ever opened."""
    with ExitStack() as stack, ThreadPoolExecutor(1) as pool:
        yield Beside(manager, stack, pool)
