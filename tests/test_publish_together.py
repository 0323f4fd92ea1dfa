"""Several publishers, interleaved request by request: the end is always exactly what the head names, and every client's way is whole at every moment."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from contextlib import nullcontext
from functools import cached_property, partial
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

import repogen.stores.turns
import repogen.upload
from repogen.build import Options, build
from repogen.config import Config, InputConfig, PublishConfig
from repogen.publish import Published, bring, publish
from repogen.signing.gpg_home import KEY_VARIABLE
from repogen.state import Snapshot, load
from repogen.state.stored_manifest import StoredManifest
from repogen.stores.memory import MemoryStore
from tests.support import catalogs
from tests.support.follow import follow
from tests.support.keys import secret_key
from tests.support.packages import make_deb, make_rpm, make_tar
from tests.support.schedule import KilledError, Schedule
from tests.support.small_site import GONE, adding, drafting, look, output, removing, unlike

Change = Callable[[set[str]], set[str]]


@pytest.fixture(autouse=True)
def _one_request_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each publisher has one request under way, and nobody sleeps: the schedule alone says who goes on."""
    monkeypatch.setattr(repogen.upload, "_THREADS", 1)
    monkeypatch.setattr(repogen.state.object_store, "_THREADS", 1)
    monkeypatch.setattr(repogen.stores.turns.time, "sleep", lambda _: None)
    for kind in (Snapshot, StoredManifest):
        for value in vars(kind).values():
            if isinstance(value, cached_property):  # in Python 3.11 one thread that is in it keeps all others out, whatever the instance
                monkeypatch.setattr(value, "lock", nullcontext(), raising=False)


def publishing(folder: Path, change: Change, silence: float) -> Callable[[object], Published]:
    config: Config = replace(catalogs.config(), publish=PublishConfig(silence=silence))
    made = output(folder)
    return lambda store: bring(config, store, made, drafting(made, change), lambda _: None)


def begun(tmp_path: Path) -> MemoryStore:
    store = MemoryStore()
    publishing(tmp_path / "first", adding("a"), 0)(store)
    return store


def together(tmp_path: Path, store: MemoryStore, changes: dict[str, Change], choose: Callable[[list[str]], str], silence: float, **more: object) -> Schedule:
    """Publish all changes in this order of requests, and look at the site after each."""
    schedule = Schedule(store, choose, **more)
    schedule.run({name: publishing(tmp_path / name, change, silence) for name, change in changes.items()}, lambda: look(store))
    return schedule


def check_end(store: MemoryStore, schedule: Schedule) -> set[str]:
    for name, outcome in schedule.outcomes.items():
        assert isinstance(outcome, Published) or name in schedule.dead, (name, outcome)
    snapshot = load(store)
    assert snapshot.complete
    assert unlike(store, snapshot.manifest) == []
    names = look(store)
    assert names == {release.product for release in snapshot.catalog.releases if not release.product.startswith(GONE)}
    return names


def following(order: list[int]) -> Callable[[list[str]], str]:
    """Choose by these numbers, and in turn when they are used up."""
    numbers = iter(order)
    count = iter(range(10**6))
    return lambda names: names[next(numbers, next(count)) % len(names)]


def bursts(lengths: list[int]) -> Callable[[list[str]], str]:
    """The first one makes so many requests, then the second one so many, and so on."""
    plan = iter([index for index, length in enumerate(lengths) for _ in range(length)])
    return lambda names: names[next(plan, 0) % len(names)]


each_silence = pytest.mark.parametrize("silence", [0, 30], ids=["goes on in the other's place at once", "waits for the other"])


@each_silence
def test_two_publishers_of_which_one_stops_at_every_request(tmp_path: Path, silence: float) -> None:
    """One makes n requests, the other m, then the first one goes on: every place where they can meet."""
    for number, (first, second) in enumerate(product(range(50), (13, 31, 200))):
        folder = tmp_path / f"{number}"
        store = begun(folder)
        schedule = together(folder, store, {"b": adding("b"), "c": adding("c")}, bursts([first, second]), silence)
        assert check_end(store, schedule) == {"a", "b", "c"}, (first, second)


@each_silence
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.lists(st.integers(0, 2), max_size=250))
def test_three_publishers_in_any_order(tmp_path_factory: pytest.TempPathFactory, silence: float, order: list[int]) -> None:
    folder = tmp_path_factory.mktemp("three")
    store = begun(folder)
    schedule = together(folder, store, {"b": adding("b"), "c": adding("c", "d"), "e": adding("e")}, following(order), silence)
    assert check_end(store, schedule) == {"a", "b", "c", "d", "e"}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.lists(st.integers(0, 2), max_size=250))
