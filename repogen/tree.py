"""The site as a value: paths and what stands there.

A Tree knows nothing of packages, keys or stores. Formats make trees, ``|`` joins them,
and a store is brought to one by ``publish``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from enum import IntEnum, StrEnum
from types import MappingProxyType

from msgspec import Struct, field

from repogen.errors import ProtectionError
from repogen.paths import check_site_path


class Stage(IntEnum):
    """Order of upload; there is a barrier between one stage and the next."""

    PAYLOAD = 0
    """Named by version or digest; created once and never changed."""
    INDEX = 1
    """Changed in place and checked through an entry file: ``Packages.gz``."""
    ENTRY = 2
    """What a client asks for first: ``InRelease``, ``repomd.xml``, ``info/refs``."""
    PAGE = 3
    """For people: HTML."""


class SignMode(StrEnum):
    """The two forms of an OpenPGP signature over a text."""

    CLEAR = "clear"
    DETACHED = "detached"


#: One for all files that ask for none.
_NO_SIGNATURES: Mapping[str, SignMode] = MappingProxyType({})


class Blob(Struct, frozen=True):
    """Bytes that are not held in memory."""

    sha256: str
    size: int
    path: str | None = None
    """Where they are on this machine; None when only the store has them (published before)."""
    twin: str = ""
    """Path of the site where the same bytes stand, for a file that is a copy of another one."""


class File(Struct, frozen=True):
    """What stands at one path of the site."""

    content: bytes | Blob
    stage: Stage
    signatures: Mapping[str, SignMode] = field(default_factory=lambda: _NO_SIGNATURES)
    """Name of each signature to be made over this file, which will stand beside it, and its form."""
    signs: str = ""
    """For a signature: what it is over (see manifest.Entry.signs)."""

    @property
    def size(self) -> int:
        return len(self.content) if isinstance(self.content, bytes) else self.content.size

    @property
    def elsewhere(self) -> bool:
        """Whether only the store has the bytes."""
        return isinstance(self.content, Blob) and self.content.path is None

    @property
    def sha256(self) -> str:
        if isinstance(self.content, bytes):
            return hashlib.sha256(self.content).hexdigest()
        return self.content.sha256


class Tree(Mapping[str, File]):
    """An immutable mapping of site path to File.

    Every path is relative, without ``..``, and made of characters that survive URLs, S3 and
    shells; anything else raises ProtectionError, since a path may come from a package's name.
    """

    __slots__ = ("_files",)

    def __init__(self, files: Mapping[str, File] | None = None) -> None:
        self._files = dict(files or {})
        for path in self._files:
            check_site_path(path)

    def __getitem__(self, path: str) -> File:
        return self._files[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def __or__(self, other: Tree) -> Tree:
        """Both trees together. The same path in both must hold the same bytes; those that are at hand stay."""
        shared = self._files.keys() & other._files.keys()
        for path in shared:
            if self._files[path].sha256 != other._files[path].sha256:
                raise ProtectionError(
                    f"two outputs want to write different bytes to {path}",
                    hint="give one of the products another id or file name in a [[product]] table",
                )
        at_hand = {path: self._files[path] for path in shared if other._files[path].elsewhere}
        joined = Tree()
        joined._files = {**self._files, **other._files, **at_hand}  # whose paths have been checked
        return joined

    def under(self, folder: str) -> Tree:
        """The part of the tree below ``folder``, with whole paths."""
        prefix = folder.rstrip("/") + "/"
        return Tree({path: file for path, file in self._files.items() if path.startswith(prefix)})
