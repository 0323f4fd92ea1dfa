"""The requests of choco, nuget and dotnet, replayed against a published site on a plain static host that knows no query and no capitals."""

from __future__ import annotations

import hashlib
import io
import urllib.request
import zipfile
from collections.abc import Iterator
from urllib.error import HTTPError

import pytest

from tests.support.nuget_clients import Client
from tests.support.packages import make_zip
from tests.support.programs import pe
from tests.support.server import StaticServer
from tests.support.site import Project

MANY = 32
REGISTRATION, FLAT = "/chocolatey/registration", "/chocolatey/flat"


@pytest.fixture(scope="module", params=[404, 403])
def server(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[StaticServer]:
    """Hello in five versions, of which one is withdrawn and one was, and many more packages; a missing file is answered with 404 or 403."""
    folder = tmp_path_factory.mktemp("feed")
    (folder / "served").mkdir()
    serving = StaticServer(folder / "served", request.param)
    project = Project(folder / "project", url=serving.url, to=str(serving.root), key=None)
    zips = [("hello", version) for version in ("1.0", "1.9.0", "1.10.0", "1.11.0", "2.0.0-Beta.2")] + [(f"tool{at}", "1.0.0") for at in range(MANY)]
    for name, version in zips:
        project.add(make_zip(folder / f"{name}-{version}-windows-amd64.zip", {f"{name}.exe": pe("amd64")}, (f"{name}.exe",)))
    project.build("--unsigned")
    project.publish()
    project.run("yank", "hello", "1.11.0", "--reason", "it greets nobody")
    project.run("yank", "hello", "1.9.0")
    project.run("yank", "--undo", "hello", "1.9.0")
    yield serving
    serving.close()


class Session:
    """A run of a client, and the paths that it asked for."""

    def __init__(self, server: StaticServer, name: str = "choco") -> None:
        self._server = server
        self._before = len(server.requests)
        self.client = Client(f"{server.url}/chocolatey/index.json", self._get, name)

    def _get(self, url: str) -> bytes | None:
        assert url.startswith(self._server.url)
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:
                content: bytes = answer.read()
                return content
        except HTTPError as error:
            with error:
                return None if error.code == self._server.missing else pytest.fail(f"{url}: {error.code}")

    @property
    def asked(self) -> list[str]:
        requests = self._server.requests[self._before :]
        assert {method for method, _, _ in requests} == {"GET"}
        return [path.removeprefix("/chocolatey") for _, path, _ in requests]


def digest(server: StaticServer, version: str) -> str:
    """SHA-256 of a package of hello, as the lists of checksums tell it; the one that is withdrawn stands in none any more."""
    package = server.root / f"chocolatey/hello.{version}.nupkg"
    if version != "1.11.0":
        folder = next(folder for folder in (server.root / "downloads/hello").iterdir() if folder.name.lower() in {version, version.removesuffix(".0")})
        lines = (folder / "SHA256SUMS").read_text(encoding="ascii").splitlines()
        return next(line.split()[0] for line in lines if line.endswith(package.name))
    return hashlib.sha256(package.read_bytes()).hexdigest()


@pytest.mark.parametrize("name", ["choco", "nuget"])
@pytest.mark.parametrize(
    ("version", "pre", "expected"),
    [("", False, "1.10.0"), ("", True, "2.0.0-beta.2"), ("1.0.0", False, "1.0.0"), ("1.9.0", False, "1.9.0"), ("2.0.0-BETA.2", False, "2.0.0-beta.2")],
)
def test_install_is_three_requests(server: StaticServer, name: str, version: str, pre: bool, expected: str) -> None:
    session = Session(server, name)
    installed = session.client.install("Hello", version, pre=pre)
    assert installed
    assert installed[0] == expected
    assert hashlib.sha256(installed[1]).hexdigest() == digest(server, expected)
    assert zipfile.ZipFile(io.BytesIO(installed[1])).testzip() is None
    assert session.asked == ["/index.json", "/registration/hello/index.json", f"/flat/hello/{expected}/hello.{expected}.nupkg"]


def test_a_withdrawn_version_is_installed_by_its_number_alone(server: StaticServer) -> None:
    session = Session(server)
    entries = {entry["version"]: entry["listed"] for entry in session.client.versions("hello")}
    assert entries == {"1.0.0": True, "1.9.0": True, "1.10.0": True, "1.11.0": False, "2.0.0-beta.2": True}
    installed = session.client.install("hello", "1.11.0")
    assert installed
    assert hashlib.sha256(installed[1]).hexdigest() == digest(server, "1.11.0")
    assert "1.11.0" not in session.client.search_exact("hello")


def test_outdated_and_info_ask_the_registration_alone(server: StaticServer) -> None:
    """``choco outdated`` does so for every package on the machine, most of which come from elsewhere."""
    session = Session(server)
    newest = session.client.newest("hello")
    assert newest
    assert newest["version"] == "1.10.0"
    assert session.client.newest("from-elsewhere") is None
    assert session.asked == ["/index.json", "/registration/hello/index.json", "/registration/from-elsewhere/index.json"]
    assert {"id", "version", "title", "authors", "description", "projectUrl", "tags", "published", "packageContent", "dependencyGroups"} <= set(newest)


def test_dotnet_asks_the_flat_container_for_versions(server: StaticServer) -> None:
    session = Session(server, "dotnet")
    assert session.client.flat_versions("Hello") == ["1.0.0", "1.9.0", "1.10.0", "1.11.0", "2.0.0-beta.2"]
    content = session.client.restore("Hello", "1.10.0")
    assert hashlib.sha256(content).hexdigest() == digest(server, "1.10.0")
    assert session.asked == ["/index.json", "/flat/hello/index.json", "/flat/hello/index.json", "/flat/hello/1.10.0/hello.1.10.0.nupkg"]


def test_search_exact_asks_the_registration(server: StaticServer) -> None:
    session = Session(server)
    assert session.client.search_exact("Hello") == ["1.0.0", "1.9.0", "1.10.0", "2.0.0-beta.2"]
    assert session.asked == ["/index.json", "/registration/hello/index.json"]


def test_a_search_finds_each_package_once_though_every_page_is_the_whole(server: StaticServer) -> None:
    """A static host answers each page with all packages. choco drops what it has seen, and gives up after a thousand."""
    session = Session(server)
    found = session.client.search("tool")
    assert sorted(found) == sorted(["hello", *(f"tool{at}" for at in range(MANY))])
    assert [path.partition("?")[0] for path in session.asked] == ["/index.json", *["/search.json"] * 34]


def test_completion_is_one_request(server: StaticServer) -> None:
    session = Session(server)
    assert "tool7" in session.client.complete("tool")
    assert [path.partition("?")[0] for path in session.asked] == ["/index.json", "/autocomplete.json"]
