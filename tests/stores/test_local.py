"""A folder as a store: times, modes, links and a disk that refuses."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from repogen.errors import StoreError, UsageError
from repogen.stores import ConflictError, open_store
from repogen.stores.local import LocalStore
from repogen.stores.s3 import S3Store

ABOUT = {"content_type": "text/plain", "cache_control": "no-cache"}


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "site")


def test_files_and_folders_are_readable_whatever_the_umask(store: LocalStore, tmp_path: Path) -> None:
    private = tmp_path / "private.deb"
    private.write_bytes(b"deb")
    private.chmod(0o600)
    before = os.umask(0o077)
    try:
        store.put("a/b/c", b"x", **ABOUT)
        store.put("a/b/private.deb", private, **ABOUT)
    finally:
        os.umask(before)
    assert [oct(path.stat().st_mode & 0o777) for path in (store.root, store.root / "a/b", store.root / "a/b/c", store.root / "a/b/private.deb")] == [
        "0o755",
        "0o755",
        "0o644",
        "0o644",
    ]
    assert private.stat().st_mode & 0o777 == 0o600


def test_a_replaced_file_is_newer_by_a_whole_second(store: LocalStore) -> None:
    times = []
    for number in range(4):
        store.put("InRelease", b"%d" % number, **ABOUT)
        times.append(int((store.root / "InRelease").stat().st_mtime))
    assert times == sorted(set(times))


def test_a_path_keeps_its_time_and_costs_no_room(store: LocalStore, tmp_path: Path) -> None:
    source = tmp_path / "hello.deb"
    source.write_bytes(b"deb")
    source.chmod(0o644)
    os.utime(source, (1767225600, 1767225600))
    store.put("pool/hello.deb", source, **ABOUT)
    put = store.root / "pool/hello.deb"
    assert put.stat().st_mtime == 1767225600
    assert put.samefile(source)
    store.put("pool/hello.deb", source, **ABOUT)
    assert source.stat().st_mtime == 1767225600, "the source's own time never moves"
    assert int(put.stat().st_mtime) == 1767225601


def test_where_links_are_not_possible_a_path_is_copied(store: LocalStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    source = tmp_path / "hello.deb"
    source.write_bytes(b"deb")
    source.chmod(0o644)
    os.utime(source, (1767225600, 1767225600))
    store.put("pool/hello.deb", source, **ABOUT)
    assert (store.root / "pool/hello.deb").read_bytes() == b"deb"
    assert not (store.root / "pool/hello.deb").samefile(source)
    assert (store.root / "pool/hello.deb").stat().st_mtime == 1767225600


def test_a_link_that_leads_out_is_not_followed(store: LocalStore, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    store.put("a", b"x", **ABOUT)
    (store.root / "out").symlink_to(outside)
    (store.root / "file").symlink_to(outside / "secret")
    for verb in (store.get, store.stat, store.delete, lambda key: store.put(key, b"x", **ABOUT)):
        for key in ("out/secret", "file"):
            with pytest.raises(StoreError, match="leads out of"):
                verb(key)
    assert [stat.key for stat in store.list("")] == ["a"]
    assert (outside / "secret").read_text() == "secret"


def test_the_root_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    store = LocalStore(tmp_path / "link")
    store.put("a/b", b"x", **ABOUT)
    assert store.address == str(tmp_path / "link")
    assert (tmp_path / "real/a/b").read_bytes() == b"x"
    assert [stat.key for stat in store.list("")] == ["a/b"]


def test_delete_leaves_no_empty_folder(store: LocalStore) -> None:
    store.put("a/b/c", b"x", **ABOUT)
    store.put("a/d", b"x", **ABOUT)
    store.delete("a/b/c")
    assert not (store.root / "a/b").exists()
    assert (store.root / "a/d").exists()
    store.put("a/b/c", b"again", **ABOUT)
    assert (store.root / "a/b/c").read_bytes() == b"again"


def test_nothing_is_left_of_a_put_that_failed(store: LocalStore, tmp_path: Path) -> None:
    store.put("a", b"old", **ABOUT)
    with pytest.raises(StoreError, match="No such file"):
        store.put("a", tmp_path / "absent", **ABOUT)
    assert (store.root / "a").read_bytes() == b"old"
    assert list((store.root / ".repogen/tmp").iterdir()) == []


def test_a_full_disk_is_a_sentence(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.put("a", b"old", **ABOUT)

    def full(number: int, mode: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fchmod", full)
    with pytest.raises(StoreError, match=r"site/a: No space left on device") as caught:
        store.put("a", b"new", **ABOUT)
    assert "make room" in caught.value.hint
    assert (store.root / "a").read_bytes() == b"old"


def test_a_file_in_the_place_of_a_folder_is_a_sentence(store: LocalStore) -> None:
    store.put("a", b"x", **ABOUT)
    with pytest.raises(StoreError, match="Not a directory") as caught:
        store.put("a/b", b"x", **ABOUT)
    assert "move it away" in caught.value.hint
    (store.root / "folder").mkdir()
    with pytest.raises(StoreError, match="Is a directory"):
        store.put("folder", b"x", **ABOUT)


@pytest.fixture
def forbidden(tmp_path: Path) -> Iterator[Path]:
    """A folder that this test may not write, also when root runs it."""
    folder = Path(tempfile.mkdtemp())  # tmp_path itself is closed to everybody else
    folder.chmod(0o555)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    yield folder
    if root:
        os.seteuid(0)
    folder.rmdir()


def test_a_folder_that_may_not_be_written_is_a_sentence(forbidden: Path) -> None:
    with pytest.raises(StoreError, match=f"{forbidden}/site: Permission denied") as caught:
        LocalStore(forbidden / "site").put("a", b"x", **ABOUT)
    assert caught.value.hint == "give the user that publishes the right to write there"


def test_large_files_are_listed_without_reading_them(store: LocalStore, tmp_path: Path) -> None:
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(20 * 1024 * 1024)
    etag = store.put("large", large, **ABOUT)
    assert store.stat("large") == ("large", 20 * 1024 * 1024, etag)
    assert len(etag) < 64


def test_publishers_take_turns(store: LocalStore) -> None:
    order = []

    def second() -> None:
        with LocalStore(store.root).lock():
            order.append("second")

    with store.lock():
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.1)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_only_another_publisher_is_waited_for_with_a_word(store: LocalStore, caplog: pytest.LogCaptureFixture) -> None:
    """Not the threads of one publisher, whose conditional puts take turns."""
    with caplog.at_level(logging.INFO, "repogen"), ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda name: store.put(f"a/{name}", b"x" * 100_000, create_only=True, **ABOUT), range(300)))
        assert caplog.messages == []
        with store.lock():
            waiting = pool.submit(_locked, LocalStore(store.root))
            while not caplog.messages:
                time.sleep(0.01)
        waiting.result()
    assert caplog.messages == [f"waiting for another publisher in {store.root}"]


def _locked(store: LocalStore) -> None:
    with store.lock():
        pass


def test_a_killed_publisher_leaves_no_lock_and_no_rubbish(store: LocalStore) -> None:
    script = """
