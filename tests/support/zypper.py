"""The real zypper with a root of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.support.clients import require, run
from tests.support.server import Served


class Zypper:
    """zypper with a root that has only our repository, added from ``<name>.repo`` as a user would; ``words`` as for Dnf."""

    releasever = "1"

    def __init__(self, folder: Path, server: Served, words: Sequence[str | Path] = ()) -> None:
        if not words:
            require("zypper", "rpm")
        self.words = words
        self.root = folder
        folder.mkdir()
        self("addrepo", f"{server.url}/acme.repo")

    def __call__(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return run(
            *self.words,
            "zypper",
            "--root",
            self.root,
            "--non-interactive",
            "--releasever",
            self.releasever,
            *arguments,
            check=check,
            env={"ZYPP_LOGFILE": "/dev/null"},
        )

    def installed(self) -> list[str]:
        return run(*self.words, "rpm", "--root", self.root, "-qa", "--qf", "%{name}-%{version}\n", "hello*").stdout.split()

    def versions(self) -> dict[str, str]:
        """Epoch and version of each package, whatever its name."""
        lines = run(*self.words, "rpm", "--root", self.root, "-qa", "--qf", "%{name} %{epoch}:%{version}\n").stdout.splitlines()
        return {name: version for name, version in (line.split() for line in lines) if name != "gpg-pubkey"}
