"""Files of one release that no client can tell apart: for the same machine, of the same kind, and neither name says which one is the plain build."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from repogen.artifact import Artifact, InstallerFacts, Kind
from repogen.readers.endings import strip_ending

_CHOSEN = {Kind.TAR, Kind.ZIP, Kind.BINARY, Kind.APPIMAGE, Kind.EXE, Kind.MSI, Kind.DMG, Kind.PKG}


def lookalikes(artifacts: Sequence[Artifact]) -> Iterator[str]:
    """A sentence for each machine and kind that such files are for. A name that only adds words to another one is that of a variant, and comes second."""
    for key, group in groupby(sorted((a for a in artifacts if a.kind in _CHOSEN), key=_machine), key=_machine):
        first, *others = sorted(group, key=lambda a: a.plainness)
        plain = strip_ending(first.filename)
        if other := next((a for a in others if not strip_ending(a.filename).startswith(plain)), None):
            product, version, _, os, arch, *_ = key
            yield (
                f"{first.filename} and {other.filename} are both {product} {version} for {os}/{arch}: package managers, updaters and install scripts bring the"
                " first; make the other a product of its own ([[product]] files), name its processor, or leave it out ([input] ignore)"
            )


def _machine(artifact: Artifact) -> tuple[str, ...]:
    technology = artifact.facts.technology if isinstance(artifact.facts, InstallerFacts) else ""
    return *artifact.release, artifact.os, artifact.arch, artifact.libc, artifact.kind.value, technology
