"""RPM packages: what their header says, as the facts that a yum repository needs.

Format: https://rpm-software-management.github.io/rpm/manual/format_v4.html. The library rpmfile believes every count that a header claims,
joins the tags of both headers in one dictionary (the unpacked size is lost there) and does not keep the bytes that digests and
signatures are made over. So ``rpm_header`` reads the front of the file itself, and rpmfile is the second opinion in its tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from repogen import layout
from repogen.artifact import Kind, RpmFacts
from repogen.errors import InputError
from repogen.packed_text import Text
from repogen.platforms import ARCHITECTURE_WORDS
from repogen.readers import Digests, Reading, rpm_metadata
from repogen.readers.rpm_header import Front, Header, check_digests, is_covered, read_front
from repogen.readers.rpm_metadata import Identity, Place, decode, elements
from repogen.readers.rpm_signers import HEADER_SIGNATURES, signers
from repogen.readers.source import Source
from repogen.version import release_version

_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]*", re.ASCII)
_VERSION: Final = re.compile(r"[A-Za-z0-9._+~^]+", re.ASCII)
_ARCH: Final = re.compile(r"[A-Za-z0-9_]+", re.ASCII)
_CONTROLS: Final = bytes(sorted({*range(0x20)} - {*b"\t\n\r"}))
_NOT_XML: Final = re.compile(f"[{re.escape(_CONTROLS.decode())}\ufffe\uffff]")
_LARGEST_EPOCH: Final = 2**31 - 1
_SOURCE_PACKAGE: Final = 1106
_SOURCE_NAME: Final = 1044


def read(path: Source, digests: Digests) -> Reading:
    """The facts of an rpm, after comparing its digests. Raises InputError for what dnf or rpm would choke on."""
    with path.open("rb", buffering=0) as file:
        front = read_front(file, path.name)
        if front.size != digests.size:
            raise InputError(f"{path.name} changed while it was read", hint="wait until the file is written, then build again")
        _check_size(front, path.name)
        check_digests(front, file, path.name)
    return _reading(front, path, digests)


def read_again(path: Source, digests: Digests) -> Reading:
    """As ``read``, of a package whose payload was compared with its digest before and has not changed since."""
    with path.open("rb", buffering=0) as file:
        return _reading(read_front(file, path.name), path, digests)


def extended_filelists(path: Source, facts: RpmFacts, sha256: str) -> bytes:
    """The element of filelists-ext.xml of a package that has these facts and this digest."""
    with path.open("rb", buffering=0) as file:
        header = read_front(file, path.name).header
    identity = Identity(name=facts.name, arch=facts.architecture, epoch=facts.epoch, version=facts.version, release=facts.release, pkgid=sha256)
    return rpm_metadata.extended_filelists(header, identity).encode()


def _reading(front: Front, path: Source, digests: Digests) -> Reading:
    identity = _identity(front, digests.sha256, path.name)
    facts = _facts(front, identity, digests, path.name)
    return Reading(
        kind=Kind.RPM,
        facts=facts,
        product=facts.name,
        version=release_version(facts.version),
        os="linux",
        arch=_canonical(facts.architecture),
        description=facts.summary,
        homepage=facts.homepage,
        license=facts.license,
        doubt="" if is_covered(front.header) else "was built before rpm 4.14 and has no SHA-256 digest of its payload, so that rpm 6 refuses it",
    )


def _facts(front: Front, identity: Identity, digests: Digests, name: str) -> RpmFacts:
    place = Place(
        href=layout.yum_href(identity.name, identity.version, identity.release, identity.arch),
        size=digests.size,
        mtime=digests.mtime,
        archive_size=front.signature.number(271, 1007) or front.header.number(271, 1046) or 0,
    )
    try:
        primary, filelists, other = (element.encode() for element in elements(front.header, identity, place))
    except IndexError:
        raise InputError(f"{name} is damaged: a file of it is in a folder that its header does not name", hint="build the package again") from None
    _check_characters((primary, filelists, other), front.header, name)
    return RpmFacts(
        name=identity.name,
        epoch=identity.epoch,
        version=identity.version,
        release=identity.release,
        architecture=identity.arch,
        packed_primary=Text(primary),
        packed_filelists=Text(filelists),
        packed_other=Text(other),
        summary=_line(front.header, 1004),
        license=_line(front.header, 1014),
        homepage=_line(front.header, 1020),
        signed=is_signed(front.signature),
        signers=signers(front.signature),
        module=_line(front.header, 5096),
    )


def is_signed(signature: Header) -> bool:
    """Whether this signature header holds a signature over the header. Those over header and payload (rpm 3) count no more."""
    return any(tag in signature.entries for tag in HEADER_SIGNATURES)


def _identity(front: Front, pkgid: str, name: str) -> Identity:
    header = front.header
    arch = "src" if _is_source(front) else decode(header.text(1022))
    words = (("name", 1000, _NAME), ("version", 1001, _VERSION), ("release", 1002, _VERSION))
    found = {word: _checked(decode(header.text(tag)), pattern, word, name) for word, tag, pattern in words}
    epoch = header.number(1003) or 0
    if epoch > _LARGEST_EPOCH:
        raise InputError(f"{name} has the epoch {epoch}, which crashes dnf", hint="build it with an epoch below 2147483648")
    return Identity(**found, arch=_checked(arch, _ARCH, "architecture", name), epoch=epoch, pkgid=pkgid)


def _is_source(front: Front) -> bool:
    """By the header; where that names no source package either, by the lead."""
    tags = front.header.entries
    return _SOURCE_PACKAGE in tags or (_SOURCE_NAME not in tags and front.lead[6:8] == b"\x00\x01")


def _checked(value: str, pattern: re.Pattern[str], word: str, name: str) -> str:
    if not pattern.fullmatch(value):
        said = f"the {word} {value!r}" if value else f"no {word}"
        raise InputError(f"{name} has {said}, which no client takes", hint="rpmbuild allows letters, digits and . _ + - (~ and ^ in versions)")
    return value


def _check_size(front: Front, name: str) -> None:
    """The signature header says how long header and payload are; a download that was cut is told apart from damage."""
    claim = front.signature.number(270, 1000)
    there = front.size - front.header.start
    if claim is not None and there < claim:
        raise InputError(f"{name} is cut short: {claim - there} bytes are missing", hint="copy or download it again")
    if claim is not None and there > claim:
        raise InputError(f"{name} is damaged: {there - claim} bytes follow the end of the package", hint="copy or download it again")


def _check_characters(xml: tuple[bytes, ...], header: Header, name: str) -> None:
    for element in xml:
        usual = len(element.translate(None, _CONTROLS)) == len(element) and b"\xef\xbf" not in element  # a quarter of what the expression takes
        if not usual and (found := _NOT_XML.search(element.decode())):
            where = next(_tags_with(header, found[0]), 0)
            raise InputError(
                f"{name} has the character U+{ord(found[0]):04X} in its {_TAG_WORDS.get(where, f'header (tag {where})')}, which XML cannot hold",
                hint="take it out of the spec file and build the package again",
            )


def _tags_with(header: Header, character: str) -> Iterator[int]:
    return (tag for tag in header.entries if any(character in decode(text) for text in header.texts(tag)))


_TAG_WORDS: Final = {
    1004: "summary", 1005: "description", 1007: "build host", 1011: "vendor", 1014: "license", 1015: "packager", 1016: "group",
    1020: "URL", 1047: "provides", 1049: "requires", 1081: "changelog", 1082: "changelog", 1117: "file names", 1118: "folder names",
}  # fmt: skip


def _canonical(arch: str) -> str:
    """``x86_64`` is amd64, ``x86_64_v3`` too; a source package runs anywhere; empty when the word is unknown."""
    return "any" if arch == "src" else ARCHITECTURE_WORDS.get(re.sub(r"_v\d$", "", arch.lower()), "")


def _line(header: Header, tag: int) -> str:
    return " ".join(decode(header.text(tag)).split())
