"""`repogen prune` as its users run it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.packages import make_deb
from tests.support.site import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Three releases, of which retention has dropped the first."""
    project = Project(tmp_path / "acme", retention={"keep": 2, "snapshots": 0, "days": 0})
    for version in ("1.0.0", "1.1.0", "1.2.0"):
        project.release(make_deb(tmp_path / version, version=version))
    return project


def files(project: Project) -> set[str]:
    return {
        path.relative_to(project.site).as_posix() for path in project.site.rglob("*") if path.is_file() and path.name not in {"lock", "put.lock", "head.json"}
    }


def test_a_build_says_which_of_its_releases_are_left_out(project: Project, tmp_path: Path) -> None:
    project.add(make_deb(tmp_path / "1.3.0", version="1.3.0"))
    said = project.build().stderr
    assert "hello 1.3.0 (stable): 1 file: deb" in said
    assert "left out, since `keep` leaves no room for it beside later releases: hello 1.0.0 (stable)\n" in said
    assert "hello 1.0.0 (stable): 1 file" not in said


def test_a_dry_run_names_what_would_go_and_deletes_nothing(project: Project) -> None:
    before = files(project)
    shown = json.loads(project.run("prune", "--dry-run", "--json").stdout)
    assert files(project) == before
    assert "hello_1.0.0" in "".join(shown["files"])
    project.run("prune", "--yes")
    assert before - files(project) == {*shown["files"], *shown["state"]}


def test_it_says_what_it_did_and_then_that_nothing_is_left(project: Project) -> None:
    assert "snapshot kept, 2 dropped" in project.run("prune", "--yes").stdout
    assert "holds nothing to delete" in project.run("prune").stdout
    assert "hello 1.2.0" not in project.run("plan").stdout  # still published as it was


def test_too_much_at_once_needs_a_yes(project: Project) -> None:
    before = files(project)
    project.configure(url="https://dl.acme.example", to="site", retention={"keep": 2, "snapshots": 0, "days": 0, "most": 1})
    refused = project.run("prune", code=3)
    assert "[retention] most" in refused.stderr
    assert "--yes" in refused.stderr
    assert files(project) == before


def test_options_come_before_the_configuration(project: Project) -> None:
    assert "holds nothing to delete" in project.run("prune", "--snapshots", "5", "--days", "30").stdout


def test_it_needs_no_key(project: Project) -> None:
    project.environment.clear()
    project.run("prune", "--yes")


def test_the_grace_period_is_the_default(tmp_path: Path) -> None:
    project = Project(tmp_path / "acme", retention={"keep": 1, "snapshots": 0})
    for version in ("1.0.0", "1.1.0"):
        project.release(make_deb(tmp_path / version, version=version))
    assert "hello_1.0.0" not in (project.site / "apt/dists/stable/main/binary-amd64/Packages").read_text()
    assert "holds nothing to delete" in project.run("prune").stdout


def test_nothing_published_is_told(tmp_path: Path) -> None:
    assert "nothing is published" in Project(tmp_path / "acme").run("prune", code=2).stderr
