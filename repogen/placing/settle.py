"""One release file's product, version, channel and platform, out of its content, its name and its ``[[product]]`` table.

The rule for each kind:

=====================  ============================  ===================================================================
kind                   product and version           system and architecture
=====================  ============================  ===================================================================
deb, dsc, rpm, pacman, the package's own fields      the package's own fields
Alpine, update package
msi, exe, dmg, pkg     the file's name (a display    windows, or macos; architecture by name, else content, else
                       name and four numbers are     ``any`` for an installer's stub and ``universal`` for dmg and pkg
                       no identity), else content
archive, binary,       the file's name               the file's name, else the programs in it; an archive of scripts
AppImage                                             alone runs anywhere
snap, flatpak, apk     the file's name               linux, android
=====================  ============================  ===================================================================

The table's values fill what stays silent; only its channel and its choice of files come first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from repogen.artifact import ArchiveFacts, Kind
from repogen.config import ProductConfig
from repogen.errors import UsageError
from repogen.paths import slug
from repogen.placing.matching import table_for
from repogen.placing.names import NameFacts, parse_name
from repogen.platforms import ARCHITECTURE_WORDS, ARCHITECTURES, LIKE_LINUX, SYSTEM_WORDS
from repogen.readers import Reading
from repogen.scanning.scan import Scanned
from repogen.version import channel_of, is_version

#: Kinds whose content names product and version as an identifier does.
_NAMED_INSIDE = {Kind.DEB, Kind.DSC, Kind.RPM, Kind.APK, Kind.PACMAN, Kind.UPDATE}
_SYSTEM_OF = {
    Kind.DEB: "linux", Kind.RPM: "linux", Kind.APPIMAGE: "linux", Kind.SNAP: "linux", Kind.FLATPAK: "linux", Kind.PACMAN: "linux",
    Kind.DMG: "macos", Kind.PKG: "macos", Kind.EXE: "windows", Kind.MSI: "windows",
}  # fmt: skip


class Settled(Struct, frozen=True, kw_only=True):
    """What is understood of one file. Empty fields are not understood, and keep it from being placed."""

    file: Scanned
    product: str
    """Product id."""
    display: str
    """The product's name as the file writes it."""
    version: str
    channel: str
    os: str
    arch: str
    libc: str = ""
    table: ProductConfig | None = None
    doubt: str = ""
    """A sentence when content and name say different things, or the content is odd."""

    @property
    def missing(self) -> tuple[str, ...]:
        """Fields that are not understood."""
        return tuple(field for field in ("product", "version", "os", "arch") if not getattr(self, field))


def settle(file: Scanned, tables: tuple[ProductConfig, ...], channel: str | None) -> Settled:
    """Everything that can be said of a file without guessing."""
    reading = file.reading
    inside = reading.kind in _NAMED_INSIDE
    # A package that says everything itself is the usual case in large repositories, so its name is not even looked at.
    named = NameFacts() if inside and reading.product and reading.version and reading.os and reading.arch else parse_name(file.name)
    if not named.version and _bears(named.product, reading.version):
        named = replace(named, product="")  # a version as only its maker writes it is no part of a product's name
    displays = (reading.product, named.product) if inside else (named.product, reading.product)
    table = table_for(file.name, displays, tables)
    display = next((name for name in displays if slug(name)), "")
    versions = (reading.version, named.version) if inside else (named.version, reading.version)
    # A tag's v belongs to no version, in a table as little as in a name.
    version = next((v for v in (*versions, re.sub(r"^[vV](?=\d)", "", table.version) if table else "") if is_version(v)), "")
    os, arch = _platform(file, named, table)
    return Settled(
        file=file,
        product=table.id if table else slug(display),
        display=display,
        version=version,
        channel=channel or (table.channel if table else "") or (channel_of(version) if version else ""),
        os=os,
        arch=arch,
        libc=named.libc or reading.libc if os == "linux" else "",
        table=table,
        doubt=_doubt(file, os, arch),
    )


