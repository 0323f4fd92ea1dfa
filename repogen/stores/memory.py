"""A store in memory, for tests and for looking at what a publish would write."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from time import time

from repogen.errors import StoreError
from repogen.paths import check_site_path
from repogen.stores import ConflictError, Listed, Stat, Stored, UnfinishedUpload


class MemoryStore:
    """Keys and bytes in a dict. ``types``, ``policies`` and ``written`` keep each key's Content-Type, Cache-Control and time."""

    endpoint = ""

    def __init__(self) -> None:
        self.address = "memory"
        self.types: dict[str, str] = {}
        self.policies: dict[str, str] = {}
        self.written: dict[str, float] = {}
        self._files: dict[str, Stored] = {}
        self._mutex = Lock()

    def get(self, key: str) -> Stored | None:
        return self._files.get(check_site_path(key))

    def fetch(self, key: str, target: Path) -> bool:
        found = self.get(key)
        if found is not None:
            target.write_bytes(found.content)
        return found is not None

    def stat(self, key: str) -> Stat | None:
        found = self.get(key)
        return None if found is None else Stat(key, len(found.content), found.etag)

    def age(self, key: str) -> float | None:
        written = self.written.get(check_site_path(key))
        return None if written is None else max(0.0, time() - written)

    def clock(self) -> datetime:
        return datetime.now(UTC)

    def holds(self, key: str, *, size: int, sha256: str) -> bool:
        found = self.get(key)
        return found is not None and len(found.content) == size and hashlib.sha256(found.content).hexdigest() == sha256

    def put(
        self,
        key: str,
        content: bytes | Path,
        *,
        content_type: str,
        cache_control: str,
        if_match: str | None = None,
        create_only: bool = False,
        sha256: str = "",
    ) -> str:
        del sha256  # a large file is read all the same
        data = content.read_bytes() if isinstance(content, Path) else content
        new = Stored(data, hashlib.sha256(data).hexdigest())
        with self._mutex:
            old = self.get(key)
            if (create_only and old is not None) or (if_match is not None and (old is None or old.etag != if_match)):
                raise ConflictError(f"{self.address}/{key} was changed by somebody else", hint="publish again")
            self._files[key], self.types[key], self.policies[key], self.written[key] = new, content_type, cache_control, time()
        return new.etag

    def copy(self, source: str, target: str, *, content_type: str, cache_control: str) -> None:
        found = self.get(source)
        if found is None:
            raise StoreError(f"{self.address}/{source} is missing", hint="it was deleted while it was still named by the published state")
        self.put(target, found.content, content_type=content_type, cache_control=cache_control, create_only=True)

    def delete(self, key: str) -> None:
        check_site_path(key)
        with self._mutex:
            for part in (self._files, self.types, self.policies, self.written):
                part.pop(key, None)

    def list(self, prefix: str) -> Iterator[Listed]:
        with self._mutex:
            found = [Listed(key, len(stored.content), self.written[key]) for key, stored in self._files.items() if key.startswith(prefix)]
        yield from sorted(found)

    def unfinished_uploads(self) -> Iterator[UnfinishedUpload]:
        return iter(())

    def abort_upload(self, upload: UnfinishedUpload) -> None:
        """There is none."""

    def lock(self) -> AbstractContextManager[bool]:
        return nullcontext(False)
