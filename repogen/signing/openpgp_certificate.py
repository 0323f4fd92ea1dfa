"""What a public key says of itself, read from its packets: https://www.rfc-editor.org/rfc/rfc9580#section-10.1 .

gpg's listing does not tell with which hash a key signed its own user ids, and that is what apt 3 and rpm refuse old keys for.
Whether these signatures are genuine is gpg's business: it drops others when it imports a key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from repogen.errors import SigningError
from repogen.signing.openpgp_packets import PUBLIC_KEY, PUBLIC_SUBKEY, SECRET_KEY, SECRET_SUBKEY, SIGNATURE, USER_ID, Packet, packets

_RSA, _DSA, _CURVES = {1, 2, 3}, 17, {19, 22}
_KINDS = {27: "ed25519-v6", 28: "ed448-v6"}
_OIDS = {
    "2b06010401da470f01": "ed25519", "2b6571": "ed448",
    "2a8648ce3d030107": "nistp256", "2b81040022": "nistp384", "2b81040023": "nistp521",
    "2b2403030208010107": "brainpoolp256r1", "2b240303020801010b": "brainpoolp384r1", "2b240303020801010d": "brainpoolp512r1",
    "2b8104000a": "secp256k1",
}  # fmt: skip

HASHES = {1: "MD5", 2: "SHA-1", 3: "RIPEMD-160", 8: "SHA-256", 9: "SHA-384", 10: "SHA-512", 11: "SHA-224", 12: "SHA3-256", 14: "SHA3-512"}
_STRONG = {8, 9, 10}

_CERTIFICATIONS, _DIRECT, _KEY_REVOKED, _SUBKEY_BOUND, _SUBKEY_REVOKED, _USER_ID_REVOKED = {0x10, 0x11, 0x12, 0x13}, 0x1F, 0x20, 0x18, 0x28, 0x30
_CREATED, _KEY_EXPIRES, _ISSUER, _KEY_FLAGS, _ISSUER_FINGERPRINT = 2, 9, 16, 27, 33
_MAY_SIGN = 0x02


class SelfSignature(Struct, frozen=True, kw_only=True):
    """A signature of a key over one of its own parts."""

    kind: int
    """Signature type: 0x13 over a user id, 0x1F over the key itself, 0x20 to revoke it ..."""
    version: int
    created: int
    """Seconds since 1970."""
    hash: str
    """``SHA-512``"""
    strong: bool
    """Whether apt 3 and rpm take it: not of version 3, and with SHA-256 or better."""
    lifetime: int
    """Seconds from the key's creation to its expiry; 0 when it never expires."""
    signs: bool
    """Whether the key may sign data."""


class Certificate(Struct, frozen=True, kw_only=True):
    """A public key with what it says of itself."""

    fingerprint: str
    version: int
    algorithm: str
    """``ed25519``, ``rsa4096``, ``dsa2048``, ``brainpoolp256r1``; ``algorithm99`` for one that is not known here."""
    created: int
    user_ids: tuple[str, ...] = ()
    """Those that the key itself signed and did not revoke."""
    self_signatures: tuple[SelfSignature, ...] = ()
    """Over these user ids and over the key itself, oldest first."""
    revoked: bool = False
    signing_subkeys: int = 0
    """How many subkeys may sign and are not revoked."""
    secret: bool = False
    """Whether this is no public key at all."""

    @property
    def current(self) -> SelfSignature | None:
        """The self-signature that counts for clients of today: the newest that they take, or else the newest."""
        return next((s for s in reversed(self.self_signatures) if s.strong), self.self_signatures[-1] if self.self_signatures else None)

    @property
    def expires(self) -> int:
        """Seconds since 1970; 0 when it never expires."""
        return self.created + self.current.lifetime if self.current and self.current.lifetime else 0


def certificates(data: bytes, source: str) -> tuple[Certificate, ...]:
    """Every key in binary data. Raises SigningError, which names ``source``, where that holds something else than keys."""
    groups: list[list[Packet]] = []
    for packet in packets(data, source):
        if packet.tag in {PUBLIC_KEY, SECRET_KEY}:
            groups.append([packet])
        elif groups:
            groups[-1].append(packet)
        else:
            raise SigningError(f"{source} does not begin with a key", hint="export the key again with `gpg --export FINGERPRINT`")
    try:
        return tuple(_certificate(primary, parts) for primary, *parts in groups)
    except IndexError:
        raise SigningError(f"{source} holds a damaged key", hint="export the key again with `gpg --export FINGERPRINT`") from None


