"""Packages that must never be published: each is refused with one sentence that names the file."""

from __future__ import annotations

import gzip
import lzma
import os
import re
import tarfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from repogen.errors import InputError
from tests.support.debs import DATA, FORMAT, ar_member, control, entry, raw_deb, read_bytes, read_file, tar, with_control, zstd
from tests.support.packages import make_deb

CONTROL_TAR = tar(("./control", control()))
CONTROL_MEMBER = ar_member("control.tar.gz", gzip.compress(CONTROL_TAR))


def refusal(folder: Path, content: bytes, name: str = "x.deb") -> str:
    """The sentence of the refusal."""
    with pytest.raises(InputError) as raised:
        read_bytes(folder, content, name)
    message = raised.value.message
    assert message.startswith(f"{name} ")
    assert "\n" not in message
    assert message.isprintable()
    assert raised.value.hint
    return message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04" + bytes(100), "a zip archive"),
        (b"\xed\xab\xee\xdb" + bytes(96), "an rpm"),
        (b"<!DOCTYPE html><p>404", "HTML"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"MZ\x90", "Windows"),
        (bytes(100), "ar archive"),
        (b"0.939000\n5\n", "ar archive"),
    ],
)
def test_other_files_called_deb(tmp_path: Path, content: bytes, said: str) -> None:
    assert said in refusal(tmp_path, content)


@pytest.mark.parametrize("compression", ["none", "gzip", "xz", "zstd"])
def test_a_package_cut_anywhere(tmp_path: Path, compression: str) -> None:
    whole = make_deb(tmp_path / "made", compression=compression).read_bytes()
    end = len(whole) - whole.endswith(b"\n")  # padding after the last member may be absent
    for length in (*range(300), *range(300, end, 1 + end // 500), *range(end - 20, end)):
        refusal(tmp_path, whole[:length])


AR_FAULTS = {
    "negative size": FORMAT + ar_member("control.tar.gz", b"x" * 8, size="-8"),
    "blank size": FORMAT + ar_member("control.tar.gz", b"x" * 8, size=" "),
    "plus": FORMAT + ar_member("control.tar.gz", b"x" * 8, size="+8"),
    "underscore": FORMAT + ar_member("control.tar.gz", b"x" * 100, size="1_00") + DATA,
    "words": FORMAT + ar_member("control.tar.gz", b"x" * 8, size="eight"),
    "huge": FORMAT + ar_member("control.tar.gz", b"x" * 8, size="9999999999"),
    "hex": FORMAT + ar_member("control.tar.gz", b"x" * 8, size="0x8"),
    "end mark": FORMAT + ar_member("control.tar.gz", gzip.compress(CONTROL_TAR), end=b"'\n") + DATA,
    "no padding": FORMAT + ar_member("control.tar.gz", gzip.compress(CONTROL_TAR) + b"\0" * (len(gzip.compress(CONTROL_TAR)) % 2 == 0), padding=b"") + DATA,
    "two controls": FORMAT + CONTROL_MEMBER + CONTROL_MEMBER + DATA,
    "late control": FORMAT + CONTROL_MEMBER + DATA + CONTROL_MEMBER,
    "two datas": FORMAT + CONTROL_MEMBER + DATA + DATA,
    "data first": FORMAT + DATA + CONTROL_MEMBER,
    "no format": CONTROL_MEMBER + DATA,
    "format 3": ar_member("debian-binary", b"3.0\n") + CONTROL_MEMBER + DATA,
    "no data": FORMAT + CONTROL_MEMBER,
    "no control": FORMAT + DATA,
    "nothing": b"",
    "unknown in front": FORMAT + ar_member("other", b"xx") + CONTROL_MEMBER + DATA,
    "bz2 control": FORMAT + ar_member("control.tar.bz2", b"xx") + DATA,
    "lzip data": FORMAT + CONTROL_MEMBER + ar_member("data.tar.lz", b"xx"),
    "rubbish after": FORMAT + CONTROL_MEMBER + DATA + b"rubbish",
    "zeros after": FORMAT + CONTROL_MEMBER + DATA + bytes(60),
    "control of 9 GB": FORMAT + ar_member("control.tar.gz", b"", size="9000000000"),
}


@pytest.mark.parametrize("fault", AR_FAULTS)
def test_faults_of_the_archive(tmp_path: Path, fault: str) -> None:
    refusal(tmp_path, b"!<arch>\n" + AR_FAULTS[fault])


def test_a_huge_control_member_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "x.deb"
    with path.open("wb") as file:
        file.write(b"!<arch>\n" + FORMAT + ar_member("control.tar", b"", size=str(1 << 30)))
        file.truncate(file.tell() + (1 << 30))
        file.seek(0, os.SEEK_END)
        file.write(DATA)
    with pytest.raises(InputError, match="more than"):
        read_file(path)


TAR_FAULTS = {
    "no control": tar(("./postinst", b"")),
    "empty": tar(),
    "traversal": tar(("./control", control()), ("../evil", b"")),
    "deep traversal": tar(("./control", control()), ("./x/../../evil", b"")),
    "absolute": tar(("./control", control()), ("/etc/evil", b"")),
    "absolute control": tar(("/control", control())),
    "symlink": tar((entry("./control", tarfile.SYMTYPE, "/etc/passwd"), b"")),
    "hard link": tar((entry("./control", tarfile.LNKTYPE, "other"), b"")),
    "folder": tar((entry("./control", tarfile.DIRTYPE), b"")),
    "fifo": tar((entry("./control", tarfile.FIFOTYPE), b"")),
    "two": tar(("./control", control()), ("./control", control(Version="2"))),
    "two in two spellings": tar(("./control", control()), (".//./control", control(Version="2"))),
    "two, one long": tar(("./control", control()), ("./" * 60 + "control", control(Version="2")), format=tarfile.GNU_FORMAT),
    "traversal by a long name": tar(("./control", control()), ("x/" * 80 + "../" * 81 + "evil", b""), format=tarfile.PAX_FORMAT),
    "cut": tar(("./control", control()))[:600],
    "checksum": tar(("./control", control())).replace(b"./control", b"./contro\0", 1),
    "size": tar(("./control", control()))[:124] + b"-0000000100\0" + tar(("./control", control()))[136:],
}


@pytest.mark.parametrize("fault", TAR_FAULTS)
def test_faults_of_the_control_archive(tmp_path: Path, fault: str) -> None:
    refusal(tmp_path, with_control(gzip.compress(TAR_FAULTS[fault])))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.deb"]


def test_streams_that_dpkg_reads_otherwise(tmp_path: Path) -> None:
    other = tar(("./control", control(Version="2")))
    assert "several" in refusal(tmp_path, with_control(lzma.compress(CONTROL_TAR) + lzma.compress(other), ".xz"))
    assert "several" in refusal(tmp_path, with_control(zstd(CONTROL_TAR) + zstd(other), ".zst"))
    assert "several" in refusal(tmp_path, with_control(lzma.compress(CONTROL_TAR) + bytes(4), ".xz"))


@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".xz", lzma.compress), (".zst", zstd)])
def test_damaged_streams(tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]) -> None:
    packed = pack(CONTROL_TAR)
    refusal(tmp_path, with_control(packed[:-6], suffix))
    refusal(tmp_path, with_control(packed[:20] + b"\xff\x00\xff" + packed[23:], suffix))
    refusal(tmp_path, with_control(b"rubbish", suffix))
    refusal(tmp_path, with_control(b"", suffix))


