"""Lists of update packages: ``RELEASES`` of Squirrel.Windows and ``releases.<channel>.json`` of Velopack.

https://github.com/Squirrel/Squirrel.Windows/blob/develop/docs/using/update-process.md: a line has SHA-1, name or address, and size, and perhaps the share of
a staged rollout. https://docs.velopack.io/distributing/overview: an object with ``Assets``.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from repogen.artifact import PackageEntry, PackageListFacts
from repogen.errors import InputError

_LINE = re.compile(r"(?P<sha1>[0-9a-fA-F]{40})\s+(?P<name>\S+)\s+(?P<size>\d{1,15})")
_VERSION = re.compile(r"-(?P<version>\d+(?:\.\d+)+.*)-(?:full|delta)\.nupkg$")
_JSON = re.compile(r"releases\.(?P<channel>.+)\.json")
_OWN = {"FileName", "Size", "SHA1", "SHA256"}
_REMEDY = "put the list there that Squirrel or vpk wrote with these packages"


def parse(name: str, text: str) -> PackageListFacts:
    """What a list says. Raises InputError for one that cannot be read."""
    velopack = _JSON.fullmatch(name)
    entries = _assets(name, text) if velopack else tuple(_entry(name, said) for line in text.splitlines() if (said := line.partition("#")[0].strip()))
    if not entries:
        raise InputError(f"{name} claims by its name to be a list of update packages, but names none", hint=_REMEDY)
    return PackageListFacts(channel=velopack["channel"] if velopack else "", entries=entries)


def _entry(name: str, line: str) -> PackageEntry:
    found = _LINE.fullmatch(line)
    if found is None:
        raise InputError(f"{name} has a line that is none of a list of Squirrel: {line[:80]!r}", hint=_REMEDY)
    package = found["name"].partition("?")[0].rpartition("/")[2]
    version = _VERSION.search(package)
    return PackageEntry(name=package, version=version["version"] if version else "", size=int(found["size"]), sha1=found["sha1"].lower())


def _assets(name: str, text: str) -> tuple[PackageEntry, ...]:
    try:
        return tuple(_asset(asset) for asset in msgspec.json.decode(text)["Assets"])
    except (msgspec.DecodeError, KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise InputError(f"{name} is no list of Velopack: {error}", hint=_REMEDY) from error


def _asset(asset: dict[str, Any]) -> PackageEntry:
    return PackageEntry(
        name=str(asset["FileName"]).rpartition("/")[2],
        version=str(asset["Version"]),
        size=int(asset["Size"]),
        sha1=str(asset.get("SHA1") or "").lower(),
        sha256=str(asset.get("SHA256") or "").lower(),
        more=msgspec.json.encode({key: value for key, value in asset.items() if key not in _OWN}),
    )
