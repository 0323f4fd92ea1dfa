"""The published state, kept in ``.repogen/`` of the store: the bucket is the database.

``.repogen/head.json`` is the one object that is replaced, by compare-and-swap. It names the catalog and the
manifest, which are stored by digest under ``.repogen/objects/`` (MessagePack, zstandard) and never change.
A head is first written with ``complete: false``, before any index is touched, and again with ``true`` when all
is in place: whoever finds it false knows that indices may be old or new, and writes all of them again.
"""

from __future__ import annotations

import hashlib

import msgspec
import zstandard
from msgspec import Struct

from repogen.catalog import Catalog
from repogen.errors import StoreError
from repogen.manifest import Entry
from repogen.stores import Store

FORMAT = 1
HEAD = ".repogen/head.json"
_OBJECT_CACHE = "public, max-age=31536000, immutable"
_HEAD_CACHE = "no-store"


class Head(Struct, frozen=True, kw_only=True):
    """The content of head.json."""

    format: int = FORMAT
    number: int
    """Counts the snapshots, from 1."""
    date: str
    catalog: str
    """SHA-256 of the stored catalog."""
    manifest: str
    """SHA-256 of the stored manifest."""
    rendering: str
    """Digest of all that shapes the site besides the catalog: configuration, templates, version (see compose.rendering)."""
    complete: bool


class Snapshot(Struct, frozen=True, kw_only=True):
    """One published state; number 0 is a destination that holds nothing yet."""

    number: int = 0
    catalog: Catalog = Catalog(date="")
    manifest: dict[str, Entry] = {}
    rendering: str = ""
    complete: bool = True
    identity: str = ""
    """Digest of catalog and manifest: two snapshots of one identity are the same site."""
    etag: str = ""
    """Of head.json, for compare-and-swap; empty when there is none."""


def load(store: Store) -> Snapshot:
    """The current snapshot of a store. Raises StoreError when its state is damaged or of a newer repogen."""
    stored = store.get(HEAD)
    if stored is None:
        return Snapshot()
    head = _decode_head(stored.content, store.address)
    catalog = msgspec.msgpack.decode(_object(store, head.catalog), type=Catalog)
    manifest = msgspec.msgpack.decode(_object(store, head.manifest), type=dict[str, Entry])
    return Snapshot(
        number=head.number,
        catalog=catalog,
        manifest=manifest,
        rendering=head.rendering,
        complete=head.complete,
        identity=identity(head.catalog, head.manifest),
        etag=stored.etag,
    )


def current_identity(store: Store) -> str:
    """Identity of the current snapshot; empty when there is none, and while one is being published."""
    stored = store.get(HEAD)
    head = _decode_head(stored.content, store.address) if stored else None
    return identity(head.catalog, head.manifest) if head and head.complete else ""


def _decode_head(content: bytes, address: str) -> Head:
    try:
        format_ = msgspec.json.decode(content, type=dict[str, object]).get("format")
        if isinstance(format_, int) and format_ > FORMAT:
            raise StoreError(f"the state in {address} was written by a newer repogen (format {format_}, this one knows {FORMAT})", hint="upgrade repogen")
        return msgspec.json.decode(content, type=Head)
    except msgspec.DecodeError as error:
        raise StoreError(f"{HEAD} in {address} is damaged: {error}", hint="restore it from a backup or from an older version of the object") from error


def _object(store: Store, digest: str) -> bytes:
    key = object_key(digest)
    stored = store.get(key)
    if stored is None or hashlib.sha256(stored.content).hexdigest() != digest:
        state = "missing" if stored is None else "damaged"
        raise StoreError(f"{key} in {store.address} is {state}", hint="restore it from a backup or from an older version of the object")
    return zstandard.decompress(stored.content)


def object_key(digest: str) -> str:
    return f".repogen/objects/{digest}"


def identity(catalog_digest: str, manifest_digest: str) -> str:
    return f"{catalog_digest}-{manifest_digest}"


class Encoded(Struct, frozen=True):
    """A value in its stored form."""

    digest: str
    content: bytes


def encode(value: Catalog | dict[str, Entry]) -> Encoded:
    """The stored form of a catalog or manifest; equal values have equal bytes."""
    content = zstandard.compress(msgspec.msgpack.encode(value, order="deterministic"), 3)
    return Encoded(hashlib.sha256(content).hexdigest(), content)


def store_objects(store: Store, *objects: Encoded) -> None:
    """Write objects that the head will name; they are there already when a former run was cut."""
    for encoded in objects:
        if store.stat(object_key(encoded.digest)) is None:
            store.put(object_key(encoded.digest), encoded.content, content_type="application/zstd", cache_control=_OBJECT_CACHE)


def swap_head(store: Store, head: Head, etag: str) -> str:
    """Replace the head that has ``etag`` (none yet: empty). Raises stores.ConflictError when someone else was first."""
    content = msgspec.json.format(msgspec.json.encode(head), indent=2) + b"\n"
    return store.put(HEAD, content, content_type="application/json", cache_control=_HEAD_CACHE, if_match=etag or None, create_only=not etag)
