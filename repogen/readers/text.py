"""Release notes and lists of checksums, which are text in UTF-8."""

from __future__ import annotations

from pathlib import Path

from repogen.artifact import Kind
from repogen.errors import InputError
from repogen.readers import Digests, Reading, endings

_LONGEST = 4 << 20


def read(path: Path, digests: Digests) -> Reading:
    """The whole text, with LF line ends. Raises InputError where it is none."""
    text = read_text(path, digests.size).replace("\r\n", "\n")
    kind = Kind.NOTES if endings.kind_by_name(path.name) is Kind.NOTES else Kind.SUMS
    return Reading(kind=kind, text=text)


def read_text(path: Path, size: int) -> str:
    """The content of a text file of at most 4 MiB."""
    if size > _LONGEST:
        raise InputError(
            f"{path.name} is {size >> 20} MiB long, which is too much for a text", hint="list it in [input] ignore if it is no part of the release"
        )
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{path.name} is no text in UTF-8", hint="save it in UTF-8") from None
    if "\0" in text:
        raise InputError(f"{path.name} is no text: it holds a zero byte", hint="save it as plain text in UTF-8")
    return text
