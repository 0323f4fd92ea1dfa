"""Addresses of update manifests: ``updates/<product>/<channel>/...``, and ``updates/<channel>/...`` for the product that has the short ones of a kind.

``Catalog.served`` remembers every manifest that there is; here stands what each of them is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from repogen import layout
from repogen.catalog import Catalog
from repogen.platforms import SYSTEMS
from repogen.remembered import remembered

PLAIN = "plain"
ELECTRON = "electron"
TAURI = "tauri"
SPARKLE = "sparkle"
ZSYNC = "zsync"
SQUIRREL = "squirrel"
VELOPACK = "velopack"

TITLES = {
    PLAIN: "Plain JSON",
    ELECTRON: "electron-updater",
    TAURI: "Tauri",
    SPARKLE: "Sparkle, WinSparkle",
    ZSYNC: "AppImageUpdate",
    SQUIRREL: "Squirrel.Windows",
    VELOPACK: "Velopack",
}
#: Kinds whose clients are built with the address of the folder, and ask for a file in it by themselves.
BY_FOLDER = (ELECTRON, SQUIRREL, VELOPACK)

_PLATFORM = rf"(?:any|{'|'.join(SYSTEMS)})(?:-[a-z0-9]+)?"
#: Kind of a manifest by the end of its address, which begins behind the folder of its channel.
_KINDS = {
    PLAIN: rf"{_PLATFORM}/latest\.json",
    ELECTRON: r"[^/]+\.yml",
    TAURI: r"latest\.json",
    SPARKLE: r"appcast(?:-channels)?\.xml",
    ZSYNC: r"[^/]+\.zsync",
    SQUIRREL: r"RELEASES",
    VELOPACK: r"releases\.[^/]+\.json",
}
_ENDS = "|".join(f"(?P<{kind}>{end})" for kind, end in _KINDS.items())
_ADDRESS = re.compile(rf"{layout.UPDATES}/(?:(?P<product>[^/]+)/)?(?P<channel>(?!{_PLATFORM}/)[^/]+)/(?:{_ENDS})")


class Address(NamedTuple):
    """What stands at the address of a manifest."""

    kind: str
    product: str
    """Id of the product whose folder it is in; empty for a short address."""
    channel: str
    name: str
    """Platform of a plain manifest, file name of any other."""


def parsed(path: str) -> Address | None:
    """What a path of the site is as the address of a manifest; None for any other path."""
    found = _ADDRESS.fullmatch(path)
    if found is None or found.lastgroup is None:
        return None
    name = found[found.lastgroup]
    return Address(found.lastgroup, found["product"] or "", found["channel"], name.partition("/")[0] if found.lastgroup == PLAIN else name)


def manifests_of(catalog: Catalog, product: str, channel: str) -> Mapping[str, Mapping[str, str]]:
    """Paths of a product's manifests in a channel, by kind and name: the short ones where it has them."""
    return _by_channel(catalog).get((product, channel), {})


@remembered
def _by_channel(catalog: Catalog) -> dict[tuple[str, str], dict[str, dict[str, str]]]:
    found: dict[tuple[str, str], dict[str, dict[str, str]]] = {}
    addresses = [(address, path) for path in catalog.served if (address := parsed(path))]
    for address, path in sorted(addresses, key=lambda pair: (list(_KINDS).index(pair[0].kind), pair[0].name, pair[0].product)):
        product = address.product or catalog.update_feeds.get(address.kind, "")
        found.setdefault((product, address.channel), {}).setdefault(address.kind, {}).setdefault(address.name, path)
    return found
