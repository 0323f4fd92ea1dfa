"""Which products have update manifests, and whose the short addresses are.

The product that ``[updates] product`` names; else the one that has them already, since installed applications ask there; else the only product
that has such manifests; else the only application among them, or the only one that comes from electron-builder for certain. Where several remain,
each has its own folder alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from repogen.artifact import AppcastFacts, ArchiveFacts, Artifact, InstallerFacts, Kind, ManifestFacts, SignatureFacts
from repogen.catalog import Catalog, Product
from repogen.config import Config

PLAIN = "plain"
ELECTRON = "electron"
TAURI = "tauri"
SPARKLE = "sparkle"
ZSYNC = "zsync"

#: What a package manager or a store updates; these are offered by manifests only beside something else.
_MANAGED = {Kind.DEB, Kind.RPM, Kind.PACMAN, Kind.APK, Kind.SNAP, Kind.FLATPAK}
_NO_DOWNLOAD = {Kind.SIDE, Kind.SUMS, Kind.NOTES, Kind.NUPKG, Kind.DSC, Kind.SOURCE}


def settled(catalog: Catalog, config: Config) -> Catalog:
    """The catalog with the owner of each kind of short address."""
    products = catalog.offered
    ours = [p for p in products if has_plain(catalog, p)]
    theirs = [p for p in products if has_electron(catalog, p, config)]
    cast = [p for p in products if has_appcast(catalog, p)]
    signed = [p for p in products if has_tauri(catalog, p)]
    images = [p for p in products if has_zsync(catalog, p)]
    owners = {
        PLAIN: _owner(catalog, config, PLAIN, ours, [p for p in ours if p.type == "app"]),
        ELECTRON: _owner(catalog, config, ELECTRON, theirs, [p for p in theirs if _comes_from_electron_builder(_files(catalog, p))]),
    }
    owners[TAURI] = _owner(catalog, config, TAURI, signed, [p for p in signed if p.type == "app"])
    owners[SPARKLE] = _owner(catalog, config, SPARKLE, cast, [p for p in cast if p.type == "app"])
    owners[ZSYNC] = _owner(catalog, config, ZSYNC, images, [p for p in images if p.type == "app"])
    found = {kind: owner for kind, owner in owners.items() if owner}
    return catalog if found == catalog.update_feeds else replace(catalog, update_feeds=found)


def _owner(catalog: Catalog, config: Config, kind: str, products: Sequence[Product], likely: Sequence[Product]) -> str:
    former = config.updates.product or catalog.update_feeds.get(kind, "")
    if former:
        return former
    return next((some[0].id for some in (products, likely) if len(some) == 1), "")


def plain(catalog: Catalog) -> Iterator[tuple[Product, str]]:
    """Each product with plain manifests, once with its own name for a folder and, where it has the short address, once with none."""
    return _folders(catalog, PLAIN, (p for p in catalog.offered if has_plain(catalog, p)))


def electron(catalog: Catalog, config: Config) -> Iterator[tuple[Product, str]]:
    """The same of electron-updater's manifests."""
    return _folders(catalog, ELECTRON, (p for p in catalog.offered if has_electron(catalog, p, config)))


def tauri(catalog: Catalog) -> Iterator[tuple[Product, str]]:
    """The same of the manifests of Tauri's updater."""
    return _folders(catalog, TAURI, (p for p in catalog.offered if has_tauri(catalog, p)))


def sparkle(catalog: Catalog) -> Iterator[tuple[Product, str]]:
    """The same of appcasts."""
    return _folders(catalog, SPARKLE, (p for p in catalog.offered if has_appcast(catalog, p)))


def zsync(catalog: Catalog) -> Iterator[tuple[Product, str]]:
    """The same of control files of zsync."""
    return _folders(catalog, ZSYNC, (p for p in catalog.offered if has_zsync(catalog, p)))


def _folders(catalog: Catalog, kind: str, products: Iterator[Product]) -> Iterator[tuple[Product, str]]:
    for product in products:
        yield product, product.id
        if catalog.update_feeds.get(kind) == product.id:
            yield product, ""


def has_plain(catalog: Catalog, product: Product) -> bool:
    """Whether it has downloads of its own, beside what package managers update."""
    return any(a.kind not in _MANAGED | _NO_DOWNLOAD for a in _files(catalog, product))


def has_electron(catalog: Catalog, product: Product, config: Config) -> bool:
    if config.updates.electron is not None:
        return product.id in config.updates.electron
    files = _files(catalog, product)
    return _comes_from_electron_builder(files) or any(_could_be_electron(a) for a in files)


def has_tauri(catalog: Catalog, product: Product) -> bool:
    """Whether Tauri's bundler signed some of its files."""
    return any(isinstance(a.facts, SignatureFacts) for a in _files(catalog, product))


def has_appcast(catalog: Catalog, product: Product) -> bool:
    """Whether some of its files are signed for Sparkle."""
    return any(a.eddsa or isinstance(a.facts, AppcastFacts) for a in _files(catalog, product))


def has_zsync(catalog: Catalog, product: Product) -> bool:
    """Whether some of its files are AppImages."""
    return any(a.kind is Kind.APPIMAGE for a in _files(catalog, product))


def is_download(artifact: Artifact) -> bool:
    """Whether a file is one that an application can be updated with."""
    return artifact.kind not in _NO_DOWNLOAD and getattr(artifact.facts, "architecture", "") != "src"


def _comes_from_electron_builder(files: Sequence[Artifact]) -> bool:
    return any(isinstance(a.facts, ManifestFacts) or a.filename.endswith(".blockmap") for a in files)


def _could_be_electron(artifact: Artifact) -> bool:
    facts = artifact.facts
    nsis = isinstance(facts, InstallerFacts) and facts.technology == "nsis"
    bundle = isinstance(facts, ArchiveFacts) and artifact.kind is Kind.ZIP and bool(facts.bundles)
    return nsis or bundle or artifact.kind is Kind.APPIMAGE


def _files(catalog: Catalog, product: Product) -> tuple[Artifact, ...]:
    return tuple(a for release in catalog.releases_of(product.id) for a in catalog.files_of(release))
