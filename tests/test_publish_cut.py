"""A publish that is cut after any single put leaves every client with the old or the new state, and the next publish finishes it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from repogen.build import Options, build
from repogen.certain import certain
from repogen.config import Config, InputConfig, PublishConfig
from repogen.errors import StoreError
from repogen.publish import publish
from repogen.signing.gpg_home import KEY_VARIABLE
from repogen.state import load, swap_head
from repogen.stores.memory import MemoryStore
from tests.support import catalogs
from tests.support.follow import follow
from tests.support.installers import make_appimage
from tests.support.keys import secret_key
from tests.support.packages import make_deb, make_rpm, make_tar, make_zip
from tests.support.programs import pe
from tests.support.small_site import unlike

URL = "https://dl.acme.example"
OLD = {"apt": {"hello 1.0.0"}, "yum": {"hello 1.0.0"}, "git": {"hello 1.0.0"}, "nuget": {"hello 1.0.0"}}
NEW = {
    "apt": {"hello 1.0.0", "hello 1.1.0"},
    "yum": {"hello 1.0.0", "hello 1.1.0"},
    "git": {"hello 1.0.0", "hello 1.1.0"},
    "nuget": {"hello 1.0.0", "hello 1.1.0"},
}


class CutStore(MemoryStore):
    """A store whose connection breaks after so many puts."""

    def __init__(self, allowed: int) -> None:
        super().__init__()
        self.allowed = allowed

    def put(self, *arguments: object, **named: object) -> str:
        if self.allowed <= 0:
            raise StoreError("the connection broke")
        self.allowed -= 1
        return super().put(*arguments, **named)


def copied(store: MemoryStore, allowed: int) -> CutStore:
    copy = CutStore(allowed)
    for stat in store.list(""):
        MemoryStore.put(copy, stat.key, store.get(stat.key).content, content_type="", cache_control="")
    return copy


def seen(store: MemoryStore) -> dict[str, set[str]]:
    return follow(lambda path: stored.content if (stored := store.get(path)) else None, URL)


def assert_certain(store: MemoryStore) -> None:
    """What is held for certain after a cut stands there: at least the lists of the release before."""
    sure = certain(load(store))
    assert not unlike(store, sure)
    assert {"downloads/hello/1.0.0/SHA256SUMS", "downloads/hello/1.0.0/SHA256SUMS.asc"} <= sure.keys()


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Config, dict[str, Options]]:
    """Two releases, each built in a folder of its own."""
    folder = tmp_path_factory.mktemp("releases")
    environ = {"PATH": os.environ["PATH"], KEY_VARIABLE: secret_key()}
    for version in ("1.0.0", "1.1.0"):
        dist = folder / version
        make_deb(dist, version=version)
        make_rpm(dist, version=version)
        make_tar(dist / f"hello-{version}-linux-amd64.tar.gz", {"hello": f"#!/bin/sh\necho {version}\n"}, ("hello",))
        make_zip(dist / f"hello-{version}-windows-amd64.zip", {"hello.exe": pe() + version.encode()})
        make_appimage(dist / f"hello-{version}-x86_64.AppImage")
    options = {version: Options(base=folder / version, output=folder / f"public-{version}", environ=environ) for version in ("1.0.0", "1.1.0")}
    return catalogs.config(publish=PublishConfig(silence=0)), options


def at(config: Config, options: Options) -> Config:
    return replace(config, input=InputConfig(paths=(str(options.base),)))


@pytest.fixture(scope="module")
def first(releases: tuple[Config, dict[str, Options]]) -> tuple[MemoryStore, int]:
    """A store with 1.0.0 upon which 1.1.0 is built, and the number of puts that publishing 1.1.0 takes."""
    config, options = releases
    store = MemoryStore()
    build(at(config, options["1.0.0"]), options["1.0.0"], store)
    publish(at(config, options["1.0.0"]), options["1.0.0"], store)
    build(at(config, options["1.1.0"]), options["1.1.0"], store)
    counting = copied(store, 10_000)
    publish(at(config, options["1.1.0"]), options["1.1.0"], counting)
    assert seen(store) == OLD
    assert seen(counting) == NEW
    return store, 10_000 - counting.allowed


def test_cut_after_every_put(releases: tuple[Config, dict[str, Options]], first: tuple[MemoryStore, int]) -> None:
    config, options = releases
    store, puts = first
    for allowed in range(puts):
        cut = copied(store, allowed)
        with pytest.raises(StoreError):
            publish(at(config, options["1.1.0"]), options["1.1.0"], cut)
        for client, versions in seen(cut).items():
            assert versions in (OLD[client], NEW[client]), f"{client} after {allowed} puts"
        assert_certain(cut)
        cut.allowed = 10_000
        publish(at(config, options["1.1.0"]), options["1.1.0"], cut)
        assert seen(cut) == NEW, f"after {allowed} puts and another publish"


def test_what_was_left_to_purge_outlives_a_cut(releases: tuple[Config, dict[str, Options]], first: tuple[MemoryStore, int]) -> None:
    config, options = releases
    store, puts = first
    cut = copied(store, 10_000)
    before = load(cut)
    swap_head(cut, replace(before.head, unpurged=("downloads/hello/1.0.0/SHA256SUMS",)), before.etag)
    cut.allowed = puts - 5
    with pytest.raises(StoreError):
        publish(at(config, options["1.1.0"]), options["1.1.0"], cut)
    head = load(cut).head
    assert (head.complete, head.unpurged) == (False, ("downloads/hello/1.0.0/SHA256SUMS",))


def test_another_release_after_a_cut(releases: tuple[Config, dict[str, Options]], first: tuple[MemoryStore, int], tmp_path: Path) -> None:
    """The next runner may bring something else, and still leaves nothing of the cut behind."""
    config, options = releases
    store, puts = first
    make_deb(tmp_path / "dist", version="1.2.0")
    third = Options(base=tmp_path / "dist", output=tmp_path / "public", environ=options["1.0.0"].environ)
    for allowed in range(puts - 8, puts):
        cut = copied(store, allowed)
        with pytest.raises(StoreError):
            publish(at(config, options["1.1.0"]), options["1.1.0"], cut)
        cut.allowed = 7  # cut again, and once more
        for _ in range(2):
            build(at(config, third), third, cut)
            with pytest.raises(StoreError):
                publish(at(config, third), third, cut)
            assert_certain(cut)
            cut.allowed = 25
        cut.allowed = 10_000
        publish(at(config, third), third, cut)
        assert not unlike(cut, load(cut).manifest)
        assert seen(cut)["apt"] >= {"hello 1.0.0", "hello 1.2.0"}


def test_the_same_release_from_another_machine_after_a_cut(releases: tuple[Config, dict[str, Options]], tmp_path: Path) -> None:
    """What the cut run uploaded is what a later run comes to, signed rpms too: nothing is refused and nothing needs clearing up."""
    config, options = releases
    early = replace(options["1.0.0"], output=tmp_path / "early", date="2026-02-01T10:00:00Z")
    late = replace(options["1.0.0"], date="2026-03-01T10:00:00Z")
    build(at(config, early), early, MemoryStore())
    for allowed in range(0, 60, 6):
        cut = CutStore(allowed)
        with pytest.raises(StoreError):
            publish(at(config, early), early, cut)
        cut.allowed = 10_000
        fresh = replace(late, output=tmp_path / str(allowed))
        build(at(config, fresh), fresh, cut)
        publish(at(config, fresh), fresh, cut)
        assert seen(cut) == OLD, f"after {allowed} puts"
