"""Which release becomes a Homebrew formula and which a cask, and what they are called.

A program for a terminal is a formula (https://docs.brew.sh/Formula-Cookbook); a disk image, a macOS package or an
application bundle in an archive is a cask (https://docs.brew.sh/Cask-Cookbook). The tap is written by this rule, and the page
and repo.json print install lines by it, so that no line names what is not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from repogen.artifact import ArchiveFacts, Artifact, InstallerFacts, Kind
from repogen.homebrew_config import ProductHomebrewConfig

_BY_RULE = ProductHomebrewConfig()
_SYSTEMS = ("macos", "linux")
_ARCHITECTURES = ("amd64", "arm64", "universal", "any")
_ARCHIVES = frozenset((Kind.TAR, Kind.ZIP))
_PROGRAMS = _ARCHIVES | {Kind.BINARY}
_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def tap_name(name: str) -> str:
    """Short name of the site's tap, as users type it: ``acme/tap``."""
    return f"{name}/tap"


def token(product: str, channel: str, line: str = "") -> str:
    """Name of a product's cask: its id in ``stable``, ``id@channel`` elsewhere; ``id@1.2`` for an earlier minor version."""
    return f"{product}@{line}" if line else product if channel == "stable" else f"{product}@{channel}"


def formula_name(product: str, channel: str, line: str = "") -> str:
    """Name of a product's formula: its id in ``stable``, ``id-channel`` elsewhere; ``id@1.2`` for an earlier minor version.

    brew makes a Ruby class of it (``Formulary.class_s``), which knows ``@`` before a digit only and cannot begin with a digit. ``id@channel`` is an alias
    in the tap (see ``alias_name``); install lines do not use it, since brew trusts what is named on its command line only by its own name.
    """
    name = f"{product}@{line}" if line else product if channel == "stable" else f"{product}-{channel}"
    return _DIGITS[int(name[0])] + name[1:] if name[0].isdigit() else name


def alias_name(product: str, channel: str) -> str:
    """The other name of a channel's formula, in the form that casks have; empty where it has none."""
    return "" if channel == "stable" or channel[0].isdigit() else f"{product}@{channel}"


def minor_version(version: str) -> str:
    """What earlier versions are kept by: ``1.2`` of ``1.2.3``; empty for a version that begins with no number."""
    found = re.match(r"[0-9]+(?:\.[0-9]+)?(?![0-9A-Za-z])", version)
    return found[0] if found else ""


def formula_files(artifacts: Iterable[Artifact], asked: ProductHomebrewConfig = _BY_RULE) -> tuple[Artifact, ...]:
    """Those of a release's files that a formula can install, in their order; empty: no formula.

    An archive of scripts that runs on any system counts where there is none for a system. Beside a cask, an archive for Linux
    alone is the same application, not a program for a terminal.
    """
    if asked.kind in {"cask", "none"} or asked.moved_to:
        return ()
    artifacts = tuple(artifacts)
    programs = [a for a in artifacts if a.kind in _PROGRAMS and a.arch in _ARCHITECTURES and holds_program(a)]
    native = tuple(a for a in programs if a.os in _SYSTEMS)
    if not asked.kind and native and cask_files(artifacts) and not any(a.os == "macos" for a in native):
        return ()
    return native or tuple(a for a in programs if a.os == "any" and a.kind is not Kind.BINARY)


def cask_files(artifacts: Iterable[Artifact], asked: ProductHomebrewConfig = _BY_RULE) -> tuple[Artifact, ...]:
    """Those of a release's files that a cask can install, in their order; empty: no cask.

    A package needs its receipt identifiers, without which brew could not remove it. Where a cask is asked for, programs for a terminal do too, if there is no
    application; and AppImages, where these are asked for.
    """
    if asked.kind in {"formula", "none"} or asked.moved_to:
        return ()
    usable = [a for a in artifacts if a.os in _SYSTEMS and a.arch in _ARCHITECTURES]
    found = [a for a in usable if a.os == "macos" and (a.kind is Kind.DMG or _removable(a, asked) or _holds_bundle(a))]
    found += [a for a in usable if a.kind is Kind.APPIMAGE and asked.appimage]
    if not found and asked.kind in {"cask", "both"}:
        found = [a for a in usable if holds_program(a)]
    return tuple(found)


def holds_program(artifact: Artifact) -> bool:
    """Whether a file is a program for a terminal, or an archive of such."""
    if artifact.kind is Kind.BINARY:
        return True
    facts = artifact.facts
    return artifact.kind in _ARCHIVES and isinstance(facts, ArchiveFacts) and bool(facts.executables) and not facts.bundles


def _removable(artifact: Artifact, asked: ProductHomebrewConfig) -> bool:
    known = isinstance(artifact.facts, InstallerFacts) and bool(artifact.facts.package_ids)
    return artifact.kind is Kind.PKG and (known or "pkgutil" in asked.uninstall)


def _holds_bundle(artifact: Artifact) -> bool:
    return isinstance(artifact.facts, ArchiveFacts) and bool(artifact.facts.bundles)
