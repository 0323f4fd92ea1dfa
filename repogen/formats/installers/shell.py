"""``install.sh``: one line for Linux and macOS that adds the right repository, or unpacks the right archive.

POSIX sh (https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html). The public key, the source files and the SHA-256 of
every archive stand in the script, so that nothing it fetches goes unchecked. Every value that comes from a package is a single-quoted word.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from msgspec import Struct

from repogen import apt_suites, client_files, key_texts, layout, yum_repositories
from repogen.apt_suites import Suite
from repogen.artifact import ArchiveFacts, Artifact, DebFacts, Kind, RpmFacts
from repogen.catalog import Catalog, Release
from repogen.config import Config
from repogen.formats.installers.variables import variable_prefix
from repogen.instructions import deb_name, main_name, rpm_name, unpackable
from repogen.package_order import deb_key, rpm_key
from repogen.paths import safe_name
from repogen.programs import program_name, programs
from repogen.templates import render as render_template
from repogen.tree import File, Stage, Tree

#: Distributions that have no suite of their own.
OTHER = "other"


class Row(Struct, frozen=True):
    """A line of one of the script's tables: words that are quoted one by one."""

    words: tuple[str, ...]


class AptWay(Struct, frozen=True):
    """How apt is set up for a channel on a distribution."""

    channel: str
    distribution: str
    """VERSION_CODENAME of the system, or OTHER."""
    source: str
    target: str
    """The suite to name, since apt takes nothing from it unasked; empty where it does."""


def render(catalog: Catalog, config: Config) -> Tree:
    name, default = config.repo.name, catalog.channels[:1]
    debs, rpms = list(_debs(catalog, config)), list(_rpms(catalog, config))
    key = client_files.rpm_key(name)
    text = render_template(
        "installers/install.sh.j2",
        title=config.title,
        name=name,
        url=config.url,
        prefix=variable_prefix(name),
        products=[product.id for product in catalog.offered],
        channel=next(iter(default), "stable"),
        withdrawn=[Row((w.release.product, w.release.channel, w.release.version, w.reason)) for w in catalog.withdrawn],
        releases=[Row((r.product, r.channel, r.version, safe_name(r.version))) for r in _newest_first(catalog)],
        debs=debs,
        rpms=rpms,
        former_debs=list(_former(catalog, debs, DebFacts)),
        former_rpms=list(_former(catalog, rpms, RpmFacts)),
        archives=list(_archives(catalog)),
        apt_ways=list(_apt_ways(catalog, config)),
        apt_file=layout.apt_sources(name),
        yum_repos={channel: client_files.yum_repo(catalog, config, channel, f"file://{key}") for channel in client_files.rpm_channels(catalog)},
        yum_sections={channel: client_files.section(catalog, name, channel) for channel in client_files.rpm_channels(catalog)},
        yum_releases=_yum_releases(catalog, config),
        yum_file=layout.yum_repo(name),
        rpm_key=key,
        key=key_texts.armored(catalog.keys),
    )
    return Tree({layout.INSTALL_SH: File(text.encode("utf-8", "replace"), Stage.ENTRY)})


def _newest_first(catalog: Catalog) -> Iterator[Release]:
    """Every release; of a product those in the first channel first, and the newest of a channel first."""
    for product in catalog.offered:
        for channel in catalog.channels:
            yield from catalog.releases_of(product.id, channel)


def _apt_ways(catalog: Catalog, config: Config) -> Iterator[AptWay]:
    """Every channel on every distribution that has a suite of its own, and on any other."""
    for channel in apt_suites.apt_channels(catalog):
        for distribution in (*apt_suites.distributions(catalog, config, channel), OTHER):
            suites = apt_suites.followed(catalog, config, channel, distribution)
            target = suites[-1].name if len(suites) > 1 else ""
            yield AptWay(channel, distribution, client_files.apt_sources(catalog, config, channel, distribution), target)


