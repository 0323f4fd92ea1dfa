"""From a snapshot and what is added to it to the whole site in the output folder: composed, signed and written.

A build comes here with what it has read; a publish comes here again when someone else has published in between.
"""

from __future__ import annotations

import logging
from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from repogen import dates, keyring_packages, rpm_packages, zsync_files
from repogen.artifact import Artifact
from repogen.catalog import Catalog, PublicKey
from repogen.certain import certain
from repogen.chocolatey_rule import embeds_any
from repogen.compose import Site, compose, grow, rendering
from repogen.config import Config
from repogen.errors import ProtectionError
from repogen.formats import Derived
from repogen.manifest import Following, manifest_of, published_tree
from repogen.options import Options
from repogen.output import Output
from repogen.record import Additions, Built, Record
from repogen.retention import keeps
from repogen.signatures import signing_beside
from repogen.signing.signer import Signer, open_signer
from repogen.state import Encoded, Snapshot, encode, encoded
from repogen.stores import Store
from repogen.tree import Tree

_LOG = logging.getLogger("repogen")


class Upon(Struct, frozen=True, kw_only=True):
    """What a build stands upon."""

    published: Snapshot
    store: Store | None
    """Where it is published; gives the small files that only it has."""
    output: Output
    last: Record | None
    """What the last build left in the output folder."""
    date: str
    """Date of the state that follows the published one."""
    date_is_asked: bool
    """Whether the user asked for this date, so that an older state of the output folder will not do."""


def stand_upon(options: Options, output: Output, store: Store | None, published: Snapshot | None) -> Upon:
    """The published state (None: nothing is published) and the output folder as they are now."""
    published = published or Snapshot()
    asked = dates.requested(options.date, options.environ)
    now = store.clock() if store else datetime.now(UTC)
    date = dates.next_date(asked, now, published.head.date)
    return Upon(published=published, store=store, output=output, last=output.record(), date=date, date_is_asked=asked is not None)


@contextmanager
def open_signing(config: Config, options: Options, upon: Upon) -> Iterator[Signer | None]:
    """The signer that the configuration names, or None for an unsigned preview."""
    if not options.unsigned:
        with open_signer(config.signing.all_keys, base=options.base, environ=options.environ, date=upon.date) as signer:
            yield signer
        return
    if upon.published.catalog.keys:
        raise ProtectionError(
            "the published site is signed, so an unsigned build cannot follow it", hint="leave --unsigned out, or build for another destination"
        )
    yield None


def assemble(config: Config, upon: Upon, signer: Signer | None, additions: Additions, sources: Mapping[str, str]) -> Built:
    """Bring the output folder to the additions upon what is published. ``sources`` holds the local file of each new path.

    Users are told of the keys that sign now, whatever others the additions were made with.
    """
    additions = replace(additions, keys=signer.public_keys if signer else ())
    published, last, shape = upon.published, upon.last, rendering(config)
    warn_of_dropped_keys([key.fingerprint for key in published.catalog.keys], additions.keys)
    new, without_room = _unpublished(config, upon, additions)
    if last and _is_the_same(config, upon, last, additions, shape):
        return Built(last, new, without_room, changed=False)
    stands = published.is_whole and published.rendering == shape and not _is_to_renew(config, upon, published.head.date)
    standing = stands and grow(published.catalog, additions, config, upon.date) == published.catalog
    site = _as_published(published) if standing else _rendered(config, upon, signer, additions, sources)
    record = Record(base=published.identity, additions=additions, date=site.date, rendering=shape, state=site.state, there=_there(new, published))
    if last and record == replace(last, files={}, whole=True) and _holds(upon, last):
        return Built(last, new, without_room, changed=False)
    record = upon.output.write(site.tree, site.manifest, record, last, upon.store)
    rpm_packages.discard(upon.output.work, additions.artifacts)
    return Built(record, new, without_room, changed=True)


class _Site(Struct, frozen=True):
    """A whole signed site."""

    date: str
    tree: Tree
    """What was rendered, and new payload."""
    manifest: Following
    """Of the tree, and of what stands as it is published."""
    state: Encoded


def warn_of_dropped_keys(published: Sequence[str], keys: Sequence[PublicKey]) -> None:
    """Say who is locked out by a change of keys that is none for those who trust the other ones. ``published`` has fingerprints."""
    left = {key.fingerprint for key in keys}
    gone = [fingerprint for fingerprint in published if fingerprint not in left]
    if gone and len(gone) < len(published):
        _LOG.warning("%s signs no more: once this is published, every client that trusts no other key refuses the site", " and ".join(gone))


