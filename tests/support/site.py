"""A project that uses repogen as its users do: repogen.toml, a key, release files, and the two commands."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec
import pytest

from tests.support.keys import secret_key

#: A date that every build in tests bears unless the test gives another one: early enough that clients accept it.
DATE = "2026-01-02T12:00:00Z"


class Project:
    """A folder with repogen.toml, ``dist/`` and a key; ``site`` is what is published.

    Without ``key`` and ``configured`` it is left to ``repogen init`` to make both.
    """

    def __init__(
        self, folder: Path, *, url: str = "https://dl.acme.example", to: str = "site", key: str | None = "ed25519", configured: bool = True, **tables: object
    ) -> None:
        self.folder = folder
        self.dist = folder / "dist"
        self.output = folder / "public"
        self.site = folder / "site"
        self.dist.mkdir(parents=True, exist_ok=True)
        self.environment: dict[str, str] = {}
        if key:
            self.environment["REPOGEN_SIGNING_KEY"] = secret_key(key)
        if configured:
            self.configure(url=url, to=to, **tables)

    def configure(self, *, url: str, to: str, repo: Mapping[str, object] | None = None, **tables: object) -> None:
        """Write repogen.toml: [repo] with more keys, [input], [publish] and any more tables."""
        own = {"name": "acme", "url": url, "title": "Acme Tools", "maintainer": "Acme Releases <releases@acme.example>", **(repo or {})}
        config = {"repo": own, "input": {"paths": ["dist"]}, "publish": {"to": to}, **tables}
        (self.folder / "repogen.toml").write_bytes(_toml(config))

    def add(self, *files: Path) -> None:
        """Put release files into dist/."""
        for file in files:
            shutil.copy2(file, self.dist / file.name)

    def empty(self) -> None:
        """Become a new machine: only the configuration is left."""
        shutil.rmtree(self.dist)
        shutil.rmtree(self.output, ignore_errors=True)
        self.dist.mkdir()

    def run(self, *arguments: str, code: int = 0, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run repogen here; the test fails when it exits with another code or shows a traceback."""
        home = {"XDG_CACHE_HOME": str(self.folder / "cache")}
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("REPOGEN_", "SOURCE_DATE_EPOCH"))}
        done = subprocess.run(
            [sys.executable, "-m", "repogen", "-C", str(self.folder), *arguments],
            env={**clean, **home, **self.environment, **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        said = f"repogen {' '.join(arguments)} ended with {done.returncode}, not {code}\n--- stdout\n{done.stdout}\n--- stderr\n{done.stderr}"
        assert "Traceback" not in done.stderr, said
        if done.returncode != code:
            pytest.fail(said)
        return done

    def build(self, *arguments: str, code: int = 0, date: str = "") -> subprocess.CompletedProcess[str]:
        return self.run("build", *(["--date", date] if date else []), *arguments, code=code)

    def publish(self, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        return self.run("publish", *arguments, code=code)

    def release(self, *files: Path, date: str = "") -> None:
        """Add files, build and publish."""
        self.add(*files)
        self.build(date=date)
        self.publish()


def published(folder: Path, files: Iterable[Path], *, url: str = "https://dl.acme.example", **tables: object) -> Path:
    """The published site of one release with these files."""
    project = Project(folder, url=url, **tables)
    project.release(*files)
    return project.site


def _toml(config: Mapping[str, object]) -> bytes:
    lines: list[str] = []
    for name, table in config.items():
        for one in table if isinstance(table, list) else [table]:
            lines.append(f"[[{name}]]" if isinstance(table, list) else f"[{name}]")
            lines += [f"{json.dumps(key)} = {msgspec.json.encode(value).decode()}" for key, value in one.items()]  # JSON texts, scalars and lists are TOML
            lines.append("")
    return "\n".join(lines).encode()
