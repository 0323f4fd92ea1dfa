"""What a formula puts into ``bin``, and under which names: the ``install`` method.

brew enters the one top folder of an archive by itself, so names are relative to it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from repogen.artifact import ArchiveFacts, Artifact
from repogen.catalog import Product
from repogen.platforms import ARCHITECTURE_WORDS, LIBC_WORDS, SYSTEM_WORDS
from repogen.quoting import ruby

_LIBRARY = re.compile(r"\.(?:so(?:\.\d+)*|dylib|dll|a|o|node|exe)$", re.IGNORECASE)
_SETUP = {"install", "uninstall", "setup", "configure", "install.sh", "uninstall.sh", "setup.sh", "postinstall", "preinstall"}
_PLATFORM = {**SYSTEM_WORDS, **ARCHITECTURE_WORDS, **LIBC_WORDS}.keys()


class Installation(NamedTuple):
    """Lines of the ``install`` method, and the program that the test runs."""

    lines: tuple[str, ...]
    main: str


class _Plan(NamedTuple):
    """What one file needs."""

    lines: tuple[str, ...]
    names: tuple[str, ...]


def installation(cells: Mapping[tuple[str, str], Artifact], product: Product) -> Installation:
    """The method for the files of each (system, architecture); it branches only where archives differ."""
    plans = {cell: _plan(artifact, product) for cell, artifact in cells.items()}
    systems: dict[str, dict[str, tuple[str, ...]]] = {}
    for (system, word), plan in plans.items():
        systems.setdefault(system, {})[word] = plan.lines
    lines = _branched("OS.mac?", {system: _branched("Hardware::CPU.arm?", words) for system, words in systems.items()})
    names = sorted({name for plan in plans.values() for name in plan.names})
    return Installation(lines, product.id if product.id in names else names[0])


def _branched(condition: str, choices: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """One way when all are the same, else an ``if`` between the two, of which the condition holds for the first."""
    different = list(dict.fromkeys(choices.values()))
    if len(different) == 1:
        return different[0]
    first, second = different
    return (f"if {condition}", *(f"  {text}" for text in first), "else", *(f"  {text}" for text in second), "end")


def _plan(artifact: Artifact, product: Product) -> _Plan:
    if not isinstance(artifact.facts, ArchiveFacts):
        return _Plan((f'bin.install Dir["*"].first => {ruby(product.id)}',), (product.id,))
    members = programs(artifact.facts)
    names = {member: program_name(member, product.id, artifact.version, alone=len(members) == 1) for member in members}
    if _needs_neighbours(artifact.facts, members):
        links = tuple(_install("bin.install_symlink", f"libexec/{ruby(member)}", member, name) for member, name in names.items())
        return _Plan(('libexec.install Dir["*"]', *links), tuple(names.values()))
    return _Plan(tuple(_install("bin.install", ruby(member), member, name) for member, name in names.items()), tuple(names.values()))


def _install(method: str, source: str, member: str, name: str) -> str:
    return f"{method} {source}" + ("" if member.rpartition("/")[2] == name else f" => {ruby(name)}")


def programs(facts: ArchiveFacts) -> tuple[str, ...]:
    """The archive's programs, relative to its top folder: those in ``bin/``, else at the top, else all of them."""
    prefix = f"{facts.top}/" if facts.top else ""
    inside = [member.removeprefix(prefix) for member in facts.executables]
    usable = [member for member in inside if not _LIBRARY.search(member)] or inside
    wanted = [member for member in usable if member.rpartition("/")[2].lower() not in _SETUP] or usable
    for folder in ("bin", ""):
        here = [member for member in wanted if member.rpartition("/")[0] == folder]
        if here:
            return tuple(sorted(here))
    return tuple(sorted(wanted))


def program_name(member: str, product: str, version: str, *, alone: bool) -> str:
    """The name to run it by: ``hello-1.2.0-linux-amd64`` is ``hello`` when it is the archive's only program."""
    name = member.rpartition("/")[2]
    rest = name.lower().removeprefix(product)
    if not alone or rest == name.lower() or not rest:
        return name
    words = re.split(r"[-_.]+", rest.replace(version.lower(), "").strip("-_."))
    plain = all(word in _PLATFORM or word in {"", "v", "64", "86"} or word.isdigit() for word in words)
    return product if plain and rest[0] in "-_." else name


def _needs_neighbours(facts: ArchiveFacts, members: tuple[str, ...]) -> bool:
    """Whether the programs come with libraries or data of their own, which they look for beside themselves."""
    prefix = f"{facts.top}/" if facts.top else ""
    others = [member.removeprefix(prefix) for member in facts.members if member.removeprefix(prefix) not in members]
    return any(_LIBRARY.search(member) or member.startswith(("lib/", "libexec/", "resources/")) for member in others)
