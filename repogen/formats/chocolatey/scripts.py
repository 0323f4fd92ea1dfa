"""``chocolateyInstall.ps1`` and ``chocolateyUninstall.ps1``: https://docs.chocolatey.org/en-us/create/create-packages/#installation-paths.

Windows PowerShell reads a script without a byte order mark in the machine's own code page, so they begin with one, and their lines end
as Windows wants it.
"""

from __future__ import annotations

import re

from repogen import layout
from repogen.artifact import Artifact, InstallerFacts
from repogen.catalog import Product
from repogen.config import Config
from repogen.formats.chocolatey.nupkg import BOM
from repogen.quoting import line
from repogen.templates import render
from repogen.windows_rule import Installers, silent_args


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
    }
    return {f"tools/chocolatey{name}.ps1": windows(render(f"chocolatey/chocolatey{name}.ps1.j2", **values)) for name in ("Install", "Uninstall")}


def windows(text: str) -> bytes:
    return BOM + text.replace("\n", "\r\n").encode()


def _source(artifact: Artifact | None, config: Config) -> dict[str, str] | None:
    return {"url": layout.url(config.url, artifact.path), "sha256": artifact.sha256} if artifact else None


def _software(artifact: Artifact, product: Product) -> str:
    """The name under which Windows lists the installed product, as a pattern: its own wildcards are quoted."""
    name = artifact.facts.product_name if isinstance(artifact.facts, InstallerFacts) else ""
    return re.sub(r"([\[\]*?`])", r"`\1", line(name or product.title)) + "*"
