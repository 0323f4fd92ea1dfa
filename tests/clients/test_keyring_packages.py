"""The packages that add a repository: installed by the real apt-get and dnf, after which the repository works by what they brought."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.apt import AptRoot
from tests.support.clients import require, run
from tests.support.dnf import ALONE, Dnf
from tests.support.keys import secret_key
from tests.support.packages import make_deb, make_rpm
from tests.support.server import StaticServer, serving
from tests.support.site import Project

SOURCE = "etc/apt/sources.list.d/acme.sources"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[StaticServer]:
    """A host of the folder that the project publishes to."""
    (tmp_path / "project/site").mkdir(parents=True)
    with serving(tmp_path / "project/site") as server:
        yield server


@pytest.fixture
def project(server: StaticServer, tmp_path: Path) -> Project:
    project = Project(tmp_path / "project", url=server.url, repo={"keyring_packages": True})
    project.release(make_deb(tmp_path), make_rpm(tmp_path, preamble=ALONE))
    return project


def apt_root(folder: Path, sources: str) -> AptRoot:
    root = AptRoot(folder, sources)
    if not sources:
        root.sources.unlink()
    (folder / "usr/share/keyrings").mkdir(parents=True)
    return root


def update(root: AptRoot) -> subprocess.CompletedProcess[str]:
    """apt takes the path in Signed-By as it stands, and so reads a copy of the installed file that names this root's keyring."""
    moved = root.folder / "moved"
    moved.mkdir(exist_ok=True)
    installed = (root.folder / SOURCE).read_text()
    assert "\nSigned-By: /usr/share/keyrings/" in installed
    (moved / "acme.sources").write_text(installed.replace("/usr/share/keyrings/", f"{root.folder}/usr/share/keyrings/"))
    return root.apt("apt-get", "update", "-o", f"Dir::Etc::sourceparts={moved}", "-o", "APT::Update::Error-Mode=any", check=False)


def newest_deb(project: Project) -> Path:
    return project.site / "acme-archive-keyring.deb"


def test_apt_works_by_the_package_alone(project: Project, tmp_path: Path) -> None:
    root = apt_root(tmp_path / "root", "")
    root.install(str(newest_deb(project)))
    updated = update(root)
    assert (updated.returncode, updated.stderr) == (0, "")
    assert root.versions("hello") == ["1.0.0"]
    assert "Signed-By: /usr/share/keyrings/acme-archive-keyring.gpg\n" in (root.folder / SOURCE).read_text()


def test_the_file_that_was_set_up_by_hand_gives_way(project: Project, tmp_path: Path) -> None:
    by_hand = (project.site / "acme.sources").read_text()
    root = apt_root(tmp_path / "root", by_hand)
    root.install(str(newest_deb(project)))
    assert "Signed-By: /usr/share/keyrings/" in (root.folder / SOURCE).read_text()
    assert (root.folder / f"{SOURCE}.dpkg-old").read_text() == by_hand
    updated = update(root)
    assert (updated.returncode, updated.stderr) == (0, "")


def test_a_file_with_a_choice_in_it_is_kept_as_dpkg_keeps_it(project: Project, tmp_path: Path) -> None:
    chosen = (project.site / "acme.sources").read_text().replace("Suites: stable", "Suites: stable beta")
    root = apt_root(tmp_path / "root", chosen)
    root.install("-o", "DPkg::Options::=--force-confold", str(newest_deb(project)))
    assert (root.folder / SOURCE).read_text() == chosen
    assert "acme-archive-keyring" in root.installed()


def test_an_upgrade_brings_what_changed_and_leaves_what_the_user_changed(project: Project, server: StaticServer, tmp_path: Path) -> None:
    old = shutil.copy(newest_deb(project), tmp_path / "old.deb")
    project.configure(url=server.url, to="site", repo={"keyring_packages": True}, product=[{"id": "extra", "component": "contrib"}])
    project.release(make_deb(tmp_path, "extra"))
    plain, changed = apt_root(tmp_path / "plain", ""), apt_root(tmp_path / "changed", "")
    for root in (plain, changed):
        root.install(str(old))
    with (changed.folder / SOURCE).open("a") as file:
        file.write("Enabled: no\n")
    plain.install(str(newest_deb(project)))
    changed.install("-o", "DPkg::Options::=--force-confold", str(newest_deb(project)))
    assert "Components: main contrib\n" in (plain.folder / SOURCE).read_text()
    assert (changed.folder / SOURCE).read_text().endswith("Components: main\nSigned-By: /usr/share/keyrings/acme-archive-keyring.gpg\nEnabled: no\n")


