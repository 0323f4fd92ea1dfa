"""The table ``[updates]`` of repogen.toml, as config.py reads it."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from repogen.version import is_version

Minimum = str | dict[str, str]


class UpdatesConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[updates]``: manifests from which applications update themselves."""

    product: str = ""
    """Product that the short addresses ``updates/<channel>/...`` belong to. Absent: the one that had them first. Each product has
    ``updates/<product>/<channel>/...`` besides."""
    follows: dict[str, tuple[str, ...]] = {}
    """Channels whose releases another one offers too, where they are newer: ``{beta = ["stable"]}`` brings those who test a version to the final one."""
    minimum_version: str | dict[str, str] = ""
    """Oldest version from which an update may go straight to the releases of all products. A table says it from a release on: ``{"3.0" = "2.0"}`` holds for
    3.0 and what comes after. ``[[product]] minimum_version`` comes first."""
    electron: tuple[str, ...] | None = None
    """Products that update themselves through electron-updater. Absent: those that have what it takes: an NSIS installer, an AppImage or a zipped macOS
    application."""
    sparkle_key: str = ""
    """File with the Ed25519 key of Sparkle, as ``generate_keys -x`` writes it; REPOGEN_SPARKLE_KEY comes first, which may also be the key itself. New files
    for macOS and Windows are signed with it, and ``appcast.xml`` names them."""


def faults(updates: UpdatesConfig) -> Iterator[tuple[str, str]]:
    """What cannot be in the table: pairs of a sentence and its remedy."""
    yield from minimum_faults("[updates] minimum_version", updates.minimum_version)
    for channel, followed in updates.follows.items():
        if channel in followed:
            yield f"[updates] follows: {channel} follows itself", "name the other channels only"


def minimum_faults(where: str, minimum: Minimum) -> Iterator[tuple[str, str]]:
    """What cannot be in a ``minimum_version``; ``where`` names the key."""
    table = minimum if isinstance(minimum, dict) else {"0": minimum or "0"}
    for version in (*table, *table.values()):
        if not is_version(version):
            yield f"{where}: {version!r} is no version", 'write it as "2.0"'
