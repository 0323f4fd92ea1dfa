"""Which products have update manifests, and whose the short addresses are.

The product that ``[updates] product`` names; else the one that has them already, since installed applications ask there; else the only product
that has such manifests; else the only application among them, or the only one that comes from electron-builder for certain. Where several remain,
each has its own folder alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from repogen.artifact import AppcastFacts, ArchiveFacts, Artifact, InstallerFacts, Kind, ManifestFacts, PackageListFacts, SignatureFacts
from repogen.catalog import Catalog, Product
from repogen.config import Config
from repogen.errors import UsageError
from repogen.remembered import remembered
from repogen.update_addresses import ELECTRON, PLAIN, SPARKLE, SQUIRREL, TAURI, VELOPACK, ZSYNC

#: What a package manager or a store updates; these are offered by manifests only beside something else.
_MANAGED = {Kind.DEB, Kind.RPM, Kind.PACMAN, Kind.APK, Kind.SNAP, Kind.FLATPAK}
#: Kinds of file of which at least one must be there.
_TELLING = tuple(kind for kind in Kind if kind not in _MANAGED)
_NO_DOWNLOAD = {Kind.SIDE, Kind.SUMS, Kind.NOTES, Kind.NUPKG, Kind.UPDATE, Kind.DSC, Kind.SOURCE}


def settled(catalog: Catalog, config: Config) -> Catalog:
    """The catalog with the owner of each kind of short address."""
    owners = {kind: _owner(catalog, config, kind) for kind in _HAS}
    found = {kind: owner for kind, owner in owners.items() if owner}
    return catalog if found == catalog.update_feeds else replace(catalog, update_feeds=found)


def _owner(catalog: Catalog, config: Config, kind: str) -> str:
    named, former = config.updates.product, catalog.update_feeds.get(kind, "")
    if named and former not in {"", named} and all(product.id != named for product in catalog.products):
        raise UsageError(
            f"[updates] product {named!r} is no product of this site, and installed applications of {former!r} would be offered nothing any more",
            hint=f"write {former!r}, or another product that is published",
        )
    if named or former:
        return named or former
    products = _products(catalog, config, kind)
    likely = [p for p in products if _comes_from_electron_builder(_files(catalog, p)) or (kind != ELECTRON and p.type == "app")]
    return next((some[0].id for some in (products, likely) if len(some) == 1), "")


def folders(catalog: Catalog, config: Config, kind: str) -> Iterator[tuple[Product, str]]:
    """Each product with manifests of a kind, once with its own name for a folder and, where it has the short address, once with none."""
    for product in _products(catalog, config, kind):
        yield product, product.id
        if catalog.update_feeds.get(kind) == product.id:
            yield product, ""


def _products(catalog: Catalog, config: Config, kind: str) -> Sequence[Product]:
    return _by_kind(catalog, config).get(kind, ())


@remembered
def _by_kind(catalog: Catalog, config: Config) -> dict[str, list[Product]]:
    """Products that have manifests of each kind."""
    found: dict[str, list[Product]] = {}
    for product in catalog.offered if config.updates.electron else catalog.holding(*_TELLING):
        for kind in _kinds(product, _files(catalog, product), config):
            found.setdefault(kind, []).append(product)
    return found


def _kinds(product: Product, files: Sequence[Artifact], config: Config) -> set[str]:
    found = {kind for kind, has in _HAS.items() if any(has(file) for file in files)}
    named = config.updates.electron
    if named is not None:
        return found - {ELECTRON} | ({ELECTRON} if product.id in named else set())
    packed_otherwise = found & {SQUIRREL, VELOPACK} and not _comes_from_electron_builder(files)
    return found - {ELECTRON} if packed_otherwise else found


def is_download(artifact: Artifact) -> bool:
    """Whether a file is one that an application can be updated with."""
    return artifact.kind not in _NO_DOWNLOAD and getattr(artifact.facts, "architecture", "") != "src"


def is_electron_for_certain(product: Product, catalog: Catalog, config: Config) -> bool:
    """Whether the configuration or electron-builder says that a product updates itself through electron-updater."""
    return product.id in (config.updates.electron or ()) or _comes_from_electron_builder(_files(catalog, product))


def _comes_from_electron_builder(files: Sequence[Artifact]) -> bool:
    return any(_is_of_electron_builder(file) for file in files)


def _is_of_electron_builder(artifact: Artifact) -> bool:
    return isinstance(artifact.facts, ManifestFacts) or artifact.filename.endswith(".blockmap")


def _could_be_electron(artifact: Artifact) -> bool:
    facts = artifact.facts
    nsis = isinstance(facts, InstallerFacts) and facts.technology == "nsis"
    bundle = isinstance(facts, ArchiveFacts) and artifact.kind is Kind.ZIP and bool(facts.bundles)
    return nsis or bundle or artifact.kind is Kind.APPIMAGE


def _files(catalog: Catalog, product: Product) -> tuple[Artifact, ...]:
    return tuple(a for release in catalog.releases_of(product.id) for a in catalog.files_of(release))


#: Whether a file makes its product one of those with manifests of a kind.
_HAS: Mapping[str, Callable[[Artifact], bool]] = {
    PLAIN: lambda file: file.kind not in _MANAGED | _NO_DOWNLOAD,
    ELECTRON: lambda file: _is_of_electron_builder(file) or _could_be_electron(file),
    TAURI: lambda file: isinstance(file.facts, SignatureFacts),
    SPARKLE: lambda file: bool(file.eddsa) or isinstance(file.facts, AppcastFacts),
    ZSYNC: lambda file: file.kind is Kind.APPIMAGE,
    SQUIRREL: lambda file: isinstance(file.facts, PackageListFacts) and not file.facts.channel,
    VELOPACK: lambda file: isinstance(file.facts, PackageListFacts) and bool(file.facts.channel),
}
