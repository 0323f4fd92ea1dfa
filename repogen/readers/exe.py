"""Windows programs and installers.

Format: https://learn.microsoft.com/windows/win32/debug/pe-format. An installer is known by the marks that its maker leaves: NSIS and Inno Setup
name themselves in the manifest, WiX Burn has a section of its own. The stub of an installer is a 32-bit program whatever it installs, so its
machine says nothing; that of a plain program does.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from repogen.artifact import Authenticode, InstallerFacts, Kind
from repogen.errors import InputError
from repogen.readers import Digests, Reading
from repogen.readers.authenticode import covers, read_signature
from repogen.readers.program import native
from repogen.readers.version_resource import version_strings

_MARKS_WITHIN = 8 << 20
_MARKS = (
    ("nsis", (b"Nullsoft.NSIS.exehead", b"\xef\xbe\xad\xdeNullsoftInst")),
    ("inno", (b"JR.Inno.Setup", b"Inno Setup Setup Data (")),
)
_PORTABLE = re.compile(r"(?:^|[-_ .])portable(?=[-_ .]|$)", re.IGNORECASE)
_INSTALLER = re.compile(r"setup|install(?:er)?(?=[-_ .]|$)", re.IGNORECASE)
_DOTNET_DIRECTORY = 14
_SIGNATURE_DIRECTORY = 4
_PIECE = 1 << 20
_FARTHEST_HEADER = 1 << 16


class Section(Struct, frozen=True):
    name: bytes
    start: int
    size: int


class Layout(Struct, frozen=True):
    """The parts of a PE file that matter here."""

    sections: tuple[Section, ...]
    dotnet: bool
    """Whether it is bytecode, whose machine is no more than a hint."""


def read(path: Path, digests: Digests) -> Reading:
    """Technology, architecture and version of a program or installer. Raises InputError for a damaged one; one for DOS is doubted."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        program = native(data[:8192])
        if program is None and not _was_cut(data, digests.size):
            return Reading(kind=Kind.EXE, facts=InstallerFacts(), os="windows", doubt="has no PE header, so that Windows of today may not run it")
        layout = _layout(data, digests.size) if program is not None else None
        if program is None or layout is None:
            raise InputError(f"{path.name} is damaged: it is no whole Windows program", hint="it may be cut short; build or copy it again")
        if not program.runs:
            raise InputError(f"{path.name} is a Windows library (DLL), not a program", hint=f'list it in repogen.toml: [input] ignore = ["{path.name}"]')
        technology = _technology(path.name, data, layout)
        strings = _strings(data, layout)
        authenticode = _authenticode(data, digests.size)
    speaks = technology == "portable" and not layout.dotnet and not _PORTABLE.search(path.name)
    version = strings.get("ProductVersion", "") or strings.get("FileVersion", "")
    facts = InstallerFacts(technology=technology, product_name=strings.get("ProductName", ""), product_version=version, authenticode=authenticode)
    return Reading(
        kind=Kind.EXE,
        facts=facts,
        product=facts.product_name,
        version=_plain_version(version),
        os="windows",
        arch=program.arch if speaks else "",
        title=facts.product_name,
    )


def _was_cut(data: mmap.mmap, size: int) -> bool:
    """Whether a PE header is announced within reach, but lies beyond the end. A program for DOS has anything there."""
    return size < 64 or 0 < size - 24 < int.from_bytes(data[60:64], "little") < _FARTHEST_HEADER


def _layout(data: mmap.mmap, size: int) -> Layout | None:
    """Sections of the file; None when its headers or sections reach beyond its end."""
    start = int.from_bytes(data[60:64], "little")
    count = int.from_bytes(data[start + 6 : start + 8], "little")
    optional = int.from_bytes(data[start + 20 : start + 22], "little")
    table = start + 24 + optional
    rows = [data[at : at + 40] for at in range(table, table + 40 * count, 40)]
    if any(len(row) < 40 for row in rows):
        return None
    sections = tuple(Section(row[:8].rstrip(b"\0"), int.from_bytes(row[20:24], "little"), int.from_bytes(row[16:20], "little")) for row in rows)
    if any(section.start + section.size > size for section in sections if section.start):
        return None
    return Layout(sections, _has_directory(data, start + 24, optional, _DOTNET_DIRECTORY))


def _has_directory(data: mmap.mmap, start: int, length: int, index: int) -> bool:
    directories = start + (112 if data[start : start + 2] == b"\x0b\x02" else 96)
    at = directories + 8 * index
    return at + 8 <= start + length and any(data[at : at + 8])


def _authenticode(data: mmap.mmap, size: int) -> Authenticode:
    """The signature behind the program, if it is one over these very bytes."""
    optional = int.from_bytes(data[60:64], "little") + 24
    entry = optional + (112 if data[optional : optional + 2] == b"\x0b\x02" else 96) + 8 * _SIGNATURE_DIRECTORY
    start, length = int.from_bytes(data[entry : entry + 4], "little"), int.from_bytes(data[entry + 4 : entry + 8], "little")
    if not _has_directory(data, optional, size, _SIGNATURE_DIRECTORY) or length <= 8 or not entry < start <= size - length:
        return Authenticode()
    signature = data[start + 8 : start + length]

    def parts() -> Iterator[bytes]:
        checksum = optional + 64
        for begin, end in ((0, checksum), (checksum + 4, entry), (entry + 8, start), (start + length, size)):
            for at in range(begin, end, _PIECE):
                yield data[at : min(end, at + _PIECE)]

    return read_signature(signature) if covers(signature, parts()) else Authenticode()


def _technology(name: str, data: mmap.mmap, layout: Layout) -> str:
    if _PORTABLE.search(name):
        return "portable"
    if any(section.name == b".wixburn" for section in layout.sections):
        return "wix-burn"
    for technology, marks in _MARKS:
        if any(data.find(mark, 0, _MARKS_WITHIN) >= 0 for mark in marks):
            return technology
    # What calls itself an installer is one, of a maker that we do not know.
    return "" if _INSTALLER.search(name) else "portable"


def _strings(data: mmap.mmap, layout: Layout) -> dict[str, str]:
    resources = next((section for section in layout.sections if section.name == b".rsrc"), None)
    return version_strings(data[resources.start : resources.start + min(resources.size, _MARKS_WITHIN)]) if resources else {}


def _plain_version(text: str) -> str:
    """``1.2.3`` of Windows' four numbers ``1.2.3.0``; empty for what is no version."""
    text = text.strip().replace(", ", ".").replace(",", ".")
    if not re.fullmatch(r"\d+(\.\d+)*([-+.][0-9A-Za-z.+-]+)?", text):
        return ""
    return re.sub(r"^(\d+\.\d+\.\d+)\.0$", r"\1", text)
