"""Names in the root folder of a volume on a disk image.

HFS+: https://developer.apple.com/library/archive/technotes/tn/tn1150.html, whose catalog keeps names sorted by their folder, the root's (2)
first. ISO 9660 with Rock Ridge names: https://ecma-international.org/publications-and-standards/standards/ecma-119/. Everything read is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from repogen.readers.udif import Image

_ROOT = 2
_MOST_NODES = 256
_LARGEST_FOLDER = 1 << 20
_MOST_PARTITIONS = 64


def root_names(image: Image) -> tuple[str, ...]:
    """Names in the root folder of the first volume that can be read; empty where none can."""
    for start in (*image.starts, *_apple_partitions(image)):
        header = image.read(start + 1024, 512)
        if header[:2] in {b"H+", b"HX"}:
            return tuple(_hfs_names(image, start, header))
    descriptor = image.read(32768, 2048)
    return tuple(_iso_names(image, descriptor)) if descriptor[1:6] == b"CD001" else ()


def is_volume(image: Image) -> bool:
    """Whether an image without a trailer begins as one that macOS opens: HFS+, APFS, ISO 9660, a partition map, or encrypted."""
    start = image.read(0, 512)
    marks = (image.read(1024, 2) in {b"H+", b"HX"}, start[32:36] == b"NXSB", start[:2] == b"ER", start[:8] == b"encrcdsa", start[510:512] == b"\x55\xaa")
    return any(marks) or image.read(32769, 5) == b"CD001"


def _apple_partitions(image: Image) -> Iterator[int]:
    """Starts of the partitions in an Apple partition map."""
    first = image.read(0, 512)
    if first[:2] != b"ER":
        return
    block = int.from_bytes(first[2:4], "big") or 512
    for number in range(1, _MOST_PARTITIONS):
        entry = image.read(number * block, 64)
        if entry[:2] != b"PM":
            return
        yield int.from_bytes(entry[8:12], "big") * block


def _hfs_names(image: Image, start: int, header: bytes) -> Iterator[str]:
    block = _u32(header, 40)
    # Only the first run of the catalog is followed: the root's names are in its first nodes.
    catalog, length = start + _u32(header, 288) * block, _u32(header, 292) * block
    tree = image.read(catalog, 64)
    node, size = _u32(tree, 24), _u16(tree, 32)
    for _ in range(_MOST_NODES):
        if not node or size < 512 or (node + 1) * size > length:
            return
        content = image.read(catalog + node * size, size)
        for parent, name in _records(content):
            if parent > _ROOT:
                return
            if parent == _ROOT:
                yield name
        node = _u32(content, 0)


def _records(node: bytes) -> Iterator[tuple[int, str]]:
    """Folder and name of each key in a leaf node; the offsets of records stand at the node's end, backwards."""
    for index in range(min(_u16(node, 10), len(node) // 8)):
        at = _u16(node, len(node) - 2 * (index + 1))
        length = _u16(node, at + 6)
        yield _u32(node, at + 2), node[at + 8 : at + 8 + 2 * length].decode("utf-16-be", "replace")


def _iso_names(image: Image, descriptor: bytes) -> Iterator[str]:
    extent, size = (int.from_bytes(descriptor[156 + at : 160 + at], "little") for at in (2, 10))
    folder = image.read(extent * 2048, min(size, _LARGEST_FOLDER))
    at = 0
    while at + 33 < len(folder):
        length = folder[at]
        if length < 34:
            at = (at // 2048 + 1) * 2048  # records do not cross sectors
            continue
        name = _iso_name(folder[at : at + length])
        if name:
            yield name
        at += length


def _iso_name(record: bytes) -> str:
    name = record[33 : 33 + record[32]]
    if name in {b"\0", b"\1"}:
        return ""
    rock_ridge = re.search(rb"NM(.)\x01\x00", record, re.DOTALL)
    if rock_ridge:
        return record[rock_ridge.end() : rock_ridge.start() + rock_ridge[1][0]].decode("utf-8", "replace")
    return name.split(b";")[0].decode("ascii", "replace")


def _u16(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "big") if at >= 0 else 0


def _u32(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "big") if at >= 0 else 0
