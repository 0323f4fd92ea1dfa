"""What a publish would write, worked out from two manifests alone."""

from __future__ import annotations

from msgspec import Struct

from repogen.errors import ProtectionError
from repogen.manifest import Entry, Manifest
from repogen.tree import Stage


class Put(Struct, frozen=True):
    """One file to write."""

    path: str
    size: int
    stage: Stage
    replaces: bool
    """Whether other bytes stand at the path now."""


class Plan(Struct, frozen=True, kw_only=True):
    """The puts of a publish in their order, and the paths that no index names any more."""

    puts: tuple[Put, ...]
    stale: tuple[str, ...]
    unchanged: int

    @property
    def size(self) -> int:
        """Bytes to upload."""
        return sum(put.size for put in self.puts)

    def of(self, stage: Stage) -> tuple[Put, ...]:
        return tuple(put for put in self.puts if put.stage == stage)


def make_plan(wanted: Manifest, published: Manifest, *, complete: bool = True) -> Plan:
    """Order what differs by stage and path.

    After a publish that was cut (``complete`` false) nobody knows which indices it had written, so that all of them are written.
    """
    puts = [Put(path, entry.size, Stage(entry.stage), path in published) for path, entry in wanted.items() if _differs(path, entry, published, complete)]
    stale = tuple(path for path in published if path not in wanted)
    return Plan(puts=tuple(sorted(puts, key=lambda put: (put.stage, put.path))), stale=stale, unchanged=len(wanted) - len(puts))


def _differs(path: str, entry: Entry, published: Manifest, complete: bool) -> bool:
    old = published.get(path)
    if old is None:
        return True
    if old.sha256 == entry.sha256:
        return not complete and entry.stage != Stage.PAYLOAD
    if Stage(entry.stage) is Stage.PAYLOAD:
        raise ProtectionError(
            f"{path} is published with other bytes (it was {old.sha256[:12]}…, it is {entry.sha256[:12]}… now)",
            hint="published files never change; give the new build a new version",
        )
    return True
