"""``chocolateyInstall.ps1`` and ``chocolateyUninstall.ps1``: https://docs.chocolatey.org/en-us/create/create-packages/#installation-paths.

Windows PowerShell reads a script without a byte order mark in the machine's own code page, so they begin with one, and their lines end
as Windows wants it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from repogen import layout
from repogen.artifact import ArchiveFacts, Artifact, InstallerFacts, Kind
from repogen.catalog import Product
from repogen.config import Config
from repogen.formats.chocolatey.nupkg import BOM
from repogen.paths import safe_name
from repogen.quoting import line
from repogen.templates import render
from repogen.windows_rule import Installers, Way, silent_args, windows_programs


def scripts(installers: Installers, product: Product, config: Config, *, embeds: bool = False) -> dict[str, bytes]:
    """Both scripts by their paths in the package; ``embeds`` says that the package holds the installers."""
    held = held_files(installers)
    sources = {word: _source(artifact, config, held) for word, artifact in _by_processor(installers).items()}
    arm_only = not sources["x86"] and not sources["x64"]
    if arm_only:  # whatever the script does for 64 bits
        sources |= {"x64": sources["arm64"], "arm64": None}
    values = {
        "way": installers.way.name.lower(),
        "embeds": embeds,
        "held": [path.removeprefix("tools/").replace("/", "\\") for path in held],
        "title": line(product.title) or product.id,
        "silent_args": line(silent_args(installers.main, product)),
        "program": f"{product.id}.exe",
        "software": _software(installers.main, product),
        "arm_only": arm_only,
        **sources,
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
    return list(dict.fromkeys(code for f in facts if isinstance(f, InstallerFacts) and (code := line(f.product_code))))


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


def held_files(installers: Installers) -> dict[str, Artifact]:
    """Where a package that holds its installers has each of them."""
    found = ((word, artifact) for word, artifact in _by_processor(installers).items() if artifact)
    return {f"tools/{word}/{_held_name(artifact, installers.way)}": artifact for word, artifact in found}


def _held_name(artifact: Artifact, way: Way) -> str:
    """A shim has the name of its program, which therefore is the product's; installers keep the name that they were released under."""
    return f"{artifact.product}.exe" if way is Way.PORTABLE else safe_name(artifact.filename)


def _by_processor(installers: Installers) -> dict[str, Artifact | None]:
    return {"x86": installers.x86, "x64": installers.x64, "arm64": installers.arm64}


def _source(artifact: Artifact | None, config: Config, held: Mapping[str, Artifact]) -> dict[str, str] | None:
    """Where an installer is fetched from, and where it is in a package that holds it: below the folder of the script."""
    if artifact is None:
        return None
    (path,) = (path for path, other in held.items() if other is artifact)
    return {"url": layout.url(config.url, artifact.path), "sha256": artifact.sha256, "file": path.removeprefix("tools/").replace("/", "\\")}


def _software(artifact: Artifact, product: Product) -> str:
    """The name under which Windows lists the installed product, as a pattern: its own wildcards are quoted."""
    name = artifact.facts.product_name if isinstance(artifact.facts, InstallerFacts) else ""
    return re.sub(r"([\[\]*?`])", r"`\1", line(name or product.title)) + "*"
