"""Bundles for other installers, offered as downloads: Android and Alpine apk, pacman packages, snap, Flatpak.

Alpine and pacman packages say what they are in ``.PKGINFO`` (https://wiki.alpinelinux.org/wiki/Apk_spec); an Android package shows its
architectures in ``lib/``; a snap is a squashfs image, of which only the length is checked, and its name says the rest.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

from repogen.artifact import Kind
from repogen.errors import InputError
from repogen.platforms import ARCHITECTURE_WORDS
from repogen.readers import Digests, Reading
from repogen.readers.streams import DAMAGE, ZIP_DAMAGE, unpacked
from repogen.readers.tar import TarError, members
from repogen.version import release_version

_ABIS = {"arm64-v8a": "arm64", "armeabi-v7a": "armv7", "x86_64": "amd64", "x86": "i386"}


def read(path: Path, digests: Digests) -> Reading:
    """What a bundle says of itself. Raises InputError for a damaged one."""
    with path.open("rb") as file:
        head = file.read(96)
    if head.startswith(b"PK"):
        return _android(path)
    if head.startswith(b"hsqs"):
        _check_squashfs(path, head, digests.size)
        return Reading(kind=Kind.SNAP, os="linux")
    if head.startswith(b"flatpak\0"):
        return Reading(kind=Kind.FLATPAK, os="linux")
    return _pkginfo(path)


def _check_squashfs(path: Path, head: bytes, size: int) -> None:
    used = int.from_bytes(head[40:48], "little")
    if used > size or len(head) < 96:
        raise InputError(f"{path.name} is cut short: {used:,} bytes are there by its header, {size:,} in truth", hint="build or copy it again")


def _android(path: Path) -> Reading:
    try:
        with zipfile.ZipFile(path) as archive:
            broken = archive.testzip()
            abis = {name.split("/")[1] for name in archive.namelist() if name.startswith("lib/") and name.count("/") >= 2}
    except ZIP_DAMAGE as error:
        raise InputError(f"{path.name} is damaged: {error}", hint="build or copy it again") from error
    if broken is not None:
        raise InputError(f"{path.name} is damaged: the checksum of {broken!r} is wrong", hint="build or copy it again")
    arches = {_ABIS.get(abi, "") for abi in abis}
    return Reading(kind=Kind.APK, os="android", arch=arches.pop() if len(arches) == 1 else "any")


def _pkginfo(path: Path) -> Reading:
    fields, is_alpine = _fields(path), not path.name.lower().endswith((".pkg.tar.zst", ".pkg.tar.xz", ".pkg.tar.gz"))
    version = fields.get("pkgver", "")
    version = version.rpartition("-r")[0] or version if is_alpine else release_version(version)
    return Reading(
        kind=Kind.APK if is_alpine else Kind.PACMAN,
        product=fields.get("pkgname", ""),
        version=version.replace("_", "-"),
        os="linux",
        arch=ARCHITECTURE_WORDS.get(fields.get("arch", ""), ""),
        libc="musl" if is_alpine else "",
        description=fields.get("pkgdesc", ""),
        homepage=fields.get("url", ""),
        license=fields.get("license", ""),
    )


def _fields(path: Path) -> dict[str, str]:
    """``key = value`` lines of .PKGINFO, the first of each key. An Alpine package is several archives in one, read as they come."""
    text = ""
    try:
        with path.open("rb") as file:
            for member in members(unpacked(file)):
                if member.name.removeprefix("./") == ".PKGINFO":
                    text = member.head.decode("utf-8", "replace")
    except TarError as error:
        raise InputError(f"{path.name} is damaged: {error}", hint="build or copy it again") from error
    except DAMAGE as error:
        raise InputError(f"{path.name} is damaged: {error}", hint="build or copy it again") from error
    fields: dict[str, str] = {}
    for line in text.splitlines():
        key, equals, value = line.partition(" = ")
        if equals and not key.startswith("#"):
            fields.setdefault(key.strip(), " ".join(value.split()))
    return fields
