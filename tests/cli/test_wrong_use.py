"""Wrong use ends with one sentence and exit 2, and touches nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from repogen.__main__ import run
from tests.support.packages import make_tar
from tests.support.site import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path / "acme", key=None)
    project.add(make_tar(tmp_path / "hello-1.0.0-linux-amd64.tar.gz", {"hello": "#!/bin/sh\n"}, ("hello",)))
    project.build("--unsigned")
    return project


@pytest.mark.parametrize("command", [("publish", "--to", "public"), ("plan", "--to", "site/../public"), ("build", "--unsigned", "--output", "site")])
def test_the_output_folder_is_no_destination(project: Project, command: tuple[str, ...]) -> None:
    assert "is the output folder and the destination at once" in project.run(*command, code=2).stderr
    assert not project.site.exists()


@pytest.mark.parametrize("to", [".", "/", "public/site"])
def test_neither_is_inside_the_other(project: Project, to: str) -> None:
    """A site that is the project's own folder would show its configuration, and its key, to the world."""
    assert "inside" in project.run("publish", "--to", to, code=2).stderr
    assert not (project.folder / ".repogen").exists()
    assert not (project.output / "site").exists()


@pytest.mark.parametrize("prefix", ["../x", "a b", "a//b", "c++", "a/./b", "%7Euser", "é"])
def test_a_prefix_that_clients_cannot_ask_for(project: Project, prefix: str) -> None:
    assert "cannot be a destination" in project.run("publish", "--to", f"s3://bucket/{prefix}", code=2).stderr


@pytest.mark.parametrize(
    ("arguments", "environment"), [(("publish", "--to", "~nobody-here/site"), {}), (("keys", "show"), {"REPOGEN_SIGNING_KEY": "~nobody-here/key.asc"})]
)
def test_a_home_that_nobody_has(project: Project, arguments: tuple[str, ...], environment: dict[str, str]) -> None:
    said = project.run(*arguments, code=2, env=environment).stderr
    assert "begins with ~nobody-here, which is nobody's home on this machine\n  hint: write the whole path" in said
    assert not (project.folder / "~nobody-here").exists()


@pytest.mark.parametrize("command", ["publish", "plan", "releases", "prune", "rollback"])
def test_an_empty_destination_is_not_the_usual_one(project: Project, command: str) -> None:
    """As `--to "$STAGING"` where nobody has set the variable."""
    assert "--to is empty" in project.run(command, "--to", "", code=2).stderr
    assert not project.site.exists()


@pytest.mark.parametrize("command", [("publish", "--to", "/proc/site"), ("build", "--unsigned", "--output", "/proc/public")])
def test_a_place_that_takes_no_folders(project: Project, command: tuple[str, ...]) -> None:
    """Where the system says of every new folder that its parent is not there: /proc, or an automount whose server is away."""
    said = project.run(*command, code=1).stderr
    assert f"repogen: {command[-1]}" in said
    assert "No such file or directory" in said


@pytest.mark.parametrize("name", ["BETA", "a b", "../x", ""])
def test_a_channel_that_cannot_be(project: Project, name: str) -> None:
    assert f"--channel {name!r} cannot be a channel" in project.run("build", "--channel", name, code=2).stderr


@pytest.mark.parametrize("command", [[], ["keys"]])
def test_no_command_shows_the_help_alone(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(command) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("Usage: repogen")
    assert "Example" in err
