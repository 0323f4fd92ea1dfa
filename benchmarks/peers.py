"""repogen and its peers, each as the command that brings one repository from the packages in ``in/``.

A contender works in a folder of its own that holds ``in/`` and nothing else at first. Its command runs three times: cold, unchanged, and with
one more package in ``in/``. What it needs beside the packages (a configuration, a database, a key) is prepared without being timed.
"""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from throwaway_key import Home

ROOT = Path(__file__).resolve().parent.parent


def _nothing(_folder: Path) -> None:
    """No preparation."""


@dataclass(frozen=True)
class Contender:
    """One way to make a repository."""

    name: str
    does: str
    """What it makes and what it leaves out, for the reader of the table."""
    again: str
    """A shell command, run in the contender's folder: for the unchanged run and the one with a package added."""
    first: str = ""
    """The same for the cold run, where it is another one."""
    prepare: Callable[[Path], None] = _nothing
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def program(self) -> str:
        return shlex.split(self.again)[0]

    @property
    def here(self) -> bool:
        """Whether the program is on this machine."""
        return shutil.which(self.program) is not None


def repogen(home: Home, more: str = "") -> Contender:
    """The whole of ``repogen build``; the scan cache and the output folder are in the contender's folder, so that both are absent when it is cold."""
    return Contender(
        name="repogen build",
        does="everything: copies the packages into the site, all indices, by-hash, checksum lists of each release, page, repo.json, installers; "
        "signs all of it, and rpms that came unsigned",
        again=f"{shlex.quote(str(Path(sys.executable).with_name('repogen')))} --quiet build",
        prepare=partial(_repogen_toml, more=more),
        environment={"REPOGEN_SIGNING_KEY": home.secret_key(), "XDG_CACHE_HOME": "cache", "PYTHONPATH": str(ROOT)},
    )


def for_debs(home: Home) -> list[Contender]:
    return [_apt_ftparchive("all hashes"), _apt_ftparchive("SHA256"), _aptly(None), _aptly(home), _reprepro()]


def for_rpms() -> list[Contender]:
    return [
        Contender(
            name="createrepo_c",
            does="primary, filelists and other in gz; --update when it runs again; no database, no signature, no copy of the packages",
            first="createrepo_c --quiet --no-database --general-compress-type=gz in",
            again="createrepo_c --quiet --no-database --general-compress-type=gz --update in",
        )
    ]


def for_contents() -> list[Contender]:
    return [_apt_ftparchive("all hashes", contents=True), _apt_ftparchive("SHA256", contents=True)]


def for_large() -> list[Contender]:
    return [
        Contender(name="sha256sum", does="SHA-256 of each file, one process", again="sha256sum in/* > sums"),
        Contender(name="sha256sum, 2 processes", does="SHA-256 of each file, two processes", again="xargs -P 2 -n 1 sha256sum < list > sums", prepare=_list),
        Contender(
            name="sha256sum and cp, 2 processes",
            does="the same, and a copy of each file",
            again='mkdir out && xargs -P 2 -n 1 sh -c \'sha256sum "$0" && cp "$0" out/\' < list > sums',
            prepare=_list,
        ),
        _apt_ftparchive("SHA256"),
    ]


# -- the peers of apt ----------------------------------------------------------------------


def _apt_ftparchive(hashes: str, *, contents: bool = False) -> Contender:
    only = "".join(f'APT::FTPArchive::{name} "false";\n' for name in ("MD5", "SHA1", "SHA512")) if hashes == "SHA256" else ""
    also = "Contents, gz, " if contents else ""
    tables = 'Contents "dists/stable/main/Contents-amd64"; Contents::Compress ". gzip";' if contents else ""

    def prepare(folder: Path) -> None:
        (folder / "cache").mkdir()
        (folder / "dists/stable/main/binary-amd64").mkdir(parents=True)
        index = "dists/stable/main/binary-amd64/Packages"
        (folder / "ftp.conf").write_text(
            f'{only}Dir {{ ArchiveDir "."; CacheDir "cache"; }};\nDefault::Packages::Compress ". gzip xz";\n'
            f'bindirectory "in" {{ Packages "{index}"; BinCacheDB "packages.db"; {tables} }};\n'
        )

    return Contender(
        name=f"apt-ftparchive, {hashes}",
        does=f"Packages, gz and xz, {also}and Release, with {hashes}; keeps a cache; no signature, no by-hash, no copy of the packages",
        again="apt-ftparchive -qq generate ftp.conf && apt-ftparchive -qq -c ftp.conf release dists/stable > Release && mv Release dists/stable/",
        prepare=prepare,
    )


def _aptly(home: Home | None) -> Contender:
    """aptly with its database in the folder; signed when there is a home. The cold run makes the repository too."""
    signing = f"-gpg-provider=gpg -gpg-key={home.fingerprint} -batch" if home else "-skip-signing"
    add = "aptly -config=aptly.conf repo add bench in"

    def prepare(folder: Path) -> None:
        (folder / "aptly.conf").write_text(json.dumps({"rootDir": str(folder / "aptly"), "gpgProvider": "gpg"}))

    return Contender(
        name=f"aptly, {'signed' if home else 'unsigned'}",
        does="repo add and publish with -skip-contents and -skip-bz2: takes the packages into its pool, Packages and gz, Release"
        + (", signed" if home else ""),
        first=f"aptly -config=aptly.conf repo create bench && {add} && aptly -config=aptly.conf publish repo -distribution=stable -architectures=amd64 "
        f"-skip-contents -skip-bz2 {signing} bench",
        again=f"{add} && aptly -config=aptly.conf publish update -skip-contents -skip-bz2 {signing} stable",
        prepare=prepare,
        environment=home.environment if home else {},
    )


def _reprepro() -> Contender:
    def prepare(folder: Path) -> None:
        (folder / "conf").mkdir()
        (folder / "conf/distributions").write_text("Codename: stable\nArchitectures: amd64\nComponents: main\nDebIndices: Packages Release . .gz .xz\n")

    return Contender(
        name="reprepro",
        does="includedeb of all packages: takes them into its pool, Packages, gz and xz, Release with all hashes; no signature",
        again="reprepro --silent --section utils --priority optional includedeb stable in/*.deb",
        prepare=prepare,
    )


def _list(folder: Path) -> None:
    (folder / "list").write_text("".join(f"{path}\n" for path in sorted((folder / "in").iterdir())))


def _repogen_toml(folder: Path, more: str) -> None:
    """A configuration, and ``more`` tables in it."""
    (folder / "repogen.toml").write_text(
        '[repo]\nname = "bench"\nurl = "https://dl.example.org"\ntitle = "Bench"\nmaintainer = "Bench <bench@example.org>"\n[input]\npaths = ["in"]\n' + more
    )
