"""Which release becomes a Homebrew formula and which a cask, and what they are called.

A program for a terminal is a formula (https://docs.brew.sh/Formula-Cookbook); a disk image, a macOS package or an
application bundle in an archive is a cask (https://docs.brew.sh/Cask-Cookbook). The tap is written by this rule, and the page
and repo.json print install lines by it, so that no line names what is not there.
"""

from __future__ import annotations

from collections.abc import Iterable

from repogen.artifact import ArchiveFacts, Artifact, Kind

_SYSTEMS = ("macos", "linux")


def tap_name(name: str) -> str:
    """Short name of the site's tap, as users type it: ``acme/tap``."""
    return f"{name}/tap"


def token(product: str, channel: str) -> str:
    """Name of a product's formula or cask: its id in ``stable``, ``id@channel`` elsewhere."""
    return product if channel == "stable" else f"{product}@{channel}"


def formula_files(artifacts: Iterable[Artifact]) -> tuple[Artifact, ...]:
    """Those of a release's files that a formula can install, in their order; empty: no formula."""
    return tuple(a for a in artifacts if a.os in _SYSTEMS and _holds_program(a))


def cask_files(artifacts: Iterable[Artifact]) -> tuple[Artifact, ...]:
    """Those of a release's files that a cask can install, in their order; empty: no cask."""
    return tuple(a for a in artifacts if a.os == "macos" and (a.kind in {Kind.DMG, Kind.PKG} or _holds_bundle(a)))


def _holds_program(artifact: Artifact) -> bool:
    if artifact.kind is Kind.BINARY:
        return True
    facts = artifact.facts
    return artifact.kind in {Kind.TAR, Kind.ZIP} and isinstance(facts, ArchiveFacts) and bool(facts.executables) and not facts.bundles


def _holds_bundle(artifact: Artifact) -> bool:
    return isinstance(artifact.facts, ArchiveFacts) and bool(artifact.facts.bundles)
