from __future__ import annotations

from pathlib import Path

import pytest
from debian.deb822 import Sources

from repogen.artifact import Kind, SourceFacts
from repogen.errors import InputError
from repogen.readers import Reading
from repogen.readers.dsc import read
from repogen.readers.identify import identify
from repogen.scanning.digests import digest_file
from tests.support.clients import require, run
from tests.support.keys import secret_key
from tests.support.sources import make_source

SHA = "0" * 64
DSC = f"Format: 1.0\nSource: x\nVersion: 1\nChecksums-Sha256:\n {SHA} 5 x_1.tar.gz\nFiles:\n {'0' * 32} 5 x_1.tar.gz\n"


def facts_of(path: Path) -> SourceFacts:
    assert identify(path) is Kind.DSC
    reading: Reading = read(path, digest_file(path))
    assert isinstance(reading.facts, SourceFacts)
    return reading.facts


@pytest.mark.parametrize(("version", "form"), [("1.0.0-1", "3.0 (quilt)"), ("2:1.0~rc1+git5-1", "1.0"), ("1.0.0", "3.0 (native)")])
def test_the_stanza_is_apt_ftparchives(tmp_path: Path, version: str, form: str) -> None:
    require("apt-ftparchive")
    dsc = make_source(tmp_path, version=version, form=form)[0]
    theirs = dict(Sources(run("apt-ftparchive", "sources", ".", cwd=tmp_path).stdout))
    theirs.pop("Checksums-Sha512")
    assert dict(Sources(facts_of(dsc).stanza.decode())) == theirs


def test_its_files(tmp_path: Path) -> None:
    dsc, *others = make_source(tmp_path)
    digests = {path.name: digest_file(path) for path in others}
    assert {(file.name, file.size, file.sha256) for file in facts_of(dsc).files} == {(name, d.size, d.sha256) for name, d in digests.items()}


def signed(folder: Path, text: str) -> bytes:
    require("gpg")
    home = folder / "gpg"
    home.mkdir(mode=0o700)
    run("gpg", "--homedir", home, "--batch", "--import", stdin=secret_key("ed25519").encode())
    return run("gpg", "--homedir", home, "--batch", "--clear-sign", stdin=text.encode()).stdout.encode()


def test_a_signed_one_says_the_same(tmp_path: Path) -> None:
    text = DSC.replace("Version: 1\n", "Version: 1\nBinary: x,\n y\n")
    plain, with_signature = tmp_path / "plain.dsc", tmp_path / "signed.dsc"
    plain.write_text(text)
    with_signature.write_bytes(signed(tmp_path, text))
    assert facts_of(with_signature).files == facts_of(plain).files
    assert f" {digest_file(with_signature).sha256} {with_signature.stat().st_size} x_1.dsc\n".encode() in facts_of(with_signature).stanza


def test_what_stands_outside_of_the_signature_is_refused(tmp_path: Path) -> None:
    message = signed(tmp_path, DSC)
    for number, wrong in enumerate(
        (message + b"Source: y\n", b"Source: y\n" + message, message + message, message[:-40], message.replace(b"\n\nFormat", b"\nFormat"))
    ):
        path = tmp_path / f"{number}.dsc"
        path.write_bytes(wrong)
        with pytest.raises(InputError, match=r"clear-signed|paragraph|field"):
            read(path, digest_file(path))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Source: x\n", "", "no Source"),
        ("Source: x", "Source: ../x", "Source '../x'"),
        ("Version: 1", "Version: one", "Version 'one'"),
        ("Version: 1", "Version: 1\nversion: 2", "twice"),
        ("Version: 1\n", "Version: 1\n\nPackage: openssl\n", "blank line"),
        (f" {SHA} 5 x_1.tar.gz", f" {SHA} 5 ../x_1.tar.gz", "names no file"),
        (f" {SHA} 5 x_1.tar.gz", f" {SHA} 6 x_1.tar.gz", "other files in one of its lists"),
        (f" {SHA} 5 x_1.tar.gz", " abc 5 x_1.tar.gz", "names no file"),
        (f"Checksums-Sha256:\n {SHA} 5 x_1.tar.gz\n", "", "SHA-256"),
    ],
)
def test_what_dpkg_source_or_apt_would_not_take(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "x_1.dsc"
    path.write_text(DSC.replace(old, new))
    with pytest.raises(InputError, match=said):
        read(path, digest_file(path))


def test_a_page_of_html_is_no_dsc(tmp_path: Path) -> None:
    path = tmp_path / "x_1.dsc"
    path.write_text("<!doctype html><p>Not found\n")
    with pytest.raises(InputError, match=r"x_1\.dsc has a line that is no field"):
        read(path, digest_file(path))
