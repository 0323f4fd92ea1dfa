"""macOS installer packages: a xar archive with a Distribution or PackageInfo document in it.

xar: 28 bytes, then a zlib-packed XML table of contents, then the files (https://github.com/apple-oss-distributions/xar). The documents name the
receipts by which macOS remembers the package, and their versions.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from xml.etree import ElementTree as ET

from msgspec import Struct

from repogen.artifact import InstallerFacts, Kind
from repogen.errors import InputError
from repogen.readers import Digests, Reading
from repogen.xml_document import XmlError, parse_xml

_LONGEST = 16 << 20


class _Document(Struct, frozen=True):
    """Where a file lies in the archive."""

    name: str
    offset: int
    length: int
    packed: bool


class _DamagedError(ValueError):
    pass


def read(path: Path, digests: Digests) -> Reading:
    """Receipt identifiers, version and title of a pkg. Raises InputError for a damaged one."""
    try:
        with path.open("rb") as file:
            heap, toc = _table_of_contents(file)
            documents = tuple(_documents(toc))
            _check_end(documents, toc, heap, digests.size)
            read_documents = {
                d.name: _xml(_content(file, heap, d)) for d in documents if d.name in {"Distribution", "PackageInfo"} or d.name.endswith("/PackageInfo")
            }
    except (zlib.error, ValueError) as error:
        raise InputError(f"{path.name} is damaged: {error}", hint="it may be cut short; build or copy it again") from error
    packages = [element for name, element in sorted(read_documents.items()) if name.endswith("PackageInfo")]
    distribution = read_documents.get("Distribution")
    ids = {p.get("identifier", "") for p in packages} | ({r.get("id", "") for r in distribution.iter("pkg-ref")} if distribution is not None else set())
    version = _version(distribution, packages)
    title = " ".join((distribution.findtext("title") or "").split()) if distribution is not None else ""
    facts = InstallerFacts(product_name=title, product_version=version, package_ids=tuple(sorted(ids - {""})))
    return Reading(kind=Kind.PKG, facts=facts, product=title, version=version, os="macos", arch=_architecture(distribution), title=title)


def _table_of_contents(file: BinaryIO) -> tuple[int, ET.Element]:
    head = file.read(28)
    size, packed, plain = (int.from_bytes(head[a:b], "big") for a, b in ((4, 6), (8, 16), (16, 24)))
    if len(head) < 28 or size < 28 or packed > _LONGEST or plain > _LONGEST:
        raise _DamagedError("its header is broken")
    file.seek(size)
    data = file.read(packed)
    if len(data) < packed:
        raise _DamagedError("it ends inside its table of contents")
    return size + packed, _xml(_unpacked(data))


def _documents(toc: ET.Element) -> Iterator[_Document]:
    def walk(parent: ET.Element, prefix: str) -> Iterator[_Document]:
        for file in parent.findall("file"):
            name = prefix + (file.findtext("name") or "")
            data = file.find("data")
            if data is not None:
                encoding = data.find("encoding")
                style = encoding.get("style", "") if encoding is not None else ""
                yield _Document(name, int(data.findtext("offset") or 0), int(data.findtext("length") or 0), style == "application/x-gzip")
            yield from walk(file, name + "/")

    contents = toc.find("toc")
    if contents is None:
        raise _DamagedError("its table of contents is empty")
    return walk(contents, "")


def _check_end(documents: tuple[_Document, ...], toc: ET.Element, heap: int, size: int) -> None:
    end = max((d.offset + d.length for d in documents), default=0)
    if heap + end > size or not documents:
        raise _DamagedError(f"its files reach to byte {heap + end:,}, the archive only to {size:,}")
    if any(d.offset < 0 or d.length < 0 for d in documents) or toc.tag != "xar":
        raise _DamagedError("its table of contents is broken")


def _content(file: BinaryIO, heap: int, document: _Document) -> bytes:
    if document.length > _LONGEST:
        raise _DamagedError(f"its {document.name} is too long")
    file.seek(heap + document.offset)
    data = file.read(document.length)
    return _unpacked(data) if document.packed else data


def _unpacked(data: bytes) -> bytes:
    stream = zlib.decompressobj()
    plain = stream.decompress(data, _LONGEST)
    if not stream.eof:
        raise _DamagedError("a document in it is cut short or too long")
    return plain


def _xml(data: bytes) -> ET.Element:
    try:
        return parse_xml(data)
    except XmlError as error:
        raise _DamagedError(f"a document in it {error}") from error


def _version(distribution: ET.Element | None, packages: list[ET.Element]) -> str:
    """The product's version; else that on which all packages agree."""
    if distribution is not None and (product := distribution.find("product")) is not None and product.get("version"):
        return product.get("version", "")
    versions = {p.get("version", "") for p in packages}
    if distribution is not None:
        versions |= {r.get("version", "") for r in distribution.iter("pkg-ref")}
    versions -= {"", "0"}
    return versions.pop() if len(versions) == 1 else ""


def _architecture(distribution: ET.Element | None) -> str:
    options = distribution.find("options") if distribution is not None else None
    hosts = set((options.get("hostArchitectures", "") if options is not None else "").replace(" ", "").split(",")) - {""}
    return "universal" if hosts == {"x86_64", "arm64"} else {"x86_64": "amd64", "arm64": "arm64"}.get(next(iter(hosts)), "") if len(hosts) == 1 else ""
