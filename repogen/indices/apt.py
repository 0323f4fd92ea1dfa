"""An apt repository's indices: Release, Packages and Sources (https://wiki.debian.org/DebianRepository/Format)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from repogen.errors import InputError
from repogen.indices.deb822 import fields, paragraphs, word
from repogen.indices.indexed import Indexed
from repogen.indices.packing import ENDINGS

_LISTS = {"sha512": "sha512", "sha256": "sha256", "sha1": "sha1", "md5sum": "md5"}
_SOURCE_LISTS = {"checksums-sha512": "sha512", "checksums-sha256": "sha256", "checksums-sha1": "sha1", "files": "md5"}
_LINE = re.compile(r"[ \t]*([0-9a-fA-F]{32,128})[ \t]+([0-9]{1,15})[ \t]+(\S+)[ \t]*")
_INDEX = re.compile(r"(?:.+/)?(?:binary-[^/]+/Packages|source/Sources)")


class Release(Struct, frozen=True, kw_only=True):
    """A Release file."""

    fields: Mapping[str, str]
    """Values of one line, by field name in lower case."""
    files: Mapping[str, Indexed]
    """The indices of the suite, by their path from its folder."""

    def indices(self) -> Iterator[str]:
        """Names of the indices of packages, without the endings of their packed forms: ``main/binary-amd64/Packages``. Sorted."""
        plain = {name.removesuffix(next(e for e in ENDINGS if name.endswith(e))) for name in self.files}
        return (name for name in sorted(plain) if _INDEX.fullmatch(name))

    def forms(self, index: str) -> Iterator[Indexed]:
        """The forms in which an index may be there, the cheapest to fetch first."""
        return (self.files[index + ending] for ending in ENDINGS if index + ending in self.files)


class Package(Struct, frozen=True, kw_only=True):
    """One stanza of an index of packages."""

    files: tuple[Indexed, ...]
    """The deb; of a source package the .dsc and all that it names."""
    stanza: bytes


def read_release(text: bytes, name: str) -> Release:
    """The Release file in these bytes, which ``name`` tells in messages. Raises InputError."""
    found = next((fields(paragraph) for paragraph in paragraphs(text)), {})
    files = _merged(((algorithm, found[key]) for key, algorithm in _LISTS.items() if key in found), "", name)
    if not files:
        raise InputError(f"{name} is no Release file of an apt repository: it names no indices", hint="point at the folder that holds dists/")
    return Release(fields={key: word(found, key) for key in found if key not in _LISTS}, files=files)


def read_packages(text: bytes, name: str) -> Iterator[Package]:
    """The stanzas of a Packages index. Raises InputError."""
    for stanza in paragraphs(text):
        found = fields(stanza)
        digests = {algorithm: word(found, key).lower() for key, algorithm in _LISTS.items() if word(found, key)}
        path, size = word(found, "filename"), word(found, "size")
        if not path or not digests or not size.isdecimal():
            raise InputError(f"{name} names a package without Filename, Size or digest: {word(found, 'package')!r}", hint="let its tool write the index again")
        yield Package(files=(Indexed(path=path.removeprefix("./"), size=int(size), digests=digests),), stanza=stanza)


def read_sources(text: bytes, name: str) -> Iterator[Package]:
    """The stanzas of a Sources index. Raises InputError."""
    for stanza in paragraphs(text):
        found = fields(stanza)
        folder = word(found, "directory").strip("/").removeprefix("./")
        files = _merged(((algorithm, found[key]) for key, algorithm in _SOURCE_LISTS.items() if key in found), f"{folder}/" if folder else "", name)
        if not files:
            raise InputError(f"{name} names the source package {word(found, 'package')!r} without files", hint="let its tool write the index again")
        yield Package(files=tuple(files.values()), stanza=stanza)


def _merged(lists: Iterator[tuple[str, bytes]], folder: str, name: str) -> dict[str, Indexed]:
    """The files of several lists of digests, by path."""
    sizes: dict[str, int] = {}
    digests: dict[str, dict[str, str]] = {}
    for algorithm, lines in lists:
        for line in filter(None, (line.strip() for line in lines.decode("utf-8", "replace").split("\n"))):
            match = _LINE.fullmatch(line)
            if match is None or sizes.setdefault(match[3], int(match[2])) != int(match[2]):
                raise InputError(f"{name} has a line that names no file: {line[:80]!r}", hint="let its tool write the index again")
            digests.setdefault(match[3], {})[algorithm] = match[1].lower()
    return {path: Indexed(path=f"{folder}{path}", size=sizes[path], digests=digests[path]) for path in sizes}
