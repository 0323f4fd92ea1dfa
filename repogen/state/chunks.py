"""Content-defined chunks of a sorted sequence.

A chunk ends before the next item whose key's hash says so. Where an item is added or removed, the chunks before and after it stay what they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zlib import crc32

from msgspec import Struct

#: Items of a chunk on average, and at most.
_USUAL, _MOST = 512, 4096


class Chunk(Struct, frozen=True, array_like=True):
    """One chunk, as a root object lists it."""

    digest: str
    """Of its stored bytes."""
    first: str
    """Key of its first item."""
    count: int


def cut(keys: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Bounds of the chunks (first item, item after the last one) of items with these keys."""
    start = 0
    for index, key in enumerate(keys):
        if index > start and (crc32(key.encode()) % _USUAL == 0 or index - start == _MOST):
            yield start, index
            start = index
    if keys:
        yield start, len(keys)
