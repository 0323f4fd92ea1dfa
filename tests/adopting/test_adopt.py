"""Repositories by the real aptly, reprepro, apt-ftparchive and createrepo_c, taken over."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from repogen.artifact import Kind
from repogen.state import load
from repogen.stores.local import LocalStore
from tests.adopting.old_repositories import aptly, createrepo, ftparchive, reprepro, signed
from tests.support.clients import run
from tests.support.packages import make_deb, make_rpm
from tests.support.site import Project
from tests.support.sources import make_source

URL = "https://dl.acme.example"
MODULES = """---
document: modulemd
version: 2
data:
  name: hello
  stream: "1"
  version: 1
  context: abc
  arch: {arch}
  summary: Hello
  description: Hello
  license:
    module: [MIT]
  artifacts:
    rpms: ["hello-0:1.0.0-1.{arch}"]
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "acme")


def published(project: Project) -> set[tuple[str, str, str]]:
    """Kind, name and channel of every published file."""
    return {(a.kind.value, a.path.rpartition("/")[2], a.channel) for a in load(LocalStore(project.site)).catalog.artifacts}


def snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}


def test_what_aptly_publishes(project: Project, tmp_path: Path) -> None:
    debs = [make_deb(tmp_path / "debs", version=version, architecture=arch) for version in ("1.0.0", "1.1.0") for arch in ("amd64", "arm64")]
    source = make_source(tmp_path / "source", "hello", "1.1.0-1")
    old = aptly(tmp_path / "aptly", {"stable": [*debs, source[0]], "beta": [make_deb(tmp_path / "debs", version="2.0.0~beta1")]})
    before = snapshot(old)

    said = project.run("adopt", str(old))
    assert "the apt suite stable: 7 files for the channel stable" in said.stderr
    assert f"{URL}/acme.sources" in said.stdout
    assert "dnf" not in said.stdout
    parts = {("source", path.name, "stable") for path in source[1:]} | {("dsc", source[0].name, "stable")}
    assert published(project) == {("deb", deb.name, "stable") for deb in debs} | {("deb", "hello_2.0.0~beta1_amd64.deb", "beta")} | parts
    assert snapshot(old) == before

    again = project.run("adopt", str(old))  # nothing is new
    assert "0 new files" in again.stderr
    assert load(LocalStore(project.site)).number == 2
    project.release(make_deb(tmp_path / "new", version="1.2.0"))
    assert ("deb", "hello_1.2.0_amd64.deb", "stable") in published(project)


def test_what_reprepro_writes_by_suites_that_have_tables(tmp_path: Path) -> None:
    tables = [{"name": name, "channels": ["stable"], "match": [f"~{name}"]} for name in ("bookworm", "trixie")]
    project = Project(tmp_path / "acme", **{"apt": {}, "apt.suite": tables})
    debs = {name: [make_deb(tmp_path / name, version=f"1.0.0~{name}")] for name in ("bookworm", "trixie")}
    source = make_source(tmp_path / "source", "hello", "1.0.0-1~bookworm")
    old = reprepro(tmp_path / "reprepro", {"bookworm": [*debs["bookworm"], source[0]], "trixie": debs["trixie"]})
    assert (old / "dists/bookworm/main/binary-amd64/Release").is_file()
    told = json.loads(project.run("adopt", str(old), "--json").stdout)
    assert told["channels"] == [{"channel": "stable", "new": 5, "snapshot": 1}]
    for name in debs:
        index = (project.site / f"apt/dists/{name}/main/binary-amd64/Packages").read_text()
        assert f"~{name}" in index


def test_suites_that_nothing_places_are_asked_for(project: Project, tmp_path: Path) -> None:
    old = reprepro(tmp_path / "old", {"noble": [make_deb(tmp_path / "1")], "jammy": [make_deb(tmp_path / "2", "world")]}, "Suite: {suite}-acme\n")
    said = project.run("adopt", str(old), code=2).stderr
    assert "--map jammy=stable" in said
    assert "[[apt.suite]]" in said
    assert "'sid'" in project.run("adopt", str(old), "--map", "sid=stable", code=2).stderr
    assert not project.site.exists()
    project.run("adopt", str(old), "--map", "jammy=nightly", "--channel", "stable", "--dry-run")
    assert not project.site.exists()
    project.run("adopt", str(old), "--map", "jammy=nightly", "--channel", "stable")
    assert published(project) == {("deb", "hello_1.0.0_amd64.deb", "stable"), ("deb", "world_1.0.0_amd64.deb", "nightly")}


