"""The example release, the demo and the lines that it prints."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.clients import require, run

EXAMPLES = Path(__file__).parent.parent / "examples"
RELEASE = EXAMPLES / "hello/release.sh"
PACKERS = ("dpkg-deb", "rpmbuild", "makensis", "wixl", "xorriso")
FILES = {
    "greet_1.0.0_amd64.deb", "greet_1.0.0_arm64.deb", "greet-doc_1.0.0_all.deb",
    "greet-1.0.0-1.x86_64.rpm", "greet-1.0.0-1.aarch64.rpm",
    "greet-1.0.0-linux-amd64.tar.gz", "greet-1.0.0-linux-arm64.tar.gz", "greet-1.0.0-darwin-amd64.tar.gz", "greet-1.0.0-darwin-arm64.tar.gz",
    "greet-1.0.0-windows-amd64.zip", "greet-1.0.0-windows-amd64-setup.exe", "greet-1.0.0-windows-amd64.msi",
    "Greet-1.0.0-macOS.dmg", "greet-1.0.0.md",
}  # fmt: skip


def release(version: str, folder: Path, **environ: str) -> str:
    return run(RELEASE, version, folder, env={"PYTHON": sys.executable, **environ}).stdout


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_the_release_has_every_package_and_the_same_bytes_each_time(tmp_path):
    require(*PACKERS)
    release("1.0.0", tmp_path / "one")
    # On another day, from another folder.
    release("1.0.0", tmp_path / "Übung/two", TMPDIR=str(tmp_path))
    assert set(digests(tmp_path / "one")) == FILES
    assert digests(tmp_path / "one") == digests(tmp_path / "Übung/two")


def test_the_dates_inside_are_those_of_the_release(tmp_path):
    require(*PACKERS, "msiinfo", "rpm")
    release("1.0.0", tmp_path, SOURCE_DATE_EPOCH="1770000000")
    assert "Created: Mon Feb  2 02:40:00 2026" in run("msiinfo", "suminfo", tmp_path / "greet-1.0.0-windows-amd64.msi", env={"TZ": "UTC"}).stdout
    assert run("rpm", "-qp", "--qf", "%{BUILDTIME}", tmp_path / "greet-1.0.0-1.x86_64.rpm").stdout == "1770000000"
    with tarfile.open(tmp_path / "greet-1.0.0-darwin-arm64.tar.gz") as tar:
        assert {member.mtime for member in tar} == {1770000000}


def test_the_program_in_an_archive_runs_and_says_its_version_and_platform(tmp_path):
    release("1.2.3", tmp_path)
    with tarfile.open(tmp_path / "greet-1.2.3-linux-arm64.tar.gz") as tar:
        tar.extraction_filter = getattr(tarfile, "data_filter", None)  # Debian 12's Python does not know it yet
        tar.extractall(tmp_path)
    program = tmp_path / "greet-1.2.3-linux-arm64/greet"
    assert run(program, "--version").stdout == "greet 1.2.3 (linux/arm64)\n"
    assert run(program, "--language=fr", "-s", "Ada", "Grace").stdout == "BONJOUR, ADA!\nBONJOUR, GRACE!\n"
    refused = run(program, "--loud", check=False)
    assert refused.returncode == 2
    assert "there is no option --loud" in refused.stderr


def test_a_prerelease_sorts_before_its_release_in_every_package(tmp_path):
    require("dpkg-deb", "rpmbuild")
    release("2.0.0-beta.1", tmp_path)
    assert run("dpkg-deb", "-f", tmp_path / "greet_2.0.0~beta.1_amd64.deb", "Version").stdout == "2.0.0~beta.1\n"
    assert (tmp_path / "greet-2.0.0~beta.1-1.x86_64.rpm").is_file()
    assert (tmp_path / "greet-2.0.0-beta.1.md").read_text() == "Release 2.0.0-beta.1.\n"


def test_what_cannot_be_packed_here_is_left_out_and_named(tmp_path):
    tools = tmp_path / "bin"
    tools.mkdir()
    for program in ("sh", "sed", "mkdir", "mktemp", "rm", "cp", "chmod", "tr", "gzip", "awk", "dirname", "cat", "find"):
        (tools / program).symlink_to(shutil.which(program))
    said = release("1.0.0", tmp_path / "dist", PATH=str(tools))
    for program, package in {"dpkg-deb": "deb", "rpmbuild": "rpm", "makensis": "setup.exe", "wixl": "msi", "xorriso": "dmg"}.items():
        assert f"left out, since {program} is not on this machine: {package}" in said
    assert set(digests(tmp_path / "dist")) == {name for name in FILES if name.endswith((".tar.gz", ".zip", ".md"))}


def test_windows_files_have_windows_line_ends(tmp_path):
    release("1.0.0", tmp_path)
    with zipfile.ZipFile(tmp_path / "greet-1.0.0-windows-amd64.zip") as archive:
        for name in archive.namelist():
            text = archive.read(name)
            assert text.count(b"\n") == text.count(b"\r\n"), name


# -- the demo ----------------------------------------------------------------------------------


def demo(folder: Path, *words: str) -> list[str | Path]:
    return [sys.executable, EXAMPLES / "demo.py", "--folder", folder, *words]


@pytest.mark.slow
def test_publish_only_stops_after_both_releases_are_published(tmp_path):
    require(*PACKERS)
    done = run(*demo(tmp_path / "demo", "--publish-only"))
    assert re.search(r"greet +1\.1\.0 +stable", done.stdout)
    assert re.search(r"greet +1\.0\.0 +stable", done.stdout)
    site = tmp_path / "demo/site"
    for path in ("index.html", "acme.sources", "acme.repo", "install.sh", "repo.json", "downloads/greet/1.0.0/SHA256SUMS.asc", "chocolatey/index.json"):
        assert (site / path).is_file(), path
    assert not list((tmp_path / "demo/dist").glob("*1.0.0*"))


def test_a_folder_that_no_demo_made_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    done = run(*demo(tmp_path, "--publish-only"), check=False)
    assert done.returncode == 1
    assert "holds something that no demo wrote" in done.stderr
    assert (tmp_path / "thesis.txt").is_file()


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[tuple[Path, str]]:
    """A demo that is being served: its folder and what it printed."""
    require(*PACKERS)
    folder = tmp_path_factory.mktemp("served") / "demo"
    with subprocess.Popen([str(word) for word in demo(folder)], stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            yield folder, _until_served(process)
        finally:
            os.killpg(process.pid, signal.SIGINT)
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                raise


def _until_served(process: subprocess.Popen[str]) -> str:
    said = ""
    for line in process.stdout:
        said += line
        if "until Ctrl-C" in line:
            return said
    pytest.fail(f"the demo ended:\n{said}")


ROOT = os.geteuid() == 0
# zypper wants root even for a root of its own, so the demo prints its lines to root alone.
CLIENTS = ["curl", "apt", "dnf", "git", "archive", *(["zypper"] if ROOT else [])]


@pytest.mark.slow
@pytest.mark.parametrize("client", CLIENTS)
def test_the_lines_that_the_demo_prints_work_when_pasted(client, served):
    folder, said = served
    url = re.search(r"served from (http://127\.0\.0\.1:\d+)/", said)[1]
    lines = lines_for(client, url, folder)
    done = run("bash", "-euo", "pipefail", "-c", "\n".join(lines), cwd=folder)
    expected = {"curl": "Acme Tools", "git": "", "dnf": "greet 1.1.0 (" if ROOT else "greet-0:1.1.0-1.x86_64"}.get(client, "greet 1.1.0 (")
    assert expected in done.stdout
    if client == "git":
        assert list((folder / "tap/Formula").glob("*.rb"))


def lines_for(client: str, url: str, folder: Path) -> list[str]:
    """The lines of one client, with apt in a root of its own for root too: a test does not change the machine."""
    sys.path.insert(0, str(EXAMPLES))
    try:
        import demo_lines
    finally:
        sys.path.pop(0)
    require(*{"apt": ("apt-get", "dpkg"), "archive": ("sh", "curl")}.get(client, (client, "curl")))
    match client:
        case "curl":
            return [f"curl -fsS {url}/ | cat", f"curl -fsS {url}/repo.json | cat"]
        case "apt":
            return demo_lines.isolated_apt(url, "acme", "greet", folder / "apt")
        case "dnf":
            return demo_lines.dnf(url, "acme", "greet", folder / "dnf", root=ROOT)
        case "zypper":
            return demo_lines.zypper(url, "acme", "greet", folder / "zypper")
        case "git":
            return [f"git clone {url}/homebrew/acme.git {folder}/tap"]
    return demo_lines.archive(url, "greet", folder / "local")
