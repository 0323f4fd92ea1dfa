"""Whether a destination can be read and written, and keeps the promises that publishing stands on.

A small object is put into ``.repogen/``, replaced, and removed again. Two of these puts must fail: two publishers at once are kept apart by conditional
writes alone (``If-None-Match`` and ``If-Match`` on S3), and a service that takes no notice of them would let one overwrite the other.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import suppress
from functools import partial

from repogen.checks.findings import Finding, error, of_error, ok, warning
from repogen.errors import StoreError
from repogen.stores import ConflictError, Store


def check_destination(store: Store) -> list[Finding]:
    """What is wrong with the destination; one line that all is well where nothing is."""
    key = f".repogen/probe-{secrets.token_hex(8)}"
    try:
        found = list(_written(store, key))
    except StoreError as caught:
        with suppress(StoreError):  # the first one is what must be told
            store.delete(key)
        return [of_error("destination", caught)]
    found += _removed(store, key)
    return found or [ok("destination", f"{store.address} can be read and written, and keeps publishers apart")]


def _written(store: Store, key: str) -> Iterator[Finding]:
    put = partial(store.put, key, content_type="text/plain", cache_control="no-store")
    first = put(b"one\n", create_only=True)
    stored = store.get(key)
    if stored is None or stored.content != b"one\n" or not any(stat.key == key for stat in store.list(key)):
        yield error(
            "destination", f"{store.address} does not give back what was put into it", "look for a cache or a filter between this machine and the store"
        )
    remedy = "use a service that has conditional writes, as Amazon S3 and MinIO have; on this one two publishers at once may lose a release"
    try:
        put(b"two\n", create_only=True)
        yield error("destination", f"{store.address} takes no notice of If-None-Match", remedy)
    except ConflictError:
        pass
    current = store.stat(key)
    put(b"three\n", if_match=current.etag if current else first)
    try:
        put(b"four\n", if_match=first)
        yield error("destination", f"{store.address} takes no notice of If-Match", remedy)
    except ConflictError:
        pass


def _removed(store: Store, key: str) -> list[Finding]:
    try:
        store.delete(key)
    except StoreError as caught:
        return [warning("destination", f"{caught.message}; publishing needs no such permission", f"remove {store.address}/{key} yourself")]
    return []
