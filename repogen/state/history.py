"""How far back the snapshots before one are whole: one that is not can neither be rolled back to nor tell prune what it names."""

from __future__ import annotations

from msgspec import Struct

from repogen.state.head import DamagedError
from repogen.state.reachable import objects_of
from repogen.state.snapshot import Snapshot, before


class History(Struct, frozen=True):
    """The snapshots before one."""

    whole: tuple[Snapshot, ...]
    """Those up to the first that is not whole, the latest first."""
    damage: DamagedError | None
    """What is wrong with that one; None where all are whole."""

    def oldest(self, current: Snapshot) -> int:
        """Number of the oldest snapshot that is whole."""
        return self.whole[-1].number if self.whole else current.number


def history(current: Snapshot) -> History:
    """Read all state of the snapshots before this one. Raises StoreError where it cannot be read."""
    whole: list[Snapshot] = []
    seen = objects_of(current)
    try:
        for former in before(current):
            objects = objects_of(former)
            former.reader.check(objects - seen)
            seen |= objects
            whole.append(former)
    except DamagedError as damage:
        return History(tuple(whole), damage)
    return History(tuple(whole), None)
