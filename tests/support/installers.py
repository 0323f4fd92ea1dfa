"""Installers, images and bundles made by real packers, as far as Debian has one.

Windows: makensis, wixl. macOS: xorriso or genisoimage make the volume, and ``udif`` below wraps it as hdiutil would; bsdtar writes the xar of
a pkg, whose documents are ours, since pkgbuild runs on macOS alone. Linux: mksquashfs.
"""

from __future__ import annotations

import plistlib
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

from tests.support.clients import require, run
from tests.support.programs import elf

_SECTOR = 512


def make_nsis(path: Path, product: str = "Greet", version: str = "1.2.0") -> Path:
    """An NSIS installer with a version resource."""
    require("makensis")
    path.parent.mkdir(parents=True, exist_ok=True)
    script = path.with_name(f".{path.name}.nsi")
    script.write_text(
        f'Unicode true\nName "{product}"\nOutFile "{path}"\nRequestExecutionLevel user\nInstallDir "$TEMP"\nVIProductVersion "{version}.0"\n'
        f'VIAddVersionKey "ProductName" "{product}"\nVIAddVersionKey "ProductVersion" "{version}"\nVIAddVersionKey "FileVersion" "{version}"\n'
        f'VIAddVersionKey "FileDescription" "{product}"\nVIAddVersionKey "LegalCopyright" "Acme"\nSection\nSetOutPath $INSTDIR\nSectionEnd\n',
        encoding="utf-8",
    )
    run("makensis", "-V1", script)
    script.unlink()
    return path


def make_msi(path: Path, product: str = "Greet", version: str = "1.2.0", arch: str = "x64", code: str = "74A27351-55AA-5BCC-81D5-153C2CF64AAD") -> Path:
    """An MSI with one file. ``arch`` as wixl takes it: x64 or x86."""
    require("wixl")
    path.parent.mkdir(parents=True, exist_ok=True)
    work = path.with_name(f".{path.name}.work")
    work.mkdir()
    (work / "readme.txt").write_text("hello\n", encoding="utf-8")
    (work / "product.wxs").write_text(
        f"""<?xml version="1.0" encoding="utf-8"?>
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
  <Product Id="{code}" Name="{product}" Version="{version}" Manufacturer="Acme" Language="1033" UpgradeCode="0B7B0D44-7A4C-4D3E-9A5E-0A2C2D1E8F01">
    <Package InstallerVersion="200" Compressed="yes"/>
    <Media Id="1" Cabinet="a.cab" EmbedCab="yes"/>
    <Directory Id="TARGETDIR" Name="SourceDir"><Directory Id="ProgramFilesFolder"><Directory Id="INSTALLDIR" Name="Greet">
      <Component Id="C1" Guid="1D4A2C5E-1111-4222-8333-944455566677"><File Id="F1" Source="readme.txt" KeyPath="yes"/></Component>
    </Directory></Directory></Directory>
    <Feature Id="All" Level="1"><ComponentRef Id="C1"/></Feature>
  </Product>
</Wix>
""",
        encoding="utf-8",
    )
    run("wixl", "--arch", arch, "-o", path, "product.wxs", cwd=work)
    for file in work.iterdir():
        file.unlink()
    work.rmdir()
    return path


def make_volume(path: Path, bundle: str = "Quiet.app", *, hfs: bool = False, program: bytes = b"", more: Mapping[str, bytes] | None = None) -> Path:
    """A raw image with one application: HFS+ beside ISO 9660 (xorriso), or ISO 9660 with Rock Ridge alone (genisoimage). ``more`` files by their path."""
    require("xorriso" if hfs else "genisoimage")
    path.parent.mkdir(parents=True, exist_ok=True)
    work = path.with_name(f".{path.name}.volume")
    contents = work / bundle / "Contents"
    contents.mkdir(parents=True)
    (contents / "Info.plist").write_text("<plist/>", encoding="utf-8")
    (work / "Read me.txt").write_text("hello\n", encoding="utf-8")
    if program:
        (contents / "MacOS").mkdir()
        (contents / "MacOS" / bundle.removesuffix(".app")).write_bytes(program)
        (work / "Applications").symlink_to("/Applications")
    for name, content in (more or {}).items():
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_bytes(content)
    if hfs:
        run("xorriso", "-as", "mkisofs", "-quiet", "-V", "Quiet", "-R", "-hfsplus", "-o", path, work)
    else:
        run("genisoimage", "-quiet", "-V", "Quiet", "-R", "-o", path, work)
    run("rm", "-rf", work)
    return path


