"""Which packages hold their installers, and which choco offers to everyone: the feed, the build and the instructions follow these rules.

NuGet knows no channels, only prereleases, and takes the highest version that is listed. So a beta whose version is none of a prerelease would go to all
who follow stable: until stable has come as far, it is not listed, and is installed by its number. The same package is listed once it is promoted.
"""

from __future__ import annotations

from collections.abc import Callable

from repogen.artifact import Artifact, Kind, NupkgFacts
from repogen.catalog import Catalog, in_order
from repogen.config import Config
from repogen.remembered import remembered
from repogen.version import version_key


def embedding(config: Config) -> Callable[[str], bool]:
    """Tells of a product whether its package holds its installers."""
    own = {table.id: table.chocolatey.embed for table in config.product if table.chocolatey.embed is not None}
    return lambda product: own.get(product, config.chocolatey.embed)


def embeds_any(config: Config) -> bool:
    """Whether there may be such a package."""
    return config.chocolatey.embed or any(table.chocolatey.embed for table in config.product)


def is_listed(catalog: Catalog, package: Artifact) -> bool:
    """Whether clients are offered this package without being asked for its version."""
    facts = package.facts
    if not isinstance(facts, NupkgFacts) or is_prerelease(facts) or package.channel == _for_everyone(catalog):
        return True
    stable = _newest(catalog, package.product, _for_everyone(catalog))
    return stable is not None and version_key(facts.version) <= version_key(stable)


def is_prerelease(facts: NupkgFacts) -> bool:
    return "-" in facts.version


@remembered
def _for_everyone(catalog: Catalog) -> str:
    """The channel that choco follows: the first one, also while all its releases are withdrawn: another's would be an upgrade of those."""
    return in_order(release.channel for release in (*catalog.releases, *(withdrawal.release for withdrawal in catalog.withdrawn)))[0]


@remembered
def _newest(catalog: Catalog, product: str, channel: str) -> str | None:
    """The version that choco takes in this channel."""
    for release in catalog.releases_of(product, channel):
        for artifact in catalog.files_of(release):
            if artifact.kind is Kind.NUPKG and isinstance(artifact.facts, NupkgFacts) and not is_prerelease(artifact.facts):
                return artifact.facts.version
    return None
