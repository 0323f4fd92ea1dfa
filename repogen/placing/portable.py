"""Which Windows programs run as they are, where their content does not tell.

electron-builder packs its portable program with NSIS as it packs its installer, and tells them apart by name alone: ``App Setup 1.0.0.exe``
installs, ``App 1.0.0.exe`` beside it runs. Where there is no such setup beside it, the plain name is the installer's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec.structs import replace

from repogen.artifact import InstallerFacts, Kind
from repogen.placing.settle import Settled

_SETUP = re.compile(r"setup|install(?:er)?(?=[-_ .]|$)", re.IGNORECASE)


def told_apart(settled: Sequence[Settled]) -> list[Settled]:
    """The same files, with ``portable`` as technology of each installer's stub beside which a setup of the same release and architecture stands."""
    setups = {_release(one) for one in settled if one.file.reading.kind is Kind.EXE and _SETUP.search(one.file.name)}
    if not setups:
        return list(settled)
    return [_as_portable(one) if _release(one) in setups and not _SETUP.search(one.file.name) else one for one in settled]


def _release(one: Settled) -> tuple[str, str, str, str]:
    return one.product, one.version, one.channel, one.arch


def _as_portable(one: Settled) -> Settled:
    reading = one.file.reading
    if reading.kind is not Kind.EXE or not isinstance(reading.facts, InstallerFacts):
        return one
    facts = replace(reading.facts, technology="portable")
    return replace(one, file=replace(one.file, reading=replace(reading, facts=facts)))
