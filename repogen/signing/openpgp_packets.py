"""OpenPGP packets, and the ASCII armor around them: https://www.rfc-editor.org/rfc/rfc9580#section-4.2 and #section-6 ."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import NamedTuple

from repogen.errors import SigningError

SIGNATURE, SECRET_KEY, PUBLIC_KEY, SECRET_SUBKEY, USER_ID, PUBLIC_SUBKEY = 2, 5, 6, 7, 13, 14

_BLOCK = re.compile(rb"-----BEGIN PGP ([A-Z ]+)-----\s*?\n(.*?)-----END PGP \1-----", re.DOTALL)


class Packet(NamedTuple):
    """One packet: its type (``PUBLIC_KEY``, ``SIGNATURE`` and so on) and what is in it."""

    tag: int
    body: bytes


def packets(data: bytes, source: str) -> Iterator[Packet]:
    """The packets of binary data. Raises SigningError, which names ``source``, where that is no OpenPGP data."""
    at = 0
    while at < len(data):
        head, at = data[at], at + 1
        try:
            tag, at, length = _new(data, head, at) if head & 0x40 else _old(data, head, at)
        except IndexError:
            raise _no_data(source) from None
        if not head & 0x80 or at + length > len(data):
            raise _no_data(source)
        yield Packet(tag, data[at : at + length])
        at += length


def _new(data: bytes, head: int, at: int) -> tuple[int, int, int]:
    """Tag, start and length of the body, where the length follows the tag in one, two or five octets. Keys never come in partial lengths."""
    first = data[at]
    if first < 192:
        return head & 0x3F, at + 1, first
    if first < 224:
        return head & 0x3F, at + 2, ((first - 192) << 8) + data[at + 1] + 192
    return head & 0x3F, at + 5, int.from_bytes(data[at + 1 : at + 5], "big") if first == 255 else len(data)


def _old(data: bytes, head: int, at: int) -> tuple[int, int, int]:
    size = 1 << (head & 3)
    return (head >> 2) & 0x0F, at + size, int.from_bytes(data[at : at + size], "big") if size < 8 else len(data) - at


def _no_data(source: str) -> SigningError:
    return SigningError(
        f"{source} is no OpenPGP data, or it is cut", hint="export the key again: `gpg --armor --export FINGERPRINT`, or without --armor for .gpg"
    )


def holds_secret(binary: bytes, source: str) -> bool:
    """Whether a binary key holds a secret key or subkey."""
    return any(packet.tag in {SECRET_KEY, SECRET_SUBKEY} for packet in packets(binary, source))


def is_armored(data: bytes) -> bool:
    return b"-----BEGIN PGP " in data


def armored_blocks(data: bytes, kind: bytes = b"") -> list[bytes]:
    """Each armored block of a text, whole, in order; of one kind if asked for, as its first line names it: ``PRIVATE KEY BLOCK``."""
    return [match[0] + b"\n" for match in _BLOCK.finditer(data) if kind in {b"", match[1]}]


def dearmor(data: bytes, source: str) -> bytes:
    """The packets of all armored blocks in a text, joined. Raises SigningError."""
    try:
        return b"".join(base64.b64decode(_base64_of(match[2]), validate=True) for match in _BLOCK.finditer(data))
    except binascii.Error:
        raise _no_data(source) from None


def _base64_of(inside: bytes) -> bytes:
    """The lines between the empty line that ends the headers and the checksum."""
    lines = [line.strip() for line in inside.splitlines()]
    start = lines.index(b"") + 1 if b"" in lines else 0
    return b"".join(line for line in lines[start:] if not line.startswith(b"="))
