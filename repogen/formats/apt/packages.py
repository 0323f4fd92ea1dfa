"""The Packages indices: the stored stanzas of a suite's packages, one index for each component and architecture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from repogen import apt_suites, layout
from repogen.apt_suites import Suite
from repogen.artifact import Artifact, DebFacts
from repogen.config import Config
from repogen.formats.apt.indices import Plain

_ROOT = "apt/"


def plain_indices(suite: Suite, debs: Sequence[Artifact], config: Config) -> list[Plain]:
    """Every index of a suite with these packages."""
    return list(_packages(suite, debs, config))


def _packages(suite: Suite, debs: Sequence[Artifact], config: Config) -> Iterator[Plain]:
    forms = ("", ".gz", ".xz", ".zst") if config.apt.zst else ("", ".gz", ".xz")
    stanzas = [(layout.apt_component(a.path), a.facts.architecture, _stanza(a, a.facts, config.apt.hashes)) for a in debs if isinstance(a.facts, DebFacts)]
    for component in apt_suites.components(suite, debs):
        for architecture in apt_suites.architectures(suite, debs):
            content = b"".join(stanza for where, wanted, stanza in stanzas if where == component and wanted in {architecture, "all"})
            yield Plain(f"{component}/binary-{architecture}/Packages", content, forms)


def _stanza(artifact: Artifact, facts: DebFacts, hashes: Sequence[str]) -> bytes:
    """What the package says of itself, and where its file is. A digest that was not taken when the package came in is left out."""
    digests = "".join(f"{algorithm.upper()}: {digest}\n" for algorithm in hashes if (digest := getattr(artifact, algorithm)))
    return facts.stanza + f"Filename: {artifact.path.removeprefix(_ROOT)}\nSize: {artifact.size}\n{digests}\n".encode()
