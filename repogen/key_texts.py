"""Several public keys in one file: one after another, which apt, rpm and gpg all read."""

from __future__ import annotations

from collections.abc import Iterable

from repogen.catalog import PublicKey


def armored(keys: Iterable[PublicKey]) -> str:
    """A text of armored blocks."""
    return "".join(key.armored.rstrip("\n") + "\n" for key in keys)


def binary(keys: Iterable[PublicKey]) -> bytes:
    return b"".join(key.binary for key in keys)
