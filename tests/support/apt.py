"""The real apt-get on a root of its own: no configuration, keys, lists or packages of this machine."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.support.clients import require, run

_CONFIGURATION = """
Dir "{root}/";
Dir::State::status "{root}/var/lib/dpkg/status";
Dir::Bin::methods "/usr/lib/apt/methods";
Dir::Log::Terminal "/dev/null";
APT::Architecture "{architecture}";
APT::Architectures {{ "{architecture}"; }};
APT::Sandbox::User "";
Acquire::Check-Date "true";
Acquire::Check-Valid-Until "true";
Acquire::Languages "none";
Acquire::http::Proxy "DIRECT";
Acquire::Retries "0";
DPkg::Options {{ "--root={root}"; "--force-not-root"; "--force-script-chrootless"; "--force-bad-path"; }};
"""
_FOLDERS = (
    *(f"etc/apt/{name}" for name in ("sources.list.d", "apt.conf.d", "preferences.d", "trusted.gpg.d")),
    *(f"var/lib/dpkg/{name}" for name in ("info", "updates", "triggers")),
    *("var/lib/apt/lists/partial", "var/cache/apt/archives/partial", "var/log/apt", "usr/bin"),
)


class AptRoot:
    """A system of one architecture with nothing installed and one source file.

    ``words`` come before each command of apt's, to run the programs of another system.
    """

    def __init__(self, folder: Path, sources: str, architecture: str = "amd64", words: Sequence[str | Path] = ()) -> None:
        require("apt-get", "dpkg", "gpgv")
        self.folder = folder
        self.words = words
        for name in _FOLDERS:
            (folder / name).mkdir(parents=True, exist_ok=True)
        for name in ("status", "available"):
            (folder / "var/lib/dpkg" / name).write_text("")
        self.sources = folder / "etc/apt/sources.list.d/acme.sources"
        self.sources.write_text(sources)
        self.configuration = folder / "apt.conf"
        self.configuration.write_text(_CONFIGURATION.format(root=folder, architecture=architecture))

    def apt(self, program: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run ``apt-get`` or another of apt's programs here, as a root of a user namespace where we are none."""
        become_root: tuple[str, ...] = ()
        if os.geteuid() != 0:
            require("unshare")
            become_root = ("unshare", "--map-root-user")
        return run(
            *become_root, *self.words, program, *arguments, env={"APT_CONFIG": str(self.configuration), "DEBIAN_FRONTEND": "noninteractive"}, check=check
        )

    def update(self, check: bool = True) -> subprocess.CompletedProcess[str]:
        """``apt-get update``; where it should succeed, it must have nothing to remark either (it exits with 0 on many failures)."""
        done = self.apt("apt-get", "update", "-o", "APT::Update::Error-Mode=any", check=check)
        if check:
            assert done.stderr == "", done.stderr
        return done

    def install(self, *packages: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self.apt("apt-get", "install", "--yes", "--allow-downgrades", *packages, check=check)

    def download(self, *packages: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Fetch packages and what they depend on into the cache, without installing."""
        return self.apt("apt-get", "install", "--yes", "--download-only", *packages, check=check)

    def fetched(self) -> dict[str, bytes]:
        """The packages in the cache, by file name."""
        return {path.name: path.read_bytes() for path in (self.folder / "var/cache/apt/archives").glob("*.deb")}

    def installed(self) -> dict[str, str]:
        """Version of each installed package."""
        done = run(
            "dpkg-query", f"--admindir={self.folder}/var/lib/dpkg", "--show", "--showformat", "${db:Status-Abbrev} ${Package} ${Version}\\n", check=False
        )
        found = (line.split() for line in done.stdout.splitlines())
        return {words[1]: words[2] for words in found if words[0] == "ii"}

    def versions(self, package: str) -> list[str]:
        """Every version on offer, newest first."""
        done = self.apt("apt-cache", "madison", package)
        return [line.split("|")[1].strip() for line in done.stdout.splitlines()]
