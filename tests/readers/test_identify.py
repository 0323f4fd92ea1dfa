from __future__ import annotations

from pathlib import Path

import pytest

from repogen.artifact import Kind
from repogen.errors import InputError
from repogen.readers import dmg, exe
from repogen.readers.identify import identify
from repogen.scanning.digests import digest_file
from tests.support.installers import make_appimage, make_dmg, make_msi, make_nsis, make_pkg, make_snap, make_volume
from tests.support.packages import make_deb, make_rpm, make_tar, make_zip
from tests.support.programs import elf, mach_o, pe, universal

INFO = '<pkg-info identifier="example.acme.quiet" version="1.0.0"/>'


def test_packages_by_their_content(tmp_path: Path) -> None:
    assert identify(make_deb(tmp_path)) is Kind.DEB
    assert identify(make_rpm(tmp_path)) is Kind.RPM


@pytest.mark.parametrize("ending", ["tar.gz", "tgz", "tar.xz", "tar.zst", "tar"])
def test_tar_archives_in_every_compression(tmp_path: Path, ending: str) -> None:
    assert identify(make_tar(tmp_path / f"x.{ending}", {"x/x": "hello"})) is Kind.TAR


def test_installers_and_images(tmp_path: Path) -> None:
    assert identify(make_zip(tmp_path / "x.zip", {"x": "hello"})) is Kind.ZIP
    assert identify(make_nsis(tmp_path / "x.exe")) is Kind.EXE
    assert identify(make_msi(tmp_path / "x.msi")) is Kind.MSI
    assert identify(make_dmg(tmp_path / "x.dmg")) is Kind.DMG
    assert identify(make_volume(tmp_path / "raw.dmg")) is Kind.DMG
    assert identify(make_pkg(tmp_path / "x.pkg", {"PackageInfo": INFO})) is Kind.PKG
    assert identify(make_snap(tmp_path / "x.snap")) is Kind.SNAP
    assert identify(make_appimage(tmp_path / "x.AppImage")) is Kind.APPIMAGE


def test_apk_of_android_and_of_alpine_and_pacman(tmp_path: Path) -> None:
    assert identify(make_zip(tmp_path / "a.apk", {"AndroidManifest.xml": "x"})) is Kind.APK
    alpine = make_tar(tmp_path / "b.tar.gz", {".PKGINFO": "pkgname = b\n"})
    assert identify(alpine.rename(tmp_path / "b.apk")) is Kind.APK
    assert identify(make_tar(tmp_path / "c-1.0-1-x86_64.pkg.tar.zst", {".PKGINFO": "pkgname = c\n"})) is Kind.PACMAN


@pytest.mark.parametrize("content", [elf(), mach_o(), universal("amd64", "arm64"), b"#!/bin/sh\necho\n"])
def test_plain_programs_have_any_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "quiet_linux_amd64"
    path.write_bytes(content)
    assert identify(path) is Kind.BINARY


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("App Setup 1.0.0.exe.blockmap", Kind.SIDE), ("latest.yml", Kind.SIDE), ("latest-linux-arm64.yml", Kind.SIDE), ("beta-mac.yml", Kind.SIDE),
        ("x.tar.gz.sig", Kind.SIDE), ("x.tar.gz.asc", Kind.SIDE), ("x.minisig", Kind.SIDE), ("x.AppImage.zsync", Kind.SIDE), ("x.spdx.json", Kind.SIDE),
        ("x.tar.gz.sbom.json", Kind.SIDE), ("x.cdx.json", Kind.SIDE), ("multiple.intoto.jsonl", Kind.SIDE), ("sbom.json", Kind.SIDE),
        ("SHA256SUMS.asc", Kind.SIDE), ("x.tar.gz.sha256", Kind.SUMS), ("x.sha512", Kind.SUMS), ("x.md5", Kind.SUMS), ("SHA256SUMS", Kind.SUMS),
        ("SHA256SUMS.txt", Kind.SUMS), ("checksums.txt", Kind.SUMS), ("quiet_1.2.0_checksums.txt", Kind.SUMS), ("sha256.sum", Kind.SUMS),
        ("notes-1.2.0.md", Kind.NOTES), ("CHANGELOG.md", Kind.NOTES), ("checksums-of-quiet.md", Kind.NOTES),
    ],
)  # fmt: skip
def test_texts_go_by_their_names(tmp_path: Path, name: str, kind: Kind) -> None:
    path = tmp_path / name
    path.write_text("some text\n")
    assert identify(path) is kind


