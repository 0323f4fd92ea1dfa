"""Packages that are larger than the usual: sizes beyond four gigabytes, tens of thousands of files, data that unpacks to far more than it is."""

from __future__ import annotations

import gzip
import lzma
import re
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest
import zstandard

from repogen.artifact import DebFacts, RpmFacts
from repogen.readers import Digests, deb_files, rpm
from repogen.readers.deb import read as read_deb
from tests.support import rpms
from tests.support.debs import FORMAT, ar_member, control, tar

CONTROL = ar_member("control.tar", tar(("./control", control())))
GIB = 1 << 30


def test_a_deb_of_more_than_four_gigabytes(tmp_path: Path) -> None:
    """Its data is an uncompressed archive that ends early, which takes no room on the disk."""
    size, path = 4 * GIB + 3000, tmp_path / "hello_1.0_amd64.deb"
    with path.open("wb") as file:
        file.write(b"!<arch>\n" + FORMAT + CONTROL + ar_member("data.tar", b"", size=str(size)))
        file.truncate(file.tell() + size)
    facts = read_deb(path, Digests(size=path.stat().st_size, sha256="0" * 64, mtime=0)).facts
    assert isinstance(facts, DebFacts)
    assert facts.package == "hello"


def test_an_rpm_that_says_sizes_of_more_than_four_gigabytes(tmp_path: Path) -> None:
    """rpm keeps large sizes in tags of 64 bits; LONGSIZE is what is installed."""
    path = rpms.handmade(tmp_path / "large.rpm", t1009=None, t5009=5 * GIB)
    facts = rpm.read(path, rpms.digests(path)).facts
    assert isinstance(facts, RpmFacts)
    assert re.search(rb'<size package="\d+" installed="5368709120" ', facts.primary)


def test_an_rpm_of_thirty_thousand_files(tmp_path: Path) -> None:
    count = 30_000
    names = [f"f{number}" for number in range(count)]
    files = {"t1117": names, "t1118": ["/usr/share/hello/"], "t1116": [0] * count, "t1037": [0] * count, "t1030": [0o100644] * count}
    path = rpms.handmade(tmp_path / "many.rpm", **files)
    before = monotonic()
    facts = rpm.read(path, rpms.digests(path)).facts
    assert monotonic() - before < 5
    assert isinstance(facts, RpmFacts)
    assert facts.filelists.count(b"<file>") == count


def test_a_deb_of_twenty_thousand_files(tmp_path: Path) -> None:
    data = tar(*((f"./usr/share/hello/f{number:05}", b"") for number in range(20_000)))
    path = tmp_path / "hello_1.0_amd64.deb"
    path.write_bytes(b"!<arch>\n" + FORMAT + CONTROL + ar_member("data.tar.gz", gzip.compress(data, 1)))
    before = monotonic()
    assert deb_files.installed_files(path, path.stat().st_size).count(b"\n") == 20_000
    assert monotonic() - before < 5


@pytest.mark.parametrize(
    ("suffix", "pack"),
    [
        (".gz", lambda data: gzip.compress(data, 1)),
        (".xz", lambda data: lzma.compress(data, preset=0)),
        (".zst", lambda data: zstandard.ZstdCompressor(level=1).compress(data)),
    ],
)
def test_data_that_unpacks_to_far_more_takes_little_memory(tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "hello_1.0_amd64.deb"
    path.write_bytes(b"!<arch>\n" + FORMAT + CONTROL + ar_member(f"data.tar{suffix}", pack(tar(("./usr/share/zeros", bytes(200 << 20))))))
    tracemalloc.start()
    assert deb_files.installed_files(path, path.stat().st_size) == b"usr/share/zeros\n"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100 << 20
