r"""Where the secret keys come from: the environment, files, or the user's own keyring.

REPOGEN_SIGNING_KEY comes before ``[signing] keys``. Either may be a path, a fingerprint in the user's keyring or, in the
environment only, the key itself: armored text, also with a literal ``\n`` for each line end as CI systems store it, or base64 of it.
Several armored blocks, one after another, are several keys; one block is one key, so that nobody signs with a whole keyring unawares.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from repogen.errors import SigningError
from repogen.home_paths import expanded
from repogen.signing import gpg_home
from repogen.signing.openpgp_packets import armored_blocks

Passphrase = Callable[[Mapping[str, str]], str | None]

_FINGERPRINT = re.compile(r"(?:0x)?((?:[0-9A-F]{8}){1,2}|[0-9A-F]{40})", re.IGNORECASE)


class SecretText(Struct, frozen=True):
    """The bytes of a secret key, and where they came from (for messages)."""

    data: bytes
    source: str

    def __repr__(self) -> str:
        return f"SecretText({self.source})"


def passphrase(environ: Mapping[str, str]) -> str | None:
    """The passphrase of an only key, None when there is none. gpg reads it as one line."""
    return passphrases(environ, 1)[0]


def passphrases(environ: Mapping[str, str], count: int) -> tuple[str | None, ...]:
    """The passphrase of each of ``count`` keys: one line opens them all, or there is a line for each. Raises SigningError."""
    lines = environ.get(gpg_home.PASSPHRASE_VARIABLE, "").rstrip("\r\n").replace("\r\n", "\n").split("\n")
    if any("\r" in line or "\0" in line for line in lines) or len(lines) not in {1, count}:
        raise SigningError(
            f"{gpg_home.PASSPHRASE_VARIABLE} has a line break in it, which does not fit {count} signing {'key' if count == 1 else 'keys'}",
            hint="one line opens all keys; where they differ, write a line for each key, in the order of the keys",
        )
    return tuple(line or None for line in (lines * count if len(lines) == 1 else lines))


def find(keys: Sequence[str], base: Path, environ: Mapping[str, str]) -> tuple[SecretText, ...]:
    """The secret keys that are configured, in their order. Raises SigningError."""
    given = environ.get(gpg_home.KEY_VARIABLE, "").strip()
    if given:
        found = [_from_text(given) or _from_name(given, base, environ, gpg_home.KEY_VARIABLE, passphrase)]
    else:
        found = [
            _from_name(key, base, environ, "[signing] key", lambda environ, at=at: passphrases(environ, len(keys))[at])  # type: ignore[misc]
            for at, key in enumerate(keys)
        ]
    if found:
        return tuple(SecretText(block, text.source) for text in found for block in _blocks(text.data))
    raise SigningError(
        "there is no signing key",
        hint=f"make one with `repogen keys new` and name it in [signing] key, or set {gpg_home.KEY_VARIABLE}; `--unsigned` builds a mere preview",
    )


def _blocks(data: bytes) -> list[bytes]:
    """The secret keys in a file or variable: each armored block of one, else all of it."""
    blocks = armored_blocks(data, b"PRIVATE KEY BLOCK")
    return blocks if len(blocks) > 1 else [data]


def _from_text(given: str) -> SecretText | None:
    text = given.replace("\\n", "\n") if "-----BEGIN PGP" in given else _decoded(given)
    return SecretText(text.encode() if isinstance(text, str) else text, gpg_home.KEY_VARIABLE) if text else None


def _decoded(given: str) -> bytes:
    """What base64 text says, where that is an armored or binary secret key; else nothing."""
    try:
        data = base64.b64decode("".join(given.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""
    return data if b"-----BEGIN PGP" in data[:100] or data[:1] in {b"\x94", b"\x95", b"\xc5"} else b""


def _from_name(name: str, base: Path, environ: Mapping[str, str], where: str, opens: Passphrase) -> SecretText:
    path = base / expanded(name)
    try:
        if path.is_file():
            return SecretText(path.read_bytes(), str(path))
        missing = not path.exists()
    except (OSError, ValueError) as error:
        raise SigningError(f"the signing key {path} cannot be read: {error}", hint="it must be a file that you may read") from error
    compact = "".join(name.split())
    if missing and _FINGERPRINT.fullmatch(compact):
        return _from_keyring(compact, environ, opens(environ))
    problem = "does not exist" if missing else "is no file"
    raise SigningError(
        f"the signing key {path} ({where}) {problem}",
        hint="make one with `repogen keys new`, or name an armored secret key or the fingerprint of a key in your keyring",
    )


def _from_keyring(name: str, environ: Mapping[str, str], secret: str | None) -> SecretText:
    gpg: Any = gpg_home.open_gpg(None, environ, gpg_home.OWN)
    if not gpg.list_keys(secret=True, keys=[name]):
        raise SigningError(f"there is no secret key {name} in your keyring", hint="`gpg --list-secret-keys` shows those that are there")
    data = gpg.export_keys(name, secret=True, armor=False, passphrase=secret and gpg_home.as_gpg_text(secret), expect_passphrase=False)
    if not data:
        raise wrong_passphrase(f"{name} in your keyring", given=secret is not None)
    return SecretText(data, f"{name} in your keyring")


def wrong_passphrase(source: str, *, given: bool) -> SigningError:
    """The error for a key that does not open."""
    if given:
        return SigningError(f"the passphrase does not open the signing key ({source})", hint=f"look at {gpg_home.PASSPHRASE_VARIABLE}")
    return SigningError(f"the signing key ({source}) needs a passphrase", hint=f"set {gpg_home.PASSPHRASE_VARIABLE}")
