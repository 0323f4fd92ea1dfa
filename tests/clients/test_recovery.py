"""What is printed after a yank or a rollback, typed into the real apt, dnf and zypper: they leave the bad version."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.apt import AptRoot
from tests.support.chroots import Chroot, chroot
from tests.support.clients import require, run
from tests.support.dnf import Dnf
from tests.support.packages import make_deb, make_rpm
from tests.support.server import StaticServer, serving
from tests.support.site import Project
from tests.support.zypper import Zypper

pytestmark = pytest.mark.slow

ALONE = "AutoReq: no"


class Site:
    """A project, its server, and what the last command printed for each client."""

    def __init__(self, folder: Path, server: StaticServer) -> None:
        self.project = Project(folder / "project", url=server.url)
        self.packages = folder / "packages"
        self.server = server

    def release(self, version: str, *, extra: bool = False) -> None:
        folder = self.packages / version
        made = [make_deb(folder, version=version), make_rpm(folder, version=version, preamble=ALONE)]
        if extra:
            made.append(make_deb(folder, "hello-doc", version, "all", extra=f"Depends: hello (= {version})"))
            made.append(make_rpm(folder, "hello-doc", version, architecture="noarch", preamble=f"{ALONE}\nRequires: hello = {version}"))
        self.bring(*made)

    def bring(self, *made: Path, **tables: object) -> None:
        """Publish these from an empty machine."""
        self.project.empty()
        self.project.configure(url=self.server.url, to="site", product=[{"id": "hello", "files": ["hello*"]}], **tables)
        self.project.release(*made)

    def change(self, *words: str) -> dict[str, str]:
        """Run a command from an empty machine; the line that it tells each client to type, the first of several."""
        return {client: lines[0] for client, lines in self.all_lines(*words).items() if lines}

    def all_lines(self, *words: str) -> dict[str, list[str]]:
        self.project.empty()
        return {client: lines for way in json.loads(self.project.run(*words, "--json").stdout)["recovery"] for client, lines in way["clients"].items()}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with serving(tmp_path / "project/site") as server:
        yield Site(tmp_path, server)


def words(line: str, program: str, root: Path) -> list[list[str]]:
    """The commands of a line, as a shell of that root reads them, without the program's name; ``&&`` parts them."""
    require("bash")
    shell = f'sudo() {{ printf "%s\\n" "$@" END; }}; rpm() {{ command rpm --root {root} "$@"; }}; '
    shell += f'dpkg-query() {{ command dpkg-query --admindir={root}/var/lib/dpkg "$@"; }}; '
    printed = run("bash", "-c", shell + line).stdout.split("END\n")
    commands = [part.splitlines() for part in printed if part]
    assert all(command[0] == program for command in commands), commands
    return [command[1:] for command in commands]


def apt_root(folder: Path, site: Site) -> AptRoot:
    root = AptRoot(folder, (site.project.site / "acme.sources").read_text())
    root.update()
    return root


def type_apt(root: AptRoot, line: str) -> None:
    for command in words(line, "apt-get", root.folder):
        root.apt("apt-get", "--yes", *command)


def type_dnf(dnf: Dnf, line: str) -> None:
    for command in words(line, "dnf", dnf.root):
        dnf(*command)


def type_zypper(zypper: Zypper, line: str) -> None:
    for command in words(line, "zypper", zypper.root):
        zypper(*command)


def test_a_yanked_version_is_left_for_the_older_one(site: Site, tmp_path: Path) -> None:
    site.release("1.0.0")
    site.release("1.1.0")
    apt = apt_root(tmp_path / "apt", site)
    apt.install("hello")
    dnf, zypper = Dnf(tmp_path / "dnf", site.server), Zypper(tmp_path / "zypper", site.server)
    dnf("install", "hello")
    zypper("--gpg-auto-import-keys", "refresh")
    zypper("install", "hello")
    assert (apt.installed(), dnf.installed(), zypper.installed()) == ({"hello": "1.1.0"}, ["hello-1.1.0"], ["hello-1.1.0"])

    told = site.change("yank", "hello", "1.1.0", "--reason", "data loss")
    apt.update()
    assert apt.versions("hello") == ["1.0.0"]
    type_apt(apt, told["apt"])
    type_dnf(dnf, told["dnf"])
    type_zypper(zypper, told["zypper"])
    assert (apt.installed(), dnf.installed(), zypper.installed()) == ({"hello": "1.0.0"}, ["hello-1.0.0"], ["hello-1.0.0"])
    assert dnf.repoquery("hello") == ["hello-0:1.0.0-1.x86_64"]


