"""The real zypper, with a root of its own, against a site that the two commands made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.packages import make_rpm
from tests.support.server import StaticServer, serving
from tests.support.site import Project
from tests.support.zypper import Zypper

#: What zypper asks for and does not need.
OPTIONAL = {"/yum/stable/repodata/repomd.xml.license"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[StaticServer]:
    folder = tmp_path / "project"
    with serving(folder / "site") as server:
        packages = tmp_path / "packages"
        plain = make_rpm(packages, "hello", "1.0.0", preamble="AutoReq: no")
        plus = make_rpm(packages, "hello-extra", "1.0+git5", architecture="noarch", preamble="AutoReq: no\nRequires: hello >= 1.0.0")
        Project(folder, url=server.url).release(plain, plus)
        yield server


def test_refresh_search_and_install(server: StaticServer, tmp_path: Path) -> None:
    zypper = Zypper(tmp_path / "root", server)

    zypper("--gpg-auto-import-keys", "refresh")
    assert "hello-extra" in zypper("search", "hello").stdout
    zypper("install", "hello-extra")

    assert zypper.installed() == ["hello-1.0.0", "hello-extra-1.0+git5"]
    assert (zypper.root / "usr/bin/hello").is_file()
    assert "/yum/stable/repodata/repomd.xml.key" in server.paths(200)
    assert not [path for path in server.paths() if "+" in path], "S3 reads a raw + as a space"
    assert set(server.paths(404)) <= OPTIONAL


def test_packages_are_checked_when_the_user_asks_for_it(server: StaticServer, tmp_path: Path) -> None:
    zypper = Zypper(tmp_path / "root", server)
    zypper("modifyrepo", "--gpgcheck-strict", "acme")
    zypper("--gpg-auto-import-keys", "refresh")
    zypper("--gpg-auto-import-keys", "install", "hello")
    assert zypper.installed() == ["hello-1.0.0"]


def test_an_unknown_key_is_refused(server: StaticServer, tmp_path: Path) -> None:
    zypper = Zypper(tmp_path / "root", server)
    assert zypper("refresh", check=False).returncode != 0


def test_a_changed_repomd_is_refused(server: StaticServer, tmp_path: Path) -> None:
    repomd = server.root / "yum/stable/repodata/repomd.xml"
    repomd.write_text(repomd.read_text().replace("<revision>", "<revision>1"))
    zypper = Zypper(tmp_path / "root", server)
    assert zypper("--gpg-auto-import-keys", "refresh", check=False).returncode != 0
    assert zypper("install", "hello", check=False).returncode != 0
    assert zypper.installed() == []


def test_a_changed_package_is_refused(server: StaticServer, tmp_path: Path) -> None:
    path = next(server.root.rglob("hello-1.0.0-*.rpm"))
    data = bytearray(path.read_bytes())
    data[-30] ^= 1
    path.write_bytes(data)
    zypper = Zypper(tmp_path / "root", server)
    zypper("--gpg-auto-import-keys", "refresh")
    assert zypper("install", "hello", check=False).returncode != 0
    assert zypper.installed() == []


def test_a_bucket_that_answers_403_for_what_is_not_there(tmp_path: Path) -> None:
    project = tmp_path / "project"
    with serving(project / "site", missing=403) as server:
        site = Project(project, url=server.url)
        for version in ("1.0.0", "1.1.0"):
            site.release(make_rpm(tmp_path / "packages", "hello", version, preamble="AutoReq: no"))
            if version == "1.0.0":
                zypper = Zypper(tmp_path / "root", server)
            zypper("--gpg-auto-import-keys", "refresh")
            zypper("install", "hello")
            assert zypper.installed() == [f"hello-{version}"]
            zypper("refresh", "--force")
