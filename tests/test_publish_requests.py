"""What a publish asks of its destination, counted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from repogen.publish import bring
from repogen.record import Additions, Record
from repogen.state import HEAD, encoded, load
from repogen.stores.memory import MemoryStore
from tests.support import catalogs
from tests.support.small_site import adding, drafting, look, output

FEW, MANY = 3, 300
_KINDS = {"by-hash": "payload", "pool": "payload", "index": "index", "list": "entry", "entry": "entry", "page": "page"}


class CountingStore(MemoryStore):
    """Remembers each request and how many bytes it carried; ``before`` is called ahead of each."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[tuple[str, str, int]] = []
        self.before: Callable[[str, str], None] = lambda _verb, _key: None

    def get(self, key: str) -> Any:
        self.before("get", key)
        found = super().get(key)
        self.requests.append(("get", key, len(found.content) if found else 0))
        return found

    def stat(self, key: str) -> Any:
        found = super().get(key)
        self.requests.append(("stat", key, 0))
        return found and super().stat(key)

    def holds(self, key: str, *, size: int, sha256: str) -> bool:
        self.requests.append(("holds", key, size))
        return super().holds(key, size=size, sha256=sha256)

    def put(self, key: str, content: bytes | Path, **about: Any) -> str:
        self.before("put", key)
        etag = super().put(key, content, **about)
        self.requests.append(("put", key, len(content) if isinstance(content, bytes) else content.stat().st_size))
        return etag


def publish(store: MemoryStore, folder: Path, *names: str) -> None:
    made = output(folder)
    bring(catalogs.config(), store, made, drafting(made, adding(*names)), lambda _: None)


def window(store: CountingStore) -> list[tuple[str, str, int]]:
    """The requests from the last reading of the head before it is replaced up to its replacing."""
    swap = next(index for index, (verb, key, _) in enumerate(store.requests) if (verb, key) == ("put", HEAD))
    read = max(index for index, (verb, key, _) in enumerate(store.requests[:swap]) if (verb, key) == ("get", HEAD))
    return store.requests[read : swap + 1]


def names(count: int) -> list[str]:
    return [f"file{number}" for number in range(count)]


def test_nothing_passes_between_reading_the_head_and_replacing_it(tmp_path: Path) -> None:
    for count in (FEW, MANY):
        store = CountingStore()
        publish(store, tmp_path / f"a{count}", "a")
        store.requests.clear()
        publish(store, tmp_path / f"b{count}", *names(count))
        assert [(verb, key) for verb, key, _ in window(store)] == [("get", HEAD), ("put", HEAD)]


def test_nor_when_somebody_else_was_first(tmp_path: Path) -> None:
    """Only what differs is put again: neither requests nor bytes grow with the number of payload files."""
    sums = {}
    for count in (FEW, MANY):
        store = CountingStore()
        publish(store, tmp_path / f"a{count}", "a")
        store.requests.clear()
        made = output(tmp_path / f"b{count}")
        others: list[int] = []

        def interrupt(verb: str, key: str, store: CountingStore = store, folder: Path = tmp_path / f"c{count}", others: list[int] = others) -> None:
            """Somebody else publishes when the whole payload is there and the head is about to be replaced."""
            if (verb, key) == ("put", HEAD) and not others:
                others.append(0)
                publish(store, folder, "c")
                store.requests.clear()

        store.before = interrupt
        bring(catalogs.config(), store, made, drafting(made, adding(*names(count))), lambda _: None)
        again = window(store)
        assert not [key for _, key, _ in store.requests if key.startswith("pool/")], "payload is neither sent nor looked at again"
        sums[count] = len(again), sum(size for _, key, size in again)
        assert look(store) == {"a", "c", *names(count)}
    assert sums[FEW] == sums[MANY]


def test_nothing_new(tmp_path: Path) -> None:
    store = CountingStore()
    publish(store, tmp_path / "a", *names(MANY))
    store.requests.clear()
    made = output(tmp_path / "b")
    built = Record(base=load(store).identity, additions=Additions(), date="", rendering="", state=encoded(load(store)))
    store.requests.clear()
    bring(catalogs.config(), store, made, lambda _: built, lambda _: None)
    assert len(store.requests) <= 3


@pytest.mark.parametrize("fresh", [True, False])
def test_state_goes_up_before_payload_and_payload_before_the_head(tmp_path: Path, fresh: bool) -> None:
    store = CountingStore()
    if not fresh:
        publish(store, tmp_path / "a", "a")
        store.requests.clear()
    publish(store, tmp_path / "b", "b", "c")
    puts = [key for verb, key, _ in store.requests if verb == "put"]
    kinds = [_KINDS.get(key.partition("/")[0], "state" if key != HEAD else "head") for key in puts]
    order = [kind for index, kind in enumerate(kinds) if index == 0 or kinds[index - 1] != kind]
    assert order == ["state", "payload", "head", "index", "entry", "page", "head"]
