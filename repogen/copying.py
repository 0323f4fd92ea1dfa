"""A user's file copied as it is, by the kernel: bytes that share no inode with it, and no blocks but where the file system clones them.

https://man7.org/linux/man-pages/man2/copy_file_range.2.html
"""

from __future__ import annotations

import errno
import os
import shutil
from io import FileIO
from pathlib import Path

from repogen.errors import InputError

#: Where the kernel or the two file systems cannot: then it goes through this process.
_CANNOT = frozenset((errno.ENOSYS, errno.EXDEV, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM))


def copy_unchanged(source: Path, target: str, size: int) -> None:
    """Copy a file of this size with its time. Raises InputError when it changes meanwhile, and OSError."""
    with _opened(source) as file, Path(target).open("wb") as copy:
        before = os.fstat(file.fileno())
        if not _copied_by_the_kernel(file.fileno(), copy.fileno()):
            shutil.copyfileobj(file, copy, 1 << 20)
            copy.flush()  # a buffered file writes all of it or says that the disk is full; a raw one may write less
        after = source.stat()  # of the name: another file may stand there now
        if _identity(before) != _identity(after) or before.st_size != size or os.fstat(copy.fileno()).st_size != size:
            raise InputError(f"{source} changed while it was copied", hint="build again when nothing writes to it any more")
        os.utime(copy.fileno(), ns=(after.st_atime_ns, after.st_mtime_ns))


def _opened(source: Path) -> FileIO:
    try:
        return source.open("rb", buffering=0)
    except FileNotFoundError:
        raise InputError(f"{source} vanished before it was copied", hint="let the build of the release finish first, then run repogen again") from None


def _copied_by_the_kernel(source: int, target: int) -> bool:
    """Whether the kernel took the whole file over; where it could not, nothing has been read."""
    step = getattr(os, "copy_file_range", None)  # Linux only
    if step is None:
        return False
    try:
        while step(source, target, 1 << 30):
            pass
    except OSError as error:
        if error.errno in _CANNOT and not os.lseek(source, 0, os.SEEK_CUR):
            return False
        raise
    return True


def _identity(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_size, status.st_mtime_ns, status.st_ino
