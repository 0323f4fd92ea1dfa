"""Paragraphs of fields (https://manpages.debian.org/bookworm/dpkg-dev/deb822.5.en.html), kept as bytes: old packages hold Latin-1."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_BLANK = re.compile(rb"\n(?:[ \t\r]*\n)+")
_FIELD = re.compile(rb"^([!-9;-~\x80-\xff]+)[ \t]*:[ \t]*([^\n]*(?:\n[ \t][^\n]*)*)", re.MULTILINE)


def paragraphs(text: bytes) -> Iterator[bytes]:
    """The paragraphs of a text, without the blank lines between them; each ends in one newline."""
    for paragraph in _BLANK.split(text.replace(b"\r\n", b"\n")):
        if stripped := paragraph.strip(b"\n"):
            yield stripped + b"\n"


def fields(paragraph: bytes) -> Mapping[str, bytes]:
    """Values by field name in lower case. A value of several lines keeps its line ends."""
    return {name.decode("latin-1").lower(): value.rstrip() for name, value in _FIELD.findall(paragraph)}


def word(found: Mapping[str, bytes], name: str) -> str:
    """The value of a field as a text of one line; empty where it is absent."""
    return found.get(name, b"").decode("utf-8", "replace").strip()


def without(paragraph: bytes, names: set[str]) -> bytes:
    """The paragraph without these fields, which are named in lower case."""
    return b"".join(match[0] + b"\n" for match in _FIELD.finditer(paragraph) if match[1].decode("latin-1").lower() not in names)
