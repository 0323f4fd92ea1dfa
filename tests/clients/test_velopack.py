"""Velopack: its own library, from PyPI, against a site that the real commands made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.clients import absent
from tests.support.nginx import Nginx, nginx
from tests.support.site import Project
from tests.support.update_packages import velopack_release


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Nginx]:
    with nginx(tmp_path / "nginx", tmp_path / "project/site") as server:
        yield server


def updated(folder: Path, version: str, url: str, channel: str = "win") -> tuple[str, bytes] | None:
    """Name and content of the package that an installed application of a version fetches; None where it stays as it is."""
    try:
        import velopack
    except ImportError:
        absent("velopack from PyPI")
    root = folder / f"installed-{len(list(folder.glob('installed-*')))}"
    packages = root / "packages"
    packages.mkdir(parents=True)
    (root / "Update").write_text("#!/bin/sh\nexit 1\n")
    about = f"<id>Quiet</id><title>Quiet</title><version>{version}</version><authors>Acme</authors><channel>{channel}</channel><mainExe>quiet</mainExe>"
    (root / "sq.version").write_text(f'<package xmlns="http://schemas.microsoft.com/packaging/2010/07/nuspec.xsd"><metadata>{about}</metadata></package>')
    place = velopack.VelopackLocatorConfig(
        RootAppDir=root, UpdateExePath=root / "Update", PackagesDir=packages, ManifestPath=root / "sq.version", CurrentBinaryDir=root, IsPortable=True
    )
    manager = velopack.UpdateManager(url, None, place)
    found = manager.check_for_updates()
    if found is None:
        return None
    manager.download_updates(found)
    name = found.TargetFullRelease.FileName
    return name, (packages / name).read_bytes()


def test_it_finds_and_fetches_the_newest(tmp_path: Path, server: Nginx) -> None:
    first = velopack_release(tmp_path / "1.0.0", "1.0.0")
    second = velopack_release(tmp_path / "1.1.0", "1.1.0", first[0])
    beta = velopack_release(tmp_path / "beta", "1.2.0-beta.1", channel="win-beta")
    project = Project(tmp_path / "project", url=server.url)
    for files, date in ((first, "2026-01-02T12:00:00Z"), (second, "2026-01-03T12:00:00Z"), (beta, "2026-01-04T12:00:00Z")):
        project.release(*files, date=date)
        project.empty()

    for address in ("updates/stable", "updates/quiet/stable"):
        assert updated(tmp_path, "1.0.0", f"{server.url}/{address}") == (second[0].name, second[0].read_bytes())
    assert updated(tmp_path, "1.1.0", f"{server.url}/updates/stable") is None
    assert updated(tmp_path, "1.1.0", f"{server.url}/updates/beta", "win-beta") == (beta[0].name, beta[0].read_bytes())

    listed = json.loads((project.site / "updates/stable/releases.win.json").read_text())["Assets"]
    assert [(asset["Version"], asset["Type"]) for asset in listed] == [("1.1.0", "Delta"), ("1.1.0", "Full"), ("1.0.0", "Full")]
    assert {asset["NotesMarkdown"] for asset in listed} == {"# 1.1.0", "# 1.0.0"}
    for asset in listed:
        assert (project.site / "updates/stable" / asset["FileName"]).stat().st_size == asset["Size"]
    assert (project.site / "downloads/quiet/1.1.0/Quiet-win-Setup.exe").is_file()

    project.run("yank", "quiet", "1.1.0")
    assert updated(tmp_path, "0.9.0", f"{server.url}/updates/stable") == (first[0].name, first[0].read_bytes())
    project.run("promote", "quiet", "1.2.0-beta.1", "--to", "stable")
    assert updated(tmp_path, "1.0.0", f"{server.url}/updates/stable", "win-beta") == (beta[0].name, beta[0].read_bytes())
    project.run("yank", "quiet", "1.0.0")
    assert updated(tmp_path, "0.9.0", f"{server.url}/updates/stable") is None
    project.run("yank", "--undo", "quiet", "1.1.0")
    assert updated(tmp_path, "1.0.0", f"{server.url}/updates/stable") == (second[0].name, second[0].read_bytes())


def test_two_versions_of_one_folder_and_a_list_that_differs(tmp_path: Path) -> None:
    first = velopack_release(tmp_path / "one", "1.0.0")
    second = velopack_release(tmp_path / "two", "1.1.0", first[0])
    project = Project(tmp_path / "project", key=None)
    project.add(first[0], *second)
    project.build("--unsigned")
    listed = json.loads((project.output / "updates/stable/releases.win.json").read_text())["Assets"]
    assert [asset["FileName"] for asset in listed] == ["Quiet-1.1.0-delta.nupkg", "Quiet-1.1.0-full.nupkg", "Quiet-1.0.0-full.nupkg"]
    assert (project.output / "downloads/quiet/1.1.0/Quiet-win-Setup.exe").is_file(), "of the newest of both"

    wrong = project.dist / "releases.win.json"
    for said, text in (
        ("its SHA-256 differs", wrong.read_text().replace('"SHA256": "', '"SHA256": "0')),
        ("releases.win.json is no list of Velopack", "<html>"),
        ("releases.win.json is no list of Velopack", '{"Assets": [3]}'),
    ):
        wrong.write_text(text)
        assert said in project.build("--unsigned", code=1).stderr
