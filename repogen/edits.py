"""What can be done to a published catalog besides adding to it: plain values, and the catalog that each makes of another.

An edit names releases and no bytes: it is applied to whatever is published at that moment, so that it also follows somebody else's publish.
The result is rendered, dated and signed like any other catalog; clients would pass over old files that were put back. An edit of what is so already
is no change: so it can be said again when nobody knows whether a run that was cut had got through.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import chain

from msgspec import Struct
from msgspec.structs import replace

from repogen import module_documents
from repogen.apt_suites import Suite
from repogen.artifact import Artifact, Kind, RpmFacts, SourceFacts
from repogen.catalog import Catalog, Release, Repodata, Withdrawal, sorted_artifacts, sorted_releases
from repogen.errors import ProtectionError, UsageError
from repogen.layout import in_channel
from repogen.own_shares import without_own_share
from repogen.version import version_key

_MOST_NAMED = 10


class Yank(Struct, frozen=True, kw_only=True, tag="yank"):
    """Withdraw a version, in one channel or in all."""

    product: str
    version: str
    channel: str = ""
    """Empty: in all channels."""
    reason: str = ""

    def __str__(self) -> str:
        return _words("yank", self.product, self.version, self.channel and f"in {self.channel}") + (f": {self.reason}" if self.reason else "")


class Reinstate(Struct, frozen=True, kw_only=True, tag="reinstate"):
    """Offer a withdrawn version again."""

    product: str
    version: str
    channel: str = ""
    """Empty: in all channels."""

    def names(self, release: Release | Artifact) -> bool:
        """Whether it speaks of this release, or of the file's."""
        return _is_named(release, self.product, self.version, self.channel)

    def __str__(self) -> str:
        return _words("offer again", self.product, self.version, self.channel and f"in {self.channel}")


class Promote(Struct, frozen=True, kw_only=True, tag="promote"):
    """Offer a version in one more channel."""

    product: str
    version: str
    to: str
    source: str = ""
    """Channel that it is taken from; empty: the one that has it."""

    def names(self, release: Release) -> bool:
        """Whether it speaks of this release, which it makes."""
        return _is_named(release, self.product, self.version, self.to)

    def __str__(self) -> str:
        return _words("promote", self.product, self.version, f"to {self.to}")


class Rollout(Struct, frozen=True, kw_only=True, tag="rollout"):
    """Offer a version to a share of the machines."""

    product: str
    percent: int
    version: str = ""
    """Empty: the newest one of the channel."""
    channel: str = ""
    """Empty: the first of the product's channels, ``stable`` before all others."""

    def __str__(self) -> str:
        return _words("rollout", self.product, self.version, f"{self.percent} %")


class Rollback(Struct, frozen=True, kw_only=True, tag="rollback"):
    """Offer again what an earlier snapshot offered, and nothing else."""

    number: int
    """Of that snapshot."""
    catalog: Catalog

    def __str__(self) -> str:
        return f"rollback to {self.number}"


Edit = Yank | Reinstate | Promote | Rollout | Rollback


def edited(catalog: Catalog, edit: Edit, date: str, suites: Sequence[Suite] = ()) -> Catalog:
    """The catalog with one edit, made at ``date``. ``suites`` are those of the ``[[apt.suite]]`` tables.

    Raises UsageError when it speaks of a release that is not there.
    """
    match edit:
        case Yank():
            return _yank(catalog, edit, date)
        case Reinstate():
            return _reinstate(catalog, edit)
        case Promote():
            return _promote(catalog, edit, date)
        case Rollout():
            return _roll_out(catalog, edit, suites)
        case Rollback():
            return _roll_back(catalog, edit, date)


def drop(catalog: Catalog, gone: Iterable[Release]) -> Catalog:
    """The catalog without these releases. Files that a remaining source package names stay with it."""
    keys = {release.key for release in gone}
    stay = [artifact for artifact in catalog.artifacts if artifact.release not in keys]
    leave = [artifact for artifact in catalog.artifacts if artifact.release in keys and artifact.kind is Kind.SOURCE]
    owners = ((artifact, _owner(artifact, stay)) for artifact in leave)
    stay += [replace(artifact, product=owner.product, version=owner.version, channel=owner.channel) for artifact, owner in owners if owner]
    return replace(
        catalog,
        artifacts=sorted_artifacts({(a.path, a.channel): a for a in stay}.values()),
        releases=sorted_releases(release for release in catalog.releases if release.key not in keys),
    )


