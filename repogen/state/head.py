"""The head object: which snapshot is current, and by ``previous`` which ones came before it.

A head is first written with ``complete: false``, before any index is touched, and again with ``true`` when all is in place: whoever finds it
false knows that indices may be old or new, and writes again all that are not certain (see certain).
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from repogen import dates
from repogen.errors import StoreError
from repogen.stores import Store

FORMAT = 2
HEAD = ".repogen/head.json"
RESTORE = "restore it from a backup or from an older version of the object, or run `repogen doctor --rebuild-state`"
_CACHE_CONTROL = "no-store"


class DamagedError(StoreError):
    """A part of the state is missing or not whole: that was read, and is no failure to read."""


class Head(Struct, frozen=True, kw_only=True):
    """The content of head.json."""

    format: int = FORMAT
    number: int = 0
    """Counts the snapshots, from 1."""
    date: str
    what: str = "publish"
    """What made this snapshot, in a few words for people."""
    catalog: str
    """Digest of the catalog's root object."""
    manifest: str
    """Digest of the manifest's root object."""
    rendering: str
    """Digest of all that shapes the site besides the catalog: configuration, templates, version (see compose.rendering)."""
    previous: str = ""
    """Digest of the head that stood before this snapshot, which is an object since; empty for the first one."""
    complete: bool
    oldest: int = 1
    """Number of the oldest snapshot that is kept."""
    prunes: int = 0
    """Counts the runs of `repogen prune`: what is known of the destination from before the last one counts no more."""
    at_work: str = ""
    """While it is not complete: mark of the run that is at work, and how many signs of life it has given (see claim)."""
    endpoint: str = ""
    """The service that was asked whether it honours conditional puts."""
    conditional: bool = True
    """What it answered."""
    unpurged: tuple[str, ...] = ()
    """What the CDN may still hold old copies of (see cdn.remembered): written when all is in place, taken away when it is purged."""

    @property
    def identity(self) -> str:
        """Two snapshots of one identity are the same site; empty where nothing is published."""
        return identity(self.catalog, self.manifest) if self.number else ""


#: The head of a destination that holds nothing.
NOTHING = Head(date="", catalog="", manifest="", rendering="", complete=True)


def identity(catalog: str, manifest: str) -> str:
    """Identity of the site of these roots."""
    return f"{catalog}-{manifest}"


def read_head(store: Store) -> tuple[bytes, str]:
    """The bytes of head.json and their etag; both empty where nothing is published. Raises DamagedError when there is a head without bytes."""
    stored = store.get(HEAD)
    if stored is None:
        return b"", ""
    if not stored.content:
        raise DamagedError(f"{HEAD} in {store.address} is damaged: it is empty", hint=RESTORE)
    return stored.content, stored.etag


def decode_head(content: bytes, address: str) -> Head:
    """Read a head's bytes. ``address`` is that of the store, for messages. Raises DamagedError, or StoreError when it is of a newer repogen."""
    try:
        format_ = msgspec.json.decode(content, type=dict[str, object]).get("format")
        if isinstance(format_, int) and format_ > FORMAT:
            raise StoreError(f"the state in {address} was written by a newer repogen (format {format_}, this one knows {FORMAT})", hint="upgrade repogen")
        head = msgspec.json.decode(content, type=Head)
        dates.parse(head.date)
    except (ValueError, OverflowError) as error:  # msgspec.DecodeError is a ValueError
        raise DamagedError(f"{HEAD} in {address} is damaged: {error}", hint=RESTORE) from error
    return head


def swap_head(store: Store, head: Head, etag: str) -> str:
    """Replace the head that has ``etag`` (none yet: empty). Raises stores.ConflictError when someone else was first."""
    content = msgspec.json.format(msgspec.json.encode(head), indent=2) + b"\n"
    return store.put(HEAD, content, content_type="application/json", cache_control=_CACHE_CONTROL, if_match=etag or None, create_only=not etag)


def current_identity(store: Store) -> str:
    """Identity of the current snapshot; empty when there is none, and while one is being published."""
    content, _ = read_head(store)
    head = decode_head(content, store.address) if content else NOTHING
    return head.identity if head.complete else ""
