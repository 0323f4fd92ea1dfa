"""Where an old repository is: a folder, or a bucket that is only read."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from repogen.errors import InputError, UsageError
from repogen.home_paths import expanded
from repogen.stores import Store, open_store


class Source(Protocol):
    """An old repository, or a folder of several."""

    address: str

    def paths(self) -> Iterator[str]:
        """Every file, by its path from the root, sorted."""

    def read(self, path: str) -> bytes:
        """The bytes of a file. Raises InputError where it is absent."""

    def local(self, path: str, folder: Path) -> Path:
        """A file on this machine: where it is, or fetched into a folder. Raises InputError where it is absent."""


class FolderSource:
    """A folder. Links to folders are not followed: they are other names of what is there."""

    def __init__(self, root: Path) -> None:
        self.address = str(root)
        self._root = root

    def paths(self) -> Iterator[str]:
        found = []
        for folder, inside, names in os.walk(self._root, onerror=_refuse):
            inside[:] = [name for name in inside if name != ".repogen"]
            found += [str((Path(folder) / name).relative_to(self._root)) for name in names]
        return iter(sorted(found))

    def read(self, path: str) -> bytes:
        with _told(self.address, path):
            return (self._root / path).read_bytes()

    def local(self, path: str, folder: Path) -> Path:
        file = self._root / path
        with _told(self.address, path):
            if file.stat() and not file.is_symlink():
                return file
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            return Path(shutil.copy2(file, folder / path))  # its target may be called otherwise, and stand anywhere


class BucketSource:
    """A bucket, as far as a prefix goes."""

    def __init__(self, store: Store) -> None:
        self.address = store.address
        self._store = store

    def paths(self) -> Iterator[str]:
        return (listed.key for listed in self._store.list("") if not listed.key.startswith(".repogen/"))

    def read(self, path: str) -> bytes:
        stored = self._store.get(path)
        if stored is None:
            raise _missing(self.address, path)
        return stored.content

    def local(self, path: str, folder: Path) -> Path:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if not self._store.fetch(path, target):
            raise _missing(self.address, path)
        return target


def open_source(words: str, base: Path, endpoint_url: str) -> Source:
    """The source that a user names: ``s3://bucket/prefix``, or a folder relative to ``base``. Raises UsageError, InputError."""
    if words.startswith(("http://", "https://")):
        raise UsageError(f"the files at {words} cannot be listed, as adopting needs it", hint="fetch the repository with a mirror tool, and adopt the folder")
    if "://" in words:
        return BucketSource(open_store(words, base=base, endpoint_url=endpoint_url))
    root = base / expanded(words)
    if not root.is_dir():
        raise InputError(f"{root} is no folder", hint="name the folder or s3:// address that holds dists/ or repodata/")
    return FolderSource(root)


@contextmanager
def _told(address: str, path: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise _missing(address, path) from error
    except OSError as error:
        raise InputError(f"{path} in {address} cannot be read: {error.strerror}", hint="give the user who adopts it the right to read it") from error


def _missing(address: str, path: str) -> InputError:
    return InputError(f"{path} in {address} is missing", hint="restore it, or let the tool that made the repository write its indices again")


def _refuse(error: OSError) -> None:
    raise InputError(f"{error.filename} cannot be read: {error.strerror}", hint="give the user who adopts it the right to read it") from error
