"""How the download page says things: dates, kinds of files, and which file comes first."""

from __future__ import annotations

from datetime import UTC, datetime

from repogen.artifact import Artifact, InstallerFacts, Kind, RpmFacts
from repogen.platforms import ARCHITECTURE_TITLES
from repogen.quoting import line

_KINDS = {
    Kind.DEB: "Debian package", Kind.DSC: "Source package", Kind.SOURCE: "Source package",
    Kind.RPM: "RPM package", Kind.TAR: "Archive", Kind.ZIP: "Archive", Kind.EXE: "Installer", Kind.MSI: "Installer",
    Kind.DMG: "Disk image", Kind.PKG: "Installer", Kind.APPIMAGE: "AppImage", Kind.BINARY: "Program", Kind.APK: "APK package", Kind.SNAP: "Snap",
    Kind.FLATPAK: "Flatpak", Kind.PACMAN: "pacman package", Kind.NUPKG: "Chocolatey package", Kind.UPDATE: "Update package",
    Kind.SIDE: "Accompanying file", Kind.NOTES: "Release notes", Kind.SUMS: "Checksums",
}  # fmt: skip

#: What most people of a system want first; a file of a kind that is not here comes after.
_APP_ORDER = (Kind.DMG, Kind.PKG, Kind.APPIMAGE, Kind.EXE, Kind.MSI, Kind.DEB, Kind.RPM, Kind.FLATPAK, Kind.SNAP, Kind.ZIP, Kind.TAR, Kind.BINARY)
_CLI_ORDER = (Kind.PKG, Kind.EXE, Kind.MSI, Kind.TAR, Kind.ZIP, Kind.BINARY, Kind.APPIMAGE, Kind.DMG, Kind.DEB, Kind.RPM, Kind.FLATPAK, Kind.SNAP)

_ARCHITECTURE_ORDER = {"macos": ("universal", "any", "arm64", "amd64")}
_USUAL_ORDER = ("amd64", "universal", "any", "arm64", "i386", "armv7", "armv6")

_MACS = {"arm64": "Apple silicon", "amd64": "Intel"}

_DOUBLE_SUFFIXES = (".tar.gz", ".tar.xz", ".tar.zst", ".tar.bz2", ".pkg.tar.zst")


def date(stamp: str) -> str:
    """``20 November 2026`` for a stamp."""
    moment = datetime.fromisoformat(stamp).astimezone(UTC)
    months = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
    return f"{moment.day} {months[moment.month - 1]} {moment.year}"


def architecture(artifact: Artifact) -> str:
    """The processor as its system's users know it; empty for any."""
    if artifact.os == "macos" and artifact.arch in _MACS:
        return _MACS[artifact.arch]
    return ARCHITECTURE_TITLES.get(artifact.arch, artifact.arch)


def kind(artifact: Artifact) -> str:
    """What a file is; of a program or installer for Windows also who signed it."""
    said = artifact.facts.authenticode if isinstance(artifact.facts, InstallerFacts) else None
    if said is None:
        return _kind(artifact)
    return f"{_kind(artifact)}, signed by {line(said.signer)}" if said.signer else f"{_kind(artifact)}, not signed"


def _kind(artifact: Artifact) -> str:
    if isinstance(artifact.facts, InstallerFacts) and artifact.facts.technology == "portable":
        return "Program"
    if isinstance(artifact.facts, RpmFacts) and artifact.facts.architecture == "src":
        return "Source package"
    return _KINDS[artifact.kind]


def suffix(artifact: Artifact) -> str:
    """How a download is named in a button: ``.tar.gz``, ``.dmg``, ``program``."""
    name = artifact.filename.lower()
    double = next((end for end in _DOUBLE_SUFFIXES if name.endswith(end)), "")
    if double:
        return double
    if artifact.kind is Kind.BINARY and not name.endswith(".exe"):
        return "program"
    if artifact.kind is Kind.APPIMAGE:
        return ".AppImage"
    stem, dot, end = name.rpartition(".")
    return f".{end}" if dot and stem and end.isalnum() and len(end) <= 8 else artifact.kind.value


def is_download(artifact: Artifact) -> bool:
    """Whether people choose this file for their system; other files stand in the list of all files only."""
    source = isinstance(artifact.facts, RpmFacts) and artifact.facts.architecture == "src"
    return artifact.kind not in {Kind.SIDE, Kind.SUMS, Kind.NOTES, Kind.NUPKG, Kind.UPDATE} and not source


def order(artifact: Artifact, product_type: str) -> tuple[object, ...]:
    """A key to sort a system's downloads by: usual architecture first, then what most people want, plain before musl."""
    architectures = _ARCHITECTURE_ORDER.get(artifact.os, _USUAL_ORDER)
    architecture = architectures.index(artifact.arch) if artifact.arch in architectures else len(architectures)
    return architecture, artifact.arch, rank(artifact, product_type), int(artifact.libc == "musl"), artifact.plainness


def rank(artifact: Artifact, product_type: str) -> int:
    """Place of a file's kind among those of its system; a portable program stands behind an installer."""
    kinds = _APP_ORDER if product_type == "app" else _CLI_ORDER
    place = 2 * kinds.index(artifact.kind) if artifact.kind in kinds else 2 * len(kinds)
    portable = isinstance(artifact.facts, InstallerFacts) and artifact.facts.technology == "portable"
    return place + (3 if portable else 0) + int(artifact.libc == "musl")
