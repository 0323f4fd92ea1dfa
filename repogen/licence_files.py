"""Texts of licences: those that ``[product.chocolatey] license_file`` names, and those that stand in a release's archives.

A package that holds programs has to bring the licence that allows to pass them on: https://docs.chocolatey.org/en-us/create/create-packages/.
"""

from __future__ import annotations

import re
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct

from repogen.artifact import ArchiveFacts, Artifact, Kind
from repogen.config import Config
from repogen.errors import UsageError

#: ``LICENSE``, ``LICENCE.txt``, ``LICENSE-MIT``, ``COPYING.md`` or ``UNLICENSE``.
_NAME = re.compile(r"(?:licen[cs]e|copying|unlicense)(?:[-_.][\w.-]*)?", re.IGNORECASE)
_LARGEST = 1 << 20


class Licence(Struct, frozen=True):
    """A licence as a package brings it."""

    text: str
    origin: str
    """Where the text was found, for people."""


def read_licence_files(config: Config, base: Path) -> dict[str, str]:
    """The texts that the configuration names, by product; the files are relative to ``base``. Raises UsageError."""
    return {table.id: _read(table.id, name, base / name) for table in config.product if (name := table.chocolatey.license_file)}


def _read(product: str, name: str, path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"[[product]] {product}: chocolatey.license_file {name} cannot be read: {error.strerror or error}", hint="name the text file of the licence"
        ) from error
    if b"\0" in content or len(content) > _LARGEST or not content.strip():
        raise UsageError(f"[[product]] {product}: chocolatey.license_file {name} is no text of a licence", hint="name a text file of less than 1 MiB")
    return _text(content)


def find_licence(artifacts: Iterable[Artifact], sources: Mapping[str, str]) -> Licence | None:
    """The licences in the first archive that has any and is on this machine: all that stand in its top folder, one after the other."""
    for artifact in artifacts:
        names = _names(artifact)
        if names and (source := sources.get(artifact.path)):
            texts = _members(Path(source), artifact.kind, names)
            if texts:
                return Licence(text="\n\n".join(texts[name] for name in sorted(texts)), origin=f"{', '.join(sorted(texts))} in {artifact.filename}")
    return None


def _names(artifact: Artifact) -> frozenset[str]:
    """Members of an archive that are licences by their names, in its top folder."""
    if not isinstance(artifact.facts, ArchiveFacts):
        return frozenset()
    prefix = f"{artifact.facts.top}/" if artifact.facts.top else ""
    return frozenset(member for member in artifact.facts.members if _NAME.fullmatch(member.removeprefix(prefix)))


def _members(archive: Path, kind: Kind, names: frozenset[str]) -> dict[str, str]:
    found: dict[str, bytes] = {}
    if kind is Kind.ZIP:
        with zipfile.ZipFile(archive) as opened:
            for info in opened.infolist():
                if (name := info.filename.replace("\\", "/").removeprefix("./")) in names and info.file_size <= _LARGEST:
                    found[name] = opened.read(info)
        return _texts(found)
    try:
        with tarfile.open(archive) as opened_tar:
            for member in opened_tar:
                if (name := member.name.removeprefix("./")) in names and member.isfile() and member.size <= _LARGEST:
                    content = opened_tar.extractfile(member)
                    found[name] = content.read() if content else b""
    except tarfile.ReadError:
        """A compression that the standard library does not know, such as zstd: a licence in it is not looked for."""
    return _texts(found)


def _texts(found: Mapping[str, bytes]) -> dict[str, str]:
    return {name: _text(content) for name, content in found.items() if content.strip() and b"\0" not in content}


def _text(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return text.replace("\r\n", "\n").strip("\n")
