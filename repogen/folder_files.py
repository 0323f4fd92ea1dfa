"""The files of one folder, each put in its place: written beside it and renamed, so that whoever reads the folder meanwhile sees the old one or the new one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from repogen.copying import copy_unchanged
from repogen.served_folders import make_served
from repogen.taking import Copies
from repogen.tree import Blob


class FolderFiles:
    """The files below ``folder``; those in the folder ``work`` are our own, and are moved. Paths are plain strings: there may be many thousands."""

    def __init__(self, folder: Path, work: Path) -> None:
        self._folder, self._own = str(folder), f"{work}/"
        self._folders: dict[str, bool] = {}
        """Folders that are there, and whether this run made them: there is nothing in those but what it put there."""
        self._first: dict[str, str] = {}
        self.copies: Copies | None = None
        """Copies of the user's small files that were made before."""

    def size(self, path: str) -> int | None:
        """Bytes of the file at this path; None where there is none."""
        try:
            return os.stat(f"{self._folder}/{path}").st_size
        except OSError:
            return None

    def is_free(self, path: str) -> bool:
        """Whether no file is there. Makes its folder."""
        self._names(path)
        return self._folders[f"{self._folder}/{path}".rpartition("/")[0]] or self.size(path) is None

    def write(self, path: str, parts: Iterable[bytes]) -> None:
        """Put these bytes there. Raises OSError."""
        target, temporary = self._names(path)
        with _moved(temporary, target), open(temporary, "wb", buffering=0) as file:
            for part in parts:
                rest = memoryview(part)
                while rest:
                    rest = rest[file.write(rest) :]
            os.fchmod(file.fileno(), 0o644)

    def bring(self, path: str, blob: Blob) -> None:
        """Put a file of this machine there: our own is moved, the user's is copied. The same bytes at another path are the same file. Raises OSError."""
        target, temporary = self._names(path)
        first = self._first.setdefault(blob.sha256, target)
        if first == target and self.copies is not None and self.copies.moved(blob.sha256, target):
            return
        source = blob.path or ""
        with _moved(temporary, target):
            if first != target and os.path.exists(first):
                _link_or_copy(first, temporary)
            elif source.startswith(self._own):
                os.replace(source, temporary)
            else:
                copy_unchanged(Path(source), temporary, blob.size)
            os.chmod(temporary, 0o644)

    def _names(self, path: str) -> tuple[str, str]:
        """Where a file goes, and where it is written first."""
        folder, _, name = f"{self._folder}/{path}".rpartition("/")
        if folder not in self._folders:
            self._folders[folder] = make_served(folder)
        return f"{folder}/{name}", f"{folder}/.{name}.new"


@contextmanager
def _moved(temporary: str, target: str) -> Iterator[None]:
    """Put what is written under the first name in its place; nothing is left of it when that fails."""
    try:
        yield
        os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # a file system without links, or one more than it allows
        shutil.copyfile(source, target)
