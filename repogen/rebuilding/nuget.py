"""The facts of Chocolatey packages, out of the published feed: https://learn.microsoft.com/nuget/api/registration-base-url-resource."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
from msgspec import Struct

from repogen.artifact import NupkgFacts
from repogen.errors import StoreError
from repogen.rebuilding.published_site import PublishedSite

_REGISTRATION = re.compile(r"chocolatey/registration/[^/]+/index\.json")


class _Entry(Struct, frozen=True, rename="camel"):
    id: str
    version: str
    title: str = ""
    authors: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    project_url: str = ""
    published: str = ""
    listed: bool = True


class _Item(Struct, frozen=True, rename="camel"):
    catalog_entry: _Entry


class _Page(Struct, frozen=True):
    items: tuple[_Item, ...]


class _Registration(Struct, frozen=True):
    items: tuple[_Page, ...]


class Registered(Struct, frozen=True, kw_only=True):
    """One package of the feed."""

    facts: NupkgFacts
    published: str
    """When it was first published, ``2026-11-20T10:00:00Z``."""
    listed: bool


def copy_address(facts: NupkgFacts) -> str:
    """Where a package stands a second time (https://learn.microsoft.com/nuget/api/package-base-address-resource)."""
    return f"chocolatey/flat/{facts.id}/{facts.version}/{facts.id}.{facts.version}.nupkg"


def read_feed(site: PublishedSite) -> dict[str, Registered]:
    """The packages by the path of their nupkg. Raises StoreError."""
    paths = sorted(path for path in site.listed if _REGISTRATION.fullmatch(path))
    return {f"chocolatey/{one.facts.id}.{one.facts.version}.nupkg": one for path in paths for one in _registered(site, path)}


def _registered(site: PublishedSite, path: str) -> Iterator[Registered]:
    try:
        registration = msgspec.json.decode(site.read(path), type=_Registration)
    except msgspec.DecodeError as error:
        raise StoreError(f"{path} in {site.address} is damaged: {error}", hint="restore it from a backup or from an older version of the object") from error
    for entry in (item.catalog_entry for page in registration.items for item in page.items):
        facts = NupkgFacts(
            id=entry.id,
            version=entry.version,
            nuspec=site.read(f"chocolatey/{entry.id}.{entry.version}.nuspec"),
            description=entry.description,
            title=entry.title,
            authors=entry.authors,
            tags=" ".join(entry.tags),
            project_url=entry.project_url,
        )
        yield Registered(facts=facts, published=entry.published, listed=entry.listed)
