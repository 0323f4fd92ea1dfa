"""Pruning deletes what no kept snapshot names, and nothing else, wherever it is cut."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from repogen.build import build
from repogen.change import change, roll_back
from repogen.config import Config, InputConfig, PublishConfig
from repogen.edits import Reinstate, Yank
from repogen.errors import ProtectionError, StoreError, UsageError
from repogen.options import Options
from repogen.prune import Pruning, plan_prune, prune
from repogen.publish import publish
from repogen.retention_config import RetentionConfig
from repogen.signing.gpg_home import KEY_VARIABLE
from repogen.state import HEAD, load, past
from repogen.stores.conditions import PROBE
from repogen.stores.memory import MemoryStore
from tests.support import catalogs
from tests.support.follow import follow
from tests.support.keys import secret_key
from tests.support.packages import make_deb, make_rpm

URL = "https://dl.acme.example"
EVERYTHING = RetentionConfig(snapshots=0, days=0)


def now() -> datetime:
    return datetime.now(UTC)


def later() -> datetime:
    """After the time that the files of a cut run are kept."""
    return now() + timedelta(days=2)


class CutStore(MemoryStore):
    """A store whose connection breaks after so many writes."""

    allowed = 1_000_000

    def put(self, *arguments: object, **named: object) -> str:
        self._count()
        return super().put(*arguments, **named)

    def delete(self, key: str) -> None:
        self._count()
        super().delete(key)

    def _count(self) -> None:
        if self.allowed <= 0:
            raise StoreError("the connection broke")
        self.allowed -= 1


def copied(store: CutStore, allowed: int) -> CutStore:
    copy = CutStore()
    for listed in store.list(""):
        copy.put(listed.key, store.get(listed.key).content, content_type="", cache_control="")
    copy.allowed = allowed
    return copy


class Site:
    """A store, and what is done to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = CutStore()
        self.environ = {"PATH": os.environ["PATH"], KEY_VARIABLE: secret_key()}
        self.config = catalogs.config(publish=PublishConfig(silence=0.2))

    def release(self, version: str, product: str = "hello") -> None:
        dist = self.folder / f"{product}-{version}"
        make_deb(dist, product, version=version)
        make_rpm(dist, product, version=version)
        self.publish(dist)

    def publish(self, dist: Path, **tables: object) -> None:
        config, options = self.at(dist, **tables)
        build(config, options, self.store)
        publish(config, options, self.store)

    def at(self, dist: Path, **tables: object) -> tuple[Config, Options]:
        config = replace(self.config, input=InputConfig(paths=(str(dist),)), **tables)
        return config, Options(base=dist, output=self.folder / f"public-{dist.name}", environ=self.environ)

    def edit(self, edit: object) -> None:
        change(*self.at(self.folder), self.store, edit)

    def roll_back(self, number: int | None = None) -> None:
        roll_back(*self.at(self.folder), self.store, number)

    def prune(self, retention: RetentionConfig, at: datetime | None = None, *, most: int = 100) -> Pruning:
        return prune(self.store, replace(self.config, retention=retention), at or now(), most=most)

    @property
    def keys(self) -> set[str]:
        return {listed.key for listed in self.store.list("")}

    @property
    def seen(self) -> dict[str, set[str]]:
        return follow(lambda path: stored.content if (stored := self.store.get(path)) else None, URL)

    def holds_all(self) -> bool:
        """Whether every path of the manifest is there."""
        return set(load(self.store).manifest) <= self.keys


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = Site(tmp_path)
    site.release("1.0.0")
    site.release("1.1.0")
    return site


def test_what_no_snapshot_names_goes_and_clients_notice_nothing(site: Site) -> None:
    before = site.keys
    site.store.put("robots.txt", b"mine", content_type="", cache_control="")
    done = site.prune(EVERYTHING)
    assert done.kept == (2,)
    assert done.dropped == (1,)
    gone = before - site.keys
    assert gone == {listed.key for listed in (*done.files, *done.state)}
    assert any("/by-hash/" in path for path in gone)
    assert any("repodata" in path for path in gone)
    assert not any(path.endswith((".deb", ".rpm")) for path in gone)
    assert site.store.get("robots.txt") is not None
    assert site.seen["apt"] == {"hello 1.0.0", "hello 1.1.0"}
    assert site.holds_all()
    assert not plan_prune(site.store, EVERYTHING, now()).anything


def test_the_last_snapshots_and_those_of_the_grace_period_stay(site: Site) -> None:
    assert not site.prune(RetentionConfig(snapshots=1, days=0)).anything
    assert not site.prune(RetentionConfig(snapshots=0, days=14)).anything
    assert site.prune(RetentionConfig(snapshots=0, days=14), now() + timedelta(days=15)).dropped == (1,)


