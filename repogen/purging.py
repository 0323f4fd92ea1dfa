"""The end of a publish where a CDN stands before the destination: it is purged, and the head remembers what is left to purge until that is done.

A publish that fails here, or is killed, has published: whoever publishes next finds in the head what the CDN may still hold old copies of.
"""

from __future__ import annotations

from contextlib import suppress

from msgspec.structs import replace

from repogen import cdn
from repogen.config import Config
from repogen.errors import CdnError
from repogen.plan import Plan
from repogen.state import Head, Snapshot, swap_head
from repogen.state.head import NOTHING, read_head
from repogen.stores import ConflictError, Store
from repogen.stores.conditions import Unconditional
from repogen.stores.turns import Turns
from repogen.tree import Stage


def purged_paths(config: Config, plan: Plan, before: Head = NOTHING) -> tuple[str, ...]:
    """What a publish by this plan would purge, in the order of its puts, and what is left of the one before; nothing where no CDN is configured."""
    changed = [put.path for put in plan.puts if put.stage is not Stage.PAYLOAD]
    return tuple(dict.fromkeys([*changed, *before.unpurged])) if config.cdn.kind else ()


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
        _forget(store, snapshot)


def _forget(store: Store, snapshot: Snapshot) -> None:
    """Swap in the head that remembers nothing. A store that would let it overwrite a newer one is written in turn with the others."""
    head = replace(snapshot.head, unpurged=())
    if head.conditional and head.endpoint == store.endpoint:
        swap_head(store, head, snapshot.etag)
        return
    with Turns(store, atomic=False) as turns:
        turns.take()
        swap_head(Unconditional(store), head, snapshot.etag)
