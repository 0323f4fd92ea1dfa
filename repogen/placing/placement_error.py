"""The error that shows what was understood of each file that cannot be placed, and the ``[[product]]`` tables that settle it."""

from __future__ import annotations

import glob
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from repogen.artifact import Kind
from repogen.errors import InputError
from repogen.paths import slug
from repogen.placing.settle import Settled
from repogen.scanning.scan import Scanned

_MOST_SHOWN = 20
_ASKED = {
    "version": '# write the version, such as "1.2.0"',
    "os": '# "linux", "macos" or "windows"',
    "arch": '# "amd64", "arm64", ... or "any"',
}


def cannot_place(unplaced: Sequence[Settled], strays: Sequence[Scanned]) -> InputError:
    """One error for every file that cannot be placed."""
    names = Counter(one.file.name for one in unplaced)
    repeated = [one for one in unplaced if names[one.file.name] > 1]
    single = [one for one in unplaced if names[one.file.name] == 1]
    lines = [f"  {one.file.path}: {_understood(one)}" for one in repeated]
    lines += [f"  {one.file.name}: {_understood(one)}" for one in single]
    lines += [f"  {file.name}: {_what(file)} of no release here" for file in strays]
    shown = lines[:_MOST_SHOWN] + ([f"  and {len(lines) - _MOST_SHOWN} more"] if len(lines) > _MOST_SHOWN else [])
    count = "a release file" if len(lines) == 1 else f"{len(lines)} release files"
    return InputError("\n".join([f"{count} cannot be placed:", *shown]), hint="\n\n".join(_hints(repeated, single, strays)))


def _understood(one: Settled) -> str:
    words = (f"{field} {getattr(one, field) or '?'}" for field in ("product", "version", "os", "arch"))
    return f"{one.file.reading.kind}, {', '.join(words)}"


def _what(file: Scanned) -> str:
    return "release notes" if file.reading.kind is Kind.NOTES else "a side file"


def _hints(repeated: Sequence[Settled], single: Sequence[Settled], strays: Sequence[Scanned]) -> Iterator[str]:
    if repeated:
        yield 'files of one name in several folders are what a build leaves behind: name the finished files in [input] paths, such as "dist/*.tar.gz"'
    if single:
        yield "rename what is named wrongly, or write this into repogen.toml:\n\n" + suggest_tables(single)
    if strays:
        names = ", ".join(_toml(glob.escape(file.name)) for file in strays[:_MOST_SHOWN])
        yield f"name notes and side files after their release (quiet-1.2.0.md), or leave them out: [input] ignore = [{names}]"


def suggest_tables(files: Iterable[Settled]) -> str:
    """``[[product]]`` tables as TOML that settle these files once their blanks are filled in. One table for each product and set of blanks."""
    groups: dict[tuple[str, tuple[str, ...]], list[Settled]] = {}
    for one in files:
        groups.setdefault((one.product or slug(one.file.name.partition(".")[0]) or "name-me", one.missing), []).append(one)
    return "\n".join(_table(id, missing, some) for (id, missing), some in sorted(groups.items()))


def _table(id: str, missing: tuple[str, ...], files: Sequence[Settled]) -> str:
    names = ", ".join(_toml(glob.escape(one.file.name)) for one in files)
    lines = ["[[product]]", f"id = {_toml(id)}", f"files = [{names}]"]
    lines += [f'{field} = ""  {_ASKED[field]}' for field in missing if field in _ASKED]
    return "\n".join(lines) + "\n"


def _toml(text: str) -> str:
    """A TOML basic string, whose escapes are those of JSON."""
    return json.dumps(text, ensure_ascii=False)
