"""The story of a build on one page: release files in, a signed site in the output folder out.

    scan -> place -> sign rpms -> compose (derive, render) -> sign -> write

Nothing is written to the output folder before everything is rendered and signed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from repogen import dates, rpm_packages, scan_cache
from repogen.artifact import Artifact
from repogen.catalog import Catalog
from repogen.compose import Additions, compose, grow, rendering
from repogen.config import Config
from repogen.errors import InputError, ProtectionError
from repogen.manifest import manifest_of, published_tree
from repogen.output import Output, Record
from repogen.place import place
from repogen.scan import scan
from repogen.signatures import Signed, add_signatures
from repogen.signing import Signer, open_signer
from repogen.snapshot import Snapshot, encode, load
from repogen.stores import Store


class Options(Struct, frozen=True, kw_only=True):
    """What one run asks for, beside the configuration."""

    base: Path
    """Folder of repogen.toml; relative paths start here."""
    output: Path
    environ: Mapping[str, str]
    channel: str | None = None
    date: str | None = None
    unsigned: bool = False


class Built(Struct, frozen=True):
    """What a build came to."""

    record: Record
    new: tuple[Artifact, ...]
    """Artifacts that are not published yet."""
    changed: bool
    """Whether the output folder was written."""


def build(config: Config, options: Options, store: Store | None) -> Built:
    """Read the release files and bring the output folder to the site that they and the published catalog make."""
    with Output(options.output).locked():
        return _build(config, options, store)


def _build(config: Config, options: Options, store: Store | None) -> Built:
    output = Output(options.output)
    published = load(store) if store else Snapshot()
    date = next_date(options, published)
    with open_signing(config, options, published, date) as signer:
        additions, sources = _read(config, options, published, output.record(), signer, date)
        return settle(Upon(published, store, date), config, options, signer, additions, sources)


def _read(config: Config, options: Options, published: Snapshot, last: Record | None, signer: Signer | None, date: str) -> tuple[Additions, dict[str, Path]]:
    """Scan and place the release files, and sign the rpms among them."""
    output = Output(options.output)
    with scan_cache.open_cache(options.environ) as cache:
        found = scan(config.input.paths, options.base, ignore=config.input.ignore, sha512=config.checksums.sha512, cache=cache)
    placed = place(found, config, channel=options.channel, date=date, known=published.catalog.products)
    if not placed.artifacts and not published.catalog.artifacts:
        raise InputError(f"there is no release file in {', '.join(config.input.paths)}", hint="put the release's files there, or name them in [input] paths")
    artifacts, sources = placed.artifacts, dict(placed.sources)
    before = (*published.catalog.artifacts, *(last.additions.artifacts if last else ()))
    if signer:
        signed = rpm_packages.sign_packages(artifacts, sources, before, signer, output.work)
        artifacts, sources = signed.artifacts, signed.sources
    artifacts = _first_seen(artifacts, before)
    sources = {a.path: sources.get(a.path) or output.folder / a.path for a in artifacts if a.path in sources or output.file(a.path)}
    keys = signer.public_keys if signer else ()
    return Additions(artifacts=artifacts, products=placed.products, notes=dict(placed.notes), keys=keys), sources


class Upon(Struct, frozen=True):
    """What a build stands upon: the published snapshot, its store, and the date of the state that follows."""

    published: Snapshot
    store: Store | None
    date: str


def settle(upon: Upon, config: Config, options: Options, signer: Signer | None, additions: Additions, sources: Mapping[str, Path]) -> Built:
    """Bring the output folder to the additions upon what is published; publish comes here again when someone else was first."""
    output, published, shape = Output(options.output), upon.published, rendering(config)
    last = output.record()
    nothing_new = published.number and published.complete and published.rendering == shape and grow(published.catalog, additions) == published.catalog
    new = () if nothing_new else tuple(a for a in additions.artifacts if a not in published.catalog.artifacts)
    if last and not nothing_new and _same(last, published, additions, shape, options) and output.holds(last):
        return Built(last, new, changed=False)
    date, catalog, signed = _as_published(published) if nothing_new else _rendered(upon, config, signer, additions, sources)
    record = Record(
        base=published.identity,
        additions=additions,
        date=date,
        rendering=shape,
        catalog=encode(catalog).content,
        manifest=manifest_of(signed.tree, signed.signs),
    )
    if record == last and output.holds(record):
        return Built(record, new, changed=False)
    output.write(signed.tree, record, last, upon.store)
    rpm_packages.discard(output.work, additions.artifacts)
    return Built(record, new, changed=True)


def _as_published(published: Snapshot) -> tuple[str, Catalog, Signed]:
    signs = {path: entry.signs for path, entry in published.manifest.items()}
    return published.catalog.date, published.catalog, Signed(published_tree(published.manifest), signs)


def _rendered(upon: Upon, config: Config, signer: Signer | None, additions: Additions, sources: Mapping[str, Path]) -> tuple[str, Catalog, Signed]:
    site = compose(upon.published, additions, config, upon.date, sources)
    standing = upon.published.manifest if upon.published.complete else {}  # after a cut, nobody knows which signatures stand
    signed = add_signatures(site.tree, signer, standing) if signer else Signed(site.tree, {})
    return upon.date, site.catalog, signed


def _same(last: Record, published: Snapshot, additions: Additions, shape: str, options: Options) -> bool:
    """Whether the last build was of the very same things, so that there is nothing to render or sign."""
    asked = dates.requested(options.date, options.environ)
    wanted = dates.stamp(asked) if asked else None
    return (last.base, last.additions, last.rendering) == (published.identity, additions, shape) and wanted in {None, last.date}


def _first_seen(artifacts: tuple[Artifact, ...], before: tuple[Artifact, ...]) -> tuple[Artifact, ...]:
    """An artifact that a former build brought keeps its date, so that building again changes nothing."""
    known = {(a.path, a.channel, a.sha256): a for a in before}
    return tuple(replace(a, date=known[key].date) if (key := (a.path, a.channel, a.sha256)) in known else a for a in artifacts)


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
    with open_signer(config.signing.key, base=options.base, environ=options.environ, date=date) as signer:
        yield signer