def _debs(catalog: Catalog, config: Config) -> Iterator[Row]:
    """Product, channel, version, architecture, package, its version, distributions: of every release, newest first, and of each the newest revision."""
    names = {(p.id, channel): deb_name(catalog, config, p.id, channel) for p in catalog.offered for channel in catalog.channels}
    suites = {channel: _suite_of_each(catalog, config, channel) for channel in catalog.channels}
    for release in _newest_first(catalog):
        name = names[release.product, release.channel]
        debs = [(a, a.facts) for a in catalog.files_of(release) if isinstance(a.facts, DebFacts) and a.facts.package == name]
        for a, facts in sorted(debs, key=lambda deb: deb_key(deb[1].version), reverse=True):
            fits = " ".join(d for d, suite in suites[release.channel].items() if suite.takes(a.filename, facts.version))
            yield Row((release.product, release.channel, release.version, facts.architecture, facts.package, facts.version, fits or "none"))


def _suite_of_each(catalog: Catalog, config: Config, channel: str) -> dict[str, Suite]:
    """The suite that a channel's packages come from, by distribution."""
    followed = {d: apt_suites.followed(catalog, config, channel, d) for d in (*apt_suites.distributions(catalog, config, channel), OTHER)}
    return {distribution: suites[-1] for distribution, suites in followed.items() if suites}


def _rpms(catalog: Catalog, config: Config) -> Iterator[Row]:
    """Product, channel, version, architecture, package, epoch:version-release, releases of distributions: in the order of debs."""
    names = {(p.id, channel): rpm_name(catalog, p.id, channel) for p in catalog.offered for channel in catalog.channels}
    releases = _yum_releases(catalog, config)
    for release in _newest_first(catalog):
        name = names[release.product, release.channel]
        rpms = [(a, a.facts) for a in catalog.files_of(release) if isinstance(a.facts, RpmFacts) and a.facts.name == name and a.facts.architecture != "src"]
        for a, facts in sorted(rpms, key=lambda rpm: rpm_key(rpm[1]), reverse=True):
            words = (release.product, release.channel, release.version, facts.architecture, facts.name, facts.evr)
            found = yum_repositories.releasevers(facts, a.filename, config.yum)
            fits = releases[release.channel] if found is None else found
            yield Row((*words, " ".join(fits)) if releases[release.channel] else words)


def _yum_releases(catalog: Catalog, config: Config) -> dict[str, tuple[str, ...]]:
    """The releases of distributions that each channel has yum repositories for; none where one repository is for all."""
    found = {channel: yum_repositories.repositories(catalog, config.yum, channel) for channel in catalog.channels}
    return {channel: tuple(dict.fromkeys(r.releasever for r in some if r.releasever)) for channel, some in found.items()}


def _former(catalog: Catalog, offered: Iterable[Row], kind: type[DebFacts | RpmFacts]) -> Iterator[Row]:
    """Product and package, where all packages of this kind were withdrawn: who has one installed can have it removed."""
    left, names = {row.words[0] for row in offered}, defaultdict[str, set[str]](set)
    for artifact in (a for withdrawal in catalog.withdrawn for a in withdrawal.artifacts):
        if isinstance(facts := artifact.facts, kind) and facts.architecture != "src" and artifact.product not in left:
            names[artifact.product].add(facts.package if isinstance(facts, DebFacts) else facts.name)
    yield from (Row((product, main_name(some, product))) for product, some in names.items())


def _archives(catalog: Catalog) -> Iterator[Row]:
    """Product, channel, version, system, processor, libc, form, SHA-256, path, and ``member=name`` of each program: of every release, newest first."""
    for release in _newest_first(catalog):
        for a in unpackable(catalog, release):
            yield Row((a.product, a.channel, a.version, a.os, a.arch, a.libc or "any", _form(a), a.sha256, a.path, *_programs(a)))


def _form(artifact: Artifact) -> str:
    """How the script unpacks it: ``tar``, ``zip`` or ``program``."""
    return artifact.kind.value if artifact.kind in {Kind.TAR, Kind.ZIP} else "program"


def _programs(artifact: Artifact) -> Iterator[str]:
    """``member=name`` for each program; a file that is a program itself has only a name."""
    if not isinstance(artifact.facts, ArchiveFacts):
        yield artifact.product
        return
    members = programs(artifact.facts)
    top = f"{artifact.facts.top}/" if artifact.facts.top else ""
    for member in members:
        yield f"{top}{member}={program_name(member, artifact.product, artifact.version, alone=len(members) == 1)}"
