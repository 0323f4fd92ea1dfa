"""The user's folder for what can be made or fetched again: ``$XDG_CACHE_HOME/repogen``, else ``~/.cache/repogen``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def cache_folder(environ: Mapping[str, str]) -> Path | None:
    """The folder, which need not be there yet; None where the environment names no place for it."""
    named = environ.get("XDG_CACHE_HOME", "")
    if named.startswith("/"):
        return Path(named) / "repogen"
    home = environ.get("HOME", "") or environ.get("USERPROFILE", "")
    return Path(home) / ".cache" / "repogen" if home and Path(home).is_absolute() else None
