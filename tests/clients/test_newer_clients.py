"""The clients of Debian 13 (dnf 4.23, rpm 4.20, zypper) and of the next release (dnf 5, rpm 6, zypper, apt 3.3) against a site that the two commands made."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import rpms
from tests.support.apt import AptRoot
from tests.support.chroots import Chroot, chroot
from tests.support.clients import run
from tests.support.dnf import ALONE, Dnf
from tests.support.keys import public_key, secret_key
from tests.support.packages import make_deb, make_rpm
from tests.support.server import StaticServer, serving
from tests.support.site import Project
from tests.support.zypper import Zypper

pytestmark = pytest.mark.slow

NEXT = "forky"
DNF = {"trixie": "dnf", NEXT: "dnf5"}
NOTES = "# hello 1.1.0\n\n- Fixed: it greets (CVE-2026-12345)\n"
SPEC = b"""Name: six
Version: 1.0
Release: 1
Summary: a package of the new format
License: MIT
BuildArch: noarch
AutoReq: no
%description
A package of rpm 6.
%install
mkdir -p %{buildroot}/usr/share/six
echo six > %{buildroot}/usr/share/six/six.txt
%files
/usr/share/six
"""


@pytest.fixture
def debian(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Chroot]:
    with chroot(request.param, tmp_path / "debian") as made:
        yield made


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaticServer]:
    """Two versions of a program, and another one that needs it, as rpms and debs; with the repository's own packages and an advisory."""
    folder, project = tmp_path_factory.mktemp("packages"), tmp_path_factory.mktemp("project")
    packages = [make_rpm(folder, "hello", version, preamble=ALONE) for version in ("1.0.0", "1.1.0")]
    packages.append(make_rpm(folder, "hello-extra", "1.0+git5", architecture="noarch", preamble=f"{ALONE}\nRequires: hello >= 1.0.0\nSuggests: nothing"))
    (folder / "hello-1.1.0.md").write_text(NOTES)
    with serving(project / "site") as running:
        site = Project(project, url=running.url, repo={"keyring_packages": True}, apt={"hashes": ["sha256", "sha512"]})
        site.release(*packages, *(make_deb(folder, "hello", version) for version in ("1.0.0", "1.1.0")), folder / "hello-1.1.0.md")
        yield running


def dnf_in(debian: Chroot, server: StaticServer) -> Dnf:
    program = DNF["trixie" if "trixie" in str(debian.system) else NEXT]
    return Dnf(debian.shared / "dnf", server, debian.words, program)


each = pytest.mark.parametrize("debian", ["trixie", NEXT], indirect=True)
newest = pytest.mark.parametrize("debian", [NEXT], indirect=True)


@each
def test_dnf_searches_installs_upgrades_and_downgrades(debian: Chroot, server: StaticServer) -> None:
    dnf = dnf_in(debian, server)
    dnf("makecache")
    assert "hello-extra" in dnf("search", "hello").stdout
    assert dnf.repoquery("--whatprovides", "/usr/bin/hello-extra") == ["hello-extra-0:1.0+git5-1.noarch"]
    assert dnf.repoquery("--file", "/usr/bin/hello", "--latest-limit", "1") == ["hello-0:1.1.0-1.x86_64"]
    dnf("install", "hello-1.0.0", "acme-release")
    assert dnf.installed() == ["hello-1.0.0"]
    assert "CVE-2026-12345" in dnf("updateinfo", "list", *(["--with-cve"] if "dnf5" in dnf.program else ["--security", "cves"])).stdout
    dnf("upgrade")
    dnf("install", "hello-extra")
    assert dnf.installed() == ["hello-1.1.0", "hello-extra-1.0+git5"]
    dnf("remove", "hello-extra")
    dnf("downgrade", "hello")
    assert dnf.installed() == ["hello-1.0.0"]


@each
def test_rpm_takes_the_signature_of_every_package(debian: Chroot, server: StaticServer) -> None:
    dnf = dnf_in(debian, server)
    dnf("install", "hello")  # which brings the key into the root's database
    shutil.copytree(server.root / "yum/stable/Packages", debian.shared / "packages")
    packages = sorted((debian.shared / "packages").rglob("*.rpm"))
    assert len(packages) == 4
    for package in packages:
        said = run(*debian.words, "rpmkeys", "--root", dnf.root, "--define", "_pkgverify_level all", "-Kv", package, env=dnf.environment).stdout
        assert "NOKEY" not in said
        assert re.search(r"[Ss]ignature, key (ID|fingerprint:?) .*: OK", said), said


@each
def test_dnf_refuses_what_was_changed(debian: Chroot, server: StaticServer, tmp_path: Path) -> None:
    shutil.copytree(server.root, tmp_path / "site")
    with serving(tmp_path / "site") as other:
        text = (other.root / "acme.repo").read_text()
        (other.root / "acme.repo").write_text(text.replace(server.url, other.url))
        repomd = other.root / "yum/stable/repodata/repomd.xml"
        repomd.write_text(repomd.read_text().replace("<revision>", "<revision>1"))
        dnf = dnf_in(debian, other)
        assert dnf("install", "hello", check=False).returncode != 0
        assert dnf.installed() == []


