"""Readers: the bytes of one file in, what it says of itself out.

A reader is a module with ``read(path, digests) -> Reading``, listed in READERS by the kind that it reads; those of the packages that come by the
thousands take any Source. It raises InputError, with a sentence that names the file, for anything a client would choke on. It never writes, never
runs what it reads, and never allocates by a size that a file merely claims.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from types import ModuleType

from msgspec import Struct

from repogen.artifact import Facts, Kind


class Digests(Struct, frozen=True, kw_only=True):
    """One pass over a file: its size, digests and modification time."""

    size: int
    sha256: str
    sha512: str = ""
    """Empty when not asked for."""
    mtime: int
    """Seconds since 1970."""


class Reading(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a file's content says of itself; empty where it is silent, and its name must speak."""

    kind: Kind
    facts: Facts | None = None
    product: str = ""
    """A name as the file writes it, ``WebRTC Desktop Host``."""
    version: str = ""
    """Version of the release (see version.release_version)."""
    os: str = ""
    arch: str = ""
    libc: str = ""
    title: str = ""
    description: str = ""
    """One line."""
    homepage: str = ""
    license: str = ""
    doubt: str = ""
    """What speaks against the file being what it is taken for, ``has no PE header``; it is published with a warning."""
    packed: str = ""
    """``zstd`` where a deb has a member that old systems cannot unpack."""
    text: str = ""
    """Content of release notes, checksum lists and what a yum repository carries as it came."""


#: Module that reads each kind. Several kinds may share one.
READERS: dict[Kind, str] = {
    Kind.DEB: "deb",
    Kind.RPM: "rpm",
    Kind.TAR: "archive",
    Kind.ZIP: "archive",
    Kind.EXE: "exe",
    Kind.MSI: "msi",
    Kind.DMG: "dmg",
    Kind.PKG: "pkg",
    Kind.APPIMAGE: "binary",
    Kind.BINARY: "binary",
    Kind.APK: "bundle",
    Kind.SNAP: "bundle",
    Kind.FLATPAK: "bundle",
    Kind.PACMAN: "bundle",
    Kind.DSC: "dsc",
    Kind.SOURCE: "source_part",
    Kind.UPDATE: "update_package",
    Kind.SIDE: "side",
    Kind.MODULES: "repodata",
    Kind.PRODUCTID: "repodata",
    Kind.NOTES: "text",
    Kind.SUMS: "text",
}


#: Kinds whose reader takes any Source.
FROM_MEMORY = frozenset((Kind.DEB, Kind.RPM))


@cache
def reader_for(kind: Kind) -> ModuleType:
    """The module that reads this kind, imported when it is first needed."""
    return import_module(f"repogen.readers.{READERS[kind]}")