def test_a_kept_snapshot_can_be_rolled_back_to_and_a_dropped_one_cannot(site: Site) -> None:
    site.release("1.2.0")
    site.prune(RetentionConfig(snapshots=1, days=0))
    assert [head.number for head in past(site.store)] == [3, 2]
    with pytest.raises(UsageError, match="snapshot 1"):
        site.roll_back(1)
    site.roll_back(2)
    assert site.seen["apt"] == {"hello 1.0.0", "hello 1.1.0"}


def test_a_yanked_version_is_deleted_and_its_return_refused(site: Site) -> None:
    site.edit(Yank(product="hello", version="1.1.0"))
    site.prune(EVERYTHING, most=100)
    assert not any("1.1.0" in path and path.endswith((".deb", ".rpm")) for path in site.keys)
    assert site.seen["apt"] == {"hello 1.0.0"}
    with pytest.raises(ProtectionError, match="was deleted after"):
        site.edit(Reinstate(product="hello", version="1.1.0"))


def test_a_yanked_version_comes_back_within_the_grace_period(site: Site) -> None:
    site.edit(Yank(product="hello", version="1.1.0"))
    site.prune(RetentionConfig(snapshots=0, days=14))
    site.edit(Reinstate(product="hello", version="1.1.0"))
    assert site.seen["apt"] == {"hello 1.0.0", "hello 1.1.0"}
    assert site.holds_all()


def test_retention_of_one_product_leaves_the_others(site: Site) -> None:
    site.release("0.1.0", "other")
    site.publish(site.folder / "other-0.1.0", retention=RetentionConfig(keep=1))
    site.prune(EVERYTHING)
    assert site.seen["apt"] == {"hello 1.1.0", "other 0.1.0"}
    assert not any("hello_1.0.0" in path for path in site.keys)


def test_more_than_the_set_share_is_refused(site: Site) -> None:
    site.edit(Yank(product="hello", version="1.1.0"))
    share = plan_prune(site.store, EVERYTHING, now()).share
    before = site.keys
    with pytest.raises(ProtectionError, match=rf"{share} % of memory would be deleted"):
        site.prune(EVERYTHING, most=share - 1)
    assert site.keys == before
    site.prune(EVERYTHING, most=share)


def test_what_a_killed_publish_has_left_goes_after_a_day(site: Site) -> None:
    make_deb(site.folder / "lost", "lost", version="9.9.9")
    config, options = site.at(site.folder / "lost")
    build(config, options, site.store)
    for allowed in range(1, 50):
        site.store.allowed = allowed
        with pytest.raises(StoreError):
            publish(config, options, site.store)
        if any("lost_9.9.9" in path for path in site.keys):
            break
    site.store.allowed = 1_000_000
    assert load(site.store).number == 2
    site.release("1.2.0")
    site.prune(EVERYTHING)
    assert any("lost_9.9.9" in path for path in site.keys)
    site.prune(EVERYTHING, later())
    assert not any("lost_9.9.9" in path for path in site.keys)
    assert site.holds_all()


def test_cut_anywhere_it_harms_nothing_and_the_next_one_finishes(site: Site) -> None:
    whole = site.store
    plan = plan_prune(whole, EVERYTHING, now())
    for allowed in range(len(plan.files) + len(plan.state) + 2):
        site.store = copied(whole, allowed)
        with pytest.raises(StoreError):
            site.prune(EVERYTHING, later())
        assert site.holds_all(), f"after {allowed} writes"
        assert site.seen["apt"] == {"hello 1.0.0", "hello 1.1.0"}
        site.store.allowed = 1_000_000
        site.prune(EVERYTHING, later())
        assert not plan_prune(site.store, EVERYTHING, later()).anything, f"after {allowed} writes and another prune"


def test_who_may_not_delete_keeps_nobody_waiting(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_key: str) -> None:
        raise StoreError("access is denied", hint="allow s3:DeleteObject")

    monkeypatch.setattr(site.store, "delete", refuse)
    with pytest.raises(StoreError, match="denied"):
        site.prune(EVERYTHING)
    head = load(site.store).head
    assert (head.at_work, head.complete) == ("", True)
    assert site.holds_all()


def test_what_tried_the_service_goes_after_a_day(site: Site) -> None:
    site.store.put(PROBE, b"x", content_type="", cache_control="")
    site.prune(EVERYTHING)
    assert PROBE in site.keys
    site.prune(EVERYTHING, later())
    assert PROBE not in site.keys


def test_after_a_cut_publish_nothing_is_deleted(site: Site) -> None:
    head = site.store.get(HEAD).content.replace(b'"complete": true', b'"complete": false')
    site.store.put(HEAD, head, content_type="", cache_control="")
    with pytest.raises(ProtectionError, match="was cut"):
        site.prune(EVERYTHING)


def test_an_empty_destination_has_nothing_to_prune() -> None:
    with pytest.raises(UsageError, match="nothing is published"):
        prune(MemoryStore(), catalogs.config(), now())
