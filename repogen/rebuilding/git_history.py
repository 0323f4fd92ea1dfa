"""Where a published git repository stands: its commit, and every object of its history."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from repogen.catalog import GitHead, Release
from repogen.errors import StoreError
from repogen.git_objects import object_path
from repogen.manifest import Entry
from repogen.rebuilding.published_site import PublishedSite
from repogen.tree import Stage

_REFS = re.compile(rb"([0-9a-f]{40})\trefs/heads/main\n")
_LINK = re.compile(rb"^(?:tree|parent) ([0-9a-f]{40})$", re.MULTILINE)
_ENTRY = re.compile(rb"([0-7]+) ([^\0]+)\0(.{20})", re.DOTALL)
_FOLDER, _SYMLINK = b"40000", b"120000"
_THREADS = 16


def read_history(site: PublishedSite, repository: str, releases: Iterable[Release]) -> tuple[GitHead, dict[str, Entry]]:
    """The head of the repository at this path, and the objects that lead to it. ``releases`` are all that ever were.

    Raises StoreError where an object is missing or damaged.
    """
    path = f"{repository}/info/refs"
    match = _REFS.fullmatch(site.read(path))
    if match is None:
        raise StoreError(f"{path} in {site.address} is damaged", hint="restore it from a backup: git clients follow it alone")
    objects, entries = _reachable(site, repository, match[1].decode())
    commits = [content for content in objects.values() if content.startswith(b"commit ")]
    commit = match[1].decode()
    tree = next(_links(objects[commit]))
    files = dict(_files(objects, tree))
    once = {name for one in commits for name, _ in _files(objects, next(_links(one)))}
    words = {line.decode("utf-8", "replace") for one in commits for line in one.partition(b"\n\n")[2].splitlines()}
    head = GitHead(
        commit=commit,
        tree=tree,
        objects=tuple(sorted(objects)),
        files={name: id for name, (_, id) in sorted(files.items())},
        links=tuple(sorted(name for name, (mode, _) in files.items() if mode == _SYMLINK)),
        former=tuple(sorted(once - files.keys())),
        releases=tuple(sorted(" ".join(release.key) for release in releases if f"{release.product} {release.version}" in words)),
    )
    return head, entries


def _files(objects: Mapping[str, bytes], tree: str, folder: str = "") -> Iterator[tuple[str, tuple[bytes, str]]]:
    """Path, mode and object of each file of a tree."""
    for mode, name, raw in _ENTRY.findall(objects[tree].partition(b"\0")[2]):
        path = f"{folder}{name.decode('utf-8', 'replace')}"
        if mode == _FOLDER:
            yield from _files(objects, raw.hex(), f"{path}/")
        else:
            yield path, (mode, raw.hex())


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
        yield from (link.hex() for _, _, link in _ENTRY.findall(rest))
