"""What installed applications ask for: which update manifests there are, whose the short addresses are, and the signatures of appcasts."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from urllib.parse import unquote

from repogen import layout
from repogen.artifact import AppcastEntry
from repogen.errors import InputError, StoreError
from repogen.readers import appcast
from repogen.rebuilding.published_site import PublishedSite
from repogen.update_addresses import SPARKLE, parsed

_DOWNLOAD = re.compile(rb"\b%s/([a-z0-9-]+)/" % layout.DOWNLOADS.encode())


def manifests(site: PublishedSite) -> tuple[str, ...]:
    """Their paths, sorted."""
    return tuple(path for path in sorted(site.listed) if parsed(path))


def read_feeds(site: PublishedSite, products: Collection[str]) -> dict[str, str]:
    """Product that the short addresses of each kind belong to, as far as they speak of one product alone."""
    owners: dict[str, set[str]] = {}
    for path in manifests(site):
        if (address := parsed(path)) and not address.product and (found := _products(site, path, products)):
            owners[address.kind] = owners.get(address.kind, found) & found  # one that offers nothing may say the same of several
    return {kind: next(iter(some)) for kind, some in sorted(owners.items()) if len(some) == 1}


def _products(site: PublishedSite, path: str, products: Collection[str]) -> set[str]:
    """Products whose downloads a manifest offers; where it names no address, those whose own manifest says the same."""
    content = site.read(path)
    own = {id: path.replace(layout.UPDATES, f"{layout.UPDATES}/{id}", 1) for id in products}
    named = {name.decode() for name in _DOWNLOAD.findall(content)}
    return named or {id for id, long in own.items() if long in site.listed and site.read(long) == content}


def read_signatures(site: PublishedSite) -> dict[str, AppcastEntry]:
    """What appcasts say of each file that they offer, by its path. Raises StoreError for a damaged one."""
    return dict(pair for path in manifests(site) if (address := parsed(path)) and address.kind == SPARKLE for pair in _entries(site, path))


def _entries(site: PublishedSite, path: str) -> Iterator[tuple[str, AppcastEntry]]:
    try:
        facts = appcast.parse(path, site.read(path))
    except InputError as error:
        raise StoreError(
            f"{path} in {site.address} is damaged: {error.message}", hint="restore it from a backup or from an older version of the object"
        ) from error
    for entry in facts.entries:
        _, _, rest = unquote(entry.url).rpartition(f"/{layout.DOWNLOADS}/")
        yield f"{layout.DOWNLOADS}/{rest}", entry
