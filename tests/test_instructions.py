"""The install lines of each client."""

from __future__ import annotations

import hashlib
import shlex
from pathlib import Path

import pytest
from msgspec.structs import replace

from repogen import client_files
from repogen.artifact import Artifact, InstallerFacts, Kind
from repogen.catalog import Catalog
from repogen.config import RepoConfig
from repogen.instructions import deb_name, direct_download, instructions
from tests.support.catalogs import catalog, config
from tests.support.clients import require, run
from tests.support.releases import acme, archive, deb, download, nupkg, rpm
from tests.support.server import serving


def lines(made: Catalog, product: str, channel: str = "stable") -> dict[str, list[str]]:
    return {i.client: [step.line for step in i.steps] for i in instructions(made, config(), product, channel)}


def test_the_stable_channel_of_a_terminal_program() -> None:
    url = "https://dl.acme.example"
    assert lines(acme(), "taskguard") == {
        "apt": [f"sudo curl -fsSLo /etc/apt/sources.list.d/acme.sources {url}/acme.sources && sudo apt-get update && sudo apt-get install taskguard"],
        "dnf": [f"sudo curl -fsSLo /etc/yum.repos.d/acme.repo {url}/acme.repo && sudo dnf install taskguard"],
        "zypper": [f"sudo zypper addrepo {url}/acme.repo && sudo zypper --gpg-auto-import-keys refresh acme && sudo zypper install taskguard"],
        "brew": [f"brew tap acme/tap {url}/homebrew/acme.git && brew install acme/tap/taskguard"],
        "Brewfile": [f'tap "acme/tap", "{url}/homebrew/acme.git"', 'brew "acme/tap/taskguard", trusted: true'],
        "choco": [f'choco source add -n=acme -s="{url}/chocolatey/index.json"', "choco install taskguard"],
        "scoop": [f"scoop bucket add acme {url}/scoop/acme.git", "scoop install acme/taskguard"],
        "install.sh": [f"curl -fsSL {url}/install.sh | sh -s -- --product taskguard"],
        "install.ps1": [f"& ([scriptblock]::Create((irm {url}/install.ps1))) -Product taskguard"],
    }


def test_another_channel_is_switched_to() -> None:
    beta = lines(acme(), "taskguard", "beta")
    assert "sudo sed -i 's/^Suites:.*/Suites: stable beta/' /etc/apt/sources.list.d/acme.sources" in beta["apt"][0]
    assert beta["apt"][0].endswith("sudo apt-get install -t beta taskguard")
    assert beta["dnf"][0].endswith("&& sudo sed -i '/^\\[acme-beta]$/,/^$/s/^enabled=0$/enabled=1/' /etc/yum.repos.d/acme.repo && sudo dnf install taskguard")
    assert "sudo zypper modifyrepo --enable acme-beta && sudo zypper --gpg-auto-import-keys refresh acme-beta" in beta["zypper"][0]
    assert beta["brew"][0].endswith("brew install acme/tap/taskguard-beta")
    assert beta["choco"][1] == "choco install taskguard --pre"
    assert beta["scoop"][1] == "scoop install acme/taskguard-beta"
    assert beta["install.sh"][0].endswith("| sh -s -- --product taskguard --channel beta")
    assert beta["install.ps1"][0].endswith("-Product taskguard -Channel beta")


@pytest.mark.parametrize(
    ("systems", "packages", "said"),
    [
        (("linux", "macos"), (), "Linux and macOS"),
        ((), (deb("hello", "1.0.0"),), "Linux"),
        (("macos",), (rpm("hello", "1.0.0"),), "Linux and macOS"),
        (("macos",), (), "macOS"),
        (("any",), (), "Linux and macOS"),
        (("linux", "macos", "freebsd", "windows"), (), "Linux, macOS and FreeBSD"),
        (("solaris", "android", "windows"), (), ""),
    ],
)
def test_the_script_is_for_systems_that_it_has_something_for(systems: tuple[str, ...], packages: tuple[Artifact, ...], said: str) -> None:
    made = catalog(*(archive("hello", "1.0.0", os, "amd64") for os in systems), *packages)
    assert "".join(i.systems for i in instructions(made, config(), "hello", "stable") if i.client == "install.sh") == said


def test_choco_is_told_what_it_would_not_take_by_itself() -> None:
    made = catalog(nupkg("hello", "1.0.0"), nupkg("hello", "1.1.0", channel="beta"))
    assert [lines(made, "hello", channel)["choco"][1] for channel in ("stable", "beta")] == ["choco install hello", "choco install hello --version=1.1.0"]
    made = catalog(nupkg("hello", "2.0.0-rc.1"), nupkg("other", "1.0.0"), nupkg("other", "0.9.0", channel="beta"))
    assert lines(made, "hello")["choco"][1] == "choco install hello --pre"
    assert lines(made, "other", "beta")["choco"][1] == "choco install other"


