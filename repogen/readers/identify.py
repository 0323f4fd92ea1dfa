"""What a file is: by its content first, then by its name, which must not say otherwise.

The first bytes settle most formats (https://en.wikipedia.org/wiki/List_of_file_signatures); a disk image says it in its last
512 bytes, compressed archives in the first block of what they hold. Texts have no mark of their own, so these go by their names.
"""

from __future__ import annotations

import re
import zipfile

from repogen.artifact import Kind
from repogen.errors import InputError
from repogen.readers import endings
from repogen.readers.source import Source
from repogen.readers.streams import COMPRESSED, DAMAGE, ZIP_DAMAGE, unpacked
from repogen.readers.tar import first_name
from repogen.readers.udif import RawImage
from repogen.readers.volume import is_volume

_HEAD = 560
_UNKNOWN = "of unknown content"

#: Beginnings that settle the kind on their own.
_STRONG = (
    (b"\xed\xab\xee\xdb", Kind.RPM),
    (b"MZ", Kind.EXE),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind.MSI),
    (b"xar!", Kind.PKG),
    (b"hsqs", Kind.SNAP),
    (b"flatpak\0", Kind.FLATPAK),
)
_MACH_O = (b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe")
_FAT = (b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf")

#: Kinds that are published under their own name, and so need one by which people and systems know them.
_NEEDS_ENDING = {Kind.TAR, Kind.ZIP, Kind.EXE, Kind.MSI, Kind.DMG, Kind.PKG, Kind.SNAP, Kind.FLATPAK, Kind.APK, Kind.PACMAN}

#: Texts and patches, which have no mark of their own.
_BY_NAME = {Kind.DSC, Kind.SOURCE, Kind.SIDE, Kind.NOTES, Kind.SUMS, Kind.MODULES, Kind.PRODUCTID}

_TITLES = {
    Kind.DEB: "a Debian package", Kind.DSC: "a Debian source package", Kind.SOURCE: "part of one",
    Kind.RPM: "an RPM package", Kind.TAR: "a tar archive", Kind.ZIP: "a zip archive", Kind.EXE: "a Windows program",
    Kind.MSI: "an OLE file such as an MSI", Kind.DMG: "a macOS disk image", Kind.PKG: "a macOS installer package", Kind.APPIMAGE: "an AppImage",
    Kind.BINARY: "a program", Kind.APK: "an Android or Alpine package", Kind.SNAP: "a squashfs image such as a snap", Kind.FLATPAK: "a Flatpak bundle",
    Kind.PACMAN: "a pacman package", Kind.UPDATE: "an update package of Squirrel or Velopack", Kind.SIDE: "a side file",
    Kind.NOTES: "release notes", Kind.SUMS: "a list of checksums",
    Kind.MODULES: "module metadata", Kind.PRODUCTID: "a product certificate",
}  # fmt: skip


def identify(path: Source) -> Kind:
    """The kind of a release file. Raises InputError for an empty or unknown file and for a name that its content belies."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
        file.seek(0, 2)
        size = file.tell()
        file.seek(max(0, size - 512))
        tail = file.read(512) if size >= 512 else b""
    if not head:
        raise InputError(f"{path.name} is empty", hint="build or copy it again; it has no byte")
    claim = endings.kind_by_name(path.name)
    found = _by_content(path, head, tail, claim)
    return _agreed(path.name, head, found, claim)


def _agreed(name: str, head: bytes, found: Kind | None, claim: Kind | None) -> Kind:
    if found is None:
        if claim in _BY_NAME:
            return claim
        raise _unknown(name, head, claim)
    if claim is Kind.SIDE and found in {Kind.TAR, Kind.ZIP} and endings.is_companion_archive(name):
        return claim
    if claim is None and found not in _NEEDS_ENDING:
        return found
    if claim is None and name.lower().endswith(".nupkg"):
        raise InputError(
            f"{name} is a NuGet package, but no update package, whose name would end with {' or '.join(endings.of_kind(Kind.UPDATE))}",
            hint=f'repogen makes those for Chocolatey itself; list it in repogen.toml: [input] ignore = ["{name}"]',
        )
    if claim is None:
        raise InputError(
            f"{name} is {_TITLES[found]} by its content, but its name does not end as one",
            hint=f"name it with {' or '.join(endings.of_kind(found))}, or list it in [input] ignore",
        )
    if claim is not found:
        raise InputError(f"{name} claims by its name to be {_TITLES[claim]}, but is {_TITLES[found]}", hint="build it again, or give it the name of what it is")
    return found


def _unknown(name: str, head: bytes, claim: Kind | None) -> InputError:
    if claim is None:
        return InputError(f"{name} is {_looks_like(head)}, which repogen does not publish", hint=f'list it in repogen.toml: [input] ignore = ["{name}"]')
    return InputError(
        f"{name} claims by its name to be {_TITLES[claim]}, but is {_looks_like(head)}",
        hint="it may be cut short or a saved error page; build or download it again",
    )


def _is_text(head: bytes) -> bool:
    return not re.search(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]", head)


def _looks_like(head: bytes) -> str:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:64].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "an HTML page"
    if head.startswith(COMPRESSED):
        return "a compressed file that holds no tar archive, or a damaged one"
    if head.startswith(b"!<arch>"):
        return "an ar archive without debian-binary, or a damaged one"
    if not head.strip(b"\0"):
        return "nothing but zero bytes"
    return "text" if _is_text(head) else _UNKNOWN


def _by_content(path: Source, head: bytes, tail: bytes, claim: Kind | None) -> Kind | None:
    if head.startswith(b"!<arch>\n"):
        return Kind.DEB if head[8:21] == b"debian-binary" else None
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(path, claim)
    if tail.startswith(b"koly"):
        return Kind.DMG
    for magic, kind in _STRONG:
        if head.startswith(magic):
            return kind
    if head.startswith(COMPRESSED) or head[257:262] == b"ustar":
        return _archive_kind(path)
    # A raw or encrypted disk image may begin with anything, so its name decides, and its reader doubts what it does not know.
    return _program_kind(head) or (Kind.DMG if claim is Kind.DMG and (_looks_like(head) == _UNKNOWN or _holds_volume(path)) else None)


def _archive_kind(path: Source) -> Kind | None:
    try:
        with path.open("rb") as file:
            first = first_name(unpacked(file))
    except DAMAGE:
        return None
    if first is None:
        return None
    if first in {".PKGINFO", ".BUILDINFO", ".MTREE"} or first.startswith(".SIGN."):
        return Kind.PACMAN if endings.kind_by_name(path.name) is Kind.PACMAN else Kind.APK
    return Kind.TAR


def _zip_kind(path: Source, claim: Kind | None) -> Kind:
    """Android and NuGet packages are zip files with a manifest; a damaged zip stays what it is called, and its reader says what is wrong with it."""
    if claim is Kind.UPDATE:
        return claim
    if claim is not Kind.APK:
        return Kind.ZIP
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            return Kind.APK if "AndroidManifest.xml" in archive.namelist() else Kind.ZIP
    except ZIP_DAMAGE:
        return Kind.ZIP


def _program_kind(head: bytes) -> Kind | None:
    if head.startswith(b"\x7fELF"):
        return Kind.APPIMAGE if head[8:11] in {b"AI\x01", b"AI\x02"} else Kind.BINARY
    # Java classes begin as universal Mach-O files do; these hold a small number of architectures where those hold a version.
    if head.startswith(_MACH_O) or (head.startswith(_FAT) and 0 < int.from_bytes(head[4:8], "big") < 30):
        return Kind.BINARY
    return Kind.BINARY if head.startswith(b"#!") else None


def _holds_volume(path: Source) -> bool:
    with path.open("rb") as file:
        return is_volume(RawImage(file))