def withdraw(catalog: Catalog, gone: Iterable[Release], date: str, reason: str) -> Catalog:
    """The catalog without these releases, which it remembers with their files, and with those of revisions that were withdrawn before."""
    former = {withdrawal.release.key: withdrawal.artifacts for withdrawal in catalog.withdrawn}
    withdrawals = [
        Withdrawal(release=release, artifacts=_joined(former.get(release.key, ()), catalog.files_of(release)), date=date, reason=reason) for release in gone
    ]
    rest = drop(catalog, (withdrawal.release for withdrawal in withdrawals))
    return replace(rest, withdrawn=_sorted_withdrawals((*catalog.withdrawn, *withdrawals)))


def returning(catalog: Catalog, edit: Reinstate) -> tuple[Artifact, ...]:
    """The files that are offered again: of the withdrawn version; where it is offered, those that a rollback took out of it."""
    withdrawn = tuple(a for withdrawal in catalog.withdrawn if edit.names(withdrawal.release) for a in withdrawal.artifacts)
    return withdrawn or tuple(a for a in catalog.taken_back if edit.names(a))


def _yank(catalog: Catalog, edit: Yank, date: str) -> Catalog:
    """One that is withdrawn already may get another reason."""
    former = [w for w in catalog.withdrawn if _is_named(w.release, edit.product, edit.version, edit.channel)]
    offered = [r for r in catalog.releases if _is_named(r, edit.product, edit.version, edit.channel)]
    gone = offered if former and not offered else _named(catalog, edit.product, edit.version, edit.channel)
    withdrawn = tuple(replace(w, reason=edit.reason or w.reason) if w in former else w for w in catalog.withdrawn)
    return withdraw(replace(catalog, withdrawn=withdrawn), gone, date, edit.reason)


def _reinstate(catalog: Catalog, edit: Reinstate) -> Catalog:
    """With what describes the modules of its packages, where a rollback took that back too. A release of which no file is known stays withdrawn."""
    modules = _modules_of(returning(catalog, edit), catalog.modules_taken_back, catalog.repodata)
    lost = [w for w in catalog.gone if edit.names(w.release) and not w.artifacts]
    wanted = [w for w in catalog.withdrawn if edit.names(w.release) and w not in lost]
    if lost and not wanted:
        return catalog
    if not wanted:
        _named(catalog, edit.product, edit.version, edit.channel)
        rest = replace(catalog, taken_back=tuple(a for a in catalog.taken_back if not edit.names(a)))
        return rest.add(returning(catalog, edit)).with_repodata(modules)
    back = {(a.path, a.channel): a for w in wanted for a in w.artifacts}
    rest = replace(
        catalog,
        artifacts=tuple(a for a in catalog.artifacts if (a.path, a.channel) not in back),  # a file that drop() gave to another release
        withdrawn=tuple(w for w in catalog.withdrawn if w not in wanted),
    )
    return _with_releases(rest.add(back.values()).with_repodata(modules), (w.release for w in wanted))


def _promote(catalog: Catalog, edit: Promote, date: str) -> Catalog:
    """A channel that has the version gets what it lacks of it, such as a file that came later; the release itself stays as it is there."""
    found = _named(catalog, edit.product, edit.version, edit.source)
    source = next((release for release in found if release.channel != edit.to), None)
    if source is None:
        return catalog
    moved = [replace(a, channel=edit.to, path=in_channel(a.path, a.channel, edit.to), date=date) for a in catalog.files_of(source)]
    if withdrawn := catalog.withdrawn_among(moved):
        what = "a file of " if all(map(catalog.is_taken_back, withdrawn)) else ""
        raise ProtectionError(
            f"{what}{edit.product} {edit.version} was withdrawn from {edit.to}", hint=f"`repogen yank --undo {edit.product} {edit.version}` offers it again"
        )
    promoted = replace(source, channel=edit.to, date=date, rollout=100)
    there = [release for release in catalog.releases if release.key == promoted.key]
    described = (replace(one, channel=edit.to) for one in catalog.repodata if one.channel == source.channel)
    return _with_releases(catalog.add(moved).with_repodata(_modules_of(moved, described, catalog.repodata)), there or [promoted])


