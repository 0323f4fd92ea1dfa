"""``[winget]``: what its manifests say."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

#: The forms of https://github.com/microsoft/winget-cli/tree/master/schemas/JSON/manifests.
_IDENTIFIER = re.compile(r"[A-Za-z0-9+_-]{1,32}(?:\.[A-Za-z0-9+_-]{1,32}){1,7}")
_VERSION = re.compile(r"1\.(?:10|12|28)\.0")


class WingetConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[winget]``: manifests to be offered to the community repository in a pull request."""

    publisher: str = ""
    """Who publishes the programs; ``[repo] maintainer`` without its address when absent."""
    identifiers: dict[str, str] = {}
    """PackageIdentifier by product, ``{ hello = "Acme.Hello" }``; made of the publisher's and the product's name when absent."""
    manifest_version: str = "1.10.0"
    """Version of the schema that the manifests follow: 1.10.0, 1.12.0 or 1.28.0."""


def faults(config: WingetConfig) -> Iterator[tuple[str, str]]:
    """A message and a hint for each value that cannot be."""
    for product, identifier in config.identifiers.items():
        if len(identifier) > 128 or not _IDENTIFIER.fullmatch(identifier):
            yield f"[winget] identifiers: {identifier!r} of {product} cannot be one", 'write it as "Acme.Hello", two to eight words of at most 32 characters'
    if not _VERSION.fullmatch(config.manifest_version):
        yield f"[winget] manifest_version {config.manifest_version!r} is unknown", "write 1.10.0, 1.12.0 or 1.28.0"
    if re.search(r"[\x00-\x1f\x7f]", config.publisher):
        yield f"[winget] publisher {config.publisher!r} has a line break or control character", "write it in one line"
