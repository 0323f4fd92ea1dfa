"""The real apt-get with suites by distribution, several components, and a suite that changes its identity."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.clients.test_apt import seconds_later
from tests.support.apt import AptRoot
from tests.support.clients import run
from tests.support.packages import make_deb
from tests.support.server import serving
from tests.support.site import Project

SUITES = [
    {"name": "bookworm", "match": ["~bookworm"], "version": "12", "description": "Acme Tools for Debian 12", "architectures": ["amd64", "armhf"]},
    {"name": "trixie", "ignore": ["~bookworm"], "codename": "trixie-acme"},
]


def sources_of(site: Path, url: str) -> str:
    return (site / "acme.sources").read_text().replace("https://dl.acme.example", url)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("suites")
    tables = {"apt.suite": SUITES, "product": [{"id": "extra", "component": "contrib"}]}
    project = Project(folder / "project", **tables)
    both = [make_deb(folder, "hello", f"1.0~{name}") for name in ("bookworm", "trixie")]
    project.release(*both, make_deb(folder, "extra", "1.0", "all"))
    return project.site


def test_a_distribution_has_its_own_packages(site: Path, tmp_path: Path) -> None:
    with serving(site) as server:
        text = sources_of(site, server.url)
        assert "\nSuites: bookworm\nComponents: main contrib\nSigned-By:" in text
        old = AptRoot(tmp_path / "old", text)
        old.update()
        assert old.versions("hello") == ["1.0~bookworm"]
        new = AptRoot(tmp_path / "new", text.replace("Suites: bookworm", "Suites: trixie"))
        new.update()
        new.install("hello", "extra")
        assert new.installed() == {"hello": "1.0~trixie", "extra": "1.0"}
        policy = new.apt("apt-cache", "policy").stdout
        assert "release o=Acme Tools,a=trixie,n=trixie-acme,l=Acme Tools,c=contrib,b=amd64\n     origin 127.0.0.1" in policy
        assert "v=12,o=Acme Tools,a=bookworm" in old.apt("apt-cache", "policy").stdout


def test_one_source_file_fits_every_suite(tmp_path: Path) -> None:
    """It names the components once, for the suites of all channels that a user may add to it."""
    project = Project(tmp_path / "project", product=[{"id": "extra", "component": "contrib"}, {"id": "tool", "component": "non-free"}])
    project.release(make_deb(tmp_path, "hello", "1.0"), make_deb(tmp_path, "extra", "1.0", "all"), make_deb(tmp_path, "tool", "2.0~beta1"))
    with serving(project.site) as server:
        text = sources_of(project.site, server.url)
        assert "\nSuites: stable\nComponents: main contrib non-free\n" in text
        root = AptRoot(tmp_path / "root", text.replace("Suites: stable", "Suites: stable beta"))
        assert root.apt("apt-get", "update", "-o", "quiet=0").stderr == ""
        root.install("hello", "extra", "tool/beta")
        assert root.installed() == {"hello": "1.0", "extra": "1.0", "tool": "2.0~beta1"}


def test_an_architecture_without_packages_is_no_reason_to_complain(site: Path, tmp_path: Path) -> None:
    said = "doesn't support architecture 'armhf'"
    with serving(site) as server:
        text = sources_of(site, server.url).replace("amd64 ", "")
        declared, not_declared = (
            AptRoot(tmp_path / "one", text, "armhf"),
            AptRoot(tmp_path / "two", text.replace("Suites: bookworm", "Suites: trixie"), "armhf"),
        )
        assert said not in declared.apt("apt-get", "update", "-o", "quiet=0").stderr
        assert said in not_declared.apt("apt-get", "update", "-o", "quiet=0").stderr


def test_packages_for_all_architectures_are_for_every_machine(tmp_path: Path) -> None:
    """Also for those that came while nothing else was there, once there is more."""
    project = Project(tmp_path / "project")
    project.release(make_deb(tmp_path, "hello", "1.0", "all"), date="2026-01-02T12:00:00Z")
    with serving(project.site) as server:
        roots = {name: AptRoot(tmp_path / name, sources_of(project.site, server.url), name) for name in ("amd64", "armhf", "riscv64")}
        for root in roots.values():
            root.update()
            root.install("hello")
            assert root.installed() == {"hello": "1.0"}
        project.release(make_deb(tmp_path, "hello", "1.1", "all"), make_deb(tmp_path, "tool", "1.0"), date="2026-01-03T12:00:00Z")
        for root in roots.values():
            root.update()
            root.install("hello")
            assert root.installed() == {"hello": "1.1"}
        roots["amd64"].install("tool")


def test_suites_that_are_called_otherwise_than_their_distributions(tmp_path: Path) -> None:
    """The comment in the source file and the lines of the page say which suite is whose."""
    suites = [{"name": "deb12", "distribution": "bookworm", "match": ["~deb12"]}, {"name": "deb13", "distribution": "trixie", "match": ["~deb13"]}]
    project = Project(tmp_path / "project", **{"apt.suite": suites})
    project.release(*(make_deb(tmp_path, "hello", f"1.0~{suite['name']}") for suite in suites))
    lines = json.loads((project.site / "repo.json").read_text())["products"][0]["install"]["stable"]["apt"]
    with serving(project.site) as server:
        text = sources_of(project.site, server.url)
        for (distribution, suite), line in zip((("bookworm", "deb12"), ("trixie", "deb13")), lines, strict=True):
            assert re.findall(rf"^#   {distribution}: (.+)$", text, re.MULTILINE) == [suite]
            root = AptRoot(tmp_path / suite, text)
            (choose,) = re.findall("sudo (sed .+?) && ", line)
            run("sh", "-c", choose.replace("/etc/", f"{root.folder}/etc/"))
            root.update()
            assert root.versions("hello") == [f"1.0~{suite}"]


def test_a_package_for_no_suite_is_refused(tmp_path: Path) -> None:
    project = Project(tmp_path / "project", **{"apt.suite": SUITES[:1]})
    project.add(make_deb(tmp_path, "hello", "1.0~jammy"))
    assert "hello_1.0~jammy_amd64.deb (stable) belongs to none of the [[apt.suite]] tables of its channel: bookworm" in project.build(code=1).stderr


def test_a_published_package_that_no_suite_takes_any_more(tmp_path: Path) -> None:
    """A promote into such a place is refused; where the table was narrowed, the page offers no line that apt could not follow, and doctor tells."""
    project = Project(tmp_path / "project")
    project.release(make_deb(tmp_path, "hello", "1.0"), make_deb(tmp_path, "tool", "1.0"))
    project.run("doctor")
    project.configure(url="https://dl.acme.example", to="site", **{"apt.suite": [{"name": "stable", "match": ["hello_*"]}]})
    project.empty()
    project.add(make_deb(tmp_path, "hello", "1.1"))
    assert "the apt suite stable would lose tool_1.0_amd64.deb, by its match and ignore" in project.build(code=3).stderr
    project.build("--accept-identity-change")
    assert "the apt suite stable would lose tool_1.0_amd64.deb: every user of it must act" in project.run("plan", code=10).stdout
    project.publish()
    project.build()  # asks once
    page = (project.site / "index.html").read_text()
    assert "apt-get install hello" in page.replace("</span>", "").replace("<span>", "")
    assert "install tool" not in page.replace("</span>", "").replace("<span>", "")
    with serving(project.site) as server:
        root = AptRoot(tmp_path / "root", sources_of(project.site, server.url))
        root.update()
        assert root.versions("tool") == []
    assert "no [[apt.suite]] table takes a package of tool 1.0 (stable)" in project.run("doctor").stdout
    project.add(make_deb(tmp_path, "tool", "1.1"))
    project.build("--channel", "beta")
    project.publish()
    said = project.run("promote", "tool", "1.1", "--to", "stable", code=2).stderr
    assert "tool_1.1_amd64.deb (stable) belongs to none of the [[apt.suite]] tables of its channel: stable" in said


def test_a_changed_identity_is_refused_until_it_is_accepted(tmp_path: Path) -> None:
    """And apt shows why: it takes the change from nobody but a user who agrees to it."""
    project = Project(tmp_path / "project")
    project.release(make_deb(tmp_path, "hello", "1.0"))
    with serving(project.site) as server:
        user = AptRoot(tmp_path / "user", sources_of(project.site, server.url))
        user.update()
        project.configure(url="https://dl.acme.example", to="site", apt={"origin": "Other"})
        said = project.build(code=3).stderr
        assert "the Origin of the apt suite stable would change from 'Acme Tools' to 'Other'" in said
        assert "apt-get update --allow-releaseinfo-change" in said
        project.build("--accept-identity-change")
        other = Project(tmp_path / "other")
        other.environment = project.environment
        other.configure(url="https://dl.acme.example", to=str(project.site))
        other.release(make_deb(tmp_path, "other", "1.0"))
        project.publish()  # which builds again upon what the other has published meanwhile
        seconds_later(project.site / "apt/dists")
        done = user.apt("apt-get", "update", check=False)
        assert done.returncode == 100
        assert "changed its 'Origin' value from 'Acme Tools' to 'Other'" in done.stderr
        user.apt("apt-get", "update", "--allow-releaseinfo-change")
        assert user.versions("other") == ["1.0"]
    project.build()
    assert "Origin: Other\n" in (project.output / "apt/dists/stable/Release").read_text()


def test_install_sh_takes_the_suite_of_the_system(tmp_path: Path) -> None:
    codename = run("sh", "-c", ". /etc/os-release; echo $VERSION_CODENAME").stdout.strip()
    suites = [{"name": "elsewhere", "match": ["~elsewhere"]}, {"name": codename, "match": [f"~{codename}"]}]
    project = Project(tmp_path / "project", **{"apt.suite": suites})
    project.release(*[make_deb(tmp_path, "hello", f"1.0~{suite['name']}") for suite in suites])
    done = run("sh", project.site / "install.sh", "--dry-run", "--version", "1.0", env={"HOME": str(tmp_path)}, check=False)
    assert f"hello=1.0~{codename}" in done.stderr, done.stderr


def test_what_a_declared_system_cannot_unpack_is_told(tmp_path: Path) -> None:
    said = "hello_1.0_amd64.deb is packed with zstd, which dpkg of bullseye cannot unpack"
    for number, tables in enumerate(({"apt.suite": [{"name": "bullseye"}, {"name": "bookworm"}]}, {"apt": {"oldest": "bullseye"}}, {})):
        project = Project(tmp_path / f"project{number}", **tables)
        project.add(make_deb(tmp_path, "hello", "1.0", compression="zstd"), make_deb(tmp_path, "tool", "1.0"))
        warnings = project.build().stderr
        assert (said in warnings) == bool(tables)
        assert "tool_1.0_amd64.deb is" not in warnings


def test_a_repository_with_an_end_is_renewed_in_time(tmp_path: Path) -> None:
    """Nothing is new, but half of the time is over. apt refuses it once all of it is."""
    project = Project(tmp_path / "project", apt={"valid_for": 10})
    today = datetime.now(UTC)
    project.release(make_deb(tmp_path, "hello", "1.0"), date=f"{today - timedelta(days=20):%Y-%m-%d}")
    release = project.site / "apt/dists/stable/Release"
    with serving(project.site) as server:
        root = AptRoot(tmp_path / "root", sources_of(project.site, server.url))
        done = root.apt("apt-get", "update", check=False)
        assert done.returncode == 100
        assert "is expired" in done.stderr
        project.empty()
        project.build(date=f"{today - timedelta(days=16):%Y-%m-%d}")
        assert "nothing changed" in project.build(date=f"{today - timedelta(days=16):%Y-%m-%d}").stderr
        project.publish()
        assert f"Date: {today - timedelta(days=20):%a, %d %b %Y}" in release.read_text(), "four days of ten are less than half"
        project.build()
        project.publish()
        seconds_later(project.site / "apt/dists")
        root.update()
        assert root.versions("hello") == ["1.0"]
    project.build()
    assert "is up to date" in project.publish().stderr, "what was renewed just now is not renewed again"
