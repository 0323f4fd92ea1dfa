"""``repogen init`` looks at what is there and writes a configuration that works."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.support.keys import secret_key
from tests.support.packages import make_deb, make_tar


def repogen(folder: Path, *arguments: str, code: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("REPOGEN_")}
    done = subprocess.run(
        [sys.executable, "-m", "repogen", *arguments],
        cwd=folder,
        env={**clean, "XDG_CACHE_HOME": str(folder / ".cache"), "PYTHONPATH": str(Path(__file__).parents[2]), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done


def test_init_then_build_in_a_folder_with_release_files(tmp_path: Path) -> None:
    make_deb(tmp_path)
    make_tar(tmp_path / "hello-1.0.0-linux-amd64.tar.gz", {"hello": "#!/bin/sh\n"}, ("hello",))
    said = repogen(tmp_path, "init").stderr
    assert "hello 1.0.0: 2 files (deb, tar)" in said.lower()
    config = tomllib.loads((tmp_path / "repogen.toml").read_text())
    assert config["input"]["paths"] == ["*.deb", "*.tar.gz"]
    assert config["signing"]["key"] == "secret-key.asc"
    assert stat.S_IMODE((tmp_path / "secret-key.asc").stat().st_mode) == 0o600
    repogen(tmp_path, "build")
    repogen(tmp_path, "publish")
    assert (tmp_path / "site/index.html").is_file()
    assert (tmp_path / f"site/{config['repo']['name']}.sources").is_file()
    assert "nothing changed" in repogen(tmp_path, "build").stderr


def test_a_release_folder_is_taken_whole(tmp_path: Path) -> None:
    make_deb(tmp_path / "dist")
    repogen(tmp_path, "init", "--name", "acme", "--url", "https://dl.acme.example", "--to", "s3://acme/tools", "--no-key")
    config = tomllib.loads((tmp_path / "repogen.toml").read_text())
    assert config["repo"]["name"] == "acme"
    assert config["repo"]["maintainer"] == "Acme releases <releases@dl.acme.example>"
    assert config["input"]["paths"] == ["dist"]
    assert config["publish"]["to"] == "s3://acme/tools"
    assert "signing" in config
    assert not (tmp_path / "secret-key.asc").exists()


def test_the_key_of_the_environment_is_enough(tmp_path: Path) -> None:
    make_deb(tmp_path)
    repogen(tmp_path, "init", REPOGEN_SIGNING_KEY=secret_key())
    assert not (tmp_path / "secret-key.asc").exists()
    repogen(tmp_path, "build", REPOGEN_SIGNING_KEY=secret_key())


def test_files_that_say_too_little_get_the_table_to_fill_in(tmp_path: Path) -> None:
    make_tar(tmp_path / "dist/tool.tar.gz", {"tool": "#!/bin/sh\n"}, ("tool",))
    assert "do not say what they are" in repogen(tmp_path, "init", "--no-key").stderr
    text = (tmp_path / "repogen.toml").read_text()
    assert "tool.tar.gz" in text
    assert "# " in text.split("tool.tar.gz")[0].splitlines()[-1]
    assert tomllib.loads(text)["input"]["paths"] == ["dist"]


def test_a_damaged_file_is_none_that_says_too_little(tmp_path: Path) -> None:
    make_deb(tmp_path / "dist")
    (tmp_path / "dist/hello_1.1.0_amd64.deb").write_text("404 Not Found\n")
    said = repogen(tmp_path, "init", "--no-key").stderr
    assert "hello_1.1.0_amd64.deb claims by its name to be a Debian package, but is text\nhint: " in said
    assert "see the tables" not in said
    assert "Fill in" not in (tmp_path / "repogen.toml").read_text()


def test_an_empty_folder(tmp_path: Path) -> None:
    assert "no release files yet" in repogen(tmp_path, "init", "--no-key").stderr
    assert tomllib.loads((tmp_path / "repogen.toml").read_text())["input"]["paths"] == ["dist"]


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "repogen.toml").write_text("mine")
    assert "exists" in repogen(tmp_path, "init", code=2).stderr
    assert (tmp_path / "repogen.toml").read_text() == "mine"


@pytest.mark.parametrize("name", ["../up", "A b", "a$(id)"])
def test_a_name_that_cannot_be(tmp_path: Path, name: str) -> None:
    assert "cannot name files" in repogen(tmp_path, "init", "--name", name, "--no-key", code=2).stderr
    assert not (tmp_path / "repogen.toml").exists()


@pytest.mark.parametrize("to", ["s3://", "https://dl.acme.example", "s3://acme/a b", "dist"])
def test_a_destination_that_cannot_be(tmp_path: Path, to: str) -> None:
    make_deb(tmp_path / "dist")
    assert "destination" in repogen(tmp_path, "init", "--to", to, code=2).stderr
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith(".")] == ["dist"]
