"""Paths as people write them, with ``~`` for a home."""

from __future__ import annotations

from pathlib import Path

from repogen.errors import UsageError


def expanded(path: str) -> Path:
    """``path`` with its ``~`` or ``~user`` spelled out. Raises UsageError where nobody has such a home."""
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        home = path.partition("/")[0]
        raise UsageError(f"{path!r} begins with {home}, which is nobody's home on this machine", hint="write the whole path, or ./ before it") from error
