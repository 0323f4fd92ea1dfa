from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from repogen.errors import InputError
from repogen.scanning.input_files import find_files
from repogen.scanning.scan import scan
from repogen.scanning.sums import parse_sums

CONTENT = b"#!/bin/sh\necho hello\n"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def test_the_forms_of_a_line() -> None:
    text = f"{SHA256}  a.zip\n{SHA256.upper()} *dist/b.zip\nSHA256 (c.zip) = {SHA256}\nSHA2-256(d.zip)= {SHA256}\n# a remark\n{SHA256}  with two words.zip\n"
    assert list(parse_sums(text, "SHA256SUMS")) == [(name, SHA256) for name in ("a.zip", "b.zip", "c.zip", "d.zip", "with two words.zip")]
    assert list(parse_sums(SHA256 + "\n", "x.tar.gz.sha256")) == [("x.tar.gz", SHA256)]


def release(tmp_path: Path, name: str, text: str) -> Path:
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist/quiet").write_bytes(CONTENT)
    (tmp_path / "dist" / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256", "sha512"])
@pytest.mark.parametrize("sha512", [True, False])
def test_a_right_list_passes_and_a_wrong_one_is_an_error(tmp_path: Path, algorithm: str, sha512: bool) -> None:
    digest = hashlib.new(algorithm, CONTENT).hexdigest()
    base = release(tmp_path, "checksums.txt", f"{digest}  quiet\n{digest}  another-file\n")
    assert len(scan(find_files(["dist"], base), sha512=sha512)) == 2
    (base / "dist/checksums.txt").write_text(f"{digest[::-1]}  quiet\n")
    with pytest.raises(InputError, match=rf"quiet is not the file that checksums\.txt describes: its {algorithm.upper()} digest differs"):
        scan(find_files(["dist"], base), sha512=sha512)


def test_a_lone_digest(tmp_path: Path) -> None:
    base = release(tmp_path, "quiet.sha256", SHA256)
    assert len(scan(find_files(["dist"], base))) == 2
    (base / "dist/quiet.sha256").write_text(SHA256[::-1])
    with pytest.raises(InputError, match="quiet is not the file"):
        scan(find_files(["dist"], base))


def test_a_list_without_a_digest_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds none"):
        scan(find_files(["dist"], release(tmp_path, "SHA256SUMS", "hello\n")))


def test_a_list_speaks_of_the_files_in_its_own_folder(tmp_path: Path) -> None:
    base = release(tmp_path, "SHA256SUMS", f"{SHA256}  quiet\n")
    (base / "dist/other").mkdir()
    (base / "dist/other/quiet").write_bytes(b"#!/bin/sh\nanother\n")
    assert len(scan(find_files(["dist"], base))) == 3
