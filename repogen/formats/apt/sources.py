"""The Sources indices (https://wiki.debian.org/DebianRepository/Format#A.22Sources.22_Indices): the stored stanzas of a suite's source packages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from repogen import layout
from repogen.artifact import Artifact, SourceFacts
from repogen.formats.apt.indices import Plain

_ROOT = "apt/"
_FORMS = ("", ".gz", ".xz")


def source_indices(components: Sequence[str], sources: Sequence[Artifact]) -> Iterator[Plain]:
    """One index for each component, empty where it has no source package, so that ``deb-src`` fits every component."""
    stanzas = [(layout.apt_component(a.path), _stanza(a, a.facts)) for a in sources if isinstance(a.facts, SourceFacts)]
    for component in components:
        yield Plain(f"{component}/source/Sources", b"".join(stanza for where, stanza in stanzas if where == component), _FORMS)


def _stanza(artifact: Artifact, facts: SourceFacts) -> bytes:
    folder = artifact.path.removeprefix(_ROOT).rpartition("/")[0]
    return facts.stanza + f"Directory: {folder}\n\n".encode()
