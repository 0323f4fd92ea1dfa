"""The record of a build as a file."""

from __future__ import annotations

from pathlib import Path

import pytest
import zstandard

from repogen import record_file, stored
from repogen.artifact import Artifact, DebFacts, Kind
from repogen.manifest import Entry
from repogen.packed_text import Text
from repogen.record import Additions, Record
from repogen.state import Encoded

_FACTS = DebFacts(package="p", version="1", architecture="amd64", source="p", packed_stanza=Text(b"Package: p\n"))


def _artifact(number: int) -> Artifact:
    path = f"apt/pool/main/p/p/p_{number}_amd64.deb"
    about = {"product": "p", "version": str(number), "channel": "stable", "os": "linux", "arch": "amd64", "date": "2026-11-20T10:00:00Z"}
    return Artifact(path=path, filename=path.rpartition("/")[2], kind=Kind.DEB, size=number, sha256=f"{number:064x}", facts=_FACTS, **about)


def _record(count: int) -> Record:
    artifacts = tuple(map(_artifact, range(count)))
    objects = {f"{number:064x}": bytes([number % 256]) * number for number in range(count)}
    files = {artifact.path: Entry(artifact.size, artifact.sha256, 0) for artifact in artifacts}
    return Record(
        base="b",
        additions=Additions(artifacts=artifacts),
        date="2026-11-20T10:00:00Z",
        rendering="r",
        state=Encoded(catalog="c", manifest="m", objects=objects),
        files=files,
    )


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001, 2500])
def test_what_is_written_is_read(tmp_path: Path, count: int) -> None:
    path = tmp_path / "build"
    path.write_bytes(b"".join(record_file.encoded(_record(count))))
    assert record_file.read(path) == _record(count)


def test_there_is_none(tmp_path: Path) -> None:
    assert record_file.read(tmp_path / "build") is None


@pytest.mark.parametrize("level", [1, 3])
def test_a_record_of_former_versions_is_none(tmp_path: Path, level: int) -> None:
    (tmp_path / "build").write_bytes(zstandard.compress(stored.encode(_record(3)), level))
    assert record_file.read(tmp_path / "build") is None


def test_a_record_that_was_cut_anywhere_is_none(tmp_path: Path) -> None:
    whole = b"".join(record_file.encoded(_record(1500)))
    plain = zstandard.ZstdDecompressor().stream_reader(whole).read(-1)
    for end in (0, 1, len(whole) // 2, len(whole) - 1):
        (tmp_path / "build").write_bytes(whole[:end])
        assert record_file.read(tmp_path / "build") is None, end
    ends = [len(plain) - 4, *range(0, len(plain), len(plain) // 50)]
    for end in ends:
        (tmp_path / "build").write_bytes(zstandard.compress(plain[:end]))
        assert record_file.read(tmp_path / "build") is None, end
