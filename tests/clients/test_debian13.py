"""apt 3 of Debian 13, which verifies with Sequoia's sqv instead of gpgv, against a site that the two commands made."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.apt import AptRoot
from tests.support.chroots import Chroot, chroot
from tests.support.keys import public_key, secret_key
from tests.support.packages import make_deb
from tests.support.server import StaticServer, serving
from tests.support.site import Project
from tests.support.sources import make_source

pytestmark = pytest.mark.slow

URL = "https://dl.acme.example"
OLD, NEW = secret_key("rsa3072"), secret_key("ed25519")
each_way = pytest.mark.parametrize("without", ["", "InRelease"], ids=["InRelease", "Release.gpg"])


@pytest.fixture
def debian(tmp_path: Path) -> Iterator[Chroot]:
    with chroot("trixie", tmp_path / "debian") as made:
        yield made


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with two versions, a source package and everything else that apt fetches, signed by two keys."""
    folder = tmp_path_factory.mktemp("packages")
    project = Project(tmp_path_factory.mktemp("project"), apt={"contents": True, "translations": True, "hashes": ["sha256", "sha512"], "zst": True})
    project.environment["REPOGEN_SIGNING_KEY"] = OLD + NEW
    debs = [make_deb(folder, "hello", version, compression="zstd") for version in ("1.0.0-1", "1.1.0-1")]
    greetings = make_deb(folder, "hello-greetings", "1.1.0", "all", extra="Depends: hello (>= 1.1)")
    project.release(*debs, greetings, make_deb(folder, "g++tools", "1:3.0-1+b1", extra="Source: tools"), *make_source(folder, version="1.1.0-1"))
    return project.site


@pytest.fixture
def server(site: Path, tmp_path: Path) -> Iterator[StaticServer]:
    """A copy of it, which tests may change."""
    shutil.copytree(site, tmp_path / "site")
    with serving(tmp_path / "site") as running:
        yield running


def published(server: StaticServer) -> str:
    return (server.root / "acme.sources").read_text().replace(URL, server.url)


def known_by(server: StaticServer, *keys: str) -> str:
    """The published source file for users who have these keys only."""
    block = b"".join(public_key(key, "--armor") for key in keys).decode().rstrip("\n")
    lines = "".join(f" {line or '.'}\n" for line in block.split("\n"))
    return re.sub(r"Signed-By:.*(\n .*)*\n", lambda _: f"Signed-By:\n{lines}", published(server))


def root_in(debian: Chroot, sources: str) -> AptRoot:
    assert debian("apt-get", "--version").startswith("apt 3.")
    return AptRoot(debian.shared, sources, words=debian.words)


def test_update_install_upgrade_and_downgrade(debian: Chroot, server: StaticServer) -> None:
    root = root_in(debian, published(server))
    root.update()
    assert root.versions("hello") == ["1.1.0-1", "1.0.0-1", "1.1.0-1"]  # madison lists the source package too
    root.install("hello=1.0.0-1")
    root.install("hello-greetings", "g++tools")
    assert root.installed() == {"hello": "1.1.0-1", "hello-greetings": "1.1.0", "g++tools": "1:3.0-1+b1"}
    root.apt("apt-get", "remove", "--yes", "hello-greetings")
    root.install("hello=1.0.0-1")
    assert root.installed() == {"hello": "1.0.0-1", "g++tools": "1:3.0-1+b1"}
    assert not [path for path in server.paths() if path not in server.paths(200)], "apt asked for nothing that is not there"


def test_source_is_fetched(debian: Chroot, server: StaticServer) -> None:
    root = root_in(debian, published(server))
    root.update()
    root.apt("sh", "-c", f"cd {debian.shared} && apt-get source --download-only hello")
    assert {path.name for path in debian.shared.glob("hello_*")} == {"hello_1.1.0-1.dsc", "hello_1.1.0-1.debian.tar.xz", "hello_1.1.0.orig.tar.gz"}


@each_way
@pytest.mark.parametrize("known", [OLD, NEW], ids=["the old key", "the new key"])
def test_one_of_two_keys_is_enough(debian: Chroot, server: StaticServer, known: str, without: str) -> None:
    if without:
        (server.root / "apt/dists/stable" / without).unlink()
    root = root_in(debian, known_by(server, known))
    root.update()
    root.install("hello")
    assert root.installed() == {"hello": "1.1.0-1"}


@each_way
def test_a_stranger_is_refused(debian: Chroot, server: StaticServer, without: str) -> None:
    if without:
        (server.root / "apt/dists/stable" / without).unlink()
    said = root_in(debian, known_by(server, secret_key("rsa4096"))).update(check=False)
    assert said.returncode != 0
    assert "Sub-process /usr/bin/sqv returned an error code" in said.stderr


@pytest.mark.parametrize("changed", ["InRelease", "Release"])
def test_what_was_tampered_with_is_refused(debian: Chroot, server: StaticServer, changed: str) -> None:
    suite = server.root / "apt/dists/stable"
    if changed == "Release":
        (suite / "InRelease").unlink()
    text = (suite / changed).read_text()
    assert "Label: Acme Tools\n" in text
    (suite / changed).write_text(text.replace("Label: Acme Tools\n", "Label: Evil Tools\n"))
    root = root_in(debian, published(server))
    said = root.update(check=False)
    assert said.returncode != 0
    assert "sqv" in said.stderr
    assert root.install("hello", check=False).returncode != 0
