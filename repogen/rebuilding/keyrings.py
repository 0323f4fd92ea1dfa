"""The repository's own keyring packages, which repo.json names by their fixed address alone: the indices have every version."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

from repogen import dates, layout
from repogen.artifact import Artifact, DebFacts, Kind, RpmFacts
from repogen.config import Config
from repogen.rebuilding.apt import AptFound
from repogen.rebuilding.payload import fetched
from repogen.rebuilding.published_site import PublishedSite
from repogen.rebuilding.salvage import Salvage
from repogen.rebuilding.yum import YumFound


def read_keyrings(site: PublishedSite, config: Config, apt: AptFound, yum: YumFound, salvage: Salvage) -> tuple[Artifact, ...]:
    """Every version of both packages, each once in a channel."""
    found = {(a.path, a.channel): salvage.artifacts.get((a.path, a.channel, a.sha256), a) for a in (*_debs(site, config, apt), *_rpms(site, config, yum))}
    return tuple(found.values())


def _debs(site: PublishedSite, config: Config, apt: AptFound) -> Iterator[Artifact]:
    for path, (_, suite) in apt.files.items():
        facts = apt.facts[path]
        if isinstance(facts, DebFacts) and facts.package == layout.archive_keyring(config.repo.name):
            yield _artifact(site, config, path, facts, apt.suites[suite].channels[0])


def _rpms(site: PublishedSite, config: Config, yum: YumFound) -> Iterator[Artifact]:
    for path, (indexed, channel) in yum.files.items():
        facts = yum.facts[indexed.strongest[1]]
        home = layout.yum_package(channel, facts.name, facts.version, facts.release, facts.architecture)
        if facts.name == layout.release_package(config.repo.name):
            yield _artifact(site, config, home if home in site.listed else path, facts, channel)


def _artifact(site: PublishedSite, config: Config, path: str, facts: DebFacts | RpmFacts, channel: str) -> Artifact:
    kind = Kind.DEB if isinstance(facts, DebFacts) else Kind.RPM
    with fetched(site, path) as (_, digests):
        return Artifact(
            path=path,
            filename=path.rpartition("/")[2],
            kind=kind,
            product=layout.archive_keyring(config.repo.name),
            version=facts.version,
            channel=channel,
            os="linux",
            arch="any",
            size=digests.size,
            sha256=digests.sha256,
            sha512=digests.sha512 if config.takes_sha512 else "",
            date=_date(facts.version),
            facts=facts,
        )


def _date(version: str) -> str:
    """When a package of this version was made (see keyring_drafts.version)."""
    with suppress(ValueError):
        return dates.stamp(datetime.strptime(version, "%Y%m%d.%H%M%S").replace(tzinfo=UTC))
    return "1980-01-02T00:00:00Z"
