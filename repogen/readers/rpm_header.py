"""The front of an rpm: lead, signature header and header, read within bounds.

Format: https://rpm-software-management.github.io/rpm/manual/format_v4.html and format_header.html (v6 packages have the same
layout). A header is an intro of 16 bytes, an index of 16 bytes an entry, and a store that the index points into. Every count and
offset in it is only a claim: it is compared with the size of the file before anything is read or sliced by it.
"""

from __future__ import annotations

import hashlib
import os
import struct
from typing import BinaryIO, Final

from msgspec import Struct

from repogen.errors import InputError

LEAD_SIZE: Final = 96
LEAD_MAGIC: Final = b"\xed\xab\xee\xdb"
HEADER_MAGIC: Final = b"\x8e\xad\xe8\x01\x00\x00\x00\x00"
SIGNATURE_REGION: Final = 62
IMMUTABLE_REGION: Final = 63

CHAR, INT8, INT16, INT32, INT64, STRING, BINARY, STRING_ARRAY, I18N_STRING = range(1, 10)

_ENTRY: Final = struct.Struct(">IIII")
#: Bytes of one value of each type; the least of them where the value is a text.
_SIZES: Final = (0, 1, 1, 2, 4, 8, 1, 1, 1, 1)
_CODES: Final = {CHAR: "B", INT8: "B", INT16: "H", INT32: "I", INT64: "Q"}
_ONE: Final = {kind: struct.Struct(f">{code}") for kind, code in _CODES.items()}
_TEXTS: Final = frozenset({STRING, STRING_ARRAY, I18N_STRING})
_MOST_ENTRIES: Final = 0xFFFF
_MOST_DATA: Final = 0x0FFFFFFF
_FIRST_READ: Final = 64 * 1024
_HINT: Final = "build the package again, or copy it again in binary mode"


class Header(Struct, frozen=True):
    """One header structure. ``start`` and ``end`` are offsets in the file; ``raw`` is what lies between them."""

    start: int
    end: int
    raw: bytes
    entries: dict[int, tuple[int, int, int]]
    """Type, offset in ``raw`` and count of each tag."""

    def numbers(self, tag: int) -> tuple[int, ...]:
        """The values of an integer tag; empty when it is absent or of another type."""
        kind, offset, count = self.entries.get(tag, (0, 0, 0))
        code = _CODES.get(kind)
        return struct.unpack_from(f">{count}{code}", self.raw, offset) if code else ()

    def number(self, *tags: int) -> int | None:
        """The first value of the first of these tags that is there."""
        for tag in tags:
            kind, offset, _ = self.entries.get(tag, (0, 0, 0))
            if kind in _ONE:
                value: int = _ONE[kind].unpack_from(self.raw, offset)[0]
                return value
        return None

    def texts(self, tag: int) -> list[bytes]:
        """The strings of a tag, without their NULs; empty when it is absent or of another type."""
        kind, offset, count = self.entries.get(tag, (0, 0, 0))
        if kind not in _TEXTS:
            return []
        if count == 1:
            return [self.raw[offset : self.raw.index(b"\0", offset)]]
        return self.raw[offset:].split(b"\0", count)[:count]

    def text(self, tag: int) -> bytes:
        """The first string of a tag (the C locale's, for a translated one); empty when it is absent."""
        kind, offset, _ = self.entries.get(tag, (0, 0, 0))
        return self.raw[offset : self.raw.index(b"\0", offset)] if kind in _TEXTS else b""

    def binary(self, tag: int) -> bytes:
        """The bytes of a binary tag; empty when it is absent or of another type."""
        kind, offset, count = self.entries.get(tag, (0, 0, 0))
        return self.raw[offset : offset + count] if kind == BINARY else b""


class Front(Struct, frozen=True):
    """Everything before the payload, and as much of the payload as came with it."""

    lead: bytes
    signature: Header
    header: Header
    payload: bytes
    """The first bytes of the payload; all of them in a small package."""
    size: int
    """Of the whole file, in bytes."""


