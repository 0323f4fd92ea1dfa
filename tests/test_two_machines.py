"""A machine that has only the new release's files keeps every published version."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path

from tests.support.packages import make_deb, make_rpm, make_tar
from tests.support.site import DATE, Project


def release(folder: Path, version: str) -> list[Path]:
    return [
        make_deb(folder, version=version),
        make_rpm(folder, version=version),
        make_tar(folder / f"hello-{version}-linux-amd64.tar.gz", {"hello": f"#!/bin/sh\necho hello {version}\n"}, ("hello",)),
    ]


def digests(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


def test_old_versions_stay_and_old_bytes_are_untouched(tmp_path: Path) -> None:
    project = Project(tmp_path / "acme")
    project.release(*release(tmp_path / "1", "1.0.0"))
    before = digests(project.site)
    project.empty()
    project.release(*release(tmp_path / "2", "1.1.0"))
    after = digests(project.site)
    payload = [
        path for path in before if path.startswith(("apt/pool/", "yum/stable/Packages/", "homebrew/acme.git/objects/")) or path.endswith((".nupkg", ".tar.gz"))
    ]
    assert len(payload) > 3
    assert {path: after[path] for path in payload} == {path: before[path] for path in payload}
    assert before.keys() <= after.keys()
    index = (project.site / "apt/dists/stable/main/binary-amd64/Packages").read_text()
    assert "Version: 1.0.0" in index
    assert "Version: 1.1.0" in index
    versions = [r["version"] for r in json.loads(project.run("releases", "--json").stdout)["releases"]]
    assert versions == ["1.1.0", "1.0.0"]


def test_publishing_again_writes_nothing(tmp_path: Path) -> None:
    project = Project(tmp_path / "acme")
    files = release(tmp_path / "1", "1.0.0")
    project.release(*files)
    before = {path: path.stat().st_mtime_ns for path in project.site.rglob("*") if path.is_file()}
    assert "up to date" in project.publish().stderr
    project.build()
    assert "up to date" in project.publish().stderr
    project.empty()
    project.add(*files)
    project.build()
    assert "up to date" in project.publish().stderr
    assert {path: path.stat().st_mtime_ns for path in project.site.rglob("*") if path.is_file()} == before


def test_building_again_changes_nothing(tmp_path: Path) -> None:
    project = Project(tmp_path / "acme")
    project.add(*release(tmp_path / "1", "1.0.0"))
    project.build()
    before = digests(project.output)
    assert "nothing changed" in project.build().stderr
    assert digests(project.output) == before


def test_the_same_release_and_date_give_the_same_bytes(tmp_path: Path) -> None:
    files = release(tmp_path / "1", "1.0.0")
    trees = []
    for name, umask in (("one", 0o022), ("two", 0o077)):
        project = Project(tmp_path / name / "räum 1")
        project.add(*files)
        old = os.umask(umask)
        project.run("build", "--date", DATE, env={"TZ": "Asia/Tokyo", "LANG": "C", "LC_ALL": "C"} if name == "two" else {})
        os.umask(old)
        trees.append({path: digest for path, digest in digests(project.output).items() if not path.startswith(".repogen/")})
        site = [path for path in (project.output, *project.output.rglob("*")) if ".repogen" not in path.parts]
        assert {path.stat().st_mode & 0o777 for path in site if path.is_file()} == {0o644}
        assert {path.stat().st_mode & 0o777 for path in site if path.is_dir()} == {0o755}
    assert trees[0] == trees[1]


def test_two_machines_that_build_upon_the_same_state_both_publish(tmp_path: Path) -> None:
    first = Project(tmp_path / "first", to=str(tmp_path / "site"))
    second = Project(tmp_path / "second", to=str(tmp_path / "site"))
    first.add(*release(tmp_path / "1", "1.0.0"))
    second.add(*release(tmp_path / "2", "2.0.0"))
    first.build()
    second.build()
    first.publish()
    second.publish()
    index = (tmp_path / "site/apt/dists/stable/main/binary-amd64/Packages").read_text()
    assert "Version: 1.0.0" in index
    assert "Version: 2.0.0" in index


def test_a_publish_that_was_cut_is_finished_by_the_next_one(tmp_path: Path) -> None:
    project = Project(tmp_path / "acme")
    project.release(*release(tmp_path / "1", "1.0.0"))
    head = project.site / ".repogen/head.json"
    head.write_text(head.read_text().replace('"complete": true', '"complete": false'))
    (project.site / "apt/dists/stable/InRelease").write_text("cut")
    project.empty()
    project.release(*release(tmp_path / "2", "1.1.0"))
    assert (project.site / "apt/dists/stable/InRelease").read_text().startswith("-----BEGIN PGP SIGNED MESSAGE-----")
    assert '"complete": true' in head.read_text()


def test_after_a_cut_old_lists_stay_as_they_are(tmp_path: Path) -> None:
    """A machine that is born empty signs only what the cut publish may have left half done."""
    project = Project(tmp_path / "acme")
    project.release(*release(tmp_path / "1", "1.0.0"))
    project.release(*release(tmp_path / "2", "1.1.0"))
    lists = {path: path.read_bytes() for path in (project.site / "downloads").rglob("SHA*SUMS*") if "/1.0.0/" in str(path)}
    head = project.site / ".repogen/head.json"
    head.write_text(head.read_text().replace('"complete": true', '"complete": false'))
    (project.site / "downloads/hello/1.1.0/SHA256SUMS.asc").write_text("cut")
    project.empty()
    shutil.rmtree(project.folder / "cache")
    project.release(*release(tmp_path / "3", "1.2.0"))
    assert len(lists) == 4
    assert {path: path.read_bytes() for path in lists} == lists
    assert "BEGIN PGP SIGNATURE" in (project.site / "downloads/hello/1.1.0/SHA256SUMS.asc").read_text()
    assert "nothing to do" in project.run("plan").stdout
