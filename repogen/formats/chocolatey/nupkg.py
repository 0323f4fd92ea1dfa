"""A nupkg: a zip in the layout of the Open Packaging Conventions (ECMA-376, part 2), as NuGet writes it.

Members are stored and bear one fixed time, so that the same content is the same package on every machine.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping

from repogen.formats.chocolatey.metadata import Metadata
from repogen.templates import render

BOM = b"\xef\xbb\xbf"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"


def nupkg(metadata: Metadata, nuspec: bytes, files: Mapping[str, bytes]) -> bytes:
    """The package of a nuspec and its files (path in the package to content)."""
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
    return _zip(members)


def _zip(members: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path, content in members.items():
            info = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
            info.create_system = 3  # else it tells the machine that built it
            info.external_attr = 0o100644 << 16
            archive.writestr(info, content)
    return buffer.getvalue()
