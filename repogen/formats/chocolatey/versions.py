"""Versions as NuGet writes and orders them: https://learn.microsoft.com/nuget/concepts/package-versioning#normalized-version-numbers."""

from __future__ import annotations

import re

_LARGEST = 2147483647
_VERSION = re.compile(r"v?(?P<core>\d+(?:\.\d+){0,3})(?P<prerelease>-[0-9a-z-]+(?:\.[0-9a-z-]+)*)?", re.ASCII)
_GLUED_WORD = re.compile(r"(?<=\d)\.?(?=(?:(?:alpha|beta|rc|pre|preview|dev|nightly)\.?\d*|[ab]\d+)$)")


def normalised(version: str) -> str:
    """``1.2`` is 1.2.0, ``01.2.0.0`` is 1.2.0, ``2.0rc1`` is 2.0.0-rc1; empty when NuGet has no such version.

    A number alone behind ``-`` counts the builds of a version (``7.1.1-44``). To NuGet it would be an early version; as the fourth number it is a later one.
    In lower case, as NuGet's addresses are; build metadata is no part of a version's identity.
    """
    plain = _GLUED_WORD.sub("-", version.lower().partition("+")[0].replace("~", "-", 1), count=1)
    match = _VERSION.fullmatch(re.sub(r"-+", "-", plain))
    if not match:
        return ""
    numbers = [int(number) for number in match["core"].split(".")]
    if max(numbers) > _LARGEST:
        return ""
    numbers += [0] * (3 - len(numbers))
    prerelease = match["prerelease"] or ""
    if len(numbers) == 3 and prerelease[1:].isdecimal() and int(prerelease[1:]) <= _LARGEST:
        numbers, prerelease = [*numbers, int(prerelease[1:])], ""
    if len(numbers) == 4 and not numbers[3]:
        numbers.pop()
    return ".".join(str(number) for number in numbers) + prerelease


def order(version: str) -> tuple[object, ...]:
    """A key to sort normalised versions by, as clients do: ``2.0.0-rc10`` < ``2.0.0-rc2``, since only a whole part of a prerelease is a number."""
    core, _, prerelease = version.partition("-")
    parts = [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in prerelease.split(".") if prerelease]
    return [int(number) for number in f"{core}.0".split(".")][:4], not prerelease, parts
