"""What the real dnf, zypper and libsolv make of everything in repodata, in each compression: files, changelogs, versions, advisories, groups, keys."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from repogen.rpm_signature import sign_package
from repogen.signing.signer import open_signer
from tests.support.clients import require, run
from tests.support.dnf import ALONE, Dnf
from tests.support.keys import secret_key
from tests.support.packages import make_rpm
from tests.support.server import StaticServer, serving
from tests.support.site import DATE, Project
from tests.support.zypper import Zypper

YUM = {
    "yum": {"content_tags": ["binary-x86_64"], "filelists_ext": True},
    "yum.distro_tags": {"cpe:/o:acme:linux:9": "Acme Linux 9"},
    "yum.group": [{"id": "acme-tools", "name": "Acme Tools", "description": "All of them", "packages": ["hello"], "optional": ["hello-extra"]}],
}
NOTES = {
    "hello-1.0.0.md": "The first release.\n",
    "hello-1.1.0.md": "Severity: important\n\n- Fixed CVE-2026-1234: greetings of strangers.\n",
    "hello-2.0.0.md": "- Greets in color.\n",
}

MODULE = """\
---
document: modulemd
version: 2
data:
  name: hello
  stream: stable
  version: 1
  context: 0c0ffee0
  arch: x86_64
  summary: Greets in a module
  description: >-
    Greets.
  license:
    module: [MIT]
  profiles:
    default:
      rpms: [hello]
  artifacts:
    rpms: ["hello-0:1.0.0-1.x86_64"]
...
"""


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three versions of one package and another package, with release notes."""
    folder = tmp_path_factory.mktemp("packages")
    more = "mkdir -p %{buildroot}/opt/acme; echo > '%{buildroot}/opt/acme/a file'"
    changelog = "%changelog\n* Thu Jan 01 2026 Acme <a@acme.example> - 1\n- hello, world\n"
    hello = {"preamble": ALONE, "install": more, "files": '"/opt/acme/a file"', "sections": changelog}
    for name, text in NOTES.items():
        (folder / name).write_text(text)
    made = [make_rpm(folder, "hello", version, **hello) for version in ("1.0.0", "1.1.0", "2.0.0")]
    return [*made, make_rpm(folder, "hello-extra", "1.0+git5", preamble=ALONE), *(folder / name for name in NOTES)]