import sys
from pathlib import Path
from repogen.stores.local import LocalStore
store = LocalStore(Path(sys.argv[1]))
with store.lock():
    store._temporary()
    print("locked", flush=True)
    sys.stdin.read()
"""
    with subprocess.Popen([sys.executable, "-c", script, store.root], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"locked\n"
        assert len(list((store.root / ".repogen/tmp").iterdir())) == 1
        process.kill()
    with store.lock():
        assert not (store.root / ".repogen/tmp").exists()
        store.put("a", b"x", **ABOUT)


def test_two_processes_that_swap_lose_nothing(store: LocalStore) -> None:
    store.put(".repogen/head", b"0", **ABOUT)
    script = """
import sys
from pathlib import Path
from repogen.stores import ConflictError
from repogen.stores.local import LocalStore
store = LocalStore(Path(sys.argv[1]))
for _ in range(25):
    while True:
        seen = store.get(".repogen/head")
        try: store.put(".repogen/head", b"%d" % (int(seen.content) + 1), if_match=seen.etag, content_type="", cache_control="")
        except ConflictError: continue
        break
"""
    processes = [subprocess.Popen([sys.executable, "-c", script, store.root]) for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    stored = store.get(".repogen/head")
    assert stored is not None
    assert stored.content == b"75"


def test_create_only_holds_between_two_stores(store: LocalStore) -> None:
    store.put("a", b"x", create_only=True, **ABOUT)
    with pytest.raises(ConflictError):
        LocalStore(store.root).put("a", b"y", create_only=True, **ABOUT)


def test_destinations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert open_store("site", base=tmp_path).address == str(tmp_path / "site")
    assert open_store("../site/", base=tmp_path / "below").address == str(tmp_path / "site")
    assert open_store("~/site", base=Path("/elsewhere")).address == str(tmp_path / "site")
    assert open_store("/srv/www", base=tmp_path).address == "/srv/www"
    bucket = open_store("s3://bucket/some/where/", base=tmp_path)
    assert isinstance(bucket, S3Store)
    assert bucket.address == "s3://bucket/some/where"
    assert open_store("s3://bucket", base=tmp_path).address == "s3://bucket"


@pytest.mark.parametrize(
    "destination", ["", "s3://", "s3:///prefix", "s3:/bucket/prefix", "s3:bucket", "S3://bucket", "ftp://host/x", "https://bucket.s3.amazonaws.com/"]
)
def test_no_destination(destination: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        open_store(destination, base=tmp_path)
    assert "s3://bucket/prefix" in caught.value.hint
