"""Single programs: plain binaries, scripts and AppImages (https://github.com/AppImage/AppImageSpec)."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import BinaryIO

from repogen.artifact import AppImageFacts, Kind
from repogen.errors import InputError
from repogen.readers import Digests, Reading
from repogen.readers.elf import read_elf
from repogen.readers.program import native
from repogen.readers.update_information import read_update_information

_HEAD = 1 << 14
_LONGEST_BLOCK_MAP = 64 << 20


def read(path: Path, digests: Digests) -> Reading:
    """The system that a program runs on; a script runs on any. Raises InputError for one that is cut short."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
        image = (
            AppImageFacts(block_map_size=embedded_block_map(file, digests.size), update_information=read_update_information(file, head))
            if head[8:10] == b"AI"
            else None
        )
    if head.startswith(b"#!"):
        return Reading(kind=Kind.BINARY, os="any", arch="any")
    program = native(head)
    if program is None or _claimed_size(head) > digests.size:
        raise InputError(f"{path.name} is damaged: it is shorter than its own header says", hint="it may be cut short; build or copy it again")
    if not program.runs:
        raise InputError(f"{path.name} is a library or an object file, not a program", hint=f'list it in repogen.toml: [input] ignore = ["{path.name}"]')
    kind = Kind.APPIMAGE if head[8:10] == b"AI" else Kind.BINARY
    facts = image if image != AppImageFacts() else None
    return Reading(kind=kind, facts=facts, os=program.os, arch=program.arch, libc=program.libc if kind is Kind.BINARY else "")


def embedded_block_map(file: BinaryIO, size: int) -> int:
    """How long the block map is that electron-builder appends to an AppImage: deflated JSON, then its length in four bytes; 0 when there is none."""
    file.seek(max(0, size - 4))
    length = int.from_bytes(file.read(4), "big")
    if not 0 < length <= min(size - 4, _LONGEST_BLOCK_MAP):
        return 0
    file.seek(size - 4 - length)
    try:
        found = zlib.decompressobj(-zlib.MAX_WBITS).decompress(file.read(length), 64)
    except zlib.error:
        return 0
    return length if found.startswith(b'{"version":') else 0


def _claimed_size(head: bytes) -> int:
    """How long the file must be at least, by its program headers (ELF) or its list of architectures (universal Mach-O)."""
    elf = read_elf(head)
    if elf is not None:
        return max([elf.table_end, *(segment.offset + segment.size for segment in elf.segments)])
    if head.startswith(b"\xca\xfe\xba\xbe"):
        count = int.from_bytes(head[4:8], "big")
        rows = (head[at : at + 20] for at in range(8, 8 + 20 * count, 20))
        return max((int.from_bytes(row[8:12], "big") + int.from_bytes(row[12:16], "big") for row in rows), default=0)
    return 0
