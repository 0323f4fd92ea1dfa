"""A catalog and a manifest on their way to a store."""

from __future__ import annotations

from msgspec import Struct

from repogen.catalog import Catalog
from repogen.manifest import Manifest
from repogen.state.head import identity
from repogen.state.object_store import ObjectWriter
from repogen.state.snapshot import Snapshot
from repogen.state.stored_catalog import write_catalog
from repogen.state.stored_manifest import StoredManifest, write_manifest


class Encoded(Struct, frozen=True, kw_only=True):
    """A catalog and a manifest in their stored form."""

    catalog: str
    """Digest of the catalog's root object."""
    manifest: str
    """Digest of the manifest's root object."""
    objects: dict[str, bytes] = {}
    """Stored bytes, by digest, of the objects that the snapshot before does not have."""

    @property
    def identity(self) -> str:
        return identity(self.catalog, self.manifest)


def encode(catalog: Catalog, manifest: Manifest, published: Snapshot) -> Encoded:
    """The stored form of a state that follows the published one. The paths of the manifest are sorted."""
    writer = ObjectWriter()
    roots = write_catalog(writer, catalog, published.stored_catalog), write_manifest(writer, manifest, published.manifest)
    standing = {published.head.catalog, published.head.manifest}
    if isinstance(published.manifest, StoredManifest):
        standing |= {chunk.digest for chunk in published.manifest.chunks}
    objects = {digest: content for digest, content in writer.objects.items() if digest not in standing}
    return Encoded(catalog=roots[0], manifest=roots[1], objects=objects)


def encoded(published: Snapshot) -> Encoded:
    """The stored form of the published state itself."""
    return Encoded(catalog=published.head.catalog, manifest=published.head.manifest)
