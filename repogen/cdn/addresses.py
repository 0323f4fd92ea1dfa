"""Under which addresses a CDN may hold a copy of a path.

A cache compares addresses as they were asked for. ``+`` and ``%2B`` are one file and two copies
(a mirror of kubernetes served an InRelease of six weeks ago because only one of them was purged), a folder's page is asked for by the
folder, and git asks for ``info/refs`` with a query string.
https://github.com/kubernetes/release/issues/3993
"""

from __future__ import annotations

_GIT_QUERY = "?service=git-upload-pack"
_ESCAPES = {"+": "%2B", "~": "%7E"}


def spellings(path: str) -> tuple[str, ...]:
    """The path as layout.url writes it, then its other spellings, all of which name these very bytes."""
    first = path.replace("+", _ESCAPES["+"])
    found = dict.fromkeys([first, path])
    for character, escape in _ESCAPES.items():
        found |= dict.fromkeys([known.replace(character, escape) for known in found])
    if path.endswith("/info/refs"):
        found |= dict.fromkeys([known + _GIT_QUERY for known in found])
    return tuple(found)


def cached_as(path: str) -> tuple[str, ...]:
    """All spellings, and the folder whose page it is: what a CDN must forget."""
    folder, _, name = path.rpartition("/")
    found = spellings(path)
    return (*found, f"{folder}/" if folder else "") if name == "index.html" else found
