"""Four kinds of release, file by file, with small contents of the right kind."""

from __future__ import annotations

from pathlib import Path

from tests.support.electron import update_manifest
from tests.support.installers import make_appimage, make_dmg, make_msi, make_nsis
from tests.support.packages import make_deb, make_rpm, make_tar, make_zip
from tests.support.programs import elf, mach_o, pe, universal

SCRIPT = "#!/bin/sh\necho hello\n"


def audio_application(folder: Path, version: str = "1.0.0") -> Path:
    make_msi(folder / f"QUIET-{version}-Windows.msi", "QUIET", version.partition("-")[0])
    make_dmg(folder / f"QUIET-{version}-macOS.dmg", "QUIET.app")
    make_appimage(folder / f"QUIET-{version}-Linux.AppImage")
    make_deb(folder, "quiet", version.replace("-", "~"), description="plays nothing")
    return folder


def go_program(folder: Path, version: str = "1.4.0") -> Path:
    make_deb(folder, "taskguard", version)
    make_rpm(folder, "taskguard", version)
    for system, content in (("Linux", elf), ("Darwin", mach_o)):
        for word, arch in (("x86_64", "amd64"), ("arm64", "arm64")):
            make_tar(folder / f"taskguard_{version}_{system}_{word}.tar.gz", {"taskguard": content(arch), "LICENSE": "MIT"}, ("taskguard",))
    make_zip(folder / f"taskguard_{version}_Windows_x86_64.zip", {"taskguard.exe": pe("amd64")})
    return folder


def electron_application(folder: Path, version: str = "0.2.0") -> Path:
    make_nsis(folder / f"WebRTC Desktop Host Setup {version}.exe", "WebRTC Desktop Host", version)
    (folder / f"WebRTC Desktop Host Setup {version}.exe.blockmap").write_bytes(b"\x1f\x8b\x08\x00block map")
    make_nsis(folder / f"WebRTC Desktop Host {version}.exe", "WebRTC Desktop Host", version)
    make_dmg(folder / f"WebRTC Desktop Host-{version}-arm64.dmg", "WebRTC Desktop Host.app")
    bundle = "WebRTC Desktop Host.app/Contents"
    make_zip(folder / f"WebRTC Desktop Host-{version}-mac.zip", {f"{bundle}/MacOS/WebRTC Desktop Host": mach_o("amd64"), f"{bundle}/Info.plist": "x"})
    make_appimage(folder / f"WebRTC Desktop Host-{version}.AppImage")
    make_deb(folder, "webrtc-desktop-host", version, description="shares a desktop")
    update_manifest(folder / "latest.yml", version, folder / f"WebRTC Desktop Host Setup {version}.exe")
    update_manifest(folder / "latest-linux.yml", version, folder / f"WebRTC Desktop Host-{version}.AppImage")
    return folder


def rust_program(folder: Path, version: str = "0.3.1") -> Path:
    inside = f"pane-v{version}"
    for triple, content in (
        ("x86_64-unknown-linux-gnu", elf("amd64", "/lib64/ld-linux-x86-64.so.2")),
        ("x86_64-unknown-linux-musl", elf("amd64")),
        ("aarch64-unknown-linux-musl", elf("arm64")),
        ("aarch64-apple-darwin", mach_o("arm64")),
        ("universal-apple-darwin", universal("amd64", "arm64")),
    ):
        make_tar(folder / f"pane-v{version}-{triple}.tar.gz", {f"{inside}/pane": content, f"{inside}/doc/pane.1": ".TH pane"}, (f"{inside}/pane",))
    make_zip(folder / f"pane-v{version}-x86_64-pc-windows-msvc.zip", {f"{inside}/pane.exe": pe("amd64")})
    return folder
