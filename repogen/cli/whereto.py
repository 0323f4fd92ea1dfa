"""``--to``, where it may mean two things: a destination as for every command, and what the command itself goes to.

A plain number or the name of a channel is the latter. Whoever means a folder that is called so writes it as a path: ``./3``, ``./stable``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct

from repogen.errors import UsageError


class WhereTo(Struct, frozen=True):
    """What the values of --to came to."""

    target: str | None
    """Snapshot or channel; None when none is given."""
    destination: str | None


def told_apart(values: Iterable[str], is_target: Callable[[str], bool], explicit: str | None, name: str) -> WhereTo:
    """Tell the values of --to apart. ``explicit`` is that of the option ``name``, which means the target alone. Raises UsageError when one is given twice."""
    values = tuple(values)
    targets = [value for value in values if is_target(value)] + ([explicit] if explicit is not None else [])
    destinations = [value for value in values if not is_target(value)]
    for found, what in ((targets, name), (destinations, "destination")):
        if len(found) > 1:
            raise UsageError(
                f"{' and '.join(map(repr, found))} are given as the {what}, but there is one only", hint="a destination is a path (./site) or an s3:// address"
            )
    return WhereTo(next(iter(targets), None), next(iter(destinations), None))
