"""The installers of a manifest: which file for which processor, and how winget runs it.

A file's technology is its InstallerType. winget knows the silent switches of every technology but plain ``exe``, which must bring its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from repogen import layout, windows_rule
from repogen.artifact import Artifact, InstallerFacts
from repogen.catalog import Catalog, Product, Release
from repogen.quoting import line
from repogen.windows_rule import Way, by_way, windows_programs

_ARCHITECTURES = {"amd64": "x64", "arm64": "arm64", "i386": "x86", "any": "neutral"}
_TYPES = {"nsis": "nullsoft", "inno": "inno", "wix-burn": "burn", "msi": "msi"}
_LONGEST_ALIAS = 40


class Nested(Struct, frozen=True):
    """A program in an archive."""

    path: str
    alias: str


class Installer(Struct, frozen=True, kw_only=True):
    """One entry of ``Installers``."""

    architecture: str
    type: str
    url: str
    sha256: str
    """Upper case, as the community repository has it."""
    switches: str = ""
    """Arguments for a run without questions, where winget does not know them."""
    product_code: str = ""
    display_version: str = ""
    """What Windows shows as the version, where it is another one."""
    command: str = ""
    """Name to run a bare program by."""
    nested: tuple[Nested, ...] = ()
    upgrade: str = "install"
    """UpgradeBehavior: what is only unpacked is removed before."""


def installers(catalog: Catalog, product: Product, release: Release, base: str) -> tuple[Installer, ...]:
    """An installer for each processor, by the same preference as Chocolatey's; ``base`` is the site's address."""
    return tuple(_installer(way, artifact, product, base) for way, artifact in _chosen(catalog, product, release))


def _chosen(catalog: Catalog, product: Product, release: Release) -> Iterator[tuple[Way, Artifact]]:
    found = by_way(catalog.files_of(release), product)
    for arch in _ARCHITECTURES:
        fit = [(way, a) for way in windows_rule.MANAGED for a in sorted(found.get(way, []), key=lambda a: a.plainness) if a.arch == arch]
        usable = [(way, a) for way, a in fit if way is not Way.ZIP or windows_programs(a, product.id)]
        yield from usable[:1]


def _installer(way: Way, artifact: Artifact, product: Product, base: str) -> Installer:
    facts = artifact.facts if isinstance(artifact.facts, InstallerFacts) else InstallerFacts()
    kind = {Way.ZIP: "zip", Way.PORTABLE: "portable", Way.MSI: "msi"}.get(way) or _TYPES.get(facts.technology, "exe")
    unpacked = way in windows_rule.FOLDERS
    shown = line(facts.product_version) if way is Way.MSI else ""
    return Installer(
        architecture=_ARCHITECTURES[artifact.arch],
        type=kind,
        url=layout.url(base, artifact.path),
        sha256=artifact.sha256.upper(),
        switches=line(windows_rule.silent_args(artifact, product)) if kind == "exe" or (product.silent_args and not unpacked) else "",
        product_code=line(facts.product_code) if way is Way.MSI else "",
        display_version=shown if shown != artifact.version else "",
        command=product.id[:_LONGEST_ALIAS] if way is Way.PORTABLE else "",
        nested=tuple(Nested(line(m).replace("/", "\\"), line(name)[:_LONGEST_ALIAS]) for m, name in windows_programs(artifact, product.id).items()),
        upgrade="uninstallPrevious" if unpacked else "install",
    )
