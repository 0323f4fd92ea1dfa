"""The table ``[cache]`` of repogen.toml, as config.py reads it: the Cache-Control of each class of files.

https://www.rfc-editor.org/rfc/rfc9111#section-5.2
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

_DIRECTIVE = r"[A-Za-z][A-Za-z0-9-]*(?:=(?:[A-Za-z0-9-]+|\"[A-Za-z0-9 ,-]*\"))?"
_CACHE_CONTROL = re.compile(rf"{_DIRECTIVE}(?:, ?{_DIRECTIVE})*", re.ASCII)


class CacheConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[cache]``: Cache-Control of what is published from now on; a folder's web server sets its own. A file that stands in the bucket keeps what it had."""

    payload: str = "public, max-age=31536000, immutable"
    """Of packages, archives and all other files whose bytes never change at their address."""
    index: str = "public, max-age=0, must-revalidate"
    """Of indices that are changed in place, such as ``Packages.gz``."""
    entry: str = "public, max-age=0, must-revalidate"
    """Of what clients ask for first, such as ``InRelease`` and ``repomd.xml``. With a CDN that is purged, ``s-maxage=86400`` more lets its edges keep them."""
    page: str = "public, max-age=0, must-revalidate"
    """Of pages for people."""


def faults(cache: CacheConfig) -> Iterator[tuple[str, str]]:
    """What cannot be in the table: pairs of a sentence and its remedy."""
    for name in cache.__struct_fields__:
        value: str = getattr(cache, name)
        if not _CACHE_CONTROL.fullmatch(value):
            yield f"[cache] {name} {value!r} is no Cache-Control", 'write it as "public, max-age=60, must-revalidate"'
        elif name != "payload" and "immutable" in value.lower():
            yield f"[cache] {name} cannot be immutable", "these files change with every publish, and clients would keep the old ones"
