"""Publishers at once, and publishers that are killed, over a real connection to an S3 service."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.support.follow import follow
from tests.support.packages import make_deb, make_rpm, make_tar, make_zip
from tests.support.programs import pe
from tests.support.s3_proxy import Answer, Forward, LostError, Proxy, Request, standing_before
from tests.support.site import Project

URL = "https://dl.acme.example"


def release(folder: Path, version: str) -> list[Path]:
    """Files for apt, dnf, git and NuGet."""
    folder.mkdir()
    make_zip(folder / f"hello-{version}-windows-amd64.zip", {"hello.exe": pe() + version.encode()})
    make_tar(folder / f"hello-{version}-linux-amd64.tar.gz", {"hello": f"#!/bin/sh\necho {version}\n"}, ("hello",))
    return [*folder.iterdir(), make_deb(folder, version=version), make_rpm(folder, version=version)]


def seen(client: Any, bucket: str) -> dict[str, set[str]]:
    """What each client finds in the bucket."""
    keys = {item["Key"] for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket) for item in page.get("Contents", [])}
    return follow(lambda path: client.get_object(Bucket=bucket, Key=path)["Body"].read() if path in keys else None, URL)


@pytest.mark.slow
def test_publishers_at_once(tmp_path: Path, s3_client: Any, s3_bucket: str) -> None:
    versions = [f"1.{number}.0" for number in range(4)]
    projects = [Project(tmp_path / version, to=f"s3://{s3_bucket}", url=URL) for version in versions]
    for project, version in zip(projects, versions, strict=True):
        project.add(*release(tmp_path / f"files-{version}", version))
        project.build()
    with ThreadPoolExecutor(len(projects)) as pool:
        list(pool.map(Project.publish, projects))
    every = {f"hello {version}" for version in versions}
    assert seen(s3_client, s3_bucket) == {"apt": every, "yum": every, "git": every, "nuget": every}


@pytest.mark.slow
def test_a_publisher_that_is_killed(tmp_path: Path, s3_client: Any, s3_bucket: str, s3_server: str) -> None:
    """At any request: users find the old or the new release whole, and the next publish finishes the work."""
    project = Project(tmp_path / "acme", to=f"s3://{s3_bucket}", url=URL)
    project.release(*release(tmp_path / "1", "1.0.0"))
    old = seen(s3_client, s3_bucket)
    project.add(*release(tmp_path / "2", "1.1.0"))
    project.build()
    new = {client: {"hello 1.0.0", "hello 1.1.0"} for client in old}
    with standing_before(s3_server) as proxy:
        for request in (2, 12, 25, 40, 60):
            killed = killed_at(request, project, proxy)
            for client, versions in seen(s3_client, s3_bucket).items():
                assert versions in (old[client], new[client]), f"{client} after {request} requests"
            if not killed:
                break
    project.publish()
    assert seen(s3_client, s3_bucket) == new


def killed_at(number: int, project: Project, proxy: Proxy) -> bool:
    """Publish and send SIGKILL when this request has come, which is not passed on; whether it came to that."""
    words = [sys.executable, "-m", "repogen", "-C", str(project.folder), "publish"]
    environment = {**os.environ, **project.environment, "XDG_CACHE_HOME": str(project.folder / "cache"), "AWS_ENDPOINT_URL": proxy.url}
    with subprocess.Popen(words, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        before = len(proxy.requests)

        def fault(request: Request, forward: Forward) -> Answer:
            if len(proxy.requests) - before < number:
                return forward(request)
            running.send_signal(signal.SIGKILL)
            raise LostError

        rule = proxy.inject(fault, times=10_000)
        running.wait(120)
    proxy.rules.remove(rule)
    return running.returncode == -signal.SIGKILL
