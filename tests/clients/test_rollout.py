"""A release that is rolled out to a share of the machines, as the real apt draws them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.apt import AptRoot
from tests.support.packages import make_deb
from tests.support.server import StaticServer, serving
from tests.support.site import Project

MACHINES = [f"{number:032x}" for number in range(1, 25)]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[StaticServer]:
    with serving(tmp_path / "project/site") as server:
        yield server


@pytest.fixture
def project(server: StaticServer, tmp_path: Path) -> Project:
    project = Project(tmp_path / "project", url=server.url)
    project.release(make_deb(tmp_path / "1", version="1.0.0"))
    return project


def upgraded(root: AptRoot, *options: str) -> set[str]:
    """Machines that would come to the new version."""
    found = set()
    for machine in MACHINES:
        done = root.apt("apt-get", "-o", f"APT::Machine-ID={machine}", *options, "--dry-run", "--yes", "upgrade")
        if "Inst hello" in done.stdout:
            found.add(machine)
    return found


def test_a_share_of_the_machines_is_upgraded_and_grows(project: Project, tmp_path: Path) -> None:
    root = AptRoot(tmp_path / "apt", (project.site / "acme.sources").read_text())
    root.update()
    root.install("hello")
    project.empty()
    project.release(make_deb(tmp_path / "2", version="1.1.0", extra="Phased-Update-Percentage: 90\n"))
    project.empty()

    project.run("rollout", "hello", "25")
    root.update()
    first = upgraded(root)
    assert 0 < len(first) < len(MACHINES) / 2
    assert upgraded(root, "-o", "APT::Get::Always-Include-Phased-Updates=true") == set(MACHINES)
    assert upgraded(root, "-o", "APT::Get::Never-Include-Phased-Updates=true") == set()
    assert (project.site / "apt/dists/stable/main/binary-amd64/Packages").read_text().count("Phased-Update-Percentage: 25\n") == 1

    project.run("rollout", "hello", "75", "--version", "1.1.0", "--channel", "stable")
    root.update()
    second = upgraded(root)
    assert first < second < set(MACHINES)

    project.run("rollout", "hello", "0")
    root.update()
    assert upgraded(root) == set()
    project.run("rollout", "hello", "100")
    root.update()
    assert upgraded(root) == set(MACHINES), "what the package itself says counts no more"
    assert "Phased-Update-Percentage" not in (project.site / "apt/dists/stable/main/binary-amd64/Packages").read_text()
    releases = json.loads((project.site / "repo.json").read_text())["products"][0]["releases"]
    assert [release["rollout"] for release in releases] == [100, 100]


def test_a_suite_that_takes_two_channels(server: StaticServer, tmp_path: Path) -> None:
    project = Project(tmp_path / "project", url=server.url, **{"apt.suite": [{"name": "bookworm", "channels": ["stable", "beta"]}]})
    project.release(make_deb(tmp_path / "1", version="1.0.0"))
    root = AptRoot(tmp_path / "apt", (project.site / "acme.sources").read_text())
    root.update()
    root.install("hello")
    project.empty()
    project.add(make_deb(tmp_path / "2", version="1.1.0"))
    project.build("--channel", "beta")
    project.publish()
    project.run("promote", "hello", "1.1.0", "--to", "stable")
    said = project.run("rollout", "hello", "25").stderr
    assert "~ hello 1.1.0 (stable): for 25 % of machines" in said
    assert "~ hello 1.1.0 (beta): for 25 % of machines" in said
    root.update()
    assert 0 < len(upgraded(root)) < len(MACHINES) / 2
    project.run("rollout", "hello", "100")
    root.update()
    assert upgraded(root) == set(MACHINES)
