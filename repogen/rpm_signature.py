"""Our signature into the signature header of an rpm; header and payload stay as they are, byte for byte.

The signature is over the header alone, as rpm 4.14 and later want it: the header holds the payload's digest, so it covers everything.
The older kind over header and payload (rpm 3) is not written: rpm 6 ignores it, v6 packages may not have it, and every
client since RHEL 8 verifies without it. A package that old that its header has no payload digest is refused for the same reason.
https://rpm-software-management.github.io/rpm/manual/signatures_digests.html
"""

from __future__ import annotations

import base64
import os
import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

from repogen.errors import InputError, SigningError
from repogen.readers.rpm_header import BINARY, HEADER_MAGIC, INT16, INT32, INT64, SIGNATURE_REGION, STRING, STRING_ARRAY, Front, Header, is_covered, read_front
from repogen.readers.rpm_signers import packet_body

_DSA: Final = 267
_RSA: Final = 268
_OPENPGP: Final = 278
#: Every tag that a signature can stand in, those of rpm 3 included: a new signature replaces them all.
_SIGNATURES: Final = frozenset({_DSA, _RSA, _OPENPGP, 1002, 1005, 1006})
_RESERVED: Final = (999, 1008)
_FORMAT: Final = 5114
_BUILD_TIME: Final = 1006
_SIZES: Final = {INT16: 2, INT32: 4, INT64: 8}
_STRONG_HASHES: Final = (8, 9, 10)

Tags = dict[int, tuple[int, int, bytes]]
"""Type, count and data of each tag."""


def signed_part(source: Path) -> tuple[bytes, int]:
    """What a package's signature is over, its header, and when it was built, in seconds since 1970. Raises InputError for a damaged package."""
    with source.open("rb", buffering=0) as file:
        header = read_front(file, source.name).header
    return header.raw, header.number(_BUILD_TIME) or 0


def sign_package(source: Path, target: Path, detached: Callable[[bytes], bytes]) -> None:
    """Write ``source`` with a signature to ``target``, with the same modification time.

    ``detached`` gets the header's bytes and returns a binary OpenPGP v4 signature packet by the primary key. Raises InputError for a
    damaged package and SigningError for a packet that rpm would not take.
    """
    with source.open("rb", buffering=0) as file:
        front = read_front(file, source.name)
        _check_covered(front.header, source.name)
        signature = signed_header(front, detached(front.header.raw))
        with target.open("wb") as out:
            out.write(front.lead + signature + bytes(-len(signature) % 8))
            _copy(front, file, out)
        status = os.fstat(file.fileno())
    # createrepo_c writes this time into primary.xml, and so do we: it must not depend on when we signed.
    os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))


def signed_header(front: Front, packet: bytes) -> bytes:
    """The signature header with this signature, without padding; as long as it was where the reserved space allows."""
    tags = _tags(front.signature)
    for tag in _SIGNATURES:
        tags.pop(tag, None)
    tags[_tag_of(packet)] = (BINARY, len(packet), packet)
    if (front.header.number(_FORMAT) or 4) >= 6:
        tags[_OPENPGP] = (STRING_ARRAY, 1, base64.b64encode(packet) + b"\0")
    return _fitted(tags, len(front.signature.raw))


def _check_covered(header: Header, name: str) -> None:
    if not is_covered(header):
        raise InputError(
            f"{name} has no SHA-256 digest of its payload in its header, so a signature would not cover its files", hint="build it with rpm 4.14 or later"
        )


def _copy(front: Front, file: BinaryIO, out: BinaryIO) -> None:
    out.write(front.header.raw)
    out.write(front.payload)
    shutil.copyfileobj(file, out, 1024 * 1024)


def _tag_of(packet: bytes) -> int:
    """The tag for a signature by this public-key algorithm (https://www.rfc-editor.org/rfc/rfc9580#name-signature-packet-type-id-2)."""
    body = packet_body(packet)
    if len(body) < 6 or body[0] != 4 or body[1] != 0:
        raise SigningError("the signature for an rpm is no OpenPGP v4 signature over data", hint="sign with GnuPG 2.2 or later and a version 4 key")
    if body[3] not in _STRONG_HASHES:
        raise SigningError("the signature for an rpm uses a weak hash", hint="take `digest-algo` out of gpg.conf; SHA-256 or better is the default")
    tag = {1: _RSA, 3: _RSA, 17: _DSA, 19: _DSA, 22: _DSA}.get(body[2])
    if tag is None:
        raise SigningError(f"rpm takes no signature of the public-key algorithm {body[2]}", hint="sign with an Ed25519 or RSA-4096 key: `repogen keys new`")
    return tag


# -- the header structure ------------------------------------------------------------------


def _tags(header: Header) -> Tags:
    return {tag: (kind, count, _data(header, *entry)) for tag, entry in header.entries.items() if tag != SIGNATURE_REGION for kind, _, count in (entry,)}


def _data(header: Header, kind: int, offset: int, count: int) -> bytes:
    if kind < STRING or kind == BINARY:
        return header.raw[offset : offset + _SIZES.get(kind, 1) * count]
    end = offset
    for _ in range(count):
        end = header.raw.index(b"\0", end) + 1
    return header.raw[offset:end]


def _fitted(tags: Tags, length: int) -> bytes:
    """The header, its reserved space as large as makes it ``length`` long; that space goes when there is none left."""
    for reserved in _RESERVED:
        if reserved in tags:
            least = len(header_structure({**tags, reserved: (BINARY, 1, b"\0")})) - 1
            del tags[reserved]
            if length > least:
                tags[reserved] = (BINARY, length - least, bytes(length - least))
    return header_structure(tags)


def header_structure(tags: Tags, region_tag: int = SIGNATURE_REGION) -> bytes:
    """A header structure of these tags in one immutable region, whose trailer ends the store."""
    store = bytearray()
    index = bytearray()
    for tag, (kind, count, data) in sorted(tags.items()):
        store += bytes(-len(store) % _SIZES.get(kind, 1))
        index += struct.pack(">IIII", tag, kind, len(store), count)
        store += data
    entries = len(tags) + 1
    region = struct.pack(">IIII", region_tag, BINARY, len(store), 16)
    trailer = struct.pack(">IIiI", region_tag, BINARY, -16 * entries, 16)
    return HEADER_MAGIC + struct.pack(">II", entries, len(store) + 16) + region + bytes(index) + bytes(store) + trailer
