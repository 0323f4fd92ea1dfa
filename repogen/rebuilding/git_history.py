"""Where a published git repository stands: its commit, and every object of its history."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from repogen.catalog import GitHead
from repogen.errors import StoreError
from repogen.git_objects import object_path
from repogen.manifest import Entry
from repogen.rebuilding.published_site import PublishedSite
from repogen.tree import Stage

_REFS = re.compile(rb"([0-9a-f]{40})\trefs/heads/main\n")
_LINK = re.compile(rb"^(?:tree|parent) ([0-9a-f]{40})$", re.MULTILINE)
_ENTRY = re.compile(rb"[0-7]+ [^\0]+\0(.{20})", re.DOTALL)
_THREADS = 16


def read_history(site: PublishedSite, repository: str) -> tuple[GitHead, dict[str, Entry]]:
    """The head of the repository at this path, and the objects that lead to it. Raises StoreError where one is missing or damaged."""
    path = f"{repository}/info/refs"
    match = _REFS.fullmatch(site.read(path))
    if match is None:
        raise StoreError(f"{path} in {site.address} is damaged", hint="restore it from a backup: git clients follow it alone")
    objects, entries = _reachable(site, repository, match[1].decode())
    commit = match[1].decode()
    tree = next(_links(objects[commit]))
    return GitHead(commit=commit, tree=tree, objects=tuple(sorted(objects))), entries


def _reachable(site: PublishedSite, repository: str, commit: str) -> tuple[dict[str, bytes], dict[str, Entry]]:
    """The content of all objects that a commit needs, by id, and what stands at their paths; read generation by generation."""
    found: dict[str, bytes] = {}
    entries: dict[str, Entry] = {}
    wanted = {commit}
    with ThreadPoolExecutor(_THREADS) as pool:
        while wanted:
            ids = sorted(wanted)
            for id, (content, entry) in zip(ids, pool.map(partial(_object, site, repository), ids), strict=True):
                found[id] = content
                entries[object_path(repository, id)] = entry
            wanted = {link for id in ids for link in _links(found[id])} - found.keys()
    return found, entries


def _object(site: PublishedSite, repository: str, id: str) -> tuple[bytes, Entry]:
    path = object_path(repository, id)
    loose = site.read(path)
    try:
        content = zlib.decompress(loose)
    except zlib.error:
        content = b""
    if hashlib.sha1(content, usedforsecurity=False).hexdigest() != id:
        raise StoreError(f"{path} in {site.address} is damaged", hint="restore it from a backup or from an older version of the object")
    return content, Entry(len(loose), hashlib.sha256(loose).hexdigest(), Stage.PAYLOAD)


def _links(content: bytes) -> Iterator[str]:
    """Ids of the objects that an object names, the tree of a commit first."""
    kind, _, rest = content.partition(b"\0")
    if kind.startswith(b"commit "):
        yield from (link.decode() for link in _LINK.findall(rest.partition(b"\n\n")[0]))
    elif kind.startswith(b"tree "):
        yield from (link.hex() for link in _ENTRY.findall(rest))
