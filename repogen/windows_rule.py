"""Which of a release's files are for Windows, what installs each of them unattended, and which programs they bring.

Chocolatey, Scoop, winget and install.ps1 follow this one rule, and the page prints install lines by it, so that no line names what is not there.
https://docs.chocolatey.org/en-us/create/functions/install-chocolateypackage/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import NamedTuple

from msgspec.structs import replace

from repogen.artifact import ArchiveFacts, Artifact, InstallerFacts, Kind
from repogen.catalog import Catalog, Product, Release
from repogen.programs import program_name, programs

#: Arguments for a silent run by the tool that made an installer.
SILENT = {
    "nsis": "/S",
    "inno": "/VERYSILENT /SUPPRESSMSGBOXES /NORESTART /SP-",
    "wix-burn": "/quiet /norestart",
    "msi": "/qn /norestart",
}

#: What a file for Windows can be.
KINDS = (Kind.EXE, Kind.MSI, Kind.ZIP, Kind.TAR)
_TAR = (".tar.gz", ".tgz", ".tar")


class Way(IntEnum):
    """How a file is installed. Package managers take the first that a release has, since Windows Installer packages are the most predictable."""

    MSI = 0
    EXE = 1
    ZIP = 2
    PORTABLE = 3
    TAR = 4
    """An archive that Windows' own tar unpacks; install.ps1 alone takes it."""


#: By package managers, which have rights to install.
MANAGED = (Way.MSI, Way.EXE, Way.ZIP, Way.PORTABLE)
#: Without such rights: into a folder of the user, an installer only where there is nothing else.
UNPACKED = (Way.ZIP, Way.TAR, Way.PORTABLE, Way.MSI, Way.EXE)
#: What needs no installer.
FOLDERS = (Way.ZIP, Way.TAR, Way.PORTABLE)
#: Processors of a file that runs on each, the best first; ``any`` is an installer that brings what fits.
_SCOOP = {"64bit": ("amd64",), "32bit": ("i386", "any"), "arm64": ("arm64",)}
_RUNS = {"x86": ("i386", "any"), "x64": ("amd64",), "arm64": ("arm64",)}


class Installers(NamedTuple):
    """The files of one package, all installed in the same way; a missing one is None."""

    way: Way
    x86: Artifact | None
    """For 32-bit Windows, and for every Windows where it is the only one."""
    x64: Artifact | None
    arm64: Artifact | None

    @property
    def main(self) -> Artifact:
        """The one that says most about the product; there always is one."""
        return next(a for a in (self.x64, self.x86, self.arm64) if a is not None)

    @property
    def all(self) -> tuple[Artifact, ...]:
        return tuple(a for a in (self.x64, self.arm64, self.x86) if a is not None)


def choose(artifacts: Iterable[Artifact], product: Product, order: Sequence[Way] = MANAGED) -> Installers | None:
    """The files that a package for Windows installs; None when there is nothing that can run unattended."""
    found = by_way(artifacts, product)
    for each in order if found else ():
        x86, x64, arm64 = (_first(found.get(each, []), arches) for arches in _RUNS.values())
        if x86 or x64 or arm64:
            return Installers(each, x86, x64, arm64)
    return None


def by_way(artifacts: Iterable[Artifact], product: Product) -> dict[Way, list[Artifact]]:
    """The files that can be installed unattended."""
    ways: dict[Way, list[Artifact]] = {}
    for artifact in artifacts:
        found = way(artifact, product)
        if found is not None:
            ways.setdefault(found, []).append(artifact)
    return ways


def for_script(artifacts: Iterable[Artifact], product: Product) -> tuple[tuple[Way, Artifact], ...]:
    """What install.ps1 chooses from: of each processor's files the first by UNPACKED."""
    found = by_way(artifacts, product)
    taken: dict[str, tuple[Way, Artifact]] = {}
    for each in UNPACKED if found else ():
        for artifact in sorted(found.get(each, []), key=lambda a: a.plainness):
            taken.setdefault(artifact.arch, (each, artifact))
    return tuple(taken[arch] for arch in ("amd64", "arm64", "i386", "any") if arch in taken)


