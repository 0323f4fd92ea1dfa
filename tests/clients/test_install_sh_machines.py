"""install.sh as root of whole machines: Debian 12 and 13, and one whose os-release says that it is Fedora's relative, with the real apt and dnf."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.chroots import Chroot, own_machine
from tests.support.clients import run
from tests.support.dnf import ALONE
from tests.support.install_site import MACHINE
from tests.support.packages import make_deb, make_rpm, make_tar
from tests.support.running import saying
from tests.support.server import StaticServer, serving
from tests.support.site import Project

pytestmark = pytest.mark.slow

RELATIVES = {
    "bookworm": 'ID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_ID=22\nUBUNTU_CODENAME=noble\n',
    "trixie": "ID=debian\nVERSION_ID=13\nVERSION_CODENAME=trixie\n",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaticServer]:
    """Two stable versions and a beta, as deb and rpm for any architecture."""
    folder = tmp_path_factory.mktemp("releases")
    (folder / "served").mkdir()
    serving = StaticServer(folder / "served")
    project = Project(folder / "project", url=serving.url, to=str(serving.root))
    for version in ("1.0.0", "1.1.0", "1.2.0~beta.1"):
        project.empty()
        project.release(make_deb(folder, "hello", version, "all"), make_rpm(folder, "hello", version, architecture="noarch", preamble=ALONE))
    yield serving
    serving.close()


@pytest.mark.parametrize("suite", list(RELATIVES))
def test_apt(suite: str, server: StaticServer, tmp_path: Path) -> None:
    with own_machine(suite, tmp_path) as machine:
        become(machine, RELATIVES[suite])
        before = machine.system / "etc/apt/sources.list.d/hello.list"
        before.write_text(f"deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] {server.url}/apt stable main\n")
        install(machine, server, "--version", "1.0.0")
        assert installed(machine) == "1.0.0"
        assert said(machine) == "hello 1.0.0"
        source = (machine.system / "etc/apt/sources.list.d/acme.sources").read_text()
        assert "Types: deb\n" in source
        assert "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n" in source

        install(machine, server)
        assert said(machine) == "hello 1.1.0"
        install(machine, server, "--channel", "beta")
        assert said(machine) == "hello 1.2.0~beta.1"

        install(machine, server, "--uninstall")
        assert not (machine.system / "usr/bin/hello").exists()
        assert list((machine.system / "etc/apt/sources.list.d").glob("acme*")) == []
        assert {path.partition("/apt/")[0] for path in server.paths(404)} <= {""}


def test_apt_with_the_key_in_a_file(server: StaticServer, tmp_path: Path) -> None:
    """As an apt before 2.3.10 gets it; this one is told to be as old."""
    with own_machine("bookworm", tmp_path) as machine:
        become(machine, RELATIVES["trixie"])
        query = machine.system / "usr/local/bin/dpkg-query"
        query.parent.mkdir(parents=True, exist_ok=True)
        query.write_text('#!/bin/sh\ncase $4 in apt) echo 2.2.4 ;; *) exec /usr/bin/dpkg-query "$@" ;; esac\n')
        query.chmod(0o755)
        install(machine, server)
        assert said(machine) == "hello 1.1.0"
        source = (machine.system / "etc/apt/sources.list.d/acme.sources").read_text()
        assert "Signed-By: /etc/apt/keyrings/acme.asc\n" in source
        install(machine, server, "--uninstall")
        assert not (machine.system / "etc/apt/keyrings/acme.asc").exists()


def test_dnf_for_a_relative_of_fedora_that_has_apt_too(server: StaticServer, tmp_path: Path) -> None:
    with own_machine("trixie", tmp_path) as machine:
        become(machine, 'ID=nobara\nID_LIKE="rhel fedora"\nVERSION_ID=41\n')
        install(machine, server, "--version", "1.0.0")
        assert said(machine) == "hello 1.0.0"
        assert not (machine.system / "etc/apt/sources.list.d/acme.sources").exists()
        repository = (machine.system / "etc/yum.repos.d/acme.repo").read_text()
        assert "gpgcheck=1\nrepo_gpgcheck=1\n" in repository

        assert "hello" in machine("env", "HOME=/root", "dnf", "-y", "upgrade", "hello")
        assert said(machine) == "hello 1.1.0"
        install(machine, server, "--uninstall")
        assert not (machine.system / "usr/bin/hello").exists()
        assert not (machine.system / "etc/yum.repos.d/acme.repo").exists()
        assert list((machine.system / "etc/pki/rpm-gpg").glob("*acme*")) == []


@pytest.mark.parametrize(("suite", "expected"), [("trixie", "built for trixie"), ("bookworm", "static")])
def test_a_program_of_debian_13_gives_way_to_a_static_one_on_debian_12(suite: str, expected: str, tmp_path: Path) -> None:
    """``printf`` of coreutils, which needs the glibc of Debian 13, beside a program that needs none."""
    (tmp_path / "served").mkdir()
    folder = tmp_path / "release"
    with own_machine("trixie", tmp_path) as newer:
        newest = (newer.system / "usr/bin/printf").read_bytes()
    arch = {"amd64": "x86_64", "arm64": "aarch64"}.get(MACHINE, MACHINE)
    made = [
        make_tar(folder / f"hello-1.0.0-{arch}-unknown-linux-{libc}.tar.gz", {"hello": program}, ("hello",))
        for libc, program in (
            ("gnu", newest),
            ("musl", saying("static", MACHINE)),
        )
    ]
    with serving(tmp_path / "served") as server:
        project = Project(tmp_path / "project", url=server.url, to=str(server.root))
        project.release(*made)
        with own_machine(suite, tmp_path) as machine:
            fetcher = machine.system / "usr/bin/wget"  # apt's own, called as the script calls wget
            fetcher.write_text('#!/bin/sh\nexec /usr/lib/apt/apt-helper download-file "$4" "$3"\n')
            fetcher.chmod(0o755)
            install(machine, server, "--archive")
            assert machine("/usr/local/bin/hello", "built for trixie") == expected


def become(machine: Chroot, release: str) -> None:
    (machine.system / "etc/os-release").unlink()
    (machine.system / "etc/os-release").write_text(release)


def install(machine: Chroot, server: StaticServer, *arguments: str) -> None:
    script = (server.root / "install.sh").read_bytes()
    run(*machine.words, "env", "HOME=/root", "dash", "-s", "--", *arguments, stdin=script)


def said(machine: Chroot) -> str:
    return machine("hello").strip()


def installed(machine: Chroot) -> str:
    return machine("dpkg-query", "--show", "--showformat", "${Version}", "hello")
