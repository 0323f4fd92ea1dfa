"""Which channel the packages of an old suite or repository go to.

What the user says comes first, then ``[[apt.suite]]``, then a name that is a channel's. A repository that is alone, and yum repositories that are parted by
distribution and architecture alone, are the stable channel's. Nothing else is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from repogen.adopting.repositories import Old
from repogen.catalog import CHANNEL_ORDER
from repogen.config import Config, is_channel
from repogen.errors import UsageError

_STABLE = CHANNEL_ORDER[0]
#: Parts of a yum repository's folder that tell system, release or architecture, or nothing.
_NO_CHANNEL = re.compile(
    r"(?:rpms?|yum|dnf|repos?|packages|linux|os|pub|centos|rhel|el|epel|fedora|fc|rocky|almalinux|opensuse|suse|sles|leap|amzn|amazonlinux)?"
    r"[-._]?\d*(?:\.\d+)?|noarch|src|source|srpms|x86_64|i[3-6]86|aarch64|arm64|amd64|armv\w+|ppc64le|s390x|riscv64",
    re.IGNORECASE,
)


def parse_map(words: Iterable[str]) -> dict[str, str]:
    """``NAME=CHANNEL`` as the user wrote it. Raises UsageError."""
    found = {}
    for word in words:
        name, sign, channel = word.rpartition("=")
        if not sign or not name or not is_channel(channel):
            raise UsageError(f"--map {word!r} cannot be understood", hint="write it as SUITE=CHANNEL, such as --map bookworm=stable")
        found[name.rstrip("/")] = channel
    return found


def channels_of(olds: Sequence[Old], config: Config, known: Collection[str], told: Mapping[str, str], channel: str | None) -> tuple[tuple[Old, str], ...]:
    """Each with its channel. ``known`` are channels that there are, ``told`` what --map says, ``channel`` the one for all.

    Raises UsageError where nothing says it, or --map names what is not there.
    """
    if strange := sorted(told.keys() - {old.name for old in olds}):
        raise UsageError(f"--map names {strange[0]!r}, which is not there", hint=f"there are: {', '.join(old.name for old in olds)}")
    found = [(old, told.get(old.name) or channel or _by_name(old, config, {*CHANNEL_ORDER, *known}) or _alone(old, olds)) for old in olds]
    unknown = [old for old, name in found if not name]
    if unknown:
        first = unknown[0]
        table = f', or write a table [[apt.suite]] with name = "{first.name}"' if first.kind == "apt" else ""
        raise UsageError(
            f"nothing says which channel {' and '.join(map(str, unknown))} {'goes' if len(unknown) == 1 else 'go'} to",
            hint=f"say it with --map {first.name}={_STABLE}, or --channel {_STABLE} for all{table}",
        )
    return tuple(found)


def _by_name(old: Old, config: Config, known: Collection[str]) -> str:
    if old.kind == "apt":
        table = next((table for table in config.apt.suite if table.name == old.name), None)
        if table:
            return table.channels[0]
        return next((name for name in (old.name, old.suite) if name in known), "")
    parts = old.name.split("/")
    named = next((part for part in reversed(parts) if part in known), "")
    return named or (_STABLE if all(_NO_CHANNEL.fullmatch(part) for part in parts) else "")


def _alone(old: Old, olds: Sequence[Old]) -> str:
    return _STABLE if sum(other.kind == old.kind for other in olds) == 1 else ""
