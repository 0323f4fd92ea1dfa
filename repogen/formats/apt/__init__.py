"""The apt repository (https://wiki.debian.org/DebianRepository/Format).

A channel is a suite, unless ``[[apt.suite]]`` says otherwise (see apt_suites). Packages for all architectures stand in the index of each one. Stanzas
follow one another in the order of pool paths, as apt-ftparchive writes them, and every published version stays in the index.

    suites -> their indices, plain (packages) -> packed (indices) -> Release (release)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from repogen import apt_suites, client_files, layout
from repogen.apt_suites import Suite
from repogen.artifact import Artifact
from repogen.catalog import Catalog
from repogen.config import Config
from repogen.formats import Derived
from repogen.formats.apt.indices import Index, Plain, pack
from repogen.formats.apt.packages import plain_indices
from repogen.formats.apt.release import identity_of, release
from repogen.formats.apt.sources import source_indices
from repogen.tree import File, SignMode, Stage, Tree


def derive(catalog: Catalog, config: Config) -> Derived:
    """The catalog with the identity of each suite, and with the folders that it serves from now on."""
    suites = apt_suites.suites(catalog, config)
    grown = replace(catalog, suites={suite.name: identity_of(suite, config) for suite in suites})
    return Derived(grown.with_served(path for suite in suites for path in apt_suites.served(catalog, suite)))


def render(catalog: Catalog, config: Config) -> Tree:
    """All suites and the source file for users; nothing at all where there are and were no debs."""
    suites = [(suite, apt_suites.debs_of(catalog, suite), apt_suites.sources_of(catalog, suite)) for suite in apt_suites.suites(catalog, config)]
    plain = [[*plain_indices(suite, debs, config, apt_suites.rollouts(catalog, suite)), *_sources(catalog, suite, sources)] for suite, debs, sources in suites]
    files: dict[str, File] = {}
    for channel in (*apt_suites.apt_channels(catalog), *(channel for suite, _, _ in suites for channel in suite.channels))[:1]:
        files[layout.apt_sources(config.repo.name)] = File(client_files.apt_sources(catalog, config, channel).encode(), Stage.ENTRY)
    for (suite, debs, _), indices in zip(suites, pack(plain, config.apt.hashes), strict=True):
        text = release(suite, apt_suites.architectures(suite, debs), indices, catalog.date, config)
        files |= _suite_files(suite.name, indices, text)
    return Tree(files)


def _sources(catalog: Catalog, suite: Suite, sources: Sequence[Artifact]) -> Iterable[Plain]:
    """The indices of source packages, in every suite once there is one of them: the source file of users names all suites alike."""
    return source_indices(suite.components, sources) if apt_suites.has_sources(catalog) else ()


def _suite_files(suite: str, indices: list[Index], release: bytes) -> dict[str, File]:
    base = layout.apt_suite(suite)
    files = {}
    for index in (index for index in indices if index.published):
        folder = index.name.rpartition("/")[0]
        for algorithm, digest in index.digests.items():  # apt asks for the strongest that Release names
            files[f"{base}/{folder}/by-hash/{algorithm.upper()}/{digest}"] = File(index.content, Stage.PAYLOAD)
        files[f"{base}/{index.name}"] = File(index.content, Stage.INDEX)
    signatures = {"Release.gpg": SignMode.DETACHED, "InRelease": SignMode.CLEAR}
    files[f"{base}/Release"] = File(release, Stage.ENTRY, signatures)
    return files
