"""What of the published site stands as it is: the files of releases that have not changed are neither rendered nor signed again."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from msgspec.structs import replace

from repogen import layout
from repogen.artifact import Artifact
from repogen.catalog import Catalog
from repogen.manifest import published_file
from repogen.state import Snapshot
from repogen.tree import Stage, Tree

_Version = tuple[str, str]


def standing_versions(published: Snapshot, catalog: Catalog, shape: str) -> frozenset[_Version]:
    """Each (product, version) whose files are published as they would be rendered now. ``shape`` is what shapes the site now (see compose.rendering)."""
    if not published.is_whole or published.rendering != shape or _signers(published.catalog) != _signers(catalog):
        return frozenset()
    before = _by_version(published.catalog)
    return frozenset(version for version, artifacts in _by_version(catalog).items() if before.get(version) == artifacts)


def without(catalog: Catalog, versions: AbstractSet[_Version]) -> Catalog:
    """The catalog without the artifacts of these."""
    return replace(catalog, artifacts=tuple(a for a in catalog.artifacts if (a.product, a.version) not in versions))


def standing_files(published: Snapshot, versions: AbstractSet[_Version]) -> Tree:
    """The published files of these that are no artifacts: checksum lists and their signatures."""
    folders = {layout.download_folder(*version) for version in versions}
    lists = ((path, entry) for path, entry in published.manifest.items() if entry.stage != Stage.PAYLOAD) if folders else ()
    return Tree({path: published_file(entry) for path, entry in lists if path.rpartition("/")[0] in folders})


def _signers(catalog: Catalog) -> list[str]:
    return [key.fingerprint for key in catalog.keys]


def _by_version(catalog: Catalog) -> dict[_Version, list[Artifact]]:
    groups: dict[_Version, list[Artifact]] = {}
    for artifact in catalog.artifacts:
        groups.setdefault((artifact.product, artifact.version), []).append(artifact)
    return groups
