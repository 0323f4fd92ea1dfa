"""The deb reader against dpkg and apt-ftparchive, over packages of dpkg-deb and over odd ones made by hand."""

from __future__ import annotations

import gzip
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from debian.deb822 import Deb822
from hypothesis import given
from hypothesis import strategies as st

from repogen.artifact import DebFacts, Kind
from repogen.errors import InputError
from tests.support.clients import require, run
from tests.support.debs import DATA, PACK, control, entry, raw_deb, read_bytes, read_file, tar, with_control
from tests.support.packages import make_deb

#: What an index says of the file and not the package of itself.
OURS = {"filename", "size", "md5sum", "sha1", "sha256", "sha512", "description-md5"}


def fields_of(stanza: bytes) -> dict[str, str]:
    return {name.lower(): value for name, value in Deb822(stanza.decode("latin-1")).items()}


def reference(folder: Path) -> dict[str, dict[str, str]]:
    """The stanzas of apt-ftparchive by file name, without what the index says of the file."""
    require("apt-ftparchive")
    done = subprocess.run(["apt-ftparchive", "packages", "."], cwd=folder, capture_output=True, check=True)
    found = [fields_of(stanza) for stanza in done.stdout.split(b"\n\n") if stanza.strip()]
    return {one["filename"].removeprefix("./"): {name: value for name, value in one.items() if name not in OURS and value} for one in found}


def assert_same_stanzas(folder: Path) -> None:
    ours = {path.name: fields_of(read_file(path).facts.stanza) for path in folder.glob("*.deb")}
    assert ours
    assert ours == reference(folder)


def test_facts_of_a_package(tmp_path: Path) -> None:
    extra = "Source: greetings (1.4-2)\nHomepage: https://acme.example/hello\nLicense: MIT\nDepends: libc6 (>= 2.34)"
    reading = read_file(make_deb(tmp_path, "hello", "1:1.4.0-2+b1", extra=extra))
    assert (reading.kind, reading.product, reading.version, reading.os, reading.arch) == (Kind.DEB, "hello", "1.4.0", "linux", "amd64")
    assert (reading.description, reading.homepage, reading.license) == ("says hello", "https://acme.example/hello", "MIT")
    facts = reading.facts
    assert isinstance(facts, DebFacts)
    assert (facts.package, facts.version, facts.architecture, facts.source) == ("hello", "1:1.4.0-2+b1", "amd64", "greetings")
    assert facts.stanza.endswith(b"\nDescription: says hello\n A program that greets.\n .\n It has two paragraphs.\n")


@pytest.mark.parametrize(("debian", "word"), [("all", "any"), ("armhf", "armv7"), ("ppc64el", "ppc64le"), ("i386", "i386"), ("hurd-i386", "hurd-i386")])
def test_architectures_in_our_words(tmp_path: Path, debian: str, word: str) -> None:
    assert read_bytes(tmp_path, raw_deb(control(Architecture=debian))).arch == word


@pytest.mark.parametrize(
    ("source", "expected"),
    [("", "hello"), ("Source: other", "other"), ("Source: other (1:2-3)", "other"), ("Source: My Great App", "hello"), ("Source: ../../x", "hello")],
)
def test_source_is_a_name_that_the_pool_can_bear(tmp_path: Path, source: str, expected: str) -> None:
    assert read_bytes(tmp_path, raw_deb(control(source))).facts.source == expected


@pytest.mark.parametrize("compression", ["none", "gzip", "xz", "zstd"])
def test_stanzas_of_dpkg_deb_equal_those_of_apt_ftparchive(tmp_path: Path, compression: str) -> None:
    make_deb(tmp_path, "plain", compression=compression)
    make_deb(tmp_path, "g++", "1:2.0~rc1+dfsg-1", "all", compression=compression, extra="Multi-Arch: foreign\nTag: role::program\nX-Custom: \u00e9t\u00e9")
    make_deb(
        tmp_path, "libwide", "3", "arm64", compression=compression,
        extra="Essential: no\nInstalled-Size: 12\nPre-Depends: a, b:any (>= 1) | c,\n d\nProvides: x (= 2), y\n"
        "Conflicts: z (<< 1)\nBreaks: z\nReplaces: z\nBuilt-Using: k (= 1)",
        description="many\n  verbatim text \n .\n * a list\n\ttab",
    )  # fmt: skip
    assert_same_stanzas(tmp_path)


