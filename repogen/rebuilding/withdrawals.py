"""Releases that are offered no more: repo.json names them, and their signed lists still name their files, as far as these are there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from msgspec.structs import replace

from repogen import layout
from repogen.artifact import Artifact, Kind
from repogen.catalog import Release, Withdrawal, sorted_artifacts, sorted_releases
from repogen.config import Config
from repogen.placing.place import artifact_of
from repogen.placing.settle import settle
from repogen.readers import Digests, Reading, reader_for
from repogen.readers.identify import identify
from repogen.rebuilding.nuget import Registered
from repogen.rebuilding.payload import fetched
from repogen.rebuilding.published_site import BrokenSiteError, PublishedSite
from repogen.rebuilding.releases import signed_digests
from repogen.rebuilding.repo_json import PublishedCatalog, PublishedWithdrawal
from repogen.rebuilding.salvage import Salvage
from repogen.scanning.scan import Scanned


def read_withdrawals(
    site: PublishedSite, config: Config, published: PublishedCatalog, feed: Mapping[str, Registered], salvage: Salvage
) -> tuple[Withdrawal, ...]:
    """All withdrawn releases, sorted."""
    offered = {(file.path, release.channel) for product in published.products for release in product.releases for file in release.files}
    found = {}
    for said in published.withdrawn:
        release = Release(product=said.product, version=said.version, channel=said.channel, date=said.released)
        known = _known(salvage, said, release)
        if known:
            found[release.key] = replace(known, date=said.date, reason=said.reason)
            continue
        artifacts = sorted_artifacts(a for a in _artifacts(site, config, said, feed) if (a.path, a.channel) not in offered)
        found[release.key] = Withdrawal(release=release, artifacts=artifacts, date=said.date, reason=said.reason)
    return tuple(found[release.key] for release in sorted_releases(w.release for w in found.values()))


def _known(salvage: Salvage, said: PublishedWithdrawal, release: Release) -> Withdrawal | None:
    """What the state remembers of a withdrawn release: as it was at the date that repo.json names, else the last of it."""
    return max(salvage.withdrawals.get(release.key, ()), key=lambda one: (one.date == said.date, one.date, len(one.artifacts)), default=None)


def _artifacts(site: PublishedSite, config: Config, said: PublishedWithdrawal, feed: Mapping[str, Registered]) -> Iterator[Artifact]:
    """The files of one release that are still there. A list that is gone, or by a key that signs no more, tells nothing."""
    digests: Mapping[str, str] = {}
    with suppress(BrokenSiteError):
        digests = signed_digests(site, said.product, said.version)
    for path, sha256 in dict.fromkeys((layout.in_channel(path, layout.yum_channel(path), said.channel), sha256) for path, sha256 in digests.items()):
        if path in site.listed and (digests[path] == sha256 if path in digests else _is(site, path, sha256)):
            yield _artifact(site, config, said, feed.get(path), path, sha256)


def _is(site: PublishedSite, path: str, sha256: str) -> bool:
    """Whether a file has these bytes: the list names the rpms of the channels that offer the version yet, and those of this one may be others."""
    with fetched(site, path) as (_, digests):
        return digests.sha256 == sha256


def _artifact(site: PublishedSite, config: Config, said: PublishedWithdrawal, registered: Registered | None, path: str, sha256: str) -> Artifact:
    """A file by what it says of itself, in the place that it has."""
    with fetched(site, path, sha256) as (file, digests):
        said_inside = Reading(kind=Kind.NUPKG, facts=registered.facts, os="windows") if registered else _reading(path, file, digests)
        settled = settle(Scanned(str(file), file.name, digests, said_inside), config.product, said.channel)
    os, arch = said_inside.os if registered else settled.os, "" if registered else settled.arch
    artifact = artifact_of(replace(settled, product=said.product, version=said.version, os=os or "any", arch=arch or "any"), said.released, path)
    return artifact if config.takes_sha512 else replace(artifact, sha512="")


def _reading(path: str, file: Path, digests: Digests) -> Reading:
    """What a file says of itself. What is in the pool and neither a deb nor a .dsc is part of a source package, whatever it would be on its own."""
    kind = identify(file)
    if layout.in_pool(path) and kind not in {Kind.DEB, Kind.DSC}:
        return Reading(kind=Kind.SOURCE, os="linux", arch="any")
    reading: Reading = reader_for(kind).read(file, digests)
    return reading
