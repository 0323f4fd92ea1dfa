"""The checksum lists of old releases stay as they are published: nobody renders, signs, fetches or writes them again."""

from __future__ import annotations

from pathlib import Path

from repogen.state import HEAD, load
from repogen.stores.local import LocalStore
from repogen.tree import Stage
from tests.support.packages import make_deb, make_tar
from tests.support.site import Project

SUMS = ("downloads/hello/{}/SHA256SUMS", "downloads/hello/{}/SHA256SUMS.asc", "downloads/hello/{}/SHA512SUMS", "downloads/hello/{}/SHA512SUMS.asc")


def sums(version: str) -> list[str]:
    return [path.format(version) for path in SUMS]


def release(folder: Path, version: str) -> Path:
    return make_tar(folder / version / f"hello-{version}-linux-amd64.tar.gz", {"hello": f"#!/bin/sh\necho {version}\n"}, ("hello",))


def test_a_machine_that_was_born_empty_leaves_old_releases_alone(tmp_path: Path) -> None:
    project = Project(tmp_path / "acme")
    project.release(release(tmp_path, "1.0.0"))
    before = {path: (project.site / path).stat().st_mtime_ns for path in sums("1.0.0")}
    old = load(LocalStore(project.site)).manifest
    project.empty()
    project.release(release(tmp_path, "1.1.0"))
    assert not any((project.output / path).exists() for path in sums("1.0.0"))
    assert all((project.output / path).is_file() for path in sums("1.1.0"))
    assert {path: (project.site / path).stat().st_mtime_ns for path in sums("1.0.0")} == before
    new = load(LocalStore(project.site)).manifest
    assert {path: new[path] for path in sums("1.0.0")} == {path: old[path] for path in sums("1.0.0")}
    assert all(new[path].signs for path in sums("1.0.0") if path.endswith(".asc"))
    assert "up to date" in project.publish().stderr


def test_a_release_that_gets_another_file_has_its_lists_anew(tmp_path: Path) -> None:
    project = Project(tmp_path / "acme")
    project.release(release(tmp_path, "1.0.0"))
    project.empty()
    project.release(make_deb(tmp_path, version="1.0.0"))
    assert "hello_1.0.0_amd64.deb" in (project.site / sums("1.0.0")[0]).read_text()
    assert "hello-1.0.0-linux-amd64.tar.gz" in (project.site / sums("1.0.0")[0]).read_text()


def test_after_a_cut_all_is_written_again(tmp_path: Path) -> None:
    """Nobody knows what a publish had written when it was cut, so that a build that has left old files where they were is no good any more."""
    project = Project(tmp_path / "acme")
    project.release(release(tmp_path, "1.0.0"))
    project.empty()
    project.add(release(tmp_path, "1.1.0"))
    project.build()
    head = project.site / HEAD
    head.write_text(head.read_text().replace('"complete": true', '"complete": false'))
    for path in sums("1.0.0"):
        (project.site / path).write_text("cut")
    project.publish()
    for path, entry in load(LocalStore(project.site)).manifest.items():
        assert entry.stage == Stage.PAYLOAD or (project.site / path).stat().st_size == entry.size, path
    assert '"complete": true' in head.read_text()
    assert "BEGIN PGP SIGNATURE" in (project.site / sums("1.0.0")[1]).read_text()
