"""Chocolatey packages and the static NuGet v3 feed that serves them.

``derive`` makes the package of each release with files for Windows, once: a published package never changes. ``render`` writes the
feed around all packages of the catalog. The packages that are made here hold no programs, but fetch them from this site and check their SHA-256.
"""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from repogen import layout
from repogen.artifact import Artifact, Kind, NupkgFacts
from repogen.catalog import Catalog
from repogen.chocolatey_rule import embedding, is_listed
from repogen.config import Config
from repogen.formats import Derived
from repogen.formats.chocolatey.feed import Package, addresses, feed
from repogen.formats.chocolatey.namesakes import namesakes, unlisted
from repogen.formats.chocolatey.wanted import Wanted, in_more_channels, wanted
from repogen.tree import File, Stage, Tree

_LOG = logging.getLogger(__name__)


def derive(catalog: Catalog, config: Config) -> Derived:
    """Make the packages that are not there yet; those with installers in them are made where the files are (see embedded_packages)."""
    for sentence in namesakes(catalog):
        _LOG.warning("%s", sentence)
    embeds = embedding(config)
    made: list[Artifact] = []
    payload: dict[str, File] = {}
    for want in wanted(catalog):
        if not embeds(want.product.id):
            artifact, content = _packed(catalog, config, want)
            made.append(artifact)
            payload |= {path: File(content, Stage.PAYLOAD) for path in addresses(artifact)}
    grown = catalog.add(made) if made else catalog
    if more := tuple(in_more_channels(grown)):
        grown = grown.add(more)
    for sentence in unlisted(grown):
        _LOG.warning("%s", sentence)
    return Derived(grown.with_served([layout.CHOCOLATEY]) if grown.by_kind.get(Kind.NUPKG) or _withdrawn(grown) else grown, Tree(payload))


def render(catalog: Catalog, config: Config) -> Tree:
    """The feed, once there was a package. One that is withdrawn stays to be fetched by its version, as NuGet's own feeds keep it, but is offered no more."""
    offered = sorted((replace(one, listed=is_listed(catalog, one.artifact)) for one in _packages(catalog.select(Kind.NUPKG))), key=lambda one: not one.listed)
    if not offered and layout.CHOCOLATEY not in catalog.served:
        return Tree()
    there = {(package.facts.id, package.facts.version) for package in offered}
    unlisted = [package for package in _packages(_withdrawn(catalog), listed=False) if (package.facts.id, package.facts.version) not in there]
    return feed((*offered, *unlisted), config.url)


def _packages(artifacts: Iterable[Artifact], *, listed: bool = True) -> Iterator[Package]:
    for artifact in artifacts:
        if isinstance(artifact.facts, NupkgFacts):
            yield Package(artifact, artifact.facts, listed)


def _withdrawn(catalog: Catalog) -> tuple[Artifact, ...]:
    return tuple(a for withdrawal in catalog.withdrawn for a in withdrawal.artifacts if a.kind is Kind.NUPKG)


def _packed(catalog: Catalog, config: Config, want: Wanted) -> tuple[Artifact, bytes]:
    from repogen.formats.chocolatey.package import artifact_of, check, draft  # here, so that sites without programs for Windows do without

    package = draft(want, config)
    buffer = io.BytesIO()
    package.write(buffer)
    if config.chocolatey.community:
        check(package, buffer)
    content = buffer.getvalue()
    sha512 = hashlib.sha512(content).hexdigest() if config.checksums.sha512 else ""
    return artifact_of(package, size=len(content), sha256=hashlib.sha256(content).hexdigest(), sha512=sha512, date=catalog.date), content
