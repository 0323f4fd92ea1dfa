"""The header of an ELF file.

Format: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

INTERPRETER = 3
_MOST_SEGMENTS = 64


class Segment(Struct, frozen=True):
    """One row of the program header table."""

    type: int
    offset: int
    size: int


class Elf(Struct, frozen=True):
    """What the first bytes of an ELF file say."""

    wide: bool
    """Whether it is a 64-bit file."""
    order: Literal["little", "big"]
    system: int
    type: int
    machine: int
    table_end: int
    """End of the program header table."""
    segments: tuple[Segment, ...]
    """As many as stand in these first bytes."""


def read_elf(head: bytes) -> Elf | None:
    """The header at the beginning of ``head``; None for anything else."""
    if not head.startswith(b"\x7fELF") or len(head) < 64 or head[4] not in {1, 2} or head[5] not in {1, 2}:
        return None
    wide, order = head[4] == 2, _order(head)

    def number(at: int, size: int) -> int:
        return int.from_bytes(head[at : at + size], order)

    start, step, count = (number(32, 8), number(54, 2), number(56, 2)) if wide else (number(28, 4), number(42, 2), number(44, 2))
    width, offset, size = (8, 8, 32) if wide else (4, 4, 16)
    rows = [start + step * index for index in range(min(count, _MOST_SEGMENTS))]
    segments = tuple(Segment(number(at, 4), number(at + offset, width), number(at + size, width)) for at in rows if at + size + width <= len(head))
    return Elf(wide, order, head[7], number(16, 2), number(18, 2), start + step * count, segments)


def _order(head: bytes) -> Literal["little", "big"]:
    return "little" if head[5] == 1 else "big"
