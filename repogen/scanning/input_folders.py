"""The folders of ``[input] paths``, which must not hold what repogen itself writes: the next build would take the site for release files."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Iterator
from itertools import takewhile
from pathlib import Path

from repogen.errors import UsageError


def check_apart(folder: Path, paths: Iterable[str], base: Path) -> None:
    """Raise UsageError for a destination that is a folder of ``paths`` (relative to ``base``) or stands in one.

    The folder that repogen.toml stands in is an exception, since everything of a project stands below it; sites there are passed over by a scan.
    """
    destination, home = folder.resolve(), base.resolve()
    for pattern in paths:
        for taken in {found.resolve() for found in _folders(pattern, base)}:
            if destination == taken or (destination.is_relative_to(taken) and not home.is_relative_to(taken)):
                where = "is" if destination == taken else "is inside"
                raise UsageError(
                    f"the destination {folder} {where} the input folder {taken}: the next build would take the site for release files",
                    hint="publish to a folder of its own: [publish] to, or --to",
                )


def _folders(pattern: str, base: Path) -> Iterator[Path]:
    """The folders that a path names, or below which a glob looks everywhere."""
    path = base / pattern
    if not glob.has_magic(pattern) or path.exists():
        yield path
    elif "**" in pattern:
        yield base.joinpath(*takewhile(lambda part: not glob.has_magic(part), Path(pattern).parts))
    else:
        yield from (base / found for found in glob.iglob(pattern, root_dir=base) if (base / found).is_dir())  # noqa: PTH207 - it takes whole paths too