@pytest.mark.parametrize(
    ("suffix", "pack"), [(".gz", lambda data: gzip.compress(data, 1)), (".xz", lambda data: lzma.compress(data, preset=0)), (".zst", zstd)]
)
def test_a_bomb_takes_little_memory(tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]) -> None:
    content = with_control(pack(bytes(400 << 20)), suffix)
    tracemalloc.start()
    assert "64 MiB" in refusal(tmp_path, content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 160 << 20


CONTROL_FAULTS = {
    "second paragraph": control() + b"\nPackage: openssl\nVersion: 99\nArchitecture: all\n",
    "injected after a blank continuation": control(Description="x\n y\n \nPackage: openssl\nVersion: 99"),
    "blank continuation": control(Description="x\n a\n \n b"),
    "tab continuation": control(Description="x\n a\n\t\n b"),
    "form feed": control(Description="x\n a\n \f\n b"),
    "CRLF": control().replace(b"\n", b"\r\n"),
    "CR": control("Foo: a\rPackage: b"),
    "NUL": control("Foo: a\0b"),
    "end of file": control("Foo: a\x1ab"),
    "BOM": b"\xef\xbb\xbf" + control(),
    "comment": b"# about\n" + control(),
    "comment with a colon": b"# about: x\n" + control(),
    "no last newline": control().rstrip(b"\n"),
    "leading continuation": b" x\n" + control(),
    "empty": b"",
    "only newlines": b"\n\n\n",
    "empty last field": control() + b"Foo:\n",
    "duplicate": control("version: 2"),
    "duplicate of an unknown field": control("Foo: 1\nfOO: 2"),
    "duplicate of ours": control("Filename: 1\nFilename: 2"),
    "no colon": control("Foo"),
    "space in a name": control("Foo Bar: x"),
    "hyphen first": control("-Foo: x"),
    "short name": control("X: 1"),
    "no name": control(": x"),
    "Status": control("Status: install ok installed"),
    "Config-Version": control("config-version: 1"),
    "Triggers": control("Triggers-Pending: x"),
    "Essential": control("Essential: maybe"),
    "Protected": control("Protected: 1"),
    "Multi-Arch": control("Multi-Arch: some"),
    "Conffiles without digests": control("Conffiles:\n /etc/x"),
    "Conffiles with a mark alone": control("Conffiles:\n /etc/x 0123\n /etc/y obsolete"),
    "same for all": control("Multi-Arch: same", Architecture="all"),
}  # fmt: skip
NAMES = ["", ".hello", "-hello", "+x", "../../etc", "a b", "a;b", "$(id)", "h\u00e9llo", "a/b", "hello:amd64", "hello\n world", "a\\b", "`id`", "n" * 300]
VERSIONS = [
    "",
    "v1.0",
    "1_0",
    "1 0",
    "-1:0",
    ":0",
    "1-",
    "1:",
    "1:-3",
    "-3",
    "2147483648:0",
    "99999999999999999999:1",
    "1:2:3",
    "../1",
    "1;id",
    "1\n 2",
    "$(id)",
    "1.0\u00e9",
    "1" * 300,
    "\u0661",
    "a",
]
ARCHITECTURES = ["", "../../x", "amd64 arm64", "any", "linux-any", "any-amd64", "source", "amd64\n arm64", "\u00e4", "-x", "a/b"]
RELATIONS = [
    "a (>= 1",
    "a >= 1",
    "a b",
    ",a",
    "a,",
    "a,,b",
    "a |",
    "a || b",
    "${shlibs:Depends}",
    "a [amd64]",
    "a <x>",
    "a (1)",
    "a (=1)",
    "a (>1)",
    "a (>= v1)",
    "a (== 1)",
    "\n a",
    "a (>= )",
    "a_b;",
    ".a",
    "a:",
    "a :any",
    "a (>= 1) (<< 2)",
    "\u00e9",
]
CONTROL_FAULTS |= {f"Package {one!r}": control(Package=one) for one in NAMES}
CONTROL_FAULTS |= {f"Version {one!r}": control(Version=one) for one in VERSIONS}
CONTROL_FAULTS |= {f"Architecture {one!r}": control(Architecture=one) for one in ARCHITECTURES}
CONTROL_FAULTS |= {f"Depends {one!r}": control(f"Depends: {one}") for one in RELATIONS}
CONTROL_FAULTS |= {
    f"{field} a |": control(f"{field}: b, a | c (")
    for field in ("Pre-Depends", "Recommends", "Suggests", "Enhances", "Breaks", "Conflicts", "Replaces", "Provides")
}
CONTROL_FAULTS |= {f"alternatives in {field}": control(f"{field}: a | b") for field in ("Breaks", "Conflicts", "Replaces", "Provides")}


@pytest.mark.parametrize("fault", CONTROL_FAULTS)
def test_faults_of_the_control_file(tmp_path: Path, fault: str) -> None:
    refusal(tmp_path, raw_deb(CONTROL_FAULTS[fault]))


def test_the_sentence_names_the_relation(tmp_path: Path) -> None:
    message = refusal(tmp_path, raw_deb(control("Depends: libc6 (>= 2.34), libssl >= 3 | x, y")))
    assert re.search(r"'libssl >= 3' in its Depends field", message)


def test_escapes_of_a_terminal_are_not_repeated(tmp_path: Path) -> None:
    assert "\x1b" not in refusal(tmp_path, raw_deb(control("\x1b[31mFoo\x1b[0m")))


def test_a_file_that_vanished(tmp_path: Path) -> None:
    from repogen.readers import Digests, deb

    with pytest.raises(InputError, match="cannot be read"):
        deb.read(tmp_path / "gone.deb", Digests(size=1000, sha256="0" * 64, mtime=0))


def test_a_file_that_shrank_after_it_was_hashed(tmp_path: Path) -> None:
    from repogen.readers import Digests, deb

    path = tmp_path / "x.deb"
    path.write_bytes(raw_deb(control()))
    with pytest.raises(InputError):
        deb.read(path, Digests(size=path.stat().st_size + 100, sha256="0" * 64, mtime=0))
