"""Repositories by distribution and architecture: the real clients choose theirs by $releasever and $basearch."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import follow
from tests.support.clients import run
from tests.support.dnf import ALONE, Dnf
from tests.support.install_site import toolbox
from tests.support.packages import make_rpm
from tests.support.server import StaticServer, serving
from tests.support.site import Project
from tests.support.zypper import Zypper

YUM = {"path": "el{releasever}/{basearch}"}
TARGETS: Any = [{"releasever": "9"}, {"releasever": "42"}, {"releasever": "15.6"}]


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A program for three distributions, one of them on two architectures, its data for each, and documents for all."""
    folder = tmp_path_factory.mktemp("packages")
    needs = f"{ALONE}\nRequires: hello-data"
    builds = [("1.el9", "x86_64"), ("1.el9", "aarch64"), ("1.fc42", "x86_64"), ("lp156.1", "x86_64")]
    return [
        *(make_rpm(folder, "hello", "1.0.0", release, architecture, preamble=needs) for release, architecture in builds),
        *(make_rpm(folder, "hello-data", "1.0.0", release, "noarch", preamble=ALONE) for release in ("1.el9", "1.fc42", "lp156.1")),
        make_rpm(folder, "hello-doc", "1.0.0", "1", "noarch", preamble=ALONE),
    ]


@pytest.fixture(scope="module")
def server(packages: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaticServer]:
    folder = tmp_path_factory.mktemp("project")
    with serving(folder / "site") as running:
        repo = {"keyring_packages": True}
        project = Project(folder, url=running.url, yum=YUM, repo=repo, **{"yum.target": TARGETS, "product": [{"id": "hello", "files": ["*"]}]})
        project.release(*packages)
        yield running


@pytest.mark.parametrize(("releasever", "release"), [("9", "1.el9"), ("42", "1.fc42")])
@pytest.mark.parametrize("architecture", ["x86_64", "aarch64"])
def test_dnf_sees_what_is_for_its_system(server: StaticServer, tmp_path: Path, releasever: str, release: str, architecture: str) -> None:
    dnf = Dnf(tmp_path / "dnf", server)
    dnf.releasever = releasever
    seen = dnf.repoquery("--forcearch", architecture)
    program = [f"hello-0:1.0.0-{release}.{architecture}"] if (release, architecture) != ("1.fc42", "aarch64") else []
    assert [name for name in seen if not name.startswith("acme-release")] == [*program, f"hello-data-0:1.0.0-{release}.noarch", "hello-doc-0:1.0.0-1.noarch"]
    assert any(name.startswith("acme-release") for name in seen), "the repository's own package is everywhere"


def test_dnf_installs_and_checks_everything(server: StaticServer, tmp_path: Path) -> None:
    dnf = Dnf(tmp_path / "dnf", server)
    dnf.releasever = "9"
    dnf("install", "hello", "hello-doc")
    assert dnf.installed() == ["hello-1.0.0", "hello-data-1.0.0", "hello-doc-1.0.0"]
    said = run("rpm", "--root", dnf.root, "-qa", "--qf", "%{name}-%{release}\n", "hello*", env=dnf.environment).stdout.split()
    assert sorted(said) == ["hello-1.el9", "hello-data-1.el9", "hello-doc-1"]


def test_zypper_installs_for_its_release(server: StaticServer, tmp_path: Path) -> None:
    zypper = Zypper(tmp_path / "root", server)
    zypper.releasever = "15.6"
    zypper("--gpg-auto-import-keys", "refresh")
    zypper("install", "hello", "hello-doc")
    assert sorted(zypper.installed()) == ["hello-1.0.0", "hello-data-1.0.0", "hello-doc-1.0.0"]
    assert "lp156.1" in run("rpm", "--root", zypper.root, "-q", "hello").stdout


