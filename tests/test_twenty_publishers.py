"""Twenty runs publish twenty releases at once, each a process of its own, while clients update all the while."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.apt import AptRoot
from tests.support.dnf import ALONE, Dnf
from tests.support.follow import follow
from tests.support.packages import make_deb, make_rpm, make_tar, make_zip
from tests.support.programs import pe
from tests.support.server import StaticServer, serving
from tests.support.site import Project

VERSIONS = [f"1.{number}.0" for number in range(1, 21)]
pytestmark = pytest.mark.slow


def projects(folder: Path, to: str, url: str) -> list[Project]:
    """Version 1.0.0 is published; twenty machines have each built one more upon it."""
    first = Project(folder / "first", to=to, url=url)
    files = folder / "1.0.0"
    zipped = make_zip(files / "hello-1.0.0-windows-amd64.zip", {"hello.exe": pe()})
    first.release(make_deb(files), make_rpm(files, preamble=ALONE), tarball(files, "1.0.0"), zipped)
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda version: built(folder, version, to, url), VERSIONS))


def built(folder: Path, version: str, to: str, url: str) -> Project:
    project = Project(folder / f"project-{version}", to=to, url=url)
    project.add(make_deb(folder / version, version=version), tarball(folder / version, version))
    project.build()
    return project


def tarball(folder: Path, version: str) -> Path:
    return make_tar(folder / f"hello-{version}-linux-amd64.tar.gz", {"hello": f"#!/bin/sh\necho {version}\n"}, ("hello",))


def publish_together(some: list[Project]) -> None:
    running = []
    for project in some:
        environment = {**os.environ, **project.environment, "XDG_CACHE_HOME": str(project.folder / "cache")}
        words = [sys.executable, "-m", "repogen", "-C", str(project.folder), "publish"]
        running.append(subprocess.Popen(words, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
    said = [process.communicate(timeout=240) for process in running]
    assert [process.returncode for process in running] == [0] * len(some), said


@contextmanager
def all_the_while(*clients: Callable[[], object]) -> Iterator[list[int]]:
    """Call each client again and again beside the block; an error of one fails the test. Yields how often each one came to an end."""
    done = threading.Event()
    counts = [0] * len(clients)

    def repeat(number: int) -> None:
        while not done.is_set():
            clients[number]()
            counts[number] += 1
            done.wait(0.3)

    with ThreadPoolExecutor(len(clients)) as pool:
        futures = [pool.submit(repeat, number) for number in range(len(clients))]
        try:
            yield counts
        finally:
            done.set()
        for future in futures:
            future.result()


def check(found: dict[str, set[str]]) -> None:
    """All twenty releases are there."""
    assert found["apt"] == {f"hello {version}" for version in ("1.0.0", *VERSIONS)}
    assert found["yum"] == found["nuget"] == {"hello 1.0.0"}
    assert found["git"] == {f"hello 1.{number}.0" for number in range(15, 21)}  # the newest, and five earlier minor versions


def dnf_client(folder: Path, server: StaticServer) -> Callable[[], None]:
    """dnf reads repomd.xml and then its signature: in between, both may change. It says so, and the next attempt finds both new."""
    dnf = Dnf(folder, server)

    def update() -> None:
        done = dnf("makecache", "--refresh", check=False)
        if "Bad GPG signature" in done.stderr:
            done = dnf("makecache", "--refresh", check=False)
        assert done.returncode == 0, done.stderr

    return update


def test_on_a_folder(tmp_path: Path) -> None:
    site = tmp_path / "site"
    with serving(site) as server:
        some = projects(tmp_path, str(site), server.url)
        apt = AptRoot(tmp_path / "apt", (site / "acme.sources").read_text())
        reader = lambda: follow(lambda path: (site / path).read_bytes() if (site / path).is_file() else None, server.url)  # noqa: E731
        with all_the_while(reader, apt.update, dnf_client(tmp_path / "dnf", server)) as counts:
            publish_together(some)
        assert min(counts) > 2
        check(reader())
        apt.update()
        assert len(apt.versions("hello")) == 21


def test_on_s3(tmp_path: Path, s3_client: Any, s3_bucket: str) -> None:
    url = "https://dl.acme.example"

    def read(path: str) -> bytes | None:
        try:
            return s3_client.get_object(Bucket=s3_bucket, Key=path)["Body"].read()
        except s3_client.exceptions.NoSuchKey:
            return None

    some = projects(tmp_path, f"s3://{s3_bucket}", url)
    with all_the_while(lambda: follow(read, url)) as counts:
        publish_together(some)
    assert counts[0] > 2
    check(follow(read, url))
