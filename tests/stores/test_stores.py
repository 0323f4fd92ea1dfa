"""One suite for every store: whatever publishing relies on holds for a folder, for S3 and in memory alike."""

from __future__ import annotations

import os
import time
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from repogen.errors import ProtectionError, StoreError
from repogen.stores import ConflictError, Store
from repogen.stores.local import LocalStore
from repogen.stores.memory import MemoryStore
from repogen.stores.s3 import S3Store
from tests.support.clients import absent

ABOUT = {"content_type": "text/plain", "cache_control": "no-cache"}


@pytest.fixture(params=["local", "memory", pytest.param("s3", marks=pytest.mark.s3), pytest.param("s3-prefix", marks=pytest.mark.s3)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "local":
        yield LocalStore(tmp_path / "site")
    elif request.param == "memory":
        yield MemoryStore()
    else:
        bucket = request.getfixturevalue("s3_bucket")
        made = S3Store(bucket, "some/where/" if request.param == "s3-prefix" else "", part_size=5 * 1024 * 1024)
        yield made
        made.close()


def test_what_was_put_is_there(store: Store) -> None:
    etag = store.put("apt/dists/stable/InRelease", b"one\n", **ABOUT)
    stored = store.get("apt/dists/stable/InRelease")
    assert stored == (b"one\n", etag)
    assert store.stat("apt/dists/stable/InRelease") == ("apt/dists/stable/InRelease", 4, etag)


def test_an_absent_key_is_none(store: Store) -> None:
    assert store.get("nothing/here") is None
    assert store.stat("nothing/here") is None
    store.put("here", b"", **ABOUT)
    assert store.get("here/below") is None
    assert store.stat("here/below") is None
    store.put("folder/file", b"", **ABOUT)
    assert store.get("folder") is None
    assert store.stat("folder") is None


def test_an_empty_file_is_a_file(store: Store) -> None:
    etag = store.put("homebrew/acme.git/objects/info/alternates", b"", **ABOUT)
    assert store.get("homebrew/acme.git/objects/info/alternates") == (b"", etag)


def test_putting_again_replaces(store: Store) -> None:
    first = store.put("a/b", b"one", **ABOUT)
    second = store.put("a/b", b"two", **ABOUT)
    assert first != second
    assert store.get("a/b") == (b"two", second)


def test_the_same_bytes_have_the_same_etag(store: Store) -> None:
    assert store.put("a", b"bytes", **ABOUT) == store.put("a", b"bytes", **ABOUT)


def test_a_path_is_put_with_its_bytes(store: Store, tmp_path: Path) -> None:
    source = tmp_path / "hello_1.0.0+b1_amd64.deb"
    source.write_bytes(b"deb" * 1000)
    etag = store.put("apt/pool/main/h/hello/hello_1.0.0+b1_amd64.deb", source, **ABOUT)
    assert store.get("apt/pool/main/h/hello/hello_1.0.0+b1_amd64.deb") == (b"deb" * 1000, etag)


def test_a_large_file_arrives_whole(store: Store, tmp_path: Path) -> None:
    source = tmp_path / "large.bin"
    content = b"".join(number.to_bytes(8, "big") for number in range(1_500_000))
    source.write_bytes(content)
    etag = store.put("downloads/large.bin", source, create_only=True, **ABOUT)
    assert store.stat("downloads/large.bin") == ("downloads/large.bin", len(content), etag)
    stored = store.get("downloads/large.bin")
    assert stored is not None
    assert stored.content == content
    with pytest.raises(ConflictError):
        store.put("downloads/large.bin", source, create_only=True, **ABOUT)


def test_create_only_refuses_what_is_there(store: Store) -> None:
    store.put("pool/a.deb", b"one", create_only=True, **ABOUT)
    with pytest.raises(ConflictError, match=r"pool/a\.deb was changed by somebody else"):
        store.put("pool/a.deb", b"two", create_only=True, **ABOUT)
    stored = store.get("pool/a.deb")
    assert stored is not None
    assert stored.content == b"one"


def test_if_match_replaces_only_what_was_seen(store: Store) -> None:
    first = store.put(".repogen/head", b"1", create_only=True, **ABOUT)
    second = store.put(".repogen/head", b"2", if_match=first, **ABOUT)
    with pytest.raises(ConflictError):
        store.put(".repogen/head", b"lost", if_match=first, **ABOUT)
    assert store.get(".repogen/head") == (b"2", second)
    with pytest.raises(ConflictError):
        store.put(".repogen/absent", b"x", if_match=first, **ABOUT)
    assert store.get(".repogen/absent") is None


def test_of_many_creators_one_wins(store: Store) -> None:
    outcomes = _together(lambda number: store.put("head", b"%d" % number, create_only=True, **ABOUT), 8)
    assert sorted(outcomes) == [False] * 7 + [True]
    stored = store.get("head")
    assert stored is not None
    assert outcomes[int(stored.content)]


def test_of_many_swaps_one_wins(store: Store) -> None:
    etag = store.put("head", b"start", **ABOUT)
    outcomes = _together(lambda number: store.put("head", b"%d" % number, if_match=etag, **ABOUT), 8)
    assert outcomes.count(True) == 1


def test_writers_that_swap_lose_nothing(store: Store) -> None:
    store.put("numbers", b"", **ABOUT)

    def add(number: int) -> None:
        # Each put has bytes that no other writer's has, as heads and leases have: see Store.put.
        while True:
            seen = store.get("numbers")
            assert seen is not None
            try:
                store.put("numbers", b"%s%d" % (seen.content, number), if_match=seen.etag, **ABOUT)
            except ConflictError:
                continue
            return

    _together(add, 10, threads=2)
    stored = store.get("numbers")
    assert stored is not None
    assert sorted(stored.content) == sorted(b"0123456789")


def _together(write, times: int, threads: int = 4) -> list[bool]:
    def attempt(number: int) -> bool:
        try:
            write(number)
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(attempt, range(times)))


def test_copy_and_delete(store: Store) -> None:
    store.put("yum/stable/a+b.rpm", b"rpm", **ABOUT)
    store.copy("yum/stable/a+b.rpm", "yum/beta/a+b.rpm", content_type="application/x-rpm", cache_control="immutable")
    store.delete("yum/stable/a+b.rpm")
    store.delete("yum/stable/a+b.rpm")
    assert store.get("yum/stable/a+b.rpm") is None
    stored = store.get("yum/beta/a+b.rpm")
    assert stored is not None
    assert stored.content == b"rpm"


def test_a_large_file_is_fetched_and_held_by_nobody(store: Store, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(os.urandom(9 << 20))
    store.put("pool/large.deb", source, **ABOUT)
    tracemalloc.start()
    assert store.fetch("pool/large.deb", target)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert target.read_bytes() == source.read_bytes()
    assert peak < 6 << 20
    assert not store.fetch("pool/other.deb", tmp_path / "other")


def test_no_room_for_what_is_fetched(store: Store) -> None:
    if not Path("/dev/full").exists():
        absent("/dev/full")
    store.put("pool/a.deb", bytes(1 << 16), **ABOUT)
    with pytest.raises((StoreError, OSError), match="No space left on device") as caught:
        store.fetch("pool/a.deb", Path("/dev/full"))
    assert isinstance(store, MemoryStore) or "make room" in caught.value.hint


def test_a_copy_replaces_nothing(store: Store) -> None:
    store.put("a", b"a", **ABOUT)
    store.put("b", b"b", **ABOUT)
    with pytest.raises(ConflictError):
        store.copy("a", "b", **ABOUT)
    stored = store.get("b")
    assert stored is not None
    assert stored.content == b"b"


def test_copying_an_absent_key_is_an_error(store: Store) -> None:
    with pytest.raises(StoreError, match="absent"):
        store.copy("absent", "target", **ABOUT)
    assert store.get("target") is None


def test_list_is_by_prefix_and_in_order(store: Store) -> None:
    keys = ["a-b/x", "a/b", "a/b/c.txt", "a0", "ab", ".repogen/head"]
    for key in keys:
        if key != "a/b":
            store.put(key, key.encode(), **ABOUT)
    assert [stat.key for stat in store.list("")] == [".repogen/head", "a-b/x", "a/b/c.txt", "a0", "ab"]
    assert [stat.key for stat in store.list("a/")] == ["a/b/c.txt"]
    assert [stat.key for stat in store.list("a")] == ["a-b/x", "a/b/c.txt", "a0", "ab"]
    assert [stat.key for stat in store.list(".repogen/")] == [".repogen/head"]
    assert list(store.list("zzz/")) == []
    assert all(listed.size == store.stat(listed.key).size for listed in store.list(""))
    assert all(abs(listed.written - time.time()) < 60 for listed in store.list(""))


def test_a_fresh_store_lists_nothing(store: Store) -> None:
    assert list(store.list("")) == []
    assert list(store.list("deep/down")) == []
    store.delete("nothing")


@pytest.mark.parametrize("key", ["../x", "/etc/passwd", "a/../../x", ".repogen/../../x", "a//b", "", "a/./b", "a b", "a\nb", "-rf", "ä"])
def test_a_key_never_leaves_the_store(store: Store, key: str) -> None:
    for verb in (store.get, store.stat, store.delete, lambda k: store.put(k, b"x", **ABOUT), lambda k: store.copy(k, "b", **ABOUT)):
        with pytest.raises(ProtectionError):
            verb(key)


def test_many_threads_may_write(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: store.put(f"objects/{n % 7}/{n}", b"%d" % n, create_only=True, **ABOUT), range(40)))
    assert len(list(store.list("objects/"))) == 40


def test_the_lock_is_free_again(store: Store) -> None:
    for _ in range(2):
        with store.lock():
            store.put("a", b"x", **ABOUT)
    assert [stat.key for stat in store.list("")] == ["a"]