def test_a_build_for_one_release_is_seen_there_alone(tmp_path: Path) -> None:
    """Packages of modules have their tag after a plus sign, fixes something after it."""
    project = Project(tmp_path / "project", yum=YUM, **{"yum.target": [{"releasever": "8"}, {"releasever": "9"}]})
    releases = {"hello": "1.module+el9.4.0+1+abc", "hello-fix": "1.el9+7", "hello-old": "2.module_el8.6.0+1"}
    project.release(*(make_rpm(tmp_path, name, "1.0", release, preamble=ALONE) for name, release in releases.items()))
    with serving(project.site) as running:
        text = (project.site / "acme.repo").read_text()
        (project.site / "acme.repo").write_text(text.replace("https://dl.acme.example", running.url))
        for releasever, seen in (("8", ["hello-old"]), ("9", ["hello", "hello-fix"])):
            dnf = Dnf(tmp_path / f"dnf{releasever}", running)
            dnf.releasever = releasever
            assert dnf.repoquery("--queryformat", "%{name}\n") == seen


def test_a_mirror_of_one_of_them_is_whole(server: StaticServer, tmp_path: Path) -> None:
    shutil.copytree(server.root / "yum/stable/el9/x86_64", tmp_path / "yum/stable")
    found = sorted(name for name in follow.yum(lambda path: (tmp_path / path).read_bytes()) if name.startswith("hello"))
    assert found == ["hello 1.0.0", "hello-data 1.0.0", "hello-doc 1.0.0"]


def test_a_file_that_several_have_is_on_the_disk_once(server: StaticServer) -> None:
    files = list((server.root / "yum").rglob("hello-doc-*.rpm"))
    assert len(files) == 7, "in the six repositories, and at its own address"
    assert len({file.stat().st_ino for file in files}) == 1


def test_a_new_architecture_gets_what_was_published_before(packages: list[Path], tmp_path: Path) -> None:
    project = Project(tmp_path / "project", yum=YUM)
    project.release(*(p for p in packages if p.name.endswith(("1.el9.x86_64.rpm", "1.el9.noarch.rpm"))))
    assert not (project.site / "yum/stable/el9/aarch64").exists()
    project.empty()
    project.release(*(p for p in packages if p.name.endswith("1.el9.aarch64.rpm")))
    assert (project.site / "yum/stable/el9/aarch64/Packages/h/hello-data-1.0.0-1.el9.noarch.rpm").is_file()
    with serving(project.site) as running:
        text = (project.site / "acme.repo").read_text()
        (project.site / "acme.repo").write_text(text.replace("https://dl.acme.example", running.url))
        dnf = Dnf(tmp_path / "dnf", running)
        dnf.releasever = "9"
        dnf("--forcearch", "aarch64", "install", "--downloadonly", "hello")
    project.build()
    assert "is up to date" in project.publish().stderr


