"""Four kinds of release, file by file, with small contents of the right kind."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tests.support.dnf import ALONE
from tests.support.electron import block_map, embed_block_map, update_manifest
from tests.support.installers import make_appimage, make_dmg, make_msi, make_nsis
from tests.support.packages import make_deb, make_rpm, make_tar, make_zip
from tests.support.programs import mach_o, pe, universal
from tests.support.running import saying

SCRIPT = "#!/bin/sh\necho hello\n"
GNU = "/lib64/ld-linux-x86-64.so.2"
UNIT = "[Unit]\nDescription=Runs scheduled jobs\n\n[Service]\nExecStart=/usr/bin/taskguard serve\n\n[Install]\nWantedBy=multi-user.target\n"
UNIT_PATH = "lib/systemd/system/taskguard.service"


def audio_application(folder: Path, version: str = "1.0.0") -> Path:
    make_msi(folder / f"QUIET-{version}-Windows.msi", "QUIET", version.partition("-")[0])
    make_dmg(folder / f"QUIET-{version}-macOS.dmg", "QUIET.app", program=universal("amd64", "arm64"))
    make_appimage(folder / f"QUIET-{version}-Linux.AppImage")
    make_deb(folder, "quiet", version.replace("-", "~"), description="plays nothing")
    return folder


def go_program(folder: Path, version: str = "1.4.0") -> Path:
    """As GoReleaser leaves it."""
    made = [make_deb(folder, "taskguard", version, files={UNIT_PATH: UNIT})]
    unit = "/usr/" + UNIT_PATH
    install = f"mkdir -p %{{buildroot}}{unit.rpartition('/')[0]}\ncat > %{{buildroot}}{unit} <<'UNIT'\n{UNIT}UNIT"
    made.append(make_rpm(folder, "taskguard", version, preamble=ALONE, install=install, files=unit))
    for system in ("Linux", "Darwin"):
        for word, arch in (("x86_64", "amd64"), ("arm64", "arm64")):
            content = saying(f"taskguard {version}\n", arch) if system == "Linux" else mach_o(arch)
            members = {"taskguard": content, "LICENSE": "MIT", "README.md": f"# Taskguard {version}\n"}
            made.append(make_tar(folder / f"taskguard_{version}_{system}_{word}.tar.gz", members, ("taskguard",)))
    members = {"taskguard.exe": pe("amd64"), "LICENSE": "MIT", "README.md": f"# Taskguard {version}\n"}
    made.append(make_zip(folder / f"taskguard_{version}_Windows_x86_64.zip", members))
    sums = "".join(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in made)
    (folder / "checksums.txt").write_text(sums, encoding="utf-8")
    return folder


def electron_application(folder: Path, version: str = "0.2.0") -> Path:
    """As electron-builder leaves it."""
    name = "WebRTC Desktop Host"
    setup = make_nsis(folder / f"{name} Setup {version}.exe", name, version)
    portable = make_nsis(folder / f"{name} {version}.exe", name, version)
    portable.write_bytes(portable.read_bytes() + b"portable")
    image = make_dmg(folder / f"{name}-{version}-arm64.dmg", f"{name}.app", program=mach_o("arm64"))
    bundle = f"{name}.app/Contents"
    zipped = make_zip(folder / f"{name}-{version}-mac.zip", {f"{bundle}/MacOS/{name}": mach_o("amd64"), f"{bundle}/Info.plist": f"<plist>{version}</plist>"})
    linux = embed_block_map(make_appimage(folder / f"{name}-{version}.AppImage"))
    deb = make_deb(folder, "webrtc-desktop-host", version, description="shares a desktop")
    for file in (setup, image, zipped):
        block_map(file)
    update_manifest(folder / "latest.yml", version, setup)
    update_manifest(folder / "latest-mac.yml", version, zipped, image)
    update_manifest(folder / "latest-linux.yml", version, linux, deb)
    return folder


def rust_program(folder: Path, version: str = "0.3.1") -> Path:
    """Archives named by target triple, each with one folder, as a matrix of cargo builds leaves them."""
    said = f"pane {version}\n"
    for triple, content in (
        ("x86_64-unknown-linux-gnu", saying(said, "amd64", GNU)),
        ("x86_64-unknown-linux-musl", saying(said, "amd64")),
        ("aarch64-unknown-linux-musl", saying(said, "arm64")),
        ("aarch64-apple-darwin", mach_o("arm64")),
        ("universal-apple-darwin", universal("amd64", "arm64")),
    ):
        inside = f"pane-v{version}-{triple}"
        make_tar(folder / f"{inside}.tar.gz", {f"{inside}/pane": content, **_beside(inside, version)}, (f"{inside}/pane",))
    inside = f"pane-v{version}-x86_64-pc-windows-msvc"
    members = {f"{inside}/pane.exe": pe("amd64"), f"{inside}/complete/_pane.ps1": "# completion", f"{inside}/README.md": f"# pane {version}\n"}
    make_zip(folder / f"{inside}.zip", members)
    return folder


def _beside(inside: str, version: str) -> dict[str, str | bytes]:
    return {
        f"{inside}/README.md": f"# pane {version}\n",
        f"{inside}/LICENSE-MIT": "MIT",
        f"{inside}/doc/pane.1": ".TH pane 1\n",
        f"{inside}/complete/pane.bash": "complete -F _pane pane\n",
        f"{inside}/complete/pane.fish": "complete -c pane\n",
        f"{inside}/complete/_pane": "#compdef pane\n",
    }
