"""Packages of Squirrel.Windows and Velopack: NuGet packages whose nuspec names the application.

https://learn.microsoft.com/nuget/reference/nuspec and https://docs.velopack.io/packaging/overview. Velopack's nuspec names the system too; Squirrel
knows Windows alone.
"""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

from repogen.artifact import Kind, UpdatePackageFacts
from repogen.errors import InputError
from repogen.platforms import ARCHITECTURE_WORDS
from repogen.readers import Digests, Reading
from repogen.readers.streams import ZIP_DAMAGE
from repogen.xml_document import XmlError, parse_xml

_LONGEST = 4 << 20
_SYSTEMS = {"win": "windows", "osx": "macos", "linux": "linux"}
_REMEDY = "pack it again with Squirrel or vpk"


def read(path: Path, _digests: Digests) -> Reading:
    """What a package says of itself. Raises InputError for a damaged one."""
    said = _metadata(path)
    id, version = said.get("id", ""), said.get("version", "")
    if not id or not version:
        raise InputError(f"{path.name} names no application and version in its nuspec", hint=_REMEDY)
    with path.open("rb") as file:
        sha1 = hashlib.file_digest(file, "sha1").hexdigest()
    return Reading(
        kind=Kind.UPDATE,
        facts=UpdatePackageFacts(id=id, delta=path.name.lower().endswith("-delta.nupkg"), sha1=sha1),
        product=id,
        version=version,
        os=_SYSTEMS.get(said.get("os", "").lower(), "windows"),
        arch=ARCHITECTURE_WORDS.get(said.get("machineArchitecture", "").lower(), "any"),
        title=said.get("title", ""),
    )


def _metadata(path: Path) -> dict[str, str]:
    """The texts of the nuspec's metadata by their names. The package is read to its end."""
    try:
        with zipfile.ZipFile(path) as archive:
            broken = archive.testzip()
            names = [name for name in archive.namelist() if name.lower().endswith(".nuspec") and "/" not in name]
            text = archive.open(names[0]).read(_LONGEST + 1) if names else b""
    except ZIP_DAMAGE as error:
        raise InputError(f"{path.name} is damaged: {error}", hint=_REMEDY) from error
    if broken is not None:
        raise InputError(f"{path.name} is damaged: the checksum of {broken!r} is wrong", hint=_REMEDY)
    if not text or len(text) > _LONGEST:
        raise InputError(f"{path.name} claims by its name to be an update package, but has no nuspec that names an application", hint=_REMEDY)
    try:
        root = parse_xml(text)
    except XmlError as error:
        raise InputError(f"{path.name} has a nuspec that {error}", hint=_REMEDY) from error
    metadata = next((child for child in root if child.tag.rpartition("}")[2] == "metadata"), ())
    return {child.tag.rpartition("}")[2]: (child.text or "").strip() for child in metadata}