def test_a_site_that_was_one_repository_becomes_several(packages: list[Path], tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    chosen = [p for p in packages if ".el9." in p.name]
    project.release(*chosen)
    before = {path.relative_to(project.site) for path in project.site.rglob("*.rpm")}
    project.configure(url="https://dl.acme.example", to="site", yum=YUM)
    assert "the published yum repository yum/stable is in this configuration no more" in project.build(code=3).stderr
    project.build("--accept-identity-change")
    project.publish()
    project.build()
    assert "is up to date" in project.publish().stderr
    after = {path.relative_to(project.site) for path in project.site.rglob("*.rpm")}
    assert before < after, "what is published stays, for clients that hold the old source file"
    assert Path("yum/stable/el9/aarch64/Packages/h/hello-1.0.0-1.el9.aarch64.rpm") in after
    assert run("grep", "-c", "hello-1.0.0-1.el9.x86_64.rpm", project.site / "repo.json").stdout.strip() != "0"


def test_the_repository_of_a_target_that_is_gone_is_protected(tmp_path: Path) -> None:
    """Its clients would be offered what is withdrawn later."""
    with serving(tmp_path / "project/site") as running:
        project = Project(tmp_path / "project", url=running.url, yum=YUM, **{"yum.target": TARGETS})
        project.release(*(make_rpm(tmp_path, release=release, preamble=ALONE) for release in ("1.el9", "1.fc42")))
        project.configure(url=running.url, to="site", yum=YUM, **{"yum.target": TARGETS[:1]})
        project.empty()
        project.add(make_rpm(tmp_path, version="1.1.0", release="1.el9", preamble=ALONE))
        said = project.build(code=3).stderr
        assert "yum/stable/el15.6/x86_64 is in this configuration no more" in said
        assert "[[yum.target]]" in said
        assert "no more" in project.run("yank", "hello", "1.0.0", code=3).stderr
        project.configure(url=running.url, to="site", yum=YUM, **{"yum.target": TARGETS})
        project.run("yank", "hello", "1.0.0")
        dnf = Dnf(tmp_path / "dnf", running)
        dnf.releasever = "42"
        assert dnf.repoquery("hello") == []


@pytest.mark.parametrize(
    ("system", "version", "package"),
    [("fedora", "42", "hello"), ("rocky", "9.4", "hello"), ("rocky", "9.4", "hello-1.0.0-1.el9"), ("opensuse-leap", "15.6", "hello-1.0.0-lp156.1")],
)
def test_install_sh_takes_what_is_for_the_system(server: StaticServer, tmp_path: Path, system: str, version: str, package: str) -> None:
    script, release = tmp_path / "install.sh", tmp_path / "os-release"
    release.write_text(f"ID={system}\nID_LIKE=fedora\nVERSION_ID={version}\n")
    script.write_text((server.root / "install.sh").read_text().replace("/etc/os-release", str(release)))
    stubs = {"dnf": "exit 9", "rpm": "exit 1", "uname": "case $1 in -s) echo Linux;; *) echo x86_64;; esac"}
    asked = ["--version", "1.0.0"] if package != "hello" else []
    environment = {"PATH": toolbox(tmp_path, **stubs), "RECORD": str(tmp_path / "record"), "HOME": str(tmp_path)}
    run("sh", script, *asked, env=environment)
    assert (tmp_path / "record").read_text().splitlines()[-1] == f"dnf install -y {package}"
    assert "/yum/stable/el$releasever/$basearch\n" in (tmp_path / "record._etc_yum.repos.d_acme.repo").read_text()


def test_install_sh_knows_a_system_that_nothing_is_for(server: StaticServer, tmp_path: Path) -> None:
    script, release = tmp_path / "install.sh", tmp_path / "os-release"
    release.write_text("ID=centos\nID_LIKE=fedora\nVERSION_ID=7\n")
    script.write_text((server.root / "install.sh").read_text().replace("/etc/os-release", str(release)))
    stubs = {"dnf": "exit 9", "rpm": "exit 1", "uname": "case $1 in -s) echo Linux;; *) echo x86_64;; esac"}
    said = run(
        "sh", script, "--version", "1.0.0", env={"PATH": toolbox(tmp_path, **stubs), "RECORD": str(tmp_path / "record"), "HOME": str(tmp_path)}, check=False
    )
    assert said.returncode != 0
    assert "install.sh: " in said.stderr


def test_promoted_withdrawn_and_offered_again(packages: list[Path], tmp_path: Path) -> None:
    """Edits of what is published keep the repositories apart, and each of them whole."""
    project = Project(tmp_path / "project", yum=YUM)
    project.add(*(p for p in packages if ".el9." in p.name))
    project.build("--channel", "beta")
    project.publish()
    project.run("promote", "hello", "1.0.0", "--to", "stable")
    assert listed(project, "stable/el9/x86_64") == ["hello 1.0.0"]
    project.run("promote", "hello-data", "1.0.0", "--to", "stable")
    assert listed(project, "stable/el9/x86_64") == listed(project, "beta/el9/x86_64") == ["hello 1.0.0", "hello-data 1.0.0"]
    assert listed(project, "stable/el9/aarch64") == ["hello 1.0.0", "hello-data 1.0.0"]
    project.run("yank", "hello", "1.0.0")
    assert listed(project, "stable/el9/x86_64") == ["hello-data 1.0.0"]
    project.run("yank", "hello-data", "1.0.0")
    assert listed(project, "stable/el9/x86_64") == listed(project, "stable/el9/aarch64") == []
    project.run("yank", "--undo", "hello-data", "1.0.0")
    assert listed(project, "stable/el9/x86_64") == listed(project, "beta/el9/x86_64") == ["hello-data 1.0.0"]


def listed(project: Project, base: str) -> list[str]:
    """The packages of a repository, each of which is there as its index says."""
    return sorted(follow.yum(lambda path: (project.site / path).read_bytes(), base))