@pytest.mark.parametrize("packed", ["gz", "xz", "bz2", "zst"])
def test_what_apt_ftparchive_writes_joins_what_is_published(project: Project, tmp_path: Path, packed: str) -> None:
    project.release(make_deb(tmp_path / "1", version="1.1.0"))
    old = ftparchive(tmp_path / "old", "squeeze", [make_deb(tmp_path / "2")], packed=packed)
    project.run("adopt", str(old))
    assert published(project) == {("deb", "hello_1.0.0_amd64.deb", "stable"), ("deb", "hello_1.1.0_amd64.deb", "stable")}
    assert not project.output.joinpath("apt/pool/main/h/hello/hello_1.0.0_amd64.deb").exists()


@pytest.mark.parametrize("options", [(), ("--general-compress-type=xz",), ("--zck",), ("--checksum=sha512",), ("--compatibility",)])
def test_what_createrepo_writes(project: Project, tmp_path: Path, options: tuple[str, ...]) -> None:
    rpms = [make_rpm(tmp_path / "rpms"), make_rpm(tmp_path / "rpms", "hello-doc", architecture="noarch")]
    old = createrepo(tmp_path / "old", rpms, *options)
    said = project.run("adopt", str(old))
    assert "the yum repository .: 2 files for the channel stable" in said.stderr
    assert f"{URL}/acme.repo" in said.stdout
    assert published(project) == {("rpm", rpm.name, "stable") for rpm in rpms}
    assert all(a.source_sha256 for a in load(LocalStore(project.site)).catalog.artifacts if a.kind is Kind.RPM)


def test_modules_are_taken_over_and_what_is_not_is_told(project: Project, tmp_path: Path) -> None:
    label = 'ModularityLabel: "hello:1:1:abc"\n'
    olds = {arch: createrepo(tmp_path / "old" / arch, [make_rpm(tmp_path / arch, architecture=arch, preamble=label)]) for arch in ("x86_64", "aarch64")}
    for arch, old in olds.items():
        (tmp_path / "modules.yaml").write_text(MODULES.format(arch=arch))
        (tmp_path / "comps.xml").write_text("<comps/>")
        for name in ("modules.yaml", "comps.xml"):
            run("modifyrepo_c", f"--mdtype={'group' if name == 'comps.xml' else 'modules'}", tmp_path / name, old / "repodata")
    said = project.run("adopt", str(tmp_path / "old"))
    assert "the yum repository x86_64: not taken over: group; [[yum.group]] makes groups" in said.stderr
    assert "is part of the module" not in said.stderr
    (modules,) = load(LocalStore(project.site)).catalog.repodata
    assert all(f"hello-0:1.0.0-1.{arch}".encode() in modules.content for arch in olds)
    assert b"modules.yaml" in (project.site / "yum/stable/repodata/repomd.xml").read_bytes()
    told = json.loads(project.run("adopt", str(tmp_path / "old"), "--dry-run", "--json").stdout)
    assert [(one["files"], one["left"]) for one in told["repositories"]] == [(1, ["group"]), (1, ["group"])]
    project.run("adopt", str(tmp_path / "old"))
    assert load(LocalStore(project.site)).number == 1


def test_yum_repositories_by_release_and_channel(project: Project, tmp_path: Path) -> None:
    old = tmp_path / "old"
    createrepo(old / "el8/x86_64", [make_rpm(tmp_path / "8", release="1.el8")])
    createrepo(old / "el9/x86_64", [make_rpm(tmp_path / "9", release="1.el9")])
    createrepo(old / "beta/el9/x86_64", [make_rpm(tmp_path / "b", version="2.0.0", release="1.el9")])
    project.run("adopt", str(old))
    assert {(name, channel) for _, name, channel in published(project)} == {
        ("hello-1.0.0-1.el8.x86_64.rpm", "stable"),
        ("hello-1.0.0-1.el9.x86_64.rpm", "stable"),
        ("hello-2.0.0-1.el9.x86_64.rpm", "beta"),
    }
    createrepo(old / "testing/el9", [make_rpm(tmp_path / "t", version="3.0.0")])
    assert "--map testing/el9=stable" in project.run("adopt", str(old), code=2).stderr


@pytest.mark.slow
def test_both_kinds_in_a_bucket_that_becomes_the_destination(tmp_path: Path, s3_client: Any, s3_bucket: str) -> None:
    old = aptly(tmp_path / "aptly", {"bookworm": [make_deb(tmp_path / "debs")]})
    createrepo(old / "rpm", [make_rpm(tmp_path / "rpms")])
    for path in (path for path in old.rglob("*") if path.is_file()):
        s3_client.upload_file(str(path), s3_bucket, f"repo/{path.relative_to(old)}")
    project = Project(tmp_path / "acme", to=f"s3://{s3_bucket}/repo", url=f"{URL}/repo")
    before = objects(s3_client, s3_bucket)
    project.run("adopt", f"s3://{s3_bucket}/repo")
    after = objects(s3_client, s3_bucket)
    assert {key: after.get(key) for key in before} == before
    assert "repo/apt/pool/main/h/hello/hello_1.0.0_amd64.deb" in after
    assert "repo/yum/stable/Packages/h/hello-1.0.0-1.x86_64.rpm" in after
    again = project.run("adopt", f"s3://{s3_bucket}/repo")  # what repogen itself wrote there is not taken for the old repository
    assert "the apt suite stable" not in again.stderr
    assert objects(s3_client, s3_bucket) == after


