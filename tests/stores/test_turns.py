"""Leases, and stores that do not honour conditional puts."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

import repogen.claim
import repogen.stores.turns
from repogen.config import PublishConfig
from repogen.publish import bring
from repogen.state import load
from repogen.stores import ConflictError, Stored, UnsupportedError
from repogen.stores.conditions import Unconditional, honours_conditions
from repogen.stores.local import LocalStore
from repogen.stores.memory import MemoryStore
from repogen.stores.turns import LEASE, Lease, Turns
from tests.support import catalogs
from tests.support.small_site import adding, drafting, look, output, unlike


class DeafStore(MemoryStore):
    """Passes over every condition, as some S3 services do."""

    endpoint = "http://deaf.example"

    def put(self, key: str, content: bytes | Path, **about: Any) -> str:
        about.pop("if_match", None)
        about.pop("create_only", None)
        return super().put(key, content, **about)


class RefusingStore(MemoryStore):
    """Refuses every condition, as other S3 services do."""

    endpoint = "http://refusing.example"

    def put(self, key: str, content: bytes | Path, **about: Any) -> str:
        if about.pop("if_match", None) is not None or about.pop("create_only", False):
            raise UnsupportedError("the service knows no conditional puts")
        return super().put(key, content, **about)


def lease(store: MemoryStore) -> Lease:
    stored = store.get(LEASE)
    return msgspec.json.decode(stored.content, type=Lease) if stored else Lease(term=0)


def owner(store: MemoryStore) -> str:
    return lease(store).owner


def eventually(happened: Callable[[], bool]) -> None:
    """Wait for what another thread does."""
    deadline = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize(("kind", "honoured"), [(MemoryStore, True), (DeafStore, False), (RefusingStore, False)])
def test_conditions_are_probed(kind: Callable[[], MemoryStore], honoured: bool) -> None:
    store = kind()
    assert [honours_conditions(store) for _ in range(2)] == [honoured] * 2


def test_a_folder_honours_conditions(tmp_path: Path) -> None:
    assert honours_conditions(LocalStore(tmp_path))


@pytest.mark.usefixtures("s3_environment")
def test_the_service_of_the_tests_honours_conditions(s3_bucket: str) -> None:
    from repogen.stores.s3 import S3Store

    store = S3Store(s3_bucket, "tools")
    assert honours_conditions(store)
    assert store.endpoint.startswith("http://127.0.0.1:")
    assert store.age("absent") is None
    store.put("here", b"x", content_type="text/plain", cache_control="no-store")
    age = store.age("here")
    assert age is not None
    assert 0 <= age < 60
    store.close()


def test_the_stand_in_looks_before_it_puts() -> None:
    store = Unconditional(DeafStore())
    about = {"content_type": "", "cache_control": ""}
    etag = store.put("a", b"1", create_only=True, **about)
    with pytest.raises(ConflictError):
        store.put("a", b"2", create_only=True, **about)
    with pytest.raises(ConflictError):
        store.put("a", b"2", if_match="other", **about)
    store.put("a", b"2", if_match=etag, **about)
    assert store.get("a").content == b"2"
    with pytest.raises(ConflictError):
        store.put("b", b"2", if_match=etag, **about)


@pytest.mark.parametrize("atomic", [True, False])
def test_one_after_another(atomic: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repogen.stores.turns, "SETTLING", 0.3)
    store = MemoryStore() if atomic else Unconditional(DeafStore())
    at_work: list[int] = []
    most: list[int] = []

    def work(number: int) -> None:
        with Turns(store, atomic=atomic) as turns:
            turns.take()
            turns.take()
            at_work.append(number)
            most.append(len(at_work))
            time.sleep(0.05)
            at_work.remove(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert most == [1, 1, 1]
    assert owner(store) == ""


def test_a_lease_that_is_not_renewed_is_taken_over() -> None:
    store = MemoryStore()
    store.put(LEASE, msgspec.json.encode(Lease(owner="dead", term=0.6)), content_type="", cache_control="")
    begin = time.monotonic()
    with Turns(store, term=0.6) as turns:
        turns.take()
        assert time.monotonic() - begin >= 0.5
        assert owner(store) not in {"", "dead"}


def test_a_lease_is_renewed_while_at_work() -> None:
    store = MemoryStore()
    with Turns(store, term=1.2) as turns:
        turns.take()
        mine = lease(store)
        eventually(lambda: lease(store).renewed >= 5)  # longer than a term
        assert lease(store).owner == mine.owner
        age = store.age(LEASE)
        assert age is not None
        assert age < 1.2


def test_who_was_taken_for_dead_learns_of_it() -> None:
    store = MemoryStore()
    with Turns(store, term=0.2) as turns:
        turns.take()
        store.put(LEASE, msgspec.json.encode(Lease(owner="other", term=60)), content_type="", cache_control="")
        eventually(lambda: not turns.is_ours)
    assert owner(store) == "other"


def test_a_damaged_lease_holds_nobody_up() -> None:
    store = MemoryStore()
    store.put(LEASE, b"{", content_type="", cache_control="")
    with Turns(store) as turns:
        turns.take()
        assert turns.is_ours


@pytest.mark.parametrize("kind", [DeafStore, RefusingStore])
def test_publishing_without_conditions(
    kind: Callable[[], MemoryStore], tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user is told, each release is there, and it is asked once whether conditions are honoured."""
    store = kind()
    asked: list[str] = []
    original = repogen.claim.honours_conditions
    monkeypatch.setattr(repogen.claim, "honours_conditions", lambda store: asked.append(store.address) or original(store))
    monkeypatch.setattr(repogen.stores.turns, "SETTLING", 0.1)
    for name in ("a", "b"):
        made = output(tmp_path / name)
        bring(replace(catalogs.config(), publish=PublishConfig(silence=0)), store, made, drafting(made, adding(name)), lambda _: None)
    assert look(store) == {"a", "b"}
    head = load(store).head
    assert (head.endpoint, head.conditional) == (store.endpoint, False)
    assert len(asked) == 1
    said = [record.getMessage() for record in caplog.records if "conditional" in record.getMessage()]
    assert len(said) == 2
    assert owner(store) == ""


class SlowStore(DeafStore):
    """Answers when it likes."""

    def put(self, key: str, content: bytes | Path, **about: Any) -> str:
        time.sleep(random.uniform(0, 0.02))
        return super().put(key, content, **about)

    def get(self, key: str) -> Stored | None:
        found = super().get(key)
        time.sleep(random.uniform(0, 0.02))
        return found


def test_publishers_at_once_without_conditions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repogen.stores.turns, "SETTLING", 0.4)
    store = SlowStore()
    names = ["a", "b", "c", "d", "e"]

    def work(name: str) -> None:
        made = output(tmp_path / name)
        bring(catalogs.config(), store, made, drafting(made, adding(name)), lambda _: None)

    threads = [threading.Thread(target=work, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        look(store)
        time.sleep(0.01)
    assert look(store) == set(names)
    assert unlike(store, load(store).manifest) == []
