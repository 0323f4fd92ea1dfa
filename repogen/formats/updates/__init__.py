"""Manifests from which installed applications learn of new versions: plain JSON for any application, and those of electron-updater,
Tauri and Sparkle.

Each product has a folder for each channel, ``updates/<product>/<channel>/``. The short address ``updates/<channel>/`` has the same for one product, which keeps
it when others come (see feeds). A manifest that an application may ask for stays when nothing is offered any more, and then says so.
"""

from __future__ import annotations

from collections.abc import Iterator

from repogen import layout
from repogen.artifact import Artifact
from repogen.catalog import Catalog
from repogen.config import Config
from repogen.formats import Derived
from repogen.formats.updates import appcast, electron, feeds, plain, tauri, zsync
from repogen.templates import render as text_of
from repogen.tree import File, Stage, Tree


def derive(catalog: Catalog, config: Config) -> Derived:
    """Remember which manifests there are and whose the short addresses are."""
    catalog = feeds.settled(catalog, config)
    return Derived(catalog.with_served((*_manifests(catalog, config), *_copies(catalog, config))))


def render(catalog: Catalog, config: Config) -> Tree:
    catalog = feeds.settled(catalog, config)
    manifests = _manifests(catalog, config)
    copied = _copies(catalog, config)
    gone = [path for path in catalog.served if path.startswith(f"{layout.UPDATES}/") and path not in manifests and path not in copied]
    entries = manifests | {path: _nothing(path, catalog, config) for path in gone}
    notes = {path: File(text, Stage.INDEX) for product, folder in feeds.plain(catalog) for path, text in plain.notes(catalog, product, folder)}
    schema = {layout.UPDATES_SCHEMA: File(_schema(config), Stage.INDEX)} if any(plain.is_platform(path.split("/")[-2]) for path in entries) else {}
    return Tree({path: File(entries[path], Stage.ENTRY) for path in sorted(entries)} | notes | schema)


def copies(catalog: Catalog, config: Config) -> Iterator[tuple[str, Artifact, Stage]]:
    """Manifests that are files of a release, at the addresses where installed applications look for them."""
    yield from ((path, artifact, Stage.ENTRY) for path, artifact in _copies(feeds.settled(catalog, config), config).items())


def _copies(catalog: Catalog, config: Config) -> dict[str, Artifact]:
    return {path: file for product, folder in feeds.zsync(catalog) for path, file in zsync.addresses(catalog, config, product, folder)}


def _manifests(catalog: Catalog, config: Config) -> dict[str, bytes]:
    """Every manifest by its path."""
    simple = (one for product, folder in feeds.plain(catalog) for one in plain.manifests(catalog, config, product, folder))
    yml = (one for product, folder in feeds.electron(catalog, config) for one in electron.manifests(catalog, config, product, folder))
    signed = (one for product, folder in feeds.tauri(catalog) for one in tauri.manifests(catalog, config, product, folder))
    casts = (one for product, folder in feeds.sparkle(catalog) for one in appcast.manifests(catalog, config, product, folder))
    return {**dict(simple), **dict(yml), **dict(signed), **dict(casts)}


def _nothing(path: str, catalog: Catalog, config: Config) -> bytes:
    """What stands at the address of a manifest when no release is offered there any more."""
    if path.endswith(".yml"):
        return electron.nothing()
    if path.endswith(".xml"):
        return appcast.nothing(config)
    if path.endswith(".zsync"):
        return zsync.nothing()
    return plain.nothing(path, catalog, config) if plain.is_platform(path.split("/")[-2]) else tauri.nothing()


def _schema(config: Config) -> bytes:
    return text_of("updates/latest.schema.json.j2", id=layout.url(config.url, layout.UPDATES_SCHEMA), title=config.title).encode()