def test_first_publishers_in_any_order(tmp_path_factory: pytest.TempPathFactory, order: list[int]) -> None:
    folder = tmp_path_factory.mktemp("fresh")
    store = MemoryStore()
    schedule = together(folder, store, {"b": adding("b"), "c": adding("c"), "d": adding("b", "c")}, following(order), 0)
    assert check_end(store, schedule) == {"b", "c"}


@each_silence
def test_one_takes_back_what_the_other_brings(tmp_path: Path, silence: float) -> None:
    """The bytes of before come back at some paths, so that their etag does too: a put that comes late passes its condition there, and is mended."""
    for number, (first, second) in enumerate(product(range(50), (35, 200))):
        folder = tmp_path / f"{number}"
        store = begun(folder)
        schedule = together(folder, store, {"b": adding("b"), "c": removing("b")}, bursts([first, second]), silence)
        assert check_end(store, schedule) in ({"a"}, {"a", "b"}), (first, second)


def test_one_is_late_by_two_publishes(tmp_path: Path) -> None:
    """What it writes over then is mended, though the last two finished states agree on it."""
    for first in range(50):
        folder = tmp_path / f"{first}"
        store = begun(folder)
        schedule = together(folder, store, {"b": adding("b"), "c": removing("b"), "d": adding(f"{GONE}e")}, bursts([first, 200, 200]), 0)
        assert check_end(store, schedule) in ({"a"}, {"a", "b"}), first


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> tuple[MemoryStore, dict[str, Options]]:
    """A store with 1.0.0, and two real releases that are built upon it."""
    folder = tmp_path_factory.mktemp("releases")
    store = MemoryStore()
    found = {}
    for version in ("1.0.0", "1.1.0", "1.2.0"):
        make_deb(folder / version, version=version)
        make_rpm(folder / version, version=version)
        make_tar(folder / version / f"hello-{version}-linux-amd64.tar.gz", {"hello": f"#!/bin/sh\necho {version}\n"}, ("hello",))
        environ = {"PATH": os.environ["PATH"], KEY_VARIABLE: secret_key()}
        options = found[version] = Options(base=folder / version, output=folder / f"public-{version}", environ=environ)
        build(real(options, 0), options, store)
        if version == "1.0.0":
            publish(real(options, 0), options, store)
    return store, found


def real(options: Options, silence: float) -> Config:
    return replace(catalogs.config(), input=InputConfig(paths=(str(options.base),)), publish=PublishConfig(silence=silence))


@each_silence
@pytest.mark.parametrize("seed", range(6))
def test_real_releases_in_an_order_of_chance(tmp_path: Path, seed: int, silence: float, releases: tuple[MemoryStore, dict[str, Options]]) -> None:
    """apt's, dnf's and git's ways are whole after every request."""
    published, built = releases
    store = MemoryStore()
    for listed in published.list(""):
        store.put(listed.key, published.get(listed.key).content, content_type="", cache_control="")
    publishers = {}
    for version in ("1.1.0", "1.2.0"):
        shutil.copytree(built[version].output, tmp_path / version)
        publishers[version] = partial(publish, real(built[version], silence), replace(built[version], output=tmp_path / version))
    chance = random.Random(seed)
    burst = iter([name for _ in range(200) for name in [chance.randrange(2)] * chance.randrange(1, 40)])
    schedule = Schedule(store, lambda names: names[next(burst, 0) % len(names)])
    schedule.run(publishers, lambda: follow(lambda path: stored.content if (stored := store.get(path)) else None, "https://dl.acme.example"))
    assert {type(outcome) for outcome in schedule.outcomes.values()} == {Published}, schedule.outcomes
    snapshot = load(store)
    assert snapshot.complete
    assert unlike(store, snapshot.manifest) == []
    found = follow(lambda path: stored.content if (stored := store.get(path)) else None, "https://dl.acme.example")
    assert found["apt"] == found["yum"] == found["git"] == {"hello 1.0.0", "hello 1.1.0", "hello 1.2.0"}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.lists(st.integers(0, 2), max_size=250), at=st.integers(1, 60))
def test_one_of_three_is_killed(tmp_path_factory: pytest.TempPathFactory, order: list[int], at: int) -> None:
    folder = tmp_path_factory.mktemp("killed")
    store = begun(folder)
    left = iter(range(at))
    schedule = together(
        folder,
        store,
        {"b": adding("b"), "c": adding("c"), "d": adding("d")},
        following(order),
        30,
        kill=lambda name: name == "b" and next(left, None) is None,
    )
    names = check_end(store, schedule)
    assert isinstance(schedule.outcomes["b"], KilledError) or "b" in names
    assert names >= {"a", "c", "d"}
