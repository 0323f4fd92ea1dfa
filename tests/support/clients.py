"""Real clients: found, or the test skips on a laptop and fails in CI."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

import pytest


def require(*programs: str) -> None:
    """Skip the test when a program is absent; with CI=true, fail it."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        absent(*missing)


def absent(*things: str) -> NoReturn:
    """Skip the test for want of these; with CI=true, fail it."""
    message = f"needs {', '.join(things)} (make test installs it on Debian as root)"
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(message)
    pytest.skip(message)


def run(
    *command: str | Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    check: bool = True,
    stdin: bytes | None = None,
    timeout: float = 300,
) -> subprocess.CompletedProcess[str]:
    """Run a client in the C.UTF-8 locale; on failure show all that it said."""
    words: Sequence[str] = [str(word) for word in command]
    done = subprocess.run(
        words,
        env={**os.environ, "LC_ALL": "C.UTF-8", **(env or {})},
        cwd=cwd,
        input=stdin.decode() if stdin is not None else None,
        **({"stdin": subprocess.DEVNULL} if stdin is None else {}),
        capture_output=True,
        text=True,
        errors="replace",
        timeout=timeout,
        check=False,
    )
    if check and done.returncode != 0:
        pytest.fail(f"{' '.join(words)} ended with {done.returncode}\n--- stdout\n{done.stdout}\n--- stderr\n{done.stderr}")
    return done
