"""A nupkg: a zip in the layout of the Open Packaging Conventions (ECMA-376, part 2), as NuGet writes it.

Members are stored and bear one fixed time, so that the same content is the same package on every machine.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable, Mapping
from typing import BinaryIO

from msgspec import Struct

from repogen.formats.chocolatey.metadata import Metadata
from repogen.templates import render

BOM = b"\xef\xbb\xbf"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"


class Pieces(Struct, frozen=True):
    """Content that is too large to be held in memory."""

    size: int
    pieces: Iterable[bytes]


def write_nupkg(file: BinaryIO, metadata: Metadata, nuspec: bytes, files: Mapping[str, bytes | Pieces]) -> None:
    """Write the package of a nuspec and its files (path in the package to content)."""
    name = f"{metadata.id}.nuspec"
    mark = hashlib.sha256(f"{metadata.id} {metadata.version}".encode()).hexdigest()[:32]
    properties = f"package/services/metadata/core-properties/{mark}.psmdcp"
    extensions = sorted({path.rpartition(".")[2] for path in (name, *files)})
    members = {
        "_rels/.rels": render("chocolatey/rels.xml.j2", nuspec=name, properties=properties, relations=_RELATIONS).encode(),
        name: nuspec,
        **files,
        "[Content_Types].xml": render("chocolatey/content-types.xml.j2", relations=_RELATIONS, extensions=extensions).encode(),
        properties: render("chocolatey/core-properties.xml.j2", metadata=metadata).encode(),
    }
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for path, content in members.items():
            _add(archive, path, content)


def _add(archive: zipfile.ZipFile, path: str, content: bytes | Pieces) -> None:
    info = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
    info.create_system = 3  # else it tells the machine that built it
    info.external_attr = 0o100644 << 16
    info.file_size = len(content) if isinstance(content, bytes) else content.size
    with archive.open(info, "w") as member:
        for piece in (content,) if isinstance(content, bytes) else content.pieces:
            member.write(piece)
