"""``SHA256SUMS`` and ``SHA512SUMS`` of every release, in the form of GNU coreutils, with a detached signature each.

https://www.gnu.org/software/coreutils/manual/html_node/cksum-output-modes.html: the digest, two spaces, the name. A list
stands in the release's download folder. Files beside it are listed by name; debs, rpms and nupkgs stand in their repositories and are
listed by their relative path (``../../../apt/pool/...``), so that ``sha256sum -c`` passes in that folder of the published site.
All digests are those of the published bytes.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

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
        _add(files, layout.checksums(product, version), ((a, a.sha256) for a in artifacts))
        if config.checksums.sha512:
            _add(files, layout.checksums(product, version, "SHA512"), ((a, a.sha512) for a in artifacts if a.sha512))
    return Tree(files)


def _by_version(catalog: Catalog) -> dict[tuple[str, str], list[Artifact]]:
    groups: dict[tuple[str, str], list[Artifact]] = {}
    for artifact in catalog.artifacts:
        groups.setdefault((artifact.product, artifact.version), []).append(artifact)
    return groups


def _add(files: dict[str, File], path: str, digests: Iterable[tuple[Artifact, str]]) -> None:
    folder = posixpath.dirname(path)
    digest_of = {posixpath.relpath(artifact.path, folder): digest for artifact, digest in digests}
    # Files beside the list come first: these are what people look for.
    order = sorted(digest_of, key=lambda name: (name.startswith("../"), name))
    if order:
        text = "".join(f"{digest_of[name]}  {name}\n" for name in order)
        files[path] = File(text.encode(), Stage.ENTRY, signatures={f"{path}.asc": SignMode.DETACHED})
