"""Manual pages and shell completions of an archive: what brew installs beside the programs (https://docs.brew.sh/Formula-Cookbook).

They are told by the customs of their names (``hello.1``, ``_hello``, ``hello.fish``, ``hello.bash`` or ``bash-completion/.../hello``),
and belong only to programs that are installed.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from repogen.artifact import ArchiveFacts

_MANUAL = re.compile(r"(?P<name>.+)\.(?P<section>[1-8])(?:\.gz)?")


class Companion(NamedTuple):
    """One such file: its path below the archive's top folder, brew's name of the folder that it goes to, and its name there."""

    member: str
    folder: str
    name: str


def companions(facts: ArchiveFacts, programs: Collection[str]) -> tuple[Companion, ...]:
    """What belongs to these programs, sorted by folder; one file for each place."""
    prefix = f"{facts.top}/" if facts.top else ""
    found: dict[tuple[str, str], Companion] = {}
    for member in facts.members:
        if member in facts.executables:
            continue
        path = member.removeprefix(prefix)
        place = _place(path, programs)
        if place:
            found.setdefault(place, Companion(path, *place))
    return tuple(found[place] for place in sorted(found))


def _place(path: str, programs: Collection[str]) -> tuple[str, str] | None:
    """Folder and name, for a member that is a manual page or a completion of one of the programs."""
    folder, _, name = path.rpartition("/")
    manual = _MANUAL.fullmatch(name)
    if manual and any(manual["name"] == program or manual["name"].startswith(f"{program}-") for program in programs):
        return f"man{manual['section']}", name
    for program in programs:
        if name in {f"_{program}", f"{program}.zsh"}:
            return "zsh_completion", f"_{program}"
        if name == f"{program}.fish":
            return "fish_completion", name
        if name in {f"{program}.bash", f"{program}.bash-completion"} or (name == program and "bash" in folder):
            return "bash_completion", program
    return None
