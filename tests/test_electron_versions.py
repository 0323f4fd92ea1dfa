"""Versions that electron-updater does not read: who is told of them, and who is left in peace."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from repogen.artifact import Artifact, InstallerFacts, Kind
from repogen.catalog import Catalog
from repogen.config import Config
from repogen.electron_versions import is_readable, left_out, unread
from repogen.updates_config import UpdatesConfig
from tests.support.catalogs import catalog, config
from tests.support.electron import block_map, update_manifest
from tests.support.installers import make_nsis
from tests.support.releases import deb, download
from tests.support.site import Project


def setup(version: str) -> Artifact:
    return download("quiet", version, f"Quiet-Setup-{version}.exe", Kind.EXE, "windows", "amd64", facts=InstallerFacts(technology="nsis"))


def told(made: Catalog, settings: Config | None = None) -> list[str]:
    return [sentence.partition(",")[0] for sentence in left_out(unread(made.artifacts), made, settings or config())]


@pytest.mark.parametrize(
    ("version", "readable"),
    [("1.2.0", True), ("1.2.0-beta.1", True), ("1.2.0+7", True), ("3.0", False), ("2024.01.05", False), ("1.2.3.4", False), ("v1.2.0", False)],
)
def test_what_it_reads(version: str, readable: bool) -> None:
    assert is_readable(version) is readable


def test_the_project_is_told_of_the_release_that_no_manifest_names(tmp_path: Path) -> None:
    project = Project(tmp_path, key=None)
    make_nsis(project.dist / "Quiet-Setup-2.0.0.exe", "Quiet", "2.0.0")
    assert "electron" not in project.build("--unsigned").stderr
    make_nsis(project.dist / "Quiet-Setup-3.0.exe", "Quiet", "3.0.0")
    assert "quiet 3.0 is left out of the manifests for electron-updater" in project.build("--unsigned").stderr
    assert 'version: "2.0.0"' in (project.output / "updates/stable/latest.yml").read_text()
    assert json.loads((project.output / "updates/stable/windows/latest.json").read_bytes())["version"] == "3.0"


def test_a_product_that_the_configuration_names_is_told_of() -> None:
    assert told(catalog(setup("3.0")), config(updates=UpdatesConfig(electron=("quiet",)))) == ["quiet 3.0 is left out of the manifests for electron-updater"]


def test_a_product_of_another_updater_is_left_in_peace() -> None:
    assert not told(catalog(setup("3.0")))
    assert not told(catalog(setup("2.0.0"), setup("3.0")), config(updates=UpdatesConfig(electron=())))
    assert not told(catalog(setup("2.0.0"), deb("quiet", "3.0")))


def test_a_manifest_of_electron_builder_says_the_version_in_full(tmp_path: Path) -> None:
    project = Project(tmp_path, key=None)
    installer = make_nsis(project.dist / "Quiet-Setup-3.0.exe", "Quiet", "3.0.0")
    block_map(installer)
    assert "quiet 3.0 is left out" in project.build("--unsigned").stderr
    update_manifest(project.dist / "latest.yml", "3.0.0", installer)
    assert "left out" not in project.build("--unsigned").stderr
