"""The three indices that every yum repository has, and filelists-ext, joined from the elements that were read out of each package."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Final

from repogen.artifact import RpmFacts
from repogen.formats.yum.index import Index, packed
from repogen.thrift import VERY_MANY
from repogen.yum_config import MOST_CHANGELOGS, YumConfig

DECLARATION: Final = b'<?xml version="1.0" encoding="UTF-8"?>\n'
#: Root element of each index, and its namespaces.
_ROOTS: Final = {
    "primary": ("metadata", 'xmlns="http://linux.duke.edu/metadata/common" xmlns:rpm="http://linux.duke.edu/metadata/rpm"'),
    "filelists": ("filelists", 'xmlns="http://linux.duke.edu/metadata/filelists"'),
    "other": ("otherdata", 'xmlns="http://linux.duke.edu/metadata/other"'),
    "filelists-ext": ("filelists-ext", 'xmlns="http://linux.duke.edu/metadata/filelists-ext"'),
}
_CHANGELOG: Final = re.compile(rb"  <changelog [^>]*>[^<]*</changelog>\n")


def indices(packages: Sequence[RpmFacts], config: YumConfig) -> Iterator[Index]:
    """primary, filelists and other; filelists-ext where it is asked for."""
    limit = config.changelog_limit
    texts = {
        "primary": (p.primary for p in packages),
        "filelists": (p.filelists for p in packages),
        "other": (p.other for p in packages) if limit >= MOST_CHANGELOGS else (_newest(p.other, limit) for p in packages),
    }
    if config.filelists_ext:
        texts["filelists-ext"] = (p.filelists_ext or _without_digests(p.filelists) for p in packages)
    with ThreadPoolExecutor(1 if len(packages) > VERY_MANY else 2) as pool:  # compressors let go of the interpreter, so that the next text is joined meanwhile
        yield from pool.map(lambda kind: packed(kind, f"{kind}.xml", _joined(kind, len(packages), texts[kind]), config.compression), texts)


def _joined(kind: str, count: int, elements: Iterable[bytes]) -> bytes:
    root, namespaces = _ROOTS[kind]
    whole = BytesIO()  # there may be a hundred megabytes, which are held once
    whole.write(DECLARATION + f'<{root} {namespaces} packages="{count}">\n'.encode())
    for element in elements:
        whole.write(element + b"\n")
    whole.write(f"</{root}>\n".encode())
    return whole.getvalue()


def _without_digests(filelists: bytes) -> bytes:
    """The element of a package that came in before anybody asked for digests. The first tag that closes itself is its version."""
    return filelists.replace(b"/>\n", b'/>\n  <checksum type="unknown"/>\n', 1)


def _newest(other: bytes, limit: int) -> bytes:
    """The element with its newest ``limit`` entries, which stand last."""
    entries = _CHANGELOG.findall(other)
    return _CHANGELOG.sub(b"", other, count=max(0, len(entries) - limit))