def test_a_newer_one_comes_to_a_site_without_other_packages_in_main(server: StaticServer, tmp_path: Path) -> None:
    tables = {"repo": {"keyring_packages": True}, "product": [{"id": "hello", "component": "contrib"}]}
    project = Project(tmp_path / "project", url=server.url, **tables)
    project.release(make_deb(tmp_path / "1", version="1.0"), date="2026-01-02T12:00:00Z")
    root = apt_root(tmp_path / "root", "")
    root.install(str(newest_deb(project)))
    project.environment["REPOGEN_SIGNING_KEY"] += secret_key("rsa3072", email="next@acme.example")
    project.release(make_deb(tmp_path / "2", version="1.1"), date="2026-01-03T12:00:00Z")
    assert update(root).stderr == ""
    root.apt("apt-get", "upgrade", "--yes")
    assert root.installed() == {"acme-archive-keyring": "20260103.120000"}


def test_purging_takes_all_of_it_away(project: Project, tmp_path: Path) -> None:
    root = apt_root(tmp_path / "root", (project.site / "acme.sources").read_text())
    root.install(str(newest_deb(project)))
    root.apt("apt-get", "purge", "--yes", "acme-archive-keyring")
    assert [path for path in root.folder.rglob("acme*") if path.suffix in {".sources", ".dpkg-old", ".gpg"}] == []


