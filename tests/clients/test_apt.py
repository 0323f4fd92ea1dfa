"""The real apt-get against sites that ``repogen build`` and ``repogen publish`` made."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.apt import AptRoot
from tests.support.clients import require, run
from tests.support.debs import control, raw_deb
from tests.support.packages import make_deb
from tests.support.server import StaticServer, serving
from tests.support.site import Project


@pytest.fixture(scope="module")
def debs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Packages by name and version."""
    folder = tmp_path_factory.mktemp("debs")
    return {
        "hello 1.0.0": make_deb(folder, "hello", "1.0.0"),
        "hello 1.1.0": make_deb(folder, "hello", "1.1.0"),
        "hello 1.1.0 arm64": make_deb(folder, "hello", "1.1.0", "arm64"),
        "hello 2.0.0~beta.1": make_deb(folder, "hello", "2.0.0~beta.1"),
        "greetings 1.1.0": make_deb(folder, "hello-greetings", "1.1.0", "all", extra="Depends: hello (>= 1.1)"),
        "g++tools 1:3.0-1": make_deb(folder, "g++tools", "1:3.0-1+b1", extra="Source: tools"),
    }


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, debs: dict[str, Path]) -> Path:
    """A signed site with all packages; tests that change it copy it."""
    project = Project(tmp_path_factory.mktemp("project"), url="https://dl.acme.example")
    project.release(*debs.values())
    return project.site


@pytest.fixture
def server(published: Path) -> Iterator[StaticServer]:
    with serving(published) as running:
        yield running


def sources_of(server: StaticServer, suites: str = "stable") -> str:
    """The published source file, with the address of the test's server."""
    text = (server.root / "acme.sources").read_text()
    return text.replace("https://dl.acme.example", server.url).replace("\nSuites: stable\n", f"\nSuites: {suites}\n")


