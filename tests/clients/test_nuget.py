"""NuGet under mono, and a client of the feed that follows only links, against a published site."""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.clients import require
from tests.support.nuget_feed import FeedClient
from tests.support.packages import make_zip
from tests.support.server import StaticServer
from tests.support.site import Project

#: Debian's NuGet is older than this namespace, and sees no package with it.
NEW, OLD = b"http://schemas.microsoft.com/packaging/2015/06/nuspec.xsd", b"http://schemas.microsoft.com/packaging/2011/08/nuspec.xsd"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaticServer]:
    """A site with three versions of a program for Windows, published one after another from empty machines."""
    folder = tmp_path_factory.mktemp("nuget")
    (folder / "served").mkdir()
    serving = StaticServer(folder / "served")
    project = Project(
        folder / "project", url=serving.url, to=str(serving.root), key=None, product=[{"id": "hello", "description": "Says <b>hello</b> & 'more'"}]
    )
    for version in ("1.0.0", "1.1", "2.0.0-beta1"):
        project.empty()
        project.add(make_zip(folder / f"hello-{version}-windows-amd64.zip", {"hello.exe": _program()}, ("hello.exe",)))
        project.build("--unsigned")
        project.publish()
    yield serving
    serving.close()


def _program() -> bytes:
    """The beginning of a Windows program, as far as a reader looks."""
    return b"MZ" + b"\0" * 58 + b"\x80\0\0\0" + b"\0" * 64 + b"PE\0\0\x64\x86" + b"\0" * 512


@pytest.fixture(scope="module")
def feed(server: StaticServer) -> FeedClient:
    def fetch(url: str) -> bytes:
        assert url.startswith(server.url)
        with urllib.request.urlopen(url, timeout=30) as answer:
            content: bytes = answer.read()
        return content

    return FeedClient(f"{server.url}/chocolatey/index.json", fetch)


def test_every_published_version_can_be_walked_to(feed: FeedClient) -> None:
    assert [entry["version"] for entry in feed.registration("hello")] == ["1.0.0", "1.1.0", "2.0.0-beta1"]
    assert feed.versions("hello") == ["1.0.0", "1.1.0", "2.0.0-beta1"]
    (hit,) = feed.search("hello")
    assert hit["version"] == "1.1.0"
    assert feed.complete("hel") == ["hello"]


def test_a_package_fetches_what_is_published(server: StaticServer, feed: FeedClient) -> None:
    for version in feed.versions("hello"):
        content = feed.download("hello", version)
        assert content == (server.root / f"chocolatey/hello.{version}.nupkg").read_bytes()
        assert feed.nuspec("hello", version) == (server.root / f"chocolatey/hello.{version}.nuspec").read_bytes()
        script = zipfile.ZipFile(io.BytesIO(content)).read("tools/chocolateyInstall.ps1").decode("utf-8-sig")
        (url,) = re.findall(r"url64bit +\= '([^']+)'", script)
        with urllib.request.urlopen(url, timeout=30) as answer:
            assert f"checksum64     = '{hashlib.sha256(answer.read()).hexdigest()}'" in script


def test_no_request_failed(server: StaticServer, feed: FeedClient) -> None:
    feed.download("hello", "1.1.0")
    assert {status for _, _, status in server.requests} == {200}


@pytest.mark.slow
def test_nuget_installs_the_package(tmp_path: Path, feed: FeedClient) -> None:
    require("nuget")
    source = tmp_path / "source"
    source.mkdir()
    for version in feed.versions("hello"):
        (source / f"hello.{version}.nupkg").write_bytes(_with_old_namespace(feed.download("hello", version)))
    for options, version in (((), "1.1.0"), (("-Prerelease",), "2.0.0-beta1"), (("-Version", "1.0.0"), "1.0.0")):
        out = tmp_path / version
        command = ["nuget", "install", "hello", *options, "-Source", str(source), "-OutputDirectory", str(out), "-NonInteractive"]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False, env=_environment(tmp_path))
        assert done.returncode == 0, done.stdout + done.stderr
        assert (out / f"hello.{version}/tools/chocolateyInstall.ps1").read_bytes().startswith(b"\xef\xbb\xbf")


def _environment(folder: Path) -> dict[str, str]:
    """NuGet keeps a cache in the home folder."""
    return {"HOME": str(folder), "PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}


def _with_old_namespace(package: bytes) -> bytes:
    copy = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(copy, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(NEW, OLD))
    return copy.getvalue()
