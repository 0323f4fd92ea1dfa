from __future__ import annotations

import hashlib
import multiprocessing
import os
from pathlib import Path

import pytest

from repogen.state.object_cache import ObjectCache, open_cache


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def remember(folder: Path, contents: list[bytes], **options: int) -> ObjectCache:
    cache = ObjectCache(folder, **options)
    for content in contents:
        cache.put(digest(content), content)
    return cache


def test_what_was_put_is_there_for_the_next_run(tmp_path: Path) -> None:
    remember(tmp_path / "objects", [b"one"])
    assert ObjectCache(tmp_path / "objects").get(digest(b"one")) == b"one"
    assert ObjectCache(tmp_path / "objects").get(digest(b"two")) is None
    assert (tmp_path / "objects").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("damage", [b"", b"on", b"One", b"one\n"])
def test_a_damaged_entry_counts_for_nothing(tmp_path: Path, damage: bytes) -> None:
    cache = remember(tmp_path, [b"one"])
    (tmp_path / digest(b"one")).write_bytes(damage)
    assert cache.get(digest(b"one")) is None
    cache.put(digest(b"one"), b"one")
    assert cache.get(digest(b"one")) == b"one"


def test_the_oldest_entries_make_room(tmp_path: Path) -> None:
    contents = [bytes([number]) * 100 for number in range(10)]
    remember(tmp_path, contents)
    for number, content in enumerate(contents):
        os.utime(tmp_path / digest(content), (number, number))
    cache = ObjectCache(tmp_path, limit=800)
    assert cache.get(digest(contents[0])), "used now, and so the youngest"
    cache.put(digest(b"new"), b"new")
    left = {content[0] for content in contents if (tmp_path / digest(content)).exists()}
    assert left == {0, 5, 6, 7, 8, 9}
    assert cache.get(digest(b"new")) == b"new"


def test_without_a_place_nothing_is_remembered() -> None:
    cache = open_cache({})
    cache.put(digest(b"one"), b"one")
    assert cache.get(digest(b"one")) is None


def test_it_stands_where_the_user_wants_caches(tmp_path: Path) -> None:
    cache = open_cache({"XDG_CACHE_HOME": str(tmp_path)})
    cache.put(digest(b"one"), b"one")
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()] == [f"repogen/objects/{digest(b'one')}"]


def test_a_place_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = ObjectCache(tmp_path / "file" / "objects")
    cache.put(digest(b"one"), b"one")
    assert cache.get(digest(b"one")) is None


def _write_many(folder: str) -> bool:
    contents = [b"%d" % number * 500 for number in range(50)]
    for _ in range(3):
        cache = remember(Path(folder), contents, limit=5_000)
        if any(found not in {None, content} for content in contents if (found := cache.get(digest(content))) is not None):
            return False
    return True


def test_processes_do_not_get_in_each_others_way(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        assert pool.map(_write_many, [str(tmp_path)] * 3) == [True] * 3
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
