"""The documents of a ``modules.yaml``, a YAML stream: what each of them describes, and which stand together.

Kinds and fields are libmodulemd's: https://github.com/fedora-modularity/libmodulemd/tree/main/yaml_specs . Two documents of one kind that describe the
same thing are an older and a newer one; all others stand side by side, so that a module keeps the streams that earlier releases brought.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from msgspec import Struct

from repogen.artifact import RpmFacts

# A line that begins so is one everywhere, also amid a text of several lines: https://yaml.org/spec/1.2.2/#923-bare-documents
_MARK = re.compile(r"^(?:---|\.\.\.)(?:[ \t].*)?\n?", re.MULTILINE)
_STREAM = ("name", "stream", "version", "context", "arch")
#: What tells one document of a kind from another.
_FIELDS = {
    "modulemd": _STREAM,
    "modulemd-stream": _STREAM,
    "modulemd-defaults": ("module",),
    "modulemd-translations": ("module", "stream"),
    "modulemd-obsoletes": ("module", "stream", "context", "modified"),
}


class Document(Struct, frozen=True):
    """One document."""

    text: str
    key: tuple[str, ...]
    """Its kind and what it describes; its text where that cannot be told."""
    module: str = ""
    """Name of the module."""
    packages: tuple[str, ...] = ()
    """NEVRAs of the packages that belong to a stream."""


def nevra(facts: RpmFacts) -> str:
    """Name, epoch, version, release and architecture, as such documents name packages."""
    return f"{facts.name}-{facts.epoch}:{facts.version}-{facts.release}.{facts.architecture}"


def joined(older: bytes, newer: bytes) -> bytes:
    """All documents of both, a newer one in place of the older one; ``older`` as it is where nothing new comes."""
    before = {document.key: document.text for document in documents(older)}
    after = before | {document.key: document.text for document in documents(newer)}
    return newer if not before else older if after == before else _stream(after.values())


def of_packages(content: bytes, packages: Iterable[str], there: bytes) -> bytes:
    """The documents of streams that have one of these packages, and what else describes their modules, such as defaults.

    All as far as it is not ``there``.
    """
    found, standing = documents(content), documents(there)
    wanted = {*packages}.difference(*(document.packages for document in standing))
    modules = {document.module for document in found if not wanted.isdisjoint(document.packages)}
    known = {document.key for document in standing}

    def is_wanted(document: Document) -> bool:
        if document.packages:
            return not wanted.isdisjoint(document.packages)
        return document.module in modules and document.key not in known

    return _stream(document.text for document in found if is_wanted(document))


@lru_cache(maxsize=8)
def documents(content: bytes) -> tuple[Document, ...]:
    """The documents of a stream in their order."""
    texts = (text.strip() for text in _MARK.split(content.decode("utf-8", "surrogateescape").replace("\r\n", "\n")))
    return tuple(_document(text) for text in texts if text)


def _document(text: str) -> Document:
    import yaml  # here, so that other builds do not pay for it

    try:
        said = yaml.load(text, getattr(yaml, "CBaseLoader", yaml.BaseLoader))  # noqa: S506 - it makes nothing but texts, lists and mappings
    except (yaml.YAMLError, RecursionError, ValueError):
        return Document(text, (text,))
    data = said.get("data") if isinstance(said, dict) else None
    if not isinstance(data, dict) or not (fields := _FIELDS.get(str(said.get("document")))):
        return Document(text, (text,))
    name = data.get("name") or data.get("module")
    return Document(text, (str(said["document"]), *(str(data.get(field)) for field in fields)), str(name), tuple(_packages(data)))


def _packages(data: dict[Any, Any]) -> Iterator[str]:
    artifacts = data.get("artifacts")
    rpms = artifacts.get("rpms") if isinstance(artifacts, dict) else None
    yield from (str(rpm) for rpm in rpms) if isinstance(rpms, list) else ()


def _stream(texts: Iterable[str]) -> bytes:
    return "".join(f"---\n{text}\n...\n" for text in texts).encode("utf-8", "surrogateescape")
