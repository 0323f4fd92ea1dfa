"""One file of ``repodata/``, packed, and what repomd.xml says of it."""

from __future__ import annotations

import gzip
import hashlib
from typing import Final

from msgspec import Struct

_GZIP_LEVEL: Final = 6
_ZSTD_LEVEL: Final = 10


class Index(Struct, frozen=True):
    """An index under the type by which clients ask for it (``primary``, ``updateinfo``)."""

    type: str
    filename: str
    """Without the digest before it: ``primary.xml.gz``."""
    content: bytes
    sha256: str
    open_sha256: str
    """Of the unpacked text; empty where it is not packed."""
    open_size: int

    @property
    def name(self) -> str:
        return f"{self.sha256}-{self.filename}"

    @property
    def size(self) -> int:
        return len(self.content)


def packed(type: str, filename: str, plain: bytes, compression: str) -> Index:
    """An index of this text, packed as ``gz`` or ``zst``, or as it is where ``compression`` is empty."""
    if not compression:
        return Index(type, filename, plain, hashlib.sha256(plain).hexdigest(), "", len(plain))
    content = _PACKERS[compression](plain)
    return Index(type, f"{filename}.{compression}", content, hashlib.sha256(content).hexdigest(), hashlib.sha256(plain).hexdigest(), len(plain))


def _gzip(plain: bytes) -> bytes:
    return gzip.compress(plain, _GZIP_LEVEL, mtime=0)


def _zstd(plain: bytes) -> bytes:
    import zstandard

    return zstandard.ZstdCompressor(level=_ZSTD_LEVEL, write_content_size=True).compress(plain)


_PACKERS: Final = {"gz": _gzip, "zst": _zstd}
