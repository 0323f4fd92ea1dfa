"""The tools that people mirror with, against a published site: aptly, debmirror, reprepro and dnf reposync find everything and have nothing to remark."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.clients import require, run
from tests.support.debian import package
from tests.support.dnf import ALONE, Dnf
from tests.support.packages import make_deb, make_rpm
from tests.support.server import StaticServer, serving
from tests.support.site import Project
from tests.support.sources import make_source

pytestmark = pytest.mark.slow

URL = "https://dl.acme.example"
#: The only thing that debmirror may say: it would fetch a mirror's trace files by rsync.
NO_RSYNC = "Warning: --rsync-extra is not configured to mirror the trace files.\n         This configuration is not recommended.\n"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with every index that there is, and with names that mirrors stumble over."""
    folder = tmp_path_factory.mktemp("packages")
    project = Project(tmp_path_factory.mktemp("project"), apt={"contents": True, "translations": True, "hashes": ["sha256", "sha512"]})
    debs = (
        make_deb(folder, "hello", "1.0.0-1"),
        make_deb(folder, "hello", "1.1.0-1"),
        make_deb(folder, "hello", "1.1.0-1", "arm64"),
        make_deb(folder, "hello-greetings", "1.1.0", "all"),
        make_deb(folder, "g++tools", "1:3.0-1+b1", extra="Source: tools"),
        make_deb(folder, "lib", "1.0"),
        *make_source(folder, version="1.1.0-1"),
    )
    rpms = (make_rpm(folder, "hello", "1.1.0", preamble=ALONE), make_rpm(folder, "g++tools", "3.0+git5", architecture="noarch", preamble=ALONE))
    project.release(*debs, *rpms)
    return project.site


@pytest.fixture
def server(site: Path) -> Iterator[StaticServer]:
    with serving(site) as running:
        yield running


