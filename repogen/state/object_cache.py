"""Objects that were fetched before, by digest, in the user's cache folder.

An entry is written beside its place and renamed, so that any number of processes may use the folder at once, and counts only while its bytes have
its digest. Where there is no place for it, or it cannot be written, everything works without it.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from repogen.cache_folder import cache_folder

#: Beyond this many bytes the entries that were used longest ago are removed, down to three quarters.
LIMIT = 1 << 30


class ObjectCache:
    """The objects of one folder; None: nothing is remembered."""

    def __init__(self, folder: Path | None, limit: int = LIMIT) -> None:
        self._folder = folder
        self._limit = limit
        self._written = False

    def get(self, digest: str) -> bytes | None:
        """The stored bytes of an object; None where they are not here whole."""
        if self._folder is None:
            return None
        path = self._folder / digest
        with suppress(OSError):
            content = path.read_bytes()
            if hashlib.sha256(content).hexdigest() == digest:
                os.utime(path)
                return content
        return None

    def put(self, digest: str, content: bytes) -> None:
        """Remember an object."""
        if self._folder is None:
            return
        beside = self._folder / f".{digest}.{secrets.token_hex(4)}"
        try:
            self._begin(self._folder)
            beside.write_bytes(content)
            beside.replace(self._folder / digest)
        except OSError:
            with suppress(OSError):
                beside.unlink(missing_ok=True)

    def _begin(self, folder: Path) -> None:
        """Make room before the first entry of this run is written."""
        if not self._written:
            self._written = True
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _make_room(folder, self._limit)


def open_cache(environ: Mapping[str, str]) -> ObjectCache:
    """The user's cache of objects."""
    folder = cache_folder(environ)
    return ObjectCache(folder / "objects" if folder else None)


def _make_room(folder: Path, limit: int) -> None:
    entries = sorted(((stat.st_mtime_ns, stat.st_size, entry.path) for entry in os.scandir(folder) if (stat := entry.stat())), reverse=True)
    if sum(size for _, size, _ in entries) <= limit:
        return
    kept = 0
    for _, size, path in entries:
        kept += size
        if kept > limit * 3 // 4:
            with suppress(FileNotFoundError):
                Path(path).unlink()
