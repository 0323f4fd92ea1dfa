"""Real clients that npm has: in the user's cache folder, each once for all tests."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from tests.support.clients import absent, require, run

_TOP = Path(__file__).parents[2]


def node_client(name: str) -> Path:
    """The folder into which npm has installed what ``tests/clients/NAME`` fixes; the test is skipped where it cannot be had."""
    require("flock")
    made = run(_TOP / "make/node_client.sh", node_program("npm"), name, check=False)
    return Path(made.stdout.strip()) if made.returncode == 0 else absent(f"what tests/clients/{name} names, by npm ({made.stderr})")


def node_program(name: str) -> Path:
    """``node`` or ``npm``: the ones of this Python's environment, else those of the system."""
    own = Path(sys.executable).parent / name
    found = own if own.exists() else shutil.which(name)
    return Path(found) if found else absent(name)
