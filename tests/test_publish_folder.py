"""Publishing to a folder that a web server shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from repogen.build import Options, build
from repogen.change import change
from repogen.config import InputConfig, PublishConfig
from repogen.edits import Promote
from repogen.errors import StoreError
from repogen.publish import publish
from repogen.signing.gpg_home import KEY_VARIABLE
from repogen.stores.memory import MemoryStore
from tests.support import catalogs
from tests.support.apt import AptRoot
from tests.support.follow import apt, yum
from tests.support.keys import secret_key
from tests.support.packages import make_deb, make_rpm
from tests.support.server import serving
from tests.support.site import Project


def files(site: Path) -> dict[str, tuple[int, bytes]]:
    """Modification time in whole seconds, as HTTP has it, and the bytes of every file of the site."""
    found = (path for path in site.rglob("*") if path.is_file() and ".repogen" not in path.parts)
    return {path.relative_to(site).as_posix(): (int(path.stat().st_mtime), path.read_bytes()) for path in found}


def test_a_changed_file_is_newer_whatever_the_date_of_the_build(tmp_path: Path) -> None:
    """Else a server answers apt's `If-Modified-Since` with 304, and nobody sees the new release."""
    project = Project(tmp_path / "acme", url="http://site.invalid")
    project.environment["SOURCE_DATE_EPOCH"] = "1767355200"
    with serving(project.site) as server:
        project.release(make_deb(tmp_path / "1"), make_rpm(tmp_path / "1"))
        root = AptRoot(tmp_path / "apt", (project.site / "acme.sources").read_text().replace("http://site.invalid", server.url))
        root.update()
        for version in ("1.1.0", "1.2.0"):
            before = files(project.site)
            project.empty()
            project.release(make_deb(tmp_path / version, version=version))
            after = files(project.site)
            changed = [path for path in before if before[path][1] != after[path][1]]
            assert {"apt/dists/stable/InRelease", "yum/stable/repodata/repomd.xml", "index.html"} <= {*changed}
            for path in changed:
                assert after[path][0] > before[path][0], path
            root.update()
            assert version in root.versions("hello")


def test_unchanged_files_keep_their_time(tmp_path: Path) -> None:
    project = Project(tmp_path / "acme")
    project.release(make_deb(tmp_path / "1"))
    before = files(project.site)
    project.release(make_deb(tmp_path / "2", version="1.1.0"))
    after = files(project.site)
    kept = [path for path in before if before[path][1] == after[path][1]]
    assert "apt/pool/main/h/hello/hello_1.0.0_amd64.deb" in kept
    assert {path: after[path][0] for path in kept} == {path: before[path][0] for path in kept}


# -- the order of puts ---------------------------------------------------------------------


class LoggingStore(MemoryStore):
    """Remembers the order of writes, and breaks after so many."""

    def __init__(self) -> None:
        super().__init__()
        self.written_keys: list[tuple[str, str]] = []
        self.allowed = 10_000

    def _write(self, verb: str, key: str) -> None:
        if len(self.written_keys) >= self.allowed:
            raise StoreError("the connection broke")
        self.written_keys.append((verb, key))

    def put(self, key: str, content: bytes | Path, **about: Any) -> str:
        self._write("put", key)
        return super().put(key, content, **about)

    def copy(self, source: str, target: str, **about: Any) -> None:
        self._write("copy", target)
        found = self.get(source)
        assert found is not None
        super().put(target, found.content, **about)


@pytest.fixture
def published(tmp_path: Path) -> tuple[LoggingStore, Callable[[], object]]:
    """1.0.0 is in beta; and what promotes it to stable."""
    store = LoggingStore()
    make_deb(tmp_path / "dist")
    make_rpm(tmp_path / "dist")
    config = replace(catalogs.config(), input=InputConfig(paths=(str(tmp_path / "dist"),)), publish=PublishConfig(silence=0))
    options = Options(base=tmp_path, output=tmp_path / "public", environ={"PATH": "/usr/bin:/bin", KEY_VARIABLE: secret_key()}, channel="beta")
    build(config, options, store)
    publish(config, options, store)
    store.written_keys.clear()
    return store, lambda: change(config, options, store, Promote(product="hello", version="1.0.0", to="stable"))


def test_repomd_and_its_signature_are_put_side_by_side(published: tuple[LoggingStore, Callable[[], object]]) -> None:
    """Changed pairs begin when no entry file is left that stands alone, so that threads are free for both halves of each."""
    store, promote = published
    there = {listed.key for listed in store.list("")}
    promote()
    keys = [key for _, key in store.written_keys]
    changed = there & {*keys}
    pairs = {path for signed in changed for path in (f"{signed}.asc", f"{signed}.gpg") if path in changed}
    pairs |= {path.rpartition(".")[0] for path in pairs}
    assert {"yum/beta/repodata/repomd.xml", "yum/beta/repodata/repomd.xml.asc"} <= pairs
    first = min(keys.index(path) for path in pairs)
    assert {*keys[first : keys.index("index.html")]} == pairs
    assert "apt/dists/beta/InRelease" in keys[:first]


def test_a_promotion_that_is_cut_at_any_write(published: tuple[LoggingStore, Callable[[], object]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Copies inside the destination are cut as uploads are."""
    store, promote = published
    start = {listed.key: store.get(listed.key) for listed in store.list("")}
    promote()
    writes = list(store.written_keys)
    copied = [number for number, (verb, _) in enumerate(writes) if verb == "copy"]
    assert copied
    for number in sorted({*copied, *(n + 1 for n in copied), *range(0, len(writes), 9), len(writes) - 1}):
        for listed in list(store.list("")):
            store.delete(listed.key)
        for key, stored in start.items():
            MemoryStore.put(store, key, stored.content, content_type="", cache_control="")
        store.written_keys.clear()
        store.allowed = number
        with pytest.raises(StoreError):
            promote()
        for found in (set(apt(read(store))), set(yum(read(store)))):
            assert found in (set(), {"hello 1.0.0"}), number
        store.allowed = 10_000
        promote()
        assert set(apt(read(store))) == set(yum(read(store))) == {"hello 1.0.0"}


def read(store: MemoryStore) -> Callable[[str], bytes | None]:
    return lambda path: stored.content if (stored := store.get(path)) else None
