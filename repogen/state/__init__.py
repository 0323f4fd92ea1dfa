"""The published state, kept in ``.repogen/`` of the store: the bucket is the database.

``.repogen/head.json`` is the one object that is replaced, by compare-and-swap (``head``). It names the roots of the catalog and of the manifest,
which list chunks; roots, chunks and former heads are stored by digest under ``.repogen/objects/`` (``objects``) and never change. Chunks are cut where
the content says so (``chunks``), so that two snapshots share all but the few chunks that differ, in the store and in the local cache (``object_cache``).
"""

from repogen.state.encoded import Encoded, encode, encoded
from repogen.state.head import HEAD, DamagedError, Head, current_identity, swap_head
from repogen.state.history import History, history
from repogen.state.object_store import OBJECTS, object_key, store_objects
from repogen.state.reachable import manifest_objects, objects_of, paths_in, paths_told
from repogen.state.snapshot import Snapshot, before, chain, load, past

__all__ = [
    "HEAD",
    "OBJECTS",
    "DamagedError",
    "Encoded",
    "Head",
    "History",
    "Snapshot",
    "before",
    "chain",
    "current_identity",
    "encode",
    "encoded",
    "history",
    "load",
    "manifest_objects",
    "object_key",
    "objects_of",
    "past",
    "paths_in",
    "paths_told",
    "store_objects",
    "swap_head",
]
