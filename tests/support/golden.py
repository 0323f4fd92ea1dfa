"""Golden files: what an output looks like, for a person to review. ``make golden`` renews them."""

from __future__ import annotations

import os
from pathlib import Path

_FOLDER = Path(__file__).parent.parent / "golden"


def assert_golden(name: str, content: bytes | str) -> None:
    """``content`` is that of ``tests/golden/<name>``; with UPDATE_GOLDEN set, it becomes so."""
    data = content if isinstance(content, bytes) else content.encode()
    file = _FOLDER / name
    if os.environ.get("UPDATE_GOLDEN"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    assert file.is_file(), f"{file} is missing: run `make golden` and read it"
    assert data.decode() == file.read_bytes().decode(), f"{file} differs: run `make golden` and read the difference"
