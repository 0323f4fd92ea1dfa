"""Whether a store honours conditional puts, and what stands in for them where it does not.

Some S3 services pass over ``If-Match`` and ``If-None-Match`` without a word, and others refuse a right ETag too (Ceph before 20, where it stands in the
quotes that belong to it), so a store is asked by puts that must be refused and by one that must not. The stand-in looks before it puts, which is only
safe for a run that is alone: see turns.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from repogen.stores import ConflictError, Store, UnsupportedError

PROBE = ".repogen/probe"
_ABOUT: Any = {"content_type": "text/plain; charset=utf-8", "cache_control": "no-store"}
_NEVER = '"00000000000000000000000000000000"'


def honours_conditions(store: Store) -> bool:
    """Whether puts of a wrong condition are refused, and only those: four requests."""
    etag = store.put(PROBE, b"Written to see whether conditional puts are honoured.\n", **_ABOUT)
    with suppress(UnsupportedError):
        return _is_refused(store, create_only=True) and _is_refused(store, if_match=_NEVER) and not _is_refused(store, if_match=etag)
    return False


def _is_refused(store: Store, **condition: Any) -> bool:
    try:
        store.put(PROBE, b"Conditional puts are not honoured here.\n", **_ABOUT, **condition)
    except ConflictError:
        return True
    return False


class Unconditional:
    """A store whose conditions are looked at here, before a put without any."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def put(self, key: str, content: bytes | Path, *, if_match: str | None = None, create_only: bool = False, **about: Any) -> str:
        """As Store.put."""
        if create_only or if_match is not None:
            found = self._store.stat(key)
            if (create_only and found is not None) or (if_match is not None and (found is None or found.etag != if_match)):
                raise ConflictError(f"{self._store.address}/{key} was changed by somebody else", hint="publish again")
        return self._store.put(key, content, **about)