def _modules_of(packages: Iterable[Artifact], repodata: Iterable[Repodata], there: Iterable[Repodata] = ()) -> Iterator[Repodata]:
    """What describes the modules of these packages in their channels, as far as it is not ``there``."""
    wanted: dict[str, set[str]] = {}
    for artifact in packages:
        if isinstance(artifact.facts, RpmFacts) and artifact.facts.module:
            wanted.setdefault(artifact.channel, set()).add(module_documents.nevra(artifact.facts))
    known = {one.channel: one.content for one in there if one.type == Kind.MODULES.value}
    for one in repodata:
        if one.type == Kind.MODULES.value and one.channel in wanted:
            content = module_documents.of_packages(one.content, wanted[one.channel], known.get(one.channel, b""))
            if content:
                yield replace(one, content=content)


def _roll_out(catalog: Catalog, edit: Rollout, suites: Sequence[Suite]) -> Catalog:
    """From now on the share of the release counts, whatever its packages and update manifests say themselves."""
    version = edit.version or _newest_version(catalog, edit)
    release = _named(catalog, edit.product, version, edit.channel)[0]
    changed = {one.key: replace(one, rollout=edit.percent) for one in (release, *_beside(catalog, release, suites))}
    artifacts = (without_own_share(a) if a.release in changed else a for a in catalog.artifacts)
    return _with_releases(replace(catalog, artifacts=tuple(artifacts)), changed.values())


def _beside(catalog: Catalog, release: Release, suites: Sequence[Suite]) -> Iterator[Release]:
    """The same version in channels whose packages stand in one apt suite with those of this one, which has one share for a package."""
    channels = {channel for suite in suites if release.channel in suite.channels for channel in suite.channels} - {release.channel}
    paths = {a.path for a in catalog.files_of(release) if a.kind is Kind.DEB}
    for other in catalog.releases_of(release.product):
        if other.version == release.version and other.channel in channels and any(a.path in paths for a in catalog.files_of(other)):
            yield other


def _newest_version(catalog: Catalog, edit: Rollout) -> str:
    """The newest one of the channel; empty when there is none."""
    channels = [edit.channel] if edit.channel else catalog.channels
    found = (release for channel in channels for release in catalog.releases_of(edit.product, channel)[:1])
    return next((release.version for release in found), "")


def _roll_back(catalog: Catalog, edit: Rollback, date: str) -> Catalog:
    """Releases as they were then. Keys, git histories, suites and our own keyring packages stay as they are now: these only ever go forward.

    What ``keep`` had left no room for is dropped again, and not withdrawn.
    """
    then, dropped = {release.key for release in edit.catalog.releases}, {release.key for release in edit.catalog.dropped}
    gone = [r for r in catalog.releases if r.key not in then and r.product not in catalog.keyrings]
    old = [r for r in gone if r.key in dropped]
    rest = drop(catalog, old).with_dropped(old) if old else catalog
    now = withdraw(rest, (r for r in gone if r.key not in dropped), date, f"rolled back to snapshot {edit.number}")
    back = [a for a in edit.catalog.artifacts if a.product not in edit.catalog.keyrings]
    own = [a for a in now.artifacts if a.product in now.keyrings]
    products = {product.id: product for product in (*now.products, *edit.catalog.products)}
    releases = {r.key: r for r in (*edit.catalog.releases, *(r for r in now.releases if r.product in now.keyrings))}
    offered = {(a.path, a.channel): a for a in (*back, *own)}
    withdrawn = tuple(_still_withdrawn(now, edit.catalog, releases))
    remembered = {(a.path, a.channel) for withdrawal in withdrawn for a in withdrawal.artifacts}
    later = {(a.path, a.channel): a for a in (*(a for a in catalog.kept if a.release in releases), *catalog.taken_back)}
    taken_back = sorted_artifacts(a for key, a in later.items() if key not in offered and key not in remembered)
    described = replace(now, repodata=now.modules_taken_back).with_repodata(now.repodata).repodata
    return replace(
        now,
        artifacts=sorted_artifacts(offered.values()),
        releases=sorted_releases(releases.values()),
        products=tuple(products[id] for id in sorted(products)),
        repodata=edit.catalog.repodata,
        withdrawn=withdrawn,
        taken_back=taken_back,
        modules_taken_back=tuple(_modules_of(chain(taken_back, *(withdrawal.artifacts for withdrawal in withdrawn)), described)),
    )


