"""A site that two keys sign, and the real clients of people who trust only one of them, or both."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.test_dnf import ALONE, Dnf
from tests.clients.test_zypper import Zypper
from tests.support.apt import AptRoot
from tests.support.clients import require, run
from tests.support.keys import fingerprint, public_key, secret_key
from tests.support.packages import make_deb, make_rpm
from tests.support.server import StaticServer, serving
from tests.support.site import Project

OLD, NEW = secret_key("rsa3072"), secret_key("ed25519")
each_key = pytest.mark.parametrize("known", [OLD, NEW], ids=["only the old one", "only the new one"])


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Published by the old key alone, then by both with a second release."""
    require("gpg", "rpmbuild", "dpkg-deb")
    packages = tmp_path_factory.mktemp("packages")
    project = Project(tmp_path_factory.mktemp("project"), url="http://site.invalid")
    project.environment["REPOGEN_SIGNING_KEY"] = OLD
    project.release(make_deb(packages, "hello", "1.0.0"), make_rpm(packages, "hello", "1.0.0", preamble=ALONE))
    project.environment["REPOGEN_SIGNING_KEY"] = OLD + NEW
    project.release(make_deb(packages, "hello", "1.1.0"), make_rpm(packages, "hello", "1.1.0", preamble=ALONE))
    return project.site


@pytest.fixture
def server(published: Path, tmp_path: Path) -> Iterator[StaticServer]:
    copy = tmp_path / "site"
    shutil.copytree(published, copy)
    with serving(copy) as server:
        for name in ("acme.repo", "acme.sources"):
            (copy / name).write_text((copy / name).read_text().replace("http://site.invalid", server.url))
        yield server


def test_every_published_key_file_holds_both(published: Path) -> None:
    both = public_key(OLD) + public_key(NEW)
    assert (published / "keys/acme.gpg").read_bytes() == both
    armored = (published / "keys/acme.asc").read_text()
    for path in (published / "yum/stable/repodata/repomd.xml.key", published / "keys/acme.asc"):
        assert path.read_text() == armored
        assert path.read_text().count("BEGIN PGP PUBLIC KEY BLOCK") == 2
    assert (published / "acme.sources").read_text().count("BEGIN PGP PUBLIC KEY BLOCK") == 2


# -- apt -----------------------------------------------------------------------------------


@each_key
@pytest.mark.parametrize("without", ["", "InRelease"], ids=["InRelease", "Release.gpg"])
def test_apt_with_one_key(known: str, without: str, server: StaticServer, tmp_path: Path) -> None:
    if without:
        (server.root / "apt/dists/stable" / without).unlink()
    keyring = tmp_path / "known.asc"
    keyring.write_bytes(public_key(known, "--armor"))
    root = AptRoot(tmp_path / "root", f"Types: deb\nURIs: {server.url}/apt/\nSuites: stable\nComponents: main\nSigned-By: {keyring}\n")
    root.update()
    assert root.versions("hello") == ["1.1.0", "1.0.0"]


def test_apt_with_the_published_source(server: StaticServer, tmp_path: Path) -> None:
    root = AptRoot(tmp_path, (server.root / "acme.sources").read_text())
    root.update()
    root.install("hello")
    assert root.installed() == {"hello": "1.1.0"}


def test_apt_refuses_a_stranger(server: StaticServer, tmp_path: Path) -> None:
    keyring = tmp_path / "stranger.asc"
    keyring.write_bytes(public_key(secret_key("rsa2048"), "--armor"))
    root = AptRoot(tmp_path / "root", f"Types: deb\nURIs: {server.url}/apt/\nSuites: stable\nComponents: main\nSigned-By: {keyring}\n")
    assert root.update(check=False).returncode != 0


# -- gpgv and rpm --------------------------------------------------------------------------


@each_key
def test_gpgv_with_one_key(known: str, published: Path, tmp_path: Path) -> None:
    (tmp_path / "known.gpg").write_bytes(public_key(known))
    sums = next(published.glob("downloads/hello/1.1.0/SHA256SUMS"))
    suite, repodata = published / "apt/dists/stable", published / "yum/stable/repodata"
    signed = ((suite / "InRelease",), (suite / "Release.gpg", suite / "Release"), (repodata / "repomd.xml.asc", repodata / "repomd.xml"), (f"{sums}.asc", sums))
    for files in signed:
        said = run("gpgv", "--status-fd", "1", "--keyring", tmp_path / "known.gpg", *files, check=False).stdout
        assert f"VALIDSIG {fingerprint(known)}" in said
        assert said.count("ERRSIG") == 1


