"""Reading many files at once.

Large files go to threads, since hashing and unpacking free the interpreter lock. Thousands of small packages are mostly Python's own work, so
these are dealt to a few processes by weight; below some hundred, starting a process costs more than it saves.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from repogen import stored
from repogen.artifact import DebFacts, Kind, RpmFacts
from repogen.errors import InputError, RepogenError
from repogen.packed_text import Text
from repogen.readers import FROM_MEMORY, Digests, Reading, reader_for
from repogen.readers.deb_files import installed_files
from repogen.readers.identify import identify
from repogen.readers.source import Held, Source
from repogen.scanning.digests import digest_file, digest_held
from repogen.scanning.input_files import FoundFile, Stamp, stamp_of, vanished
from repogen.scanning.wishes import Wishes

_LARGE = 1 << 20
_WORTH_A_PROCESS = 500
_MOST_PROCESSES = 4
#: What reading a package costs beside its bytes, in bytes hashed meanwhile.
_EACH = 100_000
#: How many times as long a byte takes that is unpacked too.
_UNPACKED = 40
#: What is done meanwhile by the process that began, in the same measure.
_MEANWHILE = 40_000_000
#: Kinds that become part of something else.
_UNPUBLISHED = frozenset((Kind.NOTES, Kind.MODULES, Kind.PRODUCTID, Kind.SUMS))


class Outcome(Struct, frozen=True, omit_defaults=True):
    """What came of one file: facts, or a sentence that says why not."""

    path: str
    digests: Digests | None = None
    reading: Reading | None = None
    message: str = ""
    hint: str = ""


_outcomes: msgspec.msgpack.Decoder[list[Outcome]] = stored.decoder(list[Outcome])


def read_files(
    files: Sequence[FoundFile], wishes: Wishes, *, processes: int | None = None, meanwhile: Callable[[], object] = lambda: None
) -> dict[str, Outcome]:
    """Read every file, in parallel. ``processes``: how many may work at small files; by default as many as there are processors, at most 4.

    ``meanwhile`` is called once these processes run; they take the larger shares for it.
    """
    smallest = _LARGE // _UNPACKED if wishes.contents else _LARGE
    large = sorted((file for file in files if file.stamp.size >= smallest), key=lambda file: -file.stamp.size)  # so that none is begun last and alone
    small = [file for file in files if file.stamp.size < smallest]
    workers = processes if processes is not None else _workers(len(small))
    mine, *others = deal(small, max(1, workers), _MEANWHILE)
    stop = threading.Event()
    with ThreadPoolExecutor(max_workers=max(2, min(4, os.cpu_count() or 1))) as threads, _stopping(stop, threads):
        running = [_start(share, wishes) for share in others if share]
        meanwhile()
        from_threads = threads.map(lambda file: read_file(file, wishes, stop), large)
        outcomes = [read_file(file, wishes) for file in mine]
        outcomes += from_threads
        for share, worker in running:
            outcomes += worker.results() or [read_file(file, wishes) for file in share]
    return {outcome.path: outcome for outcome in outcomes}


@contextmanager
def _stopping(stop: threading.Event, threads: ThreadPoolExecutor) -> Iterator[None]:
    """Let an interrupt end the threads too: whoever waits for the digest of a disk image would wait long."""
    try:
        yield
    except BaseException:
        stop.set()
        threads.shutdown(wait=False, cancel_futures=True)
        raise


def deal(files: Sequence[FoundFile], shares: int, first: int = 0) -> list[list[FoundFile]]:
    """Files in shares of about the same weight: the heaviest first, each to the lightest share. ``first`` is what the first share weighs without any."""
    dealt: list[list[FoundFile]] = [[] for _ in range(shares)]
    weights = [first, *[0] * (shares - 1)]
    for file in sorted(files, key=lambda f: (-f.stamp.size, f.path)):
        lightest = weights.index(min(weights))
        dealt[lightest].append(file)
        weights[lightest] += file.stamp.size + _EACH
    return dealt


def read_file(file: FoundFile, wishes: Wishes, stop: threading.Event | None = None) -> Outcome:
    """Identify, digest and read one file, and see that it stayed the same meanwhile. Ends early once ``stop`` is set."""
    try:
        digests, reading = _read(file, wishes, stop)
    except RepogenError as error:
        return Outcome(file.path, message=error.message, hint=error.hint)
    return Outcome(file.path, digests, reading)


def _read(file: FoundFile, wishes: Wishes, stop: threading.Event | None) -> tuple[Digests, Reading]:
    held: Held | None = None
    try:
        if file.stamp.size < _LARGE:
            held = Held(file.name, _content(file))
            kind, digests = identify(held), digest_held(held.content, file.stamp.mtime_ns // 1_000_000_000, sha512=wishes.sha512)
            source: Source = held if kind in FROM_MEMORY else Path(file.path)
        else:
            source = Path(file.path)
            kind, digests = identify(source), digest_file(source, sha512=wishes.sha512, stop=stop)
        reading: Reading = reader_for(kind).read(source, digests)
        if wishes.contents and isinstance(reading.facts, DebFacts):
            reading = replace(reading, facts=replace(reading.facts, packed_files=Text(installed_files(Path(file.path), digests.size))))
    except RepogenError:
        _check_same(file)
        raise
    except FileNotFoundError:
        raise vanished(file.path) from None
    except OSError as error:
        raise InputError(f"{file.path} cannot be read: {error.strerror or error}", hint="give the user who builds the right to read it") from error
    except Exception as error:  # a crafted file must never end in a traceback, whatever it made a library do
        _check_same(file)
        raise InputError(f"{file.name} is damaged: reading it ended in {type(error).__name__}: {error}", hint="build or copy it again") from error
    _check_same(file, digests.size)
    if held and wishes.copies and _is_published_as_it_is(reading):
        wishes.copies.take(held.content, digests.sha256, file.stamp.mtime_ns)
    return digests, reading


def _is_published_as_it_is(reading: Reading) -> bool:
    """Whether a file is payload whose bytes nobody changes: a package without a signature gets ours."""
    return reading.kind not in _UNPUBLISHED and not (isinstance(reading.facts, RpmFacts) and not reading.facts.signed)


def _content(file: FoundFile) -> bytes:
    """A small file, and one byte more of one that has grown."""
    descriptor = os.open(file.path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        content, size = b"", file.stamp.size + 1
        while len(content) < size and (block := os.read(descriptor, size - len(content))):
            content += block
        return content
    finally:
        os.close(descriptor)


def _check_same(file: FoundFile, size: int | None = None) -> None:
    try:
        now = stamp_of(file.path)
    except FileNotFoundError:
        raise vanished(file.path) from None
    if _identity(now) != _identity(file.stamp) or size not in {None, file.stamp.size}:
        raise InputError(f"{file.name} changed while it was read", hint="let the build of the release finish first, then run repogen again")


def _identity(stamp: Stamp) -> tuple[int, int, int]:
    return stamp.size, stamp.mtime_ns, stamp.inode


def _workers(small: int) -> int:
    return min(_MOST_PROCESSES, os.cpu_count() or 1, 1 + small // _WORTH_A_PROCESS)


class _Worker:
    """A process that reads a share and sends back what came of it."""

    def __init__(self, share: list[FoundFile], wishes: Wishes) -> None:
        # A fork is quickest, but only safe while there is one thread.
        may_fork = sys.platform == "linux" and threading.active_count() == 1
        context = multiprocessing.get_context("fork") if may_fork else multiprocessing.get_context("spawn")
        self._receiver, sender = context.Pipe(duplex=False)
        self._process = context.Process(target=_work, args=(sender, share, wishes), daemon=True)
        self._process.start()
        sender.close()

    def results(self) -> list[Outcome]:
        """What the process sent; nothing when it died, so that the caller reads its share itself."""
        with self._receiver:
            try:
                return _outcomes.decode(self._receiver.recv_bytes())
            except (EOFError, OSError, msgspec.MsgspecError):
                return []
            finally:
                self._process.join()
                self._process.close()


def _start(share: list[FoundFile], wishes: Wishes) -> tuple[list[FoundFile], _Worker]:
    return share, _Worker(share, wishes)


def _work(sender: Connection, share: list[FoundFile], wishes: Wishes) -> None:
    # An interrupt reaches the whole group; the parent is the one to speak of it.
    with suppress(KeyboardInterrupt, BrokenPipeError), sender:
        sender.send_bytes(stored.encode([read_file(file, wishes) for file in share]))


def failures(outcomes: dict[str, Outcome]) -> Iterator[Outcome]:
    """Outcomes that are errors, in path order."""
    return (outcomes[path] for path in sorted(outcomes) if outcomes[path].message)
