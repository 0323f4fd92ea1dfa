"""A promoted version as the real apt and dnf see it in the stable channel, and a rollback of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.apt import AptRoot
from tests.support.dnf import Dnf
from tests.support.packages import make_deb, make_rpm
from tests.support.server import StaticServer, serving
from tests.support.site import Project

pytestmark = pytest.mark.slow


@pytest.fixture
def server(tmp_path: Path) -> Iterator[StaticServer]:
    with serving(tmp_path / "project/site") as server:
        yield server


def release(project: Project, folder: Path, version: str, *arguments: str) -> None:
    project.empty()
    project.add(make_deb(folder / version, version=version), make_rpm(folder / version, version=version, preamble="AutoReq: no"))
    project.build(*arguments)
    project.publish()
    project.empty()


def test_a_promoted_version_is_an_upgrade_and_its_rollback_none(server: StaticServer, tmp_path: Path) -> None:
    project = Project(tmp_path / "project", url=server.url)
    release(project, tmp_path, "1.0.0")
    release(project, tmp_path, "2.0.0", "--channel", "beta")
    apt, dnf = AptRoot(tmp_path / "apt", (project.site / "acme.sources").read_text()), Dnf(tmp_path / "dnf", server)
    apt.update()
    apt.install("hello")
    dnf("install", "hello")

    project.run("promote", "hello", "2.0.0", "--to", "stable")
    apt.update()
    apt.apt("apt-get", "--yes", "upgrade")
    dnf("--refresh", "upgrade")
    assert (apt.installed(), dnf.installed()) == ({"hello": "2.0.0"}, ["hello-2.0.0"])

    project.run("rollback")
    apt.update()
    assert apt.versions("hello") == ["1.0.0"], "a Release that is dated later than the one before"
    assert dnf.repoquery("--refresh", "hello") == ["hello-0:1.0.0-1.x86_64"]


def test_suites_by_distribution_take_it_by_their_channels(server: StaticServer, tmp_path: Path) -> None:
    suites: Any = [{"name": "bookworm", "channels": ["stable"]}, {"name": "bookworm-testing", "codename": "bookworm", "channels": ["beta", "nightly"]}]
    project = Project(tmp_path / "project", url=server.url, **{"apt.suite": suites})
    release(project, tmp_path, "1.0.0")
    release(project, tmp_path, "2.0.0", "--channel", "nightly")
    apt = AptRoot(tmp_path / "apt", (project.site / "acme.sources").read_text())
    apt.update()
    assert apt.versions("hello") == ["1.0.0"]
    project.run("promote", "hello", "2.0.0", "--to", "beta")
    packages = (project.site / "apt/dists/bookworm-testing/main/binary-amd64/Packages").read_text()
    assert packages.count("Version: 2.0.0") == 1, "two channels of a suite have it, and it is one file"
    project.run("promote", "hello", "2.0.0", "--to", "stable")
    apt.update()
    assert apt.versions("hello") == ["2.0.0", "1.0.0"]
    project.run("yank", "hello", "2.0.0", "--channel", "stable")
    apt.update()
    assert apt.versions("hello") == ["1.0.0"]
    assert "Version: 2.0.0" in (project.site / "apt/dists/bookworm-testing/main/binary-amd64/Packages").read_text()
