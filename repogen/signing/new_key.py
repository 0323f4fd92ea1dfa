"""A new signing key: one primary key that signs, no subkey, SHA-512 in its self-signature.

Ed25519 and RSA-4096 are what apt, dnf, zypper and rpm of today all take. https://www.gnupg.org/documentation/manuals/gnupg/Unattended-GPG-key-generation.html
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from repogen.catalog import PublicKey
from repogen.errors import SigningError, UsageError
from repogen.signing import signer as signing
from repogen.signing import signing_key
from repogen.signing.gpg_home import KEY_VARIABLE, PASSPHRASE_VARIABLE, PRIVATE, as_gpg_text, given_passphrase, open_gpg, private_home

#: Kinds of key, as gpg's parameters.
KINDS = {
    "ed25519": "Key-Type: EDDSA\nKey-Curve: ed25519\n",
    "rsa4096": "Key-Type: RSA\nKey-Length: 4096\n",
}

_USER_ID = re.compile(r"(?P<name>[^<>\x00-\x1f\x7f]*[^<>\s\x00-\x1f\x7f])(?:\s+<(?P<email>[^<>@\s\x00-\x1f\x7f]+@[^<>@\s\x00-\x1f\x7f]+)>)?")
#: Bytes of the longest passphrase that gpg-agent takes.
_LONGEST_PASSPHRASE = 255

_EXPIRES = re.compile(r"[1-9][0-9]{0,3}[dwmy]")


def write_new_key(path: Path, *, kind: str, user_id: str, expires: str, environ: Mapping[str, str]) -> PublicKey:
    """Make a key and write its armored secret part to ``path`` (mode 0600), which must not exist; returns the public part.

    ``expires`` is ``never``, or a number with d, w, m or y. The passphrase is REPOGEN_SIGNING_PASSPHRASE; without it the file is the
    whole secret. Raises SigningError and UsageError.
    """
    passphrase = signing_key.passphrase(environ)
    parameters = _parameters(kind, user_id, expires, protected=passphrase is not None)
    if passphrase and len(passphrase.encode()) > _LONGEST_PASSPHRASE:
        raise UsageError(f"{PASSPHRASE_VARIABLE} is longer than {_LONGEST_PASSPHRASE} bytes", hint="gpg takes no longer one; choose a shorter passphrase")
    if os.path.lexists(path):
        raise UsageError(f"{path} exists", hint="a key is never overwritten: name another file with --output, or move this one away")
    text = _generate(parameters, passphrase, environ)
    (public,) = signing.read_public_keys((), base=path.parent, environ={**environ, KEY_VARIABLE: text})
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(number, "w", encoding="ascii", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise SigningError(f"{path} cannot be written: {error.strerror}", hint="name a file in a folder that you may write with --output") from error
    return public


def _parameters(kind: str, user_id: str, expires: str, *, protected: bool) -> str:
    match = _USER_ID.fullmatch(user_id.strip())
    if not match:
        raise UsageError(f"{user_id!r} is no user id", hint='write it as "Acme Releases <releases@acme.example>"')
    if expires != "never" and not _EXPIRES.fullmatch(expires):
        raise UsageError(f"{expires!r} is no time to expire in", hint="write never, or a number and d, w, m or y: 5y")
    return (
        f"{KINDS[kind]}Key-Usage: sign\nName-Real: {match['name']}\n"
        + (f"Name-Email: {match['email']}\n" if match["email"] else "")
        + f"Expire-Date: {'0' if expires == 'never' else expires}\n"
        + ("" if protected else "%no-protection\n")
        + "%commit\n"
    )


def _generate(parameters: str, passphrase: str | None, environ: Mapping[str, str]) -> str:
    with private_home(environ, exporting=True) as home:
        gpg = open_gpg(home, environ, (*PRIVATE, "--cert-digest-algo", "SHA512", *given_passphrase(home, passphrase)))
        made = gpg.gen_key(parameters.encode())
        if not made.fingerprint:
            raise SigningError("gpg made no key", hint="`gpg --version` must show EDDSA and RSA, and be 2.2 or later")
        text = gpg.export_keys(made.fingerprint, secret=True, passphrase=passphrase and as_gpg_text(passphrase), expect_passphrase=False)
    return str(text).replace("\r\n", "\n")
