"""One published state, and those before it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from msgspec.structs import replace

from repogen.catalog import Catalog
from repogen.errors import UsageError
from repogen.manifest import Manifest
from repogen.state.head import FORMAT, NOTHING, Head, decode_head, read_head
from repogen.state.object_cache import open_cache
from repogen.state.object_store import ObjectReader
from repogen.state.stored_catalog import StoredCatalog, read_catalog, read_catalog_1
from repogen.state.stored_manifest import StoredManifest, read_manifest_1
from repogen.stores import Store

_NO_ENVIRONMENT: Mapping[str, str] = {}


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """One published state; number 0 is a destination that holds nothing yet. Catalog and manifest are fetched when they are asked for."""

    head: Head = NOTHING
    content: bytes = b""
    """The head as it stands in the store."""
    etag: str = ""
    """Of head.json, for compare-and-swap; empty when there is none, and for a former snapshot."""
    objects: Mapping[str, bytes] = field(default_factory=dict)
    """Stored bytes of those objects, by digest, that the store need not have yet."""
    reader: ObjectReader = field(default_factory=ObjectReader)

    @property
    def number(self) -> int:
        return self.head.number

    @property
    def complete(self) -> bool:
        return self.head.complete

    @property
    def is_whole(self) -> bool:
        """Whether something is published in whole, with state that need not be written anew."""
        return bool(self.number) and self.complete and self.head.format == FORMAT

    @property
    def digest(self) -> str:
        """Digest of the head, by which the next one names it; empty where nothing is published."""
        return hashlib.sha256(self.content).hexdigest() if self.content else ""

    @property
    def rendering(self) -> str:
        return self.head.rendering

    @property
    def identity(self) -> str:
        return self.head.identity

    @property
    def catalog(self) -> Catalog:
        return self.stored_catalog.catalog

    @cached_property
    def stored_catalog(self) -> StoredCatalog:
        """The catalog with the chunks that it came in, which need not be made again."""
        if not self.number:
            return StoredCatalog(Catalog(date=""))
        return (read_catalog if self.head.format > 1 else read_catalog_1)(self.reader, self.head.catalog)

    @cached_property
    def manifest(self) -> Manifest:
        if not self.number:
            return {}
        return (StoredManifest if self.head.format > 1 else read_manifest_1)(self.reader, self.head.manifest)

    def followed_by(self, head: Head, objects: Mapping[str, bytes]) -> Snapshot:
        """The snapshot that comes after this one. ``objects`` are those of its objects that this one does not have."""
        former = {self.digest: self.content} if self.number else {}
        head = replace(head, number=self.number + 1, previous=self.digest, oldest=self.head.oldest, prunes=self.head.prunes)
        return Snapshot(head=head, objects={**objects, **former}, reader=self.reader.with_objects(objects))


def load(store: Store, *, number: int | None = None, environ: Mapping[str, str] = _NO_ENVIRONMENT) -> Snapshot:
    """The current snapshot of a store, or the one with this number. ``environ`` tells where the user's cache is.

    Raises StoreError when the state is damaged or of a newer repogen, UsageError when there is no snapshot of this number.
    """
    for snapshot in chain(store, environ=environ):
        if number in {None, snapshot.number}:
            return snapshot
    if number is None:
        return Snapshot(reader=ObjectReader(store, open_cache(environ)))
    raise UsageError(f"{store.address} keeps no snapshot {number}", hint="see `repogen releases --history` for those that it keeps")


def past(store: Store, *, environ: Mapping[str, str] = _NO_ENVIRONMENT) -> Iterator[Head]:
    """The heads of all snapshots that the store keeps, the current one first."""
    return (snapshot.head for snapshot in chain(store, environ=environ))


def chain(store: Store, *, environ: Mapping[str, str] = _NO_ENVIRONMENT) -> Iterator[Snapshot]:
    """The current snapshot and those before it that are kept."""
    content, etag = read_head(store)
    if content:
        current = Snapshot(head=decode_head(content, store.address), content=content, etag=etag, reader=ObjectReader(store, open_cache(environ)))
        yield current
        yield from before(current)


def before(snapshot: Snapshot) -> Iterator[Snapshot]:
    """The snapshots that came before this one and are kept, the latest first. Raises DamagedError where one is missing or not whole."""
    oldest, reader = snapshot.head.oldest, snapshot.reader
    while snapshot.head.previous and snapshot.number > oldest:
        content = reader.stored(snapshot.head.previous)
        snapshot = Snapshot(head=decode_head(content, reader.address), content=content, reader=reader)
        yield snapshot
