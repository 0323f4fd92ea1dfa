"""electron-updater's manifests as text: what repogen writes of its own, and what it keeps of electron-builder's."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
import yaml

from repogen.artifact import AppImageFacts, ArchiveFacts, Artifact, InstallerFacts, Kind, ManifestFacts, ManifestFile, PackageEntry, PackageListFacts
from repogen.catalog import Catalog
from repogen.config import Config
from repogen.edits import Rollout, Yank, edited
from repogen.formats import updates
from repogen.tree import Tree
from repogen.updates_config import UpdatesConfig
from tests.support.catalogs import catalog, config
from tests.support.golden import assert_golden
from tests.support.releases import application_release, deb, download

NSIS = InstallerFacts(technology="nsis")
BUNDLE = ArchiveFacts(members=(), executables=(), bundles=("Desk Host.app",))


def file(version: str, name: str, kind: Kind, os: str, arch: str = "amd64", **fields: Any) -> Artifact:
    return download("desk-host", version, name, kind, os, arch, **fields)


def windows(version: str, **fields: Any) -> list[Artifact]:
    return [
        file(version, f"Desk Host Setup {version}.exe", Kind.EXE, "windows", "any", facts=NSIS, **fields),
        file(version, f"Desk Host {version}.exe", Kind.EXE, "windows", "any", facts=NSIS, **fields),
    ]


def others(version: str, **fields: Any) -> list[Artifact]:
    return [
        *(
            file(version, f"Desk Host-{version}{word}-mac.zip", Kind.ZIP, "macos", arch, facts=BUNDLE, **fields)
            for word, arch in (("", "amd64"), ("-arm64", "arm64"))
        ),
        file(version, f"Desk Host-{version}.dmg", Kind.DMG, "macos", "universal", **fields),
        file(version, f"Desk Host-{version}.AppImage", Kind.APPIMAGE, "linux", facts=AppImageFacts(block_map_size=77), **fields),
        file(version, f"Desk Host-{version}-arm64.AppImage", Kind.APPIMAGE, "linux", "arm64", **fields),
        file(version, f"Desk Host-{version}-armv7l.AppImage", Kind.APPIMAGE, "linux", "armv7", **fields),
        file(version, f"Desk Host-{version}-i386.AppImage", Kind.APPIMAGE, "linux", "i386", **fields),
        deb("desk-host", version, **fields),
    ]


def given(version: str, name: str, files: list[ManifestFile], **more: Any) -> Artifact:
    facts = ManifestFacts(version=version, files=tuple(files), more=msgspec.json.encode(more))
    return file(version, name, Kind.SIDE, "any", "any", facts=facts)


def site(made: Catalog, settings: Config | None = None) -> Tree:
    settings = settings or config()
    return updates.render(updates.derive(made, settings).catalog, settings)


def at(tree: Tree, path: str) -> dict[str, Any]:
    content = tree[f"updates/{path}"].content
    assert isinstance(content, bytes)
    found: dict[str, Any] = yaml.safe_load(content)
    return found


def urls(manifest: dict[str, Any]) -> list[str]:
    return [entry["url"].rpartition("/")[2] for entry in manifest["files"]]


def test_golden() -> None:
    tree = site(catalog(*windows("1.0.0"), *others("1.0.0")).with_notes({("desk-host", "1.0.0"): 'Faster: "much"\n'}))
    content = tree["updates/stable/latest-mac.yml"].content
    assert isinstance(content, bytes)
    assert_golden("updates/stable/latest-mac.yml", content)


def test_each_platform_has_its_file() -> None:
    tree = site(catalog(*windows("1.0.0"), *others("1.0.0")))
    assert urls(at(tree, "stable/latest.yml")) == ["Desk-Host-Setup-1.0.0.exe"], "a portable program cannot update itself"
    assert urls(at(tree, "stable/latest-mac.yml")) == ["Desk-Host-1.0.0-mac.zip", "Desk-Host-1.0.0-arm64-mac.zip", "Desk-Host-1.0.0.dmg"]
    assert urls(at(tree, "stable/latest-linux.yml")) == ["Desk-Host-1.0.0.AppImage", "desk-host_1.0.0-1_amd64.deb"]
    assert at(tree, "stable/latest-linux.yml")["files"][0]["blockMapSize"] == 77
    for suffix, word in (("arm64", "arm64"), ("arm", "armv7l"), ("ia32", "i386")):
        assert urls(at(tree, f"stable/latest-linux-{suffix}.yml")) == [f"Desk-Host-1.0.0-{word}.AppImage"]


def test_addresses_are_relative_and_what_they_lead_to_is_there() -> None:
    made = catalog(*windows("1.0.0"), *others("1.0.0"))
    paths = {a.path for a in made.artifacts}
    tree = site(made)
    found = [(path, entry) for path in tree if path.endswith(".yml") for entry in at(tree, path.removeprefix("updates/"))["files"]]
    assert len(found) == 18
    for path, entry in found:
        up = entry["url"].count("../")
        assert up == path.count("/")
        assert entry["url"].removeprefix("../" * up) in paths


def test_what_electron_builder_says_is_kept_but_for_what_is_published() -> None:
    entry = ManifestFile(url="Desk-Host-Setup-1.0.0.exe", sha512="wrong", size=1, more=b'{"isAdminRightsRequired":true}')
    made = catalog(*windows("1.0.0"), given("1.0.0", "latest.yml", [entry], releaseName="A: b", releaseNotes="own\u2028", stagingPercentage=10, x={"y": [1]}))
    manifest = at(site(made), "stable/latest.yml")
    (published,) = [a for a in made.artifacts if "Setup" in a.filename]
    assert manifest["files"][0]["size"] == published.size
    assert manifest["files"][0]["isAdminRightsRequired"] is True
    assert manifest["sha512"] != "wrong"
    assert (manifest["releaseName"], manifest["releaseNotes"], manifest["stagingPercentage"], manifest["x"]) == ("A: b", "own", 10, {"y": [1]})


def test_a_rollout_comes_before_what_electron_builder_says() -> None:
    entry = ManifestFile(url="Desk Host Setup 1.0.0.exe")
    made = catalog(*windows("1.0.0"), given("1.0.0", "latest.yml", [entry], stagingPercentage=10))
    rolled = edited(made, Rollout(product="desk-host", version="1.0.0", percent=30), "2026-12-01T12:00:00Z")
    assert at(site(rolled), "stable/latest.yml")["stagingPercentage"] == 30
    ended = edited(rolled, Rollout(product="desk-host", version="1.0.0", percent=100), "2026-12-02T12:00:00Z")
    assert "stagingPercentage" not in at(site(ended), "stable/latest.yml")


def test_channels_have_folders_of_their_own_and_names_in_the_stable_one() -> None:
    made = catalog(*windows("1.0.0"), *windows("1.1.0-beta.1", channel="beta"))
    tree = site(made)
    versions = {path.removeprefix("updates/"): at(tree, path.removeprefix("updates/"))["version"] for path in tree if path.endswith(".yml")}
    assert {path: version for path, version in versions.items() if path.count("/") == 1} == {
        "stable/latest.yml": "1.0.0", "stable/beta.yml": "1.1.0-beta.1", "beta/latest.yml": "1.1.0-beta.1", "beta/beta.yml": "1.1.0-beta.1",
    }  # fmt: skip


def test_other_channels_stay_in_the_stable_folder_when_nothing_stable_is_left() -> None:
    made = updates.derive(catalog(*windows("1.0.0"), *windows("1.1.0-beta.1", channel="beta")), config()).catalog
    gone = site(edited(made, Yank(product="desk-host", version="1.0.0"), "2026-12-01T12:00:00Z"))
    assert (at(gone, "stable/latest.yml")["version"], at(gone, "stable/beta.yml")["version"]) == ("0.0.0", "1.1.0-beta.1")


def test_nothing_is_left_of_a_withdrawn_release_but_the_address() -> None:
    made = updates.derive(catalog(*windows("1.0.0")), config()).catalog
    gone = edited(made, Yank(product="desk-host", version="1.0.0"), "2026-12-01T12:00:00Z")
    assert at(site(gone), "stable/latest.yml") == {"version": "0.0.0", "files": []}


@pytest.mark.parametrize("version", ["1.0", "20260101", "v1.0.0", "01.0.0"])
def test_a_version_that_the_updater_would_refuse_has_no_manifest(version: str) -> None:
    assert not [path for path in site(catalog(*windows(version))) if path.endswith(".yml")]


def test_the_configuration_says_which_products_update_themselves_so() -> None:
    made = catalog(*application_release("1.0.0"), *windows("1.0.0"), deb("tool", "1.0.0"))
    products = {path.split("/")[1] for path in site(made) if path.endswith(".yml")}
    assert products == {"quiet", "desk-host"}, "neither is more likely, so the short address is nobody's"
    one = site(made, config(updates=UpdatesConfig(electron=("tool",))))
    assert [path for path in one if path.endswith(".yml")] == ["updates/stable/latest-linux.yml", "updates/tool/stable/latest-linux.yml"]
    assert not [path for path in site(made, config(updates=UpdatesConfig(electron=()))) if path.endswith(".yml")]


def test_what_velopack_packed_is_no_application_of_electron_updater() -> None:
    listed = PackageListFacts(channel="win", entries=(PackageEntry(name="Quiet-1.0.0-full.nupkg", version="1.0.0", size=7, sha1=""),))
    setup = download("quiet", "1.0.0", "Quiet-win-Setup.exe", Kind.EXE, "windows", "any", facts=InstallerFacts(technology="nsis"))
    files = [setup, download("quiet", "1.0.0", "releases.win.json", Kind.SIDE, "windows", "any", facts=listed)]
    assert not [path for path in updates.render(catalog(*files), config()) if path.endswith(".yml")]
    assert [path for path in updates.render(catalog(*files), config(updates=UpdatesConfig(electron=("quiet",)))) if path.endswith(".yml")]


def test_without_sha512_there_is_nothing_to_write() -> None:
    made = [msgspec.structs.replace(a, sha512="") for a in windows("1.0.0")]
    assert not [path for path in site(catalog(*made)) if path.endswith(".yml")]
