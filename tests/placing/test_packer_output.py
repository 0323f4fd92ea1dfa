"""Files that Squirrel and Velopack leave without a version beside their update packages."""

from __future__ import annotations

from pathlib import Path

from repogen.placing.place import place
from repogen.scanning.input_files import find_files
from repogen.scanning.scan import scan
from tests.support.catalogs import DATE, config
from tests.support.installers import make_appimage, make_nsis
from tests.support.packages import make_zip
from tests.support.programs import mach_o, pe
from tests.support.update_packages import make_package, squirrel_release, velopack_release


def rows(folder: Path) -> dict[str, tuple[str, str, str, str]]:
    placed = place(scan(find_files([str(folder)], folder)), config(), channel=None, date=DATE)
    return {a.path.removeprefix("downloads/"): (a.version, a.channel, a.os, a.arch) for a in placed.artifacts}


def test_what_velopack_leaves(tmp_path: Path) -> None:
    velopack_release(tmp_path, "1.2.3-beta.1")
    make_package(tmp_path / "Quiet-1.2.3-beta.1-linux-full.nupkg", "Quiet", "1.2.3-beta.1", "<os>linux</os><machineArchitecture>arm64</machineArchitecture>")
    make_appimage(tmp_path / "Quiet.AppImage", "arm64")
    make_zip(tmp_path / "Quiet-win-Portable.zip", {"Quiet.exe": pe("amd64")})
    make_zip(tmp_path / "Quiet-osx-Portable.zip", {"Quiet.app/Contents/MacOS/Quiet": mach_o("arm64")})
    version, channel = "1.2.3-beta.1", "beta"
    assert rows(tmp_path) == {
        f"quiet/{version}/Quiet-{version}-full.nupkg": (version, channel, "windows", "any"),
        f"quiet/{version}/Quiet-{version}-linux-full.nupkg": (version, channel, "linux", "arm64"),
        f"quiet/{version}/Quiet-osx-Portable.zip": (version, channel, "macos", "arm64"),
        f"quiet/{version}/Quiet-win-Portable.zip": (version, channel, "windows", "amd64"),
        f"quiet/{version}/Quiet-win-Setup.exe": (version, channel, "windows", "any"),
        f"quiet/{version}/Quiet.AppImage": (version, channel, "linux", "arm64"),
        f"quiet/{version}/releases.win.json": (version, channel, "windows", "any"),
    }


def test_each_setup_belongs_to_the_package_in_its_folder(tmp_path: Path) -> None:
    for id in ("Alpha", "Beta"):
        (tmp_path / id).mkdir()
        squirrel_release(tmp_path / id, "1.0.0", id=id)
    assert {"alpha/1.0.0/Setup.exe", "beta/1.0.0/Setup.exe"} <= rows(tmp_path).keys()


def test_the_newest_one_and_what_says_its_own_version(tmp_path: Path) -> None:
    squirrel_release(tmp_path, "1.10.0", make_package(tmp_path / "Quiet-1.9.0-full.nupkg", "Quiet", "1.9.0"))
    make_nsis(tmp_path / "Quiet-1.9.0-Setup.exe", "Quiet", "1.9.0")
    found = rows(tmp_path)
    assert found["quiet/1.10.0/Setup.exe"][0] == "1.10.0"
    assert found["quiet/1.9.0/Quiet-1.9.0-Setup.exe"][0] == "1.9.0"
    assert found["quiet/1.10.0/RELEASES"][0] == "1.10.0"
