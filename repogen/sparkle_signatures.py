"""Ed25519 signatures over downloads for Sparkle and WinSparkle, as ``sign_update`` makes them.

https://sparkle-project.org/documentation/#3-segue-for-security-concerns: the key is 32 bytes in base64, and the signature is over the file's own bytes.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from repogen.artifact import Artifact, Kind
from repogen.errors import SigningError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

VARIABLE = "REPOGEN_SPARKLE_KEY"
_SYSTEMS = {"macos": {Kind.DMG, Kind.PKG, Kind.ZIP, Kind.TAR}, "windows": {Kind.EXE, Kind.MSI, Kind.ZIP}}


def signed(artifacts: Sequence[Artifact], sources: Mapping[str, str], key: str, base: Path, environ: Mapping[str, str]) -> tuple[Artifact, ...]:
    """The artifacts, those for macOS and Windows with their signature; ``sources`` holds the local file of each. Without a key they stay as they are."""
    given = environ.get(VARIABLE, "").strip() or key
    if not given:
        return tuple(artifacts)
    secret = _open(given, base, VARIABLE if environ.get(VARIABLE, "").strip() else "[updates] sparkle_key")
    return tuple(replace(a, eddsa=_sign(secret, Path(sources[a.path]))) if a.path in sources and a.kind in _SYSTEMS.get(a.os, ()) else a for a in artifacts)


def _sign(secret: Ed25519PrivateKey, file: Path) -> str:
    return base64.b64encode(secret.sign(file.read_bytes())).decode()


def _open(given: str, base: Path, where: str) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    seed = _decoded(given)
    if seed is None:
        try:
            seed = _decoded((base / given).read_text(encoding="ascii").strip())
        except (OSError, ValueError):
            raise SigningError(f"{where} is neither a key nor a file that can be read", hint="write the key with Sparkle's `generate_keys -x FILE`") from None
    if seed is None or len(seed) != 32:
        raise SigningError(
            f"{where} is no Ed25519 key of 32 bytes in base64", hint="write it with `generate_keys -x FILE` of Sparkle 2; keys of 96 bytes are of an older form"
        )
    return Ed25519PrivateKey.from_private_bytes(seed)


def _decoded(text: str) -> bytes | None:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if len(data) in {32, 64, 96} else None
