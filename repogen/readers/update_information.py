"""The update information of an AppImage: where its updater looks for newer ones.

https://github.com/AppImage/AppImageSpec/blob/master/draft.md#update-information: the section ``.upd_info`` of an image of type 2, and a fixed place in
the ISO 9660 file system of type 1.
"""

from __future__ import annotations

from typing import BinaryIO, Literal

from repogen.readers.elf import read_elf

_SECTION = b".upd_info"
_TYPE_1 = (33651, 512)
_MOST_SECTIONS, _LONGEST = 256, 4096


def read_update_information(file: BinaryIO, head: bytes) -> str:
    """The text; empty where there is none, or one that is no line of ASCII. ``head`` is how the file begins."""
    place = _TYPE_1 if head[8:11] == b"AI\x01" else _section(file, head)
    if place is None:
        return ""
    text = _at(file, *place).partition(b"\0")[0].strip()
    return text.decode() if text.isascii() and text.decode("ascii", "replace").isprintable() else ""


def _section(file: BinaryIO, head: bytes) -> tuple[int, int] | None:
    """Offset and size of the section, by the table of sections at the end of the program before the image."""
    elf = read_elf(head)
    if elf is None:
        return None
    start, row, count, names = _table(head, wide=elf.wide, order=elf.order)
    if not 0 < count <= _MOST_SECTIONS or not 40 <= row <= 64 or names >= count:
        return None
    word = 8 if elf.wide else 4

    def number(section: int, at: int, size: int) -> int:
        return int.from_bytes(table[section * row + at : section * row + at + size], elf.order)

    table = _at(file, start, row * count)
    offset, size = 8 + 2 * word, 8 + 3 * word
    strings = _at(file, number(names, offset, word), min(number(names, size, word), 1 << 16))
    for section in range(count):
        at = number(section, 0, 4)
        if strings[at : strings.find(b"\0", at)] == _SECTION:
            return number(section, offset, word), min(number(section, size, word), _LONGEST)
    return None


def _table(head: bytes, *, wide: bool, order: Literal["little", "big"]) -> tuple[int, int, int, int]:
    """Of the table of sections: where it begins, how long a row is, how many there are, and which one holds their names."""
    places = ((40, 8), (58, 2), (60, 2), (62, 2)) if wide else ((32, 4), (46, 2), (48, 2), (50, 2))
    start, row, count, names = (int.from_bytes(head[at : at + size], order) for at, size in places)
    return start, row, count, names


def _at(file: BinaryIO, offset: int, size: int) -> bytes:
    if offset >> 62:  # further than any file is long
        return b""
    file.seek(offset)
    return file.read(size)
