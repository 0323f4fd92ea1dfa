"""Which objects a snapshot consists of, and which paths of the site an object names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

import msgspec
import zstandard

from repogen.manifest import Entry
from repogen.state.head import DamagedError
from repogen.state.object_store import ObjectReader
from repogen.state.snapshot import Snapshot
from repogen.state.stored_catalog import catalog_chunks
from repogen.state.stored_manifest import StoredManifest


def objects_of(snapshot: Snapshot) -> set[str]:
    """Digests of all objects that a snapshot needs: its head as the next one names it, the roots, the chunks."""
    head = snapshot.head
    catalog = catalog_chunks(snapshot.reader, head.catalog) if head.format > 1 else ()
    return {snapshot.digest, head.catalog, head.manifest, *(chunk.digest for chunk in catalog), *manifest_objects(snapshot)}


def manifest_objects(snapshot: Snapshot) -> set[str]:
    """Digests of those objects of a snapshot that hold the entries of its manifest."""
    manifest = snapshot.manifest
    return {chunk.digest for chunk in manifest.chunks} if isinstance(manifest, StoredManifest) else {snapshot.head.manifest}


def paths_in(reader: ObjectReader, digests: Iterable[str]) -> Iterator[str]:
    """The paths of the site that these parts of manifests name. Raises StoreError when one cannot be read: whatever it names would seem to be named by none."""
    for digest in digests:
        yield from _paths(reader, digest)


def paths_told(reader: ObjectReader, digests: Iterable[str]) -> Iterator[str]:
    """The paths that any objects name, those of them that are whole and part of a manifest."""
    for digest in digests:
        with suppress(DamagedError, zstandard.ZstdError, msgspec.DecodeError):
            yield from _paths(reader, digest)


def _paths(reader: ObjectReader, digest: str) -> Iterable[str]:
    return msgspec.msgpack.decode(reader.value(digest), type=dict[str, Entry])
