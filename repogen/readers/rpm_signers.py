"""The keys that the signatures in an rpm name as their makers, by id.

Nothing is verified here: clients do that, with the keys that they have. Packets: https://www.rfc-editor.org/rfc/rfc9580#name-signature-packet-type-id-2
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Final

from repogen.readers.rpm_header import Header

_DSA: Final = 267
_RSA: Final = 268
_OPENPGP: Final = 278
#: Tags of a signature over the header: DSA (also EdDSA and ECDSA), RSA, OpenPGP.
HEADER_SIGNATURES: Final = (_DSA, _RSA, _OPENPGP)
_ISSUER: Final = 16
_ISSUER_FINGERPRINT: Final = 33


def signers(signature: Header) -> tuple[str, ...]:
    """Ids (16 upper-case hexadecimal digits) of the keys that signed the header, sorted. What is no signature names none."""
    packets = [signature.binary(_DSA), signature.binary(_RSA), *(_decoded(text) for text in signature.texts(_OPENPGP))]
    return tuple(sorted({id.hex().upper() for packet in packets if packet for id in _issuers(packet_body(packet))}))


def packet_body(packet: bytes) -> bytes:
    """The body of the one signature packet that this must be; empty when it is anything else."""
    first, second = (packet[0], packet[1]) if len(packet) > 6 else (0, 0)
    if first == 0xC2:
        begin, length = (2, second) if second < 192 else (3, (second - 192 << 8) + packet[2] + 192) if second < 224 else (6, int.from_bytes(packet[2:6]))
    elif first in {0x88, 0x89, 0x8A}:
        begin = {0x88: 2, 0x89: 3, 0x8A: 5}[first]
        length = int.from_bytes(packet[1:begin])
    else:
        return b""
    return packet[begin:] if begin + length == len(packet) else b""


def _decoded(text: bytes) -> bytes:
    try:
        return base64.b64decode(text)
    except binascii.Error:
        return b""


def _issuers(body: bytes) -> Iterator[bytes]:
    if body[:1] == b"\x03":  # as gpg 1 wrote them, which rpm still takes
        yield body[7:15]
    if body[:1] == b"\x04":
        hashed = body[6 : 6 + int.from_bytes(body[4:6])]
        after = 6 + len(hashed)
        for type, data in (*_subpackets(hashed), *_subpackets(body[after + 2 : after + 2 + int.from_bytes(body[after : after + 2])])):
            if type in {_ISSUER, _ISSUER_FINGERPRINT}:
                yield data[-8:]


def _subpackets(area: bytes) -> Iterator[tuple[int, bytes]]:
    """Type and data of each; nothing more from a damaged one on."""
    while area:
        begin = 1 if area[0] < 192 else 2 if area[0] < 255 else 5
        length = area[0] if begin == 1 else (area[0] - 192 << 8) + int.from_bytes(area[1:2]) + 192 if begin == 2 else int.from_bytes(area[1:5])
        if not 0 < length <= len(area) - begin:
            return
        yield area[begin] & 0x7F, area[begin + 1 : begin + length]
        area = area[begin + length :]
