"""The table ``[retention]`` of repogen.toml, as config.py reads it."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

Keep = int | dict[str, int]


class RetentionConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[retention]``: how long old releases and old snapshots stay."""

    keep: int | dict[str, int] = 0
    """How many releases of each product each channel offers: the last published ones, and the highest version always. 0 keeps all. A table says it by
    channel (``{nightly = 7}``), and channels that it does not name keep all. ``[[product]] keep`` comes first."""
    snapshots: int = 10
    """How many earlier snapshots `repogen prune` keeps, to which `repogen rollback` can go back."""
    days: int = 14
    """Grace period: what was offered less than so many days ago is kept too, for clients and mirrors that hold older indices."""
    most: int = 50
    """Percentage of all files of the destination above which `repogen prune` asks for ``--yes``."""


def faults(retention: RetentionConfig) -> Iterator[tuple[str, str]]:
    """What cannot be in this table: pairs of a sentence and its remedy."""
    yield from keep_faults("[retention] keep", retention.keep)
    for name, value in (("snapshots", retention.snapshots), ("days", retention.days)):
        if value < 0:
            yield f"[retention] {name} {value} is negative", "write 0 or more"
    if not 0 <= retention.most <= 100:
        yield f"[retention] most {retention.most} is no percentage", "write a number from 0 to 100"


def keep_faults(where: str, keep: Keep) -> Iterator[tuple[str, str]]:
    """What cannot be in a ``keep``; ``where`` names the key."""
    for number in keep.values() if isinstance(keep, dict) else (keep,):
        if number < 0:
            yield f"{where} {number} is negative", "write how many releases to keep, or 0 for all of them"
