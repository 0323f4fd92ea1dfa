"""Manifests from which installed applications learn of new versions: plain JSON for any application, and those of electron-updater,
Tauri, Sparkle, AppImageUpdate, Squirrel and Velopack.

Each product has a folder for each channel, ``updates/<product>/<channel>/``. The short address ``updates/<channel>/`` has the same for one product, which keeps
it when others come (see feeds). A manifest that an application may ask for stays when nothing is offered any more, and then says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import chain

from repogen import layout
from repogen.artifact import Artifact
from repogen.catalog import Catalog, Product
from repogen.config import Config
from repogen.formats import Derived
from repogen.formats.updates import appcast, electron, feeds, package_lists, plain, tauri, zsync
from repogen.templates import render as text_of
from repogen.tree import File, Stage, Tree
from repogen.update_addresses import ELECTRON, PLAIN, SPARKLE, SQUIRREL, TAURI, VELOPACK, ZSYNC, Address, parsed


def derive(catalog: Catalog, config: Config) -> Derived:
    """Remember which manifests there are and whose the short addresses are."""
    catalog = feeds.settled(catalog, config)
    return Derived(catalog.with_served((*_manifests(catalog, config), *_control_files(catalog, config))))


def render(catalog: Catalog, config: Config) -> Tree:
    catalog = feeds.settled(catalog, config)
    manifests, copied = _manifests(catalog, config), _control_files(catalog, config)
    former = [path for path in catalog.served if path.startswith(f"{layout.UPDATES}/")]
    entries = manifests | {path: _nothing(path, catalog, config) for path in former if path not in manifests and path not in copied}
    feeds_with_notes = feeds.folders(catalog, config, PLAIN)
    notes = {path: File(text, Stage.INDEX) for product, folder in feeds_with_notes for path, text in plain.notes(catalog, product, folder)}
    has_plain = any(address.kind == PLAIN for path in entries if (address := parsed(path)))
    schema = {layout.UPDATES_SCHEMA: File(_schema(config), Stage.INDEX)} if has_plain else {}
    return Tree({path: File(entries[path], Stage.ENTRY) for path in sorted(entries)} | notes | schema)


def copies(catalog: Catalog, config: Config) -> Iterator[tuple[str, Artifact, Stage]]:
    """Files of releases at the addresses where installed applications look for them."""
    catalog = feeds.settled(catalog, config)
    for product, folder in feeds.folders(catalog, config, VELOPACK):
        yield from ((path, file, Stage.PAYLOAD) for path, file in package_lists.packages(catalog, config, product, folder))
    yield from ((path, file, Stage.ENTRY) for path, file in _control_files(catalog, config).items())


def _control_files(catalog: Catalog, config: Config) -> dict[str, Artifact]:
    """The manifests that are files of a release."""
    return dict(one for product, folder in feeds.folders(catalog, config, ZSYNC) for one in zsync.addresses(catalog, config, product, folder))


#: What writes the manifests of each kind: path and content of those of a product, in the folder of its name or, without one, at the short address.
_WRITERS: Mapping[str, Callable[[Catalog, Config, Product, str], Iterator[tuple[str, bytes]]]] = {
    PLAIN: plain.manifests,
    ELECTRON: electron.manifests,
    TAURI: tauri.manifests,
    SPARKLE: appcast.manifests,
    SQUIRREL: package_lists.squirrel,
    VELOPACK: package_lists.velopack,
}


def _manifests(catalog: Catalog, config: Config) -> dict[str, bytes]:
    """Every manifest by its path."""
    written = (write(catalog, config, *where) for kind, write in _WRITERS.items() for where in feeds.folders(catalog, config, kind))
    return dict(chain.from_iterable(written))


def _nothing(path: str, catalog: Catalog, config: Config) -> bytes:
    """What stands at the address of a manifest when no release is offered there any more."""
    match parsed(path):
        case Address(kind="electron"):
            return electron.nothing()
        case Address(kind="sparkle"):
            return appcast.nothing(config)
        case Address(kind="zsync"):
            return zsync.nothing()
        case Address(kind="squirrel" | "velopack"):
            return package_lists.nothing(path)
        case Address(kind="plain"):
            return plain.nothing(path, catalog, config)
        case _:
            return tauri.nothing()


def _schema(config: Config) -> bytes:
    return text_of("updates/latest.schema.json.j2", id=layout.url(config.url, layout.UPDATES_SCHEMA), title=config.title).encode()
