"""What former scans have read, so that an unchanged file is not opened again.

One SQLite file in the user's cache folder (``$XDG_CACHE_HOME/repogen``). A row counts only while size, modification time, inode, inode change
time and the readers' own code are the same. It is a cache: where it cannot be opened or written, everything works without it.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import msgspec
from msgspec.structs import replace

from repogen import stored
from repogen.artifact import DebFacts
from repogen.code_mark import PACKAGE, code_mark
from repogen.readers import Digests, Reading
from repogen.scanning.input_files import FoundFile, is_fresh

_SHAPE = 2
_AT_ONCE = 500
_MOST_ROWS = 500_000

Known = tuple[Digests, Reading]
_decoder = stored.decoder(tuple[Digests, Reading])


class ScanCache:
    """Digests and readings by path and stamp."""

    def __init__(self, connection: sqlite3.Connection | None, readers: str) -> None:
        self._connection = connection
        self._readers = readers
        self._storing = ThreadPoolExecutor(1)

    def lookup(self, files: Sequence[FoundFile], *, sha512: bool, contents: bool = False) -> dict[str, Known]:
        """What is known of these files, by path; only entries with a SHA-512 digest and a deb's files where these are asked for."""
        if self._connection is None or not files:
            return {}
        try:
            return dict(self._rows(self._connection, files, sha512, contents))
        except (sqlite3.Error, msgspec.MsgspecError):
            return {}

    def store(self, read: Mapping[FoundFile, Known]) -> None:
        """Remember what was read, beside other work. Files that changed just now are left out."""
        self._storing.submit(self._store, read)

    def close(self) -> None:
        """Let what is being stored be stored, and nothing more."""
        self._storing.shutdown()
        if self._connection is not None:
            self._connection.close()

    def _store(self, read: Mapping[FoundFile, Known]) -> None:
        now = time.time_ns()
        settled = [(file, known) for file, known in read.items() if not is_fresh(file, now)]
        if self._connection is None or not settled:
            return
        rows = ((file.path, self._stamp(file), stored.encode(known)) for file, known in settled)  # one at a time: all of them are large
        with suppress(sqlite3.Error), self._connection:
            if self._connection.execute("SELECT count(*) FROM files").fetchone()[0] > _MOST_ROWS:
                self._connection.execute("DELETE FROM files")
            self._connection.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?)", rows)

    def _rows(self, connection: sqlite3.Connection, files: Sequence[FoundFile], sha512: bool, contents: bool) -> Iterator[tuple[str, Known]]:
        stamps = {file.path: self._stamp(file) for file in files}
        paths = list(stamps)
        for start in range(0, len(paths), _AT_ONCE):
            some = paths[start : start + _AT_ONCE]
            marks = ",".join("?" * len(some))
            for path, stamp, value in connection.execute(f"SELECT path, stamp, value FROM files WHERE path IN ({marks})", some):  # noqa: S608 - marks are '?' only
                if stamp != stamps[path]:
                    continue
                known = _as_asked(*_decoder.decode(value), sha512=sha512, contents=contents)
                if known:
                    yield path, known

    def _stamp(self, file: FoundFile) -> str:
        stamp = file.stamp
        return f"{stamp.size} {stamp.mtime_ns} {stamp.inode} {stamp.ctime_ns} {self._readers}"


def _as_asked(digests: Digests, reading: Reading, *, sha512: bool, contents: bool) -> Known | None:
    """What a reading with these wishes would have come to; None where less is known."""
    facts = reading.facts
    if (sha512 and not digests.sha512) or (contents and isinstance(facts, DebFacts) and facts.files is None):
        return None
    if digests.sha512 and not sha512:
        digests = replace(digests, sha512="")
    if isinstance(facts, DebFacts) and facts.files is not None and not contents:
        reading = replace(reading, facts=replace(facts, packed_files=None))
    return digests, reading


@contextmanager
def open_cache(environ: Mapping[str, str]) -> Iterator[ScanCache]:
    """The user's cache, or one that remembers nothing where there is no place for it."""
    with closing(ScanCache(_connect(environ), code_mark(PACKAGE, "readers", "scanning"))) as cache:
        yield cache


def _connect(environ: Mapping[str, str]) -> sqlite3.Connection | None:
    folder = _folder(environ)
    if folder is None:
        return None
    path = folder / f"scan-{_SHAPE}.sqlite"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            return _opened(path)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                return None
            path.unlink(missing_ok=True)  # damaged: begin a new one
            return _opened(path)
    except (OSError, sqlite3.Error):
        return None


def _folder(environ: Mapping[str, str]) -> Path | None:
    named = environ.get("XDG_CACHE_HOME", "")
    if named.startswith("/"):
        return Path(named) / "repogen"
    home = environ.get("HOME", "") or environ.get("USERPROFILE", "")
    return Path(home) / ".cache" / "repogen" if home and Path(home).is_absolute() else None


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=2, check_same_thread=False)
    try:
        connection.execute("PRAGMA page_size=16384")  # a row has one or two kilobytes
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, stamp TEXT NOT NULL, value BLOB NOT NULL)")
    except sqlite3.Error:
        connection.close()
        raise
    return connection
