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


@contextmanager
def chroot(suite: str, shared: Path) -> Iterator[Chroot]:
    """The Debian of this release, made when it is asked for first; ``shared`` does not exist yet."""
    require("debootstrap", "flock", "chroot")
    if os.geteuid() != 0:
        absent("root for chroot")
    made = run(_MAKE, suite, check=False)
    if made.returncode != 0:
        print(made.stderr)  # noqa: T201 - pytest shows it with the failure
        absent(f"Debian {suite} by make chroot-{suite}")
    system = Path(made.stdout.strip())
    inside = system / shared.relative_to("/")
    inside.mkdir(parents=True)
    shared.symlink_to(inside)
    try:
        yield Chroot(system, shared)
    finally:
        run("rm", "-r", "--one-file-system", inside)  # a program may have mounted something