def with_package_key(server: StaticServer, folder: Path, *key: str) -> StaticServer:
    """A copy of the site whose .repo names this public key beside our own, as ``extra_keys`` does."""
    shutil.copytree(server.root, folder)
    copy = StaticServer(folder)
    text = (folder / "acme.repo").read_text().replace(server.url, copy.url)
    (folder / "acme.repo").write_text(re.sub(r"(?m)^(gpgkey=.*)$", rf"\1 {copy.url}/keys/acme-packages.asc", text))
    (folder / "keys/acme-packages.asc").write_bytes(public_key(secret_key(key[0], digest=key[1]), "--armor"))
    return copy


@each
@pytest.mark.parametrize(
    ("key", "works"),
    [
        (("ed25519", "SHA1"), False),
        (("rsa1024", "SHA512"), False),
        (("secp256k1", "SHA512"), False),
        (("ed25519", "SHA224"), True),
        (("dsa2048", "SHA512"), True),
        (("nistp256", "SHA512"), True),
    ],
)
def test_dnf_installs_nothing_where_rpm_does_not_import_a_key(
    debian: Chroot, server: StaticServer, tmp_path: Path, key: tuple[str, str], *, works: bool
) -> None:
    """Not even a package that another key signed; package_keys.py refuses such keys."""
    other = with_package_key(server, tmp_path / "site", *key)
    try:
        dnf = dnf_in(debian, other)
        assert (dnf("install", "hello", check=False).returncode == 0) is works
        assert dnf.installed() == ["hello-1.1.0"] * works
    finally:
        other.close()


@each
def test_zypper_searches_installs_downgrades_and_updates(debian: Chroot, server: StaticServer) -> None:
    zypper = Zypper(debian.shared / "root", server, debian.mounting)
    zypper("--gpg-auto-import-keys", "refresh")
    assert "hello-extra" in zypper("search", "hello").stdout
    assert "hello-extra" in zypper("search", "--provides", "--match-exact", "/usr/bin/hello-extra").stdout
    zypper("install", "hello-extra")
    assert sorted(zypper.installed()) == ["hello-1.1.0", "hello-extra-1.0+git5"]
    zypper("install", "--oldpackage", "hello=1.0.0")
    assert sorted(zypper.installed()) == ["hello-1.0.0", "hello-extra-1.0+git5"]
    zypper("update")
    assert sorted(zypper.installed()) == ["hello-1.1.0", "hello-extra-1.0+git5"]


@newest
def test_a_package_of_rpm_6_is_signed_and_installed(debian: Chroot, tmp_path: Path) -> None:
    package, _ = rpms.build(debian.shared / "packages", SPEC, words=debian.words)
    assert debian("rpm", "-qp", "--qf", "%{rpmformat}", package) == "6"
    with serving(tmp_path / "project/site") as running:
        project = Project(tmp_path / "project", url=running.url)
        project.release(package)
        dnf = dnf_in(debian, running)
        dnf("install", "six")
        assert (dnf.root / "usr/share/six/six.txt").read_text() == "six\n"
        (published,) = shutil.copytree(running.root / "yum/stable/Packages", debian.shared / "published").rglob("*.rpm")
        said = run(*debian.words, "rpmkeys", "--root", dnf.root, "--define", "_pkgverify_level all", "-Kv", published, env=dnf.environment).stdout
        assert re.search(r"[Ss]ignature, key (ID|fingerprint:?) .*: OK", said), said


@each
def test_dnf_finds_the_repository_of_its_release(debian: Chroot, tmp_path: Path) -> None:
    with serving(tmp_path / "project/site") as running:
        project = Project(tmp_path / "project", url=running.url, yum={"path": "el{releasever}/{basearch}"})
        project.release(*(make_rpm(tmp_path, "hello", "1.0.0", release, preamble=ALONE) for release in ("1.el9", "2.el10")))
        dnf = dnf_in(debian, running)
        dnf.releasever = "9"
        dnf("install", "hello")
        assert run(*debian.words, "rpm", "--root", dnf.root, "-q", "--qf", "%{release}", "hello", env=dnf.environment).stdout == "1.el9"


@newest
def test_reposync_of_dnf_5_mirrors_everything(debian: Chroot, server: StaticServer) -> None:
    dnf = dnf_in(debian, server)
    dnf("--setopt", "plugins=1", "reposync", "--repoid", "acme", "--download-metadata", "--download-path", str(debian.shared / "mirror"))
    there = {path.relative_to(server.root / "yum/stable").as_posix() for path in (server.root / "yum/stable").rglob("*") if path.is_file()}
    mirrored = {path.relative_to(debian.shared / "mirror/acme").as_posix() for path in (debian.shared / "mirror/acme").rglob("*") if path.is_file()}
    assert there - mirrored <= {"repodata/repomd.xml.key", "media.1/media"}


@newest
def test_apt_3_3_has_nothing_to_remark(debian: Chroot, server: StaticServer) -> None:
    root = AptRoot(debian.shared, (server.root / "acme.sources").read_text(), words=debian.words)
    said = root.update()
    assert "W:" not in said.stdout + said.stderr
    assert "N:" not in said.stdout + said.stderr
    root.install("hello=1.0.0")
    root.install("hello")
    assert root.installed() == {"hello": "1.1.0"}