@pytest.mark.parametrize("kind", ["project", "by_distribution"])
def test_its_scripts_are_for_any_shell(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    require("shellcheck", "dpkg-deb")
    run("dpkg-deb", "--control", newest_deb(request.getfixturevalue(kind)), tmp_path / "control")
    scripts = [path for name in ("preinst", "postinst", "postrm") if (path := tmp_path / "control" / name).exists()]
    assert len(scripts) == (2 if kind == "project" else 3)
    run("shellcheck", "--shell=dash", "--severity=style", *scripts)


# -- a suite for each distribution ---------------------------------------------------------

DISTRIBUTIONS = {"apt.suite": [{"name": f"{name}-acme", "distribution": name, "match": [f"~{name}"]} for name in ("bookworm", "noble")]}


@pytest.fixture
def by_distribution(server: StaticServer, tmp_path: Path) -> Project:
    project = Project(tmp_path / "project", url=server.url, repo={"keyring_packages": True}, **DISTRIBUTIONS)
    project.release(*(make_deb(tmp_path, version=f"1.0~{name}") for name in ("bookworm", "noble")))
    return project


def system(folder: Path, release: str, sources: str = "") -> AptRoot:
    """A system with this /etc/os-release."""
    root = apt_root(folder, sources)
    (folder / "etc/os-release").write_text(release)
    return root


@pytest.mark.parametrize(
    ("release", "suite"),
    [
        ("ID=debian\nVERSION_CODENAME=bookworm\n", "bookworm"),
        ("ID=ubuntu\nVERSION_CODENAME=noble\nUBUNTU_CODENAME=noble\n", "noble"),
        ("ID=linuxmint\nVERSION_CODENAME=zena\nUBUNTU_CODENAME=noble\n", "noble"),
        ("ID=other\n", "bookworm"),
    ],
)
def test_one_package_fits_every_distribution(by_distribution: Project, tmp_path: Path, release: str, suite: str) -> None:
    root = system(tmp_path / "root", release)
    root.install(str(newest_deb(by_distribution)))
    assert f"/apt/dists/{suite}-acme/InRelease" in root.apt("apt-get", "update", "--print-uris").stdout, "apt follows the link"
    updated = update(root)
    assert (updated.returncode, updated.stderr) == (0, "")
    assert root.versions("hello") == [f"1.0~{suite}"]
    root.apt("apt-get", "remove", "--yes", "acme-archive-keyring")
    assert not (root.folder / SOURCE).is_symlink()


def test_an_upgrade_follows_the_system_and_leaves_a_choice(by_distribution: Project, tmp_path: Path) -> None:
    old = shutil.copy(newest_deb(by_distribution), tmp_path / "old.deb")
    followed, chosen, gone = (system(tmp_path / name, "VERSION_CODENAME=bookworm\n") for name in ("followed", "chosen", "gone"))
    for root in (followed, chosen, gone):
        root.install(str(old))
    (chosen.folder / SOURCE).unlink()
    (chosen.folder / SOURCE).write_text("# mine\n")
    (gone.folder / SOURCE).unlink()
    (followed.folder / "etc/os-release").write_text("VERSION_CODENAME=noble\n")
    run("dpkg-deb", "--raw-extract", old, tmp_path / "tree")
    control = tmp_path / "tree/DEBIAN/control"
    control.write_text(control.read_text().replace("Version: 2", "Version: 3"))
    run("dpkg-deb", "--build", tmp_path / "tree", tmp_path / "new.deb")
    for root in (followed, chosen, gone):
        root.install(str(tmp_path / "new.deb"))
    assert "\nSuites: noble-acme\n" in (followed.folder / SOURCE).read_text()
    assert (chosen.folder / SOURCE).read_text() == "# mine\n"
    assert not (gone.folder / SOURCE).exists()
    chosen.apt("apt-get", "purge", "--yes", "acme-archive-keyring")
    assert (chosen.folder / SOURCE).read_text() == "# mine\n"


def test_the_file_of_a_distribution_that_was_set_up_by_hand_gives_way(by_distribution: Project, tmp_path: Path) -> None:
    by_hand = (by_distribution.site / "acme.sources").read_text().replace("Suites: bookworm-acme", "Suites: noble-acme")
    root = system(tmp_path / "root", "VERSION_CODENAME=noble\n", by_hand)
    root.install(str(newest_deb(by_distribution)))
    assert (root.folder / SOURCE).is_symlink()
    assert (root.folder / f"{SOURCE}.dpkg-old").read_text() == by_hand
    other = system(tmp_path / "other", "VERSION_CODENAME=noble\n", by_hand.replace("noble-acme", "noble-acme beta"))
    other.install(str(newest_deb(by_distribution)))
    assert "noble-acme beta" in (other.folder / SOURCE).read_text()


def test_a_site_that_has_one_suite_again(by_distribution: Project, server: StaticServer, tmp_path: Path) -> None:
    """The link goes, and the file that the package brings instead stands in its place."""
    root = system(tmp_path / "root", "VERSION_CODENAME=noble\n")
    root.install(str(newest_deb(by_distribution)))
    by_distribution.configure(url=server.url, to="site", repo={"keyring_packages": True}, **{"apt.suite": [{"name": "noble-acme"}]})
    by_distribution.build("--accept-identity-change")
    by_distribution.publish()
    root.install(str(newest_deb(by_distribution)))
    assert not (root.folder / SOURCE).is_symlink()
    assert "\nSuites: noble-acme\n" in (root.folder / SOURCE).read_text()


def test_dnf_works_by_the_package_alone(project: Project, server: StaticServer, tmp_path: Path) -> None:
    dnf = Dnf(tmp_path / "dnf", server)
    (dnf.folder / "repos/acme.repo").unlink()
    dnf("install", f"{server.url}/acme-release.rpm")
    brought = dnf.root / "etc/yum.repos.d/acme.repo"
    assert "gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-acme\n" in brought.read_text()

    # dnf reads a key's path on the machine, not in its root.
    (dnf.folder / "repos/acme.repo").write_text(brought.read_text().replace("file:///etc", f"file://{dnf.root}/etc"))
    dnf("install", "hello")
    assert dnf.installed() == ["hello-1.0.0"]
    said = run("rpmkeys", "--root", dnf.root, "--define", "_pkgverify_level all", "-Kv", project.site / "acme-release.rpm", env=dnf.environment).stdout
    assert "Signature, key ID" in said
    assert "NOKEY" not in said


def test_rpm_leaves_a_file_that_was_set_up_by_hand(project: Project, server: StaticServer, tmp_path: Path) -> None:
    dnf = Dnf(tmp_path / "dnf", server)
    file = dnf.root / "etc/yum.repos.d/acme.repo"
    file.parent.mkdir(parents=True)
    shutil.copy(project.site / "acme.repo", file)
    dnf("install", str(project.site / "acme-release.rpm"))
    assert file.read_bytes() == (project.site / "acme.repo").read_bytes()
    assert file.with_name("acme.repo.rpmnew").is_file()


def test_machines_that_followed_the_first_channel_stay_through_a_change_of_keys(server: StaticServer, tmp_path: Path) -> None:
    """There was nothing but a beta when they came. By what it brings they come to the stable releases, and know the new key before the old one goes."""
    project = Project(tmp_path / "project", url=server.url, repo={"keyring_packages": True})
    first, second = project.environment["REPOGEN_SIGNING_KEY"], secret_key("rsa3072", email="next@acme.example")

    def release(version: str, keys: str, day: int) -> None:
        project.environment["REPOGEN_SIGNING_KEY"] = keys
        folder = tmp_path / version
        project.empty()
        project.release(make_deb(folder, version=version), make_rpm(folder, version=version, preamble=ALONE), date=f"2026-01-{day:02}T12:00:00Z")

    release("1.0~beta1", first, 2)
    root = apt_root(tmp_path / "root", "")
    root.install(str(newest_deb(project)))
    assert "\nSuites: beta\n" in (root.folder / SOURCE).read_text()
    dnf = Dnf(tmp_path / "dnf", server)
    dnf("install", "acme-release", "hello")
    release("1.0", first + second, 3)
    assert update(root).stderr == ""
    root.apt("apt-get", "upgrade", "--yes")
    dnf("--refresh", "upgrade", "acme-release")
    for installed in (root.installed(), dnf.versions()):
        assert {version.rpartition(":")[2] for name, version in installed.items() if name != "hello"} == {"20260103.120000"}
    release("1.1", second, 4)
    assert "\nSuites: stable\n" in (root.folder / SOURCE).read_text()
    assert update(root).stderr == ""
    assert root.versions("hello")[0] == "1.1"
    assert (dnf.root / "etc/pki/rpm-gpg/RPM-GPG-KEY-acme").read_text().count("BEGIN PGP") == 2
    assert "/yum/stable\n" in (dnf.root / "etc/yum.repos.d/acme.repo").read_text()