@pytest.fixture(scope="module", params=["gz", "zst"])
def site(packages: list[Path], tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[StaticServer]:
    """A site of all of them, on a port that its configuration names."""
    folder = tmp_path_factory.mktemp("site")
    with serving(folder / "site") as server:
        tables = {**YUM, "yum": {**YUM["yum"], "compression": request.param}}
        Project(folder, url=server.url, **tables).release(*packages)
        yield server


@pytest.fixture
def dnf(site: StaticServer, tmp_path: Path) -> Dnf:
    return Dnf(tmp_path / "dnf", site)


def test_search_and_files(dnf: Dnf) -> None:
    assert "hello.x86_64 : says hello" in dnf("search", "hello").stdout
    assert dnf.repoquery("--file", "/opt/acme/a file") == [f"hello-0:{version}-1.x86_64" for version in ("1.0.0", "1.1.0", "2.0.0")]
    assert "/opt/acme/a file" in dnf("--quiet", "repoquery", "--list", "hello-2.0.0").stdout
    assert dnf.repoquery("/usr/bin/hello-extra") == ["hello-extra-0:1.0+git5-1.x86_64"]
    assert "hello, world" in dnf("--quiet", "repoquery", "--changelogs", "hello-2.0.0").stdout


def test_upgrade_and_downgrade(dnf: Dnf) -> None:
    dnf("install", "hello-1.0.0")
    assert dnf.installed() == ["hello-1.0.0"]
    dnf("upgrade", "hello")
    assert dnf.installed() == ["hello-2.0.0"]
    dnf("downgrade", "hello-1.1.0")
    assert dnf.installed() == ["hello-1.1.0"]


def test_advisories(dnf: Dnf) -> None:
    dnf("install", "hello-1.0.0")
    listed = dnf("--quiet", "updateinfo", "list").stdout
    assert [line.split() for line in listed.splitlines()] == [
        ["acme-hello-1.1.0", "Important/Sec.", "hello-1.1.0-1.x86_64"],
        ["acme-hello-2.0.0", "enhancement", "hello-2.0.0-1.x86_64"],
    ]
    assert "CVE-2026-1234" in dnf("--quiet", "updateinfo", "info", "acme-hello-1.1.0").stdout
    dnf("upgrade-minimal", "--security")
    assert dnf.installed() == ["hello-1.1.0"]


def test_groups(dnf: Dnf) -> None:
    assert "Acme Tools" in dnf("--quiet", "group", "list", "--available").stdout
    assert "hello-extra" in dnf("--quiet", "group", "info", "acme-tools").stdout
    dnf("group", "install", "acme-tools")
    assert dnf.installed() == ["hello-2.0.0"]


def test_tags(dnf: Dnf) -> None:
    said = dnf("repolist", "--verbose").stdout
    assert "Repo-tags          : binary-x86_64\n" in said
    assert "[cpe:/o:acme:linux:9]" in said


def test_modules(tmp_path: Path) -> None:
    """A package of a module, which dnf 4 does not install without the module's metadata."""
    modules = tmp_path / "modules.yaml"
    modules.write_text(MODULE)
    package = make_rpm(tmp_path, "hello", preamble=f"{ALONE}\nModularityLabel: hello:stable:1:0c0ffee0:x86_64")
    with serving(tmp_path / "project/site") as server:
        Project(tmp_path / "project", url=server.url).release(package, modules)
        dnf = Dnf(tmp_path / "dnf", server)
        platform = ("--setopt", "module_platform_id=platform:acme1")
        listed = dnf(*platform, "--quiet", "module", "list").stdout
        assert "Greets in a module" in listed
        dnf(*platform, "module", "install", "hello:stable/default")
        assert dnf.installed() == ["hello-1.0.0"]


PLATFORM = ("--setopt", "module_platform_id=platform:acme1")


def release_stream(project: Project, stream: str, version: str, *arguments: str) -> None:
    """Publish a stream of the module with its own modules.yaml, from an empty machine."""
    project.empty()
    label = f"ModularityLabel: hello:{stream}:1:0c0ffee0:x86_64"
    project.add(make_rpm(project.folder / version, "hello", version, preamble=f"{ALONE}\n{label}"))
    (project.dist / "modules.yaml").write_text(MODULE.replace("stream: stable", f"stream: {stream}").replace("1.0.0", version))
    project.build(*arguments)
    project.publish()


def test_streams_of_earlier_releases_stay(tmp_path: Path) -> None:
    with serving(tmp_path / "acme/site") as server:
        project = Project(tmp_path / "acme", url=server.url)
        release_stream(project, "one", "1.0.0")
        release_stream(project, "two", "2.0.0")
        for stream, version in (("one", "1.0.0"), ("two", "2.0.0")):
            dnf = Dnf(tmp_path / stream, server)
            dnf(*PLATFORM, "module", "install", f"hello:{stream}/default")
            assert dnf.installed() == [f"hello-{version}"]


def test_a_promoted_package_is_part_of_its_module(tmp_path: Path) -> None:
    with serving(tmp_path / "acme/site") as server:
        project = Project(tmp_path / "acme", url=server.url)
        release_stream(project, "one", "1.0.0")
        release_stream(project, "two", "2.0.0", "--channel", "beta")
        project.run("promote", "hello", "2.0.0", "--to", "stable")
        for stream, version in (("one", "1.0.0"), ("two", "2.0.0")):
            dnf = Dnf(tmp_path / stream, server)
            dnf(*PLATFORM, "module", "install", f"hello:{stream}/default")
            assert dnf.installed() == [f"hello-{version}"]


def test_a_package_that_is_offered_again_after_a_rollback_is_part_of_its_module(tmp_path: Path) -> None:
    with serving(tmp_path / "acme/site") as server:
        project = Project(tmp_path / "acme", url=server.url)
        release_stream(project, "one", "1.0.0")
        release_stream(project, "two", "2.0.0")
        project.run("rollback")
        project.run("rollback", "--snapshot", "1")
        project.run("yank", "--undo", "hello", "2.0.0")
        dnf = Dnf(tmp_path / "again", server)
        dnf(*PLATFORM, "module", "install", "hello:two/default")
        assert dnf.installed() == ["hello-2.0.0"]


def test_a_package_of_a_module_that_nothing_describes(tmp_path: Path) -> None:
    """dnf 4 does not install it, and a build says so."""
    package = make_rpm(tmp_path, "hello", preamble=f"{ALONE}\nModularityLabel: hello:stable:1:0c0ffee0")
    with serving(tmp_path / "project/site") as server:
        project = Project(tmp_path / "project", url=server.url)
        project.add(package)
        said = project.build().stderr
        assert "part of the module hello:stable:1:0c0ffee0, but no modules.yaml names hello-0:1.0.0-1.x86_64" in said
        project.publish()
        refused = Dnf(tmp_path / "dnf", server)("install", "hello", check=False)
        assert (refused.returncode, "No available modular metadata" in refused.stderr) == (1, True)
        (project.dist / "modules.yaml").write_text(MODULE)
        assert "part of the module" not in project.build().stderr


def signed_by_others(folder: Path, url: str) -> Path:
    """The published site of one package with the signature of another vendor, whose key the configuration names."""
    project = Project(folder, url=url, yum={"extra_keys": ["theirs.asc"]})
    environ = {**os.environ, "REPOGEN_SIGNING_KEY": secret_key("rsa4096")}
    with open_signer((), base=folder, environ=environ, date=DATE) as signer:
        sign_package(make_rpm(folder / "rpms", "hello", preamble=ALONE), project.dist / "hello.rpm", signer.detached_binary)
        (folder / "theirs.asc").write_text(signer.public_keys[0].armored)
    project.release()
    return project.site


def test_a_package_of_another_vendor(tmp_path: Path) -> None:
    with serving(tmp_path / "project/site") as server:
        signed_by_others(tmp_path / "project", server.url)
        dnf = Dnf(tmp_path / "dnf", server)
        dnf("install", "hello")
        assert dnf.installed() == ["hello-1.0.0"]
        assert "/keys/acme-packages.asc" in server.paths(200)


def test_zypper_installs_a_package_of_another_vendor(tmp_path: Path) -> None:
    with serving(tmp_path / "project/site") as server:
        signed_by_others(tmp_path / "project", server.url)
        zypper = Zypper(tmp_path / "root", server)
        zypper("modifyrepo", "--gpgcheck-strict", "acme")
        zypper("--gpg-auto-import-keys", "refresh")
        zypper("--gpg-auto-import-keys", "install", "hello")
        assert zypper.installed() == ["hello-1.0.0"]
        assert "/keys/acme-packages.asc" in server.paths(200)


def test_libsolv_reads_every_file(site: StaticServer) -> None:
    """repo2solv is what zypper and others make of a repository."""
    require("repo2solv", "dumpsolv")
    solv = site.root / "repository.solv"
    run("repo2solv", "-F", "-C", "-o", solv, site.root / "yum/stable")
    said = run("dumpsolv", solv).stdout
    solv.unlink()
    assert "solvable:name: hello-extra" in said
    assert "a file" in said
    assert "hello, world" in said
    assert "patch:acme-hello-1.1.0" in said


def test_digests_of_files(site: StaticServer) -> None:
    """Those of the packages as they came in, beside what is published."""
    require("rpm")
    (index,) = (site.root / "yum/stable/repodata").glob("*-filelists-ext.xml.*")
    text = run("zstdcat" if index.suffix == ".zst" else "zcat", index).stdout
    packages = sorted((site.root / "yum/stable/Packages").rglob("*.rpm"))
    digests = [digest for package in packages for digest in run("rpm", "-qp", "--qf", "[%{FILEDIGESTS}\n]", package).stdout.split()]
    assert len(digests) > len(packages)
    assert [digest for digest in digests if f'hash="{digest}"' not in text] == []


def test_zypper_finds_upgrades_downgrades_and_lists_patches(site: StaticServer, tmp_path: Path) -> None:
    zypper = Zypper(tmp_path / "root", site)
    zypper("--gpg-auto-import-keys", "refresh")
    assert "hello-extra" in zypper("search", "--file-list", "/usr/bin/hello-extra").stdout
    zypper("install", "hello=1.0.0")
    assert "acme-hello-1.1.0" in zypper("list-patches").stdout
    zypper("update", "hello")
    assert zypper.installed() == ["hello-2.0.0"]
    zypper("install", "--oldpackage", "hello=1.1.0")
    assert zypper.installed() == ["hello-1.1.0"]
