"""Source packages and debug symbols through the two commands, and the real apt-get and dpkg-source that fetch them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.support.apt import AptRoot
from tests.support.clients import require, run
from tests.support.packages import make_deb
from tests.support.server import StaticServer, serving
from tests.support.site import Project
from tests.support.sources import make_source

URL = "https://dl.acme.example"


def sources_of(server: StaticServer) -> str:
    return (server.root / "acme.sources").read_text().replace(URL, server.url)


def test_apt_get_source_fetches_and_unpacks(tmp_path: Path) -> None:
    require("dpkg-source")
    project = Project(tmp_path / "project")
    project.release(make_deb(tmp_path, version="1.0.0-1"), *make_source(tmp_path))
    assert "\nTypes: deb deb-src\n" in (project.site / "acme.sources").read_text()
    with serving(project.site) as server:
        root = AptRoot(tmp_path / "root", sources_of(server))
        root.update()
        (tmp_path / "fetched").mkdir()
        run(
            "apt-get", "source", "hello",
            cwd=tmp_path / "fetched", env={"APT_CONFIG": str(root.configuration)},
        )  # fmt: skip
        assert (tmp_path / "fetched/hello-1.0.0/hello.sh").read_text() == "#!/bin/sh\necho hello 1.0.0\n"
        assert any("/main/source/by-hash/SHA256/" in path for path in server.paths(200))
        assert not [path for path in server.paths() if path not in server.paths(200)]


def test_the_files_stand_beside_the_package_and_belong_to_its_release(tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    project.release(make_deb(tmp_path, "greet", "1.0.0-1", extra="Source: hello"), *make_source(tmp_path))
    pool = sorted(path.name for path in (project.site / "apt/pool/main/h/hello").iterdir())
    assert pool == ["greet_1.0.0-1_amd64.deb", "hello_1.0.0-1.debian.tar.xz", "hello_1.0.0-1.dsc", "hello_1.0.0.orig.tar.gz"]
    (product,) = json.loads((project.site / "repo.json").read_text())["products"]
    assert (product["id"], len(product["releases"]), len(product["releases"][0]["files"])) == ("greet", 1, 4)
    run("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=project.site / "downloads/greet/1.0.0")


def test_a_new_revision_needs_no_published_tarball(tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    project.release(make_deb(tmp_path, version="1.0.0-1"), *make_source(tmp_path))
    project.empty()
    new = [path for path in make_source(tmp_path, version="1.0.0-2") if ".orig." not in path.name]
    project.release(make_deb(tmp_path, version="1.0.0-2"), *new)
    with serving(project.site) as server:
        root = AptRoot(tmp_path / "root", sources_of(server))
        root.update()
        fetched = tmp_path / "fetched"
        fetched.mkdir()
        run("apt-get", "source", "--download-only", "hello=1.0.0-2", cwd=fetched, env={"APT_CONFIG": str(root.configuration)})
        assert {path.name for path in fetched.iterdir()} == {"hello_1.0.0-2.dsc", "hello_1.0.0-2.debian.tar.xz", "hello_1.0.0.orig.tar.gz"}


def test_source_packages_need_no_deb_beside_them(tmp_path: Path) -> None:
    project = Project(tmp_path / "project", product=[{"id": "quilt", "component": "contrib"}])
    native = make_source(tmp_path, "native", "1:1.0+a~b", "3.0 (native)")
    project.release(*native, *make_source(tmp_path, "quilt", "2.0~beta1-1"))
    with serving(project.site) as server:
        root = AptRoot(tmp_path / "root", sources_of(server).replace("Suites: stable", "Suites: stable beta"))
        root.update()
        for package in ("native", "quilt"):
            (tmp_path / package).mkdir()
            run("apt-get", "source", package, cwd=tmp_path / package, env={"APT_CONFIG": str(root.configuration)})
        assert (tmp_path / "native/native-1.0+a~b/hello.sh").is_file()
        assert (tmp_path / "quilt/quilt-2.0~beta1/hello.sh").is_file()


def test_what_is_set_up_for_source_packages_stays_so(tmp_path: Path) -> None:
    """Also when the only release that had some is no longer there."""
    project = Project(tmp_path / "project", retention={"keep": 1})
    project.release(make_deb(tmp_path, version="1.0.0-1"), *make_source(tmp_path))
    with serving(project.site) as server:
        root = AptRoot(tmp_path / "root", sources_of(server))
        project.empty()
        project.release(make_deb(tmp_path, version="2.0.0-1"))
        root.update()
        assert root.versions("hello") == ["2.0.0-1"]


def test_what_is_wrong_with_a_source_package_is_said_by_name(tmp_path: Path) -> None:
    dsc, debian, orig = make_source(tmp_path)
    project = Project(tmp_path / "project")
    project.add(dsc, debian)
    assert "hello_1.0.0-1.dsc names hello_1.0.0.orig.tar.gz, which is neither" in project.build(code=1).stderr
    shutil.copy(debian, project.dist / orig.name)
    assert "hello_1.0.0.orig.tar.gz is not the file that hello_1.0.0-1.dsc describes" in project.build(code=1).stderr
    project.empty()
    (project.dist / "hello_1.0.0-1.diff.gz").write_bytes(b"\x1f\x8b\x08\x00" + bytes(20))
    assert "hello_1.0.0-1.diff.gz is part of a Debian source package" in project.build(code=1).stderr


def test_records_of_dpkg_buildpackage_are_passed_over(tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    (project.dist / "hello_1.0.0-1_amd64.changes").write_text("Format: 1.8\n")
    (project.dist / "hello_1.0.0-1_amd64.buildinfo").write_text("Format: 1.0\n")
    project.release(make_deb(tmp_path))
    assert not list(project.site.rglob("*.changes")) + list(project.site.rglob("*.buildinfo"))


def test_debug_symbols_have_a_component_of_their_own(tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    debug = make_deb(tmp_path, "hello-dbgsym", extra="Source: hello\nAuto-Built-Package: debug-symbols\nDepends: hello (= 1.0.0)", filename="hello.ddeb")
    project.release(make_deb(tmp_path), debug)
    dists = project.site / "apt/dists/stable"
    assert "dbgsym" not in (dists / "main/binary-amd64/Packages").read_text()
    assert "Package: hello-dbgsym\n" in (dists / "main/debug/binary-amd64/Packages").read_text()
    assert "\nComponents: main main/debug\n" in (dists / "Release").read_text()
    assert [product["id"] for product in json.loads((project.site / "repo.json").read_text())["products"]] == ["hello"]
    with serving(project.site) as server:
        text = sources_of(server)
        assert "\nComponents: main\n" in text
        root = AptRoot(tmp_path / "root", text.replace("\nComponents: main\n", "\nComponents: main main/debug\n"))
        root.update()
        root.install("hello-dbgsym")
        assert root.installed() == {"hello": "1.0.0", "hello-dbgsym": "1.0.0"}


def test_packages_for_debians_installer_are_refused(tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    project.add(make_deb(tmp_path, "hello-udeb", extra="Package-Type: udeb", filename="hello.udeb"))
    assert "hello.udeb is a package for the Debian installer" in project.build(code=1).stderr
