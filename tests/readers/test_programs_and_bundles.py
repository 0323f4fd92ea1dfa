from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from repogen.artifact import ManifestFacts
from repogen.errors import InputError
from repogen.readers import READERS, Reading
from repogen.readers.identify import identify
from repogen.readers.program import native
from repogen.scanning.digests import digest_file
from tests.support.clients import require
from tests.support.installers import make_appimage, make_snap
from tests.support.packages import make_tar, make_zip
from tests.support.programs import elf, mach_o, universal

PKGINFO = "# Generated\npkgname = quiet\npkgver = {}\npkgdesc = a quiet program\nurl = https://acme.example\narch = {}\nlicense = MIT\ndepend = so:libc\n"


def read(path: Path) -> Reading:
    reading: Reading = import_module(f"repogen.readers.{READERS[identify(path)]}").read(path, digest_file(path))
    return reading


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "os", "arch", "libc"),
    [
        (elf("amd64", "/lib64/ld-linux-x86-64.so.2"), "linux", "amd64", "gnu"),
        (elf("amd64", "/lib/ld-musl-x86_64.so.1"), "linux", "amd64", "musl"),
        (elf("arm64", "/system/bin/linker64"), "android", "arm64", ""),
        (elf("arm64"), "linux", "arm64", ""),
        (mach_o("amd64"), "macos", "amd64", ""),
        (universal("amd64", "arm64"), "macos", "universal", ""),
        (universal("arm64"), "macos", "arm64", ""),
        (b"#!/usr/bin/env python3\n", "any", "any", ""),
    ],
)
def test_what_a_program_is_made_for(tmp_path: Path, content: bytes, os: str, arch: str, libc: str) -> None:
    reading = read(write(tmp_path / "quiet", content))
    assert (reading.os, reading.arch, reading.libc) == (os, arch, libc)


def test_a_real_program_and_a_real_library(tmp_path: Path) -> None:
    require("busybox")
    reading = read(write(tmp_path / "true", Path("/bin/true").read_bytes()))
    assert (reading.os, reading.libc) == ("linux", "gnu")
    assert read(write(tmp_path / "busybox", Path("/bin/busybox").read_bytes())).os == "linux"


@pytest.mark.parametrize("keep", [70, 130])
def test_a_cut_program_is_damaged(tmp_path: Path, keep: int) -> None:
    with pytest.raises(InputError, match="quiet is damaged"):
        read(write(tmp_path / "quiet", elf("amd64", "/lib64/ld-linux-x86-64.so.2")[:keep]))


def test_a_cut_universal_program_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="quiet is damaged"):
        read(write(tmp_path / "quiet", universal("amd64", "arm64")[:-8]))


def test_a_library_is_no_program(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a library or an object file"):
        read(write(tmp_path / "quiet", mach_o(type=6)))
    assert native(elf(), "libquiet.so.1").runs is False


def test_an_appimage_says_its_architecture(tmp_path: Path) -> None:
    reading = read(make_appimage(tmp_path / "Quiet.AppImage", "arm64"))
    assert (reading.kind, reading.os, reading.arch) == ("appimage", "linux", "arm64")


def test_a_snap_that_was_cut(tmp_path: Path) -> None:
    snap = make_snap(tmp_path / "quiet_1.0.0_amd64.snap")
    assert read(snap).os == "linux"
    used = int.from_bytes(snap.read_bytes()[40:48], "little")
    snap.write_bytes(snap.read_bytes()[: used - 1])
    with pytest.raises(InputError, match="is cut short"):
        read(snap)


@pytest.mark.parametrize(("abis", "arch"), [((), "any"), (("arm64-v8a",), "arm64"), (("arm64-v8a", "x86_64"), "any")])
def test_an_android_package_shows_its_architectures(tmp_path: Path, abis: tuple[str, ...], arch: str) -> None:
    reading = read(make_zip(tmp_path / "q.apk", {"AndroidManifest.xml": "x", **{f"lib/{abi}/libq.so": elf() for abi in abis}}))
    assert (reading.os, reading.arch) == ("android", arch)


def test_an_alpine_package_says_everything(tmp_path: Path) -> None:
    path = make_tar(tmp_path / "q.tar.gz", {".PKGINFO": PKGINFO.format("1.2.0-r3", "x86_64"), "usr/bin/quiet": elf()})
    reading = read(path.rename(tmp_path / "q.apk"))
    assert (reading.product, reading.version, reading.os, reading.arch, reading.libc) == ("quiet", "1.2.0", "linux", "amd64", "musl")
    assert (reading.description, reading.homepage, reading.license) == ("a quiet program", "https://acme.example", "MIT")


def test_a_pacman_package_says_everything(tmp_path: Path) -> None:
    reading = read(make_tar(tmp_path / "quiet-1.2.0-2-aarch64.pkg.tar.zst", {".PKGINFO": PKGINFO.format("1.2.0-2", "aarch64")}))
    assert (reading.kind, reading.product, reading.version, reading.arch) == ("pacman", "quiet", "1.2.0", "arm64")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("secret-key.asc", b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQ==\n"),
        ("key.pem", b"-----BEGIN OPENSSH PRIVATE KEY-----\n"),
        ("tls.pem", b"-----BEGIN PRIVATE KEY-----\n"),
        ("minisign.sig", b"untrusted comment: minisign encrypted secret key\nRWRT\n"),
        ("key.sig", b"\x95\x01\x02"),
    ],
)
def test_a_secret_key_is_never_published(tmp_path: Path, name: str, content: bytes) -> None:
    with pytest.raises(InputError, match=f"{name} holds a secret key"):
        read(write(tmp_path / name, content))


def test_a_signature_is_no_secret_key(tmp_path: Path) -> None:
    assert read(write(tmp_path / "x.sig", b"\x88\x75\x04\x00")).kind == "side"
    assert read(write(tmp_path / "x.asc", b"-----BEGIN PGP SIGNATURE-----\n")).kind == "side"


def test_an_update_manifest_says_its_version(tmp_path: Path) -> None:
    reading = read(write(tmp_path / "latest.yml", b"version: 1.0.0\nfiles:\n  - url: App-Setup-1.0.0.exe\n"))
    assert reading.version == "1.0.0"
    assert isinstance(reading.facts, ManifestFacts)
    assert [file.url for file in reading.facts.files] == ["App-Setup-1.0.0.exe"]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"a\0b"])
def test_notes_are_text(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InputError, match="no text"):
        read(write(tmp_path / "notes.md", content))
