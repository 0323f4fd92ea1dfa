"""Control files of zsync, out of which a client learns which parts of a file it has already (http://zsync.moria.org.uk/paper/ and zsyncmake(1)).

A header as of HTTP, an empty line, then for each block its rolling checksum (http://zsync.moria.org.uk/paper/ch02s03.html) and its MD4, as many bytes
of both as a file of this length needs. What is not the file is found out by the SHA-1 over the whole, so that MD4 need not be strong.
"""

from __future__ import annotations

import hashlib
import math
from typing import BinaryIO

from Crypto.Hash import MD4  # which hashlib has no more where OpenSSL 3 stands behind it

_LARGE = 100_000_000
_SMALL_BLOCK, _LARGE_BLOCK = 2048, 4096
_BASE = (1 << 32) - 1
_LANES = int.from_bytes(b"\xff\0\0\0" * (_LARGE_BLOCK // 4), "little")


def control(file: BinaryIO, size: int, *, filename: str, url: str) -> bytes:
    """The control file of a file that is ``size`` bytes long and stands at ``url``.

    It has no MTime, which clients do without: a build after a publish that was cut must come to the very bytes that were uploaded then.
    """
    step = _SMALL_BLOCK if size < _LARGE else _LARGE_BLOCK
    matches, weak, strong = _lengths(size, step)
    whole, sums = hashlib.sha1(usedforsecurity=False), bytearray()
    while block := file.read(step):
        whole.update(block)
        padded = block.ljust(step, b"\0")
        sums += _rolling(padded)[4 - weak :] + MD4.new(padded).digest()[:strong]  # noqa: S303 - see above
    header = {
        "zsync": "0.6.2",
        "Filename": filename,
        "Blocksize": step,
        "Length": size,
        "Hash-Lengths": f"{matches},{weak},{strong}",
        "URL": url,
        "SHA-1": whole.hexdigest(),
    }
    return "".join(f"{name}: {value}\n" for name, value in header.items()).encode() + b"\n" + bytes(sums)


def _lengths(size: int, step: int) -> tuple[int, int, int]:
    """How many blocks in a row must match, and how many bytes of each checksum tell blocks apart: what zsyncmake takes."""
    matches = 2 if size > step else 1
    blocks = math.log2(1 + size // step)
    weak = math.ceil((math.log2(size) + math.log2(step) - 8.6) / matches / 8)
    strong = max(math.ceil((20 + math.log2(size) + blocks) / matches / 8), int((7.9 + 20 + blocks) / 8))
    return matches, min(4, max(2, weak)), min(16, strong)


def _rolling(block: bytes) -> bytes:
    """The sum of a block's bytes, and their sum weighted by the distance from the end, both modulo 2^16.

    A loop over the bytes would take ten times as long. Every fourth byte makes a number in base 2^32 instead; with ``b = 2^32 - 1`` that
    is ``sum + b * moment`` modulo ``b^2``, since ``(b + 1)^j = 1 + j * b + ...``, where the moment weighs each digit by its place.
    """
    number, total, weighted = int.from_bytes(block, "little"), 0, 0
    for first in range(4):
        moment, some = divmod((number >> 8 * first & _LANES) % (_BASE * _BASE), _BASE)
        total += some
        weighted += (len(block) - first) * some - 4 * moment
    return (total & 0xFFFF).to_bytes(2, "big") + (weighted & 0xFFFF).to_bytes(2, "big")
