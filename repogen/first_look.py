"""What ``repogen init`` sees: which paths hold release files, and what is understood of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from repogen.artifact import Artifact
from repogen.catalog import Product
from repogen.config import Config, RepoConfig
from repogen.errors import InputError
from repogen.placing.place import place
from repogen.readers.endings import kind_by_name
from repogen.scanning.input_files import find_files
from repogen.scanning.scan import scan

#: Folders where build tools leave a release, in the order in which they are tried.
_FOLDERS = ("dist", "release", "releases", "artifacts", "packages", "out", "target/distrib", "build")
_NO_DATE = "1980-01-02T00:00:00Z"


class SeenProduct(Struct, frozen=True, kw_only=True):
    """A product that the files make."""

    id: str
    title: str
    description: str
    homepage: str
    license: str
    type: str
    versions: tuple[str, ...]
    kinds: tuple[str, ...]
    files: tuple[str, ...]


class FirstLook(Struct, frozen=True, kw_only=True):
    """What was found in a folder."""

    paths: tuple[str, ...]
    products: tuple[SeenProduct, ...] = ()
    unplaced: tuple[str, ...] = ()
    """Lines that tell what cannot be placed, with the tables to write."""
    unread: tuple[str, ...] = ()
    """Lines that tell which file cannot be read, so that nothing is known of the others either."""

    @property
    def only_product(self) -> str:
        return self.products[0].id if len(self.products) == 1 else ""


def look(folder: Path) -> FirstLook:
    """Look for release files in the usual folders below ``folder``, else in itself. Nothing is written."""
    paths = _paths(folder)
    if not paths:
        return FirstLook(paths=("dist",))
    try:
        scanned = scan(find_files(paths, folder), sha512=False)
    except InputError as error:
        return FirstLook(paths=paths, unread=tuple(str(error).splitlines()))
    try:
        placed = place(scanned, Config(repo=RepoConfig(name="look", url="http://127.0.0.1")), channel=None, date=_NO_DATE)
    except InputError as error:
        return FirstLook(paths=paths, unplaced=tuple(str(error).splitlines()))
    files = {product.id: [a for a in placed.artifacts if a.product == product.id] for product in placed.products}
    return FirstLook(paths=paths, products=tuple(_seen(product, files[product.id]) for product in placed.products))


def _paths(folder: Path) -> tuple[str, ...]:
    """A folder of release files, or globs over the endings that lie in ``folder`` itself."""
    for name in _FOLDERS:
        if (folder / name).is_dir() and any(kind_by_name(path.name) for path in (folder / name).rglob("*") if path.is_file()):
            return (name,)
    return _globs([path.name for path in folder.iterdir() if path.is_file()])


def _globs(names: Sequence[str]) -> tuple[str, ...]:
    released = [name for name in names if (kind := kind_by_name(name)) and kind not in {"side", "notes", "sums"}]
    return tuple(sorted({_glob(name) for name in released}))


def _glob(name: str) -> str:
    stem, _, ending = name.rpartition(".")
    inner = stem.rpartition(".")[2]
    return f"*.tar.{ending}" if inner == "tar" else f"*.{ending}"


def _seen(product: Product, artifacts: Sequence[Artifact]) -> SeenProduct:
    return SeenProduct(
        id=product.id,
        title=product.title,
        description=product.description,
        homepage=product.homepage,
        license=product.license,
        type=product.type,
        versions=tuple(sorted({a.version for a in artifacts})),
        kinds=tuple(sorted({a.kind.value for a in artifacts})),
        files=tuple(a.filename for a in artifacts),
    )
