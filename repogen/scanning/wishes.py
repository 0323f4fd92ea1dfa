"""What is asked of a reading beside the facts."""

from __future__ import annotations

from msgspec import Struct

from repogen.taking import Copies


class Wishes(Struct, frozen=True):
    """The same for every file of a scan."""

    sha512: bool = True
    """A SHA-512 beside the SHA-256."""
    contents: bool = False
    """The files that each deb installs."""
    copies: Copies | None = None
    """Takes in the bytes of small files that are to be published as they are."""
