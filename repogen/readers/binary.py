"""Single programs: plain binaries, scripts and AppImages (https://github.com/AppImage/AppImageSpec)."""

from __future__ import annotations

from pathlib import Path

from repogen.artifact import Kind
from repogen.errors import InputError
from repogen.readers import Digests, Reading
from repogen.readers.elf import read_elf
from repogen.readers.program import native

_HEAD = 1 << 14


def read(path: Path, digests: Digests) -> Reading:
    """The system that a program runs on; a script runs on any. Raises InputError for one that is cut short."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(b"#!"):
        return Reading(kind=Kind.BINARY, os="any", arch="any")
    program = native(head)
    if program is None or _claimed_size(head) > digests.size:
        raise InputError(f"{path.name} is damaged: it is shorter than its own header says", hint="it may be cut short; build or copy it again")
    if not program.runs:
        raise InputError(f"{path.name} is a library or an object file, not a program", hint=f'list it in repogen.toml: [input] ignore = ["{path.name}"]')
    kind = Kind.APPIMAGE if head[8:10] == b"AI" else Kind.BINARY
    return Reading(kind=kind, os=program.os, arch=program.arch, libc=program.libc if kind is Kind.BINARY else "")


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
