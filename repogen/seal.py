"""The seal of an output folder (``.repogen/seal``): what tells that it is still as the last build left it, and from what.

It holds little, so that an unchanged build reads little. It is broken before anything in the folder changes.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
from msgspec import Struct

SEAL = ".repogen/seal"


class Seal(Struct, frozen=True, kw_only=True):
    """How the last build left the folder."""

    inputs: str
    """Mark of all that it read (see unchanged.Inputs)."""
    base: str
    """Identity of the published snapshot that it was built upon; empty for none."""
    makes: str
    """Identity of the snapshot that it becomes when it is published."""
    date: str
    """The date that its files bear."""
    sizes: dict[str, int]
    """Every file in the folder with its size."""
    keys: bytes
    """The public keys that signed it (catalog.PublicKey) as MessagePack, since they are seldom looked at."""
    quiet_until: int
    """Until when there is nothing to say of these keys, in seconds since 1970."""


def read_seal(folder: Path) -> Seal | None:
    """The seal of an output folder; None where there is none."""
    try:
        return msgspec.msgpack.decode((folder / SEAL).read_bytes(), type=Seal)
    except (OSError, msgspec.DecodeError):
        return None


def is_whole(folder: Path, seal: Seal) -> bool:
    """Whether every file is there in its size."""
    try:
        opened = os.open(folder, os.O_RDONLY)
    except OSError:
        return False
    try:
        return all(os.stat(path, dir_fd=opened).st_size == size for path, size in seal.sizes.items())
    except OSError:
        return False
    finally:
        os.close(opened)
