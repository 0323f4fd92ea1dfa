"""The one-line installers: ``install.sh`` for Unix systems, ``install.ps1`` for Windows."""

from __future__ import annotations

from repogen.catalog import Catalog
from repogen.config import Config
from repogen.formats.installers import powershell, shell
from repogen.tree import Tree


def render(catalog: Catalog, config: Config) -> Tree:
    return shell.render(catalog, config) | powershell.render(catalog, config)
