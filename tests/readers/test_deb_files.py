"""The files that a package installs, as apt-ftparchive finds them."""

from __future__ import annotations

import gzip
import os
import re
import tarfile
from pathlib import Path

import pytest

from repogen.errors import InputError
from repogen.readers.deb_files import installed_files
from tests.support.clients import require, run
from tests.support.debs import PACK, ar_member, control, entry, raw_deb, tar
from tests.support.packages import make_deb

FILES = (("./usr/bin/hello", b"#!/bin/sh\n"), ("./usr/share/a b/caf\u00e9", b"x" * 5000), (f"./usr/{'long/' * 40}name", b""), ("/etc/hello.conf", b""))


def package(path: Path, suffix: str, *members: tuple[str | tarfile.TarInfo, bytes], format: int = tarfile.GNU_FORMAT) -> Path:
    path.write_bytes(raw_deb(control(), data=ar_member(f"data.tar{suffix}", PACK[suffix](tar(*members, format=format)))))
    return path


def listed(path: Path) -> list[bytes]:
    return installed_files(path, path.stat().st_size).splitlines()


@pytest.mark.parametrize("suffix", PACK)
@pytest.mark.parametrize("format", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_compression(tmp_path: Path, suffix: str, format: int) -> None:
    names = [b"etc/hello.conf", b"usr/bin/hello", b"usr/" + b"long/" * 40 + b"name", "usr/share/a b/caf\u00e9".encode()]
    assert listed(package(tmp_path / "x.deb", suffix, *FILES, format=format)) == names


def test_links_count_and_folders_do_not(tmp_path: Path) -> None:
    members = ((entry("./usr/", tarfile.DIRTYPE), b""), (entry("./usr/link", tarfile.SYMTYPE, "x"), b""), (entry("./usr/pipe", tarfile.FIFOTYPE), b""))
    assert listed(package(tmp_path / "x.deb", ".xz", *members)) == [b"usr/link", b"usr/pipe"]


def test_a_name_with_a_line_break_is_left_out(tmp_path: Path) -> None:
    assert listed(package(tmp_path / "x.deb", "", ("./a\nusr/bin/sudo  admin/sudo", b""), ("./b", b""))) == [b"b"]


def test_damage_names_the_file(tmp_path: Path) -> None:
    broken = gzip.compress(tar(*FILES))[:-20]
    path = tmp_path / "x.deb"
    path.write_bytes(raw_deb(control(), data=ar_member("data.tar.gz", broken)))
    with pytest.raises(InputError, match=r"^x\.deb is damaged: its data\.tar cannot be unpacked"):
        listed(path)


def test_as_apt_ftparchive_finds_them(tmp_path: Path) -> None:
    require("apt-ftparchive", "dpkg-deb")
    root = tmp_path / "root"
    for name in ("usr/bin/tool", "usr/share/doc/a b/x  y", "opt/\u00fc", "etc/" + "deep/" * 30 + "file"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    (root / "usr/bin/other").symlink_to("tool")
    os.link(root / "usr/bin/tool", root / "usr/bin/same")
    (root / "DEBIAN").mkdir()
    (root / "DEBIAN/control").write_bytes(control())
    run("dpkg-deb", "--build", root, tmp_path / "tool.deb")
    make_deb(tmp_path, "hello", compression="zstd")
    (tmp_path / "root/DEBIAN/control").unlink()
    theirs = {line.encode() for line in run("apt-ftparchive", "contents", tmp_path).stdout.splitlines()}
    ours = {name for path in tmp_path.glob("*.deb") for name in listed(path)}
    assert {re.fullmatch(rb"(.*?)[ \t]+\S+", line)[1] for line in theirs} == ours
