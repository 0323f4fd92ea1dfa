"""``chocolateyInstall.ps1`` and ``chocolateyUninstall.ps1``: https://docs.chocolatey.org/en-us/create/create-packages/#installation-paths.

Windows PowerShell reads a script without a byte order mark in the machine's own code page, so they begin with one, and their lines end
as Windows wants it.
"""

from __future__ import annotations

import re

from repogen import layout
from repogen.artifact import ArchiveFacts, Artifact, InstallerFacts, Kind
from repogen.catalog import Product
from repogen.config import Config
from repogen.formats.chocolatey.nupkg import BOM
from repogen.quoting import line
from repogen.templates import render
from repogen.windows_rule import Installers, silent_args, windows_programs


def scripts(installers: Installers, product: Product, config: Config) -> dict[str, bytes]:
    """Both scripts by their paths in the package."""
    values = {
        "way": installers.way.name.lower(),
        "title": line(product.title) or product.id,
        "silent_args": line(silent_args(installers.main, product)),
        "program": f"{product.id}.exe",
        "software": _software(installers.main, product),
        "x86": _source(installers.x86, config),
        "x64": _source(installers.x64, config),
        "arm64": _source(installers.arm64, config),
        "codes": _codes(installers),
        "shims": _shims(installers, product),
        "application": product.type == "app",
    }
    return {f"tools/chocolatey{name}.ps1": windows(render(f"chocolatey/chocolatey{name}.ps1.j2", **values)) for name in ("Install", "Uninstall")}


def windows(text: str) -> bytes:
    return BOM + text.replace("\n", "\r\n").encode()


def _codes(installers: Installers) -> list[str]:
    """Product codes of the MSIs, by which Windows knows them."""
    facts = (a.facts for a in installers.all if a.kind is Kind.MSI)
    return [code for f in facts if isinstance(f, InstallerFacts) and (code := line(f.product_code))]


def _shims(installers: Installers, product: Product) -> list[tuple[str, str]]:
    """Path and name of each program of an archive that is run by another name than its own; an empty name: by none.

    choco makes a shim for every other exe below the package's folder.
    """
    found: dict[str, str] = {}
    for artifact in installers.all:
        if isinstance(artifact.facts, ArchiveFacts):
            named = windows_programs(artifact, product.id)
            programs = (member for member in artifact.facts.executables if member.lower().endswith(".exe"))
            found |= {member: named.get(member, "") for member in programs if member.rpartition("/")[2] != f"{named.get(member, '')}.exe"}
    return [(line(member).replace("/", "\\"), line(name)) for member, name in sorted(found.items())]


def _source(artifact: Artifact | None, config: Config) -> dict[str, str] | None:
    return {"url": layout.url(config.url, artifact.path), "sha256": artifact.sha256} if artifact else None


def _software(artifact: Artifact, product: Product) -> str:
    """The name under which Windows lists the installed product, as a pattern: its own wildcards are quoted."""
    name = artifact.facts.product_name if isinstance(artifact.facts, InstallerFacts) else ""
    return re.sub(r"([\[\]*?`])", r"`\1", line(name or product.title)) + "*"