def udif(raw: bytes, *, start: int = 0) -> bytes:
    """A raw image as a zlib-packed UDIF. ``start``: its first sector on the disk."""
    raw += bytes(-len(raw) % _SECTOR)
    fork, rows = b"", b""
    for at in range(0, len(raw), 256 * _SECTOR):
        part = raw[at : at + 256 * _SECTOR]
        packed = zlib.compress(part)
        rows += struct.pack(">IIQQQQ", 0x80000005, 0, at // _SECTOR, len(part) // _SECTOR, len(fork), len(packed))
        fork += packed
    rows += struct.pack(">IIQQQQ", 0xFFFFFFFF, 0, len(raw) // _SECTOR, 0, len(fork), 0)
    mish = struct.pack(">4sIQQQII24x136x", b"mish", 1, start, len(raw) // _SECTOR, 0, 520, 0) + struct.pack(">I", len(rows) // 40) + rows
    plist = plistlib.dumps({"resource-fork": {"blkx": [{"Data": mish, "ID": "0", "Name": "disk", "CFName": "disk", "Attributes": "0x0050"}]}})
    trailer = bytearray(struct.pack(">4sIIIQQQ", b"koly", 4, 512, 1, 0, 0, len(fork)) + bytes(512 - 40))
    trailer[216:232] = struct.pack(">QQ", len(fork), len(plist))
    return fork + plist + bytes(trailer)


def make_dmg(path: Path, bundle: str = "Quiet.app", *, hfs: bool = False, program: bytes = b"", more: Mapping[str, bytes] | None = None) -> Path:
    """A disk image with one application; with ``program`` in it, and the link that people drag it to."""
    raw = make_volume(path.with_name(f".{path.name}.img"), bundle, hfs=hfs, program=program, more=more)
    path.write_bytes(udif(raw.read_bytes()))
    raw.unlink()
    return path


def make_pkg(path: Path, documents: dict[str, str]) -> Path:
    """A xar archive with these documents, such as ``Distribution`` or ``quiet.pkg/PackageInfo``."""
    require("bsdtar")
    path.parent.mkdir(parents=True, exist_ok=True)
    work = path.with_name(f".{path.name}.work")
    for name, text in documents.items():
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_text(text, encoding="utf-8")
    run("bsdtar", "--format", "xar", "-cf", path, "-C", work, *sorted({name.partition("/")[0] for name in documents}))
    run("rm", "-rf", work)
    return path


def make_snap(path: Path, name: str = "quiet", version: str = "1.0.0") -> Path:
    """A squashfs image with a snap's description in it."""
    require("mksquashfs")
    path.parent.mkdir(parents=True, exist_ok=True)
    work = path.with_name(f".{path.name}.work")
    (work / "meta").mkdir(parents=True)
    (work / "meta/snap.yaml").write_text(f"name: {name}\nversion: {version}\nsummary: quiet\n", encoding="utf-8")
    run("mksquashfs", work, path, "-quiet", "-no-progress", "-noappend", "-all-root")
    run("rm", "-rf", work)
    return path


def _informed(path: Path, text: str) -> bytes:
    """A real program with the mark of an AppImage and the section that holds update information, as appimagetool writes it."""
    require("objcopy")
    text_file = path.with_name(f"{path.name}.upd_info")
    text_file.write_bytes(text.encode().ljust(1024, b"\0"))
    run("objcopy", "--add-section", f".upd_info={text_file}", "/bin/true", path)
    program = bytearray(path.read_bytes())
    program[8:11] = b"AI\x02"
    for file in (text_file, path):
        file.unlink()
    return bytes(program)


def make_appimage(path: Path, arch: str = "amd64", update_information: str = "") -> Path:
    """An ELF with the mark of an AppImage and a squashfs image behind it."""
    image = make_snap(path.with_name(f".{path.name}.squashfs"))
    runtime = _informed(path.with_name(f".{path.name}.runtime"), update_information) if update_information else elf(arch, appimage=True)
    path.write_bytes(runtime + image.read_bytes())
    path.chmod(0o755)
    image.unlink()
    return path
