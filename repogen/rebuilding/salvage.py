"""What is whole of a damaged ``.repogen/``: it knows more than the site tells, such as when each file was first published.

Objects are named by their digest, so each is whole or not, whatever became of the head that named it. What kind of chunk one is shows when it is decoded.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import msgspec
import zstandard
from msgspec import Struct

from repogen.artifact import Artifact
from repogen.catalog import Catalog, Product, Withdrawal
from repogen.state import HEAD, OBJECTS, DamagedError, Head, Snapshot, objects_of
from repogen.state.chunks import Chunk
from repogen.state.object_cache import ObjectCache
from repogen.state.object_store import ObjectReader
from repogen.state.stored_catalog import CatalogRoot
from repogen.stored import decoder
from repogen.stores import Store

_DIGEST = re.compile(r"[0-9a-f]{64}")
_NUMBER = re.compile(rb'"number"\s*:\s*([0-9]{1,9})')
_FORMAT = re.compile(rb'"format"\s*:\s*([0-9]{1,9})')
_THREADS = 16
#: Kinds of chunk, those with the most demands first: a release is decoded of an artifact too.
_ROOTS = tuple(map(decoder, (CatalogRoot, tuple[Chunk, ...])))
_CHUNKS = tuple(map(decoder, (tuple[Artifact, ...], tuple[Withdrawal, ...], tuple[Product, ...])))


class Salvage(Struct, frozen=True, kw_only=True):
    """What was found."""

    etag: str
    """Of head.json, whatever stands there; empty where there is none."""
    format: int
    """That head.json names; 0 where it names none."""
    number: int
    """The highest number that a snapshot here can have had."""
    objects: Mapping[str, bytes]
    """Whole objects by digest."""
    damaged: tuple[str, ...]
    """Digests of those that are not."""
    cached: Mapping[str, bytes]
    """Objects that only this machine still has whole, by digest."""
    heads: tuple[tuple[Head, bytes], ...]
    """Former heads, which are objects, the newest first."""
    artifacts: Mapping[tuple[str, str, str], Artifact]
    """By path, channel and SHA-256."""
    withdrawals: Mapping[tuple[str, str, str], tuple[Withdrawal, ...]]
    """By the release: one that was withdrawn again, with another revision, is there as each snapshot had it."""
    products: tuple[Product, ...]
    rests: tuple[Catalog, ...]
    """Catalogs without their long fields."""

    @property
    def former(self) -> tuple[Snapshot, ...]:
        """The snapshots before the current one that are whole and follow one another without a gap, the newest first."""
        reader = ObjectReader(at_hand=self.objects)
        run: list[Snapshot] = []
        for head, content in self.heads:
            snapshot = Snapshot(head=head, content=content, reader=reader)
            follows = not run or (run[-1].number, run[-1].head.previous) == (head.number + 1, snapshot.digest)
            if not follows or not self._is_whole(snapshot):
                break
            run.append(snapshot)
        return tuple(run)

    def _is_whole(self, snapshot: Snapshot) -> bool:
        try:
            return objects_of(snapshot) <= self.objects.keys()
        except (DamagedError, msgspec.DecodeError):
            return False


def is_whole(snapshot: Snapshot) -> bool:
    """Whether everything that this snapshot names is there and whole. Raises StoreError when that cannot be read."""
    try:
        return bool(snapshot.number) and snapshot.catalog is not None and dict(snapshot.manifest) is not None
    except (DamagedError, msgspec.DecodeError, zstandard.ZstdError):
        return False


def salvage(store: Store, cache: ObjectCache) -> Salvage:
    """Read whatever is there; an object that the store lost may still be in this machine's cache."""
    head = store.get(HEAD)
    content = head.content if head else b""
    there, damaged = _objects(store)
    cached = _cached(there, content, cache)
    found = {**there, **cached}
    values = [value for stored in found.values() for value in _value(stored)]
    former = sorted(((one, stored) for stored in found.values() for one in _head(stored)), key=lambda pair: pair[0].number, reverse=True)
    named, highest = _NUMBER.search(content), max((one.number for one, _ in former), default=0)
    chunks = [item for value in values for item in value]
    return Salvage(
        etag=head.etag if head else "",
        format=int(version[1]) if (version := _FORMAT.search(content)) else 0,
        number=max(int(named[1]) if named else 0, highest + 1 if former or damaged else 0),
        objects=found,
        damaged=damaged,
        cached=cached,
        heads=tuple(former),
        artifacts={(a.path, a.channel, a.sha256): a for a in chunks if isinstance(a, Artifact)},
        withdrawals=_by_release(chunks),
        rests=tuple(root.rest for stored in found.values() for root in _roots(stored) if isinstance(root, CatalogRoot)),
        products=tuple(product for product in chunks if isinstance(product, Product)),
    )


def _by_release(items: Iterable[Any]) -> dict[tuple[str, str, str], tuple[Withdrawal, ...]]:
    found: dict[tuple[str, str, str], tuple[Withdrawal, ...]] = {}
    for item in items:
        if isinstance(item, Withdrawal):
            found[item.release.key] = (*found.get(item.release.key, ()), item)
    return found


def _objects(store: Store) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """The whole objects of a store, and the digests of the others."""
    digests = [digest for listed in store.list(OBJECTS) if _DIGEST.fullmatch(digest := listed.key.removeprefix(OBJECTS))]

    def whole(digest: str) -> bytes | None:
        stored = store.get(f"{OBJECTS}{digest}")
        return stored.content if stored and hashlib.sha256(stored.content).hexdigest() == digest else None

    with ThreadPoolExecutor(_THREADS) as pool:
        read = dict(zip(digests, pool.map(whole, digests), strict=True))
    return {digest: content for digest, content in read.items() if content is not None}, tuple(d for d, content in read.items() if content is None)


def _cached(there: Mapping[str, bytes], head: bytes, cache: ObjectCache) -> dict[str, bytes]:
    """The objects that these and the head name, and that only the cache has."""
    found: dict[str, bytes] = {}
    wanted = {digest for content in (head, *there.values()) for digest in _named(content)}
    while missing := wanted - there.keys() - found.keys():
        new = {digest: content for digest in missing if (content := cache.get(digest)) is not None}
        found |= new
        wanted = {digest for content in new.values() for digest in _named(content)}
    return found


def _named(stored: bytes) -> Iterator[str]:
    """Digests that a head or a root names; nothing for other objects."""
    for head in _head(stored):
        yield from filter(None, (head.catalog, head.manifest, head.previous))
    for root in _roots(stored):
        parts = root.chunks.values() if isinstance(root, CatalogRoot) else (root,)
        yield from (chunk.digest for chunks in parts for chunk in chunks)


def _roots(stored: bytes) -> Iterator[CatalogRoot | tuple[Chunk, ...]]:
    """The root that an object is; nothing for other objects."""
    for root in _ROOTS:
        with suppress(msgspec.DecodeError, zstandard.ZstdError):
            yield root.decode(zstandard.decompress(stored))


def _head(stored: bytes) -> Iterator[Head]:
    if stored.startswith(b"{"):
        with suppress(msgspec.DecodeError):
            yield msgspec.json.decode(stored, type=Head)


def _value(stored: bytes) -> Iterator[tuple[Any, ...]]:
    """The items of a chunk of a catalog; nothing for other objects."""
    try:
        packed = zstandard.decompress(stored)
    except zstandard.ZstdError:
        return
    for chunk in _CHUNKS:
        with suppress(msgspec.DecodeError):
            yield chunk.decode(packed)
            return
