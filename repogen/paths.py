"""Names that are safe as a path in a URL, on S3, in a shell and in every client.

``+`` is allowed in apt's pool alone (Debian's names keep it, and apt escapes it); zypper sends it
raw, which S3 reads as a space, so all other writers use :func:`safe_name`.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache

from repogen.errors import ProtectionError

_SAFE_PATH = re.compile(r"[A-Za-z0-9._~+-]+(?:/[A-Za-z0-9._~+-]+)*", re.ASCII)
#: Bytes that a file's name may have: file systems allow 255, and while a file is written its name is ``.<name>.new``.
LONGEST_NAME = 250
#: The same without parts that are "." or ".." or begin with "-", or are too long. One expression, since a build asks for every file.
_SITE_PATH = re.compile(rf"(?!/)(?:(?:\A|/)(?!-|\.{{1,2}}(?:/|\Z))[A-Za-z0-9._~+-]{{1,{LONGEST_NAME}}})+", re.ASCII)
_SAFE_NAME = re.compile(r"[A-Za-z0-9_~][A-Za-z0-9._~-]*", re.ASCII)
_UNSAFE = re.compile(r"[^A-Za-z0-9._~-]+")
#: What an id spells out: letters of which Unicode knows no parts, and the plus.
_SPELLED = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ŧ": "t", "\u0131": "i", "+": "-plus"})
_ENDING = re.compile(r"(?:\.tar)?\.[A-Za-z][A-Za-z0-9]*$|$")


def check_site_path(path: str) -> str:
    """Return ``path`` when it is a safe relative path, else raise ProtectionError."""
    if not _SITE_PATH.fullmatch(path):
        longest = max(map(len, path.split("/")))
        if longest > LONGEST_NAME:
            hint = f"a name of {longest} bytes is too long, since file systems set a limit; rename the release's file, so that it has {LONGEST_NAME} at most"
            raise ProtectionError(f"{path!r} cannot be a path of the site", hint=hint)
        raise ProtectionError(
            f"{path!r} cannot be a path of the site",
            hint="names may hold letters, digits and . _ ~ + - only",
        )
    return path


def is_plain_path(path: str) -> bool:
    """Whether a relative path means the same to every client and service, without any encoding."""
    return bool(_SAFE_PATH.fullmatch(path)) and "+" not in path and not any(part in {".", ".."} for part in path.split("/"))


def safe_name(name: str) -> str:
    """``name`` as one path component that every client can fetch.

    Spaces and other characters become ``-``. Where something other than a space was lost, eight digits of
    a digest of the name, before its ending, keep two different names apart: ``a+b.tar.gz`` and ``a-b.tar.gz`` never meet.
    """
    if _SAFE_NAME.fullmatch(name):
        return name
    plain = unicodedata.normalize("NFC", name)
    safe = _UNSAFE.sub("-", plain).lstrip(".-") or "file"
    if safe == re.sub(r" +", "-", plain):
        return safe
    mark = hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return _ENDING.sub(rf"-{mark}\g<0>", safe, count=1)


@lru_cache(maxsize=65536)
def slug(name: str) -> str:
    """A product id: ``WebRTC Desktop Host`` becomes ``webrtc-desktop-host``; empty when nothing is left.

    Letters lose their marks, and ``ß`` becomes ``ss``. A ``+`` is spelled out, so that ``g++`` and ``g`` stay two products.
    """
    plain = unicodedata.normalize("NFKD", name).lower().translate(_SPELLED)
    return re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode()).strip("-")
