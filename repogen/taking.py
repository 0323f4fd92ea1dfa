"""Copies of small release files, made while these are read, so that each of thousands is opened once.

A copy is named by the SHA-256 of its bytes: it is what was read, whatever becomes of the file meanwhile. Who reads makes them, in several
processes; the output folder moves them to their places.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from contextlib import suppress


class Copies:
    """Copies in one folder, which is there. ``known``: digests of bytes that need none."""

    def __init__(self, folder: str, known: Collection[str] = ()) -> None:
        self._folder = folder
        self._known = known

    def take(self, content: bytes, sha256: str, mtime_ns: int) -> None:
        """Make a copy that bears the time of its file. Where it cannot be written there is none: who copies the file later tells why."""
        if sha256 in self._known:
            return
        path = self._path(sha256)
        try:
            _write(path, content, mtime_ns)
        except OSError:
            with suppress(OSError):
                os.unlink(path)

    def moved(self, sha256: str, target: str) -> bool:
        """Move a copy of these bytes to its place, if there is one."""
        try:
            os.replace(self._path(sha256), target)
        except OSError:
            return False
        return True

    def _path(self, sha256: str) -> str:
        return f"{self._folder}/{sha256}"


def _write(path: str, content: bytes, mtime_ns: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.utime(descriptor, ns=(mtime_ns, mtime_ns))
        os.fchmod(descriptor, 0o644)  # whatever the umask of the one who builds
    finally:
        os.close(descriptor)
