"""What the head remembers of a purge that is still to be done."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from repogen import purging
from repogen.config import CdnConfig, Config, RepoConfig
from repogen.errors import CdnError
from repogen.manifest import Entry
from repogen.plan import make_plan
from repogen.state import HEAD, Head, Snapshot, swap_head
from repogen.stores.memory import MemoryStore
from repogen.stores.turns import LEASE
from repogen.tree import Stage

CONFIG = Config(repo=RepoConfig(name="acme", url="https://dl.acme.example"), cdn=CdnConfig(kind="cloudflare", zone="a"))
MANIFEST = {"InRelease": Entry(1, "a" * 64, Stage.ENTRY)}


def published(store: MemoryStore, *unpurged: str, conditional: bool = True) -> Snapshot:
    head = Head(
        number=1,
        date="2026-01-02T12:00:00Z",
        catalog="c",
        manifest="m",
        rendering="r",
        complete=True,
        unpurged=unpurged,
        endpoint=store.endpoint,
        conditional=conditional,
    )
    snapshot = Snapshot(head=head, etag=swap_head(store, head, ""))
    snapshot.__dict__["manifest"] = MANIFEST
    return snapshot


def left(store: MemoryStore) -> tuple[str, ...]:
    stored = store.get(HEAD)
    assert stored is not None
    return msgspec.json.decode(stored.content, type=Head).unpurged


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    calls: list[tuple[str, ...]] = []
    monkeypatch.setattr("repogen.cdn.purge", lambda config, paths, manifest: calls.append(paths))
    return calls


def test_what_is_purged_is_forgotten(asked: list[tuple[str, ...]]) -> None:
    store = MemoryStore()
    purging.purge(CONFIG, store, published(store, "InRelease"))
    assert asked == [("InRelease",)]
    assert left(store) == ()


def test_nothing_is_asked_where_nothing_is_left_or_no_cdn_is(asked: list[tuple[str, ...]]) -> None:
    store, other = MemoryStore(), MemoryStore()
    purging.purge(CONFIG, store, published(store))
    purging.purge(Config(repo=CONFIG.repo), other, published(other, "InRelease"))
    assert asked == []
    assert left(other) == ("InRelease",)


def failing(*_: object) -> None:
    raise CdnError("the CDN does not serve what was published")


def test_what_failed_stays_in_the_head(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("repogen.cdn.purge", failing)
    store = MemoryStore()
    with pytest.raises(CdnError):
        purging.purge(CONFIG, store, published(store, "InRelease"))
    assert left(store) == ("InRelease",)


def test_who_publishes_meanwhile_purges_for_both(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore()
    snapshot = published(store, "InRelease")

    def overtaken(*_: object) -> None:
        swap_head(store, msgspec.structs.replace(snapshot.head, number=2, unpurged=("InRelease", "repomd.xml")), snapshot.etag)
        failing()

    monkeypatch.setattr("repogen.cdn.purge", overtaken)
    purging.purge(CONFIG, store, snapshot)
    assert left(store) == ("InRelease", "repomd.xml")


def test_a_purge_that_succeeds_too_late_takes_nothing_from_others(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore()
    snapshot = published(store, "InRelease")

    def overtaken(*_: object) -> None:
        swap_head(store, msgspec.structs.replace(snapshot.head, number=2, unpurged=("repomd.xml",)), snapshot.etag)

    monkeypatch.setattr("repogen.cdn.purge", overtaken)
    purging.purge(CONFIG, store, snapshot)
    assert left(store) == ("repomd.xml",)


class Careless(MemoryStore):
    """A store that passes over conditions."""

    def put(self, key: str, content: Any, *, if_match: str | None = None, create_only: bool = False, **about: Any) -> str:
        return super().put(key, content, **about)


@pytest.mark.parametrize("others", [0, 1])
def test_a_store_without_conditions_is_written_in_turn(monkeypatch: pytest.MonkeyPatch, others: int) -> None:
    monkeypatch.setattr("repogen.stores.turns.SETTLING", 0.01)
    store = Careless()
    snapshot = published(store, "InRelease", conditional=False)

    def overtaken(*_: object) -> None:
        if others:
            swap_head(store, msgspec.structs.replace(snapshot.head, number=2, unpurged=("repomd.xml",)), snapshot.etag)

    monkeypatch.setattr("repogen.cdn.purge", overtaken)
    purging.purge(CONFIG, store, snapshot)
    assert left(store) == (("repomd.xml",) if others else ())
    assert store.get(LEASE) is not None


def test_what_a_plan_would_purge() -> None:
    new = {**MANIFEST, "repomd.xml": Entry(1, "c" * 64, Stage.ENTRY), "pool/b.deb": Entry(1, "d" * 64, Stage.PAYLOAD)}
    plan = make_plan(new, MANIFEST)
    assert purging.purged_paths(CONFIG, plan) == ("repomd.xml",)
    assert purging.purged_paths(Config(repo=CONFIG.repo), plan) == ()
