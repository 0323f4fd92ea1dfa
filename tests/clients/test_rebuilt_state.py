"""The real apt, dnf and git follow a site whose state was lost and made anew."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.apt import AptRoot
from tests.support.clients import require, run
from tests.support.dnf import ALONE, Dnf
from tests.support.packages import make_deb, make_rpm, make_tar
from tests.support.programs import elf
from tests.support.server import serving
from tests.support.site import Project

pytestmark = pytest.mark.slow


def release(project: Project, folder: Path, version: str) -> None:
    made = [make_deb(folder / version, version=version), make_rpm(folder / version, version=version, preamble=ALONE)]
    program = {"hello": elf("amd64"), "LICENSE": "MIT"}
    project.release(*made, make_tar(folder / version / f"hello_{version}_linux_amd64.tar.gz", program, ("hello",)))
    project.empty()


def test_clients_of_before_go_on(tmp_path: Path) -> None:
    require("git")
    with serving(tmp_path / "project/site") as server:
        project = Project(tmp_path / "project", url=server.url)
        release(project, tmp_path, "1.0.0")
        apt = AptRoot(tmp_path / "apt", (project.site / "acme.sources").read_text())
        apt.update()
        apt.install("hello")
        dnf = Dnf(tmp_path / "dnf", server)
        dnf("install", "hello")
        tap = tmp_path / "tap"
        run("git", "clone", "--quiet", f"{server.url}/homebrew/acme.git", tap)

        shutil.rmtree(project.site / ".repogen")
        shutil.rmtree(project.folder / "cache")
        project.run("doctor", "--rebuild-state")
        apt.update()
        dnf("--refresh", "makecache")
        release(project, tmp_path, "1.1.0")

        apt.update()
        assert apt.versions("hello") == ["1.1.0", "1.0.0"]
        apt.install("hello")
        dnf("--refresh", "upgrade", "hello")
        assert (apt.installed(), dnf.installed()) == ({"hello": "1.1.0"}, ["hello-1.1.0"])
        run("git", "-C", tap, "pull", "--quiet", "--ff-only")
        assert "1.1.0" in (tap / "Formula/hello.rb").read_text()
