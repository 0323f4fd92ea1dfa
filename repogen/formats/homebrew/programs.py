"""What a formula puts into ``bin`` and beside it, and under which names: the ``install`` method.

brew enters the one top folder of an archive by itself, so names are relative to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from repogen.artifact import ArchiveFacts, Artifact
from repogen.catalog import Product
from repogen.formats.homebrew.completions import Companion, companions
from repogen.programs import needs_neighbours, program_name, programs
from repogen.quoting import ruby


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
    placed = (*(Companion(member, "bin", name) for member, name in names.items()), *companions(artifact.facts, names.values()))
    whole = needs_neighbours(artifact.facts, members)
    lines = tuple(_install(file, linked=whole) for file in placed)
    return _Plan(('libexec.install Dir["*"]', *lines) if whole else lines, tuple(names.values()))


def _install(file: Companion, *, linked: bool) -> str:
    renamed = "" if file.member.rpartition("/")[2] == file.name else f" => {ruby(file.name)}"
    if linked:
        return f"{file.folder}.install_symlink libexec/{ruby(file.member)}{renamed}"
    return f"{file.folder}.install {ruby(file.member)}{renamed}"
