"""Files that Squirrel and Velopack leave without a version: they belong to the newest update package beside them.

``Setup.exe`` of Squirrel does not even name its application; ``Quiet-win-Setup.exe``, ``Quiet-win-Portable.zip`` and ``Quiet.AppImage`` of Velopack
(https://docs.velopack.io/distributing/overview) name it alone. What stands in such a program as its version has a form of Windows' own.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from repogen.artifact import Kind
from repogen.paths import slug
from repogen.placing.names import parse_name
from repogen.placing.settle import Settled
from repogen.version import version_key

_KINDS = {Kind.EXE, Kind.MSI, Kind.ZIP, Kind.PKG, Kind.DMG, Kind.APPIMAGE}
_NAMELESS = {"setup", "update", "portable"}


def with_versions(settled: Sequence[Settled]) -> list[Settled]:
    """The same files; those without a version in their names with that of the newest update package of their application in their folder."""
    newest: dict[tuple[str, str], Settled] = {}
    for one in settled:
        if one.file.reading.kind is Kind.UPDATE:
            key = one.file.folder, one.product
            newest[key] = max(newest.get(key, one), one, key=lambda package: version_key(package.version))
    return [_with_version(one, newest) for one in settled] if newest else list(settled)


def _with_version(one: Settled, newest: dict[tuple[str, str], Settled]) -> Settled:
    if one.file.reading.kind not in _KINDS or parse_name(one.file.name).version:
        return one
    beside = [package for (folder, _), package in newest.items() if folder == one.file.folder]
    own = [package for package in beside if package.product == one.product]
    package = next(iter(own), beside[0] if len(beside) == 1 and slug(one.display) in _NAMELESS else None)
    if package is None:
        return one
    return replace(one, product=package.product, display=package.display, version=package.version, channel=package.channel, table=package.table)
