"""The wheel, installed where nothing of the checkout is, does the whole job."""

from __future__ import annotations

import os
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.clients import run
from tests.support.packages import make_tar, program

TOP = Path(__file__).parent.parent
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, TOP, timeout=600)
    (built,) = folder.glob("repogen-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """The program ``repogen`` in an environment that holds the wheel and what it asks for, and nothing else."""
    folder = tmp_path_factory.mktemp("elsewhere") / "venv"
    run(sys.executable, "-m", "venv", folder)
    run(folder / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel, timeout=900)
    return folder / "bin/repogen"


def repogen(program: Path, *words: str | Path, cwd: Path):
    """Run the installed program with nothing in the environment that could lead it back to the checkout."""
    clean = {"PYTHONPATH": "", "PYTHONHOME": "", "HOME": str(cwd), "PATH": os.environ["PATH"]}
    return run(program, *words, cwd=cwd, env={key: value for key, value in clean.items() if value})


def test_the_wheel_holds_every_template_and_file_of_the_page(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for folder in ("templates", "site"):
        for path in (TOP / folder).rglob("*"):
            if path.is_file():
                assert f"repogen/_resources/{path.relative_to(TOP).as_posix()}" in names
    assert not [name for name in names if name.startswith(("tests/", "examples/", "benchmarks/"))]


def test_the_wheel_tells_its_licence_and_its_program(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (archive.read(name).decode() for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        assert any(name.endswith("licenses/LICENSE") for name in archive.namelist())
    assert "License-Expression: Apache-2.0" in metadata
    assert "Requires-Python: >=3.11" in metadata


def test_init_and_build_in_a_folder_with_release_files(installed, tmp_path):
    folder = tmp_path / "release"
    for platform in ("linux-amd64", "darwin-arm64"):
        make_tar(folder / f"dist/hello-1.0.0-{platform}.tar.gz", {"hello": program("hello", "1.0.0")}, executables=("hello",))
    assert "repogen build" in repogen(installed, "--help", cwd=folder).stdout
    repogen(installed, "init", cwd=folder)
    assert (folder / "repogen.toml").is_file()
    repogen(installed, "build", "--unsigned", cwd=folder)
    page = (folder / "public/index.html").read_text(encoding="utf-8")
    assert "hello" in page
    assert (folder / "public/downloads/hello/1.0.0/hello-1.0.0-linux-amd64.tar.gz").is_file()
    assert (folder / "public/install.sh").is_file()


def test_the_installed_modules_are_the_wheels_own(installed, tmp_path):
    python = installed.with_name("python")
    where = run(python, "-c", "import repogen.templates as t; print(t.resource('templates'))", cwd=tmp_path).stdout
    assert "site-packages/repogen/_resources/templates" in where
