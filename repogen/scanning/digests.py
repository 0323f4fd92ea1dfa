"""Size and digests of a file, in one pass over it.

SHA-256 is what every client asks for; SHA-512 costs as much again and is made only where it is wanted. hashlib frees
the interpreter lock, so large files are digested side by side on threads.
"""

from __future__ import annotations

import hashlib
import os
from io import FileIO
from pathlib import Path
from threading import Event

from repogen.readers import Digests

#: As much as a processor keeps near at hand.
_STEP = 1 << 18


def digest_file(path: Path | str, *, sha512: bool = True, stop: Event | None = None) -> Digests:
    """Digests of a regular file. Raises OSError where it cannot be read, InterruptedError once ``stop`` is set."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with FileIO(descriptor) as file:
        mtime = os.fstat(descriptor).st_mtime_ns // 1_000_000_000
        first, second = hashlib.sha256(usedforsecurity=True), hashlib.sha512() if sha512 else None
        size = 0
        room = memoryview(bytearray(_STEP))  # one for all blocks: fresh memory for each costs more than the digest
        while length := file.readinto(room):
            if stop is not None and stop.is_set():
                raise InterruptedError
            size += length
            first.update(room[:length])
            if second is not None:
                second.update(room[:length])
    return Digests(size=size, sha256=first.hexdigest(), sha512=second.hexdigest() if second is not None else "", mtime=mtime)


def digest_held(content: bytes, mtime: int, *, sha512: bool = True) -> Digests:
    """The same of a file that was read whole; ``mtime`` in seconds since 1970."""
    second = hashlib.sha512(content).hexdigest() if sha512 else ""
    return Digests(size=len(content), sha256=hashlib.sha256(content, usedforsecurity=True).hexdigest(), sha512=second, mtime=mtime)


def digest_by(path: Path, algorithm: str) -> str:
    """One digest of a file by its name in hashlib, for checksum lists in algorithms that repogen does not write itself."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.new(algorithm, usedforsecurity=False)).hexdigest()
