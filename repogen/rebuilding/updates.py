"""Which update manifests installed applications may ask for, and whose the short addresses are: these offer that product's downloads."""

from __future__ import annotations

import re
from collections.abc import Collection

from repogen import layout
from repogen.rebuilding.published_site import PublishedSite

_DOWNLOAD = re.compile(r"downloads/([a-z0-9-]+)/")
#: Kind of a manifest by the ending of its name.
_KINDS = {".json": "plain", ".yml": "electron"}


def manifests(site: PublishedSite) -> tuple[str, ...]:
    """Their paths, sorted."""
    return tuple(path for path in sorted(site.listed) if _kind(path))


def read_feeds(site: PublishedSite, products: Collection[str]) -> dict[str, str]:
    """Product that the short addresses of each kind belong to, as far as they offer the downloads of one product alone."""
    owners: dict[str, set[str]] = {}
    for path in manifests(site):
        if path.split("/")[1] not in products:
            owners.setdefault(_kind(path), set()).update(_DOWNLOAD.findall(site.read(path).decode("utf-8", "replace")))
    return {kind: next(iter(some)) for kind, some in sorted(owners.items()) if len(some) == 1}


def _kind(path: str) -> str:
    if not path.startswith(f"{layout.UPDATES}/") or path == layout.UPDATES_SCHEMA:
        return ""
    return next((kind for ending, kind in _KINDS.items() if path.endswith(ending)), "")