def test_rpms_bear_the_first_key(published: Path, tmp_path: Path) -> None:
    (tmp_path / "old.asc").write_bytes(public_key(OLD, "--armor"))
    environment = {"HOME": str(tmp_path)}
    run("rpmkeys", "--root", tmp_path, "--import", tmp_path / "old.asc", env=environment)
    packages = list((published / "yum").rglob("*.rpm"))
    assert len(packages) == 2
    for package in packages:
        assert "NOKEY" not in run("rpmkeys", "--root", tmp_path, "--define", "_pkgverify_level all", "-Kv", package, env=environment).stdout


# -- dnf and zypper ------------------------------------------------------------------------


@each_key
def test_dnf_with_one_key_for_the_metadata(known: str, server: StaticServer, tmp_path: Path) -> None:
    (server.root / "keys/acme.asc").write_bytes(public_key(known, "--armor"))
    dnf = Dnf(tmp_path / "dnf", server)
    dnf("makecache")
    assert dnf.repoquery() == ["hello-0:1.0.0-1.x86_64", "hello-0:1.1.0-1.x86_64"]


def test_dnf_with_the_published_keys(server: StaticServer, tmp_path: Path) -> None:
    dnf = Dnf(tmp_path / "dnf", server)
    dnf("install", "hello")
    assert dnf.installed() == ["hello-1.1.0"]


def test_dnf_refuses_a_stranger(server: StaticServer, tmp_path: Path) -> None:
    (server.root / "keys/acme.asc").write_bytes(public_key(secret_key("rsa2048"), "--armor"))
    assert Dnf(tmp_path / "dnf", server)("makecache", check=False).returncode != 0


def test_zypper_with_the_published_keys(server: StaticServer, tmp_path: Path) -> None:
    zypper = Zypper(tmp_path / "root", server)
    zypper("modifyrepo", "--gpgcheck-strict", "acme")
    zypper("--gpg-auto-import-keys", "refresh")
    zypper("--gpg-auto-import-keys", "install", "hello")
    assert zypper.installed() == ["hello-1.1.0"]


@pytest.mark.parametrize(("known", "asks"), [(OLD, False), (NEW, True)], ids=["only the old one", "only the new one"])
def test_zypper_with_one_key(known: str, asks: bool, server: StaticServer, tmp_path: Path) -> None:
    """zypper looks at the first signature alone, so the key that users have comes first; to others it offers that key, with its question."""
    zypper = Zypper(tmp_path / "root", server)
    (tmp_path / "known.asc").write_bytes(public_key(known, "--armor"))
    run("rpmkeys", "--root", zypper.root, "--import", tmp_path / "known.asc")
    done = zypper("refresh", check=False)
    assert ("Do you want to reject the key" in done.stdout) is (done.returncode != 0) is asks
    if asks:
        assert fingerprint(OLD)[:8] in done.stdout
        zypper("--gpg-auto-import-keys", "refresh")
    assert "hello" in zypper("search", "hello").stdout


def test_rpms_of_a_key_that_signs_no_more_are_installed(tmp_path: Path) -> None:
    with serving(tmp_path / "project/site") as server:
        project = Project(tmp_path / "project", url=server.url)
        for keys, name in ((OLD, "hello"), (OLD + NEW, "hello-doc"), (NEW, "hello-data")):
            project.environment["REPOGEN_SIGNING_KEY"] = keys
            project.empty()
            project.release(make_rpm(tmp_path, name, "1.0.0", preamble=ALONE))
        assert "signed by" not in project.run("doctor").stdout
        dnf = Dnf(tmp_path / "dnf", server)
        dnf("install", "hello", "hello-data")
        assert dnf.installed() == ["hello-1.0.0", "hello-data-1.0.0"]
        assert (server.root / "keys/acme.asc").read_text().count("BEGIN PGP PUBLIC KEY BLOCK") == 1, "apt trusts it no more"

        for name in ("hello", "hello-doc"):
            project.run("yank", name, "1.0.0")
        project.build()
        project.publish()
        assert "packages.asc" not in (server.root / "acme.repo").read_text()
        for number, command in enumerate((("yank", "--undo", "hello", "1.0.0"), ("rollback", "--snapshot", "3"))):
            project.run(*command)
            dnf = Dnf(tmp_path / f"again-{number}", server)
            dnf("install", "hello", "hello-data")
            assert dnf.installed() == ["hello-1.0.0", "hello-data-1.0.0"]