def _bears(name: str, version: str) -> bool:
    """Whether a version that the content says stands in a name as well, in a form of its own: ``7z2409`` for 24.09, ``winrar-x64-701`` for 7.01."""
    numbers = [f"0*{int(number)}" for number in re.findall(r"\d+", version)]
    glued = re.compile("|".join("".join(numbers[:count]) for count in range(2, len(numbers) + 1)) or "(?!)")
    return any(len(run) > 2 and glued.fullmatch(run) for run in re.findall(r"\d+", name))


def _platform(file: Scanned, named: NameFacts, table: ProductConfig | None) -> tuple[str, str]:
    """System and architecture, each empty where nothing says it."""
    reading = file.reading
    if reading.kind in _NAMED_INSIDE:
        return reading.os or _SYSTEM_OF.get(reading.kind, ""), reading.arch or _known_arch(named.arch)
    scripts = reading.os == "any"
    native_os, native_arch = ("", "") if scripts else (reading.os, reading.arch)
    os = _SYSTEM_OF.get(reading.kind) or named.os or native_os or _of_table(table, "os", {**SYSTEM_WORDS, "any": "any"})
    arch = _named_arch(file.name, named.arch, native_arch) or native_arch or _of_table(table, "arch", ARCHITECTURE_WORDS)
    if scripts and (not arch or (os, arch) == ("", "any")):
        return os or "any", "any"  # nothing but scripts, and no word of one architecture
    arch = _on_system(os, arch) or _default_arch(reading)
    return os, _known_arch(arch)


def _named_arch(name: str, arch: str, native: str) -> str:
    """The architecture that a name says. ``win32`` is a system to some and an architecture to others, so there the programs decide."""
    return native if native and arch == "i386" and "win32" in name.lower() else arch


def _of_table(table: ProductConfig | None, field: str, words: Mapping[str, str]) -> str:
    """A table's word for a platform in ours, so that ``darwin`` and ``x86_64`` may be written too."""
    word = getattr(table, field).lower() if table else ""
    if word and not words.get(word):
        raise UsageError(
            f"[[product]] {table.id if table else ''}: {field} {word!r} is unknown", hint=f"write one of {', '.join(sorted(set(words.values()) - {''}))}"
        )
    return words[word] if word else ""


def _on_system(os: str, arch: str) -> str:
    """GoReleaser calls a universal build for macOS ``all``; elsewhere universal means that it runs on any."""
    words = {"any": "universal"} if os == "macos" else {"universal": "any"}
    return words.get(arch, arch)


def _default_arch(reading: Reading) -> str:
    """What the absence of an architecture means for this kind; empty where it means nothing."""
    if reading.kind in {Kind.DMG, Kind.PKG} or (isinstance(reading.facts, ArchiveFacts) and reading.facts.bundles):
        return "universal"
    return "any" if reading.kind is Kind.EXE else ""


def _known_arch(arch: str) -> str:
    return arch if arch in {*ARCHITECTURES, "universal", "any"} else ""


def _doubt(file: Scanned, os: str, arch: str) -> str:
    """A sentence when the programs in a file are for another platform than its name says, or its content is odd."""
    reading = file.reading
    if reading.doubt:
        return f"{file.name} {reading.doubt}; it is published as it is"
    if reading.kind not in {Kind.TAR, Kind.ZIP, Kind.BINARY, Kind.APPIMAGE, Kind.EXE} or "any" in {os, arch}:
        return ""
    same_system = reading.os in {"", "any", os} or (reading.os == "linux" and os in LIKE_LINUX)
    if same_system and reading.arch in {"", "any", arch}:
        return ""
    programs = "/".join(word for word in (reading.os, reading.arch) if word)
    return f"{file.name} is published for {os}/{arch} by its name, but the programs in it are for {programs}"
