"""install.sh where there is a package manager: stubs write down what they are told, as root and not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from msgspec.structs import replace

from repogen.artifact import RpmFacts
from repogen.config import RepoConfig
from repogen.edits import Yank, edited
from repogen.formats import installers
from tests.support.catalogs import config
from tests.support.clients import require, run
from tests.support.install_site import DASH, Site, as_if_on, hello, served_site, toolbox  # noqa: F401  # the fixture `site`
from tests.support.releases import acme, deb, rpm


def managed(script: Path, folder: Path, *arguments: str, **stubs: str) -> list[str]:
    """Run the script where these package managers are; what it told them as root."""
    record = folder / "record"
    script = as_if_on(script, "ID=fedora\n" if "rpm" in stubs else "ID=debian\n")
    run(DASH, script, *arguments, env={"PATH": toolbox(folder, **stubs), "RECORD": str(record), "HOME": str(folder)})
    return record.read_text().splitlines()


APT = {"apt-get": "exit 9", "dpkg": "echo amd64"}
DNF = {"dnf": "exit 9", "rpm": "exit 1", "uname": "case $1 in -s) echo Linux;; *) echo x86_64;; esac"}
ZYPPER = {**{k: v for k, v in DNF.items() if k != "dnf"}, "zypper": "exit 9"}


def release(site: Site) -> Path:
    beta = {"channel": "beta"}
    packages = (deb("hello", "1.0.0"), deb("hello", "1.1.0"), rpm("hello", "1.0.0"), rpm("hello", "1.1.0"), deb("hello", "2.0.0-beta.1", **beta))
    site.keys = acme().keys
    return site.publish(*packages, rpm("hello", "2.0.0-beta.1", **beta))


def test_apt_gets_the_source_and_installs(site: Site, tmp_path: Path) -> None:
    said = managed(release(site), tmp_path, **APT)
    assert said[0] == "mkdir -p /etc/apt/sources.list.d"
    assert said[1].endswith(" /etc/apt/sources.list.d/acme.sources")
    assert said[2:] == ["apt-get update", "env DEBIAN_FRONTEND=noninteractive apt-get install -y hello"]
    source = (tmp_path / "record._etc_apt_sources.list.d_acme.sources").read_text()
    assert "Types: deb\n" in source
    assert f"URIs: {site.server.url}/apt/\nSuites: stable\n" in source
    assert "\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n" in source


@pytest.mark.parametrize(("version", "inlined"), [("2.0.10", False), ("2.2.4", False), ("2.3.10", True), ("2.6.1", True), ("3.0.3", True)])
def test_an_apt_that_knows_no_inlined_keys_gets_a_file(site: Site, tmp_path: Path, version: str, inlined: bool) -> None:
    require("dpkg")
    dpkg = f'case $1 in --print-architecture) echo amd64 ;; *) exec {shutil.which("dpkg")} "$@" ;; esac'
    managed(release(site), tmp_path, **{**APT, "dpkg": dpkg, "dpkg-query": f"echo {version}"})
    source = (tmp_path / "record._etc_apt_sources.list.d_acme.sources").read_text()
    key = tmp_path / "record._etc_apt_keyrings_acme.asc"
    assert ("Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n" in source) == inlined
    if inlined:
        assert not key.exists()
    else:
        assert "Signed-By: /etc/apt/keyrings/acme.asc\n" in source
        assert "BLOCK" not in source
        assert key.read_text() == acme().keys[0].armored


def test_apt_can_read_what_root_writes_whatever_the_umask(site: Site, tmp_path: Path) -> None:
    """A folder of 0700 hides the key from _apt, as which apt verifies signatures."""
    record, script = tmp_path / "record", as_if_on(release(site), "ID=debian\n")
    tools = toolbox(tmp_path, **{**APT, "dpkg-query": "echo 2.2.4", "sudo": 'echo "$1 $(umask)" >>"$RECORD"'})
    run(DASH, "-c", 'umask 077; exec "$0" "$@"', DASH, script, env={"PATH": tools, "RECORD": str(record), "HOME": str(tmp_path)}, check=False)
    assert {line for line in record.read_text().splitlines() if line.startswith("mkdir")} == {"mkdir 0022"}


def test_files_that_name_the_same_repository_alone_go(site: Site, tmp_path: Path) -> None:
    """apt ends with "Conflicting values set for option Signed-By" where two files name a repository with different keys."""
    script, folder, url = release(site), tmp_path / "sources.list.d", f"{site.server.url}/apt"
    folder.mkdir()
    ours = {
        "acme.list": f"# by hand\ndeb [arch=amd64 signed-by=/usr/share/keyrings/acme.gpg] {url} stable main\n",
        "hello.list": f"deb {url}/ stable main\ndeb-src {url}/ stable main\n",
        "hello.sources": f"Types: deb\nURIs: {url}/\nSuites: stable\nComponents: main\nSigned-By: /etc/apt/keyrings/acme.asc\n",
    }
    others = {
        "both.list": f"deb {url} stable main\ndeb https://deb.debian.org/debian trixie main\n",
        "debian.sources": "Types: deb\nURIs: http://deb.debian.org/debian\nSuites: trixie\n",
        "off.list": f"# deb {url} stable main\n",
        "beside.list": f"deb {url}-old stable main\n",
        "disc.list": f"deb cdrom:[Debian]/ trixie main\ndeb {url} stable main\n",
        "acme.sources": "",
    }
    for name, text in {**ours, **others}.items():
        (folder / name).write_text(text)
    script.write_text(script.read_text().replace("/etc/apt/sources.list.d/", f"{folder}/"))
    said = managed(script, tmp_path, **APT)
    assert [line for line in said if line.startswith("rm ")] == [f"rm -f {folder}/{name}" for name in sorted(ours)]


def test_apt_takes_a_version_or_another_channel(site: Site, tmp_path: Path) -> None:
    script = release(site)
    (tmp_path / "one").mkdir()
    said = managed(script, tmp_path / "one", "--version", "1.0.0", **APT)
    assert said[-1].endswith("apt-get install -y --allow-downgrades hello=1.0.0-1")
    (tmp_path / "two").mkdir()
    said = managed(script, tmp_path / "two", "--channel", "beta", **APT)
    assert said[-1].endswith("apt-get install -y -t beta hello")
    assert "Suites: stable beta\n" in (tmp_path / "two/record._etc_apt_sources.list.d_acme.sources").read_text()


def test_dnf_gets_key_and_repository_and_installs(site: Site, tmp_path: Path) -> None:
    said = managed(release(site), tmp_path, "--channel", "beta", **DNF)
    assert "rpm --import /etc/pki/rpm-gpg/RPM-GPG-KEY-acme" in said
    assert said[-1] == "dnf install -y hello"
    assert (tmp_path / "record._etc_pki_rpm-gpg_RPM-GPG-KEY-acme").read_text() == acme().keys[0].armored
    repository = (tmp_path / "record._etc_yum.repos.d_acme.repo").read_text()
    assert repository.count("enabled=1") == 2
    assert "gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-acme" in repository
    assert f"baseurl={site.server.url}/yum/beta" in repository


def test_zypper_refreshes_the_channels_own_repository(site: Site, tmp_path: Path) -> None:
    said = managed(release(site), tmp_path, "--version", "1.0.0", **ZYPPER)
    assert any(line.endswith(" /etc/zypp/repos.d/acme.repo") for line in said)
    assert said[-2:] == ["zypper --non-interactive --gpg-auto-import-keys refresh acme", "zypper --non-interactive install --oldpackage hello=1.0.0-1"]


def test_only_zypper_is_told_of_an_epoch(site: Site, tmp_path: Path) -> None:
    """tests/clients/test_recovery.py shows that zypper finds nothing without it; yum 3 finds nothing with it."""
    made = rpm("hello", "1.0.0")
    assert isinstance(made.facts, RpmFacts)
    script = site.publish(replace(made, facts=replace(made.facts, epoch=3)))
    for name, stubs, said in (("zypper", ZYPPER, "install --oldpackage hello=3:1.0.0-1"), ("dnf", DNF, "install -y hello-1.0.0-1")):
        (tmp_path / name).mkdir()
        assert managed(script, tmp_path / name, "--version", "1.0.0", **stubs)[-1].endswith(said)


def test_an_architecture_without_a_package_gets_the_archive(site: Site, tmp_path: Path) -> None:
    site.archive("1.1.0")
    script = as_if_on(release(site), "ID=debian\n")
    run(DASH, script, env={"PATH": toolbox(tmp_path, **{**APT, "dpkg": "echo riscv64"}), "HOME": str(tmp_path)})
    assert hello(tmp_path / ".local") == "hello 1.1.0"


def test_uninstall_asks_the_package_manager(site: Site, tmp_path: Path) -> None:
    stubs = {**APT, "dpkg-query": 'test "$2" = hello'}
    said = managed(release(site), tmp_path, "--uninstall", **stubs)
    assert said[0] == "env DEBIAN_FRONTEND=noninteractive apt-get remove -y hello"


@pytest.mark.parametrize(
    ("stubs", "said"),
    [
        ({**APT, "dpkg-query": 'test "$2" = hello'}, "env DEBIAN_FRONTEND=noninteractive apt-get remove -y hello"),
        ({**DNF, "rpm": '[ "$1 $2" = "-q hello" ]'}, "dnf remove -y hello"),
    ],
    ids=["deb", "rpm"],
)
def test_what_was_withdrawn_whole_can_be_uninstalled(site: Site, tmp_path: Path, stubs: dict[str, str], said: str) -> None:
    """Most of all, as there is no older version to go back to."""
    made = site.catalog(deb("hello", "1.0.0"), deb("hello", "1.0.0", package="hello-doc"), rpm("hello", "1.0.0"))
    gone = edited(made, Yank(product="hello", version="1.0.0"), "2026-02-01T00:00:00Z")
    script = site.server.root / "install.sh"
    script.write_bytes(installers.render(gone, config(repo=RepoConfig(name="acme", url=site.server.url)))["install.sh"].content)
    assert managed(script, tmp_path, "--uninstall", "--product", "hello", **stubs)[0] == said


@pytest.mark.parametrize("who", ["root", "doas", "run0"])
def test_root_needs_nobody_and_others_may_have_doas_or_run0(site: Site, tmp_path: Path, who: str) -> None:
    script, record = as_if_on(release(site), "ID=debian\n"), tmp_path / "record"
    stubs = {**APT, "apt-get": 'echo "apt-get $*" >>"$RECORD"', "install": "exit 0", "mkdir": '[ "$2" = /etc/apt/sources.list.d ] || exec /bin/mkdir "$@"'}
    stubs |= {"id": "echo 0"} if who == "root" else {who: f'[ "$1" = apt-get ] || exit 0; echo "{who} $*" >>"$RECORD"'}
    tools = Path(toolbox(tmp_path, **stubs))
    (tools / "sudo").unlink()
    run(DASH, script, env={"PATH": str(tools), "RECORD": str(record), "HOME": str(tmp_path)})
    assert record.read_text().splitlines()[0] == ("apt-get update" if who == "root" else f"{who} apt-get update")


def test_without_root_or_sudo_it_says_so(site: Site, tmp_path: Path) -> None:
    tools = Path(toolbox(tmp_path, **APT))
    (tools / "sudo").unlink()
    done = run(DASH, as_if_on(release(site), "ID=debian\n"), env={"PATH": str(tools), "HOME": str(tmp_path)}, check=False)
    assert done.returncode == 1
    assert "there is none of sudo, doas and run0" in done.stderr
