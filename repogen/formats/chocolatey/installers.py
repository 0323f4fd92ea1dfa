"""Which of a release's Windows files a package installs, and how each kind is run unattended.

https://docs.chocolatey.org/en-us/create/functions/install-chocolateypackage/
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple

from repogen.artifact import ArchiveFacts, Artifact, InstallerFacts, Kind
from repogen.catalog import Product

#: Arguments for a silent run by the tool that made an installer.
SILENT = {
    "nsis": "/S",
    "inno": "/VERYSILENT /SUPPRESSMSGBOXES /NORESTART /SP-",
    "wix-burn": "/quiet /norestart",
    "msi": "/qn /norestart",
}


class Way(IntEnum):
    """How a file is installed; the first one that a release has is taken, since Windows Installer packages are the most predictable."""

    MSI = 0
    EXE = 1
    ZIP = 2
    PORTABLE = 3


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


def choose(artifacts: Iterable[Artifact], product: Product) -> Installers | None:
    """The files that a package for Windows installs; None when there is nothing that can run unattended."""
    ways: dict[Way, list[Artifact]] = {}
    for artifact in artifacts:
        way = _way(artifact, product)
        if way is not None:
            ways.setdefault(way, []).append(artifact)
    for way in sorted(ways):
        x86, x64, arm64 = (_first(ways[way], arches) for arches in (("i386", "any"), ("amd64",), ("arm64",)))
        if x86 or x64 or arm64:
            return Installers(way, x86, x64, arm64)
    return None


def silent_args(artifact: Artifact, product: Product) -> str:
    """Arguments for an unattended run: the product's own, else those of the tool that made the installer."""
    facts = artifact.facts
    technology = "msi" if artifact.kind is Kind.MSI else facts.technology if isinstance(facts, InstallerFacts) else ""
    return product.silent_args or SILENT.get(technology, "")


def _way(artifact: Artifact, product: Product) -> Way | None:
    if artifact.os != "windows":
        return None
    if artifact.kind is Kind.EXE:
        return _way_of_exe(artifact, product)
    programs = isinstance(artifact.facts, ArchiveFacts) and artifact.facts.executables
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
    return min(fit, key=lambda a: (arches.index(a.arch), a.path)) if fit else None
