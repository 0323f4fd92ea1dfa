"""Signatures and attestations beside an rpm that repogen signs: they were made for its former bytes, so that what is published would look forged."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from repogen.artifact import Artifact, Kind

#: Endings of what speaks of a file's very bytes. A list of components (SBOM) is as true of the signed rpm.
_OF_BYTES = (
    ".sig", ".asc", ".minisig", ".sigstore", ".sigstore.json", ".cosign.bundle", ".intoto.jsonl", ".provenance", ".provenance.json", ".att", ".att.json",
)  # fmt: skip
_MOST_NAMED = 3
_LOG = logging.getLogger(__name__)


def left_out(artifacts: Iterable[Artifact], before: Iterable[Artifact]) -> tuple[Artifact, ...]:
    """The artifacts without the signatures over rpms among them, or among those ``before``, that were signed since. A warning names what is left out."""
    artifacts = tuple(artifacts)
    newest = {(a.product, a.version, a.filename): a for a in (*before, *artifacts) if a.kind is Kind.RPM}
    signed = {key for key, a in newest.items() if a.source_sha256}
    outdated = [a for a in artifacts if a.kind is Kind.SIDE and _is_about(a, signed)] if signed else []
    if outdated:
        _LOG.warning("%s left out: an rpm's bytes change when repogen signs it; sign the rpm itself first, and then make it again", _named(outdated))
    paths = {a.path for a in outdated}
    return tuple(a for a in artifacts if a.path not in paths)


def _is_about(side: Artifact, files: set[tuple[str, str, str]]) -> bool:
    return any(side.filename.endswith(ending) and (side.product, side.version, side.filename.removesuffix(ending)) in files for ending in _OF_BYTES)


def _named(artifacts: list[Artifact]) -> str:
    names = sorted(a.filename for a in artifacts)
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"{', '.join(names[:_MOST_NAMED])}{more} {'is' if len(names) == 1 else 'are'}"
