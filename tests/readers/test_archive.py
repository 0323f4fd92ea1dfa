from __future__ import annotations

import gzip
import io
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from repogen.artifact import Kind
from repogen.errors import InputError
from repogen.programs import programs
from repogen.readers import Reading, archive
from repogen.scanning.digests import digest_file
from tests.support.clients import require
from tests.support.packages import make_tar, make_zip
from tests.support.programs import elf, mach_o, pe, universal

SCRIPT = "#!/bin/sh\necho hello\n"


def read(path: Path) -> Reading:
    return archive.read(path, digest_file(path))


@pytest.mark.parametrize("ending", ["tar.gz", "tar.xz", "tar.zst", "tgz", "tar", "zip"])
def test_members_executables_and_top_folder(tmp_path: Path, ending: str) -> None:
    members = {"x-1.0/x": SCRIPT, "x-1.0/README": "read me", "x-1.0/doc/x.1": ".TH x"}
    make = make_zip if ending == "zip" else make_tar
    reading = read(make(tmp_path / f"x.{ending}", members, executables=("x-1.0/x",)))
    assert reading.kind is (Kind.ZIP if ending == "zip" else Kind.TAR)
    assert reading.facts.members == ("x-1.0/README", "x-1.0/doc/x.1", "x-1.0/x")
    assert reading.facts.executables == ("x-1.0/x",)
    assert reading.facts.top == "x-1.0"
    assert (reading.os, reading.arch) == ("any", "any")


@pytest.mark.parametrize(
    ("member", "content", "os", "arch", "libc"),
    [
        ("x", elf("amd64", "/lib64/ld-linux-x86-64.so.2"), "linux", "amd64", "gnu"),
        ("x", elf("arm64", "/lib/ld-musl-aarch64.so.1"), "linux", "arm64", "musl"),
        ("x", elf("riscv64"), "linux", "riscv64", ""),
        ("x", mach_o("arm64"), "macos", "arm64", ""),
        ("x", universal("amd64", "arm64"), "macos", "universal", ""),
        ("x.exe", pe("amd64"), "windows", "amd64", ""),
        ("x.exe", pe("i386"), "windows", "i386", ""),
    ],
)
def test_the_programs_inside_say_the_platform(tmp_path: Path, member: str, content: bytes, os: str, arch: str, libc: str) -> None:
    for path in (make_tar(tmp_path / "x.tar.gz", {member: content, "run.sh": SCRIPT}), make_zip(tmp_path / "x.zip", {member: content})):
        reading = read(path)
        assert (reading.os, reading.arch, reading.libc) == (os, arch, libc)
        assert reading.facts.executables == (member,)
        assert reading.facts.top == ""


def test_a_real_program_of_this_machine(tmp_path: Path) -> None:
    reading = read(make_tar(tmp_path / "x.tar.gz", {"bin/true": Path("/bin/true").read_bytes()}))
    assert (reading.os, reading.libc) == ("linux", "gnu")
    assert reading.arch


def test_programs_that_disagree_say_nothing(tmp_path: Path) -> None:
    reading = read(make_tar(tmp_path / "x.tar.gz", {"a": elf("amd64"), "b": elf("arm64")}))
    assert (reading.os, reading.arch) == ("linux", "")


def test_libraries_are_no_executables(tmp_path: Path) -> None:
    reading = read(make_zip(tmp_path / "x.zip", {"x.exe": pe("amd64"), "x.dll": pe("i386", dll=True), "lib/x.so.1": elf("arm64")}))
    assert reading.facts.executables == ("x.exe",)
    assert (reading.os, reading.arch) == ("windows", "amd64")


def test_an_application_bundle_makes_it_an_archive_for_macos(tmp_path: Path) -> None:
    reading = read(
        make_zip(tmp_path / "x.zip", {"Quiet.app/Contents/MacOS/Quiet": SCRIPT, "Quiet.app/Contents/Info.plist": "x"}, ("Quiet.app/Contents/MacOS/Quiet",))
    )
    assert reading.facts.bundles == ("Quiet.app",)
    assert reading.title == "Quiet"
    assert read(make_tar(tmp_path / "x.tar.gz", {"Quiet.app/Contents/MacOS/Quiet": mach_o("arm64")})).os == "macos"


def test_data_alone_says_nothing(tmp_path: Path) -> None:
    reading = read(make_tar(tmp_path / "x.tar.gz", {"x/main.c": "int main;"}))
    assert (reading.os, reading.arch, reading.facts.executables) == ("", "", ())


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "a/../../evil", "C:/evil", "./../evil"])
def test_names_that_leave_the_folder_are_refused(tmp_path: Path, name: str) -> None:
    for path in (make_tar(tmp_path / "x.tar.gz", {name: "x"}), make_zip(tmp_path / "x.zip", {name: "x"})):
        with pytest.raises(InputError, match="holds the unsafe name"):
            read(path)


def test_backslashes_of_windows_are_separators(tmp_path: Path) -> None:
    assert read(make_zip(tmp_path / "x.zip", {"x\\y.txt": "x"})).facts.members == ("x/y.txt",)
    with pytest.raises(InputError, match="unsafe name"):
        read(make_zip(tmp_path / "y.zip", {"..\\evil": "x"}))


