"""Which yum repositories there are, and which packages stand in each: by ``[yum] path``, else one for each channel.

A package is for the releases of distributions that the tag in its Release names (https://docs.fedoraproject.org/en-US/packaging-guidelines/DistTag/),
or that ``[[yum.target]]`` says; one without a tag is for all of them. Which architectures share a base architecture is dnf's rule:
https://github.com/rpm-software-management/dnf/blob/master/dnf/rpm/__init__.py .

Every repository holds all of its packages below itself, since clients and mirrors follow no address that leads out of it. One that several
repositories have stands in the channel's folder too, which is its own address, and again in each of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import product

from msgspec import Struct

from repogen import layout
from repogen.artifact import Artifact, Kind, RpmFacts
from repogen.catalog import Catalog
from repogen.errors import ProtectionError, UsageError
from repogen.yum_config import BASEARCH, RELEASEVER, YumConfig

#: Where there is nothing but packages for all architectures: the two that most machines have.
COMMON = ("x86_64", "aarch64")
#: Packages that every base architecture has.
_EVERYWHERE = {"noarch", "src", "nosrc"}
_BASES = {
    "i386": ("i386", "i486", "i586", "i686", "athlon", "geode"),
    "x86_64": ("x86_64", "amd64", "ia32e", "x86_64_v2", "x86_64_v3", "x86_64_v4"),
    "armhfp": ("armv6hl", "armv7hl", "armv7hnl", "armv8hl"),
    "arm": ("armv5tejl", "armv5tel", "armv5tl", "armv6l", "armv7l", "armv8l"),
}
_BASE_OF = {architecture: base for base, some in _BASES.items() for architecture in some}
_TAG = re.compile(r"(?:^|[._+])(?:(?:el|fc|amzn)(?P<whole>[0-9]+)|[lb]p(?P<major>[0-9]{2})(?P<minor>[0-9]))(?=$|[._+~^])", re.ASCII)


class Repository(Struct, frozen=True, kw_only=True):
    """A repository, without its packages."""

    channel: str
    releasever: str = ""
    """Release of the distributions that it is for; empty for all."""
    basearch: str = ""
    """Empty for all."""
    base: str
    """Its folder on the site."""


def repositories(catalog: Catalog, config: YumConfig, channel: str) -> dict[Repository, tuple[Artifact, ...]]:
    """The repositories of a channel with their packages in the order of their addresses; none where the channel has and had no rpm.

    Raises UsageError where ``path`` asks for releases of distributions and nothing names one.
    """
    packages = [a for a in catalog.by_kind.get(Kind.RPM, ()) if a.channel == channel]
    served = [path for path in catalog.served if layout.yum_channel(path) == channel]
    if not config.path:
        return {Repository(channel=channel, base=layout.yum_base(channel)): tuple(packages)} if packages or served else {}
    found: dict[Repository, dict[str, Artifact]] = {repository: {} for repository in _wanted(packages, served, channel, config)}
    for artifact in packages:
        for repository, some in found.items():
            if takes(repository, artifact, config):
                some[address(repository, artifact)] = artifact
    if packages and not found:
        raise UsageError(
            f"[yum] path {config.path!r} asks for the releases of distributions, but no published rpm of the channel {channel} names one in its Release",
            hint="say with [[yum.target]] tables which releases there are",
        )
    return {repository: tuple(some[path] for path in sorted(some)) for repository, some in found.items()}


def check_served(published: Iterable[str], served: Iterable[str]) -> None:
    """Raises ProtectionError where a yum repository of the ``published`` paths is not among those that are ``served`` from now on."""
    gone = sorted(path for path in {*published} - {*served} if layout.yum_channel(path))
    if gone:
        raise ProtectionError(
            f"the published yum repository {gone[0]} is in this configuration no more: its users would get no updates, and be offered what is withdrawn",
            hint="put [yum] path and its [[yum.target]] tables back; or tell its users to take the new .repo file and build with --accept-identity-change",
        )


def address(repository: Repository, artifact: Artifact) -> str:
    """Where an rpm stands in a repository."""
    return f"{repository.base}/Packages/{artifact.path.rpartition('/Packages/')[2]}"


def copies(catalog: Catalog, config: YumConfig) -> Iterator[tuple[str, Artifact]]:
    """Addresses of packages beside their own: where repositories have them that do not hold their own address."""
    for channel in catalog.channels:
        for repository, packages in repositories(catalog, config, channel).items():
            yield from ((address(repository, a), a) for a in packages if not a.path.startswith(f"{repository.base}/Packages/"))


def home(facts: RpmFacts, filename: str, channel: str, config: YumConfig) -> str:
    """The folder that a new package is published in: its only repository, or the channel's folder."""
    releases, bases = releasevers(facts, filename, config), basearchs(facts.architecture)
    only = len(bases or ()) == 1 or BASEARCH not in config.path
    if not config.path or not only or (RELEASEVER in config.path and (releases is None or len(releases) != 1)):
        return layout.yum_base(channel)
    return _base(config, channel, (releases or ("",))[0], (bases or ("",))[0])


