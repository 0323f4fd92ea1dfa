"""The story of a rebuild: from a published site without usable state to one with it.

    what is whole of .repogen, signed indices -> catalog -> composed -> a head that says "cut" -> published as after any cut publish

The new head is put by compare-and-swap in the place of the damaged one. It says that its publish was cut, so that what follows is an ordinary publish:
every index is made anew and dated now, payload stays where it is. Whoever is killed in between leaves a state that the next publish goes on from.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct
from msgspec.structs import replace

from repogen import amounts, layout, yum_repositories
from repogen.artifact import Kind, NupkgFacts
from repogen.assemble import assemble, open_signing, stand_upon, warn_of_dropped_keys
from repogen.catalog import Catalog, PublicKey
from repogen.config import Config
from repogen.errors import ProtectionError, StoreError
from repogen.formats import load_formats
from repogen.manifest import Entry, Manifest
from repogen.options import Options
from repogen.output import Output
from repogen.publish import bring
from repogen.rebuilding.nuget import copy_address
from repogen.rebuilding.published_site import PublishedSite
from repogen.rebuilding.recovered import Recovered, recover
from repogen.rebuilding.repo_json import read_catalog
from repogen.rebuilding.salvage import Salvage, is_whole, salvage
from repogen.record import Additions, Record
from repogen.signing.key_file_check import read_keys
from repogen.signing.signer import read_public_keys
from repogen.signing.verification import open_verifier
from repogen.state import DamagedError, Head, Snapshot, encode, history, load, object_key, objects_of, store_objects, swap_head
from repogen.state.head import FORMAT
from repogen.state.object_cache import open_cache
from repogen.state.object_store import ObjectReader
from repogen.stores import ConflictError, Store
from repogen.stores.conditions import Unconditional, honours_conditions
from repogen.tree import Stage
from repogen.upload import Progress

#: What the history says of the state that was found.
WHAT = "state rebuilt"
#: How the paths end that only a signed site has.
_SIGNED = ("/InRelease", "/repodata/repomd.xml.asc", "/SHA256SUMS.asc")
_THREADS = 16
_STATE_TYPE, _STATE_CACHE = "application/zstd", "public, max-age=31536000, immutable"


class Rebuilt(Struct, frozen=True, kw_only=True):
    """What a rebuild came to."""

    number: int
    """Of the snapshot that is current now; 0 where that was whole, so that nothing was published."""
    catalog: Catalog
    said: tuple[str, ...] = ()
    """See recovered.Recovered.said; and what was done about the snapshots before."""


def rebuild(config: Config, options: Options, store: Store, progress: Progress = lambda _: None, *, newer: bool = False) -> Rebuilt:
    """Make the state of what is published anew, and publish it. ``newer``: also in place of a state that a newer repogen wrote.

    Raises StoreError for what is published in no whole form, ProtectionError where the key that signed it is not at hand.
    """
    found = salvage(store, open_cache(options.environ))
    if found.format > FORMAT and not newer:
        raise StoreError(
            f"the state in {store.address} was written by a newer repogen (format {found.format}, this one knows {FORMAT})",
            hint="upgrade repogen; --yes rebuilds it for this one all the same, and whoever has the newer one must then build it anew again",
        )
    current = _current(store) if found.format <= FORMAT else Snapshot()
    if is_whole(current):
        cut = not current.complete and current.head.what == WHAT  # a rebuild that was killed halfway
        said = tuple(_with_whole_history(store, current, found))
        return Rebuilt(number=_published(config, options, store, progress) if cut else 0, catalog=current.catalog, said=said)
    with _opened(config, options, store) as (site, keys):
        recovered = recover(site, config, keys, found)
    number = _publish(config, options, site, recovered, found, progress)
    return Rebuilt(number=number, catalog=recovered.catalog, said=recovered.said)


def _current(store: Store) -> Snapshot:
    """The current snapshot as any machine would find it; an empty one where the head is damaged."""
    try:
        return load(store)
    except DamagedError:
        return Snapshot()


@contextmanager
def _opened(config: Config, options: Options, store: Store) -> Iterator[tuple[PublishedSite, tuple[PublicKey, ...]]]:
    """The site, judged by those of its keys that the next publish signs with, and these keys; none for an unsigned preview."""
    stored = store.get(layout.key_armored(config.repo.name))
    with ExitStack() as stack:
        if stored is None:
            site = PublishedSite(store, None)
            _check_unsigned(site, config.repo.name)
            yield site, ()
            return
        published = {key.fingerprint for key in read_keys(layout.key_armored(config.repo.name), stored.content)}
        keys = tuple(key for key in read_public_keys(config.signing.all_keys, base=options.base, environ=options.environ) if key.fingerprint in published)
        if not keys:
            raise ProtectionError(
                f"the site in {store.address} is signed by {min(published)}, and that key is not at hand",
                hint="give the secret key for publishing, [signing] key or REPOGEN_SIGNING_KEY: all indices must be signed with it again",
            )
        warn_of_dropped_keys(sorted(published), keys)
        verifier = stack.enter_context(open_verifier(b"".join(key.binary for key in keys), options.environ))
        yield PublishedSite(store, verifier), keys


def _check_unsigned(site: PublishedSite, name: str) -> None:
    """Raises StoreError where indices are signed: to take the site for an unsigned preview would lock everybody out."""
    read_catalog(site, name)  # which tells whether it is the site of this name at all
    signed = next((path for path in sorted(site.listed) if path.endswith(_SIGNED)), "")
    if signed:
        raise StoreError(
            f"{layout.key_armored(name)} in {site.address} is missing, though {signed} is a signature",
            hint="restore it from a backup, or put there what `repogen keys export` writes",
        )


class _State(Struct, frozen=True):
    """The state of what is published, ready to be written."""

    head: Head
    objects: dict[str, bytes]

    @property
    def snapshot(self) -> Snapshot:
        return Snapshot(head=self.head, reader=ObjectReader(at_hand=self.objects))


def _state(store: Store, catalog: Catalog, manifest: Manifest, found: Salvage) -> _State:
    """The state of this catalog and manifest, one number above every other, before which stand the snapshots that are whole yet."""
    encoded = encode(catalog, dict(sorted(manifest.items())), Snapshot())
    former = found.former
    head = Head(
        number=found.number + 1,
        date=catalog.date,
        what=WHAT,
        catalog=encoded.catalog,
        manifest=encoded.manifest,
        rendering="",
        previous=former[0].digest if former else "",
        complete=False,
        oldest=former[-1].number if former else found.number + 1,
        prunes=max((one.prunes for one, _ in found.heads), default=0),
        endpoint=store.endpoint,
    )
    return _State(head, {**found.cached, **encoded.objects})


def _payload(site: PublishedSite, config: Config, catalog: Catalog) -> Iterator[tuple[str, Entry]]:
    """The published files of all artifacts, also those of packages that the feed still serves, and their copies. By-hash indices are made again."""
    unlisted = (a for withdrawal in catalog.withdrawn for a in withdrawal.artifacts if a.kind is Kind.NUPKG)
    own = [(a.path, a) for a in (*catalog.artifacts, *unlisted)]
    nupkgs = ((copy_address(a.facts), a) for _, a in own if isinstance(a.facts, NupkgFacts))
    formats = (format_ for format_ in load_formats() if hasattr(format_, "copies"))
    others = ((path, a) for format_ in formats for path, a, stage in format_.copies(catalog, config) if stage is Stage.PAYLOAD)
    for path, artifact in (*own, *nupkgs, *yum_repositories.copies(catalog, config.yum), *others):
        if path in site.listed and site.listed[path].size == artifact.size:
            yield path, Entry(artifact.size, artifact.sha256, Stage.PAYLOAD)


def _standing(site: PublishedSite, rendered: Manifest) -> dict[str, Entry]:
    """What stands now at the paths of the indices, entries and pages that will be written."""
    stages = {path: entry.stage for path, entry in rendered.items() if entry.stage != Stage.PAYLOAD and path in site.listed}
    with ThreadPoolExecutor(_THREADS) as pool:
        contents = zip(stages, pool.map(site.read, stages), strict=True)
        return {path: Entry(len(content), hashlib.sha256(content).hexdigest(), stages[path]) for path, content in contents}


def _publish(config: Config, options: Options, site: PublishedSite, recovered: Recovered, found: Salvage, progress: Progress) -> int:
    """Write the state and publish what follows from it; the number of the snapshot that is current then."""
    payload = {**recovered.objects, **dict(_payload(site, config, recovered.catalog))}
    with TemporaryDirectory(prefix="repogen-") as folder:
        output = Output(Path(folder))
        current = partial(_record, config, options, site.store, output)
        # What would be refused is refused here, before anything is written.
        rendered = current(_state(site.store, recovered.catalog, payload, found).snapshot)
        _write(site.store, _state(site.store, recovered.catalog, {**payload, **_standing(site, rendered.files)}, found), found)
    return _published(config, options, site.store, progress)


def _published(config: Config, options: Options, store: Store, progress: Progress) -> int:
    """Publish what is published, as after any publish that was cut; the number of the snapshot that is current then."""
    with TemporaryDirectory(prefix="repogen-") as folder:
        output = Output(Path(folder))
        return bring(config, store, output, partial(_record, config, options, store, output), progress).number


def _record(config: Config, options: Options, store: Store, output: Output, snapshot: Snapshot) -> Record:
    """The record of nothing new upon this snapshot."""
    catalog = snapshot.catalog
    upon = stand_upon(options, output, store, snapshot)
    with open_signing(config, replace(options, unsigned=not catalog.keys), upon) as signer:
        additions = Additions(package_keys=catalog.package_keys)
        return assemble(config, upon, signer, additions, {}).record


def _with_whole_history(store: Store, current: Snapshot, found: Salvage) -> Iterator[str]:
    """End the history where a snapshot is not whole, also with what only this machine has. Yields what was done."""
    past = history(dataclasses.replace(current, reader=current.reader.with_objects(found.objects)))
    objects = {digest: found.cached[digest] for former in past.whole for digest in objects_of(former) if digest in found.cached}
    if not past.damage and not objects:
        return
    oldest = past.oldest(current) if past.damage else current.head.oldest
    _write(store, _State(replace(current.head, oldest=oldest, endpoint=store.endpoint), objects), found)
    if objects:
        yield f"state of earlier snapshots was brought back from this machine's cache: {amounts.count(len(objects), 'object')}"
    if past.damage:
        yield f"{past.damage.message}: the history begins with snapshot {oldest} now, and none before it can be rolled back to"


def _write(store: Store, state: _State, found: Salvage) -> None:
    """Objects, those that are damaged among them too, and then the head. Raises ProtectionError when somebody else was first."""
    conditional = not store.endpoint or honours_conditions(store)
    writer = store if conditional else Unconditional(store)
    for digest in found.damaged:
        if digest in state.objects:
            writer.put(object_key(digest), state.objects[digest], content_type=_STATE_TYPE, cache_control=_STATE_CACHE)
        else:
            with suppress(StoreError):  # it does no harm but in the way of an object of this very name, and not everyone may delete
                store.delete(object_key(digest))
    store_objects(writer, state.objects)
    try:
        with store.lock():
            swap_head(writer, replace(state.head, conditional=conditional), found.etag)
    except ConflictError as error:
        raise ProtectionError(f"somebody else wrote the state of {store.address} meanwhile", hint="look at it with `repogen doctor`") from error
