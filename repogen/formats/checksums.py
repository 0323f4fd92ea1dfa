"""``SHA256SUMS`` and ``SHA512SUMS`` of every release, in the form of GNU coreutils, with a detached signature each.

https://www.gnu.org/software/coreutils/manual/html_node/cksum-output-modes.html: the digest, two spaces, the name. A list
stands in the release's download folder. Files beside it are listed by name; debs, rpms and nupkgs stand in their repositories and are
listed by their relative path (``../../../apt/pool/...``), so that ``sha256sum -c`` passes in that folder of the published site.
All digests are those of the published bytes.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from repogen import layout
from repogen.artifact import Artifact
from repogen.catalog import Catalog
from repogen.config import Config
from repogen.tree import File, SignMode, Stage, Tree

BY_RELEASE = True


def render(catalog: Catalog, config: Config) -> Tree:
    """The lists of each (product, version); a version that is in two channels has one."""
    files: dict[str, File] = {}
    for (product, version), artifacts in _by_version(catalog).items():
        folder = layout.download_folder(product, version)
        by_name = {_relative(artifact.path, folder): artifact for artifact in artifacts}
        # Files beside the list come first: these are what people look for.
        order = sorted(by_name, key=lambda name: (name.startswith("../"), name))
        _add(files, layout.checksums(product, version), ((by_name[name].sha256, name) for name in order))
        if config.checksums.sha512:
            _add(files, layout.checksums(product, version, "SHA512"), ((by_name[name].sha512, name) for name in order))
    return Tree(files)


def addresses(catalog: Catalog, config: Config) -> Iterator[str]:
    """The paths of what ``render`` writes, with those of the signatures that are made where there are keys."""
    endings = ("", ".asc") if catalog.keys else ("",)
    for (product, version), artifacts in _by_version(catalog).items():
        yield from (layout.checksums(product, version) + ending for ending in endings)
        if config.checksums.sha512 and any(artifact.sha512 for artifact in artifacts):
            yield from (layout.checksums(product, version, "SHA512") + ending for ending in endings)


def _relative(path: str, folder: str) -> str:
    """A path of the site from a folder of it. Those in the folder itself and under another root are most, and quickly told."""
    beside = path.removeprefix(f"{folder}/")
    if beside != path:
        return beside
    if path.partition("/")[0] != folder.partition("/")[0]:
        return "../" * (folder.count("/") + 1) + path
    return posixpath.relpath(path, folder)


def _by_version(catalog: Catalog) -> dict[tuple[str, str], list[Artifact]]:
    groups: dict[tuple[str, str], list[Artifact]] = {}
    for artifact in catalog.artifacts:
        groups.setdefault((artifact.product, artifact.version), []).append(artifact)
    return groups


def _add(files: dict[str, File], path: str, lines: Iterable[tuple[str, str]]) -> None:
    """A list of these digests and names, as far as there are digests."""
    text = "".join(f"{digest}  {name}\n" for digest, name in lines if digest)
    if text:
        files[path] = File(text.encode(), Stage.ENTRY, _beside(path.rpartition("/")[2]))


@cache
def _beside(name: str) -> Mapping[str, SignMode]:
    """One for all lists of a name, of which there may be many thousands."""
    return {f"{name}.asc": SignMode.DETACHED}
