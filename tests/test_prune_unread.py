"""A prune that cannot read what a kept snapshot names stops before it deletes anything: over a folder and over S3."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from repogen.build import build
from repogen.config import InputConfig, PublishConfig
from repogen.errors import StoreError
from repogen.options import Options
from repogen.prune import plan_prune, prune
from repogen.publish import publish
from repogen.retention_config import RetentionConfig
from repogen.signing.gpg_home import KEY_VARIABLE
from repogen.state import DamagedError, chain, manifest_objects, object_key
from repogen.stores import Store
from repogen.stores.local import LocalStore
from repogen.stores.s3 import S3Store
from repogen.stores.s3_retries import Patience
from tests.support import catalogs
from tests.support.keys import secret_key
from tests.support.packages import make_deb
from tests.support.s3_proxy import Proxy, late, refusal, reset

CONFIG = catalogs.config(publish=PublishConfig(silence=0.2))
#: One snapshot besides the current one stays.
RETENTION = RetentionConfig(snapshots=1, days=0)
PATIENCE = Patience(attempts=2, sleep=lambda _: None, read_timeout=20.0)
FAULTS = {"403": refusal(403, "AccessDenied"), "500": refusal(500, "InternalError"), "reset": reset, "time-out": late(2.0)}


def now() -> datetime:
    return datetime.now(UTC)


def released(folder: Path, store: Store) -> Store:
    """The store with three publishes of one more package each."""
    for version in ("1.0.0", "1.1.0", "1.2.0"):
        dist = folder / version
        make_deb(dist, version=version)
        config = replace(CONFIG, input=InputConfig(paths=(str(dist),)))
        options = Options(base=dist, output=folder / f"public-{version}", environ={"PATH": os.environ["PATH"], KEY_VARIABLE: secret_key()})
        build(config, options, store)
        publish(config, options, store)
    return store


def keys(store: Store) -> set[str]:
    return {listed.key for listed in store.list("")}


def own_chunk(store: Store, which: int) -> str:
    """The object of a piece of the manifest that this snapshot alone has; 0 is the current one."""
    snapshots = [manifest_objects(snapshot) for snapshot in chain(store)]
    return min(snapshots[which].difference(*snapshots[:which], *snapshots[which + 1 :]))


def pruned(store: Store, retention: RetentionConfig = RETENTION) -> None:
    prune(store, replace(CONFIG, retention=retention), now() + timedelta(days=2))


def removed(path: Path) -> None:
    path.unlink()


def longer(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"x")


@pytest.mark.parametrize("which", [0, 1], ids=["current", "former"])
@pytest.mark.parametrize("damage", [removed, longer])
def test_a_damaged_piece_of_a_kept_snapshot(tmp_path: Path, damage: Callable[[Path], None], which: int) -> None:
    store = released(tmp_path, LocalStore(tmp_path / "site"))
    damage(tmp_path / "site" / object_key(own_chunk(store, which)))
    before = keys(store)
    for stops in (lambda: pruned(store), lambda: plan_prune(store, RETENTION, now())):
        with pytest.raises(DamagedError) as caught:
            stops()
        assert "doctor --rebuild-state" in caught.value.hint
    assert keys(store) == before


def test_a_damaged_piece_of_a_dropped_snapshot_is_in_nobodys_way(tmp_path: Path) -> None:
    store = released(tmp_path, LocalStore(tmp_path / "site"))
    named = set(next(chain(store)).manifest)
    longer(tmp_path / "site" / object_key(own_chunk(store, 2)))
    pruned(store)
    assert named <= keys(store)
    assert len(list(chain(store))) == 2


@pytest.fixture
def bucket(request: pytest.FixtureRequest, tmp_path: Path, s3_bucket: str, proxy: Proxy) -> Iterator[Store]:
    # Where time-outs are what is tested, nobody waits for long; elsewhere a busy machine is no fault.
    store = S3Store(s3_bucket, "tools", patience=PATIENCE._replace(read_timeout=1.0) if "time-out" in request.node.name else PATIENCE)
    yield released(tmp_path, store)
    store.close()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_piece_of_any_snapshot_that_s3_does_not_give(bucket: Store, proxy: Proxy, s3_client: Any, fault: str) -> None:
    before = keys(bucket)
    pieces = [own_chunk(bucket, which) for which in range(3)]  # of the dropped one too: who cannot read it does not know what to delete
    for piece in pieces:
        rule = proxy.inject(FAULTS[fault], "GetObject", piece, times=1 << 30)
        with pytest.raises(StoreError):
            pruned(bucket)
        assert rule.struck
        proxy.rules.clear()
        assert keys(bucket) == before
    pruned(bucket)
    assert keys(bucket) < before
