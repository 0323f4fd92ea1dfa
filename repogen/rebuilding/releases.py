"""The digests of each release by its signed SHA256SUMS, by which repo.json is judged: it bears no signature of its own."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

from repogen import layout
from repogen.errors import StoreError
from repogen.rebuilding.published_site import PublishedSite
from repogen.rebuilding.repo_json import PublishedCatalog

_LINE = re.compile(r"([0-9a-f]{64})  (\S.*)")


def signed_digests(site: PublishedSite, product: str, version: str) -> Mapping[str, str]:
    """SHA-256 of each file of a version by its path on the site. Raises StoreError."""
    path = layout.checksums(product, version)
    lines = site.signed(path).decode("utf-8", "replace").splitlines()
    return {posixpath.normpath(f"{posixpath.dirname(path)}/{match[2]}"): match[1] for line in lines if (match := _LINE.fullmatch(line))}


def check_digests(site: PublishedSite, published: PublishedCatalog) -> None:
    """Raises StoreError where repo.json names a file that a signed list does not, or another digest for it, or one that is not there."""
    for product, version, files in _versions(published):
        vouched = signed_digests(site, product, version)
        for path, (size, sha256) in files.items():
            if vouched.get(path) != sha256:
                raise StoreError(
                    f"{layout.CATALOG} in {site.address} tells of {path} what the signed {layout.checksums(product, version)} does not",
                    hint=f"find out who changed it; restore {layout.CATALOG} from a backup or from an older version of the object",
                )
            listed = site.listed.get(path)
            if listed is None or listed.size != size:
                state = "missing" if listed is None else "of another size than it was published with"
                raise StoreError(f"{path} in {site.address} is {state}", hint="restore it, then rebuild the state again; nothing was changed")


def _versions(published: PublishedCatalog) -> Iterator[tuple[str, str, dict[str, tuple[int, str]]]]:
    """Product, version, and size and digest of each file in any channel by its path: one list is for all channels."""
    for product in published.products:
        versions: dict[str, dict[str, tuple[int, str]]] = {}
        for release in product.releases:
            versions.setdefault(release.version, {}).update({file.path: (file.size, file.sha256) for file in release.files})
        yield from ((product.id, version, files) for version, files in versions.items())
