"""Throwaway secret keys, each made once in a test process."""

from __future__ import annotations

import os
from functools import cache

from repogen.gpg_home import PRIVATE, as_gpg_text, open_gpg, private_home

PARAMETERS = {
    "ed25519": "Key-Type: EDDSA\nKey-Curve: ed25519\n",
    "rsa2048": "Key-Type: RSA\nKey-Length: 2048\n",
    "rsa3072": "Key-Type: RSA\nKey-Length: 3072\n",
    "rsa4096": "Key-Type: RSA\nKey-Length: 4096\n",
    "dsa2048": "Key-Type: DSA\nKey-Length: 2048\n",
    "nistp256": "Key-Type: ECDSA\nKey-Curve: nistp256\n",
}


@cache
def secret_key(kind: str = "ed25519", passphrase: str = "", created: str = "20260101T000000", expires: str = "0") -> str:
    """An armored secret key of 1 January 2026 (UTC). ``expires`` as gpg takes it: ``0`` never, ``30`` days after ``created``."""
    protection = f"Passphrase: {passphrase}\n" if passphrase else "%no-protection\n"
    parameters = (
        f"{PARAMETERS[kind]}Key-Usage: sign\nName-Real: Acme Releases\nName-Email: releases@acme.example\nExpire-Date: {expires}\n{protection}%commit\n"
    )
    with private_home(os.environ) as home:
        gpg = open_gpg(home, os.environ, options_at(created))
        made = gpg.gen_key(parameters.encode())
        assert made.fingerprint, made.stderr
        text = gpg.export_keys(made.fingerprint, secret=True, passphrase=as_gpg_text(passphrase) or None, expect_passphrase=False)
    assert "PRIVATE KEY" in text
    return str(text)


def options_at(moment: str) -> tuple[str, ...]:
    """gpg's options with its clock standing at ``20260101T000000``."""
    return (*PRIVATE, "--faked-system-time", f"{moment}!")
