"""A publish that is killed, terminated, cut within a large file, or that runs out of room: the site stays whole, and the next publish finishes the work."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from repogen.build import Options, build
from repogen.config import Config, InputConfig, PublishConfig
from repogen.errors import RepogenError
from repogen.publish import publish
from repogen.signing.gpg_home import KEY_VARIABLE
from repogen.stores.memory import MemoryStore
from repogen.stores.s3 import S3Store
from repogen.stores.s3_retries import Patience
from tests.support import catalogs
from tests.support.apt import AptRoot
from tests.support.clients import run
from tests.support.dnf import ALONE, Dnf
from tests.support.follow import follow
from tests.support.keys import secret_key
from tests.support.packages import make_deb, make_rpm, make_tar, make_zip
from tests.support.programs import pe
from tests.support.s3_proxy import Answer, Forward, LostError, Request, standing_before
from tests.support.server import serving
from tests.support.site import Project

URL = "https://dl.acme.example"


def release(folder: Path, version: str) -> list[Path]:
    """Files for apt, dnf, git and NuGet."""
    zipped = make_zip(folder / f"hello-{version}-windows-amd64.zip", {"hello.exe": pe() + version.encode()})
    packed = make_tar(folder / f"hello-{version}-linux-amd64.tar.gz", {"hello": f"#!/bin/sh\necho {version}\n"}, ("hello",))
    return [zipped, packed, make_deb(folder, version=version), make_rpm(folder, version=version, preamble=ALONE)]


def seen(site: Path, url: str = URL) -> dict[str, set[str]]:
    return follow(lambda path: (site / path).read_bytes() if (site / path).is_file() else None, url)


OLD = {client: {"hello 1.0.0"} for client in ("apt", "yum", "git", "nuget")}
NEW = {client: {"hello 1.0.0", "hello 1.1.0"} for client in ("apt", "yum", "git", "nuget")}


def assert_whole(found: dict[str, set[str]]) -> None:
    for client, versions in found.items():
        assert versions in (OLD[client], NEW[client]), client


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """1.0.0 is published, 1.1.0 is built."""
    made = Project(tmp_path / "acme", url=URL)
    made.release(*release(tmp_path / "1", "1.0.0"))
    made.add(*release(tmp_path / "2", "1.1.0"))
    made.build()
    return made


# -- signals -------------------------------------------------------------------------------


@pytest.mark.slow
def test_killed_or_terminated_at_any_moment(project: Project, tmp_path: Path) -> None:
    """Real clients look after each; a process that is terminated says so in one sentence."""
    chance = random.Random(7)
    with serving(project.site) as server:
        apt = AptRoot(tmp_path / "apt", (project.site / "acme.sources").read_text().replace(URL, server.url))
        dnf = Dnf(tmp_path / "dnf", server)
        for file in (tmp_path / "dnf/repos").iterdir():
            file.write_text(file.read_text().replace(URL, server.url))
        ended = []
        for step in range(10):  # later and later, since a quick machine is done early
            for number in (signal.SIGKILL, signal.SIGTERM):
                ended.append(end(project, number, 0.08 + 0.04 * step + chance.uniform(0, 0.03)))
                assert_whole(seen(project.site))
        assert -signal.SIGKILL in ended
        assert 128 + signal.SIGTERM in ended
        apt.update()
        dnf("makecache", "--refresh")
        project.publish()
        apt.update()
        assert apt.versions("hello") == ["1.1.0", "1.0.0"]
        dnf("makecache", "--refresh")
        assert dnf.repoquery() == ["hello-0:1.0.0-1.x86_64", "hello-0:1.1.0-1.x86_64"]
        run("git", "clone", "--quiet", f"{server.url}/homebrew/acme.git", tmp_path / "tap")
    assert seen(project.site) == NEW
    assert not list((project.site / ".repogen").glob("tmp/*"))


def end(project: Project, number: signal.Signals, after: float) -> int:
    """Publish, and send a signal so many seconds later; returns the exit code."""
    environment = {**os.environ, **project.environment, "XDG_CACHE_HOME": str(project.folder / "cache")}
    words = [sys.executable, "-m", "repogen", "-C", str(project.folder), "publish"]
    with subprocess.Popen(words, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        time.sleep(after)
        running.send_signal(number)
        said = running.communicate(timeout=60)[1]
    assert "Traceback" not in said
    if running.returncode == 128 + signal.SIGTERM:
        assert said.count("\n") == 1, said
        assert "what is published stays whole" in said
    return running.returncode


# -- no room -------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path | None]:
    """A file system of its own where that is allowed; None where it is not."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = os.geteuid() == 0 and run("mount", "-t", "tmpfs", "-o", "size=8m", "none", folder, check=False).returncode == 0
    yield folder if mounted else None
    if mounted:
        run("umount", "--lazy", folder)