def test_several_packages_go_back_together_and_no_other_is_installed(site: Site, tmp_path: Path) -> None:
    site.release("1.0.0", extra=True)
    site.release("1.1.0", extra=True)
    roots = {name: apt_root(tmp_path / name, site) for name in ("both", "one")}
    roots["both"].install("hello-doc")
    roots["one"].install("hello")
    dnf, zypper = Dnf(tmp_path / "dnf", site.server), Zypper(tmp_path / "zypper", site.server)
    dnf("install", "hello")
    zypper("--gpg-auto-import-keys", "refresh")
    zypper("install", "hello")

    told = site.change("rollback")
    for root in roots.values():
        type_apt(root, told["apt"])
    assert roots["both"].installed() == {"hello": "1.0.0", "hello-doc": "1.0.0"}
    assert roots["one"].installed() == {"hello": "1.0.0"}
    type_dnf(dnf, told["dnf"])
    type_zypper(zypper, told["zypper"])
    assert (dnf.installed(), zypper.installed()) == (["hello-1.0.0"], ["hello-1.0.0"])


def with_hello(folder: Path, site: Site, *packages: str) -> tuple[Dnf, Zypper]:
    """dnf and zypper with these packages, or with hello alone."""
    dnf, zypper = Dnf(folder / "dnf", site.server), Zypper(folder / "zypper", site.server)
    dnf("install", *(packages or ["hello"]))
    zypper("--gpg-auto-import-keys", "refresh")
    zypper("install", *(packages or ["hello"]))
    return dnf, zypper


def test_a_package_with_an_epoch_is_named_as_zypper_finds_it(site: Site, tmp_path: Path) -> None:
    for version in ("1.0", "1.1"):
        site.bring(make_rpm(site.packages, version=version, preamble=f"{ALONE}\nEpoch: 3"))
    dnf, zypper = with_hello(tmp_path, site)
    assert (dnf.versions(), zypper.versions()) == ({"hello": "3:1.1"}, {"hello": "3:1.1"})

    told = site.change("yank", "hello", "1.1")
    type_dnf(dnf, told["dnf"])
    type_zypper(zypper, told["zypper"])
    assert (dnf.versions(), zypper.versions()) == ({"hello": "3:1.0"}, {"hello": "3:1.0"})


def test_an_epoch_by_mistake_is_left_for_the_newer_version_without_one(site: Site, tmp_path: Path) -> None:
    for version, more, epoch in (("1.0", "", ""), ("1.1", "Epoch: 1", "1:"), ("1.2", "", "")):
        site.bring(make_rpm(site.packages, version=version, preamble=f"{ALONE}\n{more}"), make_deb(site.packages, version=f"{epoch}{version}"))
    dnf, zypper = with_hello(tmp_path, site)
    apt = apt_root(tmp_path / "apt", site)
    apt.install("hello")
    assert (dnf.versions(), zypper.versions(), apt.installed()) == ({"hello": "1:1.1"}, {"hello": "1:1.1"}, {"hello": "1:1.1"})

    told = site.change("yank", "hello", "1.1")
    type_dnf(dnf, told["dnf"])
    type_zypper(zypper, told["zypper"])
    type_apt(apt, told["apt"])
    assert (dnf.versions(), zypper.versions(), apt.installed()) == ({"hello": "(none):1.2"}, {"hello": "(none):1.2"}, {"hello": "1.2"})


