"""Real Debian packages: what the indices say of each is what apt-ftparchive says."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.clients import require, run
from tests.support.debian import COUNT, corpus, native
from tests.support.site import Project

APT = {
    "apt": {"contents": True, "translations": False, "hashes": ["sha256", "sha512"]},
    "apt.suite": [{"name": "everything", "channels": ["stable", "beta", "nightly"]}],
}


@pytest.mark.slow
def test_stanzas_and_contents_are_those_of_apt_ftparchive(tmp_path: Path) -> None:
    require("apt-ftparchive")
    project = Project(tmp_path / "project", **APT)
    project.add(*corpus())
    project.build()
    suite = project.output / "apt/dists/everything/main"
    packages, contents = by_apt_ftparchive(project.output / "apt", tmp_path / "theirs")

    ours, theirs = stanzas((suite / f"binary-{native()}/Packages").read_bytes()), stanzas(packages)
    assert len(ours) == COUNT
    assert ours.keys() == theirs.keys()
    for path, stanza in theirs.items():
        assert ours[path] == stanza, path

    listed = gzip.decompress((suite / f"Contents-{native()}.gz").read_bytes())
    assert contents.count(b"\n") > 10 * COUNT
    assert columns(listed) == columns(contents)


def by_apt_ftparchive(apt: Path, folder: Path) -> tuple[bytes, bytes]:
    """``Packages`` and ``Contents`` of the same pool, with the digests that we were asked for."""
    folder.mkdir()
    (folder / "generate.conf").write_text(
        f'Dir {{ ArchiveDir "{apt}"; CacheDir "{folder}"; OverrideDir "{folder}"; FileListDir "{folder}"; }};\n'
        f'TreeDefault {{ Packages "{folder}/Packages"; Contents "{folder}/Contents"; Directory "pool/$(SECTION)"; SrcDirectory "none"; }};\n'
        'Default { Packages::Compress "."; Contents::Compress "."; };\n'
        f'Tree "dists/everything" {{ Sections "main"; Architectures "{native()}"; }};\n'
    )
    run("apt-ftparchive", "-oAPT::FTPArchive::MD5=false", "-oAPT::FTPArchive::SHA1=false", "generate", folder / "generate.conf")
    return (folder / "Packages").read_bytes(), (folder / "Contents").read_bytes()


def stanzas(index: bytes) -> dict[bytes, dict[bytes, bytes]]:
    """Fields, with their names in lower case and their values as they stand, by the path of the package."""
    read = [dict(fields(stanza)) for stanza in index.split(b"\n\n") if stanza.strip()]
    return {stanza[b"filename"]: stanza for stanza in read}


def fields(stanza: bytes) -> Iterator[tuple[bytes, bytes]]:
    for field in stanza.replace(b"\n ", b"\0 ").replace(b"\n\t", b"\0\t").split(b"\n"):
        if field:
            name, _, value = field.partition(b":")
            yield name.lower(), value.strip().replace(b"\0", b"\n")


def columns(contents: bytes) -> list[list[bytes]]:
    """Path and packages of each line; how many spaces stand between them is everyone's own affair."""
    return [line.rsplit(None, 1) for line in contents.splitlines()]
