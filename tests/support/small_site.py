"""A site as small as a site can be, for trying very many publishes: a set of names, and every sort of file that publishing knows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from repogen.catalog import Catalog, Release
from repogen.manifest import Entry, Manifest
from repogen.output import Output
from repogen.record import Additions, Record
from repogen.state import Snapshot, encode, encoded
from repogen.stores.memory import MemoryStore
from repogen.tree import Stage

DATE = "2026-01-01T12:00:00Z"
GONE = "no-"


def adding(*names: str) -> Callable[[set[str]], set[str]]:
    """What was removed stays away, as a withdrawn version does."""
    return lambda there: there | {name for name in names if GONE + name not in there}


def removing(*names: str) -> Callable[[set[str]], set[str]]:
    return lambda there: there - set(names) | {GONE + name for name in names if name in there}


def drafting(output: Output, change: Callable[[set[str]], set[str]]) -> Callable[[Snapshot], Record]:
    """What ``publish.bring`` wants: the record of this change upon any snapshot, its files in the output folder."""

    def current(snapshot: Snapshot) -> Record:
        there = {release.product for release in snapshot.catalog.releases}
        names = change(there)
        if snapshot.is_whole and names == there:
            return Record(base=snapshot.identity, additions=Additions(), date=snapshot.head.date, rendering="", state=encoded(snapshot))
        files = _files({name for name in names if not name.startswith(GONE)}, f"{snapshot.number + 1}")
        for path, (content, _) in files.items():
            (output.folder / path).parent.mkdir(parents=True, exist_ok=True)
            (output.folder / path).write_bytes(content)
        catalog = Catalog(date=DATE, releases=tuple(Release(product=name, version="1", channel="stable", date=DATE) for name in sorted(names)))
        manifest = {path: Entry(len(content), hashlib.sha256(content).hexdigest(), stage) for path, (content, stage) in sorted(files.items())}
        return Record(base=snapshot.identity, additions=Additions(), date=DATE, rendering="", state=encode(catalog, manifest, snapshot), files=manifest)

    return current


def _files(names: set[str], number: str) -> dict[str, tuple[bytes, Stage]]:
    """``entry`` is never the same twice, as an InRelease is not; ``index`` and ``list`` may well be."""
    index = "".join(f"{name}\n" for name in sorted(names)).encode()
    digest = hashlib.sha256(index).hexdigest()
    payload = {f"pool/{name}": (name.encode(), Stage.PAYLOAD) for name in names}
    return {
        **payload,
        f"by-hash/{digest}": (index, Stage.PAYLOAD),
        "index": (index, Stage.INDEX),
        "list": (index, Stage.ENTRY),
        "entry": (f"{number} {digest}".encode(), Stage.ENTRY),
        "page": (index, Stage.PAGE),
    }


def look(store: MemoryStore) -> set[str]:
    """The names that a client finds by way of ``entry``; it fails when something that is named is not there."""
    for path in ("list", "index", "page"):
        stored = store.get(path)
        _payload(store, stored.content if stored else b"")
    entry = store.get("entry")
    if entry is None:
        return set()
    digest = entry.content.split()[1].decode()
    index = store.get(f"by-hash/{digest}")
    assert index, f"by-hash/{digest} is named and not there"
    assert hashlib.sha256(index.content).hexdigest() == digest
    return _payload(store, index.content)


def _payload(store: MemoryStore, index: bytes) -> set[str]:
    names = set(index.decode().split())
    for name in names:
        stored = store.get(f"pool/{name}")
        assert stored, f"pool/{name} is named and not there"
        assert stored.content == name.encode()
    return names


def unlike(store: MemoryStore, manifest: Manifest) -> list[str]:
    """Paths where something else stands than the manifest says."""
    return [path for path, entry in manifest.items() if not store.holds(path, size=entry.size, sha256=entry.sha256)]


def output(folder: Path) -> Output:
    folder.mkdir(parents=True, exist_ok=True)
    return Output(folder)
