"""What is stored is what comes back, in few objects, from one snapshot to the next."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import msgspec
import pytest
import zstandard
from msgspec.structs import replace

from repogen.artifact import Artifact, Kind
from repogen.catalog import Catalog, Product
from repogen.errors import StoreError, UsageError
from repogen.manifest import Entry, Manifest
from repogen.state import HEAD, OBJECTS, DamagedError, Head, Snapshot, encode, encoded, load, object_key, past, store_objects, swap_head
from repogen.state.object_store import ObjectWriter
from repogen.state.stored_manifest import write_manifest
from repogen.stores.memory import MemoryStore

DATE = "2026-01-01T12:00:00Z"


def artifact(number: int, product: str = "hello") -> Artifact:
    path = f"downloads/{product}/1.0.{number}/{product}-{number:05}.tar.gz"
    digest = hashlib.sha256(path.encode()).hexdigest()
    names = {"path": path, "filename": path.rpartition("/")[2], "product": product, "version": f"1.0.{number}", "channel": "stable"}
    return Artifact(**names, kind=Kind.TAR, os="linux", arch="amd64", size=number, sha256=digest, date=DATE)


def state(numbers: list[int], date: str = DATE) -> tuple[Catalog, Manifest]:
    artifacts = [artifact(number) for number in numbers]
    catalog = Catalog(date=date, products=(Product(id="hello", title="Hello"),)).add(artifacts)
    return catalog, {a.path: Entry(a.size, a.sha256, 0) for a in catalog.artifacts} | {"zero": Entry(1, "0" * 64, 1, signs="x")}


def publish(store: MemoryStore, catalog: Catalog, manifest: Manifest, **head: Any) -> Snapshot:
    """Put a state upon the current one."""
    now = load(store)
    form = encode(catalog, manifest, now)
    wanted = Head(**{"date": catalog.date, "catalog": form.catalog, "manifest": form.manifest, "rendering": "r", "complete": True, **head})
    after = now.followed_by(wanted, form.objects)
    store_objects(store, after.objects)
    swap_head(store, after.head, now.etag)
    return after


class Counting(MemoryStore):
    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def get(self, key: str) -> Any:
        self.asked.append(key)
        return super().get(key)


def objects(store: MemoryStore) -> dict[str, int]:
    return {listed.key: listed.size for listed in store.list(OBJECTS)}


def test_what_is_stored_comes_back() -> None:
    store = MemoryStore()
    catalog, manifest = state(list(range(3_000)))
    after = publish(store, catalog, manifest)
    snapshot = load(store)
    assert (snapshot.number, snapshot.complete, snapshot.rendering, snapshot.identity) == (1, True, "r", after.identity)
    assert snapshot.catalog == catalog
    assert dict(snapshot.manifest) == manifest == dict(after.manifest.items())
    assert len(snapshot.manifest) == 3_001
    assert all(snapshot.manifest[path] == entry for path, entry in manifest.items())
    assert "nowhere" not in snapshot.manifest
    assert "a" not in snapshot.manifest


def test_objects_are_named_by_their_bytes() -> None:
    store = MemoryStore()
    publish(store, *state([1, 2]))
    assert objects(store)
    for key in objects(store):
        assert key == object_key(hashlib.sha256(store.get(key).content).hexdigest())


def test_equal_states_have_equal_bytes() -> None:
    first, second = MemoryStore(), MemoryStore()
    publish(first, *state(list(range(2_000))))
    publish(second, *state(list(range(1_999))))
    publish(second, *state(list(range(2_000))))
    assert load(first).identity == load(second).identity


def test_one_more_file_in_many_is_a_chunk_or_two() -> None:
    store = MemoryStore()
    catalog, manifest = state(list(range(20_000)))
    publish(store, catalog, manifest)
    whole = objects(store)
    more, entries = state(list(range(20_001)), "2026-01-02T12:00:00Z")
    publish(store, more, entries)
    new = {key: size for key, size in objects(store).items() if key not in whole}
    assert len(whole) > 100
    assert len(new) <= 8, "a chunk or two of artifacts, releases and entries, two roots, and the former head"
    assert sum(new.values()) < sum(whole.values()) / 10


def test_a_part_of_the_manifest_is_fetched_alone() -> None:
    store = Counting()
    _, manifest = state(list(range(10_000)))
    publish(store, *state(list(range(10_000))))
    store.asked.clear()
    snapshot = load(store)
    assert store.asked == [HEAD]
    assert len(snapshot.manifest) == len(manifest)
    assert snapshot.manifest["zero"] == manifest["zero"]
    assert len(store.asked) == 3, "the head, the root and one chunk"


def test_the_difference_of_two_manifests_is_in_few_chunks() -> None:
    store = MemoryStore()
    first = publish(store, *state(list(range(10_000))))
    second = publish(store, *state(list(range(10_001))))
    new, old = second.manifest.besides(first.manifest), first.manifest.besides(second.manifest)
    assert new.keys() - old.keys() == {artifact(10_000).path}
    assert len(new) < 5_000


def test_the_cache_saves_requests_and_a_damaged_entry_is_fetched_again(tmp_path: Path) -> None:
    store, environ = Counting(), {"XDG_CACHE_HOME": str(tmp_path)}
    catalog, manifest = state(list(range(2_000)))
    publish(store, catalog, manifest)

    def asked() -> list[str]:
        store.asked.clear()
        snapshot = load(store, environ=environ)
        assert (snapshot.catalog, dict(snapshot.manifest)) == (catalog, manifest)
        return store.asked

    assert len(asked()) > 5
    assert asked() == [HEAD]
    damaged = next(path for path in sorted(tmp_path.rglob("*")) if path.is_file())
    damaged.write_bytes(b"damaged")
    assert asked() == [HEAD, object_key(damaged.name)]
    assert asked() == [HEAD]


def test_heads_are_a_chain() -> None:
    store = MemoryStore()
    assert list(past(store)) == []
    catalogs = [state(list(range(number)), f"2026-01-0{number}T12:00:00Z") for number in (1, 2, 3)]
    for (catalog, manifest), what in zip(catalogs, ("publish", "yank hello 1.0.0: data loss", "publish"), strict=True):
        publish(store, catalog, manifest, what=what, complete=what == "publish")
    heads = list(past(store))
    assert [(head.number, head.what, head.complete) for head in heads] == [
        (3, "publish", True),
        (2, "yank hello 1.0.0: data loss", False),
        (1, "publish", True),
    ]
    assert heads[2].previous == ""
    for number in (1, 2, 3):
        then = load(store, number=number)
        assert then.catalog == catalogs[number - 1][0]
        assert dict(then.manifest) == catalogs[number - 1][1]
    with pytest.raises(UsageError, match="no snapshot 4"):
        load(store, number=4)


def test_an_object_that_is_missing_or_damaged_is_told_by_its_name() -> None:
    store = MemoryStore()
    publish(store, *state([1]))
    key = object_key(load(store).head.catalog)
    store.put(key, b"damaged", content_type="", cache_control="")
    with pytest.raises(StoreError, match=f"{key} in memory is damaged"):
        _ = load(store).catalog
    store.delete(key)
    with pytest.raises(StoreError, match=f"{key} in memory is missing") as error:
        _ = load(store).catalog
    assert "repogen doctor --rebuild-state" in error.value.hint


def test_an_empty_head_is_no_empty_destination() -> None:
    """A disk that was full, or a tool that truncates before it writes."""
    store = MemoryStore()
    publish(store, *state([1]))
    store.put(HEAD, b"", content_type="", cache_control="")
    with pytest.raises(StoreError, match="damaged: it is empty"):
        load(store)


@pytest.mark.parametrize("date", ["2026-13-01T00:00:00Z", "", "0001-01-01T00:00:00+14:00"])
def test_a_head_of_an_impossible_date_is_damaged(date: str) -> None:
    store = MemoryStore()
    publish(store, *state([1]))
    head = load(store).head
    swap_head(store, replace(head, date=date), load(store).etag)
    with pytest.raises(DamagedError, match=rf"{HEAD} in memory is damaged: "):
        load(store)


def test_state_of_a_newer_repogen_is_refused() -> None:
    store = MemoryStore()
    publish(store, *state([1]), format=3)
    with pytest.raises(StoreError, match=r"newer repogen \(format 3"):
        load(store)


def test_state_of_format_1_is_read_and_followed() -> None:
    store = MemoryStore()
    catalog, manifest = state([1, 2])
    stored = [zstandard.compress(msgspec.msgpack.encode(value, order="deterministic"), 3) for value in (catalog, manifest)]
    store_objects(store, {hashlib.sha256(content).hexdigest(): content for content in stored})
    digests = [hashlib.sha256(content).hexdigest() for content in stored]
    head = {"format": 1, "number": 7, "date": DATE, "catalog": digests[0], "manifest": digests[1], "rendering": "r", "complete": True}
    store.put(HEAD, msgspec.json.encode(head), content_type="", cache_control="")
    snapshot = load(store)
    assert (snapshot.number, snapshot.catalog, snapshot.manifest) == (7, catalog, manifest)
    assert not snapshot.is_whole, "so that the next build writes its state anew"
    publish(store, *state([1, 2, 3]))
    assert [(head.number, head.format) for head in past(store)] == [(8, 2), (7, 1)]
    assert load(store, number=7).catalog == catalog
    assert load(store).is_whole


def test_a_state_that_stands_is_named_without_its_objects() -> None:
    store = MemoryStore()
    publish(store, *state([1]))
    snapshot = load(store)
    again = encode(snapshot.catalog, dict(snapshot.manifest), snapshot)
    assert again.identity == encoded(snapshot).identity == snapshot.identity
    assert again.objects == {}
    changed = replace(snapshot.catalog, date="2026-02-01T12:00:00Z")
    assert encode(changed, dict(snapshot.manifest), snapshot).identity != snapshot.identity


def test_chunks_that_stand_are_not_made_again() -> None:
    store = MemoryStore()
    catalog, manifest = state(list(range(5_000)))
    publish(store, catalog, manifest)
    now = load(store)
    assert dict(now.manifest.items()) == manifest, "all of it is at hand from here on"
    entries = {**manifest, "zero": Entry(2, "1" * 64, 1)}
    writer = ObjectWriter()
    write_manifest(writer, entries, now.manifest)
    assert len(writer.objects) == 2, "the last chunk and the root"
    again = ObjectWriter()
    assert write_manifest(again, entries, {}) == write_manifest(writer, entries, now.manifest), "which are the same objects as those made without it"


def test_texts_that_artifacts_have_in_common_are_held_once() -> None:
    store = MemoryStore()
    publish(store, *state(list(range(2_000))))
    catalog = load(store).catalog
    assert catalog == state(list(range(2_000)))[0]
    assert len({id(a.product) for a in catalog.artifacts} | {id(release.product) for release in catalog.releases}) == 1
