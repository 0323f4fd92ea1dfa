"""A run at work shows that it lives; others wait for it, and go on in its place when it does not."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from repogen.claim import Claim, OvertakenError, load_settled
from repogen.config import PublishConfig
from repogen.errors import StoreError
from repogen.publish import bring
from repogen.state import Head, load
from repogen.stores import ConflictError
from repogen.stores.memory import MemoryStore
from tests.support import catalogs
from tests.support.small_site import adding, drafting, look, output

HEAD = Head(number=1, date="2026-01-01T12:00:00Z", catalog="c", manifest="m", rendering="", complete=False)


def test_only_one_has_it() -> None:
    store = MemoryStore()
    Claim(store, HEAD, "", 30)
    with pytest.raises(ConflictError):
        Claim(store, HEAD, "", 30)


def test_others_wait_until_it_is_complete(caplog: pytest.LogCaptureFixture) -> None:
    store = MemoryStore()
    claim = Claim(store, HEAD, "", 1.5)
    seen: list[bool] = []
    waiting = threading.Thread(target=lambda: seen.append(load_settled(store, 1.5).complete))
    waiting.start()
    end = time.monotonic() + 2.5
    while time.monotonic() < end:
        claim.renew()
        time.sleep(0.02)
    assert seen == [], "it is renewed, so it lives"
    claim.complete(HEAD)
    waiting.join(5)
    assert seen == [True]
    assert sum("another run is publishing" in record.getMessage() for record in caplog.records) == 1


def test_silence_ends_it() -> None:
    store = MemoryStore()
    claim = Claim(store, HEAD, "", 0.3)
    begin = time.monotonic()
    found = load_settled(store, 0.3)
    assert time.monotonic() - begin >= 0.25
    assert not found.complete
    Claim(store, replace(HEAD, number=2), found.etag, 0.3)
    for use in (claim.check, claim.renew, lambda: claim.complete(HEAD)):
        with pytest.raises(OvertakenError):
            use()


def test_who_gives_up_says_so() -> None:
    store = MemoryStore()
    Claim(store, HEAD, "", 30).give_up()
    begin = time.monotonic()
    assert not load_settled(store, 30).complete
    assert time.monotonic() - begin < 5


class BrokenStore(MemoryStore):
    """Takes no pages for a while."""

    broken = True

    def put(self, key: str, content: bytes | Path, **about: Any) -> str:
        if key == "page" and self.broken:
            raise StoreError("the connection broke")
        return super().put(key, content, **about)


def test_after_a_failure_nobody_waits(tmp_path: Path) -> None:
    store = BrokenStore()
    made = output(tmp_path)
    config = replace(catalogs.config(), publish=PublishConfig(silence=60))
    with pytest.raises(StoreError, match="the connection broke"):
        bring(config, store, made, drafting(made, adding("a")), lambda _: None)
    assert not load(store).complete
    store.broken = False
    begin = time.monotonic()
    bring(config, store, made, drafting(made, adding("a")), lambda _: None)
    assert time.monotonic() - begin < 10
    assert look(store) == {"a"}
    assert load(store).complete
