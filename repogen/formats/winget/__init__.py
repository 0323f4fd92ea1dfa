"""Manifests for winget, ready for a pull request to https://github.com/microsoft/winget-pkgs.

winget has no source that static files could be, so these are for its community repository: the newest release of each product and channel,
in the folders that the repository has. Copy ``winget/manifests/`` into a clone of it.
"""

from __future__ import annotations

import logging

from repogen import windows_rule
from repogen.catalog import Catalog, Product, Release
from repogen.config import Config
from repogen.formats.winget.locale import locale
from repogen.formats.winget.names import folder, identifier
from repogen.formats.winget.packages import installers
from repogen.templates import render as render_template
from repogen.tree import File, Stage, Tree

_LOG = logging.getLogger(__name__)
_UNWRITABLE = set('\\/:*?"<>|')


def render(catalog: Catalog, config: Config) -> Tree:
    files: dict[str, File] = {}
    owners: dict[str, str] = {}
    for product in catalog.holding(*windows_rule.KINDS):
        for channel in catalog.channels:
            release = next((r for r in catalog.releases_of(product.id, channel) if _is_for_winget(catalog, product, r)), None)
            if release is None:
                continue
            id = identifier(config, product, channel)
            owner = owners.setdefault(id.lower(), product.id)
            if owner == product.id:
                files |= _manifests(catalog, config, product, release)
            else:
                _LOG.warning(
                    "%s and %s are both %s to winget, so only the first has a manifest: name one of them otherwise in [winget] identifiers",
                    owner,
                    product.id,
                    id,
                )
    return Tree(files)


def _is_for_winget(catalog: Catalog, product: Product, release: Release) -> bool:
    version = release.version
    writable = len(version) <= 128 and version.isprintable() and not _UNWRITABLE & set(version)
    return writable and bool(installers(catalog, product, release, ""))


def _manifests(catalog: Catalog, config: Config, product: Product, release: Release) -> dict[str, File]:
    """The three files of a version."""
    id = identifier(config, product, release.channel)
    head = {"id": id, "version": release.version, "schema": config.winget.manifest_version}
    parts = {
        "": render_template("winget/version.yaml.j2", **head),
        ".installer": render_template("winget/installer.yaml.j2", **head, date=release.date[:10], installers=installers(catalog, product, release, config.url)),
        ".locale.en-US": render_template("winget/locale.yaml.j2", **head, locale=locale(config, product, release)),
    }
    base = folder(id, release.version)
    return {f"{base}/{id}{part}.yaml": File(text.encode("utf-8", "replace"), Stage.INDEX) for part, text in parts.items()}
