"""One function for each language that we write: text in, the same text as a literal of that language out.

Templates use them as filters (``{{ title | ruby }}``). They write the quotes too, except ``xml`` and ``html``, which escape
for element text and quoted attributes. Control characters cannot leave a literal in any of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from html import escape

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u0080-\u009f\u2028-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]")

#: Characters that no quoting changes: of many thousands of words most have no others.
_UNCHANGED = re.compile(r"[A-Za-z0-9._+~:/=@%-]+")


def plain(text: str) -> str:
    """Without control characters, marks that turn the direction of what follows, lone surrogates and line ends other than LF."""
    return text if text.isprintable() else _CONTROL.sub("", text.replace("\r\n", "\n"))


def line(text: str) -> str:
    """As one line."""
    return " ".join(plain(text).split())


def ruby(text: str) -> str:
    """A double-quoted Ruby literal without interpolation."""
    body = plain(text).replace("\\", "\\\\").replace('"', '\\"').replace("#", "\\#").replace("\n", "\\n").replace("\t", "\\t")
    return '"' + re.sub(r"\\#(?![{$@])", "#", body) + '"'


def sh(text: str) -> str:
    """A single-quoted POSIX shell word."""
    return "'" + plain(text).replace("'", "'\\''") + "'"


def sh_words(texts: Iterable[str]) -> str:
    """Single-quoted POSIX shell words on one line."""
    words = list(texts)
    if _UNCHANGED.fullmatch("".join(words)):
        return "'" + "' '".join(words) + "'"
    return " ".join(sh(line(text)) for text in words)


def powershell(text: str) -> str:
    """A single-quoted PowerShell string. PowerShell takes typographic quotes for quotes, so these are doubled as well."""
    return "'" + re.sub("(['\u2018\u2019\u201a\u201b])", r"\1\1", plain(text)) + "'"


def powershell_ascii(text: str) -> str:
    """A PowerShell expression of a text in ASCII alone, for a script without a byte order mark, which Windows PowerShell reads in the machine's code page."""
    if text.isascii():
        return powershell(text)
    units = plain(text).replace("\\", "\\\\").replace("'", "''").encode("utf-16-be")
    pairs = (units[i : i + 2] for i in range(0, len(units), 2))
    return "([regex]::Unescape('" + "".join(chr(pair[1]) if pair[0] == 0 and pair[1] < 0x80 else f"\\u{pair.hex()}" for pair in pairs) + "'))"


def xml(text: str) -> str:
    """Text or attribute value of XML 1.0."""
    return escape(plain(text), quote=True)


html = xml
"""Text or attribute value of HTML."""


def markdown(text: str) -> str:
    """Text inside one line of Markdown."""
    return re.sub(r"([\\`*_{}\[\]<>#|&~!])", r"\\\1", line(text))


def toml(text: str) -> str:
    """A basic string of TOML, which takes what JSON writes."""
    return json.dumps(plain(text), ensure_ascii=False)


yaml = toml
"""A double-quoted scalar of YAML, which takes what JSON writes."""

FILTERS = {
    "toml": toml,
    "yaml": yaml,
    "json": toml,
    "markdown": markdown,
    "ruby": ruby,
    "sh": sh,
    "sh_words": sh_words,
    "powershell": powershell,
    "powershell_ascii": powershell_ascii,
    "xml": xml,
    "html": html,
    "line": line,
}
