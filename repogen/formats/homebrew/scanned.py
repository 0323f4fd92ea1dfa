"""The version that brew reads out of an address by itself (``Version.detect``).

``brew audit`` calls a stanza ``version`` that says the same redundant. brew tries many patterns, on the file's name without its ending and then on the
whole address, and the first that fits wins: it takes the 64 of ``hello-1.2.0-linux-arm64`` for a version, since numbers at the end come early in its
list. So only what leaves no room for another reading is taken for read.
"""

from __future__ import annotations

import re

_VERSION = re.compile(r"\d{1,3}(?:\.\d{1,3}){1,3}")
_NAME = r"[A-Za-z]+(?:[-_][A-Za-z]+)*"
_ENDING = r"\.(?:tar\.(?:gz|xz|bz2|zst)|tgz|zip)"
_WORD = r"[A-Za-z][A-Za-z0-9]*(?:_64)?"
#: The first word after the version must not look like a prerelease; the last one must end in a letter.
_REST = rf"(?:(?P<mark>[-_])(?!alpha|beta|pre|rc){_WORD}(?:[-_]{_WORD})*(?<=[A-Za-z]))?"
_IN_ADDRESS = re.compile(r"/(?:[rv]_?)?(\d+\.\d+(?:\.\d+){0,2})", re.IGNORECASE)
_ERLANG = re.compile(r"[-_]R\d+[AB]", re.IGNORECASE)


def scanned(url: str, version: str) -> bool:
    """Whether brew surely reads this version out of the address."""
    if not _VERSION.fullmatch(version) or _ERLANG.search(url):
        return False
    name = url.rpartition("/")[2]
    if not re.search(r"\d", name):
        folder = _IN_ADDRESS.search(url)
        return folder is not None and folder[1] == version
    found = re.fullmatch(rf"{_NAME}(?P<before>[-_])v?{re.escape(version)}{_REST}{_ENDING}", name, re.IGNORECASE)
    return found is not None and found["mark"] in {None, found["before"]}
