"""Which releases a channel offers to those who update, and from which versions they may go there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from repogen.catalog import Catalog, Product, Release, in_order
from repogen.config import Config
from repogen.update_addresses import manifests_of
from repogen.updates_config import Minimum
from repogen.version import version_key

#: The channel in whose folder the others have manifests too.
DEFAULT = "stable"


def releases(catalog: Catalog, config: Config, product: Product, channel: str) -> list[Release]:
    """Releases of a channel and of those that it follows, newest version first."""
    channels = (channel, *config.updates.follows.get(channel, ()))
    found = [release for one in channels for release in catalog.releases_of(product.id, one)]
    return sorted(found, key=lambda release: version_key(release.version), reverse=True)  # the channel's own first among equals


def channels(catalog: Catalog, config: Config, product: Product) -> tuple[str, ...]:
    """Channels that a product has releases in or once had manifests in: what these offer of other channels goes on when their own is gone."""
    known = in_order((DEFAULT, *catalog.channels, *config.updates.follows))
    return tuple(channel for channel in known if catalog.newest(product.id, channel) or manifests_of(catalog, product.id, channel))


def minimum_version(config: Config, release: Release) -> str:
    """Oldest version that can update to this release directly; empty when every one can.

    A release that is no newer than the minimum takes everyone: it is the one to go to first.
    """
    own = next((table.minimum_version for table in config.product if table.id == release.product), "")
    minimum = _at(own or config.updates.minimum_version, release.version)
    return minimum if minimum and version_key(minimum) < version_key(release.version) else ""


def _at(minimum: Minimum, version: str) -> str:
    """What a table says for a version, the prereleases of which count as itself."""
    if isinstance(minimum, str):
        return minimum
    reached = version_key(version.partition("-")[0])
    return minimum[max(since, key=version_key)] if (since := [one for one in minimum if version_key(one) <= reached]) else ""


def steps(config: Config, release: Release, others: Iterable[Release]) -> list[Release]:
    """Releases by way of which those come to this one who are older than its minimum, the last one first."""
    found: list[Release] = []
    minimum = minimum_version(config, release)
    older: Sequence[Release] = list(others)
    while minimum:
        fit = [one for one in older if version_key(minimum) <= version_key(one.version) < version_key(release.version)]
        fit = [one for one in fit if not (its := minimum_version(config, one)) or version_key(its) < version_key(minimum)]
        if not fit:
            break
        release = max(fit, key=lambda one: version_key(one.version))
        found.append(release)
        minimum = minimum_version(config, release)
    return found
