"""Chocolatey packages and the static NuGet v3 feed that serves them.

``derive`` makes the package of each release with files for Windows, once: a published package never changes. ``render`` writes the
feed around all packages of the catalog. The packages hold no programs, but fetch them from this site and check their SHA-256.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator

from repogen import layout
from repogen.artifact import Artifact, Kind, NupkgFacts
from repogen.catalog import Catalog, Release
from repogen.config import Config
from repogen.formats import Derived
from repogen.formats.chocolatey.feed import Package, feed, flat_nupkg
from repogen.formats.chocolatey.installers import Installers, choose
from repogen.formats.chocolatey.metadata import metadata, nuspec
from repogen.formats.chocolatey.namesakes import namesakes
from repogen.formats.chocolatey.nupkg import BOM, nupkg
from repogen.formats.chocolatey.scripts import scripts
from repogen.formats.chocolatey.versions import normalised
from repogen.tree import File, Stage, Tree

_LOG = logging.getLogger(__name__)


def derive(catalog: Catalog, config: Config) -> Derived:
    """Make the packages that are not there yet. A version that NuGet cannot write has none."""
    for sentence in namesakes(catalog):
        _LOG.warning("%s", sentence)
    known = {(package.facts.id, package.facts.version) for package in _packages(catalog)}
    made: list[Artifact] = []
    payload: dict[str, File] = {}
    for release in catalog.releases:
        product, version = catalog.product(release.product), normalised(release.version)
        installers = choose(catalog.files_of(release), product) if version and (product.id, version) not in known else None
        if installers is None:
            continue
        known.add((product.id, version))
        artifact, content = _package(catalog, config, release, installers)
        made.append(artifact)
        payload |= {path: File(content, Stage.PAYLOAD) for path in (artifact.path, flat_nupkg(product.id, version))}
    return Derived(catalog.add(made), Tree(payload)) if made else Derived(catalog)


def render(catalog: Catalog, config: Config) -> Tree:
    return feed(_packages(catalog), config.url)


def _packages(catalog: Catalog) -> Iterator[Package]:
    for artifact in catalog.select(Kind.NUPKG):
        if isinstance(artifact.facts, NupkgFacts):
            yield Package(artifact, artifact.facts)


def _package(catalog: Catalog, config: Config, release: Release, installers: Installers) -> tuple[Artifact, bytes]:
    product = catalog.product(release.product)
    about = metadata(product, release, normalised(release.version), config)
    specification = BOM + nuspec(about).encode()
    content = nupkg(about, specification, scripts(installers, product, config))
    facts = NupkgFacts(
        id=about.id,
        version=about.version,
        nuspec=specification,
        description=about.description,
        title=about.title,
        authors=about.authors,
        tags=about.tags,
        project_url=about.project_url,
    )
    artifact = Artifact(
        path=layout.nupkg(about.id, about.version),
        filename=f"{about.id}.{about.version}.nupkg",
        kind=Kind.NUPKG,
        product=release.product,
        version=release.version,
        channel=release.channel,
        os="windows",
        arch="any",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        sha512=hashlib.sha512(content).hexdigest() if config.checksums.sha512 else "",
        date=catalog.date,
        facts=facts,
    )
    return artifact, content
