"""What the rpm reader understands and refuses."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import rpmfile

from repogen.artifact import Kind, RpmFacts
from repogen.errors import InputError
from repogen.readers import rpm
from tests.support import rpms


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rpms.small(tmp_path_factory.mktemp("package"))


def facts(path: Path) -> RpmFacts:
    found = rpm.read(path, rpms.digests(path)).facts
    assert isinstance(found, RpmFacts)
    return found


def test_a_package_of_rpmbuild(package: Path) -> None:
    reading = rpm.read(package, rpms.digests(package))

    assert (reading.kind, reading.product, reading.version, reading.os, reading.arch) == (Kind.RPM, "small-gzip", "1.0", "linux", "any")
    assert (reading.description, reading.license, reading.homepage) == ("Payload in gzip", "MIT", "")
    found = facts(package)
    assert (found.name, found.epoch, found.version, found.release, found.architecture) == ("small-gzip", 0, "1.0", "1", "noarch")
    assert not found.signed
    assert b'<location href="Packages/s/small-gzip-1.0-1.noarch.rpm"/>' in found.primary


def test_rpmfile_reads_the_same(package: Path) -> None:
    found = facts(package)
    with rpmfile.open(str(package)) as other:
        headers = other.headers
        assert [headers[key].decode() for key in ("name", "version", "release", "arch", "summary", "copyright")] == [
            found.name, found.version, found.release, found.architecture, found.summary, found.license,
        ]  # fmt: skip
        start, end = other.header_range
        assert f'<rpm:header-range start="{start}" end="{end}"/>' in found.primary.decode()
        assert {f"/{member.name.removeprefix('./').lstrip('/')}" for member in other.getmembers()} == {"/usr/bin/small-gzip"}
    assert b"<file>/usr/bin/small-gzip</file>" in found.filelists


@pytest.mark.parametrize(
    ("arch", "canonical"),
    [
        ("x86_64", "amd64"),
        ("x86_64_v3", "amd64"),
        ("aarch64", "arm64"),
        ("i686", "i386"),
        ("armv7hl", "armv7"),
        ("noarch", "any"),
        ("sparc64", "sparc64"),
        ("ia64", ""),
    ],
)
def test_architectures(tmp_path: Path, arch: str, canonical: str) -> None:
    path = rpms.handmade(tmp_path / "a.rpm", t1022=arch)
    assert rpm.read(path, rpms.digests(path)).arch == canonical


def test_a_prerelease_is_written_with_a_hyphen(tmp_path: Path) -> None:
    path = rpms.handmade(tmp_path / "a.rpm", t1001="2.0.0~beta.3")
    assert rpm.read(path, rpms.digests(path)).version == "2.0.0-beta.3"


def test_a_source_package_runs_anywhere(tmp_path: Path) -> None:
    path = rpms.handmade(tmp_path / "a.src.rpm", t1106=1, t1044=None)
    assert facts(path).architecture == "src"
    assert rpm.read(path, rpms.digests(path)).arch == "any"


@pytest.mark.parametrize("tag", [267, 268, 278])
def test_signed(tmp_path: Path, tag: int) -> None:
    assert facts(rpms.handmade(tmp_path / "a.rpm", signature={tag: ["c2ln"] if tag == 278 else b"signature"})).signed


def test_an_rpm_3_signature_over_header_and_payload_does_not_count(tmp_path: Path) -> None:
    assert not facts(rpms.handmade(tmp_path / "a.rpm", signature={1005: b"signature"})).signed


def test_a_large_header_and_a_large_payload(tmp_path: Path) -> None:
    path = rpms.handmade(tmp_path / "a.rpm", payload=bytes(3_000_000), t1005=("long " * 50_000,))
    assert len(facts(path).primary) > 250_000


def test_the_largest_epoch(tmp_path: Path) -> None:
    assert facts(rpms.handmade(tmp_path / "a.rpm", t1003=2**31 - 1)).epoch == 2**31 - 1


# -- refusals ------------------------------------------------------------------------------


def refused(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        rpm.read(path, rpms.digests(path))
    assert caught.value.message.startswith(path.name)
    assert caught.value.hint
    return caught.value.message


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "a.rpm").touch()
    assert refused(tmp_path / "a.rpm") == "a.rpm is empty"


def test_something_else(tmp_path: Path) -> None:
    (tmp_path / "a.rpm").write_bytes(b"PK\x03\x04" + bytes(200))
    assert "is no rpm" in refused(tmp_path / "a.rpm")


def test_a_lead_alone(package: Path, tmp_path: Path) -> None:
    (tmp_path / "a.rpm").write_bytes(package.read_bytes()[:96])
    assert refused(tmp_path / "a.rpm") == "a.rpm is cut short: there is nothing after its lead"


def test_an_unknown_format(package: Path, tmp_path: Path) -> None:
    data = bytearray(package.read_bytes())
    data[4] = 7
    (tmp_path / "a.rpm").write_bytes(data)
    assert "unknown format (7.0)" in refused(tmp_path / "a.rpm")


def test_cut_anywhere(package: Path, tmp_path: Path) -> None:
    data = package.read_bytes()
    cut = tmp_path / "cut.rpm"
    for length in {*range(4, len(data), 97), *range(len(data) - 20, len(data))}:
        cut.write_bytes(data[:length])
        assert "cut short" in refused(cut), length


def test_a_flipped_byte_anywhere_in_header_or_payload(package: Path, tmp_path: Path) -> None:
    data = package.read_bytes()
    begin = data.index(b"\x8e\xad\xe8", 100)
    damaged = tmp_path / "a.rpm"
    for at in range(begin, len(data), 41):
        changed = bytearray(data)
        changed[at] ^= 0x20
        damaged.write_bytes(changed)
        assert refused(damaged)


def test_a_wrong_header_digest(package: Path, tmp_path: Path) -> None:
    (tmp_path / "a.rpm").write_bytes(package.read_bytes().replace(b"Payload in gzip", b"Payload in gzap"))
    assert "its header has another sha256 digest" in refused(tmp_path / "a.rpm")


def test_a_wrong_sha1_header_digest(tmp_path: Path) -> None:
    assert "its header has another sha1 digest" in refused(rpms.handmade(tmp_path / "a.rpm", signature={273: None, 269: "0" * 40}))


def test_a_wrong_sha3_header_digest(tmp_path: Path) -> None:
    assert "its header has another sha3_256 digest" in refused(rpms.handmade(tmp_path / "a.rpm", v6=True, signature={279: "0" * 64}))


def test_a_wrong_payload_digest(tmp_path: Path) -> None:
    assert "its payload has another sha256 digest" in refused(rpms.handmade(tmp_path / "a.rpm", t5092=["0" * 64]))


def test_a_wrong_payload_digest_in_a_large_package(tmp_path: Path) -> None:
    path = rpms.handmade(tmp_path / "a.rpm", payload=bytes(700_000))
    data = bytearray(path.read_bytes())
    data[-1] = 1
    path.write_bytes(data)
    assert "its payload has another sha256 digest" in refused(path)


def test_before_payload_digests_md5_is_compared(tmp_path: Path) -> None:
    old = rpms.handmade(tmp_path / "a.rpm", t5092=None, t5093=None)
    assert facts(old).name == "handmade"
    assert rpm.read(old, rpms.digests(old)).doubt == "was built before rpm 4.14 and has no SHA-256 digest of its payload, so that rpm 6 refuses it"
    assert "another md5 digest" in refused(rpms.handmade(tmp_path / "b.rpm", t5092=None, t5093=None, signature={1004: bytes(16)}))


def test_a_payload_digest_by_a_weak_algorithm_is_doubted(package: Path, tmp_path: Path) -> None:
    weak = rpms.handmade(tmp_path / "a.rpm", t5092=[hashlib.sha1(b"payload").hexdigest()], t5093=2)
    assert "no SHA-256 digest" in rpm.read(weak, rpms.digests(weak)).doubt
    assert not rpm.read(package, rpms.digests(package)).doubt


def test_no_digest_of_the_payload(tmp_path: Path) -> None:
    assert "has no digest of its payload" in refused(rpms.handmade(tmp_path / "a.rpm", t5092=None, t5093=None, signature={1004: None}))


def test_a_file_that_changes_while_it_is_read(package: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.rpm"
    path.write_bytes(package.read_bytes()[:-1])
    before = rpms.digests(path)
    path.write_bytes(package.read_bytes())
    with pytest.raises(InputError, match=r"a\.rpm changed while it was read"):
        rpm.read(path, before)


def test_trailing_bytes(package: Path, tmp_path: Path) -> None:
    (tmp_path / "a.rpm").write_bytes(package.read_bytes() + b"more")
    assert "4 bytes follow the end" in refused(tmp_path / "a.rpm")


@pytest.mark.parametrize("field", ["t1004", "t1005", "t1011", "t1014", "t1015", "t1020"])
def test_control_characters(tmp_path: Path, field: str) -> None:
    assert "has the character U+0001 in its" in refused(rpms.handmade(tmp_path / "a.rpm", **{field: "a\x01b"}))


def test_control_characters_name_the_field(tmp_path: Path) -> None:
    assert refused(rpms.handmade(tmp_path / "a.rpm", t1005=("bad \x1b[31m",))) == "a.rpm has the character U+001B in its description, which XML cannot hold"


def test_control_characters_in_dependencies_changelog_and_files(tmp_path: Path) -> None:
    changelog = {"t1080": [1], "t1081": ["me"], "t1082": ["- a\x0bb"]}
    assert "in its changelog" in refused(rpms.handmade(tmp_path / "a.rpm", **changelog))
    assert "in its requires" in refused(rpms.handmade(tmp_path / "b.rpm", t1049=["a\x02"], t1048=[0], t1050=[""]))
    files = {"t1117": ["a\x03"], "t1118": ["/"], "t1116": [0], "t1037": [0], "t1030": [0o100644]}
    assert "in its file names" in refused(rpms.handmade(tmp_path / "c.rpm", **files))


def test_a_noncharacter(tmp_path: Path) -> None:
    assert "U+FFFF in its summary" in refused(rpms.handmade(tmp_path / "a.rpm", t1004=("a\uffffb",)))


def test_a_version_of_libc_with_thousands_of_digits(tmp_path: Path) -> None:
    names = ["libc.so.6(GLIBC_2." + "9" * 5000 + ")", "libc.so.6(GLIBC_2.1)"]
    found = facts(rpms.handmade(tmp_path / "a.rpm", t1049=names, t1048=[0, 0], t1050=["", ""]))
    assert names[0].encode() in found.primary
    assert names[1].encode() not in found.primary


def test_an_epoch_that_crashes_dnf(tmp_path: Path) -> None:
    assert "epoch 2147483648" in refused(rpms.handmade(tmp_path / "a.rpm", t1003=2**31))


@pytest.mark.parametrize("name", ["../evil", "a b", "a/b", "-rf", "a\nb", "<b>", "$(id)", "caf\u00e9", ""])
def test_odd_names(tmp_path: Path, name: str) -> None:
    assert refused(rpms.handmade(tmp_path / "a.rpm", t1000=name)).endswith("which no client takes")


@pytest.mark.parametrize("tag", ["t1001", "t1002", "t1022"])
@pytest.mark.parametrize("value", ["1-2", "1/2", "1 2", "'", None])
def test_odd_versions_releases_and_architectures(tmp_path: Path, tag: str, value: str | None) -> None:
    assert refused(rpms.handmade(tmp_path / "a.rpm", **{tag: value})).endswith("which no client takes")


def test_a_file_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    files = {"t1117": ["a"], "t1118": ["/"], "t1116": [5], "t1037": [0], "t1030": [0o100644]}
    assert "in a folder that its header does not name" in refused(rpms.handmade(tmp_path / "a.rpm", **files))
