"""Writers: small packages of texts as bytes, the same on every machine.

Neither form is compressed: libraries compress otherwise from one version to the next, and a package that is to be the same must not depend on that.
"""

from __future__ import annotations

from msgspec import Struct


class PackageFile(Struct, frozen=True, kw_only=True):
    """A file that a package installs: owned by root, read by all."""

    path: str
    """Absolute, ``/etc/apt/sources.list.d/acme.sources``."""
    content: bytes
    config: bool = False
    """Whether it is the administrator's to change."""
