"""The real dnf, with a root of its own, against a site that the two commands made: everything that is signed is checked."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.clients import require, run
from tests.support.dnf import ALONE, Dnf
from tests.support.packages import make_rpm
from tests.support.server import StaticServer, serving
from tests.support.site import Project

both_keys = pytest.mark.parametrize("site", ["ed25519", "rsa4096"], indirect=True)


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("packages")
    return [
        make_rpm(folder, "hello", "1.0.0", preamble=ALONE),
        make_rpm(folder, "hello", "2.0.0~beta.3", preamble=ALONE),
        make_rpm(folder, "hello-extra", "1.0+git5", architecture="noarch", preamble=f"{ALONE}\nRequires: hello >= 1.0.0\nSuggests: nothing"),
    ]


@pytest.fixture(scope="module")
def site(packages: list[Path], tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A published site, signed by an Ed25519 key unless the test asks for another."""
    folder = tmp_path_factory.mktemp("site")
    Project(folder, url="http://site.invalid", key=getattr(request, "param", "ed25519")).release(*packages)
    return folder / "site"


@pytest.fixture
def server(site: Path, tmp_path: Path) -> Iterator[StaticServer]:
    """The site on a port of its own; the address in its .repo file is set to it, since it could not be known before."""
    copy = tmp_path / "site"
    shutil.copytree(site, copy)
    with serving(copy) as server:
        text = (copy / "acme.repo").read_text()
        assert "http://site.invalid/yum/stable\n" in text
        (copy / "acme.repo").write_text(text.replace("http://site.invalid", server.url))
        yield server


@pytest.fixture
def dnf(server: StaticServer, tmp_path: Path) -> Dnf:
    return Dnf(tmp_path / "dnf", server)


@both_keys
def test_makecache_query_and_install(dnf: Dnf, server: StaticServer) -> None:
    said = dnf("makecache")
    assert "Unknown configuration" not in said.stdout + said.stderr
    assert dnf.repoquery() == ["hello-0:1.0.0-1.x86_64", "hello-extra-0:1.0+git5-1.noarch"]
    assert dnf.repoquery("--whatprovides", "/usr/bin/hello") == ["hello-0:1.0.0-1.x86_64"]

    dnf("install", "hello-extra")

    assert dnf.installed() == ["hello-1.0.0", "hello-extra-1.0+git5"]
    assert (dnf.root / "usr/bin/hello").is_file()
    assert "/yum/stable/repodata/repomd.xml.asc" in server.paths(200)
    assert not [path for path in server.paths() if path not in server.paths(200)], "dnf asked for nothing that is not there"


def test_the_beta_channel_is_there_when_asked_for(dnf: Dnf) -> None:
    dnf("--enablerepo", "acme-beta", "install", "hello")
    assert dnf.installed() == ["hello-2.0.0~beta.3"]


@both_keys
def test_rpm_checks_the_published_packages(dnf: Dnf, server: StaticServer) -> None:
    dnf("install", "hello-extra")  # which brings the key into the root's database
    for path in (server.root / "yum").rglob("*.rpm"):
        said = run("rpmkeys", "--root", dnf.root, "--define", "_pkgverify_level all", "-Kv", path, env=dnf.environment).stdout
        assert "Signature, key ID" in said
        assert "NOKEY" not in said


def damage(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-30] ^= 1
    status = path.stat()
    path.write_bytes(data)
    os.utime(path, (status.st_atime, status.st_mtime))


def test_a_changed_repomd_is_refused(dnf: Dnf, server: StaticServer) -> None:
    repomd = server.root / "yum/stable/repodata/repomd.xml"
    repomd.write_text(repomd.read_text().replace("<revision>", "<revision>1"))
    said = dnf("makecache", check=False)
    assert said.returncode != 0
    assert "Bad GPG signature" in said.stderr


def test_a_missing_signature_is_refused(dnf: Dnf, server: StaticServer) -> None:
    (server.root / "yum/stable/repodata/repomd.xml.asc").unlink()
    assert dnf("makecache", check=False).returncode != 0


@pytest.mark.parametrize("index", ["primary", "filelists"])
def test_a_changed_index_is_refused(dnf: Dnf, server: StaticServer, index: str) -> None:
    (path,) = (server.root / "yum/stable/repodata").glob(f"*-{index}.xml.gz")
    damage(path)
    said = dnf("install", "hello", check=False)
    assert said.returncode != 0
    assert dnf.installed() == []


def test_a_changed_package_is_refused(dnf: Dnf, server: StaticServer) -> None:
    damage(next((server.root / "yum/stable").rglob("hello-1.0.0-*.rpm")))
    assert dnf("install", "hello", check=False).returncode != 0
    assert dnf.installed() == []


def test_a_package_by_another_key_is_refused(dnf: Dnf, server: StaticServer, packages: list[Path]) -> None:
    """Unsigned bytes behind metadata that is right in all else: gpgcheck alone stands in the way."""
    require("createrepo_c")
    base = server.root / "yum/stable"
    shutil.copy(packages[0], next(base.rglob("hello-1.0.0-*.rpm")))
    run("createrepo_c", "--quiet", "--general-compress-type=gz", base)
    said = dnf("--setopt", "acme.repo_gpgcheck=0", "install", "hello", check=False)
    assert said.returncode != 0
    assert "is not signed" in said.stdout + said.stderr
    assert dnf.installed() == []
