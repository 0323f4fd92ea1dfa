"""Names in the root folder of a volume on a disk image, and how the programs of an application in it begin.

HFS+: see ``hfs``. ISO 9660 with Rock Ridge names, of which the root folder alone is read:
https://ecma-international.org/publications-and-standards/standards/ecma-119/. Everything read is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from repogen.readers.hfs import HfsVolume, hfs_volume
from repogen.readers.udif import Image

_LARGEST_FOLDER = 1 << 20
_MOST_PARTITIONS = 64
_MOST_PROGRAMS = 16


def root_names(image: Image) -> tuple[str, ...]:
    """Names in the root folder of the first volume that can be read; empty where none can."""
    volume = _hfs(image)
    if volume is not None:
        return tuple(item.name for item in volume.items())
    descriptor = image.read(32768, 2048)
    return tuple(_iso_names(image, descriptor)) if descriptor[1:6] == b"CD001" else ()


def program_heads(image: Image, bundle: str) -> Iterator[tuple[str, bytes]]:
    """Names and first bytes of the files in an application's ``Contents/MacOS``; none where the volume is not HFS+."""
    volume = _hfs(image)
    folder = volume.find(bundle, "Contents", "MacOS") if volume is not None else 0
    if volume is not None and folder:
        for item in islice(volume.items(folder), _MOST_PROGRAMS):
            yield item.name, volume.head(item)


def _hfs(image: Image) -> HfsVolume | None:
    volumes = (hfs_volume(image, start) for start in (*image.starts, *_apple_partitions(image)))
    return next((volume for volume in volumes if volume is not None), None)


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
