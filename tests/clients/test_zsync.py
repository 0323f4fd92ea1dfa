"""AppImages updated by the real zsync from a site that the real commands made, served by nginx, which answers ranges."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.clients import require, run
from tests.support.installers import make_appimage
from tests.support.nginx import Nginx, nginx
from tests.support.packages import make_deb
from tests.support.site import Project

OLD, NEW, BETA = "1.0.0", "1.1.0", "1.2.0-beta.1"
FIXED = "updates/stable/quiet-latest-x86_64.AppImage.zsync"


def image(folder: Path, version: str, arch: str = "x86_64", update_information: str = "") -> Path:
    """Much that is the same in every version, and a little that is not."""
    folder.mkdir(exist_ok=True)
    made = make_appimage(folder / f"Quiet-{version}-{arch}.AppImage", {"x86_64": "amd64", "aarch64": "arm64"}[arch], update_information)
    common = bytearray(random.Random(3).randbytes(500_000))
    common[150_000 : 150_000 + len(version)] = version.encode()
    made.write_bytes(made.read_bytes() + common)
    return made


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Nginx]:
    require("zsync")
    with nginx(tmp_path / "nginx", tmp_path / "project/site") as server:
        yield server


@pytest.fixture
def project(tmp_path: Path, server: Nginx) -> Project:
    return Project(tmp_path / "project", url=server.url)


def updated(folder: Path, old: Path, url: str) -> tuple[bytes, int]:
    """What the client makes of the file that is installed, and how many bytes it fetched for that."""
    target = folder / f"updated-{len(list(folder.glob('updated-*')))}"
    said = run("zsync", "-i", old, "-o", target, url, cwd=folder).stdout
    fetched = next(word for line in said.splitlines() if "fetched" in line for word in line.split("fetched ")[1].split()[:1])
    return target.read_bytes(), int(fetched)


def test_it_fetches_what_differs(tmp_path: Path, project: Project, server: Nginx) -> None:
    files = {version: image(tmp_path / version, version) for version in (OLD, NEW, BETA)}
    arm = {version: image(tmp_path / version, version, "aarch64") for version in (OLD, NEW)}
    for version, day in ((OLD, "02"), (NEW, "03"), (BETA, "04")):
        project.release(files[version], *([arm[version]] if version in arm else []), date=f"2026-01-{day}T12:00:00Z")
        project.empty()

    for address in (FIXED, f"updates/quiet/stable/{FIXED.rpartition('/')[2]}", f"downloads/quiet/{NEW}/Quiet-{NEW}-x86_64.AppImage.zsync"):
        content, fetched = updated(tmp_path, files[OLD], f"{server.url}/{address}")
        assert content == files[NEW].read_bytes()
        assert 0 < fetched < 20_000
    assert updated(tmp_path, arm[OLD], f"{server.url}/{FIXED.replace('x86_64', 'aarch64')}")[0] == arm[NEW].read_bytes()
    assert updated(tmp_path, files[NEW], f"{server.url}/{FIXED.replace('stable', 'beta')}")[0] == files[BETA].read_bytes()
    asked = {status for path, status in server.requests() if path.endswith(".AppImage")}
    assert asked == {206}, "no whole download"

    current, fetched = updated(tmp_path, files[NEW], f"{server.url}/{FIXED}")
    assert (current, fetched) == (files[NEW].read_bytes(), 0)


def test_a_withdrawn_version_is_taken_back_from_the_fixed_address(tmp_path: Path, project: Project, server: Nginx) -> None:
    files = {version: image(tmp_path / version, version) for version in (OLD, NEW)}
    for version, day in ((OLD, "02"), (NEW, "03")):
        project.release(files[version], date=f"2026-01-{day}T12:00:00Z")
        project.empty()  # so that only the store has the control file of the former version
    project.run("yank", "quiet", NEW)
    assert updated(tmp_path, files[OLD], f"{server.url}/{FIXED}") == (files[OLD].read_bytes(), 0)
    project.run("yank", "quiet", OLD)
    failed = run("zsync", "-i", files[OLD], "-o", tmp_path / "kept", f"{server.url}/{FIXED}", cwd=tmp_path, check=False)
    assert failed.returncode != 0
    assert not (tmp_path / "kept").exists(), "whoever has the application keeps it"
    project.run("yank", "--undo", "quiet", NEW)
    assert updated(tmp_path, files[OLD], f"{server.url}/{FIXED}")[0] == files[NEW].read_bytes()
    project.run("promote", "quiet", NEW, "--to", "nightly")
    assert updated(tmp_path, files[OLD], f"{server.url}/{FIXED.replace('stable', 'nightly')}")[0] == files[NEW].read_bytes()


def test_one_that_came_with_the_files_is_compared_and_superseded(tmp_path: Path) -> None:
    require("zsyncmake")
    project = Project(tmp_path, key=None)
    made = image(project.dist, OLD)
    run("zsyncmake", "-u", "https://elsewhere.example/x", made.name, cwd=project.dist)
    project.build("--unsigned")
    (published,) = project.output.glob("downloads/quiet/*/*.zsync")
    assert b"\nURL: https://dl.acme.example/downloads/quiet/1.0.0/Quiet-1.0.0-x86_64.AppImage\n" in published.read_bytes()
    made.write_bytes(made.read_bytes()[:-1] + b"\0")
    said = project.build("--unsigned", code=1).stderr
    assert "Quiet-1.0.0-x86_64.AppImage.zsync was made for another Quiet-1.0.0-x86_64.AppImage" in said
    made.with_name(f"{made.name}.zsync").write_text("<html>not found</html>")
    assert "is no control file of zsync" in project.build("--unsigned", code=1).stderr


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    made = image(tmp_path, OLD)
    found = []
    for name in ("one", "two"):
        project = Project(tmp_path / name, key=None)
        project.add(made)
        project.build("--unsigned", date="2026-01-02T12:00:00Z")
        project.add(make_deb(tmp_path, "quiet", "1.0.0"))
        project.build("--unsigned", date="2026-01-05T12:00:00Z")
        found.append((project.output / FIXED).read_bytes())
    assert found[0] == found[1]


def test_the_same_file_in_another_channel_has_the_same_control_file(tmp_path: Path) -> None:
    project = Project(tmp_path, key=None)
    project.add(image(tmp_path / "made", OLD))
    for words in ((), ("--channel", "nightly")):
        project.build("--unsigned", *words)
        project.publish()
    addresses = [project.site / FIXED, project.site / FIXED.replace("stable", "nightly")]
    assert len({address.read_bytes() for address in addresses}) == 1


def test_an_appimage_that_looks_elsewhere_is_told(tmp_path: Path) -> None:
    right = f"zsync|https://dl.acme.example/{FIXED}"
    for number, (said, warned) in enumerate({
        "zsync|https://old.acme.example/quiet.zsync": True,
        "gh-releases-zsync|acme|quiet|latest|Quiet-*.AppImage.zsync": True,
        right: False,
        right.replace("updates/", "updates/quiet/"): False,
        "": False,
    }.items()):  # fmt: skip
        project = Project(tmp_path / str(number), key=None)
        project.add(image(tmp_path / f"image-{number}", OLD, update_information=said))
        words = project.build("--unsigned").stderr
        assert (f"Quiet-1.0.0-x86_64.AppImage looks for updates at {said}, but this site has them at {right};" in words) is warned, words
