"""Reading one file: what it is, its digests and what it says of itself, out of the same bytes."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

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

#: From this size on a file is not read whole.
LARGE = 1 << 20
#: Kinds that become part of something else.
_UNPUBLISHED = frozenset((Kind.NOTES, Kind.MODULES, Kind.PRODUCTID, Kind.SUMS))


class Outcome(Struct, frozen=True, omit_defaults=True):
    """What came of one file: facts, or a sentence that says why not."""

    path: str
    digests: Digests | None = None
    reading: Reading | None = None
    message: str = ""
    hint: str = ""


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
        if file.stamp.size < LARGE:
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
