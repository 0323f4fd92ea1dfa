"""What the real dnf makes of everything in repodata: files, changelogs, versions, advisories, groups, in each compression."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.dnf import ALONE, Dnf
from tests.support.packages import make_rpm
from tests.support.server import StaticServer, serving
from tests.support.site import Project

YUM = {
    "yum": {"content_tags": ["binary-x86_64"]},
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
