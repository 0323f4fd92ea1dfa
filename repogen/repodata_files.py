"""Modules and product certificates among the release files join the yum repository of their channel.

A name says the channel by what stands before (``beta.modules.yaml``); one that does not goes where the release's rpms go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from repogen.artifact import Artifact, Kind, RpmFacts
from repogen.catalog import CHANNEL_ORDER, Repodata, repodata_filename
from repogen.errors import InputError
from repogen.module_documents import nevra
from repogen.placing.settle import Settled
from repogen.scanning.scan import Scanned

KINDS = (Kind.MODULES, Kind.PRODUCTID)


def place_repodata(files: Sequence[Scanned], settled: Sequence[Settled], channel: str | None) -> tuple[Repodata, ...]:
    """One of each channel and type; several files with modules are one after another. Raises InputError."""
    channels = sorted({one.channel for one in settled if one.file.reading.kind is Kind.RPM})
    texts: dict[tuple[str, Kind], list[Scanned]] = {}
    for file in sorted(files, key=lambda f: f.name):
        texts.setdefault((channel or _channel(file, channels), file.reading.kind), []).append(file)
    return tuple(Repodata(channel=where, type=kind.value, content=_joined(kind, some)) for (where, kind), some in sorted(texts.items()))


def missing_modules(artifacts: Iterable[Artifact], repodata: Iterable[Repodata]) -> Iterator[str]:
    """A word about each rpm of a module that no module metadata of its channel names."""
    modules = [one for one in repodata if one.type == Kind.MODULES.value]
    for artifact in artifacts:
        facts = artifact.facts
        if not isinstance(facts, RpmFacts) or not facts.module or facts.architecture == "src":
            continue
        package = nevra(facts)
        if not any(one.channel == artifact.channel and package.encode() in one.content for one in modules):
            name = repodata_filename(Kind.MODULES)
            yield f"{artifact.filename} is part of the module {facts.module}, but no {name} names {package}: dnf 4 installs it only with that file beside it"


def _channel(file: Scanned, channels: Sequence[str]) -> str:
    named = file.name.partition(".")[0]
    if named in {*CHANNEL_ORDER, *channels}:
        return named
    if len(channels) > 1:
        raise InputError(
            f"{file.name} could be for each of the channels {', '.join(channels)}",
            hint=f"name it {channels[0]}.{repodata_filename(file.reading.kind)}, or give --channel",
        )
    return channels[0] if channels else CHANNEL_ORDER[0]


def _joined(kind: Kind, files: Sequence[Scanned]) -> bytes:
    if kind is Kind.PRODUCTID and len({file.reading.text for file in files}) > 1:
        raise InputError(f"{files[0].name} and {files[1].name} are for one repository, which has one product certificate", hint="keep the right one")
    if kind is Kind.PRODUCTID or len(files) == 1:
        return files[0].reading.text.encode()
    return "".join(f"---\n{file.reading.text.removeprefix('---').strip()}\n" for file in files).encode()
