"""A manifest that follows a published one is stored as if it had been made from nothing, though what is carried is not looked at."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from repogen.manifest import Entry, Following
from repogen.state.chunks import cut
from repogen.state.object_store import ObjectReader, ObjectWriter
from repogen.state.stored_manifest import StoredManifest, write_manifest
from repogen.tree import Stage


def _entries(count: int, seed: int) -> dict[str, Entry]:
    chance = random.Random(seed)
    paths = sorted({f"{chance.choice(('apt/pool', 'downloads', 'yum'))}/{chance.randrange(10**9):09}" for _ in range(count)})
    return {path: Entry(chance.randrange(1000), f"{chance.getrandbits(256):064x}", Stage.PAYLOAD) for path in paths}


class _Counting(ObjectReader):
    """Tells how many objects were asked for."""

    def __init__(self, objects: dict[str, bytes]) -> None:
        super().__init__(None, None, objects)
        self.asked: list[str] = []

    def find(self, digest: str) -> bytes | None:
        self.asked.append(digest)
        return super().find(digest)


def _published(entries: dict[str, Entry]) -> tuple[StoredManifest, _Counting]:
    writer = ObjectWriter()
    root = write_manifest(writer, entries, {})
    reader = _Counting(writer.objects)
    return StoredManifest(reader, root), reader


@pytest.mark.parametrize("seed", range(25))
def test_it_is_stored_as_if_made_from_nothing(seed: int) -> None:
    chance = random.Random(seed)
    before = _entries(4000, seed)
    published, _ = _published(before)
    firsts = [list(before)[start] for start, _ in cut(list(before))]
    gone = set(chance.sample(sorted(before), chance.choice((0, 1, 40)))) | set(chance.sample(firsts, chance.choice((0, 1, 2))))
    changed = set(chance.sample(sorted(before.keys() - gone), chance.choice((0, 1, 30))))
    own = _entries(chance.choice((0, 1, 500)), seed + 1000) | {path: Entry(1, "f" * 64, Stage.INDEX) for path in changed}
    carried = {path: Stage.PAYLOAD for path in before if path not in gone and path not in own}
    now = Following(own, carried, published)
    whole = {path: own.get(path) or before[path] for path in sorted({*own, *carried})}
    assert dict(now.items()) == whole
    assert len(now) == len(whole)
    assert write_manifest(ObjectWriter(), now, published) == write_manifest(ObjectWriter(), whole, {})


def test_chunks_in_which_nothing_changed_are_not_fetched() -> None:
    before = _entries(20_000, 1)
    published, reader = _published(before)
    added = {"apt/pool/000000000": Entry(1, "0" * 64, Stage.PAYLOAD)}
    reader.asked.clear()
    write_manifest(ObjectWriter(), Following(added, dict.fromkeys(before, Stage.PAYLOAD), published), published)
    assert len(published.chunks) > 20
    assert len(reader.asked) <= 1


def test_a_chunk_from_which_a_path_went_and_that_grew_at_its_end_is_another_one() -> None:
    """As many paths from the same first one on, all of them carried, and yet not the same."""
    before = _entries(4000, 7)
    published, _ = _published(before)
    paths = list(before)
    bounds = list(cut(paths))
    pairs = ((one, two) for one, two in pairwise(bounds) if 1 < two[1] - two[0] < one[1] - one[0])
    (start, end), (_, last) = next(pairs)
    gone = {paths[end], *paths[start + 1 : start + last - end]}  # the first of the next chunk, and as many of this one as that one brings
    carried = {path: Stage.PAYLOAD for path in paths if path not in gone}
    assert len([path for path in paths[start:last] if path not in gone]) == end - start
    now = Following({}, carried, published)
    whole = {path: before[path] for path in carried}
    assert write_manifest(ObjectWriter(), now, published) == write_manifest(ObjectWriter(), whole, {})


def test_what_is_neither_its_own_nor_carried_is_not_there() -> None:
    published, _ = _published(_entries(10, 3))
    with pytest.raises(KeyError):
        Following({}, {}, published)[next(iter(published))]
