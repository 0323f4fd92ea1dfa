"""Whatever is done to a file, a reader answers with facts or with an InputError, soon and in little memory."""

from __future__ import annotations

import resource
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from repogen.errors import InputError
from repogen.readers import READERS, Reading
from repogen.readers.identify import identify
from repogen.scanning.digests import digest_file
from tests.support.installers import make_dmg, make_msi, make_nsis, make_pkg, make_snap, make_volume
from tests.support.packages import make_tar, make_zip
from tests.support.programs import elf, pe, universal, version_resource


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


MEMBERS: dict[str, str | bytes] = {"x/x": elf("amd64", "/lib64/ld-linux-x86-64.so.2"), "x/" + "long" * 40: "x" * 3000, "x/y": universal("amd64", "arm64")}
MAKERS: dict[str, Callable[[Path], Path]] = {
    "x.tar": lambda path: make_tar(path, MEMBERS, ("x/x",)),
    "x.tar.gz": lambda path: make_tar(path, MEMBERS),
    "x.tar.xz": lambda path: make_tar(path, MEMBERS),
    "x.tar.zst": lambda path: make_tar(path, MEMBERS),
    "x.zip": lambda path: make_zip(path, MEMBERS),
    "x.apk": lambda path: make_zip(path, {"AndroidManifest.xml": "x", "lib/arm64-v8a/x.so": MEMBERS["x/x"], **MEMBERS}),
    "x-1.0.0-full.nupkg": lambda path: make_zip(path, {"x.nuspec": "<a><metadata><id>x</id><version>1.0.0</version></metadata></a>", **MEMBERS}),
    "x.msi": make_msi,
    "nsis.exe": make_nsis,
    "x.exe": lambda path: _written(path, pe(sections=((b".rsrc", bytes(32) + version_resource(ProductName="Quiet", ProductVersion="1.2.3")),))),
    "iso.dmg": make_dmg,
    "hfs.dmg": lambda path: make_dmg(path, hfs=True, program=MEMBERS["x/y"]),
    "raw.dmg": lambda path: make_volume(path, hfs=True, program=MEMBERS["x/y"]),
    "x.pkg": lambda path: make_pkg(
        path, {"Distribution": '<a><title>x</title><pkg-ref id="a" version="1"/></a>', "x.pkg/PackageInfo": '<pkg-info identifier="a" version="1"/>'}
    ),
    "x.snap": make_snap,
    "elf": lambda path: _written(path, elf("amd64", "/lib64/ld-linux-x86-64.so.2")),
    "mach": lambda path: _written(path, universal("amd64", "arm64")),
}


@pytest.fixture(scope="module", params=sorted(MAKERS))
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    path = MAKERS[request.param](tmp_path_factory.mktemp("whole") / request.param)
    return path, path.read_bytes()


CHANGE = st.tuples(
    st.floats(0, 1, exclude_max=True), st.one_of(st.binary(min_size=1, max_size=8), st.sampled_from([b"\xff" * 8, bytes(8), b"\x7f\xff\xff\xff"]))
)


def read(path: Path) -> Reading | None:
    try:
        reading: Reading = import_module(f"repogen.readers.{READERS[identify(path)]}").read(path, digest_file(path))
    except InputError as error:
        if path.name not in error.message:
            raise
        return None
    return reading


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(CHANGE, min_size=1, max_size=6), st.one_of(st.none(), st.floats(0, 1)))
def test_damage_never_ends_in_anything_but_a_sentence(whole: tuple[Path, bytes], changes: list[tuple[float, bytes]], keep: float | None) -> None:
    path, content = whole
    data = bytearray(content)
    for at, value in changes:
        # Half of the changes hit the first kilobyte or the last, where the headers are.
        start = int(at * 2 * len(data)) if at < 0.5 else int((at - 0.5) * 2 * 1024) if at < 0.75 else max(0, len(data) - int((at - 0.75) * 4 * 1024))
        data[start : start + len(value)] = value
    path.write_bytes(data if keep is None else data[: int(keep * len(data))])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    read(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 700_000  # kilobytes; xz may use 512 MiB by its own header
