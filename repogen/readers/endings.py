"""What the end of a file's name says of its kind."""

from __future__ import annotations

import re

from repogen.artifact import Kind
from repogen.platforms import ARCHITECTURE_WORDS, SYSTEM_WORDS

#: Endings of files that are programs, archives and packages; the longest match counts.
_ENDINGS: dict[str, Kind] = {
    ".deb": Kind.DEB, ".dsc": Kind.DSC, ".diff.gz": Kind.SOURCE, ".rpm": Kind.RPM,
    ".pkg.tar.zst": Kind.PACMAN, ".pkg.tar.xz": Kind.PACMAN, ".pkg.tar.gz": Kind.PACMAN,
    ".tar.gz": Kind.TAR, ".tgz": Kind.TAR, ".tar.xz": Kind.TAR, ".txz": Kind.TAR, ".tar.zst": Kind.TAR, ".tzst": Kind.TAR,
    ".tar.bz2": Kind.TAR, ".tbz2": Kind.TAR, ".tbz": Kind.TAR, ".tar": Kind.TAR,
    "-full.nupkg": Kind.UPDATE, "-delta.nupkg": Kind.UPDATE,
    ".zip": Kind.ZIP, ".exe": Kind.EXE, ".msi": Kind.MSI, ".dmg": Kind.DMG, ".pkg": Kind.PKG, ".appimage": Kind.APPIMAGE,
    ".apk": Kind.APK, ".snap": Kind.SNAP, ".flatpak": Kind.FLATPAK, ".run": Kind.BINARY, ".sh": Kind.BINARY, ".bin": Kind.BINARY,
}  # fmt: skip

#: Those that begin before the dot.
_UPDATE = tuple(ending for ending, kind in _ENDINGS.items() if kind is Kind.UPDATE)

#: Endings of files about another file. What stands before them is that file's name.
SIDE_ENDINGS = (
    ".intoto.jsonl", ".sigstore.json", ".cosign.bundle", ".spdx.json", ".cdx.json", ".cyclonedx.json", ".sbom.json", ".sbom.xml",
    ".provenance.json", ".att.json",
    ".blockmap", ".minisig", ".sigstore", ".sig", ".asc", ".pem", ".crt", ".zsync", ".sbom", ".spdx", ".cdx", ".provenance", ".att",
)  # fmt: skip
SUMS_ENDINGS = (".sha256sum", ".sha512sum", ".sha256.txt", ".sha512.txt", ".sha256", ".sha512", ".sha1", ".md5sum", ".md5", ".sums")

_SIDE_NAME = re.compile(
    r"(?:latest|stable|beta|alpha|nightly|canary|dev)(?:-[a-z0-9]+){0,2}\.ya?ml|appcast\.xml|(?:.*[-_.])?(?:sbom|bom)\.(?:json|xml)", re.IGNORECASE
)
#: Lists of update packages: of Squirrel.Windows (whose successors put a channel behind the name) and of Velopack.
_PACKAGE_LIST = re.compile(r"RELEASES(?:-[A-Za-z0-9_-]+)?|releases\.[A-Za-z0-9._-]+\.json")
_SUMS_NAME = re.compile(r"(?:.*[-_.])?(?:checksums?|(?:sha(?:1|256|512)|md5)[-_]?sums?)(?:[-_.].*)?(?<!\.md)|(?:sha256|sha512)\.(?:sum|txt)", re.IGNORECASE)
#: Names under which createrepo_c and modifyrepo_c take them; what stands before is the channel's.
_REPODATA_NAME = re.compile(r"(?:.*[-_.])?(?:(modules\.yaml)|productid)")
#: What may go with a release without being the program.
_ARCHIVES = frozenset((Kind.TAR, Kind.ZIP))
_COMPANION = re.compile(r"(?:^|[-_.])(?:src|source|sources|symbols|dsyms?|pdbs?|debug-?symbols)(?=[-_.]|$)", re.IGNORECASE)
_NUMBER = re.compile(r"\d+\.\d+")
_NEXT_WORD = re.compile(r"[-_.]+([^-_.]+)")


def kind_by_name(name: str) -> Kind | None:
    """What a name claims its file to be; None when it claims nothing."""
    lower = name.lower()
    found = _package_ending(lower)
    if found is not None and found not in _ARCHIVES:
        return found
    if lower.endswith(SIDE_ENDINGS) or _SIDE_NAME.fullmatch(name) or is_package_list(name):
        return Kind.SIDE
    if lower.endswith(SUMS_ENDINGS) or (_SUMS_NAME.fullmatch(name) and found is None):
        return Kind.SUMS
    if lower.endswith((".md", ".markdown")):
        return Kind.NOTES
    if repodata := _REPODATA_NAME.fullmatch(lower):
        return Kind.MODULES if repodata[1] else Kind.PRODUCTID
    return Kind.SIDE if is_companion_archive(name) else found


def is_package_list(name: str) -> bool:
    """Whether a file lists update packages of Squirrel.Windows or Velopack."""
    return _PACKAGE_LIST.fullmatch(name) is not None


def is_companion_archive(name: str) -> bool:
    """Whether an archive goes with a release without being the program: its source, its debug symbols."""
    stem = strip_ending(name)
    return _package_ending(name.lower()) in _ARCHIVES and without_companion_word(stem) != stem


def without_companion_word(stem: str) -> str:
    """A name without the word for source or symbols, behind which a number, a platform or nothing stands, or a number before it.

    In ``source-highlight-3.1`` it is the product's.
    """
    for found in _COMPANION.finditer(stem):
        behind = _NEXT_WORD.match(stem, found.end())
        word = behind[1].lower() if behind else ""
        if not word or word.lstrip("v")[:1].isdecimal() or word in SYSTEM_WORDS or word in ARCHITECTURE_WORDS or _NUMBER.search(stem, 0, found.start()):
            return stem[: found.start()] + stem[found.end() :]
    return stem


def strip_ending(name: str) -> str:
    """The name without the ending of a package, archive or program."""
    lower = name.lower()
    ending = max((e for e in _ENDINGS if lower.endswith(e)), key=len, default="")
    return name[: len(name) - len(ending)]


def accompanied(name: str) -> str:
    """Name of the file that a side file is about, ``x.tar.gz`` of ``x.tar.gz.sbom.json``; empty when its name does not end so."""
    lower = name.lower()
    ending = max((e for e in (*SIDE_ENDINGS, *SUMS_ENDINGS) if lower.endswith(e)), key=len, default="")
    return name[: len(name) - len(ending)] if ending else ""


def of_kind(kind: Kind) -> tuple[str, ...]:
    """The endings that files of a kind have."""
    return tuple(".AppImage" if ending == ".appimage" else ending for ending, its in _ENDINGS.items() if its is kind)


def _package_ending(lower: str) -> Kind | None:
    at = lower.find(".")
    while at >= 0:
        if found := _ENDINGS.get(lower[at:]):
            return found
        at = lower.find(".", at + 1)
    return Kind.UPDATE if lower.endswith(_UPDATE) else None
