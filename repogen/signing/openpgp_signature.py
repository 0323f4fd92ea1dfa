"""A version 4 signature packet over binary data, with SHA-512, as gpg writes it.

https://www.rfc-editor.org/rfc/rfc9580#section-5.2.3
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence

_BINARY_DOCUMENT = 0x00
_SHA512 = 10
_CREATED, _ISSUER, _ISSUER_FINGERPRINT = 2, 16, 33


Sign = Callable[[Sequence[bytes]], Sequence[tuple[bytes, ...]]]


def signatures(texts: Sequence[bytes], created: Sequence[int], *, fingerprint: str, algorithm: int, sign: Sign) -> list[bytes]:
    """A detached signature packet of each text. ``algorithm`` is 1 (RSA) or 22 (Ed25519), ``created`` in seconds since 1970, ``sign`` signs SHA-512 digests."""
    issuer = bytes.fromhex(fingerprint)
    heads = [_head(issuer, algorithm, seconds) for seconds in created]
    digests = [hashlib.sha512(text + head + b"\x04\xff" + len(head).to_bytes(4, "big")).digest() for text, head in zip(texts, heads, strict=True)]
    unhashed = _subpacket(_ISSUER, issuer[-8:])
    middle = len(unhashed).to_bytes(2, "big") + unhashed
    parts = zip(heads, digests, sign(digests), strict=True)
    return [_packet(head + middle + digest[:2] + b"".join(map(_number, numbers))) for head, digest, numbers in parts]


def _head(issuer: bytes, algorithm: int, created: int) -> bytes:
    """The part of the packet that is signed with the text."""
    hashed = _subpacket(_ISSUER_FINGERPRINT, b"\x04" + issuer) + _subpacket(_CREATED, created.to_bytes(4, "big"))
    return bytes((4, _BINARY_DOCUMENT, algorithm, _SHA512)) + len(hashed).to_bytes(2, "big") + hashed


def _packet(body: bytes) -> bytes:
    if len(body) < 256:
        return b"\x88" + len(body).to_bytes(1, "big") + body
    return b"\x89" + len(body).to_bytes(2, "big") + body


def _subpacket(kind: int, content: bytes) -> bytes:
    return bytes((len(content) + 1, kind)) + content


def _number(value: bytes) -> bytes:
    """A multiprecision integer: its length in bits, and its bytes without leading zeros."""
    number = int.from_bytes(value, "big")
    bits = number.bit_length()
    return bits.to_bytes(2, "big") + number.to_bytes((bits + 7) // 8, "big")


def armor(packet: bytes) -> bytes:
    """The ASCII-armored form of a signature, https://www.rfc-editor.org/rfc/rfc9580#section-6, with the checksum that older clients want."""
    text = base64.b64encode(packet)
    lines = b"\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    checksum = base64.b64encode(_crc24(packet).to_bytes(3, "big"))
    return b"-----BEGIN PGP SIGNATURE-----\n\n" + lines + b"\n=" + checksum + b"\n-----END PGP SIGNATURE-----\n"


def _crc24(data: bytes) -> int:
    crc = 0xB704CE
    for byte in data:
        crc = (crc << 8 & 0xFFFFFF) ^ _CRC24[crc >> 16 ^ byte]
    return crc


def _crc24_of(byte: int) -> int:
    crc = byte << 16
    for _ in range(8):
        crc = (crc << 1) ^ (0x1864CFB if crc & 0x800000 else 0)
    return crc


_CRC24 = tuple(_crc24_of(byte) for byte in range(256))
