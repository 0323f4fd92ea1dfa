"""The real electron-updater against sites that the real commands made, served by nginx, which answers ranges."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.electron import block_map, embed_block_map, update_manifest
from tests.support.electron_updater import Answer, Installed
from tests.support.installers import make_appimage, make_nsis
from tests.support.nginx import Nginx, nginx
from tests.support.packages import make_deb, make_rpm, make_zip
from tests.support.programs import mach_o
from tests.support.site import Project

NAME = "Desk Host"
NOTES = 'Faster.\n\n- "quoted" & <b>marked</b>: #1\n'
OLD, NEW, BETA = "0.2.0", "0.3.0", "0.4.0-beta.1"


def contents(version: str) -> bytes:
    """Much that is the same in every version, and a little that is not."""
    common = bytearray(random.Random(7).randbytes(400_000))
    common[150_000 : 150_000 + len(version)] = version.encode()
    return bytes(common)


def application(folder: Path, version: str) -> dict[str, Path]:
    """What electron-builder makes for every system, without update manifests."""
    folder.mkdir(parents=True, exist_ok=True)
    setup = make_nsis(folder / f"{NAME} Setup {version}.exe", NAME, version.partition("-")[0])
    setup.write_bytes(setup.read_bytes() + contents(version))
    image = make_appimage(folder / f"{NAME}-{version}.AppImage")
    image.write_bytes(image.read_bytes() + contents(version))
    embed_block_map(image)
    program = f"{NAME}.app/Contents/MacOS/{NAME}"
    zipped = make_zip(folder / f"{NAME}-{version}-mac.zip", {program: mach_o("amd64") + contents(version), f"{NAME}.app/Contents/Info.plist": "x"})
    arm = make_zip(folder / f"{NAME}-{version}-arm64-mac.zip", {program: mach_o("arm64") + contents(version), f"{NAME}.app/Contents/Info.plist": "x"})
    portable = make_nsis(folder / f"{NAME} {version}.exe", NAME, version.partition("-")[0])
    files = {"nsis": setup, "appimage": image, "mac": zipped, "mac-arm64": arm, "portable": portable}
    files |= {"nsis-map": block_map(setup), "mac-map": block_map(zipped), "mac-arm64-map": block_map(arm)}
    return (
        files | {"deb": make_deb(folder, "desk-host", version.replace("-", "~")), "rpm": make_rpm(folder, "desk-host", version)}
        if "-" not in version
        else files
    )


def manifests(folder: Path, files: dict[str, Path], version: str) -> list[Path]:
    """What electron-builder writes about them, for GitHub on Windows and for a plain server elsewhere."""
    return [
        update_manifest(folder / "latest.yml", version, files["nsis"], dashes=True, releaseName="A name: with a colon"),
        update_manifest(folder / "latest-mac.yml", version, files["mac"], files["mac-arm64"]),
        update_manifest(folder / "latest-linux.yml", version, files["appimage"], files["deb"], files["rpm"]),
    ]


class Site:
    def __init__(self, project: Project, server: Nginx, files: dict[str, dict[str, Path]]) -> None:
        self.project, self.server, self.files = project, server, files
        self.installations = 0

    def installed(self, kind: str, version: str, feed: str = "updates/stable", **more: object) -> Installed:
        self.installations += 1
        file = self.files[version].get(kind)
        return Installed(self.project.folder / f"installed-{self.installations}", kind, version, f"{self.server.url}/{feed}", file=file, **more)

    def asked(self, before: int) -> list[tuple[str, int]]:
        return self.server.requests()[before:]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A release with manifests of electron-builder, one without any, and a beta."""
    folder = tmp_path_factory.mktemp("electron")
    files = {version: application(folder / version, version) for version in (OLD, NEW, BETA)}
    with nginx(folder / "nginx", folder / "project/site") as server:
        tables = [{"id": "desk-host", "files": ["Desk Host*", "desk-host*"]}]
        project = Project(folder / "project", url=server.url, product=tables)
        project.release(*files[OLD].values(), *manifests(folder / OLD, files[OLD], OLD), date="2026-01-02T12:00:00Z")
        project.empty()
        (folder / f"RELEASE_NOTES-{NEW}.md").write_text(NOTES)
        project.release(*files[NEW].values(), folder / f"RELEASE_NOTES-{NEW}.md", date="2026-01-03T12:00:00Z")
        project.empty()
        project.release(*files[BETA].values(), date="2026-01-04T12:00:00Z")
        yield Site(project, server, files)


