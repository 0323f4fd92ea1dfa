"""Squirrel.Windows: its own update manager, under mono, against a site that the real commands made."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.clients import require, run
from tests.support.nginx import Nginx, nginx
from tests.support.node_client import node_client
from tests.support.site import Project
from tests.support.update_packages import make_package, sha1, squirrel_release

DATES = {"1.0.0": "2026-01-02T12:00:00Z", "1.1.0": "2026-01-03T12:00:00Z", "1.2.0": "2026-01-04T12:00:00Z"}


class Installed:
    """An installed application of the version of this package."""

    def __init__(self, folder: Path, client: Path, package: Path) -> None:
        self.client = client
        self.folder, self.packages = folder, folder / "Quiet/packages"
        self.packages.mkdir(parents=True)
        shutil.copy(package, self.packages)
        (self.packages / "RELEASES").write_text(f"{sha1(package)} {package.name} {package.stat().st_size}")

    def be_user(self, identity: str) -> None:
        """Become the user of this UUID, which a staged rollout draws by."""
        (self.packages / ".betaId").write_text(identity)

    def update(self, url: str) -> list[str]:
        """Names of the packages that it fetched."""
        program = node_client("electron") / "node_modules/electron-winstaller/vendor/Squirrel-Mono.exe"
        return run("mono", self.client, program, url, "Quiet", self.folder).stdout.split()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    require("mono", "mcs")
    program = tmp_path_factory.mktemp("client") / "Client.exe"
    run("mcs", f"-out:{program}", Path(__file__).with_name("squirrel") / "Client.cs")
    return program


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Nginx]:
    with nginx(tmp_path / "nginx", tmp_path / "project/site") as server:
        yield server


@pytest.fixture
def files(tmp_path: Path) -> dict[str, list[Path]]:
    first = squirrel_release(tmp_path / "1.0.0", "1.0.0")
    second = squirrel_release(tmp_path / "1.1.0", "1.1.0", first[0])
    return {"1.0.0": first, "1.1.0": second, "1.2.0": squirrel_release(tmp_path / "1.2.0", "1.2.0", first[0], second[0], second[1])}


@pytest.mark.slow
def test_it_finds_and_fetches_what_it_needs(tmp_path: Path, server: Nginx, client: Path, files: dict[str, list[Path]]) -> None:
    project = Project(tmp_path / "project", url=server.url)
    for version, some in files.items():
        project.release(*some, date=DATES[version])
        project.empty()

    for number, address in enumerate(("updates/stable", "updates/quiet/stable")):
        installed = Installed(tmp_path / f"installed-{number}", client, files["1.0.0"][0])
        assert installed.update(f"{server.url}/{address}") == ["Quiet-1.1.0-delta.nupkg", "Quiet-1.2.0-delta.nupkg"]
        for version in ("1.1.0", "1.2.0"):
            assert (installed.packages / f"Quiet-{version}-delta.nupkg").read_bytes() == files[version][1].read_bytes()
    assert Installed(tmp_path / "current", client, files["1.2.0"][0]).update(f"{server.url}/updates/stable") == []

    project.run("yank", "quiet", "1.2.0")
    assert Installed(tmp_path / "later", client, files["1.0.0"][0]).update(f"{server.url}/updates/stable") == ["Quiet-1.1.0-delta.nupkg"]
    project.run("rollout", "quiet", "40")
    for user, offered in (("01234567-89ab-5def-8123-4567ffffff3f", True), ("01234567-89ab-5def-8123-4567ffffff7f", False)):
        installed = Installed(tmp_path / user, client, files["1.0.0"][0])
        installed.be_user(user)
        assert bool(installed.update(f"{server.url}/updates/stable")) is offered

    assert (project.site / "downloads/quiet/1.2.0/Setup.exe").is_file(), "its version is that of the package beside it"
    project.run("yank", "quiet", "1.1.0")
    project.run("yank", "quiet", "1.0.0")
    assert (project.site / "updates/stable/RELEASES").read_bytes() == b""


def test_it_is_no_package_of_chocolatey(tmp_path: Path, files: dict[str, list[Path]]) -> None:
    project = Project(tmp_path / "project", key=None)
    project.add(*files["1.0.0"])
    project.build("--unsigned")
    feed = [path.name for path in (project.output / "chocolatey").glob("*.nupkg")]
    assert feed == ["quiet.1.0.0.nupkg"], "the one that installs Setup.exe, made by repogen"
    assert (project.output / "chocolatey/quiet.1.0.0.nupkg").read_bytes() != files["1.0.0"][0].read_bytes()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda folder: (folder / "Quiet-1.1.0-delta.nupkg").unlink(), "RELEASES names Quiet-1.1.0-delta.nupkg, which is not among the release files"),
        (lambda folder: make_package(folder / "Quiet-1.1.0-full.nupkg", "Quiet", "1.1.0", "<tags>x</tags>"), "RELEASES says that Quiet-1.1.0-full.nupkg has"),
        (lambda folder: _flip(folder / "Quiet-1.1.0-full.nupkg"), "RELEASES was written for another Quiet-1.1.0-full.nupkg: its SHA-1 differs"),
        (lambda folder: (folder / "RELEASES").unlink(), "is an update package that no RELEASES and no releases.<channel>.json among the release files names"),
        (lambda folder: (folder / "RELEASES").write_text("see the changelog"), "RELEASES has a line that is none of a list of Squirrel: 'see the changelog'"),
        (lambda folder: (folder / "RELEASES").write_text("# nothing"), "RELEASES claims by its name to be a list of update packages, but names none"),
        (lambda folder: (folder / "Quiet-1.1.0-full.nupkg").write_bytes(b"PK\3\4"), "Quiet-1.1.0-full.nupkg is damaged"),
        (lambda folder: make_package(folder / "other.1.0.0.nupkg", "other", "1.0.0"), "other.1.0.0.nupkg is a NuGet package, but no update package"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_a_sentence(tmp_path: Path, files: dict[str, list[Path]], damage: object, said: str) -> None:
    project = Project(tmp_path / "project", key=None)
    project.add(*files["1.1.0"])
    damage(project.dist)  # type: ignore[operator]
    assert said in project.build("--unsigned", code=1).stderr


def _flip(file: Path) -> None:
    """The same package with the same checksums of its members, and one byte of a time stamp changed."""
    content = bytearray(file.read_bytes())
    at = content.rindex(b"PK\1\2") + 12
    content[at] ^= 1
    file.write_bytes(content)
