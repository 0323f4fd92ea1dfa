"""The end of a publish where a CDN stands before the destination: it is purged, and the head remembers what is left to purge until that is done.

A publish that fails here, or is killed, has published: whoever publishes next finds in the head what the CDN may still hold old copies of.
"""

from __future__ import annotations

from contextlib import suppress

from msgspec.structs import replace

from repogen import cdn
from repogen.config import Config
from repogen.errors import CdnError
from repogen.state import Snapshot, swap_head
from repogen.state.head import read_head
from repogen.stores import ConflictError, Store


def purge(config: Config, store: Store, snapshot: Snapshot) -> None:
    """Purge what the head of the current snapshot remembers, and let it remember that no more. Raises CdnError with the paths."""
    if not snapshot.head.unpurged or not config.cdn.kind:
        return
    try:
        cdn.purge(config, snapshot.head.unpurged, snapshot.manifest)
    except CdnError:
        if read_head(store)[1] != snapshot.etag:
            return  # Somebody has published upon it since: the files are theirs now, and so is the purge.
        raise
    with suppress(ConflictError):
        swap_head(store, replace(snapshot.head, unpurged=()), snapshot.etag)
