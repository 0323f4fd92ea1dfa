"""What surely stands in a destination whose last publish was cut: what neither that one nor any before it that was cut had to write.

A publish puts only what differs from the state that it follows. So after a publish that was finished, a file is as it was then for as long as all manifests
since agree on it, whether their publishes were finished or not.
"""

from __future__ import annotations

from repogen.errors import StoreError
from repogen.manifest import Entry, Manifest
from repogen.state import Snapshot, before
from repogen.tree import Stage


def certain(snapshot: Snapshot) -> Manifest:
    """The manifest of a publish that was finished; after one that was cut, those of its indices, entries and pages that stand as it says."""
    if snapshot.complete:
        return snapshot.manifest
    try:
        return _untouched(snapshot)
    except StoreError:  # of former state, which a publish does not need
        return {}


def _untouched(snapshot: Snapshot) -> dict[str, Entry]:
    cut = [snapshot]
    for former in before(snapshot):
        if former.complete:
            since = [one.manifest for one in cut]
            lists = ((path, entry) for path, entry in former.manifest.items() if entry.stage != Stage.PAYLOAD)
            return {path: entry for path, entry in lists if all(manifest.get(path) == entry for manifest in since)}
        cut.append(former)
    return {}
