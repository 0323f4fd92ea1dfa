"""Checksum lists that come with a release are compared with its files, then superseded by repogen's own.

Forms: ``digest  name`` as sha256sum writes it, ``SHA256 (name) = digest`` as BSD and openssl do, and a lone digest in ``name.sha256``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from repogen.errors import InputError
from repogen.readers import Digests, Reading, endings
from repogen.scanning.digests import digest_by

_ALGORITHMS = {32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}
_GNU = re.compile(r"\\?(?P<digest>[0-9A-Fa-f]{32,128})(?:[ \t]+[*]?(?P<name>.+))?")
_BSD = re.compile(r"[A-Z0-9-]+ ?\((?P<name>.+)\) ?= ?(?P<digest>[0-9A-Fa-f]{32,128})")


class _File(Protocol):
    @property
    def path(self) -> str: ...
    @property
    def folder(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def digests(self) -> Digests: ...
    @property
    def reading(self) -> Reading: ...


def parse_sums(text: str, own_name: str) -> Iterator[tuple[str, str]]:
    """Name and digest of each line; names without folders. A lone digest is that of the file whose name the list's own begins with."""
    for line in text.splitlines():
        match = _BSD.fullmatch(line.strip()) or _GNU.fullmatch(line.strip())
        if match and len(match["digest"]) in _ALGORITHMS:
            name = match["name"] or endings.accompanied(own_name)
            yield name.replace("\\", "/").rpartition("/")[2], match["digest"].lower()


def check_sums(lists: Sequence[_File], files: Sequence[_File]) -> None:
    """Compare every list with the files that it names, those in its own folder first. Raises InputError for a wrong or empty list."""
    by_name: dict[str, list[_File]] = {}
    for file in files:
        by_name.setdefault(file.name, []).append(file)
    for sums in lists:
        lines = list(parse_sums(sums.reading.text, sums.name))
        if not lines:
            raise InputError(f"{sums.name} claims by its name to be a list of checksums, but holds none", hint="write it again, or list it in [input] ignore")
        for name, digest in lines:
            _compare(sums, digest, by_name.get(name, []))


def _compare(sums: _File, digest: str, named: Sequence[_File]) -> None:
    beside = [file for file in named if file.folder == sums.folder]
    candidates = beside or named
    if candidates and not any(_digest(file, _ALGORITHMS[len(digest)]) == digest for file in candidates):
        raise InputError(
            f"{candidates[0].name} is not the file that {sums.name} describes: its {_ALGORITHMS[len(digest)].upper()} digest differs",
            hint="the file or the list is damaged or from another build; bring both from one build",
        )


def _digest(file: _File, algorithm: str) -> str:
    known = {"sha256": file.digests.sha256, "sha512": file.digests.sha512}.get(algorithm, "")
    return known or digest_by(Path(file.path), algorithm)
