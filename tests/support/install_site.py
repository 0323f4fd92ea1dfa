"""A served site with install.sh and archives for it, and machines that are made of stubs."""

from __future__ import annotations

import hashlib
import platform
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from repogen import layout
from repogen.artifact import ArchiveFacts, Artifact, Kind
from repogen.catalog import Catalog, PublicKey
from repogen.config import RepoConfig
from repogen.formats import installers
from tests.support.catalogs import catalog, config
from tests.support.clients import require, run
from tests.support.packages import make_tar, make_zip, program
from tests.support.server import StaticServer, serving

DASH = shutil.which("dash") or "dash"
SHELLS = (("dash",), ("busybox", "sh"), ("bash", "--posix"), ("mksh",), ("ksh93",), ("zsh", "--emulate", "sh"), ("zsh",))
MACHINE = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
#: What the script needs beside a package manager.
PLAIN_TOOLS = (
    "awk", "cat", "chmod", "cp", "curl", "cut", "env", "grep", "gzip", "head", "install", "ldd", "ln", "mkdir", "mktemp", "mv", "printf", "readlink",
    "rm", "rmdir", "sed", "sh", "sha256sum", "tar", "tr", "uname", "unzip", "wc", "xz", "zstd", "dirname",
)  # fmt: skip


class Site:
    """A folder that is served, with archives of a program and the script for them."""

    def __init__(self, server: StaticServer) -> None:
        self.server = server
        self.artifacts: list[Artifact] = []
        self.keys: tuple[PublicKey, ...] = ()

    def archive(self, version: str, suffix: str = "tar.gz", *, members: dict[str, str] | None = None, **fields: str) -> Artifact:
        """Publish an archive of ``hello`` for this machine."""
        os, arch, libc = fields.pop("os", "linux"), fields.pop("arch", MACHINE), fields.pop("libc", "")
        top = f"hello-{version}-{os}-{arch}" + (f"-{libc}" if libc else "")
        members = {f"{top}/{name}": text for name, text in (members or {"hello": program("hello", version), "README": "read me"}).items()}
        executables = tuple(name for name, text in members.items() if text.startswith("#!"))
        make, kind = (make_zip, Kind.ZIP) if suffix == "zip" else (make_tar, Kind.TAR)
        path = layout.download("hello", version, f"{top}.{suffix}")
        file = make(self.server.root / path, members, executables)
        facts = ArchiveFacts(members=tuple(sorted(members)), executables=tuple(sorted(executables)), top=top)
        return self.add(path, file.read_bytes(), kind, version, os=os, arch=arch, libc=libc, facts=facts, **fields)

    def add(self, path: str, content: bytes, kind: Kind, version: str, **fields: object) -> Artifact:
        file = self.server.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        digest, name = hashlib.sha256(content).hexdigest(), file.name
        made = Artifact(
            path=path,
            filename=name,
            kind=kind,
            product="hello",
            version=version,
            size=len(content),
            sha256=digest,
            date="2026-01-01T12:00:00Z",
            **{"channel": "stable", "os": "linux", "arch": MACHINE, **fields},
        )
        self.artifacts.append(made)
        return made

    def publish(self, *more: Artifact) -> Path:
        """Write install.sh for what there is; the path of install.sh."""
        made, settings = self.catalog(*more), config(repo=RepoConfig(name="acme", url=self.server.url, title="Acme Tools"))
        for path, file in installers.render(made, settings).items():
            (self.server.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.server.root / path).write_bytes(file.content)
        return self.server.root / "install.sh"

    def catalog(self, *more: Artifact) -> Catalog:
        return catalog(*self.artifacts, *more, keys=self.keys)


@pytest.fixture(name="site")
def served_site(tmp_path: Path) -> Iterator[Site]:
    require("dash", "curl", "tar")
    (tmp_path / "site").mkdir()
    with serving(tmp_path / "site") as server:
        yield Site(server)


def as_if_on(script: Path, os_release: str) -> Path:
    """The script beside this os-release, which it reads in place of the machine's own; empty: there is none."""
    described = script.with_name("os-release")
    described.unlink(missing_ok=True)
    if os_release:
        described.write_text(os_release)
    moved = script.with_name("moved.sh")
    text = script.read_text()
    assert "/etc/os-release" in text
    moved.write_text(text.replace("/etc/os-release", str(described)))
    return moved


def hello(prefix: Path) -> str:
    return run(prefix / "bin/hello").stdout.strip()


def toolbox(folder: Path, **stubs: str) -> str:
    """A PATH with the plain tools and these stubs; ``sudo`` writes down its arguments and the files that it would install."""
    tools = folder / "tools"
    tools.mkdir()
    for name in PLAIN_TOOLS:
        found = shutil.which(name)
        if found:
            (tools / name).symlink_to(found)
    record = 'printf "%s\\n" "$*" >>"$RECORD"; case $1 in install) cp "$4" "$RECORD.$(echo "$5" | tr / _)";; esac'
    for name, body in {"id": "echo 1000", "sudo": record, **stubs}.items():
        (tools / name).unlink(missing_ok=True)
        (tools / name).write_text(f"#!/bin/sh\n{body}\n")
        (tools / name).chmod(0o755)
    return str(tools)
