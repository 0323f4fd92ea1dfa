"""DER, as far as signatures need it: https://www.itu.int/rec/T-REC-X.690. Nothing is allocated by a length that is merely claimed."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

SEQUENCE, SET, INTEGER, OCTETS, OID, UTC_TIME, TIME = 0x30, 0x31, 0x02, 0x04, 0x06, 0x17, 0x18
_TEXTS = {0x0C: "utf-8", 0x13: "ascii", 0x14: "latin-1", 0x16: "ascii", 0x1E: "utf-16-be"}


class DerError(ValueError):
    """What is read is no DER."""


class Value(Struct, frozen=True):
    """One value: its tag, its content, and all of its bytes."""

    tag: int
    content: bytes
    whole: bytes

    @property
    def parts(self) -> tuple[Value, ...]:
        return tuple(values(self.content))

    @property
    def text(self) -> str:
        return self.content.decode(_TEXTS.get(self.tag, "utf-8"), "replace")


def values(data: bytes) -> Iterator[Value]:
    """The values that stand one after another. Raises DerError."""
    at = 0
    while at < len(data):
        found = first(data[at:])
        yield found
        at += len(found.whole)


def first(data: bytes) -> Value:
    """The first value; what follows it is left. Raises DerError."""
    if len(data) < 2 or data[0] & 0x1F == 0x1F:
        raise DerError
    length, start = data[1], 2
    if length & 0x80:
        start = 2 + (length & 0x7F)
        length = int.from_bytes(data[2:start], "big")
        if start == 2 or start > 10:
            raise DerError
    if len(data) < start + length:
        raise DerError
    return Value(data[0], data[start : start + length], data[: start + length])
