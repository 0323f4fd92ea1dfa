from __future__ import annotations

from importlib import import_module
from pathlib import Path
from secrets import token_hex

import pytest

from repogen.artifact import Kind
from repogen.errors import InputError
from repogen.readers import READERS, Reading
from repogen.readers.identify import identify
from repogen.scanning.digests import digest_file
from tests.support.installers import make_dmg, make_msi, make_nsis, make_pkg, make_volume, udif
from tests.support.programs import mach_o, pe, universal, version_resource

DISTRIBUTION = """<?xml version="1.0" encoding="utf-8"?>
<installer-gui-script minSpecVersion="2">
  <title>Quiet Audio</title>
  <options customize="never" hostArchitectures="x86_64,arm64"/>
  <product id="example.acme.quiet" version="1.2.0"/>
  <pkg-ref id="example.acme.quiet.app" version="1.2.0">#quiet.pkg</pkg-ref>
</installer-gui-script>
"""
INFO = '<pkg-info identifier="{}" version="{}" install-location="/Applications"/>'


def read(path: Path) -> Reading:
    kind = identify(path)
    reading: Reading = import_module(f"repogen.readers.{READERS[kind]}").read(path, digest_file(path))
    assert reading.kind is kind
    return reading


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_nsis_says_product_and_version_but_no_architecture(tmp_path: Path) -> None:
    reading = read(make_nsis(tmp_path / "Quiet Setup 1.2.0.exe", "Quiet Audio", "1.2.0"))
    assert reading.facts.technology == "nsis"
    assert (reading.product, reading.version, reading.os, reading.arch) == ("Quiet Audio", "1.2.0", "windows", "")


@pytest.mark.parametrize("arch", ["amd64", "arm64", "i386"])
def test_a_plain_program_says_its_architecture(tmp_path: Path, arch: str) -> None:
    reading = read(write(tmp_path / "quiet.exe", pe(arch)))
    assert (reading.facts.technology, reading.arch) == ("portable", arch)


def test_bytecode_of_dotnet_runs_on_any_architecture(tmp_path: Path) -> None:
    assert read(write(tmp_path / "quiet.exe", pe("i386", dotnet=True))).arch == ""


@pytest.mark.parametrize(
    ("name", "sections", "technology"),
    [
        ("q.exe", ((b".text", b"x JR.Inno.Setup x"),), "inno"),
        ("q.exe", ((b".text", b"x"), (b".wixburn", b"x" * 16)), "wix-burn"),
        ("quiet-setup.exe", ((b".text", b"x"),), ""),
        ("QuietSetup.exe", ((b".text", b"x"),), ""),
        ("quiet-portable.exe", ((b".text", b"Nullsoft.NSIS.exehead"),), "portable"),
    ],
)
def test_installers_by_the_marks_of_their_makers(tmp_path: Path, name: str, sections: tuple[tuple[bytes, bytes], ...], technology: str) -> None:
    reading = read(write(tmp_path / name, pe("i386", sections=sections)))
    assert (reading.facts.technology, reading.arch) == (technology, "")


def test_strings_of_a_version_resource(tmp_path: Path) -> None:
    rsrc = b"\0" * 32 + version_resource(CompanyName="Acme", ProductName="Quiet  Audio", ProductVersion="1, 2, 3, 0")
    reading = read(write(tmp_path / "q.exe", pe(sections=((b".rsrc", rsrc),))))
    assert (reading.product, reading.version) == ("Quiet Audio", "1.2.3")


@pytest.mark.parametrize("keep", [20, 64, 100, 300])
def test_a_cut_program_is_damaged(tmp_path: Path, keep: int) -> None:
    path = write(tmp_path / "q.exe", pe(sections=((b".text", b"x" * 500),))[:keep])
    with pytest.raises(InputError, match=r"q\.exe is damaged"):
        read(path)


def test_a_cut_nsis_installer_is_damaged(tmp_path: Path) -> None:
    path = make_nsis(tmp_path / "q.exe")
    path.write_bytes(path.read_bytes()[:20000])
    with pytest.raises(InputError, match=r"q\.exe is damaged"):
        read(path)


@pytest.mark.parametrize(("wixl", "arch"), [("x64", "amd64"), ("x86", "i386")])
def test_msi_says_name_version_code_and_architecture(tmp_path: Path, wixl: str, arch: str) -> None:
    reading = read(make_msi(tmp_path / "q.msi", "Quiet Äudio", "1.2.0", wixl))
    assert reading.facts.product_code == "{74A27351-55AA-5BCC-81D5-153C2CF64AAD}"
    assert (reading.product, reading.version, reading.os, reading.arch) == ("Quiet Äudio", "1.2.0", "windows", arch)


def test_the_fourth_number_of_windows_is_no_part_of_a_release(tmp_path: Path) -> None:
    reading = read(make_msi(tmp_path / "q.msi", version="1.2.0.0"))
    assert (reading.version, reading.facts.product_version) == ("1.2.0", "1.2.0.0")


def test_what_the_summary_of_an_msi_claims_is_not_believed(tmp_path: Path) -> None:
    """A list of four thousand million of a type that nobody knows, in place of the Template."""
    path = make_msi(tmp_path / "q.msi")
    content = path.read_bytes()
    at = content.index(b"x64;1033") - 8
    assert content[at : at + 4] == b"\x1e\0\0\0"
    path.write_bytes(content[:at] + b"\x0f\x10\0\0\xff\xff\xff\xff" + content[at + 8 :])
    with pytest.raises(InputError, match=r"q\.msi is damaged"):
        read(path)
    path.write_bytes(content[: at + 4] + b"\xff\xff\xff\xff" + content[at + 8 :])
    assert read(path).arch == "amd64"


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_cut_msi_is_damaged(tmp_path: Path, part: float) -> None:
    path = make_msi(tmp_path / "q.msi")
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * part)])
    with pytest.raises(InputError, match=r"q\.msi is damaged"):
        read(path)


