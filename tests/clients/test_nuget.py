"""NuGet under mono, and a client of the feed that follows only links, against a published site."""

from __future__ import annotations

import hashlib
import io
import re
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.installers import make_msi, make_nsis
from tests.support.nuget import debian_nuget, newer_nuget
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
def test_debians_nuget_installs_each_version(tmp_path: Path, feed: FeedClient) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for version in feed.versions("hello"):
        (source / f"hello.{version}.nupkg").write_bytes(_with_old_namespace(feed.download("hello", version)))
    for options, version in (((), "1.1.0"), (("-Prerelease",), "2.0.0-beta1"), (("-Version", "1.0.0"), "1.0.0")):
        out = tmp_path / version
        done = debian_nuget(tmp_path, "install", "hello", *options, "-Source", source, "-OutputDirectory", out)
        assert done.returncode == 0, done.stdout + done.stderr
        assert (out / f"hello.{version}/tools/chocolateyInstall.ps1").read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.fixture(scope="module", params=[404, 403])
def embedding(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[tuple[StaticServer, Path]]:
    """A site whose packages hold their programs, of which the newest version is withdrawn; and the folder of what was released."""
    folder = tmp_path_factory.mktemp("embedding")
    (folder / "served").mkdir()
    serving = StaticServer(folder / "served", request.param)
    project = Project(folder / "project", url=serving.url, to=str(serving.root), key=None, chocolatey={"embed": True})
    for version in ("1.9.0", "1.10.0", "1.11.0", "2.0.0-beta.2"):
        project.add(make_zip(project.folder / f"hello-{version}-windows-amd64.zip", {"hello.exe": _program(), "LICENSE": "Free."}, ("hello.exe",)))
    project.add(make_nsis(folder / "Quiet Setup 1.0.0.exe", "Quiet", "1.0.0"), make_msi(folder / "other-1.0.0-x64.msi", "Other", "1.0.0"))
    project.build("--unsigned")
    project.publish()
    project.run("yank", "hello", "1.11.0")
    yield serving, project.dist
    serving.close()


@pytest.mark.slow
def test_nuget_installs_packages_with_programs_from_the_feed(tmp_path: Path, embedding: tuple[StaticServer, Path]) -> None:
    """By the three requests of every client; the namespace is the one that we write."""
    server, released = embedding
    source = f"{server.url}/chocolatey/index.json"
    for at, (id, options, version, held) in enumerate((
        ("Hello", ("-Prerelease",), "2.0.0-beta.2", "x64/hello-2.0.0-beta.2-windows-amd64.zip"),
        ("hello", ("-Version", "1.11.0"), "1.11.0", "x64/hello-1.11.0-windows-amd64.zip"),
        ("quiet", (), "1.0.0", "x86/Quiet-Setup-1.0.0.exe"),
        ("other", (), "1.0.0", "x64/other-1.0.0-x64.msi"),
    )):  # fmt: skip
        before = len(server.requests)
        home, out = tmp_path / f"home{at}", tmp_path / f"out{at}"
        done = newer_nuget(home, "install", id, *options, "-Source", source, "-OutputDirectory", out, "-NoCache")
        assert done.returncode == 0, done.stdout + done.stderr
        (file,) = (file for file in released.iterdir() if file.name.replace(" ", "-") == held.partition("/")[2])
        assert (out / f"{id.lower()}.{version}/tools" / held).read_bytes() == file.read_bytes()
        asked = [path.removeprefix("/chocolatey") for _, path, _ in server.requests[before:]]
        assert asked == ["/index.json", f"/registration/{id.lower()}/index.json", f"/flat/{id.lower()}/{version}/{id.lower()}.{version}.nupkg"]


@pytest.mark.slow
def test_debians_nuget_unpacks_them_too(tmp_path: Path, embedding: tuple[StaticServer, Path]) -> None:
    server, released = embedding
    source = tmp_path / "source"
    source.mkdir()
    (source / "quiet.1.0.0.nupkg").write_bytes(_with_old_namespace((server.root / "chocolatey/quiet.1.0.0.nupkg").read_bytes()))
    done = debian_nuget(tmp_path, "install", "quiet", "-Source", source, "-OutputDirectory", tmp_path / "out")
    assert done.returncode == 0, done.stdout + done.stderr
    held = tmp_path / "out/quiet.1.0.0/tools/x86/Quiet-Setup-1.0.0.exe"
    assert held.read_bytes() == (released / "Quiet Setup 1.0.0.exe").read_bytes()


@pytest.mark.slow
def test_nuget_takes_403_for_an_error_and_404_for_an_answer(tmp_path: Path, embedding: tuple[StaticServer, Path]) -> None:
    """A machine asks each of its sources for each package that it has, so this is what operators are told to mind."""
    server, _ = embedding
    done = newer_nuget(tmp_path / "home", "install", "from-elsewhere", "-Source", f"{server.url}/chocolatey/index.json", "-OutputDirectory", tmp_path)
    assert done.returncode == 1
    _, _, status = server.requests[-1]
    said = {404: "Unable to find package 'from-elsewhere'", 403: "An error occurred while retrieving package metadata for 'from-elsewhere'"}
    assert said[status] in done.stdout + done.stderr


def _with_old_namespace(package: bytes) -> bytes:
    copy = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(copy, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(NEW, OLD))
    return copy.getvalue()