def _unpublished(config: Config, upon: Upon, additions: Additions) -> tuple[tuple[Artifact, ...], tuple[Artifact, ...]]:
    """Artifacts that are not published yet: those that will be, and those of releases that ``keep`` leaves no room for."""
    published = upon.published.catalog
    there = {(a.path, a.channel) for a in (*published.artifacts, *published.withdrawn_among(additions.artifacts))}
    new = tuple(a for a in additions.artifacts if (a.path, a.channel) not in there)
    if not new or not keeps(config):
        return new, ()
    offered = {release.key for release in grow(published, additions, config, upon.date).releases}
    return tuple(a for a in new if a.release in offered), tuple(a for a in new if a.release not in offered)


def _there(new: tuple[Artifact, ...], published: Snapshot) -> dict[str, str]:
    """Published paths of the bytes of new files, by digest."""
    wanted = {a.sha256 for a in new}
    return {a.sha256: a.path for a in published.catalog.artifacts if a.sha256 in wanted} if wanted else {}


def _is_to_renew(config: Config, upon: Upon, date: str) -> bool:
    """Whether a state of this date is to be made again because apt will refuse it some day."""
    return dates.half_over(date, config.apt.valid_for, dates.parse(upon.date))


def _is_the_same(config: Config, upon: Upon, last: Record, additions: Additions, shape: str) -> bool:
    """Whether the last build was of the very same things, so that there is nothing to render or sign."""
    stands = upon.published.identity in {last.base, last.state.identity} and not _is_to_renew(config, upon, last.date)
    same = stands and (last.additions, last.rendering) == (additions, shape)
    return same and (not upon.date_is_asked or last.date == upon.date) and _holds(upon, last)


def _holds(upon: Upon, last: Record) -> bool:
    """Whether the output folder holds what is needed of this record: after a publish that was cut, all indices."""
    return (upon.published.complete or last.whole) and upon.output.holds(last)


def _as_published(published: Snapshot) -> _Site:
    tree = published_tree(published.manifest)
    return _Site(published.head.date, tree, Following(manifest_of(tree), {}, {}), encoded(published))


def _rendered(config: Config, upon: Upon, signer: Signer | None, additions: Additions, sources: Mapping[str, str]) -> _Site:
    """Render and sign the whole site, with the signatures that the last build left; put its payload in place while gpg's agent works."""
    extending = list(_extending(config, upon, additions, sources))
    if signer is None:
        with upon.output.placing(upon.last) as place:
            site = compose(upon.published, additions, config, upon.date, sources, lambda part: place(upon.output.set_aside(part)), *extending)
            return _encoded(upon, site, site.tree)
    published = certain(upon.published)
    standing = ChainMap(published, upon.output.signatures(upon.last) if upon.last else {})  # type: ignore[arg-type]  # nothing is written to it
    with signing_beside(signer, standing) as signing:
        keyrings = partial(keyring_packages.derive, config=config, published=published, signer=signer)
        with upon.output.placing(upon.last) as place:

            def ready(part: Tree) -> Tree:
                return place(upon.output.set_aside(signing.begin(part)))

            site = compose(upon.published, additions, config, upon.date, sources, ready, keyrings, *extending)
            encoded = _encoded(upon, site, signing.finish(site.tree))
        upon.output.write_ahead(site.tree, upon.last)
        return encoded


def _extending(config: Config, upon: Upon, additions: Additions, sources: Mapping[str, str]) -> Iterator[Callable[[Catalog], Derived]]:
    """What derives payload out of the files on this machine: control files of zsync, and the Chocolatey packages that hold their installers, where any do."""
    yield partial(zsync_files.derive, config=config, sources=sources)
    if embeds_any(config):
        from repogen import embedded_packages  # here, so that other builds do not pay for it

        yield partial(embedded_packages.derive, config=config, licences=additions.licences, sources=sources, output=upon.output)


def _encoded(upon: Upon, site: Site, signed: Tree) -> _Site:
    manifest = Following(manifest_of(signed), site.carried, upon.published.manifest)
    return _Site(upon.date, signed, manifest, encode(site.catalog, manifest, upon.published))
