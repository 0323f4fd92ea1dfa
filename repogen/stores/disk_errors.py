"""What the system says of files, as sentences with a remedy."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from repogen.errors import StoreError

NO_ROOM = {
    errno.ENOSPC: "the disk is full: make room and say it again, nothing is lost",
    errno.EDQUOT: "the quota is used up: make room and say it again, nothing is lost",
}
_REMEDIES = {
    errno.EACCES: "give the user that publishes the right to write there",
    errno.EPERM: "give the user that publishes the right to write there",
    errno.EROFS: "the file system is mounted read-only",
    **NO_ROOM,
    errno.ENOTDIR: "a file stands where a folder is needed: move it away",
    errno.EISDIR: "a folder stands where a file is needed: move it away",
    errno.ENAMETOOLONG: "the file system takes no name as long as this",
    errno.EXDEV: "all folders of the destination must be on one file system",
}


@contextmanager
def sentences(path: Path) -> Iterator[None]:
    """Turn an OSError into a StoreError that names the file."""
    try:
        yield
    except OSError as error:
        name = error.filename2 or error.filename or path
        hint = _REMEDIES.get(error.errno or 0, "look at the disk and publish again")
        raise StoreError(f"{name}: {error.strerror or error}", hint=hint) from error
