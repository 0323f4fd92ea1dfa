"""Portable archives: what stands in them, and for which system their programs are made.

tar: see ``tar``. zip: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT. An archive is read to its end, so that a damaged one
is found here and not by the people who download it, and a name in it that leaves the folder in which it is unpacked is refused.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from msgspec import Struct

from repogen.artifact import ArchiveFacts, Kind
from repogen.errors import InputError
from repogen.readers import Digests, Reading
from repogen.readers.links import leads_to
from repogen.readers.program import Program, agreed, native
from repogen.readers.streams import DAMAGE, ZIP_DAMAGE, unpacked
from repogen.readers.tar import Member, TarError, members

_MOST_NAMES = 5_000
_LARGEST = 1 << 36
_HEAD = 1 << 12
_BUNDLE = re.compile(r"(?:^|/)([^/]+\.app)/Contents/")
_DRIVE = re.compile(r"[A-Za-z]:")


class Entry(Struct, frozen=True):
    """One member of an archive of either kind."""

    name: str
    executable: bool
    """Whether its execute bit is set."""
    head: bytes = b""
    target: str | None = None
    """What a link says, symbolic or hard, from the folder in which it stands; None for a file."""
    symbolic: bool = False


def read(path: Path, _digests: Digests) -> Reading:
    """What stands in a tar or zip archive. Raises InputError for a damaged or dangerous one."""
    is_zip = _is_zip(path)
    facts, programs = _facts(path.name, _zip_entries(path) if is_zip else _tar_entries(path))
    said = agreed(programs)
    if facts.executables and not programs:
        said = Program("any", "any")
    elif facts.bundles:
        said = Program("macos", said.arch)
    bundle = facts.bundles[0].removesuffix(".app") if len(facts.bundles) == 1 else ""
    return Reading(kind=Kind.ZIP if is_zip else Kind.TAR, facts=facts, os=said.os, arch=said.arch, libc=said.libc, title=bundle)


def _facts(name: str, entries: Iterable[Entry]) -> tuple[ArchiveFacts, list[Program]]:
    names: list[str] = []
    executables: set[str] = set()
    found: list[Program] = []
    links: dict[str, str] = {}
    symbolic: set[str] = set()
    for entry in entries:
        _check_name(name, entry, links)
        names.append(entry.name)
        program = native(entry.head, entry.name)
        if program is not None:
            found.append(program)
        if program.runs if program is not None else entry.executable and entry.head.startswith(b"#!"):
            executables.add(entry.name)
        if entry.symbolic:
            symbolic.add(entry.name)
    executables |= {name for name in links if leads_to(name, links) in executables}
    # Where no program runs by itself (an Electron folder whose libraries alone are ELF), the libraries tell.
    programs = [program for program in found if program.runs] or found
    tops = {member.partition("/")[0] if "/" in member else "" for member in names}
    top = tops.pop() if len(tops) == 1 else ""
    bundles = {match[1] for member in names if (match := _BUNDLE.search(member))}
    return ArchiveFacts(
        members=tuple(sorted(names)[:_MOST_NAMES]),
        executables=tuple(sorted(executables)[:_MOST_NAMES]),
        top=top,
        bundles=tuple(sorted(bundles)),
        links=tuple(sorted(symbolic & executables)[:_MOST_NAMES]),
    ), programs


def _check_name(archive: str, entry: Entry, links: dict[str, str]) -> None:
    """Refuse names that leave the folder: absolute, with ``..``, or below a link of the archive itself. Links are noted."""
    path = PurePosixPath(entry.name)
    unsafe = path.is_absolute() or ".." in path.parts or _DRIVE.match(entry.name) or not entry.name or "\0" in entry.name
    if unsafe or any(str(parent) in links for parent in path.parents):
        raise InputError(
            f"{archive} holds the unsafe name {entry.name!r}", hint="names in an archive must stay inside the folder in which it is unpacked; pack it again"
        )
    if entry.target is not None:
        links[str(path)] = entry.target


def _is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"PK"


def _tar_entries(path: Path) -> Iterator[Entry]:
    try:
        with path.open("rb") as file:
            for member in members(unpacked(file)):
                if member.type != "5":
                    yield _tar_entry(member)
    except TarError as error:
        raise _damaged(path, str(error)) from error
    except DAMAGE as error:
        raise _damaged(path, str(error) or "its compressed data is broken") from error


def _tar_entry(member: Member) -> Entry:
    name = _inside(member.name)
    if member.type == "1":
        # A hard link names the other file from the archive's root.
        return Entry(name, executable=False, target="../" * name.count("/") + member.target)
    if member.type == "2":
        return Entry(name, executable=False, target=member.target, symbolic=True)
    return Entry(name, executable=member.type == "0" and bool(member.mode & 0o111), head=member.head)


def _inside(name: str) -> str:
    return name.removeprefix("./")


def _zip_entries(path: Path) -> Iterator[Entry]:
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(info.file_size for info in archive.infolist()) > _LARGEST:
                raise _damaged(path, f"it unpacks to more than {_LARGEST >> 30} GiB")
            for info in archive.infolist():
                if not info.filename.endswith("/"):
                    yield _zip_entry(path, archive, info)
    except ZIP_DAMAGE as error:
        raise _damaged(path, str(error)) from error


def _zip_entry(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Entry:
    if info.flag_bits & 1:
        raise InputError(f"{path.name} is encrypted", hint="pack it again without a password")
    with archive.open(info) as member:
        head = member.read(_HEAD)
        while member.read(1 << 18):
            """To the end, where zipfile compares the checksum."""
    mode = info.external_attr >> 16
    # Archives from Windows may write backslashes, which unpackers there take for separators.
    name = _inside(info.filename.replace("\\", "/"))
    if mode & 0o170000 == 0o120000:
        return Entry(name, executable=False, target=head.decode("utf-8", "surrogateescape"), symbolic=True)
    return Entry(name, executable=bool(mode & 0o111), head=head)


def _damaged(path: Path, why: str) -> InputError:
    return InputError(f"{path.name} is damaged: {why}", hint="it may be cut short; build or copy it again")
