"""Control files of zsync, as far as they say what they are about: a header as of HTTP before the checksums (zsyncmake(1))."""

from __future__ import annotations

from repogen.artifact import ZsyncFacts
from repogen.errors import InputError


def parse(name: str, head: bytes) -> ZsyncFacts:
    """What the beginning of a control file says. Raises InputError where it is none."""
    header, end, _ = head.partition(b"\n\n")
    pairs = (line.partition(b": ") for line in header.split(b"\n"))
    said = {key.decode("ascii", "replace").lower(): value.decode("utf-8", "replace").strip() for key, _, value in pairs}
    size = said.get("length", "")
    if not end or not header.startswith(b"zsync: ") or not (size.isascii() and size.isdigit()):
        raise InputError(f"{name} is no control file of zsync", hint="make it again with zsyncmake, or leave it out: repogen writes one for each AppImage")
    return ZsyncFacts(url=said.get("url", ""), size=int(size), sha1=said.get("sha-1", "").lower())
