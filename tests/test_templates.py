"""Where compiled templates are kept, and that it makes no difference to what is rendered."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
_RENDER = (
    "from repogen.templates import render; from repogen.yum_config import YumConfig; print(render('yum/repomd.xml.j2', indices=(), seconds=7, yum=YumConfig()))"
)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The program elsewhere, so that its folders may be looked into and closed."""
    shutil.copytree(ROOT / "repogen", tmp_path / "repogen", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    return tmp_path


def _render(folder: Path, **environ: str) -> str:
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(folder), **environ}
    return subprocess.run([sys.executable, "-c", _RENDER], cwd=folder, env=env, capture_output=True, text=True, check=True, timeout=60).stdout


def _kept(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.jinja.pyc"))


def test_a_compiled_template_is_kept_beside_compiled_modules_until_its_text_changes(copied: Path) -> None:
    first = _render(copied)
    (kept,) = _kept(copied)
    assert kept.parent == copied / "repogen/__pycache__"
    assert _render(copied) == first
    template = copied / "templates/yum/repomd.xml.j2"
    template.write_text(template.read_text() + "<!-- more -->\n")
    assert _render(copied).rstrip().endswith("<!-- more -->")
    kept.write_bytes(b"no bytecode")
    assert _render(copied).rstrip().endswith("<!-- more -->")


def test_it_is_kept_where_python_keeps_modules_and_nowhere_where_that_keeps_none(copied: Path, tmp_path: Path) -> None:
    _render(copied, PYTHONDONTWRITEBYTECODE="1")
    assert not _kept(copied)
    _render(copied, PYTHONPYCACHEPREFIX=str(tmp_path / "cache"))
    assert not _kept(copied / "repogen")
    assert _kept(tmp_path / "cache")


def test_a_folder_that_cannot_be_written_is_no_obstacle(copied: Path) -> None:
    (copied / "repogen/__pycache__").write_text("in the way")  # root may write everywhere
    assert "<revision>7</revision>" in _render(copied)