def flip(path: Path) -> None:
    """Change one byte in the middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_update_and_install(server: StaticServer, tmp_path: Path) -> None:
    root = AptRoot(tmp_path, sources_of(server))
    root.update()
    assert root.versions("hello") == ["1.1.0", "1.0.0"]
    root.install("hello-greetings", "g++tools")
    assert root.installed() == {"hello": "1.1.0", "hello-greetings": "1.1.0", "g++tools": "1:3.0-1+b1"}
    assert run("sh", tmp_path / "usr/bin/hello").stdout == "hello 1.1.0\n"
    assert run("sh", tmp_path / "usr/bin/hello-greetings").stdout == "hello-greetings 1.1.0\n"


def test_old_versions_stay_installable(server: StaticServer, tmp_path: Path) -> None:
    root = AptRoot(tmp_path, sources_of(server))
    root.update()
    root.install("hello=1.0.0")
    assert root.installed() == {"hello": "1.0.0"}
    root.install("hello")
    assert root.installed() == {"hello": "1.1.0"}
    root.install("hello=1.0.0")
    assert run("sh", tmp_path / "usr/bin/hello").stdout == "hello 1.0.0\n"


def test_published_packages_are_those_that_came_in(server: StaticServer, tmp_path: Path, debs: dict[str, Path]) -> None:
    root = AptRoot(tmp_path, sources_of(server))
    root.update()
    root.download("hello", "hello-greetings")
    assert root.fetched() == {"hello_1.1.0_amd64.deb": debs["hello 1.1.0"].read_bytes(), "hello-greetings_1.1.0_all.deb": debs["greetings 1.1.0"].read_bytes()}


def test_another_architecture(server: StaticServer, tmp_path: Path, debs: dict[str, Path]) -> None:
    root = AptRoot(tmp_path, sources_of(server), "arm64")
    root.update()
    assert not [path for path in server.paths() if "binary-amd64" in path]
    assert root.versions("hello") == ["1.1.0"]
    root.download("hello", "hello-greetings")
    assert root.fetched()["hello_1.1.0_arm64.deb"] == debs["hello 1.1.0 arm64"].read_bytes()


def test_indices_are_fetched_by_their_hash(server: StaticServer, tmp_path: Path) -> None:
    root = AptRoot(tmp_path, sources_of(server))
    root.update()
    asked = server.paths(200)
    assert asked[0] == "/apt/dists/stable/InRelease"
    assert [path for path in asked if path.startswith("/apt/dists/stable/main/binary-amd64/by-hash/SHA256/")]
    assert not [path for path in asked if path.endswith(("/Packages", "/Packages.gz", "/Packages.xz"))]
    assert server.paths(404) == []
    assert "Hit:1" in root.update().stdout


def test_a_prerelease_is_taken_only_when_asked_for(server: StaticServer, tmp_path: Path) -> None:
    root = AptRoot(tmp_path, sources_of(server, "stable beta"))
    root.update()
    assert root.versions("hello") == ["2.0.0~beta.1", "1.1.0", "1.0.0"]
    root.install("hello")
    assert root.installed() == {"hello": "1.1.0"}
    root.install("hello/beta")
    assert root.installed() == {"hello": "2.0.0~beta.1"}


@pytest.fixture
def own_server(published: Path, tmp_path: Path) -> Iterator[StaticServer]:
    """A copy of the site that a test may change."""
    with serving(shutil.copytree(published, tmp_path / "site")) as running:
        yield running


def test_a_changed_package_is_refused(own_server: StaticServer, tmp_path: Path) -> None:
    (pool,) = (own_server.root / "apt/pool").rglob("hello_1.1.0_amd64.deb")
    flip(pool)
    root = AptRoot(tmp_path / "root", sources_of(own_server))
    root.update()
    done = root.install("hello", check=False)
    assert done.returncode == 100
    assert "Hash Sum mismatch" in done.stderr
    assert root.installed() == {}
    assert root.fetched() == {}


def test_a_changed_index_is_refused(own_server: StaticServer, tmp_path: Path) -> None:
    for path in (own_server.root / "apt/dists/stable/main/binary-amd64").rglob("*"):
        if path.is_file():
            flip(path)
    root = AptRoot(tmp_path / "root", sources_of(own_server))
    done = root.update(check=False)
    assert done.returncode == 100
    assert "Hash Sum mismatch" in done.stderr
    assert root.versions("hello") == []


@pytest.mark.parametrize(("changed", "said"), [("InRelease", "not signed|invalid|BADSIG|NOSPLIT|NODATA"), ("Release", "")])
def test_a_changed_release_file(own_server: StaticServer, tmp_path: Path, changed: str, said: str) -> None:
    """InRelease comes first and must be right; apt does not look at Release then."""
    path = own_server.root / "apt/dists/stable" / changed
    path.write_bytes(path.read_bytes().replace(b"Suite: stable", b"Suite: Stable"))
    root = AptRoot(tmp_path / "root", sources_of(own_server))
    done = root.update(check=not said)
    assert done.returncode == (100 if said else 0)
    assert not said or any(word in done.stderr for word in said.split("|")), done.stderr


def test_release_with_its_own_signature(own_server: StaticServer, tmp_path: Path) -> None:
    """What a client that knows no InRelease reads."""
    (own_server.root / "apt/dists/stable/InRelease").unlink()
    root = AptRoot(tmp_path / "root", sources_of(own_server))
    root.apt("apt-get", "update", "-o", "APT::Update::Error-Mode=any")
    assert root.versions("hello") == ["1.1.0", "1.0.0"]
    assert "/apt/dists/stable/Release.gpg" in own_server.paths(200)


def test_another_key_is_refused(own_server: StaticServer, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, debs: dict[str, Path]) -> None:
    other = Project(tmp_path_factory.mktemp("other"), key="rsa3072")
    other.release(debs["hello 1.0.0"])
    theirs = (other.site / "acme.sources").read_text().replace("https://dl.acme.example", own_server.url)
    root = AptRoot(tmp_path / "root", theirs)
    done = root.update(check=False)
    assert done.returncode == 100
    assert "NO_PUBKEY" in done.stderr
    assert root.versions("hello") == []


def test_an_rsa_key(tmp_path: Path, debs: dict[str, Path]) -> None:
    project = Project(tmp_path / "project", key="rsa4096")
    project.release(debs["hello 1.0.0"])
    with serving(project.site) as server:
        root = AptRoot(tmp_path / "root", sources_of(server))
        root.update()
        root.install("hello")
    assert root.installed() == {"hello": "1.0.0"}


def test_an_unsigned_preview(tmp_path: Path, debs: dict[str, Path]) -> None:
    project = Project(tmp_path / "project", key=None)
    project.add(debs["hello 1.0.0"])
    project.build("--unsigned")
    with serving(project.output) as server:
        root = AptRoot(tmp_path / "root", sources_of(server))
        root.apt("apt-get", "update")
        root.install("hello")
    assert root.installed() == {"hello": "1.0.0"}


def test_a_release_from_an_empty_machine(tmp_path: Path, debs: dict[str, Path]) -> None:
    """A user of 1.0.0 gets 1.1.0, and 1.0.0 is there for others, byte for byte."""
    project = Project(tmp_path / "project")
    project.release(debs["hello 1.0.0"])
    with serving(project.site) as server:
        user = AptRoot(tmp_path / "user", sources_of(server))
        user.update()
        user.install("hello")
        project.empty()
        project.release(debs["hello 1.1.0"])
        assert not list(project.output.rglob("hello_1.0.0_amd64.deb"))
        seconds_later(project.site / "apt/dists")
        user.update()
        user.apt("apt-get", "--yes", "upgrade")
        assert user.installed() == {"hello": "1.1.0"}
        other = AptRoot(tmp_path / "other", sources_of(server))
        other.update()
        other.download("hello=1.0.0")
        assert other.fetched() == {"hello_1.0.0_amd64.deb": debs["hello 1.0.0"].read_bytes()}


def manifest(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_bad_package_leaves_the_site_as_it_is(tmp_path: Path, debs: dict[str, Path]) -> None:
    project = Project(tmp_path / "project")
    project.release(debs["hello 1.0.0"])
    published, built = manifest(project.site), manifest(project.output)
    good, bad = debs["hello 1.1.0"].read_bytes(), project.dist / "bad_1.1.0_amd64.deb"
    faults = {
        "is cut off": good[:-100],
        "is empty": b"",
        "zip": b"PK\x03\x04" + bytes(200),
        "in its Depends field": raw_deb(control("Depends: libc6 >= 2")),
        "blank line": raw_deb(control(Description="x\n y\n \nPackage: openssl")),
        "has the Version": raw_deb(control(Version="../../1")),
    }
    for said, content in faults.items():
        bad.write_bytes(content)
        done = project.build(code=1)
        assert said in done.stderr
        assert "bad_1.1.0_amd64.deb" in done.stderr
        assert (manifest(project.site), manifest(project.output)) == (published, built), said


def test_text_of_a_package_stays_text(tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    nasty = "<script>alert(1)</script> $(id) `id` ${x} {{ y }} #{z} 'q' \"d\" \\ caf\u00e9"
    project.release(make_deb(tmp_path, "hello", description=f"{nasty}\n {nasty}", extra="Homepage: javascript:alert(1)\nVendor: {% raise %}"))
    with serving(project.site) as server:
        root = AptRoot(tmp_path / "root", sources_of(server))
        root.update()
        shown = root.apt("apt-cache", "show", "hello").stdout
    assert f"Description: {nasty}\n {nasty}\n" in shown
    assert "\nVendor: {% raise %}\n" in shown


def seconds_later(folder: Path) -> None:
    """Let files be some seconds newer, as they are between two releases: HTTP counts in whole seconds."""
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, (time.time() + 5, path.stat().st_mtime + 5))


ORACLES: dict[str, Callable[[Path], list[str]]] = {
    "gpgv of InRelease": lambda suite: [str(suite / "InRelease")],
    "gpgv of Release.gpg": lambda suite: [str(suite / "Release.gpg"), str(suite / "Release")],
}


@pytest.mark.parametrize("oracle", ORACLES)
def test_signatures_by_gpgv(published: Path, oracle: str) -> None:
    require("gpgv")
    for suite in (published / "apt/dists").iterdir():
        run("gpgv", "--keyring", published / "keys/acme.gpg", *ORACLES[oracle](suite))


def test_inrelease_is_the_release_file(published: Path) -> None:
    for suite in (published / "apt/dists").iterdir():
        plain = subprocess.run(["gpgv", "--output", "-", "--keyring", published / "keys/acme.gpg", suite / "InRelease"], capture_output=True, check=True).stdout
        assert plain.rstrip(b"\n") == (suite / "Release").read_bytes().rstrip(b"\n")
        assert (suite / "InRelease").read_bytes().endswith(b"-----END PGP SIGNATURE-----\n")


@pytest.mark.parametrize(
    ("field", "remarked"),
    [
        ("Provides: greeter (>= 1)", True),
        ("Provides: greeter (= 1), other:any (= 2), more", False),
        ("Multi-Arch: Foreign", True),
        ("Multi-Arch: foreign", False),
        ("Phased-Update-Percentage: 200", True),
        ("Phased-Update-Percentage: 10", False),
    ],
)
def test_what_apt_remarks_on_is_told_at_the_build(field: str, *, remarked: bool, tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    deb = tmp_path / "hello_1.0_amd64.deb"
    deb.write_bytes(raw_deb(control(field)))
    project.add(deb)
    told = project.build().stderr
    project.publish()
    with serving(project.site) as server:
        root = AptRoot(tmp_path / "root", (project.site / "acme.sources").read_text().replace("https://dl.acme.example", server.url))
        said = root.apt("apt-get", "update").stderr + root.apt("apt-cache", "gencaches").stderr
    assert ("W: " in said) == remarked, said
    name, _, value = field.partition(": ")
    assert (f"hello_1.0_amd64.deb has {value!r} in its {name} field, of which apt warns every user" in told) == remarked, told
