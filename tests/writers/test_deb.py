from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from repogen.readers.deb import read
from repogen.writers import PackageFile, deb
from tests.support.clients import require, run

CONTROL = "Package: keys\nVersion: 1\nArchitecture: all\nMaintainer: Acme <a@acme.example>\nDescription: keys\n"
FILES = (
    PackageFile(path="/usr/share/keyrings/keys.gpg", content=b"\x98\x33"),
    PackageFile(path="/etc/apt/sources.list.d/keys.sources", content=b"Types: deb\n", config=True),
)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "keys.deb"
    path.write_bytes(deb.write(CONTROL, {"preinst": "#!/bin/sh\nexit 0\n"}, FILES, 1_767_225_600))
    return path


def test_dpkg_reads_what_was_written(package: Path) -> None:
    require("dpkg-deb")
    assert run("dpkg-deb", "--field", package).stdout == CONTROL
    assert run("dpkg-deb", "--info", package, "conffiles").stdout == "/etc/apt/sources.list.d/keys.sources\n"
    assert run("dpkg-deb", "--info", package, "md5sums").stdout.split()[1:] == ["usr/share/keyrings/keys.gpg"]


def test_everything_is_roots_and_readable_by_all(package: Path) -> None:
    require("dpkg-deb")
    lines = [line.split() for line in run("dpkg-deb", "--contents", package, env={"TZ": "UTC"}).stdout.splitlines()]
    assert {tuple(line[1:2] + line[3:5]) for line in lines} == {("root/root", "2026-01-01", "00:00")}
    assert {(line[0], line[5]) for line in lines} == {
        ("drwxr-xr-x", "./"), ("drwxr-xr-x", "./etc/"), ("drwxr-xr-x", "./etc/apt/"), ("drwxr-xr-x", "./etc/apt/sources.list.d/"),
        ("drwxr-xr-x", "./usr/"), ("drwxr-xr-x", "./usr/share/"), ("drwxr-xr-x", "./usr/share/keyrings/"),
        ("-rw-r--r--", "./usr/share/keyrings/keys.gpg"), ("-rw-r--r--", "./etc/apt/sources.list.d/keys.sources"),
    }  # fmt: skip


def test_scripts_may_be_run(package: Path, tmp_path: Path) -> None:
    require("dpkg-deb")
    run("dpkg-deb", "--control", package, tmp_path / "control")
    assert subprocess.run([tmp_path / "control/preinst"], check=False).returncode == 0
    assert (tmp_path / "control/control").stat().st_mode & 0o777 == 0o644


def test_our_own_reader_takes_it(package: Path) -> None:
    from repogen.scanning.digests import digest_file

    reading = read(package, digest_file(package))
    assert (reading.product, reading.arch) == ("keys", "any")


def test_folders_and_started_kilobytes_count_as_installed() -> None:
    assert deb.installed_size(FILES) == 2 + 7
