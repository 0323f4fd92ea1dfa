"""The stored form of a manifest: chunks of entries in the order of their paths, and a root object that lists them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import ItemsView, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

import msgspec

from repogen.manifest import Entry, Following, Manifest
from repogen.state.chunks import Chunk, cut
from repogen.state.object_store import ObjectReader, ObjectWriter

_root_decoder = msgspec.msgpack.Decoder(tuple[Chunk, ...])
_decoder = msgspec.msgpack.Decoder(dict[str, Entry])


class StoredManifest(Mapping[str, Entry]):
    """A published manifest that fetches only the chunks that are asked for."""

    def __init__(self, reader: ObjectReader, root: str) -> None:
        """``root`` is the digest of the root object."""
        self.chunks = _root_decoder.decode(reader.value(root))
        self._reader = reader
        self._firsts = [chunk.first for chunk in self.chunks]
        self._parts: dict[str, dict[str, Entry]] = {}

    def __len__(self) -> int:
        return sum(chunk.count for chunk in self.chunks)

    def __getitem__(self, path: str) -> Entry:
        index = bisect_right(self._firsts, path) - 1
        if index < 0:
            raise KeyError(path)
        chunk = self.chunks[index]
        self._fetch([chunk])
        return self._parts[chunk.digest][path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole)

    def items(self) -> ItemsView[str, Entry]:
        return self._whole.items()

    def at_hand(self, chunk: Chunk) -> dict[str, Entry] | None:
        """The entries of a chunk that was asked for before."""
        return self._parts.get(chunk.digest)

    def has_exactly(self, chunk: Chunk, paths: Sequence[str]) -> bool:
        """Whether a chunk holds these sorted paths, which this manifest is known to have; told without fetching it."""
        after = bisect_right(self._firsts, chunk.first)
        return (paths[0], len(paths)) == (chunk.first, chunk.count) and (after == len(self._firsts) or paths[-1] < self._firsts[after])

    def besides(self, other: StoredManifest) -> dict[str, Entry]:
        """The entries of the chunks that the other manifest does not have: whatever differs is among them."""
        shared = {chunk.digest for chunk in other.chunks}
        return self._entries([chunk for chunk in self.chunks if chunk.digest not in shared])

    @cached_property
    def _whole(self) -> dict[str, Entry]:
        return self._entries(self.chunks)

    def _entries(self, chunks: Iterable[Chunk]) -> dict[str, Entry]:
        chunks = tuple(chunks)
        self._fetch(chunks)
        return {path: entry for chunk in chunks for path, entry in self._parts[chunk.digest].items()}

    def _fetch(self, chunks: Iterable[Chunk]) -> None:
        missing = [chunk.digest for chunk in chunks if chunk.digest not in self._parts]
        if missing:
            self._parts |= zip(missing, map(_decoder.decode, self._reader.values(missing)), strict=True)


def read_manifest_1(reader: ObjectReader, root: str) -> dict[str, Entry]:
    """The manifest of state of format 1, which was one object."""
    return msgspec.msgpack.decode(reader.value(root), type=dict[str, Entry])


def write_manifest(writer: ObjectWriter, manifest: Manifest, standing: Manifest) -> str:
    """Digest of the root object of a manifest, whose paths are sorted. Chunks of the ``standing`` one that are at hand are not made again.

    A chunk all of whose paths are carried is not even fetched.
    """
    paths = list(manifest)
    carried = manifest.carried if isinstance(manifest, Following) else {}
    stored = standing if isinstance(standing, StoredManifest) else None
    known = {(chunk.first, chunk.count): chunk for chunk in stored.chunks} if stored else {}

    def written(some: list[str]) -> Chunk:
        chunk = known.get((some[0], len(some)))
        if chunk and stored and all(path in carried for path in some) and stored.has_exactly(chunk, some):
            return chunk
        entries = {path: manifest[path] for path in some}
        return chunk if chunk and stored and stored.at_hand(chunk) == entries else Chunk(writer.add(entries), some[0], len(some))

    return writer.add([written(paths[start:end]) for start, end in cut(paths)])