def releasevers(facts: RpmFacts, filename: str, config: YumConfig) -> tuple[str, ...] | None:
    """The releases of distributions that a package is for; None: for all."""
    if RELEASEVER not in config.path:
        return None
    tag = dist_releasever(facts.release)
    matched = tuple(t.releasever for t in config.target if (_matches(t.match, filename, facts.release) if t.match else t.releasever == tag))
    if config.target:
        return None if not tag and not matched else matched
    return (tag,) if tag else None


def dist_releasever(release: str) -> str:
    """What the tag in an rpm's Release means to clients: ``9`` for ``1.el9_4`` or ``1.module+el9.4.0+1``, ``15.6`` for ``lp156.2.1``; else empty."""
    tags = [found["whole"] or f"{found['major']}.{found['minor']}" for found in _TAG.finditer(release)]
    return tags[-1] if tags else ""


def basearchs(architecture: str) -> tuple[str, ...] | None:
    """The base architectures whose machines install a package; None: all."""
    if architecture in _EVERYWHERE:
        return None
    base = _BASE_OF.get(architecture, architecture)
    return (base, "x86_64") if base == "i386" else (base,)


def client_path(config: YumConfig, channel: str) -> str:
    """The folder of a channel's repositories in the words of the clients, which know their own release and architecture."""
    return _base(config, channel, "$releasever", "$basearch")


def _base(config: YumConfig, channel: str, releasever: str, basearch: str) -> str:
    if not config.path:
        return layout.yum_base(channel)
    return f"{layout.yum_base(channel)}/{config.path.replace(RELEASEVER, releasever).replace(BASEARCH, basearch)}"


def _wanted(packages: Sequence[Artifact], served: Iterable[str], channel: str, config: YumConfig) -> Iterator[Repository]:
    """The repositories of a channel with these packages, and those that were served before: each release for each architecture."""
    before = [found for path in served if (found := _served_as(path, channel, config))]
    facts = [a.facts for a in packages if isinstance(a.facts, RpmFacts)]
    if not facts and not before:
        return
    for releasever, basearch in product(_releasevers(facts, before, config), _basearchs(facts, before, config)):
        yield Repository(channel=channel, releasever=releasever, basearch=basearch, base=_base(config, channel, releasever, basearch))


def _served_as(path: str, channel: str, config: YumConfig) -> re.Match[str] | None:
    """The release and the architecture in the address of a repository that ``path`` made."""
    rule = re.escape(_base(config, channel, "\0", "\1"))
    for mark, name in (("\0", "releasever"), ("\1", "basearch")):
        rule = rule.replace(re.escape(mark), f"(?P<{name}>[^/]+)", 1).replace(re.escape(mark), f"(?P={name})")
    return re.fullmatch(rule, path)


def _releasevers(packages: Iterable[RpmFacts], served: Iterable[re.Match[str]], config: YumConfig) -> Sequence[str]:
    if RELEASEVER not in config.path:
        return ("",)
    if config.target:
        return [target.releasever for target in config.target]
    return sorted({*(tag for facts in packages if (tag := dist_releasever(facts.release))), *(found["releasever"] for found in served)})


def _basearchs(packages: Iterable[RpmFacts], served: Iterable[re.Match[str]], config: YumConfig) -> Sequence[str]:
    if BASEARCH not in config.path:
        return ("",)
    found = {bases[0] for facts in packages if (bases := basearchs(facts.architecture))}
    return sorted({*found, *config.architectures, *(found["basearch"] for found in served)}) or COMMON


def takes(repository: Repository, artifact: Artifact, config: YumConfig) -> bool:
    """Whether an rpm of its channel stands in a repository."""
    facts = artifact.facts
    if not isinstance(facts, RpmFacts):
        return False
    releases, bases = releasevers(facts, artifact.filename, config), basearchs(facts.architecture)
    return (not repository.releasever or releases is None or repository.releasever in releases) and (
        not repository.basearch or bases is None or repository.basearch in bases
    )


def _matches(patterns: Iterable[str], filename: str, release: str) -> bool:
    return any(fnmatchcase(text, p) if set(p) & set("*?[") else p in text for p in patterns for text in (filename, release))
