"""What people know by one name, merged out of all files of a release.

For each field the ``[[product]]`` table comes first, then what these files say, then what is published already. The type: a disk image, an
AppImage, a Flatpak, an update package or an application bundle makes an ``app``; so does a Windows or macOS installer where no archive or plain program for
a command line is released beside it. Everything else is ``cli``. What was once published as an app stays one until its table says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from repogen.artifact import ArchiveFacts, InstallerFacts, Kind
from repogen.catalog import Product
from repogen.config import ProductConfig
from repogen.homebrew_config import ProductHomebrewConfig
from repogen.paths import slug
from repogen.placing.settle import Settled
from repogen.version import version_key

_APP_KINDS = {Kind.DMG, Kind.APPIMAGE, Kind.FLATPAK, Kind.UPDATE}
_INSTALLERS = {Kind.MSI, Kind.PKG}
#: Where a description is best: packages are written for people, installers for a system.
_BEST_FIRST = (Kind.DEB, Kind.RPM, Kind.APK, Kind.PACMAN)


def products_of(settled: Sequence[Settled], tables: Sequence[ProductConfig], known: Sequence[Product]) -> tuple[Product, ...]:
    """A product for each id among these files, sorted by id."""
    groups: dict[str, list[Settled]] = {}
    for one in settled:
        groups.setdefault(one.product, []).append(one)
    by_id, published = {table.id: table for table in tables}, {product.id: product for product in known}
    return tuple(_product(id, groups[id], by_id.get(id), published.get(id)) for id in sorted(groups))


def _product(id: str, files: Sequence[Settled], table: ProductConfig | None, known: Product | None) -> Product:
    table = table or ProductConfig(id=id)
    before = known or Product(id=id, title="", type="")
    ranked = _best_first(files)
    said = Product(
        id=id,
        title=_title(id, files),
        description=_first(ranked, "description"),
        homepage=_first(ranked, "homepage"),
        license=_first(ranked, "license"),
    )
    return Product(
        id=id,
        title=table.title or said.title or before.title or id,
        description=table.description or said.description or before.description,
        homepage=table.homepage or said.homepage or before.homepage,
        license=table.license or said.license or before.license,
        type=table.type or _type(files, before.type),
        depends=table.depends or before.depends,
        silent_args=table.silent_args or before.silent_args,
        test_args=table.test_args or before.test_args,
        homebrew=table.homebrew if table.homebrew != ProductHomebrewConfig() else before.homebrew,
    )


def _title(id: str, files: Sequence[Settled]) -> str:
    """The product's name as people write it: the one with capitals or spaces, whose id is this one; empty where all are as plain as the id."""
    names = {name for one in files for name in (one.file.reading.title, one.file.reading.product, one.display) if name and slug(name) == id and name != id}
    return max(names, key=lambda name: (name.lower() != name, " " in name, name), default="")


def _best_first(files: Sequence[Settled]) -> Sequence[Settled]:
    """The newest version first; in it packages before other kinds, in the order of file names."""
    if len(files) < 2:
        return files
    ranked = sorted(files, key=lambda one: (_rank(one.file.reading.kind), one.file.name))
    return sorted(ranked, key=lambda one: version_key(one.version), reverse=True)


def _first(ranked: Sequence[Settled], field: str) -> str:
    return next((value for one in ranked if (value := " ".join(getattr(one.file.reading, field).split()))), "")


def _rank(kind: Kind) -> int:
    return _BEST_FIRST.index(kind) if kind in _BEST_FIRST else len(_BEST_FIRST)


def _type(files: Iterable[Settled], before: str) -> str:
    marks = set(_marks(files))
    if "app" in marks:
        return "app"
    if before:
        return before
    return "app" if "installer" in marks and "program" not in marks else "cli"


def _marks(files: Iterable[Settled]) -> Iterator[str]:
    for one in files:
        kind, facts = one.file.reading.kind, one.file.reading.facts
        if kind in _APP_KINDS or (isinstance(facts, ArchiveFacts) and facts.bundles):
            yield "app"
        elif kind in _INSTALLERS or (isinstance(facts, InstallerFacts) and facts.technology in {"nsis", "inno", "wix-burn"}):
            yield "installer"
        elif kind in {Kind.TAR, Kind.ZIP, Kind.BINARY}:
            yield "program"