def test_nothing_lies_below_a_link(tmp_path: Path) -> None:
    path = tmp_path / "x.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        link = tarfile.TarInfo("out")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc"
        tar.addfile(link)
        info = tarfile.TarInfo("out/passwd")
        tar.addfile(info, io.BytesIO())
    with pytest.raises(InputError, match="unsafe name 'out/passwd'"):
        read(path)


@pytest.mark.parametrize("format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names_in_every_tar_format(tmp_path: Path, format: int) -> None:
    name = "/".join(["folder" * 6] * 5) + "/été.txt"
    path = tmp_path / "x.tar"
    with tarfile.open(path, "w", format=format) as tar:
        info = tarfile.TarInfo(name)
        info.size = 3
        tar.addfile(info, io.BytesIO(b"abc"))
    assert read(path).facts.members == (name,)


@pytest.mark.parametrize("tar", ["tar", "bsdtar"])
def test_archives_of_the_real_tools(tmp_path: Path, tar: str) -> None:
    folder = tmp_path / "x-1"
    folder.mkdir()
    (folder / "x").write_text(SCRIPT)
    (folder / "x").chmod(0o755)
    (folder / "y").symlink_to("x")
    (folder / "z").hardlink_to(folder / "x")
    subprocess.run([tar, "-cJf", tmp_path / "x.tar.xz", "-C", tmp_path, "x-1"], check=True)
    facts = read(tmp_path / "x.tar.xz").facts
    assert facts.members == facts.executables == ("x-1/x", "x-1/y", "x-1/z")
    assert facts.links == ("x-1/y",)


@pytest.mark.parametrize("ending", ["tar.gz", "zip"])
def test_links_that_lead_to_a_program_are_programs(tmp_path: Path, ending: str) -> None:
    """As in the archives of Node.js. A link that leaves the archive, goes round or leads to data is none."""
    require("zip")
    files = {"bin/node": elf(), "lib/npm/bin/npm.js": SCRIPT, "lib/npm/README": "read me"}
    links = {
        "bin/npm": "../lib/npm/bin/npm.js", "bin/npx": "npm", "bin/shell": "/bin/sh", "bin/out": "../../../n-1/bin/node", "bin/round": "round",
        "bin/gone": "../lib/gone", "bin/readme": "../lib/npm/README", "current": "lib/npm", "bin/by-folder": "../current/../npm/./bin/npm.js",
    }  # fmt: skip
    for name, content in files.items():
        file = tmp_path / "n-1" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        file.chmod(0o644 if name.endswith("README") else 0o755)
    for name, target in links.items():
        (tmp_path / "n-1" / name).symlink_to(target)
    path = tmp_path / f"n-1.{ending}"
    subprocess.run(["zip", "-qry", path, "n-1"] if ending == "zip" else ["tar", "-czf", path, "n-1"], cwd=tmp_path, check=True)
    facts = read(path).facts
    assert facts.links == ("n-1/bin/by-folder", "n-1/bin/npm", "n-1/bin/npx")
    assert programs(facts) == ("bin/by-folder", "bin/node", "bin/npm", "bin/npx")


def test_nothing_lies_below_a_hard_link_to_a_link(tmp_path: Path) -> None:
    path = tmp_path / "x.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for name, type, target in (("out", tarfile.SYMTYPE, "/etc"), ("same", tarfile.LNKTYPE, "out")):
            link = tarfile.TarInfo(name)
            link.type, link.linkname = type, target
            tar.addfile(link)
        tar.addfile(tarfile.TarInfo("same/passwd"), io.BytesIO())
    with pytest.raises(InputError, match="unsafe name 'same/passwd'"):
        read(path)


@pytest.mark.parametrize("ending", ["tar.gz", "tar.xz", "tar.zst", "tar", "zip"])
@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_a_cut_archive_is_damaged(tmp_path: Path, ending: str, part: float) -> None:
    make = make_zip if ending == "zip" else make_tar
    path = make(tmp_path / f"x.{ending}", {f"x/{n}": bytes(range(256)) * n for n in range(40)})
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * part)])
    with pytest.raises(InputError, match=f"x.{ending} is damaged"):
        read(path)


@pytest.mark.parametrize("ending", ["tar.gz", "tar.xz", "tar.zst", "zip"])
def test_a_flipped_bit_is_found(tmp_path: Path, ending: str) -> None:
    make = make_zip if ending == "zip" else make_tar
    path = make(tmp_path / f"x.{ending}", {"x/x": bytes(n * n % 251 for n in range(9000))})
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x10
    path.write_bytes(data)
    with pytest.raises(InputError, match="is damaged"):
        read(path)


def test_a_header_that_claims_a_huge_name_costs_no_memory(tmp_path: Path) -> None:
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, 7 << 30
    path = tmp_path / "x.tar.gz"
    path.write_bytes(gzip.compress(info.tobuf() + bytes(4096)))
    with pytest.raises(InputError, match="claims more than 1 MiB for a name"):
        read(path)


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "x.zip", {"x": "hello"})
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"x\.zip is encrypted"):
        read(path)


def test_an_empty_zip_has_no_members(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w"):
        pass
    assert read(tmp_path / "x.zip").facts.members == ()