def test_the_switch_of_dnf_turns_on_its_own_section_alone(tmp_path: Path) -> None:
    require("sed")
    file = tmp_path / "acme.repo"
    file.write_text(client_files.yum_repo(acme(), config(), "stable", "https://dl.acme.example/keys/acme.asc"))
    assert file.read_text().count("enabled=1") == 1
    switch = lines(acme(), "taskguard", "beta")["dnf"][0].split(" && ")[1]
    run(*shlex.split(switch.removeprefix("sudo ").replace("/etc/yum.repos.d/acme.repo", str(file))))
    assert file.read_text() == client_files.yum_repo(acme(), config(), "beta", "https://dl.acme.example/keys/acme.asc")


def test_a_channel_that_is_the_first_with_packages_is_on_already() -> None:
    """What stands in <name>.sources and <name>.repo is the first channel with such packages, so nothing is switched."""
    made = catalog(archive("hello", "1.0.0", "linux", "amd64"), deb("hello", "1.1.0-beta.1", channel="beta"), rpm("hello", "1.1.0-beta.1", channel="beta"))
    beta = lines(made, "hello", "beta")
    assert "sed" not in beta["apt"][0]
    assert beta["dnf"][0].endswith("sudo dnf install hello")


def test_an_application_is_a_cask() -> None:
    assert lines(acme(), "quiet")["brew"] == ["brew tap acme/tap https://dl.acme.example/homebrew/acme.git && brew install --cask acme/tap/quiet"]


def test_only_what_is_there_is_offered() -> None:
    windows = download("hello", "1.0.0", "hello.msi", Kind.MSI, "windows", "amd64", facts=InstallerFacts(technology="msi"))
    assert lines(catalog(windows), "hello") == {"install.ps1": ["irm https://dl.acme.example/install.ps1 | iex"]}
    assert list(lines(catalog(windows, nupkg("hello", "1.0.0")), "hello")) == ["choco", "install.ps1"]
    assert list(lines(catalog(deb("hello", "1.0.0")), "hello")) == ["apt", "install.sh"]


def test_one_product_needs_no_option() -> None:
    assert lines(catalog(deb("hello", "1.0.0")), "hello")["install.sh"] == ["curl -fsSL https://dl.acme.example/install.sh | sh"]


@pytest.mark.parametrize(
    ("packages", "main"),
    [(("libhello-dev", "hello", "hello-doc"), "hello"), (("hello-dev", "libhello1"), "libhello1"), (("hello-doc",), "hello-doc")],
)
def test_the_package_that_people_mean(packages: tuple[str, ...], main: str) -> None:
    made = catalog(*(deb("hello", "1.0.0", package=package) for package in packages))
    assert deb_name(made, config(), "hello", "stable") == main


def test_a_release_without_debs_leaves_the_last_one_that_has_them() -> None:
    made = catalog(deb("hello", "1.0.0", package="hello-old"), archive("hello", "2.0.0", "linux", "amd64"))
    assert deb_name(made, config(), "hello", "stable") == "hello-old"


def test_a_package_name_cannot_leave_its_word() -> None:
    made = catalog(deb("hello", "1.0.0", package="x;id"))
    assert lines(made, "hello")["apt"][0].endswith("sudo apt-get install 'x;id'")


def test_an_address_with_shell_characters_is_quoted() -> None:
    odd = config(repo=RepoConfig(name="acme", url="https://dl.acme.example;id"))
    for instruction in instructions(acme(), odd, "taskguard", "stable"):
        if instruction.client != "choco":
            words = shlex.split(instruction.steps[0].line)
            assert "id" not in words


def test_direct_download_checks_with_each_systems_own_tool() -> None:
    linux, macos, windows = (direct_download(config(), archive("hello", "1.0.0", os, "amd64")).line for os in ("linux", "macos", "windows"))
    assert linux.endswith("| sha256sum -c")
    assert macos.endswith("| shasum -a 256 -c")
    assert "(Get-FileHash 'hello-1.0.0-windows-amd64.tar.gz').Hash" in windows


@pytest.mark.parametrize("good", [True, False])
def test_the_direct_download_line_runs(tmp_path: Path, good: bool) -> None:
    require("curl", "sha256sum", "dash")
    made = archive("hello", "1.0.0", "linux", "amd64")
    made = replace(made, sha256=hashlib.sha256(b"program").hexdigest())
    file = tmp_path / "site" / made.path
    file.parent.mkdir(parents=True)
    file.write_bytes(b"program" if good else b"PROGRAM")
    with serving(tmp_path / "site") as server:
        step = direct_download(config(repo=RepoConfig(name="acme", url=server.url)), made)
        done = run("dash", "-c", step.line, cwd=tmp_path, check=False)
    assert (done.returncode == 0) is good
