"""Indices of apt repositories, as the archives' own tools write them and as nobody should."""

from __future__ import annotations

from pathlib import Path

import pytest

from repogen.errors import InputError
from repogen.indices.apt import read_packages, read_release, read_sources
from repogen.indices.deb822 import fields, paragraphs, without
from tests.support.clients import require, run
from tests.support.packages import make_deb
from tests.support.sources import make_source

RELEASE = b"""Origin: Acme
Suite: stable
Date: Fri, 02 Jan 2026 12:00:00 UTC
MD5Sum:
 d41d8cd98f00b204e9800998ecf8427e        0 main/binary-amd64/Packages
SHA256:
 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855        0 main/binary-amd64/Packages
 bd9c5d5ac37d27dfb1cf4ee9ea7a1b1fe4ab4d1a1e4e0a2c1b4b7b9a0f2f0c11      120 main/binary-amd64/Packages.gz
 bd9c5d5ac37d27dfb1cf4ee9ea7a1b1fe4ab4d1a1e4e0a2c1b4b7b9a0f2f0c22       90 main/source/Sources.xz
 bd9c5d5ac37d27dfb1cf4ee9ea7a1b1fe4ab4d1a1e4e0a2c1b4b7b9a0f2f0c33       90 main/i18n/Translation-en
"""


def test_release() -> None:
    release = read_release(RELEASE.replace(b"\n", b"\r\n"), "Release")
    assert (release.fields["origin"], release.fields["suite"]) == ("Acme", "stable")
    assert list(release.indices()) == ["main/binary-amd64/Packages", "main/source/Sources"]
    assert [form.path for form in release.forms("main/binary-amd64/Packages")] == ["main/binary-amd64/Packages.gz", "main/binary-amd64/Packages"]
    assert release.files["main/binary-amd64/Packages"].strongest[0] == "sha256"


@pytest.mark.parametrize("text", [b"", b"<html>\n", b"Suite: stable\n", b"SHA256:\n nonsense 0 Packages\n"])
def test_what_is_no_release(text: bytes) -> None:
    with pytest.raises(InputError, match="dists/stable/Release"):
        read_release(text, "dists/stable/Release")


def test_stanzas_by_apt_ftparchive(tmp_path: Path) -> None:
    require("apt-ftparchive")
    deb = make_deb(tmp_path, version="1:1.0.0", extra="X-Odd: \xe4\n continued")
    make_source(tmp_path, "pane", "0.3.0-1")
    (package,) = read_packages(run("apt-ftparchive", "packages", ".", cwd=tmp_path).stdout.encode(), "Packages")
    assert [(file.path, file.size) for file in package.files] == [(deb.name, deb.stat().st_size)]
    assert fields(package.stanza)["x-odd"] == "ä\n continued".encode()
    (source,) = read_sources(run("apt-ftparchive", "sources", ".", cwd=tmp_path).stdout.encode(), "Sources")
    assert {file.path for file in source.files} == {path.name for path in tmp_path.glob("pane_*")}
    assert all((tmp_path / file.path).stat().st_size == file.size for file in source.files)


@pytest.mark.parametrize("stanza", [b"Package: hello\n", b"Package: hello\nFilename: x.deb\nSize: -1\nSHA256: 00\n", b"Package: hello\nFilename: x\nSize: 1\n"])
def test_a_stanza_that_names_no_file(stanza: bytes) -> None:
    with pytest.raises(InputError, match="hello"):
        list(read_packages(stanza, "Packages"))


def test_fields_are_left_out_whole() -> None:
    text = b"Package: a\nFilename: x\nDescription: one\n two\n .\n three\nSize: 3\n"
    assert without(text, {"filename", "size"}) == b"Package: a\nDescription: one\n two\n .\n three\n"
    assert list(paragraphs(b"\n\na: 1\n\n \n\nb: 2")) == [b"a: 1\n", b"b: 2\n"]
