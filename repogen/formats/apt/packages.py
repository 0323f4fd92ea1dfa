"""The Packages indices: the stored stanzas of a suite's packages, one index for each component and architecture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO

from repogen import apt_suites, layout
from repogen.apt_suites import Suite
from repogen.artifact import Artifact, DebFacts
from repogen.config import Config
from repogen.formats.apt import translation
from repogen.formats.apt.contents import contents
from repogen.formats.apt.indices import Plain
from repogen.own_shares import without_share

_ROOT = "apt/"


def plain_indices(suite: Suite, debs: Sequence[Artifact], config: Config, rollouts: Mapping[str, int]) -> Iterator[Plain]:
    """Every index of a suite with these packages. ``rollouts`` tells by path which share of machines is offered one, where that is not all, in percent."""
    architectures = apt_suites.architectures(suite, debs)
    forms = ("", ".gz", ".xz", ".zst") if config.apt.zst else ("", ".gz", ".xz")
    facts = [(layout.apt_component(a.path), a, a.facts) for a in debs if isinstance(a.facts, DebFacts)]
    apart = config.apt.translations
    if apart is None:
        apart = translation.weight(f for _, _, f in facts) >= translation.LARGE
    for component in suite.components:
        for architecture in architectures:
            index = BytesIO()  # there may be a hundred megabytes, which are held once
            for where, artifact, one in facts:
                if where == component and one.architecture in {architecture, "all"}:
                    plain = translation.shortened(one.stanza) if apart else one.stanza
                    index.write(_stanza(artifact, _phased(plain, rollouts.get(artifact.path)), config.apt.hashes))
            yield Plain(f"{component}/binary-{architecture}/Packages", index.getvalue(), forms)
        if apart:
            yield Plain(f"{component}/i18n/Translation-en", translation.translation(f for where, _, f in facts if where == component), forms)
    if config.apt.contents:
        yield from contents(suite.components, architectures, debs)


def _phased(fields: bytes, percent: int | None) -> bytes:
    """The fields with this share of machines, in place of one that the package itself names.

    https://wiki.ubuntu.com/PhasedUpdates: apt draws by the machine's id, the source package and its version.
    """
    return fields if percent is None else without_share(fields) + b"Phased-Update-Percentage: %d\n" % percent


def _stanza(artifact: Artifact, fields: bytes, hashes: Sequence[str]) -> bytes:
    """What the package says of itself, and where its file is. A digest that was not taken when the package came in is left out."""
    digests = "".join(f"{algorithm.upper()}: {digest}\n" for algorithm in hashes if (digest := getattr(artifact, algorithm)))
    return fields + f"Filename: {artifact.path.removeprefix(_ROOT)}\nSize: {artifact.size}\n{digests}\n".encode()