def read_front(file: BinaryIO, name: str) -> Front:
    """Read the front of an open rpm; ``name`` is for messages. Raises InputError."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    start = file.read(_FIRST_READ)
    _check_lead(start, name)
    end = _end_of(start, LEAD_SIZE, size, "signature header", name)
    if end > len(start):
        start += file.read(end - len(start))
    signature = _parse(start, LEAD_SIZE, end, SIGNATURE_REGION, "signature header", name)
    begin = end + -end % 8
    if begin + 16 > len(start):
        start += file.read(begin + 16 - len(start))
    end = _end_of(start, begin, size, "header", name)
    if end > len(start):
        start += file.read(end - len(start))
    return Front(start[:LEAD_SIZE], signature, _parse(start, begin, end, IMMUTABLE_REGION, "header", name), start[end:], size)


def _check_lead(start: bytes, name: str) -> None:
    if not start:
        raise InputError(f"{name} is empty", hint=_HINT)
    if not start.startswith(LEAD_MAGIC):
        raise InputError(f"{name} is no rpm: it does not begin with the lead of one", hint="give the file its right name, or leave it out")
    if len(start) <= LEAD_SIZE:
        raise InputError(f"{name} is cut short: there is nothing after its lead", hint=_HINT)
    if start[4] not in {3, 4}:
        raise InputError(f"{name} is an rpm of an unknown format ({start[4]}.{start[5]})", hint="build it with rpm 4 or later")


def _end_of(start: bytes, at: int, size: int, what: str, name: str) -> int:
    """Where the header at this offset ends, by its intro and within the file."""
    intro = start[at : at + 16]
    if len(intro) < 16:
        raise InputError(f"{name} is cut short: its {what} is not whole", hint=_HINT)
    if not intro.startswith(HEADER_MAGIC):
        raise InputError(f"{name} is damaged: its {what} does not begin with the right bytes", hint=_HINT)
    count, length = struct.unpack_from(">II", intro, 8)
    if not 0 < count <= _MOST_ENTRIES or length > _MOST_DATA:
        raise InputError(f"{name} is damaged: its {what} claims {count} entries with {length} bytes", hint=_HINT)
    end: int = at + 16 + 16 * count + length
    if end > size:
        raise InputError(f"{name} is cut short: its {what} ends at byte {end}, the file at {size}", hint=_HINT)
    return end


def _parse(start: bytes, at: int, end: int, region: int, what: str, name: str) -> Header:
    raw = start[at:end]
    if len(raw) < end - at:
        raise InputError(f"{name} became shorter while it was read", hint="wait until the file is written, then build again")
    store = 16 + 16 * struct.unpack_from(">I", raw, 8)[0]
    entries: dict[int, tuple[int, int, int]] = {}
    length, last_text = len(raw) - store, raw.rfind(b"\0", store) - store
    for tag, kind, offset, count in _ENTRY.iter_unpack(raw[16:store]):
        text = kind == STRING or kind == STRING_ARRAY or kind == I18N_STRING  # noqa: PLR1714 - an rpm has a hundred entries, and a set takes longer
        if not 0 < kind <= I18N_STRING or not count or offset + _SIZES[kind] * count > length or (text and offset > last_text):
            raise InputError(f"{name} is damaged: tag {tag} of its {what} points out of it (type {kind}, offset {offset}, count {count})", hint=_HINT)
        if text and count > 1 and raw.count(b"\0", store + offset) < count:  # one NUL a string is the least that an array takes
            raise InputError(f"{name} is damaged: tag {tag} of its {what} has fewer than {count} strings", hint=_HINT)
        if tag not in entries:
            entries[tag] = (kind, store + offset, count)
    header = Header(at, end, raw, entries)
    _check_region(header, store, region, what, name)
    return header


def _check_region(header: Header, store: int, region: int, what: str, name: str) -> None:
    """The region's trailer must say the same as its entry: it is what signatures and digests are made over."""
    kind, offset, count = header.entries.get(region, (0, 0, 0))
    if not kind:
        return
    tag, trailer_kind, back, trailer_count = _ENTRY.unpack_from(header.raw, offset) if offset + 16 <= len(header.raw) else (0, 0, 0, 0)
    length = 2**32 - back
    if kind != BINARY or count != 16 or (tag, trailer_kind, trailer_count) != (region, BINARY, 16) or length % 16 or 16 + length > store:
        raise InputError(f"{name} is damaged: the region of its {what} is wrong", hint=_HINT)


def check_digests(front: Front, file: BinaryIO, name: str) -> None:
    """Compare the header and the payload with the digests in the package; read the rest of the file. Raises InputError.

    createrepo_c does not look at them, and the damage is then seen by every user instead of by the one who publishes.
    """
    for tag, algorithm in ((273, "sha256"), (269, "sha1"), (279, "sha3_256")):
        digest = front.signature.text(tag)
        if digest and digest != hashlib.new(algorithm, front.header.raw, usedforsecurity=False).hexdigest().encode():
            raise InputError(f"{name} is damaged: its header has another {algorithm} digest than the package says", hint=_HINT)
    claim, algorithm, seed = _payload_digest(front)
    if not claim:
        raise InputError(f"{name} has no digest of its payload, and rpm installs no such package", hint="build it with rpm 4.14 or later")
    if claim != _stream_digest(front, file, algorithm, seed):
        raise InputError(f"{name} is damaged or cut short: its payload has another {algorithm} digest than the package says", hint=_HINT)


def _payload_digest(front: Front) -> tuple[str, str, bytes]:
    """What the package says of its payload: digest, algorithm, and what is hashed before the payload.

    Before rpm 4.14 there was only an MD5 over header and payload together.
    """
    algorithm = {1: "md5", 2: "sha1", 8: "sha256", 9: "sha384", 10: "sha512", 11: "sha224"}.get(front.header.number(5093) or 8)
    if algorithm and (digest := front.header.text(5092)):
        return digest.decode("ascii", "replace"), algorithm, b""
    return front.signature.binary(1004).hex(), "md5", front.header.raw


def is_covered(header: Header) -> bool:
    """Whether the header holds a SHA-2 digest of the payload, so that a signature over the header is one over everything. Since rpm 4.14 it does."""
    return bool(header.text(5092)) and (header.number(5093) or 8) in {8, 9, 10}


def _stream_digest(front: Front, file: BinaryIO, algorithm: str, seed: bytes) -> str:
    state = hashlib.new(algorithm, seed, usedforsecurity=False)
    state.update(front.payload)
    if front.header.end + len(front.payload) < front.size:
        buffer = bytearray(512 * 1024)
        while count := file.readinto(buffer):  # type: ignore[attr-defined]  # a FileIO, which BinaryIO does not describe
            state.update(memoryview(buffer)[:count])
    return state.hexdigest()