def files(folder: Path) -> dict[str, bytes]:
    """Content by path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(server: StaticServer) -> list[str]:
    """What a client asked for and did not get."""
    return [path for path in server.paths() if path not in server.paths(200)]


def debmirror(server: StaticServer, folder: Path) -> subprocess.CompletedProcess[str]:
    require("debmirror", "gpgv")
    host = server.url.removeprefix("http://")
    return run(
        "debmirror", "--method=http", f"--host={host}", "--root=apt", "--dist=stable", "--section=main", "--arch=amd64,arm64", "--source",
        "--i18n", "--getcontents", "--diff=none", "--rsync-extra=none", "--checksums", "--check-gpg", f"--keyring={server.root}/keys/acme.gpg",
        folder / "mirror", env={"HOME": str(folder)}, check=False,
    )  # fmt: skip


def test_debmirror(server: StaticServer, tmp_path: Path) -> None:
    done = debmirror(server, tmp_path)
    assert (done.returncode, done.stderr) == (0, NO_RSYNC), done.stdout
    assert files(tmp_path / "mirror/pool") == files(server.root / "apt/pool")
    ours, theirs = files(server.root / "apt/dists/stable"), files(tmp_path / "mirror/dists/stable")
    assert theirs.items() <= ours.items()
    assert {"InRelease", "Release.gpg", "main/Contents-amd64.gz", "main/i18n/Translation-en.xz", "main/source/Sources.xz"} < theirs.keys()
    assert refused(server) == []


def test_debmirror_of_the_mirror_finds_nothing_new(server: StaticServer, tmp_path: Path) -> None:
    debmirror(server, tmp_path)
    before = files(tmp_path / "mirror/dists")
    server.requests.clear()
    done = debmirror(server, tmp_path)
    assert (done.returncode, done.stderr) == (0, NO_RSYNC), done.stdout
    assert not [path for path in server.paths() if "/pool/" in path]
    assert files(tmp_path / "mirror/dists") == before


def test_aptly(server: StaticServer, tmp_path: Path) -> None:
    require("aptly", "gpg")
    (tmp_path / "aptly.conf").write_text(json.dumps({"rootDir": str(tmp_path / "aptly"), "gpgProvider": "gpg2"}))

    def aptly(*arguments: str) -> str:
        return run("aptly", f"-config={tmp_path}/aptly.conf", *arguments, env={"HOME": str(tmp_path)}).stdout

    keyring = f"-keyring={server.root}/keys/acme.gpg"
    aptly("mirror", "create", keyring, "-with-sources", "acme", f"{server.url}/apt/", "stable")
    aptly("mirror", "update", keyring, "acme")
    listed = aptly("mirror", "show", "-with-packages", "acme").partition("Packages:\n")[2].split()
    assert sorted(listed) == [
        "g++tools_1:3.0-1+b1_amd64", "hello-greetings_1.1.0_all", "hello_1.0.0-1_amd64",
        "hello_1.1.0-1_amd64", "hello_1.1.0-1_arm64", "hello_1.1.0-1_source", "lib_1.0_amd64",
    ]  # fmt: skip
    assert sorted(files(tmp_path / "aptly/pool").values()) == sorted(files(server.root / "apt/pool").values())
    assert refused(server) == []


def test_reprepro(server: StaticServer, tmp_path: Path) -> None:
    """And ``checkpool``, which compares every file with what its index says."""
    require("reprepro", "gpg")
    home, base = tmp_path / "gnupg", tmp_path / "reprepro"
    home.mkdir(mode=0o700)
    (base / "conf").mkdir(parents=True)
    environment = {"GNUPGHOME": str(home)}
    run("gpg", "--batch", "--quiet", "--import", server.root / "keys/acme.asc", env=environment)
    (key,) = (line.split(":")[4] for line in run("gpg", "--with-colons", "--list-keys", env=environment).stdout.splitlines() if line.startswith("pub:"))
    everything = "Architectures: amd64 arm64 source\nComponents: main\n"
    (base / "conf/distributions").write_text(f"Codename: stable\nUpdate: acme\n{everything}")
    (base / "conf/updates").write_text(f"Name: acme\nMethod: {server.url}/apt\nSuite: stable\nGetInRelease: yes\nVerifyRelease: {key}\n{everything}")

    def reprepro(*arguments: str) -> list[str]:
        done = run("reprepro", "--basedir", base, *arguments, env=environment)
        assert {line for line in done.stderr.splitlines() if "strange filekey" not in line} <= {""}, done.stderr  # of a package called lib
        return done.stdout.splitlines()

    reprepro("update")
    assert [reprepro(command) for command in ("check", "checkpool", "dumpunreferenced")] == [[], [], []]
    assert reprepro("list", "stable", "lib") == ["stable|main|amd64: lib 1.0"]
    assert "stable|main|source: hello 1.1.0-1" in reprepro("list", "stable", "hello")
    assert {path.name for path in (server.root / "apt/pool").rglob("*.deb")} - {path.name for path in (base / "pool").rglob("*")} <= {"hello_1.0.0-1_amd64.deb"}
    assert refused(server) == []


def test_reposync(server: StaticServer, tmp_path: Path) -> None:
    run("dpkg-deb", "--extract", package("dnf-plugins-core"), tmp_path / "plugins")  # it cannot be installed beside zypper
    modules = tmp_path / "plugins/usr/lib/python3/dist-packages"
    dnf = Dnf(tmp_path / "dnf", server)
    dnf.environment["PYTHONPATH"] = str(modules)
    repo = dnf.folder / "repos/acme.repo"
    repo.write_text(repo.read_text().replace(URL, server.url))
    run("rpmkeys", "--root", dnf.root, "--import", server.root / "keys/acme.asc", env=dnf.environment)
    plugins = ("--setopt", "plugins=1", "--setopt", f"pluginpath={modules}/dnf-plugins")
    dnf(*plugins, "reposync", "--repoid", "acme", "--download-metadata", "--gpgcheck", "--download-path", str(tmp_path / "mirror"))
    ours, theirs = files(server.root / "yum/stable"), files(tmp_path / "mirror/acme")
    assert theirs.items() <= ours.items()
    assert ours.keys() - theirs.keys() == {"repodata/repomd.xml.key", "media.1/media"}  # which only zypper asks for
    assert refused(server) == []
