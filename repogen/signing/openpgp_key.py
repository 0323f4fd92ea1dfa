"""What gpg's own listing says of a secret key.

Its fields: https://git.gnupg.org/cgi-bin/gitweb.cgi?p=gnupg.git;f=doc/DETAILS
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from repogen.errors import SigningError

_RSA, _DSA = {"1", "3"}, "17"


def iso(seconds: str | float) -> str:
    """``2026-11-20T10:00:00Z`` of seconds since 1970; empty stays empty."""
    return datetime.fromtimestamp(float(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if seconds != "" else ""


def algorithm(listed: Mapping[str, Any]) -> str:
    """``ed25519``, ``rsa4096``, ``dsa2048``; the curve's name for other elliptic keys."""
    number, length = str(listed["algo"]), str(listed["length"])
    if number in _RSA:
        return f"rsa{length}"
    if number == _DSA:
        return f"dsa{length}"
    return str(listed.get("curve") or f"algorithm{number}").lower()


def check_usable(listed: Mapping[str, Any], source: str) -> None:
    """Refuse a secret key that cannot sign today. ``listed`` is gpg's own judgement by the real clock."""
    short = str(listed["fingerprint"])
    if listed["trust"] == "r":
        raise SigningError(f"the signing key {short} ({source}) is revoked", hint="make a new one with `repogen keys new`")
    if listed["trust"] == "e":
        hint = f"extend it with `gpg --quick-set-expire {short} 5y` and export it again; clients need the renewed public key"
        raise SigningError(f"the signing key {short} ({source}) expired on {iso(str(listed['expires']))[:10]}", hint=hint)
    if str(listed.get("token") or "") not in {"", "+"}:
        raise SigningError(
            f"{source} does not hold the secret part of the primary key {short}",
            hint="repogen signs with the primary key, since rpm and dnf trust no other: export it whole, or make one with `repogen keys new`",
        )
    if listed["trust"] in {"i", "d", "n"} or "s" not in str(listed["cap"]):
        raise SigningError(f"the key {short} ({source}) cannot sign", hint="its primary key must be allowed to sign; make one with `repogen keys new`")