def test_stanzas_of_odd_packages_equal_those_of_apt_ftparchive(tmp_path: Path) -> None:
    odd = {
        "latin1": control().replace(b"says", b"caf\xe9"),
        "spaces": control("Foo:    bar  \nBar:x\nBaz : y\nQux:\tz"),
        "empty": control("Foo:\nDepends:\nSection: \nSource:"),
        "case": control("sEcTiOn: x").replace(b"Version", b"VERSION"),
        "order": b"Description: first\n of all\n" + control(Description=""),
        "ours": control("Filename: ../../etc\nSize: 1\nMD5sum: 0\nSHA1: 0\nSHA256: 0\nSHA512: 0\nDescription-md5: 0"),
        "more": control() + b"\n\n",
        "long": control(Description="x\n" + "\n".join(f" line {number} of the text" for number in range(3000))),
        "lines": control("Tag: a,\n b,\n c\nConffiles:\n /etc/x 0123"),
    }
    for name, text in odd.items():
        (tmp_path / f"{name}.deb").write_bytes(raw_deb(text))
    assert_same_stanzas(tmp_path)


def test_stanzas_of_packages_on_this_machine_equal_those_of_apt_ftparchive(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    real = sorted(Path("/var/cache/apt/archives").glob("*.deb"), key=lambda path: path.stat().st_size)[:100]
    for path in [*real, make_deb(tmp_path_factory.mktemp("made"))]:
        shutil.copy(path, tmp_path)
    assert_same_stanzas(tmp_path)


def test_our_fields_are_dropped_and_never_doubled(tmp_path: Path) -> None:
    stanza = read_bytes(tmp_path, raw_deb(control("filename: ../../etc/passwd\nSHA256: 00\n more\nSize: 7"))).facts.stanza
    assert not fields_of(stanza).keys() & OURS
    assert b"more" not in stanza


def test_bytes_are_kept(tmp_path: Path) -> None:
    reading = read_bytes(tmp_path, raw_deb(control("Foo: \xff").replace("\u00ff".encode(), b"\xff").replace(b"says", b"caf\xe9")))
    assert b"Foo: \xff\n" in reading.facts.stanza
    assert reading.description == "caf\u00e9 hello"


@pytest.mark.parametrize("name", ["lib", "x", "g++", "2048", "a.b-c+d", "Upper_Case", "libx"])
@pytest.mark.parametrize("version", ["1", "1:1", "1.0~rc1-1~bpo12+1", "2024.01.02+git-deadbeef-3", "1.0-beta-2", "999999999:0"])
def test_accepts_what_dpkg_accepts(tmp_path: Path, name: str, version: str) -> None:
    text = control(Package=name, Version=version)
    assert dpkg_takes(tmp_path, text)
    facts = read_bytes(tmp_path, raw_deb(text)).facts
    assert apt_reads(tmp_path, facts.stanza)
    assert (facts.package, facts.version) == (name, version)


@pytest.mark.parametrize("suffix", ["", ".gz", ".xz", ".zst"])
@pytest.mark.parametrize("data", ["", ".gz", ".xz", ".zst", ".bz2", ".lzma"])
def test_every_compression(tmp_path: Path, suffix: str, data: str) -> None:
    from tests.support.debs import ar_member

    content = raw_deb(control(), suffix, ar_member(f"data.tar{data}", PACK[data](tar(("./x", b"x")))))
    (tmp_path / "y.deb").write_bytes(content)
    run("dpkg-deb", "--contents", tmp_path / "y.deb")
    assert read_bytes(tmp_path, content).product == "hello"


def test_control_among_other_members_and_with_long_names(tmp_path: Path) -> None:
    for format in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        long = "./" + "n" * 90 + "/" + "m" * 90
        packed = gzip.compress(
            tar((entry(".", tarfile.DIRTYPE), b""), (long, b"1"), ("./\u00e9", b"2"), ("control", control()), ("./postinst", b"#!/bin/sh\n"), format=format)
        )
        assert read_bytes(tmp_path, with_control(packed)).product == "hello"


def test_members_that_dpkg_passes_over(tmp_path: Path) -> None:
    from tests.support.debs import FORMAT, ar_member

    control_member = ar_member("control.tar.gz", gzip.compress(tar(("control", control()))))
    content = b"!<arch>\n" + FORMAT + ar_member("_extra", b"x") + control_member + ar_member("_more", b"") + DATA + ar_member("_gpgorigin", b"sig", padding=b"")
    assert read_bytes(tmp_path, content).product == "hello"
    slashed = content.replace(b"debian-binary   ", b"debian-binary/  ")
    assert read_bytes(tmp_path, slashed).product == "hello"


def test_several_gzip_members_are_one_archive_for_dpkg_too(tmp_path: Path) -> None:
    archive = tar(("./control", control()))
    content = with_control(gzip.compress(archive[:700]) + gzip.compress(archive[700:]))
    (tmp_path / "y.deb").write_bytes(content)
    assert run("dpkg-deb", "-f", tmp_path / "y.deb", "Package").stdout == "hello\n"
    assert read_bytes(tmp_path, content).product == "hello"


def dpkg_takes(folder: Path, text: bytes) -> bool:
    """Whether dpkg would install a package with this control file."""
    require("dpkg")
    for name in ("info", "updates"):
        (folder / "root/var/lib/dpkg" / name).mkdir(parents=True, exist_ok=True)
    for name in ("status", "available"):
        (folder / "root/var/lib/dpkg" / name).write_text("")
    (folder / "oracle.deb").write_bytes(raw_deb(text))
    options = ("--force-not-root", "--force-depends", "--force-architecture", "--force-breaks", "--force-conflicts")
    done = run("dpkg", f"--root={folder / 'root'}", *options, "--no-act", "-i", folder / "oracle.deb", check=False)
    return done.returncode == 0 and "is not a valid architecture name" not in done.stderr


def apt_reads(folder: Path, stanza: bytes) -> bool:
    """Whether apt goes on working with this stanza among those it knows."""
    require("apt-cache")
    for name in ("lists/partial", "etc"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "status").write_bytes(b"Status: install ok installed\n" + stanza)
    options = ("-o", f"Dir::State={folder}", "-o", f"Dir::State::status={folder}/status", "-o", f"Dir::Cache={folder}", "-o", f"Dir::Etc={folder}/etc")
    return run("apt-cache", *options, "stats", check=False).returncode == 0


WORDS = [
    "a",
    "b:any",
    "c:amd64",
    "lib-x.y+z",
    "A_b",
    "(",
    ")",
    ">= 1",
    "=1",
    "(=1)",
    "(= 1)",
    "(>= 1:2.0~rc-3)",
    "(<< 2)",
    "(<1)",
    ">",
    "|",
    ",",
    ", ",
    " ",
    "\n ",
    "[amd64]",
    "<x>",
    "v1",
    "(>= v1)",
    "1-",
    ":",
    "${x}",
    "\u00e9",
]


@given(st.lists(st.sampled_from(WORDS), max_size=6).map("".join), st.sampled_from(["Depends", "Recommends", "Conflicts", "Provides"]))
def test_a_relation_is_refused_exactly_when_dpkg_or_apt_refuses_it(tmp_path_factory: pytest.TempPathFactory, relation: str, field: str) -> None:
    folder = tmp_path_factory.mktemp("relation")
    text = control(f"{field}: {relation}")
    try:
        stanza = read_bytes(folder, raw_deb(text)).facts.stanza
    except InputError:
        assert not (dpkg_takes(folder, text) and apt_reads(folder, text)), relation
    else:
        assert dpkg_takes(folder, text), relation
        assert apt_reads(folder, stanza), relation


LINES = [
    "Foo: x",
    "foo: z",
    "Foo:",
    " y",
    " .",
    " ",
    "",
    "\ty",
    "\t",
    "\x0b",
    "Bar : 1",
    "Section:",
    "Source:",
    "-x: 1",
    "Y: y",
    "# c",
    "# a: b",
    ": x",
    "Baz",
    "Multi-Arch: foreign",
    "Essential: ",
    "\u00e9: \u00e9",
]


@given(st.lists(st.sampled_from(LINES), max_size=5), st.integers(0, 5))
def test_a_control_file_is_refused_exactly_when_dpkg_refuses_it(tmp_path_factory: pytest.TempPathFactory, lines: list[str], position: int) -> None:
    folder = tmp_path_factory.mktemp("control")
    given_lines = control().decode().splitlines()
    text = "\n".join([*given_lines[:position], *lines, *given_lines[position:], ""]).encode()
    try:
        stanza = read_bytes(folder, raw_deb(text)).facts.stanza
    except InputError:
        assert not dpkg_takes(folder, text), text
    else:
        assert dpkg_takes(folder, text), text
        assert apt_reads(folder, stanza), text
