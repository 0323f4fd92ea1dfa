"""The members of an ar archive, by their headers alone (https://manpages.debian.org/bookworm/dpkg-dev/deb.5.en.html).

Only the 60 bytes before each member are read, never its content, and every size is held against the size of the
file, so a file that was cut anywhere is found. Numbers are taken strictly: ``int()`` would read ``1_00``, ``-1`` and ``+1``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

MAGIC = b"!<arch>\n"

#: name, modification time, owner, group, mode, size, end mark
_HEADER = re.compile(rb"(.{16}).{32}([0-9]{1,10}) *`\n", re.DOTALL)
_HEADER_SIZE = 60


class ArError(ValueError):
    """The archive breaks a rule of ar; the message continues "<file> ..."."""


class Member(NamedTuple):
    """Where the content of one member stands."""

    name: str
    offset: int
    """In bytes from the start of the file."""
    size: int


def members(file: BinaryIO, size: int) -> Iterator[Member]:
    """Each member of an archive of ``size`` bytes, in order. Raises ArError."""
    file.seek(0)
    if file.read(len(MAGIC)) != MAGIC:
        raise ArError("is no ar archive")
    position = len(MAGIC)
    while position < size:
        file.seek(position)
        member = _member(file.read(_HEADER_SIZE), position)
        end = member.offset + member.size
        if end > size:
            raise ArError(f"is cut off: its member {member.name!r} ends at byte {end}, the file at {size}")
        yield member
        # Padding to an even offset. Some writers leave it out after the last member, which dpkg accepts.
        position = end + end % 2


def _member(header: bytes, position: int) -> Member:
    if len(header) < _HEADER_SIZE:
        raise ArError(f"is cut off in the header at byte {position}")
    match = _HEADER.fullmatch(header)
    if match is None:
        raise ArError(f"has no valid ar header at byte {position}")
    name = match[1].rstrip(b" ").removesuffix(b"/").decode("ascii", "backslashreplace")
    return Member(name, position + _HEADER_SIZE, int(match[2]))