def test_the_newest_revision_of_the_older_version_takes_the_place(site: Site, tmp_path: Path) -> None:
    older = [make_deb(site.packages, version=f"1.0-{number}") for number in (1, 2)]
    site.bring(*older, *(make_rpm(site.packages, version="1.0", release=number, preamble=ALONE) for number in ("1", "2")))
    script = (site.project.site / "install.sh").read_text()
    site.release("1.1")
    apt = apt_root(tmp_path / "apt", site)
    apt.install("hello")
    dnf, zypper = with_hello(tmp_path, site)

    told = site.change("yank", "hello", "1.1")
    type_apt(apt, told["apt"])
    type_dnf(dnf, told["dnf"])
    type_zypper(zypper, told["zypper"])
    assert apt.installed() == {"hello": "1.0-2"}
    for root, environment in ((dnf.root, dnf.environment), (zypper.root, {})):
        assert run("rpm", "--root", root, "-q", "--qf", "%{evr}", "hello", env=environment).stdout == "1.0-2"
    for package in ("'amd64' 'hello' '1.0", "'x86_64' 'hello' '1.0"):
        assert script.index(f"{package}-2'") < script.index(f"{package}-1'"), "install.sh takes the first that fits"


@pytest.mark.parametrize("installed", [("hello", "hello-extra"), ("hello",), ("hello-extra", "other")], ids=" ".join)
def test_packages_that_only_the_bad_release_has_go(installed: tuple[str, ...], site: Site, tmp_path: Path) -> None:
    """The program and its libraries need each other, the extra stands alone."""
    other, folder = make_rpm(site.packages, "other", preamble=ALONE), site.packages
    site.bring(make_rpm(folder, version="1.0", preamble=ALONE), make_deb(folder, version="1.0"), other, make_deb(folder, "other"))
    needs = {"hello": "hello-libs", "hello-libs": "hello = 1.1", "hello-extra": ""}
    rpms = [make_rpm(folder, name, "1.1", preamble=f"{ALONE}\n" + (f"Requires: {need}" if need else "")) for name, need in needs.items()]
    debs = [make_deb(folder, name, "1.1", extra=f"Depends: {need.replace('= 1.1', '(= 1.1)')}" if need else "") for name, need in needs.items()]
    site.bring(*rpms, *debs)
    apt = apt_root(tmp_path / "apt", site)
    apt.install(*installed)
    dnf, zypper = with_hello(tmp_path, site, *installed)

    told = site.change("yank", "hello", "1.1")
    type_apt(apt, told["apt"])
    type_dnf(dnf, told["dnf"])
    type_zypper(zypper, told["zypper"])
    left = {name: {"hello": "1.0", "other": "1.0.0"}[name] for name in installed if name != "hello-extra"}
    rpms_left = {name: f"(none):{version}" for name, version in left.items()}
    assert (apt.installed(), dnf.versions(), zypper.versions()) == (left, rpms_left, rpms_left)


def test_each_suite_has_its_own_line(site: Site, tmp_path: Path) -> None:
    suites = {"apt.suite": [{"name": name, "match": [f"~{name}"]} for name in ("bookworm", "trixie")]}
    site.bring(make_deb(site.packages, version="1.0-1~bookworm"), **suites)
    site.bring(*(make_deb(site.packages, version=f"1.1-1~{name}") for name in ("bookworm", "trixie")), **suites)
    source = (site.project.site / "acme.sources").read_text()
    roots = {name: AptRoot(tmp_path / name, re.sub("Suites: .*", f"Suites: {name}", source)) for name in ("bookworm", "trixie")}
    for name, root in roots.items():
        root.update()
        root.install("hello")
        assert root.installed() == {"hello": f"1.1-1~{name}"}

    lines = site.all_lines("yank", "hello", "1.1")["apt"]
    for root, line in zip(roots.values(), lines, strict=True):
        root.update()
        type_apt(root, line)
    assert [root.installed() for root in roots.values()] == [{"hello": "1.0-1~bookworm"}, {}]


