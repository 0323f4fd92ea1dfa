from __future__ import annotations

from pathlib import Path

import pytest

from repogen.readers.rpm import read
from repogen.scanning.digests import digest_file
from repogen.writers import PackageFile, rpm
from tests.support.clients import require, run

ABOUT = rpm.About(
    name="acme-release", version="2", release="1", summary="Keys é", description="Two\nlines.", url="https://acme.example", packager="Acme <a@acme.example>"
)
FILES = (
    PackageFile(path="/etc/yum.repos.d/acme.repo", content=b"[acme]\n", config=True),
    PackageFile(path="/etc/pki/rpm-gpg/RPM-GPG-KEY-acme", content=b"-----BEGIN\n"),
)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "acme-release.rpm"
    path.write_bytes(rpm.write(ABOUT, FILES, 1_767_225_600))
    return path


def query(package: Path, form: str) -> str:
    require("rpm")
    return run("rpm", "-qp", "--nosignature", "--qf", form, package, env={"TZ": "UTC"}).stdout


def test_rpm_finds_every_digest_right(package: Path) -> None:
    require("rpm")
    lines = run("rpm", "-Kv", "--nosignature", package).stdout.splitlines()[1:]
    assert len(lines) >= 4
    assert all(line.endswith(": OK") for line in lines), lines


def test_rpm_reads_what_was_written(package: Path) -> None:
    assert query(package, "%{nevra}|%{summary}|%{description}|%{url}|%{packager}|%{os}|%{license}") == (
        "acme-release-2-1.noarch|Keys é|Two\nlines.|https://acme.example|Acme <a@acme.example>|linux|(none)"
    )
    assert query(package, "[%{filenames} %{filemodes:perms} %{filesizes} %{fileflags:fflags} %{fileusername} %{filemtimes}\n]") == (
        "/etc/pki/rpm-gpg/RPM-GPG-KEY-acme -rw-r--r-- 11  root 1767225600\n/etc/yum.repos.d/acme.repo -rw-r--r-- 7 cn root 1767225600\n"
    )


def test_a_package_without_a_packager_says_none(tmp_path: Path) -> None:
    path = tmp_path / "x.rpm"
    path.write_bytes(rpm.write(rpm.About(name="x", version="1", release="1", summary="x", description="x", url="", packager=""), FILES, 0))
    assert query(path, "%{packager} %{url}") == "(none) (none)"


def test_its_files_unpack(package: Path, tmp_path: Path) -> None:
    require("rpm2cpio", "cpio")
    run("sh", "-c", f"rpm2cpio {package} | cpio -idm --quiet", cwd=tmp_path)
    assert {file.path: (tmp_path / file.path.lstrip("/")).read_bytes() for file in FILES} == {file.path: file.content for file in FILES}


def test_our_own_reader_takes_it(package: Path) -> None:
    reading = read(package, digest_file(package))
    assert (reading.product, reading.version, reading.arch) == ("acme-release", "2", "any")
