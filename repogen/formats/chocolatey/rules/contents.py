"""What the rules look at: a package's nuspec, its scripts, and the names of its files. Nothing else of it is read."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Mapping
from typing import BinaryIO

from msgspec import Struct

_NAMESPACE = "{http://schemas.microsoft.com/packaging/2015/06/nuspec.xsd}"
#: What packing makes; in a package of a package it would stand a second time, elsewhere.
_OWN = re.compile(r"\[Content_Types\]\.xml|_rels/\.rels|package/services/metadata/core-properties/[0-9a-f]+\.psmdcp")
_BINARY = (".exe", ".msi", ".msu", ".msp", ".dll", ".7z", ".zip", ".gz", ".tar", ".rar", ".sfx", ".iso", ".dmg", ".so", ".jar")


class Contents(Struct, frozen=True):
    """A package, as far as rules look at it."""

    nuspec: bytes
    said: Mapping[str, str]
    """Elements of the nuspec without their namespace."""
    dependencies: Mapping[str, str]
    """Package id to version range, which may be empty."""
    names: tuple[str, ...]
    """Paths of its files, without those that packing makes."""
    scripts: Mapping[str, str]
    """PowerShell scripts by path."""
    size: int
    """Bytes of all its files."""

    @property
    def binary(self) -> str:
        """The first file that is a program or holds programs."""
        return next((name for name in self.names if name.lower().endswith(_BINARY)), "")

    def has(self, name: str) -> bool:
        """Whether a file of this name is in any folder, in capitals or not."""
        return any(path.lower().rpartition("/")[2] == name for path in self.names)

    @property
    def addresses(self) -> str:
        """All texts that may name addresses."""
        return "\n".join((*self.said.values(), *self.scripts.values()))


def read_contents(package: BinaryIO) -> Contents:
    """Read a nupkg; it must have one nuspec at its root."""
    with zipfile.ZipFile(package) as archive:
        infos = [info for info in archive.infolist() if not _OWN.fullmatch(info.filename)]
        (specification,) = (info.filename for info in infos if info.filename.endswith(".nuspec") and "/" not in info.filename)
        nuspec = archive.read(specification)
        names = tuple(info.filename for info in infos if info.filename != specification)
        scripts = {name: archive.read(name).decode("utf-8-sig", "replace") for name in names if name.lower().endswith((".ps1", ".psm1"))}
    metadata = ET.fromstring(nuspec)[0]  # noqa: S314  # ours
    said = {element.tag.removeprefix(_NAMESPACE): (element.text or "").strip() for element in metadata}
    dependencies = {element.get("id", ""): element.get("version", "") for element in metadata.iter(f"{_NAMESPACE}dependency")}
    return Contents(nuspec, said, dependencies, names, scripts, sum(info.file_size for info in infos))