@pytest.mark.parametrize("room", [4, 40, 120, 200, 400])
def test_the_disk_is_full(project: Project, small_disk: Path | None, room: int) -> None:
    """``room``: KiB that are free. Where nothing can be mounted, a limit on the size of each file makes writing fail half-way in the same places."""
    site, limit = project.site, ""
    big = project.dist / "hello-1.1.0-macos-arm64.tar.gz"
    make_tar(big, {"hello": os.urandom(400_000).hex()}, ("hello",))
    project.build()
    if small_disk:
        site = small_disk / "site"
        run("cp", "-a", project.site, site)
        filler = small_disk / "filler"
        with filler.open("wb") as file:
            free = os.statvfs(small_disk)
            file.write(bytes(max(0, free.f_bavail * free.f_frsize - room * 1024)))
    else:
        limit = f"ulimit -f {room}; "
        filler = project.folder / "filler"
    before = seen(site)
    environment = {**os.environ, **project.environment, "XDG_CACHE_HOME": str(project.folder / "cache")}
    command = f"{limit}exec {sys.executable} -m repogen -C {project.folder} publish --to {site}"
    done = subprocess.run(["/bin/sh", "-c", command], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1, done.stderr
    assert done.stderr.count("\n") == 2, done.stderr
    assert "hint: " in done.stderr
    assert seen(site) == before == OLD
    filler.unlink(missing_ok=True)
    project.publish("--to", str(site))
    assert seen(site) == NEW


# -- large files on S3 ---------------------------------------------------------------------

PART = 5 * 1024 * 1024
PARTS = [("CreateMultipartUpload", 1), ("UploadPart", 1), ("UploadPart", 2), ("UploadPart", 3), ("CompleteMultipartUpload", 1)]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[Config, Options]:
    """A built release with an archive of three parts."""
    folder = tmp_path_factory.mktemp("large")
    make_deb(folder / "dist")
    make_zip(folder / "dist/hello-1.0.0-windows-amd64.zip", {"hello.exe": pe() + os.urandom(11_000_000)})
    config = replace(catalogs.config(), input=InputConfig(paths=(str(folder / "dist"),)), publish=PublishConfig(silence=0))
    options = Options(base=folder, output=folder / "public", environ={"PATH": os.environ["PATH"], KEY_VARIABLE: secret_key()})
    build(config, options, MemoryStore())
    return config, options


@pytest.mark.parametrize("carried_out", [False, True], ids=["before it is carried out", "after it was carried out"])
@pytest.mark.parametrize(("operation", "number"), PARTS)
def test_cut_within_a_large_file(
    operation: str,
    number: int,
    carried_out: bool,
    large: tuple[Config, Options],
    s3_client: Any,
    s3_bucket: str,
    s3_server: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The connection ends with this request; nothing of the new release is to be seen, and the next publish brings all of it."""
    config, options = large

    def read(path: str) -> bytes | None:
        try:
            return s3_client.get_object(Bucket=s3_bucket, Key=path)["Body"].read()
        except s3_client.exceptions.NoSuchKey:
            return None

    with standing_before(s3_server) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        counted: list[str] = []

        def fault(request: Request, forward: Forward) -> Answer:
            counted.append(request.operation)
            ended = counted.count(operation) >= number
            answer = forward(request) if not ended or (carried_out and counted[-1] == operation and counted.count(operation) == number) else None
            if ended or answer is None:
                raise LostError
            return answer

        rule = proxy.inject(fault, times=10_000)
        store = S3Store(s3_bucket, part_size=PART, patience=Patience(attempts=1))
        with pytest.raises(RepogenError):
            publish(config, options, store)
        assert operation in counted
        assert not any(follow(read, URL).values())
        proxy.rules.remove(rule)
        publish(config, options, store)
        store.close()
    assert follow(read, URL) == {"apt": {"hello 1.0.0"}, "yum": set(), "git": set(), "nuget": {"hello 1.0.0"}}
