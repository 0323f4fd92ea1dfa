"""What Squirrel.Windows and Velopack leave of a release: update packages, the lists that name them, and an installer."""

from __future__ import annotations

import hashlib
import json
import random
import zipfile
from pathlib import Path

from tests.support.installers import make_nsis

_NUSPEC = """<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://schemas.microsoft.com/packaging/2010/07/nuspec.xsd">
<metadata><id>{id}</id><title>Quiet &amp; Calm</title><version>{version}</version><authors>Acme</authors><description>plays nothing</description>
{more}</metadata>
</package>
"""


def make_package(path: Path, id: str, version: str, more: str = "") -> Path:
    """A package of this name; ``more`` are elements of its nuspec."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{id}.nuspec", _NUSPEC.format(id=id, version=version, more=more))
        archive.writestr("lib/net45/Quiet.exe", random.Random(path.name).randbytes(2_000 if _kind(path) == "delta" else 20_000))
    return path


def squirrel_release(folder: Path, version: str, *before: Path, id: str = "Quiet") -> list[Path]:
    """As Squirrel's ``--releasify`` leaves it. ``before`` are packages of earlier versions, which its list goes on naming."""
    packages = [make_package(folder / f"{id}-{version}-full.nupkg", id, version)]
    packages += [make_package(folder / f"{id}-{version}-delta.nupkg", id, version)] if before else []
    lines = [f"{sha1(file)} {file.name} {file.stat().st_size}" for file in (*before, *packages)]
    (folder / "RELEASES").write_text("\ufeff" + "\r\n".join(lines), encoding="utf-8")
    return [*packages, folder / "RELEASES", make_nsis(folder / "Setup.exe", "Quiet", f"{version.partition('-')[0]}.0")]


def velopack_release(folder: Path, version: str, *before: Path, channel: str = "win", id: str = "Quiet") -> list[Path]:
    """As ``vpk pack`` leaves it."""
    suffix = "" if channel == "win" else f"-{channel}"
    about = f"<channel>{channel}</channel><mainExe>Quiet.exe</mainExe><os>win</os><rid>win</rid>"
    kinds = ("full", "delta") if before else ("full",)
    packages = [make_package(folder / f"{id}-{version}{suffix}-{kind}.nupkg", id, version, about) for kind in kinds]
    assets = [_asset(file, id, file.name.removeprefix(f"{id}-").partition(f"{suffix}-{kind}")[0]) for file in (*before, *packages) for kind in (_kind(file),)]
    lists = [folder / f"releases.{channel}.json", folder / f"assets.{channel}.json"]
    lists[0].write_text(json.dumps({"Assets": assets}), encoding="utf-8")
    lists[1].write_text(json.dumps([{"RelativeFileName": file.name, "Type": "Full"} for file in packages]), encoding="utf-8")
    return [*packages, *lists, make_nsis(folder / f"{id}-{channel}-Setup.exe", "Quiet", f"{version.partition('-')[0]}.0")]


def _asset(file: Path, id: str, version: str) -> dict[str, object]:
    sums = {"SHA1": sha1(file), "SHA256": hashlib.sha256(file.read_bytes()).hexdigest().upper(), "Size": file.stat().st_size}
    return {"PackageId": id, "Version": version, "Type": _kind(file).title(), "FileName": file.name, **sums, "NotesMarkdown": f"# {version}"}


def _kind(file: Path) -> str:
    return "delta" if file.name.endswith("-delta.nupkg") else "full"


def sha1(file: Path) -> str:
    return hashlib.sha1(file.read_bytes(), usedforsecurity=False).hexdigest().upper()
