"""Long descriptions apart from the packages (https://wiki.debian.org/DebianRepository/Format#Translation_Indices).

Clients then fetch them once for all architectures, or not at all. Which description belongs to a package is told by an MD5, which is no protection
and need not be: Release vouches for the whole index.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from repogen.artifact import DebFacts

#: From here on, long descriptions weigh enough to stand apart.
LARGE = 1 << 20

_DESCRIPTION = re.compile(rb"^Description:[ \t]*([^\n]*)((?:\n[ \t][^\n]*)+)\n", re.MULTILINE | re.IGNORECASE)


def weight(debs: Iterable[DebFacts]) -> int:
    """Bytes that the long descriptions take in the Packages indices."""
    return sum(len(match[2]) for facts in debs if (match := _DESCRIPTION.search(facts.stanza)))


def shortened(stanza: bytes) -> bytes:
    """The stanza with the first line of its description, and the digest of the whole one. Without a long one it stays."""
    return _DESCRIPTION.sub(lambda match: b"Description: %s\nDescription-md5: %s\n" % (match[1], _digest(match)), stanza)


def translation(debs: Iterable[DebFacts]) -> bytes:
    """The descriptions of these packages, each once, in the order of names."""
    found = {(f.package, _digest(match)): match[1] + match[2] for f in debs if (match := _DESCRIPTION.search(f.stanza))}
    return b"".join(
        b"Package: %s\nDescription-md5: %s\nDescription-en: %s\n\n" % (package.encode(), digest, text) for (package, digest), text in sorted(found.items())
    )


def _digest(match: re.Match[bytes]) -> bytes:
    return hashlib.md5(match[1] + match[2] + b"\n", usedforsecurity=False).hexdigest().encode()
