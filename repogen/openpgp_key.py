"""What gpg's listing says of a key, and what clients will soon refuse.

The rules are those of apt 3 (its Sequoia policy) and rpm: DSA is refused now, RSA below 3072 bits ends in February 2030.
Fields of the listing: https://git.gnupg.org/cgi-bin/gitweb.cgi?p=gnupg.git;f=doc/DETAILS
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from repogen.catalog import PublicKey
from repogen.errors import SigningError

_RSA, _DSA = {"1", "3"}, "17"
_WARN_DAYS = 180
#: Curves of ECDSA keys as gpg names them; rpm learnt them with Sequoia.
_ECDSA = ("nistp", "brainpool", "secp")


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


def warnings(key: PublicKey, now: float) -> list[str]:
    """What will lock users out before long: an expiry within 180 days of ``now``, or an algorithm on its way out."""
    found = []
    if key.expires:
        days = int((datetime.fromisoformat(key.expires).timestamp() - now) // 86400)
        if days < 0:
            found.append(f"the signing key {key.fingerprint} expired on {key.expires[:10]}: extend it, and publish")
        elif days < _WARN_DAYS:
            found.append(f"the signing key {key.fingerprint} expires in {days} days, on {key.expires[:10]}: extend it, and publish, before then")
    if key.algorithm.startswith("dsa"):
        found.append(f"the signing key {key.fingerprint} is a DSA key, which apt 3 and rpm 6 refuse: make an Ed25519 or RSA-4096 key")
    if key.algorithm.startswith("rsa") and int(key.algorithm[3:]) < 3072:
        found.append(f"the signing key {key.fingerprint} is {key.algorithm.upper()}, too short for apt from 2030 on: make an Ed25519 or RSA-4096 key")
    if key.algorithm.startswith(_ECDSA):
        found.append(f"the signing key {key.fingerprint} is an ECDSA key, which many rpm clients cannot read: make an Ed25519 or RSA-4096 key")
    return found


def holds_secret(binary: bytes) -> bool:
    """Whether a binary key export holds a secret key or subkey packet (tags 5 and 7): https://www.rfc-editor.org/rfc/rfc9580#section-4.2 ."""
    at = 0
    while at < len(binary):
        tag, at, length = _packet(binary, at)
        if tag in {5, 7}:
            return True
        at += length
    return False


def _packet(data: bytes, at: int) -> tuple[int, int, int]:
    """Tag, start of the body and length of the body of the packet at ``at``."""
    head = data[at]
    if not head & 0x80:
        raise SigningError("gpg exported a public key that is no OpenPGP data", hint="`gpg --export` of this key must work")
    if head & 0x40:
        first = data[at + 1]
        if first < 192:
            return head & 0x3F, at + 2, first
        if first < 224:
            return head & 0x3F, at + 3, ((first - 192) << 8) + data[at + 2] + 192
        return head & 0x3F, at + 6, int.from_bytes(data[at + 2 : at + 6], "big")
    size = 1 << (head & 3)
    return (head >> 2) & 0x0F, at + 1 + size, int.from_bytes(data[at + 1 : at + 1 + size], "big")
