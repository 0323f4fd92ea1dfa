"""Where a site must not be published to."""

from __future__ import annotations

from pathlib import Path

import pytest

from repogen.errors import UsageError
from repogen.scanning.input_folders import check_apart
from tests.support.packages import make_deb
from tests.support.site import Project


@pytest.mark.parametrize(
    ("paths", "destination"),
    [
        (["dist"], "dist"),
        (["dist"], "dist/site"),
        (["other", "dist/"], "dist/a/b"),
        (["dist"], "link/site"),
        (["di*"], "dist/site"),
        (["dist/**/*.deb"], "dist/site"),
        (["."], "."),
        ([".."], ".."),
    ],
)
def test_in_an_input_folder(tmp_path: Path, paths: list[str], destination: str) -> None:
    base = tmp_path / "project"
    (base / "dist").mkdir(parents=True)
    (base / "link").symlink_to("dist")
    with pytest.raises(UsageError, match="would take the site for release files"):
        check_apart(base / destination, paths, base)


@pytest.mark.parametrize(
    ("paths", "destination"), [(["dist"], "site"), (["dist"], "dist-site"), (["dist/*.deb", "x*"], "site"), (["."], "site"), (["gone"], "site")]
)
def test_beside_them(tmp_path: Path, paths: list[str], destination: str) -> None:
    (tmp_path / "dist").mkdir()
    check_apart(tmp_path / destination, paths, tmp_path)


@pytest.mark.parametrize("command", ["build", "publish", "plan"])
@pytest.mark.parametrize("destination", ["dist", "dist/site"])
def test_the_commands_refuse(tmp_path: Path, command: str, destination: str) -> None:
    project = Project(tmp_path / "project")
    project.add(make_deb(tmp_path))
    said = project.run(command, "--to", destination, code=2).stderr
    assert f"the destination {project.folder / destination} is" in said
    assert [path.name for path in project.dist.iterdir()] == ["hello_1.0.0_amd64.deb"]