@pytest.mark.parametrize("hfs", [False, True], ids=["iso", "hfs"])
def test_the_application_in_a_disk_image(tmp_path: Path, hfs: bool) -> None:
    reading = read(make_dmg(tmp_path / "q.dmg", "Quiet Audio.app", hfs=hfs))
    assert reading.facts.bundle == "Quiet Audio.app"
    assert (reading.title, reading.os, reading.arch) == ("Quiet Audio", "macos", "")


@pytest.mark.parametrize(
    ("program", "helper", "arch"),
    [
        (mach_o("arm64"), b"", "arm64"),
        (mach_o("amd64"), mach_o("amd64"), "amd64"),
        (universal("amd64", "arm64"), b"#!/bin/sh\n", "universal"),
        (mach_o("arm64"), mach_o("amd64"), ""),
        (mach_o("arm64"), mach_o("amd64", type=6), "arm64"),
        (b"#!/bin/sh\n", b"", ""),
    ],
    ids=["arm64", "amd64", "universal", "different", "library", "script"],
)
@pytest.mark.parametrize("packed", [True, False], ids=["udif", "raw"])
def test_the_programs_of_an_application_in_a_disk_image_say_its_architecture(tmp_path: Path, program: bytes, helper: bytes, arch: str, packed: bool) -> None:
    make = make_dmg if packed else make_volume
    assert read(make(tmp_path / "q.dmg", hfs=True, program=program, more={"Quiet.app/Contents/MacOS/helper": helper})).arch == arch


def test_an_application_of_many_files_in_a_disk_image(tmp_path: Path) -> None:
    """Its folders are some levels below the top of the volume's catalog."""
    more = {f"{folder}/{n}": b"x" for folder in ("Quiet.app/Contents/Frameworks/a", "Quiet.app/Contents/Resources/z", ".background") for n in range(900)}
    reading = read(make_dmg(tmp_path / "q.dmg", hfs=True, program=mach_o("arm64"), more=more))
    assert (reading.facts.bundle, reading.arch) == ("Quiet.app", "arm64")


def test_a_disk_image_whose_blocks_have_an_impossible_size(tmp_path: Path) -> None:
    path = make_volume(tmp_path / "q.dmg", hfs=True)
    data = bytearray(path.read_bytes())
    header = data.index(b"H+\0\4")
    data[header + 40 : header + 44] = data[header + 288 : header + 292] = b"\xff" * 4
    assert read(write(path, bytes(data))).arch == ""


def test_a_raw_disk_image(tmp_path: Path) -> None:
    assert read(make_volume(tmp_path / "q.dmg", "Quiet.app")).facts.bundle == "Quiet.app"


def test_a_disk_image_of_an_unknown_volume_keeps_its_application_to_itself(tmp_path: Path) -> None:
    assert read(write(tmp_path / "q.dmg", udif(b"\0" * 32 + b"NXSB" + bytes(8192)))).facts.bundle == ""


@pytest.mark.parametrize(("at", "value"), [(32, 1 << 40), (216, 1 << 40), (224, 10)])
def test_a_broken_disk_image_is_damaged(tmp_path: Path, at: int, value: int) -> None:
    data = bytearray(make_dmg(tmp_path / "q.dmg").read_bytes())
    start = len(data) - 512 + at
    data[start : start + 8] = value.to_bytes(8, "big")
    (tmp_path / "q.dmg").write_bytes(data)
    with pytest.raises(InputError, match=r"q\.dmg is damaged"):
        read(tmp_path / "q.dmg")


def test_pkg_says_its_receipts_version_and_title(tmp_path: Path) -> None:
    reading = read(make_pkg(tmp_path / "q.pkg", {"Distribution": DISTRIBUTION, "quiet.pkg/PackageInfo": INFO.format("example.acme.quiet.app", "1.2.0")}))
    assert reading.facts.package_ids == ("example.acme.quiet.app",)
    assert (reading.title, reading.version, reading.os, reading.arch) == ("Quiet Audio", "1.2.0", "macos", "universal")


def test_a_component_package_is_one_document(tmp_path: Path) -> None:
    reading = read(make_pkg(tmp_path / "q.pkg", {"PackageInfo": INFO.format("example.acme.q", "0.9")}))
    assert (reading.facts.package_ids, reading.version, reading.arch) == (("example.acme.q",), "0.9", "")


@pytest.mark.parametrize("keep", [20, 60, -6000])
def test_a_cut_pkg_is_damaged(tmp_path: Path, keep: int) -> None:
    path = make_pkg(tmp_path / "q.pkg", {"PackageInfo": INFO.format("a", "1"), "Payload": token_hex(8192)})
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(InputError, match=r"q\.pkg is damaged"):
        read(path)


def test_a_pkg_that_declares_a_document_type_is_refused(tmp_path: Path) -> None:
    path = make_pkg(tmp_path / "q.pkg", {"PackageInfo": '<!DOCTYPE x [<!ENTITY a "b">]>' + INFO.format("a", "1")})
    with pytest.raises(InputError, match="declares a document type"):
        read(path)


def test_kinds_are_known(tmp_path: Path) -> None:
    assert set(READERS) == set(Kind) - {Kind.NUPKG}
