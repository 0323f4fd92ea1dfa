"""A file of a Debian source package that has no other use, such as a ``.diff.gz``: the .dsc beside it says all there is to say of it."""

from __future__ import annotations

from pathlib import Path

from repogen.artifact import Kind
from repogen.readers import Digests, Reading


def read(path: Path, digests: Digests) -> Reading:  # noqa: ARG001 - the interface of readers
    return Reading(kind=Kind.SOURCE)