@pytest.mark.parametrize("name", ["quiet-1.2.0-src.tar.gz", "quiet-1.2.0-source.tar.gz", "source.tar.gz", "quiet-1.2.0-symbols.tar.gz"])
def test_an_archive_of_source_or_symbols_goes_beside_a_release(tmp_path: Path, name: str) -> None:
    assert identify(make_tar(tmp_path / name, {"x/main.c": "int main;"})) is Kind.SIDE


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.deb", b"PK\x03\x04rest", "claims by its name to be a Debian package, but is a zip archive"),
        ("x.rpm", b"<!DOCTYPE html><title>404</title>", "claims by its name to be an RPM package, but is an HTML page"),
        ("x.rpm", b"\n<HTML>", "but is an HTML page"),
        ("x.deb", b"", "x.deb is empty"),
        ("x.deb", b"!<arch>\nnothing", "an ar archive without debian-binary"),
        ("x.tar.gz", b"\x1f\x8b\x08\0", "but is a compressed file that holds no tar archive, or a damaged one"),
        ("x.dmg", bytes(4096), "but is nothing but zero bytes"),
        ("x.dmg", b"not an image", "a macOS disk image, but is text"),
        ("x.AppImage", elf(), "claims by its name to be an AppImage, but is a program"),
        ("x.apk", b"PK\x03\x04", "an Android or Alpine package, but is a zip archive"),
        ("x.asc", b"MZ" + bytes(80), "claims by its name to be a side file, but is a Windows program"),
        ("x.jar", b"PK\x03\x04", "x.jar is a zip archive by its content, but its name does not end as one"),
        ("data.bin.txt", b"hello", "data.bin.txt is text, which repogen does not publish"),
        ("Tool.class", b"\xca\xfe\xba\xbe\0\0\0\x37" + bytes(20), "of unknown content"),
    ],
)
def test_a_name_that_the_content_belies_is_refused(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as error:
        identify(tmp_path / name)
    assert said in error.value.message
    assert name in error.value.message
    assert error.value.hint


def test_a_disk_image_that_was_cut_is_none(tmp_path: Path) -> None:
    whole = make_dmg(tmp_path / "x.dmg")
    whole.write_bytes(whole.read_bytes()[:-100])
    with pytest.raises(InputError, match=r"trailer is missing|claims by its name"):
        dmg.read(whole, digest_file(whole)) if identify(whole) is Kind.DMG else None


def test_a_disk_image_of_unknown_content_is_taken_by_its_name_with_a_doubt(tmp_path: Path) -> None:
    (tmp_path / "x.dmg").write_bytes(bytes(range(256)) * 16)
    assert identify(tmp_path / "x.dmg") is Kind.DMG
    assert "neither the trailer" in dmg.read(tmp_path / "x.dmg", digest_file(tmp_path / "x.dmg")).doubt


def test_a_program_for_dos_is_taken_with_a_doubt(tmp_path: Path) -> None:
    (tmp_path / "x.exe").write_bytes(b"MZ" + bytes(500))
    assert "no PE header" in exe.read(tmp_path / "x.exe", digest_file(tmp_path / "x.exe")).doubt


def test_a_dll_is_a_windows_program_by_content_alone(tmp_path: Path) -> None:
    (tmp_path / "x.dll").write_bytes(pe(dll=True))
    with pytest.raises(InputError, match="does not end as one"):
        identify(tmp_path / "x.dll")
