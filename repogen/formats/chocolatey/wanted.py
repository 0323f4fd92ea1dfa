"""Which releases have no Chocolatey package yet and get one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from repogen.artifact import Artifact, Kind, NupkgFacts
from repogen.catalog import Catalog, Product, Release
from repogen.formats.chocolatey.versions import normalised
from repogen.windows_rule import Installers, choose


class Wanted(Struct, frozen=True):
    """A release with files for Windows and without a package."""

    release: Release
    product: Product
    version: str
    """NuGet's form of the release's."""
    installers: Installers
    former: Artifact | None = None
    """The package of this version that was made for another channel and withdrawn there. It is the same one."""


def wanted(catalog: Catalog) -> Iterator[Wanted]:
    """A version that NuGet cannot write has no package, and one that is another version to repogen alone has the other one's."""
    known = set(_by_identity(catalog.by_kind.get(Kind.NUPKG, ())))
    withdrawn = _by_identity(a for withdrawal in catalog.withdrawn for a in withdrawal.artifacts)
    for release in catalog.releases:
        product, version = catalog.product(release.product), normalised(release.version)
        installers = choose(catalog.files_of(release), product) if version and (product.id, version) not in known else None
        if installers is None:
            continue
        known.add((product.id, version))
        former = withdrawn.get((product.id, version))
        if former is None or former.version == release.version:
            yield Wanted(release, product, version, installers, former)


def _by_identity(artifacts: Iterable[Artifact]) -> dict[tuple[str, str], Artifact]:
    return {(a.facts.id, a.facts.version): a for a in artifacts if isinstance(a.facts, NupkgFacts)}
