"""The real dnf with a root of its own."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.support.clients import require, run
from tests.support.server import Served

#: Preamble of packages for such a root: nothing else is in it, so they must not need a shell.
ALONE = "AutoReq: no"


class Dnf:
    """dnf with its root, caches and configuration in one folder, and ``<name>.repo`` as the site serves it.

    ``words`` come before each command, to run the programs of another system; ``program`` is ``dnf`` or ``dnf5``.
    """

    releasever = "1"

    def __init__(self, folder: Path, server: Served, words: Sequence[str | Path] = (), program: str = "dnf") -> None:
        if not words:
            require(program, "rpm")
        self.folder = folder
        self.program = (*words, program, *(["--use-host-config"] if program == "dnf5" else []))
        self.rpm = (*words, "rpm")
        self.root = folder / "root"
        self.environment = {"HOME": str(folder)}  # Debian's rpm keeps its database in the home folder
        self.root.mkdir(parents=True)
        (folder / "repos").mkdir()
        (folder / "dnf.conf").write_text(
            f"[main]\ngpgcheck=1\nrepo_gpgcheck=1\nplugins=0\nreposdir={folder}/repos\ncachedir={folder}/cache\nlogdir={folder}/log\n"
        )
        shutil.copy(server.root / "acme.repo", folder / "repos")

    def __call__(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        options = ["--installroot", self.root, "--releasever", self.releasever, "--assumeyes", "--setopt", f"persistdir={self.folder}/persist"]
        return run(*self.program, "--config", self.folder / "dnf.conf", *options, *arguments, check=check, env=self.environment)

    def repoquery(self, *arguments: str) -> list[str]:
        return self("--quiet", "repoquery", *arguments).stdout.split()

    def installed(self) -> list[str]:
        return sorted(run(*self.rpm, "--root", self.root, "-qa", "--qf", "%{name}-%{version}\n", "hello*", env=self.environment).stdout.split())

    def versions(self) -> dict[str, str]:
        """Epoch and version of each package, whatever its name."""
        lines = run(*self.rpm, "--root", self.root, "-qa", "--qf", "%{name} %{epoch}:%{version}\n", env=self.environment).stdout.splitlines()
        return {name: version for name, version in (line.split() for line in lines) if name != "gpg-pubkey"}
