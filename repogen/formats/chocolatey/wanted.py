"""Which releases have no Chocolatey package yet: those that get one of their own, and those whose package another channel has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from repogen.artifact import Artifact, Kind, NupkgFacts
from repogen.catalog import Catalog, Product, Release
from repogen.formats.chocolatey.versions import normalised
from repogen.windows_rule import KINDS, Installers, choose


class Wanted(Struct, frozen=True):
    """A release with files for Windows, whose package was never made."""

    release: Release
    product: Product
    version: str
    """NuGet's form of the release's."""
    installers: Installers


def wanted(catalog: Catalog) -> Iterator[Wanted]:
    """The packages to make. A version that NuGet cannot write has none, and one that is another version to repogen alone has the other one's."""
    known = set(_by_identity(catalog.kept))
    for release in for_windows(catalog):
        product, version = catalog.product(release.product), normalised(release.version)
        installers = choose(catalog.files_of(release), product) if version and (product.id, version) not in known else None
        if installers is not None:
            known.add((product.id, version))
            yield Wanted(release, product, version, installers)


def for_windows(catalog: Catalog) -> Iterator[Release]:
    """The releases of products that have files which can be for Windows."""
    ids = {product.id for product in catalog.holding(*KINDS)}
    return (release for release in catalog.releases if release.product in ids)


def in_more_channels(catalog: Catalog) -> Iterator[Artifact]:
    """The packages of releases in channels that do not have them yet: the same one, also where another channel has withdrawn it."""
    known = _by_identity(catalog.kept)
    there = {artifact.release for artifact in catalog.by_kind.get(Kind.NUPKG, ())}
    products = {id for id, _ in known}
    for release in (one for one in catalog.releases if one.product in products and one.key not in there):
        package = known.get((release.product, normalised(release.version)))
        if package and package.version == release.version and choose(catalog.files_of(release), catalog.product(release.product)):
            yield replace(package, product=release.product, channel=release.channel)


def _by_identity(artifacts: Iterable[Artifact]) -> dict[tuple[str, str], Artifact]:
    return {(a.facts.id, a.facts.version): a for a in artifacts if isinstance(a.facts, NupkgFacts)}
