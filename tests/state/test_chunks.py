from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from repogen.state.chunks import cut

KEYS = [f"apt/pool/main/h/hello/hello_1.{number:05}_amd64.deb stable" for number in range(20_000)]


def parts(keys: list[str]) -> set[tuple[str, ...]]:
    return {tuple(keys[start:end]) for start, end in cut(keys)}


@given(st.sets(st.text(max_size=6), max_size=50).map(sorted))
def test_every_item_is_in_one_chunk(keys: list[str]) -> None:
    assert [key for start, end in cut(keys) for key in keys[start:end]] == keys
    assert all(start < end for start, end in cut(keys))


def test_chunks_are_of_some_hundred_items() -> None:
    assert 256 < len(KEYS) / len(parts(KEYS)) < 1024


def test_an_item_changes_one_or_two_chunks() -> None:
    whole = parts(KEYS)
    for index in (0, 1, 7_777, 10_000, len(KEYS) - 1):
        without = parts(KEYS[:index] + KEYS[index + 1 :])
        assert len(whole - without) <= 2
        assert len(without - whole) <= 2


def test_no_chunk_grows_without_end() -> None:
    same = ["x"] * 10_000  # no hash of them ever says where to cut
    assert [end - start for start, end in cut(same)] == [4096, 4096, 1808]