def objects(client: Any, bucket: str) -> dict[str, tuple[str, str]]:
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {item["Key"]: (item["ETag"], item["LastModified"].isoformat()) for page in pages for item in page.get("Contents", [])}


def test_old_signatures_are_checked_by_the_keys_that_are_given(project: Project, tmp_path: Path) -> None:
    old = ftparchive(tmp_path / "old", "stable", [make_deb(tmp_path / "1")])
    createrepo(old / "rpm", [make_rpm(tmp_path / "2")])
    assert "keyring" in project.run("adopt", str(old), "--keyring", "absent.asc", code=1).stderr
    (project.folder / "old.asc").write_bytes(signed(old, "rsa2048"))
    (project.folder / "other.asc").write_bytes(signed(ftparchive(tmp_path / "other", "stable", [make_deb(tmp_path / "3")]), "rsa3072"))
    assert "is signed by the key" in project.run("adopt", str(old), "--keyring", "other.asc", code=1).stderr
    project.run("adopt", str(old), "--keyring", "old.asc")
    assert {kind for kind, _, _ in published(project)} == {"deb", "rpm"}


def test_files_that_are_not_what_the_index_names(project: Project, tmp_path: Path) -> None:
    old = ftparchive(tmp_path / "old", "stable", [make_deb(tmp_path / "1")])
    deb = old / "pool/hello_1.0.0_amd64.deb"
    content = deb.read_bytes()
    deb.write_bytes(content[:-1] + b"x")
    assert "pool/hello_1.0.0_amd64.deb" in project.run("adopt", str(old), code=1).stderr
    deb.unlink()
    assert "is missing" in project.run("adopt", str(old), code=1).stderr
    index = old / "dists/stable/main/binary-amd64/Packages.gz"
    index.write_bytes(index.read_bytes()[:-9])
    assert "is not what its repository names" in project.run("adopt", str(old), code=1).stderr
    index.unlink()
    assert "missing in all its forms" in project.run("adopt", str(old), code=1).stderr
    assert not project.site.exists()


def test_an_index_that_leads_away_is_refused(project: Project, tmp_path: Path) -> None:
    old = createrepo(tmp_path / "old", [make_rpm(tmp_path / "1")], "--location-prefix", "../../elsewhere")
    assert "outside" in project.run("adopt", str(old), code=1).stderr
    based = createrepo(tmp_path / "based", [make_rpm(tmp_path / "2")], "--baseurl", "https://elsewhere.example/")
    assert "https://elsewhere.example/" in project.run("adopt", str(based), code=1).stderr


def test_what_is_no_repository(project: Project, tmp_path: Path) -> None:
    flat = tmp_path / "flat"
    flat.mkdir()
    shutil.copy2(make_deb(tmp_path / "1"), flat)
    (flat / "Packages").write_text("Package: hello\n")
    assert "flat apt repository" in project.run("adopt", str(flat), code=1).stderr
    (flat / "Packages").unlink()
    assert "neither dists/ nor repodata/" in project.run("adopt", str(flat), code=1).stderr
    assert "is no folder" in project.run("adopt", "nowhere", code=1).stderr
    assert "the files at https://old.example/debian cannot be listed" in project.run("adopt", "https://old.example/debian", code=2).stderr
    assert "--map" in project.run("adopt", str(flat), "--map", "stable", code=2).stderr


def test_indices_that_are_packed_with_zstd(project: Project, tmp_path: Path) -> None:
    theirs = Project(tmp_path / "theirs", yum={"compression": "zst"})
    theirs.release(make_rpm(tmp_path / "rpms"))
    project.run("adopt", str(theirs.site / "yum"))
    assert published(project) == {("rpm", "hello-1.0.0-1.x86_64.rpm", "stable")}


def test_packages_of_another_key_stay_or_are_signed_again(tmp_path: Path) -> None:
    theirs = Project(tmp_path / "theirs", key="rsa3072")
    theirs.release(make_rpm(tmp_path / "rpms"))
    old = createrepo(tmp_path / "old", list(theirs.site.glob("yum/stable/Packages/h/*.rpm")))
    kept = Project(tmp_path / "kept")
    assert "signed by another key" in kept.run("adopt", str(old)).stderr
    (package,) = kept.site.glob("yum/stable/Packages/h/*.rpm")
    assert package.read_bytes() == (old / package.name).read_bytes()
    again = Project(tmp_path / "again", yum={"resign": True})
    again.run("adopt", str(old))
    (package,) = again.site.glob("yum/stable/Packages/h/*.rpm")
    assert package.read_bytes() != (old / package.name).read_bytes()
