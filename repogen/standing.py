"""What of the published site stands as it is: it is neither rendered nor signed again, and its manifest is not even fetched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from types import ModuleType

from msgspec.structs import replace

from repogen.artifact import Artifact
from repogen.catalog import Catalog
from repogen.config import Config
from repogen.git_objects import object_path
from repogen.state import Snapshot
from repogen.tree import Stage

_Version = tuple[str, str]


def standing_versions(published: Snapshot, catalog: Catalog, shape: str) -> frozenset[_Version]:
    """Each (product, version) whose files are published as they would be rendered now. ``shape`` is what shapes the site now (see compose.rendering)."""
    if not published.is_whole or published.rendering != shape or _signers(published.catalog) != _signers(catalog):
        return frozenset()
    before = _by_version(published.catalog)
    return frozenset(version for version, artifacts in _by_version(catalog).items() if before.get(version) == artifacts)


def parted(catalog: Catalog, versions: AbstractSet[_Version]) -> tuple[Catalog, Catalog]:
    """The catalog with the artifacts of these alone, and with all others."""
    parts: tuple[list[Artifact], list[Artifact]] = [], []
    for artifact in catalog.artifacts:
        parts[(artifact.product, artifact.version) not in versions].append(artifact)
    standing, changed = (replace(catalog, artifacts=tuple(part)) for part in parts)
    return standing, changed


def standing_paths(published: Snapshot, catalog: Catalog, standing: Catalog, config: Config, formats: Sequence[ModuleType]) -> dict[str, Stage]:
    """The paths that stand as they are published, with their stages: old payload, old commits of git repositories, and what ``formats`` write by release.

    ``standing`` is the catalog with what stands alone. All of this is known without the published manifest, unless the last publish was cut or the
    state was made anew: then what it does not name is left out.
    """
    before = {(artifact.path, artifact.channel) for artifact in published.catalog.artifacts}
    paths = {a.path: Stage.PAYLOAD for a in catalog.artifacts if (a.path, a.channel) in before}
    paths |= dict.fromkeys(_git_objects(published.catalog, catalog), Stage.PAYLOAD)
    for format_ in formats:
        paths |= dict.fromkeys(format_.addresses(standing, config), Stage.ENTRY)
    return paths if published.is_whole else {path: stage for path, stage in paths.items() if path in published.manifest}


def _git_objects(before: Catalog, catalog: Catalog) -> Iterator[str]:
    """Git objects of earlier commits: the history of a published repository never shrinks."""
    return (
        object_path(repository, id)
        for repository in catalog.repositories
        if repository in before.repositories
        for id in before.repositories[repository].objects
    )


def _signers(catalog: Catalog) -> list[str]:
    return [key.fingerprint for key in catalog.keys]


def _by_version(catalog: Catalog) -> Mapping[_Version, list[Artifact]]:
    groups: dict[_Version, list[Artifact]] = {}
    for artifact in catalog.artifacts:
        groups.setdefault((artifact.product, artifact.version), []).append(artifact)
    return groups
