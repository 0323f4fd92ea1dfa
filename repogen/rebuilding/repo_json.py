"""repo.json, the published catalog, read back. Its digests count only once signed lists have vouched for them (see releases)."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from repogen.artifact import Kind
from repogen.errors import StoreError
from repogen.layout import CATALOG
from repogen.rebuilding.published_site import PublishedSite

FORMAT = 1


class PublishedFile(Struct, frozen=True, kw_only=True):
    """One file of a release."""

    name: str
    path: str
    kind: Kind
    os: str
    arch: str
    libc: str | None = None
    size: int
    sha256: str
    sha512: str | None = None


class PublishedRelease(Struct, frozen=True, kw_only=True):
    """One version in one channel."""

    version: str
    channel: str
    date: str
    rollout: int = 100
    notes: str = ""
    files: tuple[PublishedFile, ...]


class PublishedProduct(Struct, frozen=True, kw_only=True):
    """One product."""

    id: str
    title: str
    description: str = ""
    homepage: str = ""
    license: str = ""
    type: str = "cli"
    releases: tuple[PublishedRelease, ...]


class PublishedWithdrawal(Struct, frozen=True, kw_only=True):
    """A release that is offered no more."""

    product: str
    version: str
    channel: str
    released: str
    date: str
    reason: str = ""


class PublishedCatalog(Struct, frozen=True, kw_only=True):
    """The whole of it, as far as the state needs it."""

    format: int
    name: str
    date: str
    products: tuple[PublishedProduct, ...]
    withdrawn: tuple[PublishedWithdrawal, ...] = ()


def read_catalog(site: PublishedSite, name: str) -> PublishedCatalog:
    """The published catalog of the repository of this name. Raises StoreError."""
    content = site.find(CATALOG)
    if content is None:
        raise StoreError(
            f"{site.address} holds no {CATALOG}, so that nothing tells what is published there",
            hint="restore it from a backup; a repository of another tool is taken over by `repogen adopt`",
        )
    try:
        found = msgspec.json.decode(content, type=PublishedCatalog)
    except msgspec.DecodeError as error:
        raise StoreError(f"{CATALOG} in {site.address} is damaged: {error}", hint="restore it from a backup or from an older version of the object") from error
    if found.format > FORMAT:
        raise StoreError(f"{CATALOG} in {site.address} was written by a newer repogen (format {found.format})", hint="upgrade repogen")
    if found.name != name:
        raise StoreError(f"{site.address} is the site of {found.name!r}, not of {name!r}", hint="correct [repo] name, or give the destination with --to")
    return found
