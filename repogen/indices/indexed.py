"""What an index says of one file."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

#: The digests that count, the strongest first. MD5 and SHA-1 tell damage, but no forgery.
ALGORITHMS = ("sha512", "sha256", "sha1", "md5")


class Indexed(Struct, frozen=True, kw_only=True):
    """A file that an index names."""

    path: str
    """From the root of the repository, as it is written there."""
    size: int
    digests: Mapping[str, str]
    """Hexadecimal, by algorithm: at least one of ALGORITHMS."""

    @property
    def strongest(self) -> tuple[str, str]:
        """Algorithm and digest."""
        return next((name, self.digests[name]) for name in ALGORITHMS if name in self.digests)
