"""Reading many files at once.

Large files go to threads, since hashing and unpacking free the interpreter lock. Thousands of small packages are mostly Python's own work, so
a few processes take them share by share, each the next one when it has read one; below some hundred, starting a process costs more than it saves.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from typing import Self, TypeVar

import msgspec

from repogen import stored
from repogen.scanning.input_files import FoundFile
from repogen.scanning.one_file import LARGE, Outcome, read_file
from repogen.scanning.wishes import Wishes

_WORTH_A_PROCESS = 500
_MOST_PROCESSES = 4
#: How many times as long a byte takes that is unpacked too.
_UNPACKED = 40
#: Files of a share, and the most shares: their numbers must find room in a pipe, which may hold no more than 4 KiB.
_SHARE, _MOST_SHARES = 16, 2048
#: How many files a process has read when it sends what came of them.
_AT_ONCE = 400
_NUMBER = 2

#: Seconds between two looks of the waiting thread.
_PULSE = 0.1

T = TypeVar("T")

_outcomes: msgspec.msgpack.Decoder[list[Outcome]] = stored.decoder(list[Outcome])


def read_files(
    files: Sequence[FoundFile], wishes: Wishes, *, processes: int | None = None, meanwhile: Callable[[], object] = lambda: None
) -> dict[str, Outcome]:
    """Read every file, in parallel. ``processes``: how many may work at small files; by default as many as there are processors, at most 4.

    ``meanwhile`` is called once these processes run; they read on meanwhile.
    """
    smallest = LARGE // _UNPACKED if wishes.contents else LARGE
    by_size = sorted(files, key=lambda file: (-file.stamp.size, file.path))  # so that none of the large ones is begun last and alone
    large = [file for file in by_size if file.stamp.size >= smallest]
    small = by_size[len(large) :]
    receiving, threads, stop = ThreadPoolExecutor(_MOST_PROCESSES), ThreadPoolExecutor(max(2, min(4, os.cpu_count() or 1))), threading.Event()
    with receiving, threads, _stopping(stop, threads), _Shares(small) as shares:
        workers = [_Worker(shares, wishes) for _ in range((_processes(len(small)) if processes is None else processes) - 1)]
        from_workers = [receiving.submit(worker.outcomes) for worker in workers]
        meanwhile()
        from_threads = [threads.submit(read_file, file, wishes, stop) for file in large]
        read = {file.path: read_file(file, wishes) for share in shares for file in share}
        for some in (map(_result, from_threads), *map(_result, from_workers)):
            read |= {outcome.path: outcome for outcome in some}
        return read | {file.path: read_file(file, wishes) for file in small if file.path not in read}  # what a worker took that died


@contextmanager
def _stopping(stop: threading.Event, threads: ThreadPoolExecutor) -> Iterator[None]:
    """Let an interrupt end the threads too: whoever waits for the digest of a disk image would wait long."""
    try:
        yield
    except BaseException:
        stop.set()
        threads.shutdown(wait=False, cancel_futures=True)
        raise


def _result(future: Future[T]) -> T:
    """What a thread comes to. A signal that arrives while another thread starts a program, as gpg is, may be taken by that one and wakes nobody who waits."""
    while not future.done():
        wait((future,), timeout=_PULSE)
    return future.result()


def _processes(small: int) -> int:
    return min(_MOST_PROCESSES, os.cpu_count() or 1, 1 + small // _WORTH_A_PROCESS)


class _Shares:
    """Files in shares, each of which one process gets: whoever iterates takes the next one.

    Their numbers stand in a pipe, out of which the kernel gives each to one reader. What is left at the end is nobody's.
    """

    def __init__(self, files: Sequence[FoundFile]) -> None:
        size = max(_SHARE, -(-len(files) // _MOST_SHARES))
        self._shares = [files[start : start + size] for start in range(0, len(files), size)]
        self._numbers, sender = multiprocessing.Pipe(duplex=False)
        with sender:
            os.write(sender.fileno(), b"".join(number.to_bytes(_NUMBER, "big") for number in range(len(self._shares))))

    def __iter__(self) -> Iterator[Sequence[FoundFile]]:
        while number := os.read(self._numbers.fileno(), _NUMBER):
            yield self._shares[int.from_bytes(number, "big")]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for _share in self:  # so that the other processes find none
            pass
        self._numbers.close()


class _Worker:
    """A process that takes shares and sends what came of them."""

    def __init__(self, shares: _Shares, wishes: Wishes) -> None:
        # A fork is quickest, but only safe while there is one thread.
        may_fork = sys.platform == "linux" and threading.active_count() == 1
        context: BaseContext = multiprocessing.get_context("fork") if may_fork else multiprocessing.get_context("spawn")
        self._receiver, sender = context.Pipe(duplex=False)
        self._process = context.Process(target=_work, args=(sender, shares, wishes), daemon=True)  # type: ignore[attr-defined]
        self._process.start()
        sender.close()

    def outcomes(self) -> list[Outcome]:
        """All that the process sends until it ends; what it could not send any more is left to the caller."""
        received: list[Outcome] = []
        with self._receiver, suppress(EOFError, OSError, msgspec.MsgspecError):
            while True:
                received += _outcomes.decode(self._receiver.recv_bytes())
        self._process.join()
        self._process.close()
        return received


def _work(sender: Connection, shares: _Shares, wishes: Wishes) -> None:
    # An interrupt reaches the whole group; the parent is the one to speak of it.
    with suppress(KeyboardInterrupt, BrokenPipeError), sender:
        read: list[Outcome] = []
        for share in shares:
            read += [read_file(file, wishes) for file in share]
            if len(read) >= _AT_ONCE:
                sender.send_bytes(stored.encode(read))
                read = []
        sender.send_bytes(stored.encode(read))
