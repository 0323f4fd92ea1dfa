"""The stored form of a catalog: its long fields are cut into chunks, and a root object lists them beside the rest.

MessagePack in zstandard; the same value gives the same bytes. Chunks that stand in the published state are named again without being made again.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from repogen import stored
from repogen.artifact import Artifact
from repogen.catalog import Catalog, Product, Release, Withdrawal
from repogen.state.chunks import Chunk, cut
from repogen.state.object_store import ObjectReader, ObjectWriter
from repogen.thrift import Room

_Items = tuple[Any, ...]


class _Field(Struct, frozen=True):
    """A long field: what tells its items apart, and how they are decoded."""

    key: Callable[[Any], str]
    decoder: msgspec.msgpack.Decoder[Any]


_FIELDS = {
    "artifacts": _Field(lambda artifact: f"{artifact.path} {artifact.channel}", stored.decoder(tuple[Artifact, ...])),
    "releases": _Field(lambda release: f"{release.product} {release.channel} {release.version}", stored.decoder(tuple[Release, ...])),
    "dropped": _Field(lambda release: f"{release.product} {release.channel} {release.version}", stored.decoder(tuple[Release, ...])),
    "products": _Field(lambda product: product.id, stored.decoder(tuple[Product, ...])),
    "withdrawn": _Field(lambda withdrawal: " ".join(withdrawal.release.key), stored.decoder(tuple[Withdrawal, ...])),
}


class CatalogRoot(Struct, frozen=True):
    """A catalog without its long fields, and the chunks of each of these."""

    rest: Catalog
    chunks: dict[str, tuple[Chunk, ...]]


class StoredCatalog(Struct, frozen=True):
    """A catalog, and the items of each chunk that it came in."""

    catalog: Catalog
    items: dict[Chunk, _Items] = {}


_root = stored.decoder(CatalogRoot)


def read_catalog(reader: ObjectReader, root: str) -> StoredCatalog:
    """The catalog of this root object."""
    read = _root.decode(reader.value(root))
    named = [(field, chunk) for field, chunks in read.chunks.items() for chunk in chunks]
    values = reader.values([chunk.digest for _, chunk in named])
    room = Room()
    parts = [(field, chunk, room.take(_FIELDS[field].decoder.decode(value))) for (field, chunk), value in zip(named, values, strict=True)]
    fields = {field: tuple(item for _, _, items in some for item in items) for field, some in groupby(parts, key=lambda part: part[0])}
    return StoredCatalog(replace(read.rest, **fields), {chunk: items for _, chunk, items in parts})


def catalog_chunks(reader: ObjectReader, root: str) -> tuple[Chunk, ...]:
    """The chunks of the catalog of this root object."""
    return tuple(chunk for chunks in _root.decode(reader.value(root)).chunks.values() for chunk in chunks)


def read_catalog_1(reader: ObjectReader, root: str) -> StoredCatalog:
    """The catalog of state of format 1, which was one object."""
    return StoredCatalog(stored.decoder(Catalog).decode(reader.value(root)))


def write_catalog(writer: ObjectWriter, catalog: Catalog, standing: StoredCatalog) -> str:
    """Digest of the root object of a catalog. ``standing`` is the published one."""
    known = {(chunk.first, chunk.count): (chunk, items) for chunk, items in standing.items.items()}

    def written(key: Callable[[Any], str], items: _Items) -> Chunk:
        first = key(items[0])
        chunk, old = known.get((first, len(items)), (None, ()))
        return chunk if chunk and old == items else Chunk(writer.add(items), first, len(items))

    chunks = {}
    for name, field in _FIELDS.items():
        items = getattr(catalog, name)
        chunks[name] = tuple(written(field.key, items[start:end]) for start, end in cut([field.key(item) for item in items]))
    return writer.add(CatalogRoot(replace(catalog, **dict.fromkeys(_FIELDS, ())), chunks))
