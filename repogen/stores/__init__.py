"""Stores: a few verbs over a place that holds the site.

A key is a path of the site, ``apt/dists/stable/InRelease``. Replacing a file is atomic: a reader sees the old bytes or the new.
``put`` may be conditional (``create_only``, ``if_match``), and a condition that does not hold raises ConflictError and changes
nothing. Only an absent key is None; a store that refuses or cannot be reached is a StoreError.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol

from repogen.errors import StoreError, UsageError
from repogen.home_paths import expanded
from repogen.paths import is_plain_path
from repogen.s3_config import S3Config


class ConflictError(StoreError):
    """The condition of a put did not hold: somebody else wrote the key meanwhile."""


class UnsupportedError(StoreError):
    """The store knows no conditional puts, and says so."""


class Stored(NamedTuple):
    """The bytes of one key."""

    content: bytes
    etag: str


class Stat(NamedTuple):
    """One key without its bytes. ``etag`` names the bytes in the store's own way; compare it, do not read it."""

    key: str
    size: int
    etag: str


class Listed(NamedTuple):
    """One key as a listing shows it."""

    key: str
    size: int
    written: float
    """When it was put there, in seconds since 1970 by the clock of the store."""


class UnfinishedUpload(NamedTuple):
    """A large file of which a store holds parts, because a run was cut before it was whole."""

    key: str
    identifier: str
    started: float
    """In seconds since 1970, by the clock of the store."""


class Store(Protocol):
    """What publishing needs of a place. Every method may be called from several threads."""

    address: str
    """For messages: the folder, or ``s3://bucket/prefix``."""

    @property
    def endpoint(self) -> str:
        """Which service that is; empty where nobody need ask whether it honours conditional puts."""

    def get(self, key: str) -> Stored | None:
        """The bytes of a key; None when it is absent."""

    def fetch(self, key: str, target: Path) -> bool:
        """Write the bytes of a key, of which there may be very many, to a file on this machine; False when it is absent."""

    def stat(self, key: str) -> Stat | None:
        """Size and etag of a key; None when it is absent."""

    def age(self, key: str) -> float | None:
        """Seconds since a key was last written, by the clock of the store alone; None when it is absent."""

    def clock(self) -> datetime:
        """Now by the clock of this machine, or by that of the store where an answer has shown that this machine's is ahead of it."""

    def holds(self, key: str, *, size: int, sha256: str) -> bool:
        """Whether the key is there with exactly these bytes. They may be read for it, but are not held in memory."""

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
        """Write a key and return its etag. ``if_match`` is the etag that must stand there; ``create_only`` wants the key absent.

        A put whose answer was lost is sent again, and counts as done where its very bytes stand by then. Writers that must know which of them won
        therefore write bytes of their own.

        A Path is a file of the output folder, which is only ever replaced by rename: a store may link to it. ``sha256`` is the content's digest in
        hexadecimal where the caller knows it, so that it need not be worked out again.
        """

    def copy(self, source: str, target: str, *, content_type: str, cache_control: str) -> None:
        """Copy inside the store to a key that must be absent. A missing source is a StoreError."""

    def delete(self, key: str) -> None:
        """Remove a key; an absent one is no error."""

    def list(self, prefix: str) -> Iterator[Listed]:
        """Every key that begins with ``prefix`` (of characters, not of folders), in order of its bytes."""

    def unfinished_uploads(self) -> Iterator[UnfinishedUpload]:
        """What runs that were cut have left of large files; it takes room, and no other verb shows it."""

    def abort_upload(self, upload: UnfinishedUpload) -> None:
        """Remove the parts of an unfinished upload. One that is gone meanwhile is no error."""

    def lock(self) -> AbstractContextManager[bool]:
        """Take turns with other publishers where the store offers it: true where nobody else writes meanwhile. Conditional puts protect where it is false."""


def check_prefix(destination: str) -> None:
    """Raise UsageError for ``s3://bucket/prefix`` whose prefix is no path that every client can ask for: it is a part of every address of the site."""
    prefix = destination.partition("://")[2].partition("/")[2].strip("/")
    if prefix and not is_plain_path(prefix):
        raise UsageError(
            f"{destination!r} cannot be a destination: clients would ask for other addresses than {prefix!r}",
            hint="a prefix may hold letters, digits and . _ ~ - only, and folders between single slashes",
        )


def open_store(destination: str, *, base: Path, endpoint_url: str = "", s3: S3Config | None = None) -> Store:
    """The store of ``[publish] to``: ``s3://bucket/prefix``, or a folder relative to ``base``. Nothing is asked of it yet.

    ``endpoint_url`` is the address of an S3 service that is not Amazon's; AWS_ENDPOINT_URL comes first. ``s3`` says how objects are stored there.
    """
    if not destination:
        raise UsageError("there is no destination", hint='set [publish] to = "site" (a folder) or "s3://bucket/prefix", or give --to')
    scheme, colon, rest = destination.partition("://")
    if not colon and not destination.lower().startswith("s3:"):  # s3:/bucket, with one slash, is hardly meant for a folder here
        from repogen.stores.local import LocalStore

        return LocalStore(base / expanded(destination))
    bucket, _, prefix = rest.partition("/")
    if scheme != "s3" or not bucket:
        raise UsageError(f"{destination!r} is no destination", hint="write a folder, or s3://bucket/prefix")
    from repogen.stores.s3 import S3Store

    in_environment = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    return S3Store(bucket, prefix, endpoint_url="" if in_environment else endpoint_url, settings=s3)
