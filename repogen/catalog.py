"""What is published, or about to be: an immutable, dated set of artifacts, releases and products.

Everything that a format renders is selected from here. A change is a new Catalog, dated later.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from itertools import chain
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from repogen import module_documents
from repogen.artifact import Artifact, Kind, SourceFacts
from repogen.errors import ProtectionError
from repogen.homebrew_config import ProductHomebrewConfig
from repogen.version import for_every_distribution, version_key

#: Channels in the order in which people see them; any other name comes after.
CHANNEL_ORDER = ("stable", "beta", "nightly")
#: Type of the product that the repository's own keyring packages make.
KEYRING = "keyring"


class PublicKey(Struct, frozen=True, kw_only=True):
    """A key that signs this site, as users get it."""

    fingerprint: str
    """40 upper-case hexadecimal digits of the primary key."""
    algorithm: str
    """``ed25519``, ``rsa4096`` and so on."""
    created: str
    """``2026-11-20T10:00:00Z``"""
    expires: str = ""
    """Same form; empty when it never expires."""
    user_id: str
    armored: str
    """ASCII-armored public key with LF line ends."""
    binary: bytes


class Product(Struct, frozen=True, kw_only=True):
    """What people know by one name; settled from ``[[product]]`` and, where that is silent, from the packages."""

    id: str
    title: str
    description: str = ""
    """One line."""
    homepage: str = ""
    license: str = ""
    """SPDX expression, or empty."""
    type: str = "cli"
    """``cli`` or ``app``; KEYRING for our own packages."""
    depends: tuple[str, ...] = ()
    """Homebrew formulas that it needs."""
    silent_args: str = ""
    """Arguments of the Windows installer for an unattended run; empty: by its technology."""
    test_args: str = "--version"
    """Arguments with which an installed program shows that it runs."""
    homebrew: ProductHomebrewConfig = ProductHomebrewConfig()
    """How brew installs it, where that is not by rule."""


class Release(Struct, frozen=True, kw_only=True):
    """One version of a product in one channel."""

    product: str
    version: str
    channel: str
    date: str
    """When it was first published, ``2026-11-20T10:00:00Z``."""
    notes: str = ""
    """Release notes in Markdown, as given."""
    rollout: int = 100
    """Share of machines that are offered this release already, in percent."""

    @property
    def key(self) -> tuple[str, str, str]:
        """Product, version and channel: what tells one release from another."""
        return self.product, self.version, self.channel


class Withdrawal(Struct, frozen=True, kw_only=True):
    """A release that was published and is offered no more."""

    release: Release
    artifacts: tuple[Artifact, ...]
    """Its files. No index names them any more; the destination keeps them until the grace period is over (see prune)."""
    date: str
    """When it was withdrawn, ``2026-11-20T10:00:00Z``."""
    reason: str = ""
    """For people; one line."""


class GitHead(Struct, frozen=True, kw_only=True):
    """Where a published git repository stands: the history only grows, so the next commit needs this one."""

    commit: str
    tree: str
    objects: tuple[str, ...]
    """Every object that the repository holds, sorted."""
    files: dict[str, str] = {}
    """The object of each file in the tree, by path."""
    links: tuple[str, ...] = ()
    """Those of them that are symbolic links, sorted."""
    former: tuple[str, ...] = ()
    """Paths that were in the tree once and are no more, sorted."""
    releases: tuple[str, ...] = ()
    """Releases that have had their commit, ``hello 1.2.0 stable``, sorted."""


class Repodata(Struct, frozen=True, kw_only=True):
    """A file that was released for a yum repository and stands in it as it came."""

    channel: str
    type: str
    """How repomd.xml calls it: ``modules`` or ``productid``."""
    content: bytes


def repodata_filename(type: str) -> str:
    """What a file of this type is called: ``modules.yaml``, ``productid``."""
    return {"modules": "modules.yaml"}.get(type, type)


class SuiteIdentity(Struct, frozen=True, kw_only=True):
    """What a suite is to those who have it. When its names or default pin change, apt refuses the repository; when it takes less, packages are gone."""

    origin: str
    label: str
    codename: str
    automatic: bool
    """Whether it is without NotAutomatic, the default pin."""
    channels: tuple[str, ...]
    """Channels that it takes; these may change."""
    match: tuple[str, ...] | None = None
    """Patterns of the packages that it takes, all where there are none; None where they are not known: out of the indices, or by a repogen that
    did not remember them."""
    ignore: tuple[str, ...] = ()


class Catalog(Struct, frozen=True, kw_only=True, dict=True):
    """Everything published, with selection.  ``dict=True`` gives cached_property its place."""

    date: str
    """Date of this state, ``2026-11-20T10:00:00Z``; every file that bears a date bears this one."""
    name: str = ""
    """``[repo] name`` that it is published under; empty where nothing is, or by a repogen that did not remember it."""
    artifacts: tuple[Artifact, ...] = ()
    """Sorted by (path, channel)."""
    releases: tuple[Release, ...] = ()
    """Sorted by (product, channel), newest version first."""
    products: tuple[Product, ...] = ()
    """Sorted by id."""
    keys: tuple[PublicKey, ...] = ()
    """Keys that sign; the first one is the main key. Empty in an unsigned preview."""
    repositories: dict[str, GitHead] = {}
    """Published git repositories, such as ``homebrew/acme.git``."""
    suites: dict[str, SuiteIdentity] = {}
    """Published apt suites by name."""
    repodata: tuple[Repodata, ...] = ()
    """What the yum repositories carry as it came: sorted by (channel, type), of which there is one each."""
    package_keys: tuple[str, ...] = ()
    """Armored public keys of others, and former ones of ours, by which some of the rpms are signed."""
    keys_of_withdrawn: tuple[str, ...] = ()
    """Others by which none but withdrawn rpms are signed: published no more, and again when these are offered again."""
    withdrawn: tuple[Withdrawal, ...] = ()
    """Releases that were withdrawn, sorted as ``releases``. Their files are in no other field, so that a format offers them only if it means to.
    One may be among ``releases`` as well, with packages of a later revision."""
    taken_back: tuple[Artifact, ...] = ()
    """Files that a rollback took out of releases that it left: as those of ``withdrawn``, of single files. Sorted as ``artifacts``."""
    modules_taken_back: tuple[Repodata, ...] = ()
    """What describes the modules of packages that a rollback took back or found withdrawn: as ``repodata``, for when they are offered again."""
    dropped: tuple[Release, ...] = ()
    """Releases that ``keep`` left no room for, without their notes, sorted as ``releases``: built again, they have the date that they had."""
    served: tuple[str, ...] = ()
    """Paths of the repositories and manifests that clients may be set up for, such as ``yum/stable``: each stays when its last package is gone. Sorted."""
    update_feeds: dict[str, str] = {}
    """Product that the short addresses of each kind of update manifest belong to, by the kind (see formats/updates/feeds.py)."""

    # -- selection -------------------------------------------------------------------------

    @cached_property
    def channels(self) -> tuple[str, ...]:
        """Channels with a release, ``stable`` first."""
        return in_order(release.channel for release in self.releases)

    def channels_of(self, kind: Kind) -> tuple[str, ...]:
        """Channels that have files of this kind, or had some that were withdrawn; ``stable`` first."""
        return in_order(self._channels.get(kind, ()))

    @cached_property
    def _channels(self) -> dict[Kind, set[str]]:
        found: dict[Kind, set[str]] = {}
        for artifact in self.kept:
            found.setdefault(artifact.kind, set()).add(artifact.channel)
        return found

    @cached_property
    def answers(self) -> dict[tuple[Any, ...], tuple[Any, Any]]:
        """What was asked of this catalog before (see remembered)."""
        return {}

    @cached_property
    def keyrings(self) -> frozenset[str]:
        """Products that are the repository's own keyring packages."""
        return frozenset(product.id for product in self.products if product.type == KEYRING)

    @property
    def kept(self) -> Iterable[Artifact]:
        """All artifacts, those that are offered no more last."""
        return chain(self.artifacts, *(withdrawal.artifacts for withdrawal in self.withdrawn), self.taken_back)

    def kept_of(self, product: str) -> Iterable[Artifact]:
        """All artifacts of a product, those that are offered no more last."""
        return self._kept_by_product.get(product, ())

    @cached_property
    def _kept_by_product(self) -> dict[str, list[Artifact]]:
        groups: dict[str, list[Artifact]] = {}
        for artifact in self.kept:
            groups.setdefault(artifact.product, []).append(artifact)
        return groups

    @cached_property
    def by_kind(self) -> dict[Kind, tuple[Artifact, ...]]:
        kinds: dict[Kind, list[Artifact]] = {}
        for artifact in self.artifacts:
            kinds.setdefault(artifact.kind, []).append(artifact)
        return {kind: tuple(some) for kind, some in kinds.items()}

    @cached_property
    def by_release(self) -> dict[tuple[str, str, str], tuple[Artifact, ...]]:
        """Artifacts of each release by its key."""
        groups: dict[tuple[str, str, str], list[Artifact]] = {}
        for artifact in self.artifacts:
            groups.setdefault(artifact.release, []).append(artifact)
        return {key: tuple(some) for key, some in groups.items()}

    def select(self, *kinds: Kind, channel: str | None = None, product: str | None = None, version: str | None = None) -> tuple[Artifact, ...]:
        """Artifacts of these kinds (all kinds when none is named), in path order."""
        chosen = self.artifacts if not kinds else sorted((a for k in kinds for a in self.by_kind.get(k, ())), key=lambda a: (a.path, a.channel))
        return tuple(
            a for a in chosen
            if (channel is None or a.channel == channel) and (product is None or a.product == product) and (version is None or a.version == version)
        )  # fmt: skip

    def files_of(self, release: Release) -> tuple[Artifact, ...]:
        """All artifacts of one release, in path order."""
        return self.by_release.get(release.key, ())

    def releases_of(self, product: str, channel: str | None = None) -> tuple[Release, ...]:
        """Releases of a product, newest version first."""
        return tuple(r for r in self._by_product.get(product, ()) if channel in {None, r.channel})

    def rollout(self, artifact: Artifact) -> int:
        """Share of machines that are offered the artifact's release, in percent."""
        release = self._by_key.get(artifact.release)
        return release.rollout if release else 100

    @cached_property
    def _by_key(self) -> dict[tuple[str, str, str], Release]:
        return {release.key: release for release in self.releases}

    def newest(self, product: str, channel: str) -> Release | None:
        """The newest release of a product in a channel."""
        return next(iter(self.releases_of(product, channel)), None)

    @property
    def gone(self) -> tuple[Withdrawal, ...]:
        """Releases of which nothing is offered any more."""
        return tuple(withdrawal for withdrawal in self.withdrawn if withdrawal.release.key not in self._by_key)

    def withdrawn_among(self, artifacts: Iterable[Artifact]) -> tuple[Artifact, ...]:
        """Those of these artifacts that stay out: they belong to a withdrawn release, or were taken back.

        Packages of a revision that was not withdrawn are no such, nor the files of their source packages, nor signatures and the like beside them.
        """
        if not self.withdrawn and not self.taken_back:
            return ()
        artifacts = tuple(artifacts)
        doubtful = [artifact for artifact in artifacts if artifact.release in self._withdrawn_versions]
        revised = [artifact for artifact in doubtful if self._is_revised(artifact)]
        named = {file.sha256 for a in revised if isinstance(a.facts, SourceFacts) for file in a.facts.files}
        beside = tuple(f"{artifact.filename}." for artifact in revised)

        def is_theirs(artifact: Artifact) -> bool:
            if artifact.kind is Kind.SIDE:
                return artifact.filename.startswith(beside)
            return artifact.kind is Kind.SOURCE and artifact.sha256 in named

        withdrawn = [a for a in doubtful if not self._is_revised(a) and not is_theirs(a)]
        return (*withdrawn, *(a for a in artifacts if self.is_taken_back(a)))

    def _is_revised(self, artifact: Artifact) -> bool:
        versions = self._withdrawn_versions[artifact.release].get(artifact.kind, ())
        return bool(versions) and for_every_distribution(artifact.package_version) not in versions

    @cached_property
    def _withdrawn_versions(self) -> dict[tuple[str, str, str], dict[Kind, set[str]]]:
        """The packages' own versions of each withdrawn release, by their kind; a version counts for every distribution."""
        found: dict[tuple[str, str, str], dict[Kind, set[str]]] = {}
        for withdrawal in self.withdrawn:
            kinds = found.setdefault(withdrawal.release.key, {})
            for artifact in withdrawal.artifacts:
                kinds.setdefault(artifact.kind, set()).add(for_every_distribution(artifact.package_version))
        return found

    def is_taken_back(self, artifact: Artifact) -> bool:
        """Whether a rollback took this file out of a release that it left."""
        return (artifact.path, artifact.channel) in self._taken_back

    @cached_property
    def _taken_back(self) -> frozenset[tuple[str, str]]:
        return frozenset((a.path, a.channel) for a in self.taken_back)

    @cached_property
    def offered(self) -> tuple[Product, ...]:
        """Products that people choose from: all with a release but our own keyring packages."""
        released = {release.product for release in self.releases}
        return tuple(product for product in self.products if product.id not in self.keyrings and product.id in released)

    def holding(self, *kinds: Kind) -> tuple[Product, ...]:
        """Those of them that have files of these kinds: a format need not look through thousands that can have nothing for it."""
        ids = {artifact.product for kind in kinds for artifact in self.by_kind.get(kind, ())}
        return tuple(product for product in self.offered if product.id in ids)

    def product(self, id: str) -> Product:
        """The product of this id; it must exist."""
        return self._products[id]

    @cached_property
    def _products(self) -> dict[str, Product]:
        return {product.id: product for product in self.products}

    @cached_property
    def _by_product(self) -> dict[str, list[Release]]:
        """All releases of each product, newest version first."""
        groups: dict[str, list[Release]] = {}
        for release in sorted(self.releases, key=lambda r: version_key(r.version), reverse=True):
            groups.setdefault(release.product, []).append(release)
        return groups

    # -- change ----------------------------------------------------------------------------

    def add(self, artifacts: Iterable[Artifact]) -> Catalog:
        """Return this catalog and more artifacts, with a release for each new (product, version, channel).

        The same artifact again is no change, and what was withdrawn stays out (see withdrawn_among). Other bytes under a published path raise ProtectionError.
        """
        artifacts = tuple(artifacts)
        out = {(a.path, a.channel) for a in self.withdrawn_among(artifacts)}
        published = {(a.path, a.channel): a for a in self.artifacts}
        digests = {a.path: a for a in self.kept}
        releases = {r.key: r for r in self.releases}
        former = {r.key: r.date for r in self.dropped}
        for artifact in artifacts:
            other = digests.get(artifact.path)
            if other is not None and other.sha256 != artifact.sha256:
                raise ProtectionError(
                    f"{artifact.filename} would change the published file {other.path}: it was {other.sha256[:12]}…, it is {artifact.sha256[:12]}… now",
                    hint="published files never change; give the new build a new version",
                )
            key = artifact.release
            if (artifact.path, artifact.channel) in published or (artifact.path, artifact.channel) in out:
                continue
            published[artifact.path, artifact.channel] = artifact
            digests[artifact.path] = artifact
            releases.setdefault(key, Release(product=key[0], version=key[1], channel=key[2], date=former.get(key, artifact.date)))
        return replace(self, artifacts=sorted_artifacts(published.values()), releases=sorted_releases(releases.values()))

    def with_served(self, paths: Iterable[str]) -> Catalog:
        """With these repositories; the same catalog when it has them."""
        served = tuple(sorted({*self.served, *paths}))
        return self if served == self.served else replace(self, served=served)

    def with_dropped(self, releases: Iterable[Release]) -> Catalog:
        """With these among those that were dropped: a machine that has their files yet brings them again, and they are as old as they were."""
        dropped = {r.key: replace(r, notes="", rollout=100) for r in (*self.dropped, *releases) if r.key not in self._by_key}
        return replace(self, dropped=sorted_releases(dropped.values()))

    def with_product(self, product: Product) -> Catalog:
        """With this product, in place of one of the same id."""
        others = (other for other in self.products if other.id != product.id)
        return replace(self, products=tuple(sorted((*others, product), key=lambda one: one.id)))

    def with_notes(self, notes: dict[tuple[str, str], str]) -> Catalog:
        """With the release notes of each (product, version) that is here."""
        releases = (replace(r, notes=notes.get((r.product, r.version), r.notes)) for r in self.releases)
        return replace(self, releases=tuple(releases))

    def with_repodata(self, repodata: Iterable[Repodata]) -> Catalog:
        """With these files for the yum repositories, each in place of the one of its channel and type; modules join those that are there."""
        kept = {(one.channel, one.type): one for one in self.repodata}
        for one in repodata:
            old = kept.get((one.channel, one.type))
            content = module_documents.joined(old.content, one.content) if old and one.type == Kind.MODULES.value else one.content
            kept[one.channel, one.type] = replace(one, content=content)
        return replace(self, repodata=tuple(kept[key] for key in sorted(kept)))


def in_order(channels: Iterable[str]) -> tuple[str, ...]:
    """These channels, each once, as people see them."""
    found = set(channels)
    return tuple(c for c in CHANNEL_ORDER if c in found) + tuple(sorted(found - set(CHANNEL_ORDER)))


def sorted_artifacts(artifacts: Iterable[Artifact]) -> tuple[Artifact, ...]:
    return tuple(sorted(artifacts, key=lambda a: (a.path, a.channel)))


def sorted_releases(releases: Iterable[Release]) -> tuple[Release, ...]:
    newest_first = sorted(releases, key=lambda r: version_key(r.version), reverse=True)
    return tuple(sorted(newest_first, key=lambda r: (r.product, r.channel)))
