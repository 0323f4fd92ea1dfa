"""Control files of zsync, compared byte by byte with those of the real zsyncmake."""

from __future__ import annotations

import io
import random
import re
from pathlib import Path

import pytest

from repogen.writers.zsync import control
from tests.support.clients import require, run


@pytest.mark.parametrize("size", [1, 2047, 2048, 2049, 70_000, 3_000_001, pytest.param(100_000_001, marks=pytest.mark.slow)])
def test_it_is_what_zsyncmake_writes(tmp_path: Path, size: int) -> None:
    require("zsyncmake")
    content = random.Random(size).randbytes(size // 2) + b"\xff" * (size - size // 2)
    (tmp_path / "quiet").write_bytes(content)
    run("zsyncmake", "-C", "-Z", "-u", "http://x.example/quiet", "-o", "theirs", "quiet", cwd=tmp_path)
    ours = control(io.BytesIO(content), size, filename="quiet", url="http://x.example/quiet")
    theirs = (tmp_path / "theirs").read_bytes()
    assert ours == _undated(theirs)


def _undated(text: bytes) -> bytes:
    return re.sub(rb"\nMTime: [^\n]*", b"", text, count=1)