def came_to(answer: Answer, version: str, file: Path) -> None:
    assert answer.error is None, answer.log
    assert answer.events == ["update-available", "update-downloaded"], answer.log
    assert answer.version == version
    assert answer.downloaded is not None
    assert answer.downloaded.read_bytes() == file.read_bytes()
    assert answer.downloaded.name == file.name.replace(" ", "-")


@pytest.mark.parametrize("kind", ["nsis", "appimage", "mac"])
def test_it_downloads_what_differs(site: Site, kind: str) -> None:
    before = len(site.server.requests())
    answer = site.installed(kind, OLD).update()
    came_to(answer, NEW, site.files[NEW][kind])
    assert answer.notes == NOTES
    assert "To download:" in answer.log, answer.log
    path = f"/downloads/desk-host/{NEW}/{site.files[NEW][kind].name.replace(' ', '-')}"
    assert {status for asked, status in site.asked(before) if asked.partition("?")[0] == path} == {206}, "no full download"


@pytest.mark.parametrize("kind", ["deb", "rpm"])
def test_packages_are_downloaded_whole(site: Site, kind: str) -> None:
    answer = site.installed(kind, OLD).update()
    assert answer.events == ["update-available", "update-downloaded"], answer.log
    assert answer.downloaded is not None
    (published,) = site.project.site.glob(f"*/**/desk-host*{NEW}*.{kind}")
    assert answer.downloaded.read_bytes() == published.read_bytes(), "an rpm that was signed when it was published"


def test_a_first_download_is_a_whole_one(site: Site) -> None:
    installed = site.installed("mac", OLD, "updates/desk-host/stable")
    (installed.folder / "cache/app-updater/update.zip").unlink()
    came_to(installed.update(), NEW, site.files[NEW]["mac"])


def test_a_mac_gets_what_is_made_for_its_processor(site: Site) -> None:
    came_to(site.installed("mac", OLD, arch="arm64").update(), NEW, site.files[NEW]["mac-arm64"])


@pytest.mark.parametrize("kind", ["nsis", "appimage", "mac", "deb"])
def test_the_current_version_stays(site: Site, kind: str) -> None:
    answer = site.installed(kind, NEW).update()
    assert (answer.events, answer.version, answer.error) == (["update-not-available"], NEW, None), answer.log


@pytest.mark.parametrize(
    ("feed", "built_in", "chosen"),
    [
        ("updates/beta", "", ""), ("updates/beta", "beta", ""), ("updates/stable", "beta", ""), ("updates/stable", "", "beta"),
        ("updates/desk-host/stable", "", "beta"),
    ],
)  # fmt: skip
def test_the_beta_channel(site: Site, feed: str, built_in: str, chosen: str) -> None:
    answer = site.installed("nsis", NEW, feed, feed_channel=built_in).update(channel=chosen)
    came_to(answer, BETA, site.files[BETA]["nsis"])


def test_an_unknown_channel_is_told(site: Site) -> None:
    assert site.installed("nsis", NEW).update(channel="nightly").error is not None


@pytest.mark.slow
def test_a_release_is_rolled_out_withdrawn_and_everything_with_it(tmp_path: Path) -> None:
    files = {version: application(tmp_path / version, version) for version in (OLD, NEW)}
    with nginx(tmp_path / "nginx", tmp_path / "project/site") as server:
        project = Project(tmp_path / "project", url=server.url, product=[{"id": "desk-host", "files": ["Desk Host*"]}])
        site = Site(project, server, files)
        for version, date in ((OLD, "2026-01-02T12:00:00Z"), (NEW, "2026-01-03T12:00:00Z")):
            project.release(files[version]["nsis"], files[version]["nsis-map"], date=date)
            project.empty()

        project.run("rollout", "desk-host", "40")
        for number, offered in (("3fffffff", True), ("7fffffff", False)):
            installed = site.installed("nsis", OLD)
            installed.be_user(f"01234567-89ab-5def-8123-4567{number}")
            assert (installed.update(download=False).events == ["update-available"]) is offered

        project.run("yank", "desk-host", NEW)
        assert site.installed("nsis", OLD).update().events == ["update-not-available"]
        assert site.installed("nsis", NEW).update().events == ["update-not-available"], "nobody is taken back"
        project.run("yank", "desk-host", OLD)
        answer = site.installed("nsis", OLD).update()
        assert (answer.events, answer.version, answer.error) == (["update-not-available"], "0.0.0", None)
        project.run("yank", "--undo", "desk-host", NEW)
        installed = site.installed("nsis", OLD)
        installed.be_user("01234567-89ab-5def-8123-456700000000")
        came_to(installed.update(), NEW, files[NEW]["nsis"])
