"""The story of a build on one page: release files in, a signed site in the output folder out.

    scan -> place -> sign rpms -> compose (derive, render) -> sign -> write

Before everything is rendered and signed, nothing is written to the output folder but payload, which nothing names yet.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from msgspec import Struct

from repogen import dates, keyring_packages, rpm_packages, scan_cache
from repogen.artifact import Artifact, Kind
from repogen.catalog import Catalog
from repogen.compose import compose, grow, rendering
from repogen.config import Config
from repogen.errors import InputError, ProtectionError
from repogen.manifest import manifest_of, published_tree
from repogen.options import Options
from repogen.output import Output
from repogen.package_keys import key_ids, read_package_keys
from repogen.place import Placed, place
from repogen.record import Additions, Built, Record
from repogen.rpm_packages import Before
from repogen.scan import scan
from repogen.signatures import Signed, signing_beside
from repogen.signing import Signer, open_signer
from repogen.snapshot import Snapshot, encode, load
from repogen.stores import Store
from repogen.unchanged import asks_for, inputs_mark, key_digest

_LOG = logging.getLogger(__name__)


def build(config: Config, options: Options, store: Store | None) -> Built:
    """Read the release files and bring the output folder to the site that they and the published catalog make."""
    with Output(options.output).locked(store):
        return _build(config, options, store)


def _build(config: Config, options: Options, store: Store | None) -> Built:
    output = Output(options.output)
    mark = inputs_mark(config, options)  # of the files as they are before they are read
    published, last = load(store) if store else Snapshot(), output.record()
    date = next_date(options, published)
    placed = _placed(config, options, published, date)
    before = Before(published.catalog.artifacts, last.additions.artifacts if last else ())
    package_keys = read_package_keys(config.yum.extra_keys, options.base)
    bring = partial(
        Additions,
        products=placed.products,
        notes=dict(placed.notes),
        repodata=placed.repodata,
        package_keys=package_keys,
        accepts_identity_change=options.accept_identity_change,
    )
    key = key_digest(config, options)
    if last and last.key == key:  # nothing to sign when nothing is new, so that gpg is not even started
        additions = bring(artifacts=_seen_before(placed.artifacts, before.artifacts), keys=last.additions.keys)
        if _same(last, published, additions, rendering(config), options) and output.holds(last, published.manifest):
            output.seal(last, mark)
            return Built(last, _unpublished(additions, published), changed=False)
    with open_signing(config, options, published, date) as signer:
        artifacts, sources = placed.artifacts, dict(placed.sources)
        if signer:
            trusted = key_ids(key.encode() for key in package_keys)
            signed = rpm_packages.sign_packages(artifacts, sources, before, signer, output.work, trusted=trusted, resign=config.yum.resign)
            artifacts, sources = signed.artifacts, signed.sources
        artifacts = _seen_before(artifacts, before.artifacts)
        sources |= {a.path: local for a in artifacts if a.path not in sources and (local := output.file(a.path))}
        additions = bring(artifacts=artifacts, keys=signer.public_keys if signer else ())
        return settle(Upon(published, store, date, key, mark), config, options, signer, additions, sources)


def _placed(config: Config, options: Options, published: Snapshot, date: str) -> Placed:
    """Scan the release files and settle what each one is and where it goes."""
    with scan_cache.open_cache(options.environ) as cache:
        found = scan(config.input.paths, options.base, ignore=config.input.ignore, sha512=config.takes_sha512, contents=config.apt.contents, cache=cache)
    placed = place(found, config, channel=options.channel, date=date, known=published.catalog.products, stored=_stored(published.catalog))
    if not placed.artifacts and not published.catalog.artifacts:
        raise InputError(f"there is no release file in {', '.join(config.input.paths)}", hint="put the release's files there, or name them in [input] paths")
    for sentence in placed.warnings:
        _LOG.warning("%s", sentence)
    return placed


def _stored(catalog: Catalog) -> dict[str, str]:
    """SHA-256 of the published files of source packages by name: another revision may name them again."""
    return {a.filename: a.sha256 for a in catalog.by_kind.get(Kind.SOURCE, ())}


def _seen_before(artifacts: tuple[Artifact, ...], before: tuple[Artifact, ...]) -> tuple[Artifact, ...]:
    """A file that a former build brought is the artifact that it became then: with its date, and with its signature if it is an rpm."""
    known = {(a.path, a.channel, digest): a for a in before for digest in (a.sha256, a.source_sha256)}
    return tuple(known.get((a.path, a.channel, a.sha256), a) for a in artifacts)


def _unpublished(additions: Additions, published: Snapshot) -> tuple[Artifact, ...]:
    there = {(a.path, a.channel) for a in published.catalog.artifacts}
    return tuple(a for a in additions.artifacts if (a.path, a.channel) not in there)


class Upon(Struct, frozen=True):
    """What a build stands upon: the published snapshot, its store, and the date of the state that follows."""

    published: Snapshot
    store: Store | None
    date: str
    key: str
    """See record.Record.key."""
    inputs: str = ""
    """See seal.Seal.inputs."""


def settle(upon: Upon, config: Config, options: Options, signer: Signer | None, additions: Additions, sources: Mapping[str, Path]) -> Built:
    """Bring the output folder to the additions upon what is published; publish comes here again when someone else was first."""
    output, published, shape = Output(options.output), upon.published, rendering(config)
    last = output.record()
    nothing_new = published.number and published.complete and published.rendering == shape and grow(published.catalog, additions) == published.catalog
    new = _unpublished(additions, published)
    if last and not nothing_new and _same(last, published, additions, shape, options) and output.holds(last, published.manifest):
        output.seal(last, upon.inputs)
        return Built(last, new, changed=False)
    date, catalog, signed = _as_published(published) if nothing_new else _rendered(upon, config, signer, additions, sources, output, last)
    record = Record(
        base=published.identity,
        additions=additions,
        date=date,
        rendering=shape,
        key=upon.key,
        catalog=encode(catalog).content,
        manifest=manifest_of(signed.tree, signed.signs),
    )
    if record == last and output.holds(record, published.manifest):
        output.seal(record, upon.inputs)
        return Built(record, new, changed=False)
    output.write(signed.tree, record, last, upon.store)
    output.seal(record, upon.inputs)
    rpm_packages.discard(output.work, additions.artifacts)
    return Built(record, new, changed=True)


def _as_published(published: Snapshot) -> tuple[str, Catalog, Signed]:
    signs = {path: entry.signs for path, entry in published.manifest.items()}
    return published.catalog.date, published.catalog, Signed(published_tree(published.manifest), signs)


def _rendered(
    upon: Upon, config: Config, signer: Signer | None, additions: Additions, sources: Mapping[str, Path], output: Output, last: Record | None
) -> tuple[str, Catalog, Signed]:
    """Render and sign the whole site, with the signatures that the last build left; put its payload in place while gpg's agent works."""
    if signer is None:
        site = compose(upon.published, additions, config, upon.date, sources)
        return upon.date, site.catalog, Signed(site.tree, {})
    published = upon.published.manifest if upon.published.complete else {}  # after a cut, nobody knows which signatures stand there
    standing = {**(output.signatures(last) if last else {}), **published}
    with signing_beside(signer, standing) as signing:
        extended = partial(keyring_packages.derive, config=config, published=published, signer=signer)
        site = compose(upon.published, additions, config, upon.date, sources, signing.begin, extended)
        output.write_payload(site.tree, last)
        return upon.date, site.catalog, signing.finish(site.tree)


def _same(last: Record, published: Snapshot, additions: Additions, shape: str, options: Options) -> bool:
    """Whether the last build was of the very same things, so that there is nothing to render or sign."""
    return (last.base, last.additions, last.rendering) == (published.identity, additions, shape) and asks_for(options, last.date)


def next_date(options: Options, published: Snapshot) -> str:
    """The date of the state that follows the published one."""
    return dates.next_date(dates.requested(options.date, options.environ), datetime.now(UTC), published.catalog.date)


@contextmanager
def open_signing(config: Config, options: Options, published: Snapshot, date: str) -> Iterator[Signer | None]:
    """The signer that the configuration names, or None for an unsigned preview."""
    if options.unsigned:
        if published.catalog.keys:
            raise ProtectionError(
                "the published site is signed, so an unsigned build cannot follow it", hint="leave --unsigned out, or build for another destination"
            )
        yield None
        return
    with open_signer(config.signing.all_keys, base=options.base, environ=options.environ, date=date) as signer:
        yield signer
