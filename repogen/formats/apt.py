"""The apt repository (https://wiki.debian.org/DebianRepository/Format).

A channel is a suite of one component, ``main``. Packages for all architectures stand in the index of each one. Stanzas follow one another in the
order of pool paths, as apt-ftparchive writes them, and every published version stays in the index.

Origin, Label, Codename and the default pin (NotAutomatic) are identity: when one of them changes, apt refuses the repository for everyone who
has it. So they depend on the configuration and the channel's name alone, and never on the packages.
"""

from __future__ import annotations

import hashlib
import lzma
import zlib
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from email.utils import format_datetime

from msgspec import Struct

from repogen import client_files, dates, layout
from repogen.artifact import Artifact, DebFacts, Kind
from repogen.catalog import Catalog
from repogen.client_files import COMMON, COMPONENT
from repogen.config import Config
from repogen.templates import render as render_template
from repogen.tree import File, SignMode, Stage, Tree

_ROOT = "apt/"


class Index(Struct, frozen=True):
    """One form of one index of a suite."""

    name: str
    """Path below the suite, ``main/binary-amd64/Packages.gz``."""
    content: bytes
    sha256: str

    @property
    def size(self) -> int:
        return len(self.content)


class Suite(Struct, frozen=True):
    """A suite with its packages, not yet compressed."""

    name: str
    packages: Mapping[str, bytes]
    """The Packages index of each architecture, sorted by architecture."""


def render(catalog: Catalog, config: Config) -> Tree:
    """All suites and the source file for users; nothing at all where there are no debs."""
    channels = {channel: catalog.select(Kind.DEB, channel=channel) for channel in catalog.channels}
    suites = [_suite(channel, artifacts) for channel, artifacts in channels.items() if artifacts]
    if not suites:
        return Tree()
    files = {layout.apt_sources(config.repo.name): File(client_files.apt_sources(catalog, config, suites[0].name).encode(), Stage.ENTRY)}
    for suite, indices in zip(suites, _compressed(suites), strict=True):
        files |= _suite_files(suite, indices, catalog.date, config)
    return Tree(files)


def _suite(name: str, artifacts: Iterable[Artifact]) -> Suite:
    debs = [(artifact.facts.architecture, _stanza(artifact, artifact.facts)) for artifact in artifacts if isinstance(artifact.facts, DebFacts)]
    architectures = sorted({architecture for architecture, _ in debs} - {"all"}) or COMMON
    return Suite(name, {wanted: b"".join(stanza for architecture, stanza in debs if architecture in {wanted, "all"}) for wanted in architectures})


def _stanza(artifact: Artifact, facts: DebFacts) -> bytes:
    address = artifact.path.removeprefix(_ROOT)
    return facts.stanza + f"Filename: {address}\nSize: {artifact.size}\nSHA256: {artifact.sha256}\n\n".encode()


def _gzip(data: bytes) -> bytes:
    return zlib.compress(data, 9, wbits=31)  # without a name or time in its header


def _xz(data: bytes) -> bytes:
    return lzma.compress(data, preset=2)  # a quarter of the time of the default, for a fifth more bytes


_FORMS: dict[str, Callable[[bytes], bytes]] = {"Packages": bytes, "Packages.gz": _gzip, "Packages.xz": _xz}


def _compressed(suites: Iterable[Suite]) -> list[list[Index]]:
    """The indices of each suite in all forms. The compressors release the interpreter, so threads use every core."""
    with ThreadPoolExecutor() as pool:
        waiting = [
            [
                pool.submit(_index, f"{COMPONENT}/binary-{architecture}/{form}", packages, compress)
                for architecture, packages in suite.packages.items()
                for form, compress in _FORMS.items()
            ]
            for suite in suites
        ]
        return [[future.result() for future in futures] for futures in waiting]


def _index(name: str, packages: bytes, compress: Callable[[bytes], bytes]) -> Index:
    content = compress(packages)
    return Index(name, content, hashlib.sha256(content).hexdigest())


def _suite_files(suite: Suite, indices: Iterable[Index], date: str, config: Config) -> dict[str, File]:
    base = layout.apt_suite(suite.name)
    files = {}
    for index in indices:
        folder = index.name.rpartition("/")[0]
        files[f"{base}/{folder}/by-hash/SHA256/{index.sha256}"] = File(index.content, Stage.PAYLOAD)
        files[f"{base}/{index.name}"] = File(index.content, Stage.INDEX)
    signatures = {f"{base}/Release.gpg": SignMode.DETACHED, f"{base}/InRelease": SignMode.CLEAR}
    files[f"{base}/Release"] = File(_release(suite, indices, date, config), Stage.ENTRY, signatures)
    return files


def _release(suite: Suite, indices: Iterable[Index], date: str, config: Config) -> bytes:
    origin = config.apt.origin or config.title
    text = render_template(
        "apt/Release.j2",
        origin=origin,
        label=config.apt.label or origin,
        suite=suite.name,
        date=format_datetime(dates.parse(date), usegmt=True).replace("GMT", "UTC"),
        architectures=list(suite.packages),
        components=[COMPONENT],
        # Only the default channel is installed from unasked; from the others apt upgrades what the user took from there.
        automatic=suite.name == "stable",
        indices=sorted(indices, key=lambda index: index.name),
    )
    return text.encode()
