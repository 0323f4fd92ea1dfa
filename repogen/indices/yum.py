"""A yum repository's indices: repomd.xml, and primary, filelists and other that it names (https://github.com/rpm-software-management/createrepo_c)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from xml.etree import ElementTree as ET

from msgspec import Struct

from repogen.errors import InputError
from repogen.indices.indexed import ALGORITHMS, Indexed
from repogen.xml_document import XmlError, parse_xml

_REPO = "{http://linux.duke.edu/metadata/repo}"
_COMMON = "{http://linux.duke.edu/metadata/common}"
_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_ELEMENT = re.compile(rb"<package[ >].*?</package>", re.DOTALL)
_PKGID = re.compile(rb"<checksum[^>]*>([0-9a-f]+)</checksum>|^<package [^>]*?pkgid=\"([0-9a-f]+)\"")


class Rpm(Struct, frozen=True, kw_only=True):
    """One package, as primary.xml has it."""

    file: Indexed
    """Its path is relative to the repository."""
    name: str
    epoch: int
    version: str
    release: str
    architecture: str
    summary: str
    license: str
    homepage: str


def read_repomd(content: bytes, name: str) -> Mapping[str, Indexed]:
    """The indices by their type (``primary``). Raises InputError."""
    found = {}
    for data in _parsed(content, name).iter(f"{_REPO}data"):
        location, checksum = data.find(f"{_REPO}location"), data.find(f"{_REPO}checksum")
        if location is None or checksum is None:
            raise InputError(f"{name} names an index without its place or digest", hint="let its tool write the indices again")
        size = data.findtext(f"{_REPO}size") or "0"
        found[data.get("type", "")] = Indexed(path=location.get("href", ""), size=int(size) if size.isdecimal() else 0, digests=_digest(checksum, name))
    return found


def read_primary(content: bytes, name: str) -> Iterator[Rpm]:
    """The packages of primary.xml. Raises InputError."""
    for package in _parsed(content, name).iter(f"{_COMMON}package"):
        location, checksum, size = (package.find(f"{_COMMON}{part}") for part in ("location", "checksum", "size"))
        version = package.find(f"{_COMMON}version")
        if location is None or checksum is None or size is None or version is None:
            raise InputError(f"{name} names a package without its place, size or digest", hint="let its tool write the indices again")
        if location.get(_BASE):
            raise InputError(f"{name} names {location.get('href')} at another address, {location.get(_BASE)}", hint="fetch the packages from there first")
        rpm = "{http://linux.duke.edu/metadata/rpm}"
        yield Rpm(
            file=Indexed(path=location.get("href", ""), size=int(size.get("package", "0")), digests=_digest(checksum, name)),
            name=package.findtext(f"{_COMMON}name") or "",
            epoch=int(version.get("epoch") or 0),
            version=version.get("ver", ""),
            release=version.get("rel", ""),
            architecture=package.findtext(f"{_COMMON}arch") or "",
            summary=_line(package.findtext(f"{_COMMON}summary")),
            license=_line(package.findtext(f"{_COMMON}format/{rpm}license")),
            homepage=_line(package.findtext(f"{_COMMON}url")),
        )


def elements(content: bytes) -> Mapping[str, bytes]:
    """The ``<package>`` elements of primary, filelists or other as they are written, by the package's digest."""
    found = {}
    for match in _ELEMENT.finditer(content):
        pkgid = _PKGID.search(match[0])
        if pkgid:
            found[(pkgid[1] or pkgid[2]).decode()] = match[0]
    return found


def _parsed(content: bytes, name: str) -> ET.Element:
    try:
        return parse_xml(content)
    except XmlError as error:
        raise InputError(f"{name} {error}", hint="let its tool write the indices again") from error


def _digest(checksum: ET.Element, name: str) -> dict[str, str]:
    algorithm = {"sha": "sha1"}.get(checksum.get("type", ""), checksum.get("type", ""))
    if algorithm not in ALGORITHMS:
        raise InputError(f"{name} has digests of the kind {algorithm!r}, which are unknown", hint="let createrepo_c write the indices again")
    return {algorithm: (checksum.text or "").strip().lower()}


def _line(text: str | None) -> str:
    return " ".join((text or "").split())
