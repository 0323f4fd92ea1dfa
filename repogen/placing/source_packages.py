"""Debian source packages among the release files: each .dsc with the files that it names.

The files are compared with the digests in the .dsc and join its release, whatever they would be on their own (a tarball is an archive to everyone
else). One that is published already, such as the upstream tarball of an earlier revision, need not be released again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from repogen.artifact import DebFacts, Kind, SourceFacts, SourceFile
from repogen.errors import InputError
from repogen.placing.settle import Settled
from repogen.readers import Reading
from repogen.scanning.scan import Scanned


class Gathered(Struct, frozen=True):
    """Release files with the files of source packages taken out."""

    others: tuple[Scanned, ...]
    """The .dsc files among them."""
    parts: Mapping[str, tuple[Scanned, ...]]
    """Files of each .dsc by its local path."""


def gather(scanned: Sequence[Scanned], published: Mapping[str, str]) -> Gathered:
    """Take the files that each .dsc names. ``published`` has the SHA-256 of every published one by name. Raises InputError where one is missing or wrong."""
    described = [file for file in scanned if file.reading.kind is Kind.DSC]
    by_name: dict[str, list[Scanned]] = {}
    for file in scanned if described else ():
        by_name.setdefault(file.name, []).append(file)
    parts = {dsc.path: tuple(_parts(dsc, by_name, published)) for dsc in described}
    taken = {part.path for some in parts.values() for part in some}
    others = tuple(file for file in scanned if file.path not in taken) if taken else tuple(scanned)
    for file in others:
        if file.reading.kind is Kind.SOURCE:
            raise InputError(f"{file.name} is part of a Debian source package, but no .dsc among the release files names it", hint="release its .dsc as well")
    return Gathered(others, parts)


def _parts(dsc: Scanned, by_name: Mapping[str, Sequence[Scanned]], published: Mapping[str, str]) -> Iterator[Scanned]:
    facts = dsc.reading.facts
    for wanted in facts.files if isinstance(facts, SourceFacts) else ():
        named = sorted(by_name.get(wanted.name, ()), key=lambda file: file.folder != dsc.folder)
        right = next((file for file in named if (file.digests.size, file.digests.sha256) == (wanted.size, wanted.sha256)), None)
        if right is not None:
            yield replace(right, reading=Reading(kind=Kind.SOURCE, product=dsc.reading.product))
        elif named or published.get(wanted.name) != wanted.sha256:
            raise _absent(dsc, wanted, there=bool(named))


def _absent(dsc: Scanned, wanted: SourceFile, *, there: bool) -> InputError:
    if there:
        return InputError(f"{wanted.name} is not the file that {dsc.name} describes: its size or SHA-256 differs", hint="bring both from one build")
    return InputError(f"{dsc.name} names {wanted.name}, which is neither among the release files nor published", hint="release all files of the source package")


def place_parts(gathered: Gathered, settled: Iterable[Settled]) -> tuple[Settled, ...]:
    """The files of each source package, settled as its .dsc is."""
    described = [one for one in settled if one.file.reading.kind is Kind.DSC]
    return tuple(replace(one, file=part, doubt="") for one in described for part in gathered.parts[one.file.path])


def beside_their_debs(settled: Sequence[Settled]) -> list[Settled]:
    """Source packages go with the packages that were built from them, where these are one product's."""
    if all(one.file.reading.kind is not Kind.DSC for one in settled):
        return list(settled)
    built: dict[str, dict[str, Settled]] = {}
    for one in settled:
        if isinstance(one.file.reading.facts, DebFacts):
            built.setdefault(one.file.reading.facts.source, {}).setdefault(one.product, one)
    return [_joined(one, built.get(one.file.reading.product, {})) if one.file.reading.kind is Kind.DSC else one for one in settled]


def _joined(dsc: Settled, built: Mapping[str, Settled]) -> Settled:
    if dsc.table is not None or len(built) != 1:
        return dsc
    (deb,) = built.values()
    return replace(dsc, product=deb.product, table=deb.table, channel=deb.channel)
