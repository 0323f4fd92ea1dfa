"""Which suites the apt repository has, and which packages stand in each: by ``[[apt.suite]]``, else a suite for each channel.

A package may stand in several suites; its file stands in the pool once. Its component is the folder of the pool that it stands in, so it never changes.
A suite that was published stays, even when its last package is gone, so that its users are told so and not met with an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from msgspec import Struct
from msgspec.structs import replace

from repogen import layout
from repogen.apt_config import AptSuiteConfig
from repogen.artifact import Artifact, DebFacts, Kind, SourceFacts
from repogen.catalog import Catalog, in_order
from repogen.config import Config
from repogen.remembered import remembered

#: Where a suite holds nothing but packages for all architectures: machines of any other take the index of ``all`` (since apt 1.1), while these two,
#: which most have, miss nothing.
COMMON = ("all", "amd64", "arm64")
COMPONENT = "main"
#: What stands behind a component's name where its debug symbols are.
DEBUG = "debug"
_BINARY = "/binary-"
_SOURCE = "/source"


class Suite(Struct, frozen=True, kw_only=True):
    """A suite by its rules, without its packages."""

    name: str
    codename: str = ""
    distribution: str = ""
    """VERSION_CODENAME of the systems that it is for; empty for any."""
    channels: tuple[str, ...]
    match: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    """Out of ``suites``: all that it has. By its rules alone: those that it has in any case."""
    architectures: tuple[str, ...] = ()
    """Those that it has in any case."""
    version: str = ""
    description: str = ""

    @property
    def automatic(self) -> bool:
        """Whether apt installs from it unasked. From the others it only upgrades what the user took from there."""
        return "stable" in self.channels

    def takes(self, filename: str, version: str) -> bool:
        """Whether a package of one of its channels, by its file name and Debian version, stands in it."""
        return (not self.match or _matches(self.match, filename, version)) and not (self.ignore and _matches(self.ignore, filename, version))


@remembered
def suites(catalog: Catalog, config: Config) -> tuple[Suite, ...]:
    """All suites of this site: the tables' in their order, then those of channels. None where there is and was no package for apt.

    All have the same components, since the source file of users names them once for several suites, and apt complains where one lacks what it names.
    """
    channels = apt_channels(catalog)
    found = [_as_served(suite, catalog) for suite in rules(config, channels)] if channels or catalog.suites else []
    components = _components(catalog, found, config)
    return tuple(replace(suite, components=components) for suite in found)


def _components(catalog: Catalog, suites: Iterable[Suite], config: Config) -> tuple[str, ...]:
    """Components of all packages and tables, main first. One of debug symbols comes with the one that these belong to.

    The repository's own keyring is in main: the source file in it names that too, which is written before the first one stands in the catalog.
    """
    packages = (a for kind in (Kind.DEB, Kind.DSC) for a in catalog.by_kind.get(kind, ()))
    own = {COMPONENT} if config.repo.keyring_packages else set()
    found = own | {layout.apt_component(a.path) for a in packages} | {name for suite in suites for name in suite.components} or {COMPONENT}
    return tuple(sorted(found | {name.removesuffix(f"/{DEBUG}") for name in found}, key=lambda name: (name != COMPONENT, name)))


def _as_served(suite: Suite, catalog: Catalog) -> Suite:
    """With the components and architectures that it had packages for, since apt complains where one that it was set up for is gone."""
    base = f"{layout.apt_suite(suite.name)}/"
    had = [path.removeprefix(base).partition(_BINARY) for path in catalog.served if path.startswith(base) and _BINARY in path]
    components, architectures = {component for component, _, _ in had}, {architecture for _, _, architecture in had}
    return replace(suite, components=(*suite.components, *sorted(components)), architectures=(*suite.architectures, *sorted(architectures)))


def served(catalog: Catalog, suite: Suite) -> set[str]:
    """The folders of a suite that packages stand in."""
    debs = debs_of(catalog, suite)
    plain = {a.facts.architecture for a in debs if isinstance(a.facts, DebFacts)} - {"all"} or COMMON
    folders = {(layout.apt_component(a.path), a.facts.architecture) for a in debs if isinstance(a.facts, DebFacts)}
    base = layout.apt_suite(suite.name)
    binary = {f"{base}/{c}{_BINARY}{a}" for c, architecture in folders for a in (plain if architecture == "all" else (architecture,))}
    return binary | {f"{base}/{layout.apt_component(a.path)}{_SOURCE}" for a in sources_of(catalog, suite)}


def rules(config: Config, channels: Iterable[str]) -> tuple[Suite, ...]:
    """The suites of the tables, and of these channels as far as no table takes them."""
    declared = tables(config)
    taken = {name for suite in declared for name in (*suite.channels, suite.name)}
    return (*declared, *(_of_channel(channel, config) for channel in channels if channel not in taken))


def takers(config: Config, channel: str) -> tuple[Suite, ...]:
    """The suites for packages of a channel, each as far as its patterns let them in."""
    return tuple(suite for suite in rules(config, (channel,)) if channel in suite.channels)


def tables(config: Config) -> tuple[Suite, ...]:
    """The suites of the tables alone."""
    return tuple(_of_table(table, config) for table in config.apt.suite)


def debs_of(catalog: Catalog, suite: Suite) -> tuple[Artifact, ...]:
    """The packages of a suite in the order of their paths, each path once. The repository's own keyring is for everyone."""
    return _of_kind(catalog, suite, Kind.DEB)


