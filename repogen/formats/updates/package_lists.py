"""``updates/<channel>/RELEASES`` for Squirrel.Windows and ``updates/<channel>/releases.<channel>.json`` for Velopack.

https://github.com/Squirrel/Squirrel.Windows/blob/develop/docs/using/update-process.md and https://docs.velopack.io/distributing/overview. What the
packers wrote of each package goes out as it came, with all packages that the channel still offers. Squirrel takes a whole address for a name, and a
share of its users. Velopack looks for a package beside the list, under its name alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from msgspec import Struct

from repogen import layout
from repogen.artifact import Artifact, Kind, PackageEntry, PackageListFacts
from repogen.catalog import Catalog, Product, Release
from repogen.config import Config
from repogen.formats.updates import offers


class _Listed(Struct, frozen=True):
    release: Release
    package: Artifact
    said: PackageEntry


def squirrel(catalog: Catalog, config: Config, product: Product, folder: str) -> Iterator[tuple[str, bytes]]:
    """Path and content of each list of Squirrel; ``folder`` is the product's name, or empty for the short address."""
    for channel in offers.channels(catalog, config, product):
        if listed := _listed(catalog, config, product, channel).get(""):
            yield f"{layout.updates(channel, folder)}/RELEASES", "".join(_line(one, config) for one in reversed(listed)).encode()


def velopack(catalog: Catalog, config: Config, product: Product, folder: str) -> Iterator[tuple[str, bytes]]:
    """The same of Velopack."""
    for channel in offers.channels(catalog, config, product):
        for own, listed in _listed(catalog, config, product, channel).items():
            if own:
                yield f"{layout.updates(channel, folder)}/releases.{own}.json", _json(_asset(one) for one in listed)


def packages(catalog: Catalog, config: Config, product: Product, folder: str) -> Iterator[tuple[str, Artifact]]:
    """Each address of a package beside a list of Velopack, and the package."""
    for channel in offers.channels(catalog, config, product):
        for own, listed in _listed(catalog, config, product, channel).items():
            yield from ((f"{layout.updates(channel, folder)}/{_name(one.package)}", one.package) for one in listed if own)


def nothing(path: str) -> bytes:
    """What stands at the address of a list when no package is offered there any more."""
    return _json(()) if path.endswith(".json") else b""


def _listed(catalog: Catalog, config: Config, product: Product, channel: str) -> dict[str, list[_Listed]]:
    """The packages that a channel offers, newest first, by Velopack's own channel; those of Squirrel under no name."""
    offered: dict[str, tuple[Release, Artifact]] = {}
    for release in offers.releases(catalog, config, product, channel):
        for package in catalog.files_of(release):
            if package.kind is Kind.UPDATE:
                offered.setdefault(package.path, (release, package))  # once, though a channel that this one follows may have it too
    found: dict[str, list[_Listed]] = {}
    for own, said in sorted(_said(catalog, product).items()):
        listed = [_Listed(release, a, said[a.filename, a.size]) for release, a in offered.values() if (a.filename, a.size) in said]
        if listed:
            found[own] = listed
    return found


def _said(catalog: Catalog, product: Product) -> dict[str, dict[tuple[str, int], PackageEntry]]:
    """What lists that came with any version say of each package, the newest one first."""
    found: dict[str, dict[tuple[str, int], PackageEntry]] = {}
    lists = [(a.date, a.facts) for a in catalog.kept_of(product.id) if isinstance(a.facts, PackageListFacts)]
    for _, facts in sorted(lists, key=lambda pair: pair[0], reverse=True):
        for entry in facts.entries:
            found.setdefault(facts.channel, {}).setdefault((entry.name, entry.size), entry)
    return found


def _line(one: _Listed, config: Config) -> str:
    staged = f" # {one.release.rollout}%" if one.release.rollout < 100 else ""
    return f"{one.said.sha1.upper()} {layout.url(config.url, one.package.path)} {one.package.size}{staged}\n"


def _asset(one: _Listed) -> dict[str, object]:
    sums = {"FileName": _name(one.package), "SHA1": one.said.sha1.upper(), "SHA256": one.package.sha256.upper(), "Size": one.package.size}
    return {**json.loads(one.said.more), **sums}


def _name(package: Artifact) -> str:
    return package.path.rpartition("/")[2]


def _json(assets: Iterable[dict[str, object]]) -> bytes:
    return json.dumps({"Assets": list(assets)}, ensure_ascii=False, indent=2).encode("utf-8", "replace") + b"\n"
