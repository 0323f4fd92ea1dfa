"""What clients will say to a public key, today and before long.

The rules are those of the clients: apt 3 (/usr/share/apt/default-sequoia.config), apt 2 and dnf (GnuPG), rpm 4.18 to 6, zypper. All of them take
Ed25519 and RSA of 3072 or 4096 bits with self-signatures of SHA-256 or better, signed with by the primary key, and nothing else is taken by all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from repogen.checks.findings import Finding, error, warning
from repogen.signing.openpgp_certificate import Certificate

_DAY = 86400
#: apt allows no signature or key from further ahead than this.
_CLOCKS_DIFFER = 300
_NEW_KEY = "make an Ed25519 or RSA-4096 key with `repogen keys new`, and announce it before you change to it"

#: Days before an expiry, the nearest first, and what that means.
_EXPIRY = (
    (30, "extend it and publish now: every user who has not fetched the renewed key by then is locked out"),
    (90, "extend it and publish soon, and tell your users to fetch the renewed key"),
    (180, "extend it, and publish, in time for your users to fetch the renewed key"),
)

#: Seconds before an expiry at which the first warning comes: days are counted when they are full.
FIRST_WARNING = (_EXPIRY[-1][0] + 1) * _DAY

#: Algorithms, as patterns, that some rpm does not import, and which. SHA-224 in self-signatures it takes, other than apt.
_NOT_IMPORTED = {r"rsa(\d{1,3}|1\d{3})": "from 4.20 on", r"brainpool\w+|secp256k1": "of any release", r"nistp\d+": "up to 4.18"}
_TAKEN_BY_RPM = frozenset(("SHA-224", "SHA-256", "SHA-384", "SHA-512"))

#: Algorithms, as patterns, that some client refuses now, and which.
_REFUSED = {
    r"dsa\d+": "a DSA key, which apt 3 (Debian 13, Ubuntu 25.04) refuses since February 2024",
    r"brainpool\w+|secp256k1": "a key on the curve {curve}, which apt 3, zypper, and dnf with rpm 4.20 or later refuse",
    r"nistp\d+": "a key on the curve {curve}, which zypper cannot import, and with which rpm up to 4.18 cannot check packages",
    r"ed448": "an Ed448 key, which GnuPG before 2.3 (apt of Debian 12, dnf of RHEL 9) does not know",
    r"\w+-v6": "a key of the new kind of RFC 9580, which all clients with GnuPG (apt 2, dnf, zypper) refuse",
}


def check_certificate(key: Certificate, now: float) -> list[Finding]:
    """Everything about a key that users will notice; empty for a good one. ``now`` in seconds since 1970."""
    return [*_revocation(key), *_version(key), *_algorithm(key), *_self_signatures(key), *_signs(key), *_dates(key, now)]


def not_imported_by_rpm(key: Certificate) -> str:
    """Which rpm does not import a key, and for what: the rest of a sentence; empty where every one does."""
    if key.version != 4:
        return f"no rpm with GnuPG imports: it is of OpenPGP version {key.version}"
    for pattern, which in _NOT_IMPORTED.items():
        if re.fullmatch(pattern, key.algorithm):
            return f"rpm {which} does not import: it is of the kind {key.algorithm}"
    hashes = [signature.hash for signature in key.self_signatures if signature.version > 3]
    if hashes and _TAKEN_BY_RPM.isdisjoint(hashes):
        return f"rpm from 4.20 on does not import: it signed its own user ids with {hashes[-1]}"
    return ""


def _revocation(key: Certificate) -> Iterator[Finding]:
    if key.revoked:
        yield error("revocation", f"the key {key.fingerprint} is revoked, so that every client refuses it", "make a new one with `repogen keys new`")


def _version(key: Certificate) -> Iterator[Finding]:
    if key.version != 4:
        who = "apt and rpm of today refuse" if key.version < 4 else "all clients with GnuPG (apt 2, dnf, zypper) refuse"
        yield error("version", f"the key {key.fingerprint} is of OpenPGP version {key.version}, which {who}", _NEW_KEY)


def _algorithm(key: Certificate) -> Iterator[Finding]:
    this = f"the key {key.fingerprint} is"
    for pattern, what in _REFUSED.items():
        if re.fullmatch(pattern, key.algorithm):
            yield error("algorithm", f"{this} {what.format(curve=key.algorithm)}", _NEW_KEY)
            return
    if key.algorithm.startswith("rsa"):
        yield from _rsa(this, int(key.algorithm[3:]))
    elif key.algorithm != "ed25519":
        yield warning("algorithm", f"{this} of the algorithm {key.algorithm}, of which it is not known who takes it", _NEW_KEY)


def _rsa(this: str, bits: int) -> Iterator[Finding]:
    if bits < 2048:
        yield error("algorithm", f"{this} an RSA key of {bits} bits, which apt 3 refuses, and rpm from 4.20 on does not import", _NEW_KEY)
    elif bits < 3072:
        yield warning("algorithm", f"{this} an RSA key of {bits} bits, which apt refuses from February 2030 on", _NEW_KEY)


def _self_signatures(key: Certificate) -> Iterator[Finding]:
    remedy = f"sign its user ids again: `gpg --cert-digest-algo SHA512 --quick-set-expire {key.fingerprint} 0` (or 5y), and export it again"
    if not key.user_ids:
        yield error("user-id", f"the key {key.fingerprint} has no user id that it signed itself, and apt refuses such a key", "add one: `gpg --quick-add-uid`")
    if not (signatures := key.self_signatures):
        return
    if not any(signature.strong for signature in signatures):
        weak = signatures[-1].hash if signatures[-1].version > 3 else f"{signatures[-1].hash} in a signature of version 3"
        clients = "apt 3 refuses since February 2026" + (", and rpm from 4.20 on does not import" if signatures[-1].hash == "SHA-1" else "")
        yield error("self-signature", f"the key {key.fingerprint} signed its own user ids with {weak}, which {clients}", remedy)
    elif not signatures[-1].strong:
        newest = f"the newest self-signature of the key {key.fingerprint} is made with {signatures[-1].hash}"
        yield warning("self-signature", f"{newest}, so that apt 3 goes by an older one", remedy)


def _signs(key: Certificate) -> Iterator[Finding]:
    if key.current is None or key.current.signs:
        return
    what = "only a subkey of it, which dnf 5 and rpm do not trust" if key.signing_subkeys else "so that nothing can be signed with it"
    yield error("signing", f"the primary key {key.fingerprint} may not sign, {what}", "repogen signs with the primary key: make one with `repogen keys new`")


def _dates(key: Certificate, now: float) -> Iterator[Finding]:
    if key.created > now + _CLOCKS_DIFFER:
        remedy = "set the clock of this machine, and make the key again"
        yield error("created", f"the key {key.fingerprint} was made in the future, on {_day(key.created)}", remedy)
    if not key.expires:
        return
    days = int((key.expires - now) // _DAY)
    if key.expires <= now:
        remedy = f"extend it with `gpg --quick-set-expire {key.fingerprint} 5y` and export it again; clients need the renewed public key"
        yield error("expiry", f"the key {key.fingerprint} expired on {_day(key.expires)}", remedy)
        return
    for limit, remedy in _EXPIRY:
        if days <= limit:
            yield warning("expiry", f"the key {key.fingerprint} expires in {days} days, on {_day(key.expires)}", remedy)
            return


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
