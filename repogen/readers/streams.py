"""Compressed files as a stream of bounded pieces.

Every piece is small whatever the file claims, so that a crafted archive costs time but no memory. A stream that ends before its
format says so is an error, which the standard library's file objects do not all notice.
"""

from __future__ import annotations

import bz2
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

import zstandard

_STEP = 1 << 16
_PIECE = 1 << 18
#: A zstd block of four bytes may stand for 128 KiB, and the library has no limit on what one call returns.
_ZSTD_STEP = 1 << 10
_ZSTD_WINDOW = 1 << 27
_XZ_MEMORY = 1 << 29

DAMAGE = (zlib.error, lzma.LZMAError, zstandard.ZstdError, EOFError, OSError, ValueError)
"""What reading a damaged stream raises."""
ZIP_DAMAGE = (*DAMAGE, zipfile.BadZipFile, RuntimeError)
"""What reading a zip archive raises that is damaged, encrypted, or packed in a way that the library does not know."""


class _Decoder(Protocol):
    @property
    def eof(self) -> bool: ...

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """Some of the content, and the part of ``data`` that was not taken."""


class _Gzip:
    def __init__(self) -> None:
        self._stream = zlib.decompressobj(31)

    @property
    def eof(self) -> bool:
        return self._stream.eof

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        content = self._stream.decompress(data, _PIECE)
        return content, self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail


class _Buffered:
    """xz and bzip2, whose decoders keep what they could not use yet."""

    def __init__(self, stream: lzma.LZMADecompressor | bz2.BZ2Decompressor) -> None:
        self._stream = stream

    @property
    def eof(self) -> bool:
        return self._stream.eof

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        if not self._stream.needs_input:
            content = self._stream.decompress(b"", _PIECE)
            return content, self._stream.unused_data + data if self._stream.eof else data
        content = self._stream.decompress(data, _PIECE)
        return content, self._stream.unused_data if self._stream.eof else b""


class _Zstd:
    def __init__(self) -> None:
        self._stream = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()

    @property
    def eof(self) -> bool:
        return self._stream.eof

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        content = self._stream.decompress(data[:_ZSTD_STEP])
        rest = data[_ZSTD_STEP:]
        return content, self._stream.unused_data + rest if self._stream.eof else rest


_DECODERS: tuple[tuple[bytes, Callable[[], _Decoder]], ...] = (
    (b"\x1f\x8b", _Gzip),
    (b"\xfd7zXZ\0", lambda: _Buffered(lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY))),
    (b"\x28\xb5\x2f\xfd", _Zstd),
    (b"BZh", lambda: _Buffered(bz2.BZ2Decompressor())),
)
COMPRESSED = tuple(magic for magic, _ in _DECODERS)


class Readable(Protocol):
    """What can be unpacked: a file, or a part of one."""

    def read(self, size: int, /) -> bytes: ...

    def seek(self, offset: int, /) -> int: ...


class Section:
    """A part of a file, from ``offset`` on and ``size`` bytes long."""

    def __init__(self, file: BinaryIO, offset: int, size: int) -> None:
        self._file, self._offset, self._size, self._position = file, offset, size, 0
        self.seek(0)

    def read(self, size: int, /) -> bytes:
        data = self._file.read(min(size, self._size - self._position))
        self._position += len(data)
        return data

    def seek(self, offset: int, /) -> int:
        self._position = offset
        self._file.seek(self._offset + offset)
        return offset


def unpacked(file: Readable, *, lzma_alone: bool = False) -> Iterator[bytes]:
    """The content of a gzip, xz, zstd, bzip2 or plain file in pieces; of a file of the old lzma form, which has no mark, where that is said.

    Raises one of DAMAGE where it is cut or broken.
    """
    if lzma_alone:
        return _decoded(file, lambda: _Buffered(lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=_XZ_MEMORY)))
    head = file.read(6)
    file.seek(0)
    for magic, decoder in _DECODERS:
        if head.startswith(magic):
            return _decoded(file, decoder)
    return iter(lambda: file.read(_STEP), b"")


def _decoded(file: Readable, make: Callable[[], _Decoder]) -> Iterator[bytes]:
    """One compressed stream after another until the file ends; zero bytes after the last are padding."""
    rest = file.read(_STEP)
    while rest.strip(b"\0"):
        decoder = make()
        while not decoder.eof:
            rest = rest or file.read(_STEP)
            ended = not rest
            content, rest = decoder.feed(rest)
            if content:
                yield content
            elif ended and not decoder.eof:
                raise EOFError("the file ends inside its compressed data")
        rest = rest or file.read(_STEP)
