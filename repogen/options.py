"""What one run of a build is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct


class Options(Struct, frozen=True, kw_only=True):
    """What one run asks for, beside the configuration."""

    base: Path
    """Folder of repogen.toml; relative paths start here."""
    output: Path
    environ: Mapping[str, str]
    channel: str | None = None
    date: str | None = None
    unsigned: bool = False
    accept_identity_change: bool = False
    """See record.Additions.accepts_identity_change."""
