"""NuGet under mono: Debian's, which installs from folders, and a newer one, which knows version 3 feeds.

Neither is asked to list anything: the old one does not end without a terminal, and the newer one cannot list a version 3 feed.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.support.clients import require
from tests.support.node_client import node_client

_TIMEOUT = 120


def newer_nuget(home: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """NuGet 4.7.1 with this home folder, where it keeps its caches."""
    require("mono")
    return _run(home, "mono", node_client("nuget") / "node_modules/grunt-nuget/libs/nuget.exe", *arguments)


def debian_nuget(home: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """NuGet 2.8.7."""
    require("nuget")
    return _run(home, "nuget", *arguments)


def _run(home: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
    home.mkdir(parents=True, exist_ok=True)
    environment = {"HOME": str(home), "PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    words = [*map(str, command), "-NonInteractive"]
    return subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_TIMEOUT, check=False, env=environment)
