"""Which way install.sh takes on which Linux: by what its os-release says, and by the package managers that are there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.clients import require, run
from tests.support.install_site import DASH, SHELLS, Site, as_if_on, hello, served_site, toolbox  # noqa: F401  # the fixture `site`
from tests.support.releases import acme, deb, rpm

#: What matters of /etc/os-release, as each distribution brings it.
DISTRIBUTIONS = {
    "debian-13": ('PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie\n', "apt-get"),
    "ubuntu-24.04": ('ID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\nVERSION_CODENAME=noble\nUBUNTU_CODENAME=noble\n', "apt-get"),
    "mint": ('ID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_ID="22"\nVERSION_CODENAME=wilma\nUBUNTU_CODENAME=noble\n', "apt-get"),
    "lmde": ('ID=linuxmint\nID_LIKE=debian\nVERSION_ID="6"\nVERSION_CODENAME=faye\nDEBIAN_CODENAME=bookworm\n', "apt-get"),
    "pop": ('ID=pop\nID_LIKE="ubuntu debian"\nVERSION_ID="22.04"\nVERSION_CODENAME=jammy\nUBUNTU_CODENAME=jammy\n', "apt-get"),
    "kali": ('ID=kali\nID_LIKE=debian\nVERSION_ID="2026.3"\nVERSION_CODENAME=kali-rolling\n', "apt-get"),
    "zorin": ('ID=zorin\nID_LIKE="ubuntu debian"\nVERSION_ID="17"\nVERSION_CODENAME=jammy\nUBUNTU_CODENAME=jammy\n', "apt-get"),
    "raspbian": ('ID=raspbian\nID_LIKE=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n', "apt-get"),
    "fedora": ('NAME="Fedora Linux"\nID=fedora\nVERSION_ID=43\nVERSION_CODENAME=""\n', "dnf"),
    "rhel-8": ('ID="rhel"\nID_LIKE="fedora"\nVERSION_ID="8.10"\n', "dnf"),
    "rhel-9": ('ID="rhel"\nID_LIKE="fedora"\nVERSION_ID="9.6"\n', "dnf"),
    "rocky": ('ID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"\n', "dnf"),
    "alma": ('ID="almalinux"\nID_LIKE="rhel centos fedora"\nVERSION_ID="10.0"\n', "dnf"),
    "oracle": ('ID="ol"\nID_LIKE="fedora"\nVERSION_ID="9.5"\n', "dnf"),
    "amazon-2023": ('ID="amzn"\nID_LIKE="fedora"\nVERSION_ID="2023"\n', "dnf"),
    "amazon-2": ('ID="amzn"\nID_LIKE="centos rhel fedora"\nVERSION_ID="2"\n', "dnf"),
    "leap": ('ID="opensuse-leap"\nID_LIKE="suse opensuse"\nVERSION_ID="15.6"\n', "zypper"),
    "tumbleweed": ('ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"\nVERSION_ID="20261120"\n', "zypper"),
    "sles": ('ID="sles"\nID_LIKE="suse"\nVERSION_ID="15.7"\n', "zypper"),
    "arch": ('NAME="Arch Linux"\nID=arch\nBUILD_ID=rolling\n', ""),
    "alpine": ("ID=alpine\nVERSION_ID=3.22.1\n", ""),
    "void": ('ID="void"\n', ""),
    "unknown": ("ID=somethingelse\n", ""),
    "none": ("", ""),
}
#: Every package manager lies around, but none of them has the system in its database.
EVERYTHING = {
    "apt-get": 'echo "apt-get $*" >>"$RECORD"',
    "dpkg": "case $1 in --print-architecture) echo amd64 ;; *) exit 1 ;; esac",
    "dnf": 'echo "dnf $*" >>"$RECORD"',
    "zypper": 'echo "zypper $*" >>"$RECORD"',
    "rpm": "exit 1",
    "uname": "case $1 in -s) echo Linux ;; *) echo x86_64 ;; esac",
    "ldd": "echo GNU libc",
}


def published(site: Site) -> Path:
    site.keys = acme().keys
    site.archive("1.0.0", arch="amd64")
    return site.publish(deb("hello", "1.0.0"), rpm("hello", "1.0.0"))


def way(script: Path, folder: Path, *arguments: str, **stubs: str) -> tuple[str, ...]:
    """The package managers that were asked to do something, by sudo; none where an archive was unpacked."""
    record = folder / "record"
    tools = toolbox(folder, **stubs)
    run(DASH, script, *arguments, env={"PATH": tools, "HOME": str(folder / "home"), "RECORD": str(record)})
    if not record.exists():
        assert hello(folder / "home/.local") == "hello 1.0.0"
        return ()
    words = [
        word for line in record.read_text().splitlines() for word in line.split() if word in {"apt-get", "dnf", "dnf5", "microdnf", "tdnf", "yum", "zypper"}
    ]
    return tuple(dict.fromkeys(words))


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_each_distribution_uses_its_own(site: Site, tmp_path: Path, name: str) -> None:
    described, expected = DISTRIBUTIONS[name]
    assert way(as_if_on(published(site), described), tmp_path, **EVERYTHING) == ((expected,) if expected else ())


@pytest.mark.parametrize(
    ("stubs", "expected"),
    [
        ({"dpkg": 'case $1 in --print-architecture) echo amd64 ;; -s) [ "$2" = dpkg ] ;; esac'}, "apt-get"),
        ({"rpm": '[ "$1 $2" = "-q rpm" ] || [ "$1" = --import ]'}, "dnf"),
    ],
)
def test_an_unknown_one_uses_what_manages_itself(site: Site, tmp_path: Path, stubs: dict[str, str], expected: str) -> None:
    script = as_if_on(published(site), DISTRIBUTIONS["unknown"][0])
    assert way(script, tmp_path, **{**EVERYTHING, **stubs}) == (expected,)


@pytest.mark.parametrize("tool", ["dnf5", "yum", "microdnf", "tdnf"])
def test_any_relative_of_dnf(site: Site, tmp_path: Path, tool: str) -> None:
    stubs = {name: body for name, body in EVERYTHING.items() if name not in {"dnf", "zypper"}}
    assert way(as_if_on(published(site), DISTRIBUTIONS["rhel-9"][0]), tmp_path, **{**stubs, tool: "exit 9"}) == (tool,)


def test_debs_alone_are_not_installed_on_a_relative_of_fedora(site: Site, tmp_path: Path) -> None:
    site.archive("1.0.0", arch="amd64")
    script = as_if_on(site.publish(deb("hello", "1.0.0")), DISTRIBUTIONS["fedora"][0])
    assert way(script, tmp_path, **EVERYTHING) == ()


def test_rpms_alone_are_not_installed_on_a_relative_of_debian(site: Site, tmp_path: Path) -> None:
    site.archive("1.0.0", arch="amd64")
    script = as_if_on(site.publish(rpm("hello", "1.0.0")), DISTRIBUTIONS["mint"][0])
    assert way(script, tmp_path, **EVERYTHING) == ()


def test_variables_of_the_caller_are_none_of_the_systems(site: Site, tmp_path: Path) -> None:
    script = as_if_on(published(site), DISTRIBUTIONS["alpine"][0])
    tools = toolbox(tmp_path, **EVERYTHING)
    run(DASH, script, env={"PATH": tools, "HOME": str(tmp_path), "RECORD": str(tmp_path / "record"), "ID_LIKE": "debian", "UBUNTU_CODENAME": "noble"})
    assert not (tmp_path / "record").exists()


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("leap", "zypper --non-interactive install --oldpackage hello=1.0.0-1"),
        ("mint", "env DEBIAN_FRONTEND=noninteractive apt-get install -y --allow-downgrades hello=1.0.0-1"),
        ("rocky", "dnf install -y hello-1.0.0-1"),
    ],
)
def test_every_shell_does_the_same(site: Site, tmp_path: Path, shell: tuple[str, ...], name: str, expected: str) -> None:
    script = as_if_on(published(site), DISTRIBUTIONS[name][0])
    tools = toolbox(tmp_path, **EVERYTHING)
    require(shell[0])
    program = shutil.which(shell[0]) or shell[0]  # the toolbox has none of them
    run(program, *shell[1:], script, "--version", "1.0.0", env={"PATH": tools, "HOME": str(tmp_path), "RECORD": str(tmp_path / "record")})
    assert (tmp_path / "record").read_text().splitlines()[-1] == expected
