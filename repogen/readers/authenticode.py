"""Authenticode: who signed a Windows program or installer, and whether the signature bears a time that outlives the certificate.

Format: https://learn.microsoft.com/windows-hardware/drivers/install/authenticode and RFC 2315 (PKCS #7). This tells what a file says; whether
its certificate is trusted, Windows alone can know.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from repogen.artifact import Authenticode
from repogen.readers.der import OCTETS, OID, SET, TIME, UTC_TIME, DerError, Value, first

_COMMON_NAME, _ORGANIZATION = bytes.fromhex("550403"), bytes.fromhex("55040a")
_COUNTERSIGNATURE = bytes.fromhex("2a864886f70d010906")
_SIGNING_TIME = bytes.fromhex("2a864886f70d010905")
#: A time stamp of RFC 3161: 1.3.6.1.4.1.311.3.3.1.
_TIMESTAMP = bytes.fromhex("2b060104018237030301")
_DIGESTS = {
    bytes.fromhex("2b0e03021a"): "sha1",
    bytes.fromhex("608648016503040201"): "sha256",
    bytes.fromhex("608648016503040202"): "sha384",
    bytes.fromhex("608648016503040203"): "sha512",
}
_SIGNED_ATTRIBUTES, _UNSIGNED_ATTRIBUTES, _CERTIFICATES = 0xA0, 0xA1, 0xA0


def read_signature(data: bytes) -> Authenticode:
    """What a PKCS #7 signature says; that of a file without one where it cannot be read."""
    try:
        return _signature(data)
    except (DerError, IndexError, ValueError, StopIteration):
        return Authenticode()


def covers(data: bytes, parts: Iterator[bytes]) -> bool:
    """Whether the signature is over these bytes of a program."""
    try:
        algorithm, digest = _signed_digest(data)
        hashed = hashlib.new(_DIGESTS[algorithm], usedforsecurity=False)
    except (DerError, IndexError, ValueError, KeyError, StopIteration):
        return False
    for part in parts:
        hashed.update(part)
    return hashed.digest() == digest


def _signed_data(data: bytes) -> tuple[Value, ...]:
    """Parts of the SignedData in a ContentInfo."""
    return first(data).parts[1].parts[0].parts


def _signed_digest(data: bytes) -> tuple[bytes, bytes]:
    """Algorithm and digest in the SpcIndirectDataContent."""
    message = _signed_data(data)[2].parts[1].parts[0].parts[1].parts
    return message[0].parts[0].content, message[1].content


def _signature(data: bytes) -> Authenticode:
    parts = _signed_data(data)
    certificates = next((part.parts for part in parts[3:] if part.tag == _CERTIFICATES), ())
    signer = next(part for part in reversed(parts) if part.tag == SET).parts[0].parts
    issuer, serial = signer[1].parts
    for certificate in certificates:
        fields = certificate.parts[0].parts
        fields = fields[1:] if fields[0].tag == 0xA0 else fields  # the version
        if (fields[0].content, fields[2].whole) == (serial.content, issuer.whole):
            return Authenticode(signer=_name(fields[4]), issuer=_name(issuer), timestamp=_timestamp(signer))
    return Authenticode()


def _name(name: Value) -> str:
    """The common name, else the organization; on one line."""
    said = {attribute.parts[0].content: attribute.parts[1].text for group in name.parts for attribute in group.parts}
    return " ".join((said.get(_COMMON_NAME) or said.get(_ORGANIZATION) or "an unnamed certificate").split())


def _timestamp(signer: tuple[Value, ...]) -> str:
    """When the signature was stamped, ``2026-11-20T10:00:00Z``; empty where it was not."""
    unsigned = next((part.parts for part in signer if part.tag == _UNSIGNED_ATTRIBUTES), ())
    for attribute in unsigned:
        kind, value = attribute.parts[0].content, attribute.parts[1].parts[0]
        if kind == _TIMESTAMP:
            token = next(part for part in _signed_data(value.whole)[2].parts[1].parts if part.tag == OCTETS)
            return _moment(next(part for part in first(token.content).parts if part.tag == TIME))
        if kind == _COUNTERSIGNATURE:
            said = next(part.parts for part in value.parts if part.tag == _SIGNED_ATTRIBUTES)
            times = (one.parts[1].parts[0] for one in said if one.parts[0].tag == OID and one.parts[0].content == _SIGNING_TIME)
            return _moment(next(times))
    return ""


def _moment(time: Value) -> str:
    text = time.text
    if time.tag == UTC_TIME:
        text = ("19" if text >= "5" else "20") + text
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}T{text[8:10]}:{text[10:12]}:{text[12:14]}Z"