def _certificate(primary: Packet, parts: Iterable[Packet]) -> Certificate:
    fingerprint = _fingerprint(primary.body)
    over = list(_own_signatures(parts, fingerprint))
    revocations = {part: s.created for part, s in over if s.kind == _USER_ID_REVOKED}
    bound = [(part, s) for part, s in over if part and part.tag == USER_ID and s.kind in _CERTIFICATIONS and s.created > revocations.get(part, -1)]
    counted = [s for _, s in bound] + [s for part, s in over if s.kind == _DIRECT and part is None]
    return Certificate(
        fingerprint=fingerprint,
        version=primary.body[0],
        algorithm=_algorithm(primary.body),
        created=int.from_bytes(primary.body[1:5], "big"),
        user_ids=tuple(dict.fromkeys(part.body.decode(errors="replace") for part, _ in bound)),
        self_signatures=tuple(sorted(counted, key=lambda s: s.created)),
        revoked=any(s.kind == _KEY_REVOKED for _, s in over),
        signing_subkeys=_signing_subkeys(over),
        secret=primary.tag == SECRET_KEY or any(part.tag == SECRET_SUBKEY for part in parts),
    )


def _own_signatures(parts: Iterable[Packet], fingerprint: str) -> Iterator[tuple[Packet | None, SelfSignature]]:
    """Each signature by the key itself with the part that it stands behind; None: the key."""
    part = None
    for packet in parts:
        if packet.tag != SIGNATURE:
            part = packet
            continue
        signature, issuer = _signature(packet.body)
        if signature and issuer and (fingerprint.endswith(issuer) or fingerprint.startswith(issuer)):
            yield part, signature


def _signing_subkeys(over: Iterable[tuple[Packet | None, SelfSignature]]) -> int:
    revoked = {part for part, s in over if s.kind == _SUBKEY_REVOKED}
    newest = {part: s for part, s in sorted(over, key=lambda pair: pair[1].created) if s.kind == _SUBKEY_BOUND}
    return sum(s.signs for part, s in newest.items() if part not in revoked and part and part.tag in {PUBLIC_SUBKEY, SECRET_SUBKEY})


# -- packets -------------------------------------------------------------------------------


def _fingerprint(body: bytes) -> str:
    if body[0] >= 5:
        prefix = b"\x9a" if body[0] == 5 else b"\x9b"
        return hashlib.sha256(prefix + len(body).to_bytes(4, "big") + body).hexdigest().upper()
    return hashlib.sha1(b"\x99" + len(body).to_bytes(2, "big") + body, usedforsecurity=False).hexdigest().upper()


def _algorithm(body: bytes) -> str:
    number, at = body[5], 10 if body[0] >= 5 else 6
    if number in _RSA or number == _DSA:
        return f"{'dsa' if number == _DSA else 'rsa'}{int.from_bytes(body[at : at + 2], 'big')}"
    if number in _CURVES:
        oid = body[at + 1 : at + 1 + body[at]].hex()
        return _OIDS.get(oid, f"curve-{oid}")
    return _KINDS.get(number, f"algorithm{number}")


def _signature(body: bytes) -> tuple[SelfSignature | None, str]:
    """A signature and its issuer (key id or fingerprint); None for a version that nobody writes."""
    version = body[0]
    if version in {2, 3}:
        made = _made(version, body[2], body[16], {_CREATED: body[3:7]})
        return made, body[7:15].hex().upper()
    if version not in {4, 5, 6}:
        return None, ""
    width = 4 if version == 6 else 2
    hashed, at = _area(body, 4, width)
    unhashed, _ = _area(body, at, width)
    issuer = (hashed | unhashed).get(_ISSUER_FINGERPRINT, b"")[1:] or (hashed | unhashed).get(_ISSUER, b"")
    return _made(version, body[1], body[3], hashed), issuer.hex().upper()


def _made(version: int, kind: int, hash_: int, hashed: Mapping[int, bytes]) -> SelfSignature:
    return SelfSignature(
        kind=kind,
        version=version,
        created=int.from_bytes(hashed.get(_CREATED, b""), "big"),
        hash=HASHES.get(hash_, f"hash {hash_}"),
        strong=version >= 4 and hash_ in _STRONG,
        lifetime=int.from_bytes(hashed.get(_KEY_EXPIRES, b""), "big"),
        signs=bool((hashed[_KEY_FLAGS] or b"\0")[0] & _MAY_SIGN) if _KEY_FLAGS in hashed else True,
    )


def _area(body: bytes, at: int, width: int) -> tuple[dict[int, bytes], int]:
    """The subpackets of one area by type, and where the area ends."""
    end = at + width + int.from_bytes(body[at : at + width], "big")
    at += width
    found: dict[int, bytes] = {}
    while at < end:
        length, at = _subpacket_length(body, at)
        found[body[at] & 0x7F] = body[at + 1 : at + length]
        at += length
    return found, end


def _subpacket_length(body: bytes, at: int) -> tuple[int, int]:
    first = body[at]
    if first < 192:
        return first, at + 1
    if first < 255:
        return ((first - 192) << 8) + body[at + 1] + 192, at + 2
    return int.from_bytes(body[at + 1 : at + 5], "big"), at + 5
