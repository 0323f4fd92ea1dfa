"""The sectors of an Apple disk image (UDIF).

Apple publishes no specification; the layout is that of https://newosxbook.com/DMG.html: a trailer names a property list, whose ``blkx``
tables say in which packed chunk each run of 512-byte sectors is.
"""

from __future__ import annotations

import bz2
import lzma
import plistlib
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO, Protocol
from xml.parsers.expat import ExpatError

from msgspec import Struct

_SECTOR = 512
_TRAILER = 512
_LONGEST_LIST = 64 << 20
_LARGEST_CHUNK = 64 << 20
_ZERO, _RAW, _IGNORED, _ZLIB, _BZIP2, _LZMA = 0, 1, 2, 0x80000005, 0x80000006, 0x80000008


class ImageError(ValueError):
    """The image is damaged; its text says how."""


class Image(Protocol):
    """A disk, read by byte offset."""

    starts: tuple[int, ...]
    """Where partitions begin, as far as the container says."""

    def read(self, offset: int, size: int) -> bytes:
        """``size`` bytes; fewer where the image ends or cannot be unpacked."""


class RawImage:
    """A disk as it is."""

    starts: tuple[int, ...] = (0,)

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, offset: int, size: int) -> bytes:
        self._file.seek(offset)
        return self._file.read(size)


class _Chunk(Struct, frozen=True):
    kind: int
    start: int
    """First byte on the disk."""
    size: int
    offset: int
    """First byte in the file."""
    length: int


class _Udif:
    def __init__(self, file: BinaryIO, chunks: list[_Chunk], starts: tuple[int, ...]) -> None:
        self._file, self._chunks, self.starts = file, chunks, starts
        self._last: tuple[_Chunk, bytes] | None = None

    def read(self, offset: int, size: int) -> bytes:
        found = b""
        while len(found) < size:
            at = offset + len(found)
            chunk = next((c for c in self._chunks if c.start <= at < c.start + c.size), None)
            part = self._content(chunk)[at - chunk.start :] if chunk is not None else b""
            if not part:
                break
            found += part[: size - len(found)]
        return found

    def _content(self, chunk: _Chunk) -> bytes:
        if self._last is None or self._last[0] != chunk:
            self._last = chunk, self._unpacked(chunk)
        return self._last[1]

    def _unpacked(self, chunk: _Chunk) -> bytes:
        if chunk.size > _LARGEST_CHUNK or chunk.length > _LARGEST_CHUNK:
            return b""
        if chunk.kind in {_ZERO, _IGNORED}:
            return bytes(chunk.size)
        self._file.seek(chunk.offset)
        packed = self._file.read(chunk.length)
        try:
            if chunk.kind == _ZLIB:
                return zlib.decompressobj().decompress(packed, chunk.size)
            if chunk.kind == _BZIP2:
                return bz2.BZ2Decompressor().decompress(packed, chunk.size)
            if chunk.kind == _LZMA:
                return lzma.LZMADecompressor().decompress(packed, chunk.size)
        except (zlib.error, lzma.LZMAError, OSError, EOFError) as error:
            raise ImageError("a packed part of it is broken") from error
        return packed if chunk.kind == _RAW else b""


def open_udif(file: BinaryIO, size: int) -> Image | None:
    """The disk in a UDIF file; None when there is no trailer. Raises ImageError for a damaged one."""
    file.seek(max(0, size - _TRAILER))
    trailer = file.read(_TRAILER)
    if not trailer.startswith(b"koly"):
        return None
    fork, fork_size, list_at, list_size = (int.from_bytes(trailer[at : at + 8], "big") for at in (24, 32, 216, 224))
    if fork + fork_size > size - _TRAILER or list_at + list_size > size - _TRAILER or list_size > _LONGEST_LIST:
        raise ImageError("its trailer names parts beyond its end")
    file.seek(list_at)
    tables = [table for table in _tables(file.read(list_size)) if table.startswith(b"mish") and len(table) >= 204]
    chunks = [chunk for table in tables for chunk in _chunks(table, fork)]
    if any(chunk.offset + chunk.length > size for chunk in chunks if chunk.kind not in {_ZERO, _IGNORED}):
        raise ImageError("its tables name parts beyond its end")
    return _Udif(file, chunks, tuple(sorted({int.from_bytes(table[8:16], "big") * _SECTOR for table in tables})))


def _tables(data: bytes) -> Iterator[bytes]:
    if not data:
        return
    try:
        content: Any = plistlib.loads(data, fmt=plistlib.FMT_XML)
        entries = content["resource-fork"]["blkx"]
        yield from [bytes(entry["Data"]) for entry in entries]
    except (plistlib.InvalidFileException, ExpatError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise ImageError("its property list is broken") from error


def _chunks(table: bytes, fork: int) -> Iterator[_Chunk]:
    first, data = (int.from_bytes(table[at : at + 8], "big") for at in (8, 24))
    count = int.from_bytes(table[200:204], "big")
    for at in range(204, min(204 + 40 * count, len(table) - 39), 40):
        kind = int.from_bytes(table[at : at + 4], "big")
        start, size, offset, length = (int.from_bytes(table[at + n : at + n + 8], "big") for n in (8, 16, 24, 32))
        if size:
            yield _Chunk(kind, (first + start) * _SECTOR, size * _SECTOR, fork + data + offset, length)