def test_where_no_older_version_is_left_it_is_removed(site: Site, tmp_path: Path) -> None:
    site.release("1.0.0")
    site.project.release(make_rpm(site.packages, "other", preamble=ALONE))  # Debian's zypper fails over an rpm database that is empty again
    apt = apt_root(tmp_path / "apt", site)
    apt.install("hello")
    dnf, zypper = Dnf(tmp_path / "dnf", site.server), Zypper(tmp_path / "zypper", site.server)
    dnf("install", "hello")
    zypper("--gpg-auto-import-keys", "refresh")
    zypper("install", "hello", "other")

    told = site.change("yank", "hello", "1.0.0")
    apt.update()
    assert apt.versions("hello") == []
    type_apt(apt, told["apt"])
    type_dnf(dnf, told["dnf"])
    type_zypper(zypper, told["zypper"])
    assert (apt.installed(), dnf.installed(), zypper.installed()) == ({}, [], [])
    zypper("refresh", "--force")
    dnf("--refresh", "makecache")


def test_the_advisory_of_a_withdrawn_release_is_retracted(site: Site, tmp_path: Path) -> None:
    site.release("1.0.0")
    site.project.empty()
    (site.project.dist / "hello-1.1.0.md").write_text("# Hello 1.1.0\n\nType: security\n\nFixes CVE-2026-12345.\n")
    site.project.release(make_rpm(site.packages, version="1.1.0", preamble=ALONE))
    dnf, zypper = Dnf(tmp_path / "dnf", site.server), Zypper(tmp_path / "zypper", site.server)
    dnf("install", "hello-1.0.0")
    zypper("--gpg-auto-import-keys", "refresh")
    zypper("install", "hello=1.0.0")
    assert "needed" in zypper("list-patches").stdout
    assert "hello-1.1.0-1" in dnf("updateinfo", "list").stdout

    site.change("yank", "hello", "1.1.0", "--reason", "it is worse")
    zypper("refresh")
    assert "acme-hello-1.1.0" not in zypper("list-patches").stdout
    (row,) = [line for line in zypper("list-patches", "--all").stdout.splitlines() if "acme-hello-1.1.0" in line]
    assert "retracted" in row
    assert "hello-1.1.0" not in dnf("--refresh", "updateinfo", "list", "--all").stdout
    assert "Withdrawn: it is worse" in zypper("info", "-t", "patch", "acme-hello-1.1.0").stdout


@pytest.fixture
def debian(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Chroot]:
    with chroot(request.param, tmp_path / "debian") as made:
        yield made


@pytest.mark.parametrize("package", ["hello-doc", "hello"])
@pytest.mark.parametrize(("debian", "program"), [("trixie", "dnf"), ("forky", "dnf5")], indirect=["debian"])
def test_newer_clients_go_back_too(debian: Chroot, program: str, package: str, site: Site) -> None:
    site.release("1.0.0", extra=True)
    site.release("1.1.0", extra=True)
    apt = AptRoot(debian.shared / "apt", (site.project.site / "acme.sources").read_text(), words=debian.words)
    apt.update()
    apt.install("hello")
    dnf = Dnf(debian.shared / "dnf", site.server, debian.words, program)
    dnf("install", package)

    told = site.change("yank", "hello", "1.1.0")
    type_apt(apt, told["apt"])
    type_dnf(dnf, told["dnf"])
    assert (apt.installed(), dnf.installed()) == ({"hello": "1.0.0"}, sorted({"hello-1.0.0", f"{package}-1.0.0"}))
    assert "acme-hello-1.1.0" not in dnf("updateinfo", "list", "--all").stdout


def test_another_revision_of_a_withdrawn_version_reaches_every_client(site: Site, tmp_path: Path) -> None:
    site.release("1.0")
    site.release("1.1")
    site.change("yank", "hello", "1.1", "--reason", "its postinst fails")
    bad = [file for file in (site.packages / "1.1").iterdir() if file.suffix in {".deb", ".rpm"}]
    assert len(bad) == 2
    site.project.release(*bad, make_deb(tmp_path / "2", version="1.1-2"), make_rpm(tmp_path / "2", version="1.1", release="2", preamble=ALONE))
    apt = apt_root(tmp_path / "apt", site)
    assert apt.versions("hello") == ["1.1-2", "1.0"]
    dnf = Dnf(tmp_path / "dnf", site.server)
    assert sorted(dnf.repoquery("hello", "--queryformat", "%{version}-%{release} ")) == ["1.0-1", "1.1-2"]
    dnf("install", "hello")
    assert dnf.installed() == ["hello-1.1"]
