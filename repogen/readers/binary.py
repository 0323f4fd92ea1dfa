"""Single programs: plain binaries, scripts and AppImages (https://github.com/AppImage/AppImageSpec)."""

from __future__ import annotations

from pathlib import Path

from repogen.artifact import Kind
from repogen.errors import InputError
from repogen.readers import Digests, Reading
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
    if head.startswith(b"\x7fELF"):
        order, wide = ("<" if head[5] == 1 else ">"), head[4] == 2
        return _elf_end(head, "little" if order == "<" else "big", wide)
    if head.startswith(b"\xca\xfe\xba\xbe"):
        count = int.from_bytes(head[4:8], "big")
        rows = (head[at : at + 20] for at in range(8, 8 + 20 * count, 20))
        return max((int.from_bytes(row[8:12], "big") + int.from_bytes(row[12:16], "big") for row in rows), default=0)
    return 0


def _elf_end(head: bytes, order: str, wide: bool) -> int:
    def number(at: int, size: int) -> int:
        return int.from_bytes(head[at : at + size], "little" if order == "little" else "big")

    start, step, count = (number(32, 8), number(54, 2), number(56, 2)) if wide else (number(28, 4), number(42, 2), number(44, 2))
    ends = [start + step * count]
    for at in range(start, min(start + step * count, len(head) - 56), step or 1):
        offset, size = (number(at + 8, 8), number(at + 32, 8)) if wide else (number(at + 4, 4), number(at + 16, 4))
        ends.append(offset + size)
    return max(ends)
