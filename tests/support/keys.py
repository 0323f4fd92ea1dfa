"""Throwaway secret keys, each made once in a test process."""

from __future__ import annotations

import os
import subprocess
from functools import cache
from pathlib import Path

from repogen.signing.gpg_home import PRIVATE, as_gpg_text, given_passphrase, open_gpg, private_home
from repogen.signing.openpgp_certificate import certificates

PARAMETERS = {
    "ed25519": "Key-Type: EDDSA\nKey-Curve: ed25519\n",
    "rsa1024": "Key-Type: RSA\nKey-Length: 1024\n",
    "rsa2048": "Key-Type: RSA\nKey-Length: 2048\n",
    "rsa3072": "Key-Type: RSA\nKey-Length: 3072\n",
    "rsa4096": "Key-Type: RSA\nKey-Length: 4096\n",
    "dsa2048": "Key-Type: DSA\nKey-Length: 2048\n",
    "nistp256": "Key-Type: ECDSA\nKey-Curve: nistp256\n",
    "brainpoolp256r1": "Key-Type: ECDSA\nKey-Curve: brainpoolP256r1\n",
    "secp256k1": "Key-Type: ECDSA\nKey-Curve: secp256k1\n",
}


def secret_key(
    kind: str = "ed25519",
    passphrase: str = "",
    created: str = "20260101T000000",
    expires: str = "0",
    email: str = "releases@acme.example",
    digest: str = "SHA512",
) -> str:
    """An armored secret key of 1 January 2026 (UTC), its self-signature made with ``digest``.

    ``expires`` as gpg takes it: ``0`` never, ``30`` days after ``created``.
    """
    return _made(kind, passphrase, created, expires, email, digest)


@cache
def _made(kind: str, passphrase: str, created: str, expires: str, email: str, digest: str) -> str:
    protection = "" if passphrase else "%no-protection\n"
    parameters = f"{PARAMETERS[kind]}Key-Usage: sign\nName-Real: Acme Releases\nName-Email: {email}\nExpire-Date: {expires}\n{protection}%commit\n"
    with private_home(os.environ) as home:
        gpg = open_gpg(home, os.environ, (*options_at(created), "--cert-digest-algo", digest, *given_passphrase(home, passphrase)))
        made = gpg.gen_key(parameters.encode())
        assert made.fingerprint, made.stderr
        text = gpg.export_keys(made.fingerprint, secret=True, passphrase=as_gpg_text(passphrase) or None, expect_passphrase=False)
    assert "PRIVATE KEY" in text
    return str(text)


def options_at(moment: str) -> tuple[str, ...]:
    """gpg's options with its clock standing at ``20260101T000000``."""
    return (*PRIVATE, "--faked-system-time", f"{moment}!")


def gpg_in(home: Path, *arguments: str | Path, stdin: bytes | None = None) -> bytes:
    """What gpg writes when it is run in a private home, without a prompt and with an empty passphrase."""
    command = ["gpg", "--homedir", str(home), "--batch", "--yes", "--pinentry-mode", "loopback", "--passphrase", "", *map(str, arguments)]
    done = subprocess.run(command, input=stdin, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout


@cache
def public_key(secret: str, *options: str) -> bytes:
    """The public part of a secret key, binary; ``options`` are for gpg's export."""
    with private_home(os.environ) as home:
        gpg_in(home, "--import", stdin=secret.encode())
        return gpg_in(home, *options, "--export")


def fingerprint(secret: str) -> str:
    """The fingerprint of a secret key."""
    (key,) = certificates(public_key(secret), "the key")
    return key.fingerprint
