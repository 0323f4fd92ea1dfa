"""Values as MessagePack: how artifacts, and whatever holds them, are stored and sent between processes."""

from __future__ import annotations

from typing import Any

import msgspec

from repogen.packed_text import from_stored, to_stored

_encoder = msgspec.msgpack.Encoder(enc_hook=to_stored)
_exact = msgspec.msgpack.Encoder(enc_hook=to_stored, order="deterministic")


def encode(value: object) -> bytes:
    return _encoder.encode(value)


def encode_exactly(value: object) -> bytes:
    """The same, with equal bytes for equal values."""
    return _exact.encode(value)


def decoder(type: Any) -> msgspec.msgpack.Decoder[Any]:
    """Decodes values of this type; its ``decode`` raises msgspec.DecodeError."""
    return msgspec.msgpack.Decoder(type, dec_hook=from_stored)
