"""An RPM package of architecture noarch in format 4 (https://rpm-software-management.github.io/rpm/manual/format_v4.html).

Tags: https://rpm-software-management.github.io/rpm/manual/tags.html. It is not signed here.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from posixpath import basename, dirname
from typing import Final

from msgspec import Struct

from repogen.readers.rpm_header import BINARY, I18N_STRING, IMMUTABLE_REGION, INT16, INT32, LEAD_MAGIC, SIGNATURE_REGION, STRING, STRING_ARRAY
from repogen.rpm_signature import Tags, header_structure
from repogen.writers import PackageFile

_SHA256: Final = 8
_MODE: Final = 0o100644
_CONFIG_NOREPLACE: Final = 1 | 16
_EQUAL: Final = 8
_CONFIG_DEPENDENCY: Final = 0x10000000 | _EQUAL
_RPMLIB_DEPENDENCY: Final = 0x01000000 | 2 | _EQUAL
#: What rpm must be able to do to install it, and since which version it is.
_RPMLIB: Final = (("rpmlib(CompressedFileNames)", "3.0.4-1"), ("rpmlib(FileDigests)", "4.6.0-1"), ("rpmlib(PayloadFilesHavePrefix)", "4.0-1"))


class About(Struct, frozen=True, kw_only=True):
    """What a package says of itself."""

    name: str
    version: str
    release: str
    summary: str
    description: str
    url: str
    packager: str


def write(about: About, files: Sequence[PackageFile], mtime: int) -> bytes:
    """The package of these files; everything in it bears ``mtime`` (seconds since 1970)."""
    ordered = sorted(files, key=lambda file: file.path)
    payload = _cpio(ordered, mtime)
    tags = _general(about, ordered, payload, mtime) | _dependencies(about, ordered) | _files(ordered, mtime)
    header = header_structure(tags, IMMUTABLE_REGION)
    signature = header_structure(_digests(header, payload), SIGNATURE_REGION)
    return _lead(about) + signature + bytes(-len(signature) % 8) + header + payload


def _general(about: About, files: Sequence[PackageFile], payload: bytes, mtime: int) -> Tags:
    digest = hashlib.sha256(payload).hexdigest()
    tags = {
        100: _texts("C"),
        1000: _text(about.name), 1001: _text(about.version), 1002: _text(about.release),
        1004: _translated(about.summary), 1005: _translated(about.description),
        1006: _numbers(mtime), 1007: _text("localhost"), 1009: _numbers(sum(len(file.content) for file in files)),
        1015: _text(about.packager), 1016: _translated("Unspecified"), 1020: _text(about.url), 1021: _text("linux"), 1022: _text("noarch"),
        1044: _text(f"{about.name}-{about.version}-{about.release}.src.rpm"),  # without it the package would pass for a source package
        1064: _text("4.14.0"), 1124: _text("cpio"),
        5062: _text("utf-8"), 5092: _texts(digest), 5093: _numbers(_SHA256), 5097: _texts(digest),
    }  # fmt: skip
    return {tag: value for tag, value in tags.items() if value[2] != b"\0"}


def _dependencies(about: About, files: Sequence[PackageFile]) -> Tags:
    """Itself and, where it has any, its configuration; that is what rpmbuild finds by itself."""
    version = f"{about.version}-{about.release}"
    config = [(f"config({about.name})", version, _CONFIG_DEPENDENCY)] if any(file.config for file in files) else []
    provides = sorted([(about.name, version, _EQUAL), *config])
    requires = sorted([*config, *((name, since, _RPMLIB_DEPENDENCY) for name, since in _RPMLIB)])
    return {
        1047: _texts(*(name for name, _, _ in provides)), 1112: _numbers(*(flags for _, _, flags in provides)), 1113: _texts(*(v for _, v, _ in provides)),
        1049: _texts(*(name for name, _, _ in requires)), 1048: _numbers(*(flags for _, _, flags in requires)), 1050: _texts(*(v for _, v, _ in requires)),
    }  # fmt: skip


def _files(files: Sequence[PackageFile], mtime: int) -> Tags:
    count = len(files)
    folders = sorted({f"{dirname(file.path)}/" for file in files})
    return {
        1028: _numbers(*(len(file.content) for file in files)),
        1030: _shorts(*[_MODE] * count), 1033: _shorts(*[0] * count), 1034: _numbers(*[mtime] * count),
        1035: _texts(*(hashlib.sha256(file.content).hexdigest() for file in files)), 1036: _texts(*[""] * count),
        1037: _numbers(*(_CONFIG_NOREPLACE if file.config else 0 for file in files)),
        1039: _texts(*["root"] * count), 1040: _texts(*["root"] * count),
        1045: _numbers(*[0xFFFFFFFF] * count), 1095: _numbers(*[1] * count), 1096: _numbers(*range(1, count + 1)), 1097: _texts(*[""] * count),
        1116: _numbers(*(folders.index(f"{dirname(file.path)}/") for file in files)),
        1117: _texts(*(basename(file.path) for file in files)), 1118: _texts(*folders),
        5011: _numbers(_SHA256),
    }  # fmt: skip


def _digests(header: bytes, payload: bytes) -> Tags:
    """The signature header of a package that nobody has signed yet."""
    md5 = hashlib.md5(header + payload, usedforsecurity=False).digest()
    return {
        269: _text(hashlib.sha1(header, usedforsecurity=False).hexdigest()),
        273: _text(hashlib.sha256(header).hexdigest()),
        1000: _numbers(len(header) + len(payload)),
        1004: (BINARY, len(md5), md5),
        1007: _numbers(len(payload)),
    }


def _lead(about: About) -> bytes:
    name = f"{about.name}-{about.version}-{about.release}".encode()[:65]
    return struct.pack(">4sBBHH66sHH16x", LEAD_MAGIC, 3, 0, 0, 1, name, 1, 5)


def _cpio(files: Sequence[PackageFile], mtime: int) -> bytes:
    """The form "newc" (https://manpages.debian.org/bookworm/libarchive-dev/cpio.5.en.html)."""
    entries = [_cpio_entry(f".{file.path}", file.content, inode, mtime) for inode, file in enumerate(files, 1)]
    return b"".join(entries) + _cpio_entry("TRAILER!!!", b"", 0, 0)


def _cpio_entry(name: str, content: bytes, inode: int, mtime: int) -> bytes:
    path = name.encode() + b"\0"
    mode = _MODE if inode else 0
    fields = (inode, mode, 0, 0, 1, mtime, len(content), 0, 0, 0, 0, len(path), 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + path
    return head + bytes(-len(head) % 4) + content + bytes(-len(content) % 4)


def _text(value: str) -> tuple[int, int, bytes]:
    return STRING, 1, value.encode() + b"\0"


def _translated(value: str) -> tuple[int, int, bytes]:
    return I18N_STRING, 1, value.encode() + b"\0"


def _texts(*values: str) -> tuple[int, int, bytes]:
    return STRING_ARRAY, len(values), b"".join(value.encode() + b"\0" for value in values)


def _numbers(*values: int) -> tuple[int, int, bytes]:
    return INT32, len(values), struct.pack(f">{len(values)}I", *values)


def _shorts(*values: int) -> tuple[int, int, bytes]:
    return INT16, len(values), struct.pack(f">{len(values)}H", *values)