def sources_of(catalog: Catalog, suite: Suite) -> tuple[Artifact, ...]:
    """The source packages of a suite in the order of their paths."""
    return _of_kind(catalog, suite, Kind.DSC)


def _of_kind(catalog: Catalog, suite: Suite, kind: Kind) -> tuple[Artifact, ...]:
    packages = (a for a in catalog.by_kind.get(kind, ()) if a.channel in suite.channels)
    return tuple({a.path: a for a in packages if a.product in catalog.keyrings or holds(suite, a)}.values())


def holds(suite: Suite, artifact: Artifact) -> bool:
    """Whether a package of a product stands in a suite."""
    facts = artifact.facts
    return isinstance(facts, DebFacts | SourceFacts) and artifact.channel in suite.channels and suite.takes(artifact.filename, facts.version)


def rollouts(catalog: Catalog, suite: Suite) -> dict[str, int]:
    """Share of machines in percent, by path, for the packages of a suite that are not for all yet. The most generous of its channels counts."""
    if all(release.rollout == 100 for release in catalog.releases):
        return {}
    shares: dict[str, int] = {}
    for artifact in catalog.by_kind.get(Kind.DEB, ()):
        if artifact.channel in suite.channels:
            shares[artifact.path] = max(catalog.rollout(artifact), shares.get(artifact.path, 0))
    return {path: share for path, share in shares.items() if share < 100}


def has_sources(catalog: Catalog) -> bool:
    """Whether any suite has or had a source package."""
    return bool(catalog.channels_of(Kind.DSC)) or any(path.endswith(_SOURCE) for path in catalog.served)


@remembered
def apt_channels(catalog: Catalog) -> tuple[str, ...]:
    """Channels that have or had debs or source packages; the first one is what ``<name>.sources`` follows."""
    had = (name for name, suite in catalog.suites.items() if suite.channels == (name,))
    return in_order({*catalog.channels_of(Kind.DEB), *catalog.channels_of(Kind.DSC), *had})


def architectures(suite: Suite, debs: Iterable[Artifact]) -> tuple[str, ...]:
    """Architectures of a suite with these packages, sorted; packages for all of them stand in each one's index."""
    found = {a.facts.architecture for a in debs if isinstance(a.facts, DebFacts)} - {"all"}
    return tuple(sorted(found | set(suite.architectures))) or COMMON


def everyday(suites: Sequence[Suite]) -> tuple[str, ...]:
    """The components of these suites that everyone wants: not the debug symbols."""
    return tuple(name for suite in suites[:1] for name in suite.components if not name.endswith(f"/{DEBUG}"))


def _of_table(table: AptSuiteConfig, config: Config) -> Suite:
    codename = table.codename or table.name
    return Suite(
        name=table.name,
        codename=codename,
        distribution=table.distribution or codename,
        channels=table.channels,
        match=table.match,
        ignore=table.ignore,
        components=table.components,
        architectures=table.architectures or config.apt.architectures,
        version=table.version or config.apt.version,
        description=table.description or config.apt.description,
    )


def _of_channel(channel: str, config: Config) -> Suite:
    apt = config.apt
    return Suite(
        name=channel,
        codename=channel,
        distribution="",
        channels=(channel,),
        architectures=apt.architectures,
        version=apt.version,
        description=apt.description,
    )


def _matches(patterns: Iterable[str], filename: str, version: str) -> bool:
    return any(_match(pattern, text) for pattern in patterns for text in (filename, version))


def _match(pattern: str, text: str) -> bool:
    return fnmatchcase(text, pattern) if set(pattern) & set("*?[") else pattern in text


@remembered
def followed(catalog: Catalog, config: Config, channel: str, distribution: str = "") -> tuple[Suite, ...]:
    """The suites of someone who follows a channel on a system of this distribution (empty: any), the one to install from last.

    The default channel's stays, so that its newer releases arrive too. Where no suite is for the distribution, it is the first one.
    """
    found: dict[str, Suite] = {}
    for wanted in (*apt_channels(catalog)[:1], channel):
        takers = [suite for suite in suites(catalog, config) if wanted in suite.channels]
        chosen = [suite for suite in takers if suite.distribution == distribution] or takers
        found |= {suite.name: suite for suite in chosen[:1]}
    return tuple(found.values())


@remembered
def distributions(catalog: Catalog, config: Config, channel: str) -> tuple[str, ...]:
    """The distributions that have a suite of their own for this channel; none where one suite serves all."""
    takers = [suite.distribution for suite in suites(catalog, config) if channel in suite.channels]
    return tuple(dict.fromkeys(takers)) if len(takers) > 1 else ()
