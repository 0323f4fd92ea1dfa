"""Debian source packages, by their .dsc (https://manpages.debian.org/bookworm/dpkg-dev/dsc.5.en.html).

A .dsc is a paragraph of fields, often within a clear-signed message of its developer. It is published as it came, signature and all; what is
checked of the signature here is that it is one whole message, since dpkg-source reads nothing else (:mod:`repogen.developer_keys` asks whose it is).
Clients check the .dsc by the digests in Sources, which our own signature covers, and its files by the same.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from repogen import layout
from repogen.artifact import Kind, SourceFacts, SourceFile
from repogen.errors import InputError
from repogen.readers import Digests, Reading
from repogen.readers.deb_control import ARCHIVE_NAME, FIELD, VERSION, ControlError, check_text
from repogen.version import release_version

_LIMIT = 4 << 20
_SIGNED = re.compile(
    rb"-----BEGIN PGP SIGNED MESSAGE-----\n(?:Hash: [^\n]+\n)*\n(.*?\n)-----BEGIN PGP SIGNATURE-----\n(?:(?!-)[^\n]*\n)+-----END PGP SIGNATURE-----\n\n*",
    re.DOTALL,
)
_LISTED = re.compile(r"[ \t]+([0-9a-f]{32,128})[ \t]+([0-9]{1,15})[ \t]+([A-Za-z0-9][A-Za-z0-9+._~-]*)")
#: Lists of files in the order in which apt-ftparchive writes them, with the algorithm of their digests.
_LISTS = {"files": ("Files", "md5"), "checksums-sha1": ("Checksums-Sha1", "sha1"), "checksums-sha256": ("Checksums-Sha256", "sha256")}
#: Fields that the index has in another form, or writes itself.
_OURS = {"source", "package", "directory", "checksums-sha512", *_LISTS}


def read(path: Path, digests: Digests) -> Reading:
    """The facts of a source package. Raises InputError for a .dsc that dpkg-source or apt could not use."""
    try:
        return _reading(path, digests)
    except ControlError as error:
        raise InputError(f"{path.name} {error}", hint="build the source package again with `dpkg-source --build`") from error


def _reading(path: Path, digests: Digests) -> Reading:
    if digests.size > _LIMIT:
        raise ControlError(f"has {digests.size} bytes, which no .dsc has")
    data = path.read_bytes()
    fields = _fields(_signed_text(data))
    source, version = _identity(fields)
    stanza = _stanza(fields, source, layout.dsc(source, version), data)
    facts = SourceFacts(package=source, version=version, stanza=stanza, files=_files(fields))
    return Reading(
        kind=Kind.DSC, facts=facts, product=source, version=release_version(version), os="linux", arch="any", homepage=_value(fields, "homepage"),
    )  # fmt: skip


def _signed_text(data: bytes) -> bytes:
    """The paragraph, out of the message that it may stand in."""
    if b"-----BEGIN PGP" not in data:
        return data
    message = _SIGNED.fullmatch(data.lstrip(b"\n"))
    if message is None or b"\n-----" in message[1]:
        raise ControlError("is no whole clear-signed message")
    return re.sub(rb"(?m)^- ", b"", message[1])


def _fields(data: bytes) -> Mapping[str, tuple[str, bytes]]:
    """Name as written and value of each field, by its name in lower case."""
    check_text(data, "paragraph")
    text, position = data.strip(b"\n") + b"\n", 0
    fields: dict[str, tuple[str, bytes]] = {}
    while position < len(text):
        match = FIELD.match(text, position)
        if match is None:
            raise ControlError("has a line that is no field")
        name, position = match[1].decode("latin-1"), match.end()
        if name.lower() in fields:
            raise ControlError(f"has the field {name} twice")
        fields[name.lower()] = name, match[2].rstrip()
    return fields


def _value(fields: Mapping[str, tuple[str, bytes]], key: str) -> str:
    return fields[key][1].decode("utf-8", "replace").strip() if key in fields else ""


def _identity(fields: Mapping[str, tuple[str, bytes]]) -> tuple[str, str]:
    source, version = _value(fields, "source"), _value(fields, "version")
    if not re.fullmatch(ARCHIVE_NAME, source):
        raise ControlError(f"has the Source {source[:80]!r}, which dpkg refuses" if source else "has no Source field")
    if not re.fullmatch(VERSION, version):
        raise ControlError(f"has the Version {version[:80]!r}, which dpkg refuses" if version else "has no Version field")
    return source, version


def _files(fields: Mapping[str, tuple[str, bytes]]) -> tuple[SourceFile, ...]:
    """The files of the package; every list must name the same ones."""
    lists = {key: _listed(fields, key) for key in _LISTS if key in fields}
    strongest = lists.get("checksums-sha256")
    if not strongest:
        raise ControlError("names no files with SHA-256 digests")
    for found in lists.values():
        if {(name, size) for name, (_, size) in found.items()} != {(name, size) for name, (_, size) in strongest.items()}:
            raise ControlError("names other files in one of its lists than in the others")
    return tuple(SourceFile(name=name, size=size, sha256=digest) for name, (digest, size) in strongest.items())


def _listed(fields: Mapping[str, tuple[str, bytes]], key: str) -> dict[str, tuple[str, int]]:
    name, algorithm = _LISTS[key]
    found: dict[str, tuple[str, int]] = {}
    for line in fields[key][1].decode("latin-1").split("\n")[1:]:
        match = _LISTED.fullmatch(line.rstrip())
        if match is None or len(match[1]) != 2 * hashlib.new(algorithm, usedforsecurity=False).digest_size or match[3] in found:
            raise ControlError(f"has a line in its {name} field that names no file: {line[:80]!r}")
        found[match[3]] = match[1], int(match[2])
    return found


def _stanza(fields: Mapping[str, tuple[str, bytes]], source: str, dsc: str, data: bytes) -> bytes:
    """See artifact.SourceFacts.stanza."""
    lines = [b"Package: " + source.encode()]
    for key, (name, value) in fields.items():
        if value and key not in _OURS:
            lines.append(name.encode("latin-1") + (b":" if value[:1] in b" \t\n" else b": ") + value)
    for key, (name, algorithm) in _LISTS.items():
        if key in fields:
            digest = hashlib.new(algorithm, data, usedforsecurity=False).hexdigest()
            lines.append(f"{name}:\n {digest} {len(data)} {dsc}".encode() + fields[key][1].lstrip(b" \t"))
    return b"\n".join(lines) + b"\n"
