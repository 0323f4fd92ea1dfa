"""Indices as they are stored: plain, or packed as their name's ending says."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable
from typing import Final

import zstandard

from repogen.errors import InputError

#: An index that unpacks to more is none: all of Debian's main takes 60 MB.
_LIMIT: Final = 2 << 30
#: Endings that can be read, the cheapest to fetch first.
ENDINGS: Final = (".xz", ".zst", ".bz2", ".gz", "")


def unpacked(name: str, content: bytes) -> bytes:
    """The text of an index of this name. Raises InputError where it is damaged or of an unknown packing."""
    ending = next((ending for ending in ENDINGS if ending and name.endswith(ending)), "")
    try:
        text = _UNPACKERS[ending](content)
    except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, zstandard.ZstdError) as error:
        raise InputError(f"{name} is damaged: it cannot be unpacked ({error})", hint="let the tool that made the repository write its indices again") from error
    if len(text) > _LIMIT:
        raise InputError(f"{name} unpacks to more than {_LIMIT >> 30} GiB, which no index does", hint="look at what wrote it")
    return text


def _gzip(content: bytes) -> bytes:
    return zlib.decompressobj(wbits=31).decompress(content, _LIMIT + 1)


def _xz(content: bytes) -> bytes:
    return lzma.LZMADecompressor().decompress(content, _LIMIT + 1)


def _bzip2(content: bytes) -> bytes:
    return bz2.BZ2Decompressor().decompress(content, _LIMIT + 1)


def _zstd(content: bytes) -> bytes:
    with zstandard.ZstdDecompressor().stream_reader(content, read_across_frames=True) as stream:
        return bytes(stream.read(_LIMIT + 1))


_UNPACKERS: Final[dict[str, Callable[[bytes], bytes]]] = {"": bytes, ".gz": _gzip, ".xz": _xz, ".bz2": _bzip2, ".zst": _zstd}