def scoop_files(artifacts: Iterable[Artifact], product: Product) -> dict[str, Artifact]:
    """What a Scoop manifest installs, by its word for the processor: Scoop unpacks, so that a release with installers alone has none."""
    found = by_way(artifacts, product)
    chosen: dict[str, Artifact] = {}
    for each in FOLDERS if found else ():
        for word, arches in _SCOOP.items():
            artifact = _first(found.get(each, []), arches)
            if artifact is not None:
                chosen.setdefault(word, artifact)
    return {word: chosen[word] for word in _SCOOP if word in chosen}


def newest_for_scoop(catalog: Catalog, product: Product, channel: str) -> Release | None:
    return next((r for r in catalog.releases_of(product.id, channel) if scoop_files(catalog.files_of(r), product)), None)


def manifest_name(product: str, channel: str) -> str:
    """What Scoop calls a product: its id in ``stable``, ``id-channel`` elsewhere."""
    return product if channel == "stable" else f"{product}-{channel}"


def newest_for_script(catalog: Catalog, product: Product, channel: str) -> Release | None:
    """The release that install.ps1 brings: the newest with files for it."""
    return next((r for r in catalog.releases_of(product.id, channel) if for_script(catalog.files_of(r), product)), None)


def silent_args(artifact: Artifact, product: Product) -> str:
    """Arguments for an unattended run: the product's own, else those of the tool that made the installer."""
    facts = artifact.facts
    technology = "msi" if artifact.kind is Kind.MSI else facts.technology if isinstance(facts, InstallerFacts) else ""
    return product.silent_args or SILENT.get(technology, "")


def software_name(artifact: Artifact, product: Product) -> str:
    """The name under which Windows lists the installed product, as far as it can be known."""
    name = artifact.facts.product_name if isinstance(artifact.facts, InstallerFacts) else ""
    return name or product.title or product.id


def windows_programs(artifact: Artifact, product: str) -> dict[str, str]:
    """Member of an archive to the name that people run it by, without ``.exe``; empty for what is no archive."""
    if not isinstance(artifact.facts, ArchiveFacts):
        return {}
    top = f"{artifact.facts.top}/" if artifact.facts.top else ""
    members = programs(replace(artifact.facts, executables=tuple(m for m in artifact.facts.executables if m.lower().endswith(".exe"))))
    return {top + member: program_name(member[:-4], product, artifact.version, alone=len(members) == 1) for member in members}


def way(artifact: Artifact, product: Product) -> Way | None:
    """How a file is installed; None when it is not for Windows, or cannot be installed unattended."""
    if artifact.os != "windows":
        return None
    if artifact.kind is Kind.EXE:
        return _way_of_exe(artifact, product)
    programs = isinstance(artifact.facts, ArchiveFacts) and artifact.facts.executables
    if artifact.kind is Kind.TAR:
        return Way.TAR if programs and artifact.path.lower().endswith(_TAR) else None
    return {Kind.MSI: Way.MSI, Kind.ZIP: Way.ZIP if programs else None}.get(artifact.kind)


def _way_of_exe(artifact: Artifact, product: Product) -> Way | None:
    if isinstance(artifact.facts, InstallerFacts) and artifact.facts.technology == "portable":
        return Way.PORTABLE
    if silent_args(artifact, product):
        return Way.EXE
    # A set-up program of an unknown make would open its window in the middle of an unattended run.
    return None if re.search(r"setup|install", artifact.filename, re.IGNORECASE) else Way.PORTABLE


def _first(artifacts: list[Artifact], arches: tuple[str, ...]) -> Artifact | None:
    fit = [a for a in artifacts if a.arch in arches]
    return min(fit, key=lambda a: (arches.index(a.arch), a.plainness)) if fit else None
