"""Versions that electron-updater reads, and releases that it cannot be offered for want of one: its users would stay at an earlier release."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from repogen.artifact import Artifact, Kind
from repogen.catalog import Catalog
from repogen.config import Config
from repogen.update_addresses import ELECTRON

#: https://semver.org, which the updater is strict about: it refuses the whole manifest otherwise.
_SEMANTIC = re.compile(r"(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?")
_KINDS = frozenset((Kind.EXE, Kind.ZIP, Kind.APPIMAGE))
_REMEDY = "which reads versions such as 1.2.0 alone; name the version so, or say in [updates] electron which products use that updater"


def is_readable(version: str) -> bool:
    """Whether electron-updater reads a version."""
    return _SEMANTIC.fullmatch(version) is not None


def unread(artifacts: Iterable[Artifact]) -> list[Artifact]:
    """Those of these artifacts by which an application may update itself, and whose version electron-updater does not read."""
    return [a for a in artifacts if a.kind in _KINDS and not is_readable(a.version)]


def left_out(artifacts: Iterable[Artifact], grown: Catalog, config: Config) -> Iterator[str]:
    """A sentence for each release of these unread artifacts that is in no manifest because of its version; ``grown`` is the catalog with them.

    Of products that use electron-updater for certain, or that have releases in its manifests.
    """
    brought = {a.release for a in artifacts}
    if not brought:
        return
    from repogen.formats.updates import electron, feeds

    for product in {product.id: product for product, _ in feeds.folders(grown, config, ELECTRON)}.values():
        versions = {release.key: electron.versions(grown, release) for release in grown.releases_of(product.id)}
        wrong = [key for key in versions if key in brought and not all(map(is_readable, versions[key]))]
        known = feeds.is_electron_for_certain(product, grown, config) or any(map(is_readable, chain.from_iterable(versions.values())))
        for id, version, _ in wrong if known else ():
            yield f"{id} {version} is left out of the manifests for electron-updater, {_REMEDY}"