def _named(catalog: Catalog, product: str, version: str, channel: str = "") -> tuple[Release, ...]:
    """The offered releases of this name, ``stable`` first. Raises UsageError when there is none."""
    found = [r for r in catalog.releases if _is_named(r, product, version, channel)]
    if found and product in catalog.keyrings:
        raise UsageError(f"{product} is made by repogen itself", hint="it follows the configuration: see [repo] keyring_packages")
    if found:
        return tuple(sorted(found, key=lambda release: catalog.channels.index(release.channel)))
    where, whence = (f" in {channel}", f" from {channel}") if channel else ("", "")
    if any(_is_named(w.release, product, version, channel) for w in catalog.withdrawn):
        raise UsageError(f"{product} {version} is withdrawn{whence}", hint=f"`repogen yank --undo {product} {version}` offers it again")
    there = catalog.releases_of(product)
    if not there:
        raise UsageError(f"no product {product!r} is published", hint=f"published: {', '.join(p.id for p in catalog.offered) or 'nothing'}")
    published = dict.fromkeys(f"{r.version} ({r.channel})" for r in there)
    raise UsageError(f"{product} {version}".rstrip() + f" is not published{where}", hint=f"published: {_some(published)}")


def _some(names: Iterable[str]) -> str:
    names = tuple(names)
    return ", ".join(names[:_MOST_NAMED]) + (f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else "")


def _is_named(release: Release | Artifact, product: str, version: str, channel: str) -> bool:
    return (release.product, release.version) == (product, version) and channel in {"", release.channel}


def _with_releases(catalog: Catalog, changed: Iterable[Release]) -> Catalog:
    releases = {release.key: release for release in (*catalog.releases, *changed)}
    return replace(catalog, releases=sorted_releases(releases.values()))


def _owner(part: Artifact, artifacts: Iterable[Artifact]) -> Artifact | None:
    """The newest source package among these that names this file, such as the upstream tarball that two revisions share."""
    folder = part.path.rpartition("/")[0]
    owners = [
        a
        for a in artifacts
        if isinstance(a.facts, SourceFacts) and a.path.rpartition("/")[0] == folder and any(file.sha256 == part.sha256 for file in a.facts.files)
    ]
    return max(owners, key=lambda a: version_key(a.version), default=None)


def _still_withdrawn(now: Catalog, then: Catalog, offered: Container[tuple[str, str, str]]) -> Iterator[Withdrawal]:
    """What is withdrawn where these releases are offered: others, with all revisions that there have been, and revisions of them as then."""
    former = {w.release.key: w for w in then.withdrawn}
    for withdrawal in now.withdrawn:
        old = former.get(withdrawal.release.key, withdrawal)
        if withdrawal.release.key not in offered:
            yield replace(old, artifacts=_joined(old.artifacts, withdrawal.artifacts))
        elif withdrawal.release.key in former:
            yield old


def _joined(*some: Iterable[Artifact]) -> tuple[Artifact, ...]:
    """All of these artifacts, each once."""
    return sorted_artifacts({(a.path, a.channel): a for artifacts in some for a in artifacts}.values())


def _sorted_withdrawals(withdrawals: Iterable[Withdrawal]) -> tuple[Withdrawal, ...]:
    by_key = {withdrawal.release.key: withdrawal for withdrawal in withdrawals}
    return tuple(by_key[release.key] for release in sorted_releases(w.release for w in by_key.values()))


def _words(*parts: str) -> str:
    return " ".join(part for part in parts if part)
