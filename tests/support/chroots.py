"""apt, dnf, rpm and zypper of another Debian release, run by chroot."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.clients import absent, require, run

_MAKE = Path(__file__).parents[2] / "make/chroot.sh"


class Chroot:
    """A small Debian in the user's cache folder. Nothing is mounted: ``shared`` is a folder that has the same path inside and outside.

    ``words`` come before a command; ``mounting`` before one that mounts something, as zypper does, and would leave it there.
    """

    def __init__(self, system: Path, shared: Path) -> None:
        self.system = system
        self.shared = shared
        self.words = ("chroot", system)
        self.mounting = (*(() if run("unshare", "--mount", "true", check=False).returncode else ("unshare", "--mount")), *self.words)

    def __call__(self, *command: str | Path) -> str:
        return run(*self.words, *command).stdout


def _made(suite: str) -> Path:
    """The Debian of this release in the cache folder, made when it is asked for first."""
    require("debootstrap", "flock", "chroot")
    if os.geteuid() != 0:
        absent("root for chroot")
    made = run(_MAKE, suite, check=False)
    if made.returncode != 0:
        print(made.stderr)  # noqa: T201 - pytest shows it with the failure
        absent(f"Debian {suite} by make chroot-{suite}")
    return Path(made.stdout.strip())


@contextmanager
def own_machine(suite: str, folder: Path) -> Iterator[Chroot]:
    """A copy of that Debian which a test may change, without a source of packages; it is gone afterwards. ``shared`` is its /tmp."""
    system = folder / suite
    run("cp", "-a", "--reflink=auto", _made(suite), system)
    try:
        (system / "etc/apt/sources.list").write_text("")
        awk = system / "usr/bin/awk"  # packages that are not configured have no alternatives; apt 2 reads keys with awk
        if not awk.is_symlink():
            awk.symlink_to("mawk")
        yield Chroot(system, system / "tmp")
    finally:
        run("rm", "-r", "--one-file-system", system)


@contextmanager
def chroot(suite: str, shared: Path) -> Iterator[Chroot]:
    """The Debian of this release, made when it is asked for first; ``shared`` does not exist yet."""
    system = _made(suite)
    inside = system / shared.relative_to("/")
    inside.mkdir(parents=True)
    shared.symlink_to(inside)
    try:
        yield Chroot(system, shared)
    finally:
        run("rm", "-r", "--one-file-system", inside)  # a program may have mounted something
