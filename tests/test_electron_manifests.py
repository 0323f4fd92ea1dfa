"""Update manifests among the release files: read, given to their release, and compared with the files that they name."""

from __future__ import annotations

from pathlib import Path

import pytest

from repogen.artifact import AppImageFacts, ManifestFile
from repogen.electron_manifests import named_by
from repogen.errors import InputError
from repogen.readers import electron_manifest
from repogen.readers.binary import embedded_block_map
from repogen.scanning.input_files import find_files
from repogen.scanning.scan import scan
from tests.support.electron import embed_block_map, embedded_size, update_manifest
from tests.support.installers import make_appimage, make_nsis
from tests.support.packages import make_rpm
from tests.support.site import Project


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("App Setup 1.0.0.exe", "App Setup 1.0.0.exe"), ("App-Setup-1.0.0.exe", "App Setup 1.0.0.exe"), ("App.Setup.1.0.0.exe", "App Setup 1.0.0.exe"),
        ("App%20Setup%201.0.0.exe", "App Setup 1.0.0.exe"), ("https://other.example/v1/App-Setup-1.0.0.exe?x", "App Setup 1.0.0.exe"), ("App-1.0.0.exe", None),
        ("App-Setup-1.0.0-arm64.exe", "App-Setup-1.0.0-arm64.exe"),
    ],
)  # fmt: skip
def test_a_name_is_found_however_its_spaces_are_written(url: str, name: str | None) -> None:
    names = ["App Setup 1.0.0.exe", "App-Setup-1.0.0-arm64.exe"]
    assert named_by(url, [(one, one) for one in names]) == name


def test_versions_and_dates_stay_text() -> None:
    facts = electron_manifest.parse("latest.yml", "version: 1.10\npath: a.exe\nsha512: abc\nreleaseDate: 2026-01-01T00:00:00.000Z\nstagingPercentage: 10\n")
    assert facts is not None
    assert (facts.version, facts.files) == ("1.10", (ManifestFile(url="a.exe", sha512="abc"),))
    assert facts.more == b'{"releaseDate":"2026-01-01T00:00:00.000Z","stagingPercentage":10}'


@pytest.mark.parametrize("text", ["on: push\n", "- 1\n", "", "just words"])
def test_another_text_is_none(text: str) -> None:
    assert electron_manifest.parse("latest.yml", text) is None


@pytest.mark.parametrize(
    "text",
    [
        "version: 1.0.0\nfiles: [", "version: 1.0.0\nfiles: 3", "version: 1.0.0\nfiles: [{size: 1}]", "version: 1.0.0\nfiles: [{url: a, size: much}]",
        "a: &x 1\nb: *x\n",
        "!!python/object:os.system x", "a: " + "[" * 5000,
    ],
)  # fmt: skip
def test_a_damaged_one_is_a_sentence(text: str) -> None:
    with pytest.raises(InputError, match=r"^latest\.yml "):
        electron_manifest.parse("latest.yml", text)


def test_the_block_map_in_an_appimage_is_measured(tmp_path: Path) -> None:
    make_appimage(tmp_path / "a-1.0.0.AppImage")
    image = embed_block_map(make_appimage(tmp_path / "b-1.0.0.AppImage"))
    with image.open("rb") as file:
        assert embedded_block_map(file, image.stat().st_size) == embedded_size(image) > 0
    readings = {one.name: one.reading.facts for one in scan(find_files([str(tmp_path)], tmp_path))}
    assert readings == {"a-1.0.0.AppImage": None, "b-1.0.0.AppImage": AppImageFacts(block_map_size=embedded_size(image))}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path, key=None)
    make_nsis(project.dist / "Desk Host Setup 1.0.0.exe", "Desk Host", "1.0.0")
    return project


def test_a_manifest_goes_with_the_files_that_it_names(project: Project) -> None:
    update_manifest(project.dist / "latest.yml", "1.0.0", project.dist / "Desk Host Setup 1.0.0.exe", dashes=True)
    project.build("--unsigned")
    assert (project.output / "downloads/desk-host/1.0.0/latest.yml").is_file()
    assert (project.output / "updates/stable/latest.yml").is_file()


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("size: ", "size: 9", "has 9"),
        ("    sha512: ", "    sha512: AAAA", "written for another Desk Host Setup 1.0.0.exe: its sha512 differs"),
        ("url: Desk-Host-Setup-1.0.0.exe", "url: Desk-Host-Setup-1.0.0-arm64.exe\n  - url: Desk-Host-Setup-1.0.0.exe", "not among the release files"),
        ("version: 1.0.0", "version: 1.0.1", "is for version 1.0.1, but the files that it names are 1.0.0"),
    ],
)
def test_one_that_differs_is_refused_in_a_sentence(project: Project, before: str, after: str, sentence: str) -> None:
    manifest = update_manifest(project.dist / "latest.yml", "1.0.0", project.dist / "Desk Host Setup 1.0.0.exe", dashes=True)
    text = manifest.read_text()
    assert before in text
    manifest.write_text(text.replace(before, after, 1))
    said = project.build("--unsigned", code=1).stderr
    assert said.startswith("repogen: latest.yml ")
    assert sentence in said
    assert len(said.splitlines()) == 2


def test_a_manifest_may_come_after_its_files(project: Project) -> None:
    project.build("--unsigned")
    project.publish()
    setup = project.dist / "Desk Host Setup 1.0.0.exe"
    update_manifest(project.dist / "latest.yml", "1.0.0", setup, releaseName="named later")
    project.build("--unsigned")
    assert "named later" in (project.output / "updates/stable/latest.yml").read_text()


def test_files_that_are_published_already_are_compared_as_they_come_in(tmp_path: Path) -> None:
    """An rpm gets its signature here, so that what is published of it is not what its manifest is about."""
    project = Project(tmp_path / "project")
    made = tmp_path / "made"
    image, rpm = make_appimage(made / "Desk Host-1.0.0.AppImage"), make_rpm(made, "desk-host", "1.0.0", filename="desk-host-1.0.0.x86_64.rpm")
    files = (image, rpm, update_manifest(made / "latest-linux.yml", "1.0.0", image, rpm))
    project.release(image, rpm)
    for given in ((image, files[2]), files):
        project.empty()
        project.add(*given)
        project.build()
        project.publish()
    manifest = (project.site / "updates/stable/latest-linux.yml").read_text()
    assert f"size: {next(project.site.rglob('desk-host*.rpm')).stat().st_size}" in manifest
    image.write_bytes(image.read_bytes() + b"another")
    project.empty()
    project.add(image, update_manifest(made / "latest-linux.yml", "1.0.0", image))
    assert "would change the published file" in project.build(code=3).stderr
