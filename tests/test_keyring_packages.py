"""When the packages of the repository's own keys are made, and when they stay; by the two commands."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.support.packages import make_deb, make_rpm
from tests.support.site import Project

ON = {"keyring_packages": True}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path / "project", repo=ON)
    project.release(make_deb(tmp_path), make_rpm(tmp_path, preamble="AutoReq: no"), date="2026-01-02T12:00:00Z")
    return project


def versions(site: Path) -> tuple[list[str], list[str]]:
    """Of the debs and of the rpms."""
    debs, rpms = site.glob("apt/pool/main/a/acme-archive-keyring/*"), site.glob("yum/*/Packages/a/*")
    return [re.split("_", path.name)[1] for path in sorted(debs)], [path.name.split("-")[2] for path in sorted(rpms)]


def test_both_are_there_with_fixed_addresses(project: Project) -> None:
    assert versions(project.site) == (["20260102.120000"], ["20260102.120000"])
    debs, rpms = project.site.glob("apt/pool/main/a/*/*.deb"), project.site.glob("yum/stable/Packages/a/*.rpm")
    assert (project.site / "acme-archive-keyring.deb").read_bytes() == next(debs).read_bytes()
    assert (project.site / "acme-release.rpm").read_bytes() == next(rpms).read_bytes()


def test_they_are_no_product_to_choose(project: Project) -> None:
    catalog = json.loads((project.site / "repo.json").read_text())
    assert [product["id"] for product in catalog["products"]] == ["hello"]
    assert catalog["keyring_packages"] == {"deb": "https://dl.acme.example/acme-archive-keyring.deb", "rpm": "https://dl.acme.example/acme-release.rpm"}
    assert "acme-archive-keyring" not in (project.site / "install.sh").read_text()
    assert "acme-archive-keyring" not in (project.site / "index.html").read_text()


def test_a_release_that_changes_no_source_leaves_them(project: Project, tmp_path: Path) -> None:
    project.release(make_deb(tmp_path, version="1.1.0"), date="2026-01-03T12:00:00Z")
    assert versions(project.site) == (["20260102.120000"], ["20260102.120000"])


def test_from_a_new_machine_too(project: Project, tmp_path: Path) -> None:
    project.empty()
    project.release(make_deb(tmp_path, version="1.1.0"), date="2026-01-03T12:00:00Z")
    assert versions(project.site) == (["20260102.120000"], ["20260102.120000"])
    assert (project.site / "acme-release.rpm").read_bytes() == next(project.site.glob("yum/stable/Packages/a/*")).read_bytes()


def test_another_component_changes_the_source_of_apt_alone(project: Project, tmp_path: Path) -> None:
    project.configure(url="https://dl.acme.example", to="site", repo=ON, product=[{"id": "extra", "component": "contrib"}])
    project.release(make_deb(tmp_path, "extra"), date="2026-01-03T12:00:00Z")
    assert versions(project.site) == (["20260102.120000", "20260103.120000"], ["20260102.120000"])
    assert (project.site / "acme-archive-keyring.deb").read_bytes() == sorted(project.site.glob("apt/pool/main/a/*/*"))[1].read_bytes()


def test_building_again_changes_nothing(project: Project) -> None:
    before = {path: path.read_bytes() for path in project.site.rglob("*") if path.is_file()}
    project.build()
    assert "nothing changed" in project.build().stderr
    assert "is up to date" in project.publish().stderr
    assert {path: path.read_bytes() for path in project.site.rglob("*") if path.is_file()} == before


def test_off_unless_asked_for(tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    project.release(make_deb(tmp_path))
    assert not (project.site / "acme-archive-keyring.deb").exists()
    assert json.loads((project.site / "repo.json").read_text())["keyring_packages"] == {}


def test_an_unsigned_preview_has_no_keys_to_bring(tmp_path: Path) -> None:
    project = Project(tmp_path / "project", repo=ON, key=None)
    project.add(make_deb(tmp_path))
    project.build("--unsigned")
    assert not (project.output / "acme-archive-keyring.deb").exists()


def test_a_package_of_the_same_name_is_refused(tmp_path: Path) -> None:
    project = Project(tmp_path / "project", repo=ON)
    project.add(make_deb(tmp_path, "acme-archive-keyring", "1.0"))
    assert "acme-archive-keyring_1.0_amd64.deb is a package acme-archive-keyring" in project.build(code=2).stderr


def test_a_deb_for_all_distributions(tmp_path: Path) -> None:
    suites = [{"name": name, "match": [f"~{name}"]} for name in ("bookworm", "trixie")]
    project = Project(tmp_path / "project", repo=ON, **{"apt.suite": suites})
    project.release(*(make_deb(tmp_path, version=f"1.0.0~{suite['name']}") for suite in suites), date="2026-01-02T12:00:00Z")
    assert versions(project.site) == (["20260102.120000"], [])
    for suite in ("bookworm", "trixie"):
        assert "Package: acme-archive-keyring\n" in (project.site / f"apt/dists/{suite}/main/binary-amd64/Packages").read_text()
