"""Real Debian packages, fetched once by apt-get and kept in the user's cache folder."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

from msgspec import Struct

from tests.support.clients import absent, require, run

COUNT = 170
_MOST_BYTES = 60_000_000
_SMALL = 300_000
_ODD = 3_000_000


class Known(Struct, frozen=True):
    """One package that apt knows of."""

    name: str
    version: str
    architecture: str
    size: int
    traits: frozenset[str]
    """What is special about it: its fields, its section, an epoch, letters beyond ASCII."""


Choice = Callable[[list[Known]], list[Known]]


def cache_folder() -> Path:
    """Where tests keep what is too large to fetch again."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "repogen/tests"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@cache
def native() -> str:
    """This machine's architecture, ``amd64``."""
    return run("dpkg", "--print-architecture").stdout.strip()


def corpus() -> list[Path]:
    """``COUNT`` packages of this machine's distribution: one for each trait that any of them has, and then what chance brings, the same each time."""
    return sorted(_kept(f"debs-{COUNT}", choose, COUNT).iterdir())


def sample(count: int, largest: int) -> list[Path]:
    """``count`` packages of at most ``largest`` bytes as chance brings them, the same each time: small and large ones as the archive has them."""

    def choice(known: list[Known]) -> list[Known]:
        return sorted((one for one in known if one.size <= largest), key=lambda one: hashlib.sha256(one.name.encode()).digest())[:count]

    return sorted(_kept(f"sample-{count}x{largest}", choice, count).iterdir())


def package(name: str) -> Path:
    """One package of this machine's distribution, for programs that cannot be installed beside others."""
    (path,) = _kept(name, lambda known: [one for one in known if one.name == name], 1).iterdir()
    return path


def _kept(name: str, choice: Choice, count: int) -> Path:
    """The folder of this name in the cache, with the packages that were chosen when it was made."""
    folder = cache_folder() / name
    if not folder.exists():
        require("apt-get", "apt-cache")
        with tempfile.TemporaryDirectory(dir=folder.parent) as parent:
            fetched = _fetched(Path(parent), choice, count)
            if not folder.exists():  # another process may have been quicker
                fetched.rename(folder)
    return folder


def choose(known: list[Known]) -> list[Known]:
    """A set that depends on nothing but what is known: small ones first, in an order that their names settle."""
    ordered = sorted((one for one in known if one.size <= _ODD), key=lambda one: (one.size > _SMALL, hashlib.sha256(one.name.encode()).digest()))
    seen: set[str] = set()
    odd: list[Known] = []
    for one in ordered:
        if not one.traits <= seen:
            odd.append(one)
            seen |= one.traits
    names = {one.name for one in odd}
    chosen = [*odd, *(one for one in ordered if one.name not in names)][:COUNT]
    assert sum(one.size for one in chosen) < _MOST_BYTES
    return chosen


def _fetched(parent: Path, choice: Choice, count: int) -> Path:
    """A new folder with the packages. apt's lists on this machine may be absent or old; then fresh ones are fetched beside it."""
    lists = parent / "lists"
    (lists / "partial").mkdir(parents=True)
    common = ("-oAPT::Sandbox::User=root", "-oAcquire::Retries=3")
    fresh = (*common, f"-oDir::State::lists={lists}", f"-oDir::Cache={parent}")
    for options in (common, fresh):
        if options is fresh:
            run("apt-get", *options, "update", check=False)
        folder = Path(tempfile.mkdtemp(dir=parent))
        chosen = choice(_known(options))
        wanted = [f"{one.name}:{one.architecture}={one.version}" for one in chosen]
        done = run("apt-get", *options, "download", *wanted, cwd=folder, check=False)
        if done.returncode == 0 and len(list(folder.iterdir())) == len(chosen) == count:
            return folder
        print(done.stderr)  # noqa: T201 - pytest shows it with the failure
    return absent("the archive of this Debian")


def _known(options: Sequence[str]) -> list[Known]:
    """The packages in apt's lists that this machine could install."""
    stanzas = run("apt-cache", *options, "dumpavail").stdout.split("\n\n")
    found = [one for one in (_read(stanza) for stanza in stanzas if "\nSize: " in stanza) if one.architecture in {native(), "all"}]
    return list({one.name: one for one in found}.values())


def _read(stanza: str) -> Known:
    fields = dict(line.split(": ", 1) for line in stanza.splitlines() if ": " in line and line[0] != " ")
    return Known(fields["Package"], fields["Version"], fields["Architecture"], int(fields["Size"]), frozenset(_traits(stanza, fields)))


def _traits(stanza: str, fields: dict[str, str]) -> Iterator[str]:
    yield from fields
    yield from (f"{name} {fields.get(name)}" for name in ("Architecture", "Section", "Priority", "Multi-Arch"))
    yield from (f"{mark} in {name}" for name in ("Package", "Version", "Source") for mark in ":~+." if mark in fields.get(name, ""))
    yield from (f"{name} is long" for name, value in fields.items() if len(value) > 1000)
    if not stanza.isascii():
        yield "not ASCII"
