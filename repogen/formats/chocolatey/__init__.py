"""Chocolatey packages and the static NuGet v3 feed that serves them.

``derive`` makes the package of each release with files for Windows, once: a published package never changes. ``render`` writes the
feed around all packages of the catalog. The packages hold no programs, but fetch them from this site and check their SHA-256.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from repogen import layout
from repogen.artifact import Artifact, Kind, NupkgFacts
from repogen.catalog import Catalog, Release
from repogen.config import Config
from repogen.errors import InputError
from repogen.formats import Derived
from repogen.formats.chocolatey.feed import Package, feed, flat_nupkg
from repogen.formats.chocolatey.metadata import metadata, nuspec
from repogen.formats.chocolatey.namesakes import namesakes
from repogen.formats.chocolatey.nupkg import BOM, nupkg
from repogen.formats.chocolatey.rules import faults_of
from repogen.formats.chocolatey.scripts import scripts
from repogen.formats.chocolatey.versions import normalised
from repogen.tree import File, Stage, Tree
from repogen.windows_rule import Installers, choose

_LOG = logging.getLogger(__name__)


def derive(catalog: Catalog, config: Config) -> Derived:
    """Make the packages that are not there yet. A version that NuGet cannot write has none."""
    for sentence in namesakes(catalog):
        _LOG.warning("%s", sentence)
    known = {(package.facts.id, package.facts.version) for package in _packages(catalog.select(Kind.NUPKG))}
    withdrawn = {(package.facts.id, package.facts.version): package.artifact for package in _packages(_withdrawn(catalog))}
    made: list[Artifact] = []
    payload: dict[str, File] = {}
    for release in catalog.releases:
        product, version = catalog.product(release.product), normalised(release.version)
        installers = choose(catalog.files_of(release), product) if version and (product.id, version) not in known else None
        if installers is None:
            continue
        known.add((product.id, version))
        if former := withdrawn.get((product.id, version)):
            if former.version == release.version:  # another channel had it
                made.append(replace(former, product=release.product, channel=release.channel))
            continue
        artifact, content = _package(catalog, config, release, installers)
        made.append(artifact)
        payload |= {path: File(content, Stage.PAYLOAD) for path in (artifact.path, flat_nupkg(product.id, version))}
    grown = catalog.add(made) if made else catalog
    return Derived(grown.with_served([layout.CHOCOLATEY]) if grown.by_kind.get(Kind.NUPKG) or withdrawn else grown, Tree(payload))


def render(catalog: Catalog, config: Config) -> Tree:
    """The feed, once there was a package. One that is withdrawn stays to be fetched by its version, as NuGet's own feeds keep it, but is offered no more."""
    offered = tuple(_packages(catalog.select(Kind.NUPKG)))
    if not offered and layout.CHOCOLATEY not in catalog.served:
        return Tree()
    there = {(package.facts.id, package.facts.version) for package in offered}
    unlisted = [package for package in _packages(_withdrawn(catalog), listed=False) if (package.facts.id, package.facts.version) not in there]
    return feed((*offered, *unlisted), config.url)


def _check(id: str, version: str, content: bytes) -> None:
    """Raises InputError for what would keep the package out of the community repository, and warns of the rest."""
    found = faults_of(content)
    for fault in found:
        if not fault.required:
            _LOG.warning("the Chocolatey package of %s %s: %s", id, version, fault)
    required = [str(fault) for fault in found if fault.required]
    if required:
        raise InputError(
            f"the community repository would refuse the Chocolatey package of {id} {version}: {'; '.join(required)}",
            hint="set it in [[product]] or [product.chocolatey], or leave out [chocolatey] community",
        )


def _packages(artifacts: Iterable[Artifact], *, listed: bool = True) -> Iterator[Package]:
    for artifact in artifacts:
        if isinstance(artifact.facts, NupkgFacts):
            yield Package(artifact, artifact.facts, listed)


def _withdrawn(catalog: Catalog) -> tuple[Artifact, ...]:
    return tuple(a for withdrawal in catalog.withdrawn for a in withdrawal.artifacts if a.kind is Kind.NUPKG)


def _package(catalog: Catalog, config: Config, release: Release, installers: Installers) -> tuple[Artifact, bytes]:
    product = catalog.product(release.product)
    about = metadata(product, release, normalised(release.version), config)
    specification = BOM + nuspec(about).encode()
    content = nupkg(about, specification, scripts(installers, product, config))
    if config.chocolatey.community:
        _check(about.id, about.version, content)
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
