"""Ceph of Debian 13 refuses a right ETag in If-Match, so no head can be swapped there: publishers take turns. Under `make test-rgw` only."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from repogen.stores.conditions import honours_conditions
from repogen.stores.s3 import S3Store
from tests.support import ceph
from tests.support.packages import make_deb
from tests.support.site import Project

pytestmark = [pytest.mark.rgw, pytest.mark.slow]


@pytest.fixture(scope="module")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """In place of the gateway that all other tests use."""
    with ceph.gateway(ceph.unpacked("trixie"), tmp_path_factory.mktemp("ceph")) as (address, _):
        yield address


def test_publishers_take_turns(tmp_path: Path, s3_client: Any, s3_bucket: str) -> None:
    store = S3Store(s3_bucket)
    assert not honours_conditions(store)
    store.close()
    versions = [f"1.{number}.0" for number in range(3)]
    projects = [Project(tmp_path / version, to=f"s3://{s3_bucket}") for version in versions]
    for project, version in zip(projects, versions, strict=True):
        project.add(make_deb(tmp_path / f"files-{version}", version=version))
        project.build()
    with ThreadPoolExecutor(len(projects)) as pool:
        told = [done.stderr for done in pool.map(Project.publish, projects)]
    assert all("honours no conditional puts: runs take turns there" in said for said in told)
    index = s3_client.get_object(Bucket=s3_bucket, Key="apt/dists/stable/main/binary-amd64/Packages")["Body"].read().decode()
    assert sorted(line.removeprefix("Version: ") for line in index.splitlines() if line.startswith("Version: ")) == versions
    assert "up to date" in projects[-1].publish().stderr
