"""The files of a published site, believed only where a signature or a digest vouches for them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from repogen.errors import SigningError, StoreError
from repogen.indices.indexed import Indexed
from repogen.signing.verification import Verifier
from repogen.stores import Listed, Store

_STATE = ".repogen/"
_RESTORE = "restore it from a backup or from an older version of the object; nothing was changed"


class BrokenSiteError(StoreError):
    """A published file is missing, or no key vouches for it: that was read, and is no failure to read."""


class PublishedSite:
    """What stands in a store. Without a verifier the site is unsigned."""

    def __init__(self, store: Store, verifier: Verifier | None) -> None:
        self.store, self._verifier = store, verifier
        self.address = store.address

    @property
    def is_signed(self) -> bool:
        return self._verifier is not None

    @cached_property
    def listed(self) -> Mapping[str, Listed]:
        """All files but the state."""
        return {listed.key: listed for listed in self.store.list("") if not listed.key.startswith(_STATE)}

    def find(self, path: str) -> bytes | None:
        """The bytes of a file; None where it is absent."""
        stored = self.store.get(path)
        return stored.content if stored else None

    def read(self, path: str) -> bytes:
        """The bytes of a file that must be there. Raises StoreError."""
        content = self.find(path)
        if content is None:
            raise BrokenSiteError(f"{path} in {self.address} is missing", hint=_RESTORE)
        return content

    def fetch(self, path: str, target: Path) -> None:
        """Write a file that must be there to one on this machine. Raises StoreError."""
        if not self.store.fetch(path, target):
            raise BrokenSiteError(f"{path} in {self.address} is missing", hint=_RESTORE)

    def message(self, path: str, plain: str) -> bytes:
        """The text of a clear-signed file; of an unsigned site the text of ``plain``. Raises StoreError where the signature does not hold."""
        if self._verifier is None:
            return self.read(plain)
        with self._told():
            return self._verifier.message(path, self.read(path))

    def signed(self, path: str) -> bytes:
        """The bytes of a file that has a detached signature beside it. Raises StoreError where it does not hold."""
        if self._verifier is None:
            return self.read(path)
        with self._told():
            return self._verifier.detached(path, self.read(path), self.read(f"{path}.asc"))

    def checked(self, path: str, indexed: Indexed) -> bytes:
        """The bytes of a file that an index names. Raises StoreError where they are others."""
        content = self.read(path)
        if not fits(content, indexed):
            raise StoreError(f"{path} in {self.address} is not what its signed index names", hint=_RESTORE)
        return content

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except SigningError as error:
            raise BrokenSiteError(f"{error.message}, in {self.address}", hint=_RESTORE) from error


def fits(content: bytes, indexed: Indexed) -> bool:
    """Whether these are the bytes that an index names."""
    algorithm, digest = indexed.strongest
    return len(content) == indexed.size and hashlib.new(algorithm, content, usedforsecurity=False).hexdigest() == digest
