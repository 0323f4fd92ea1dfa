"""Objects by digest: ``.repogen/objects/<sha256 of the stored bytes>``, written once and checked whenever they are read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import zstandard

from repogen.state.head import RESTORE, DamagedError
from repogen.state.object_cache import ObjectCache
from repogen.stored import encode_exactly
from repogen.stores import ConflictError, Store

OBJECTS = ".repogen/objects/"
_CACHE_CONTROL = "public, max-age=31536000, immutable"
_THREADS = 16
_LEVEL = 1  # for digests beside repeated text it packs better than 3, and in half the time


def object_key(digest: str) -> str:
    return f"{OBJECTS}{digest}"


class ObjectWriter:
    """Collects objects in their stored form."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self._compressor = zstandard.ZstdCompressor(_LEVEL)

    def add(self, value: object) -> str:
        """Digest of a value's object; equal values have equal bytes."""
        packed = self._compressor.compress(encode_exactly(value))
        stored = bytes(memoryview(packed))  # a copy of the right size: the compressor's own keeps the room that it might have needed
        digest = hashlib.sha256(stored).hexdigest()
        self.objects[digest] = stored
        return digest


class ObjectReader:
    """Reads objects: those at hand, then those of the cache, then those of the store."""

    def __init__(self, store: Store | None = None, cache: ObjectCache | None = None, at_hand: Mapping[str, bytes] | None = None) -> None:
        self.address = store.address if store else "the output folder"
        self._store, self._cache, self._at_hand = store, cache or ObjectCache(None), at_hand or {}

    def with_objects(self, at_hand: Mapping[str, bytes]) -> ObjectReader:
        """A reader that has these at hand."""
        return ObjectReader(self._store, self._cache, at_hand)

    def find(self, digest: str) -> bytes | None:
        """Stored bytes of an object; None where there is none. Raises DamagedError when it is not whole."""
        known = self._at_hand.get(digest) or self._cache.get(digest)
        if known is not None:
            return known
        stored = self._store.get(object_key(digest)) if self._store else None
        if stored is None:
            return None
        if hashlib.sha256(stored.content).hexdigest() != digest:
            raise DamagedError(f"{object_key(digest)} in {self.address} is damaged", hint=RESTORE)
        self._cache.put(digest, stored.content)
        return stored.content

    def remember(self) -> None:
        """Take what is at hand into the cache, since the store has it from now on."""
        for digest, content in self._at_hand.items():
            self._cache.put(digest, content)

    def value(self, digest: str) -> bytes:
        """What is packed in an object. Raises DamagedError when it is missing or not whole."""
        return zstandard.decompress(self.stored(digest))

    def values(self, digests: Iterable[str]) -> Iterator[bytes]:
        """What is packed in each of these objects, in their order; fetched some at a time."""
        with ThreadPoolExecutor(_THREADS) as pool:
            for stored in pool.map(self.stored, digests):
                yield zstandard.decompress(stored)

    def check(self, digests: Iterable[str]) -> None:
        """Raises DamagedError when one of these objects is missing or not whole."""
        with ThreadPoolExecutor(_THREADS) as pool:
            for _ in pool.map(self.stored, digests):
                pass

    def stored(self, digest: str) -> bytes:
        """Stored bytes of an object. Raises DamagedError when it is missing or not whole."""
        content = self.find(digest)
        if content is None:
            raise DamagedError(f"{object_key(digest)} in {self.address} is missing", hint=RESTORE)
        return content


def store_objects(store: Store, objects: Mapping[str, bytes]) -> None:
    """Write objects that the head will name, some at a time; one that is there stays, as it is from a run that was cut."""
    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(lambda digest: _create(store, digest, objects[digest]), objects))


def _create(store: Store, digest: str, content: bytes) -> None:
    with suppress(ConflictError):
        store.put(object_key(digest), content, content_type="application/zstd", cache_control=_CACHE_CONTROL, create_only=True)
