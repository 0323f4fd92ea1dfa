"""Windows Installer packages: an OLE compound file with a small database in it.

Database: https://learn.microsoft.com/windows/win32/msi/database-tables; the Property table says name, version and product code, the
Template of the summary information says the architecture (https://learn.microsoft.com/windows/win32/msi/template-summary).
Streams hold a table column by column; strings are numbers into one pool.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import olefile

from repogen.artifact import Authenticode, InstallerFacts, Kind
from repogen.errors import InputError
from repogen.readers import Digests, Reading
from repogen.readers.authenticode import read_signature

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._"
_TEMPLATE, _TEXT = 7, 30
_SIGNATURE = "\x05DigitalSignature"
_LARGEST_STREAM = 64 << 20
_LARGEST_SUMMARY = 1 << 20
_ARCHITECTURES = {"x64": "amd64", "amd64": "amd64", "intel": "i386", "": "i386", "arm64": "arm64", "arm": "armv7"}
_CODEPAGES = {0: "cp1252", 65001: "utf-8", 10000: "mac-roman"}


def read(path: Path, _digests: Digests) -> Reading:
    """Product name, version, code and architecture of an MSI. Raises InputError for a damaged one."""
    try:
        with olefile.OleFileIO(str(path)) as ole:
            properties, template, authenticode = _properties(ole), _template(ole), _authenticode(ole)
    except (OSError, IndexError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError, MemoryError) as error:
        # olefile answers damage with whatever it meets first.
        raise InputError(f"{path.name} is damaged: it is no whole Windows Installer package", hint="it may be cut short; build or copy it again") from error
    facts = InstallerFacts(
        technology="msi",
        product_name=_line(properties.get("ProductName", "")),
        product_code=_line(properties.get("ProductCode", "")),
        product_version=_line(properties.get("ProductVersion", "")),
        authenticode=authenticode,
    )
    if not facts.product_version:
        raise InputError(f"{path.name} is an OLE file without a ProductVersion, so no Windows Installer package", hint="build it again")
    return Reading(
        kind=Kind.MSI,
        facts=facts,
        product=facts.product_name,
        version=re.sub(r"^(\d+\.\d+\.\d+)\.0$", r"\1", facts.product_version),
        os="windows",
        arch=_ARCHITECTURES.get(template.split(";")[0].split(",")[0].strip().lower(), ""),
        title=facts.product_name,
        homepage=_line(properties.get("ARPURLINFOABOUT", "")),
    )


def _template(ole: Any) -> str:
    """The Template out of the summary's one property set; empty where it has none.

    olefile's own reader would make lists as long as a damaged one claims. Layout: https://learn.microsoft.com/openspecs/windows_protocols/ms-oleps/
    """
    with ole.openstream("\x05SummaryInformation") as stream:
        data: bytes = stream.read(_LARGEST_SUMMARY)
    begin = _number(data, 44)
    for at in range(begin + 8, min(begin + 8 + 8 * _number(data, begin + 4), len(data)), 8):
        if _number(data, at) == _TEMPLATE:
            value = begin + _number(data, at + 4)
            if _number(data, value) != _TEXT:
                raise ValueError("the Template is no text")
            return data[value + 8 : value + 8 + _number(data, value + 4)].partition(b"\0")[0].decode("latin-1")
    return ""


def _number(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")


def _authenticode(ole: Any) -> Authenticode:
    """The signature, which has a stream of its own."""
    if not ole.exists(_SIGNATURE):
        return Authenticode()
    with ole.openstream(_SIGNATURE) as stream:
        return read_signature(stream.read(_LARGEST_STREAM))


def _properties(ole: Any) -> dict[str, str]:
    streams = {_stream_name(entry[0]): entry for entry in ole.listdir() if len(entry) == 1}

    def content(name: str) -> bytes:
        with ole.openstream(streams[name]) as stream:
            data: bytes = stream.read(_LARGEST_STREAM)
        return data

    pool = content("!_StringPool")
    texts = _texts(pool, content("!_StringData"))
    width = 3 if int.from_bytes(pool[2:4], "little") & 0x8000 else 2
    table = content("!Property")
    count = len(table) // (2 * width)
    numbers = [int.from_bytes(table[at : at + width], "little") for at in range(0, 2 * count * width, width)]
    return {texts[key]: texts[value] for key, value in zip(numbers[:count], numbers[count:], strict=True)}


def _texts(pool: bytes, data: bytes) -> list[str]:
    """Every string of the pool by its number. Its first entry is the code page; a length of zero with a count announces a long string."""
    codepage = int.from_bytes(pool[:2], "little") | (int.from_bytes(pool[2:4], "little") & 0x7FFF) << 16
    encoding = _CODEPAGES.get(codepage, f"cp{codepage}")
    texts, start, at = [""], 0, 4
    while at + 4 <= len(pool):
        length, uses = int.from_bytes(pool[at : at + 2], "little"), int.from_bytes(pool[at + 2 : at + 4], "little")
        at += 4
        if length == 0 and uses and at + 4 <= len(pool):
            length = uses << 16 | int.from_bytes(pool[at : at + 2], "little")
            at += 4
        texts.append(_decoded(data[start : start + length], encoding))
        start += length
    return texts


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding, "replace")
    except LookupError:
        return data.decode("latin-1")


def _stream_name(name: str) -> str:
    """A stream's name in plain letters: MSI packs two of 64 characters into one; ``!`` marks a table."""
    plain = []
    for character in name:
        code = ord(character)
        if 0x3800 <= code < 0x4800:
            plain += [_ALPHABET[(code - 0x3800) & 0x3F], _ALPHABET[(code - 0x3800) >> 6]]
        elif 0x4800 <= code < 0x4840:
            plain.append(_ALPHABET[code - 0x4800])
        else:
            plain.append("!" if code == 0x4840 else character)
    return "".join(plain)


def _line(text: str) -> str:
    return " ".join(text.split())
