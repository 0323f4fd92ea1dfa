"""Published payload read again, for facts that no index tells."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from repogen.artifact import Artifact, DebFacts, Facts
from repogen.errors import StoreError
from repogen.packed_text import Text
from repogen.readers import Digests, reader_for
from repogen.readers.deb_files import installed_files
from repogen.rebuilding.published_site import PublishedSite
from repogen.scanning.digests import digest_file

_RESTORE = "restore it from a backup or from an older version of the object; nothing was changed"


@contextmanager
def fetched(site: PublishedSite, path: str, sha256: str = "", *, name: str = "") -> Iterator[tuple[Path, Digests]]:
    """A published file on this machine, for as long, called ``name`` where that is given.

    Raises StoreError where it is not there, or is another one than ``sha256`` says.
    """
    with TemporaryDirectory(prefix="repogen-") as folder:
        file = Path(folder) / (name or path.rpartition("/")[2])
        site.fetch(path, file)
        written = site.listed[path].written
        os.utime(file, (written, written))  # the indices of yum tell it
        digests = digest_file(file)
        if sha256 and digests.sha256 != sha256:
            raise StoreError(f"{path} in {site.address} is not what was published", hint=_RESTORE)
        yield file, digests


def facts_of_file(site: PublishedSite, artifact: Artifact, *, contents: bool) -> Facts | None:
    """What a published file says of itself. ``contents``: with the files that a deb installs."""
    with fetched(site, artifact.path, artifact.sha256, name=Path(artifact.filename).name) as (file, digests):
        facts: Facts | None = reader_for(artifact.kind).read(file, digests).facts
        if contents and isinstance(facts, DebFacts):
            facts = replace(facts, packed_files=Text(installed_files(file, digests.size)))
        return facts
