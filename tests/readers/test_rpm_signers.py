import base64
from pathlib import Path

import pytest

from repogen.readers.rpm_header import read_front
from repogen.readers.rpm_signers import signers
from tests.support import rpms

KEY = bytes.fromhex("0123456789ABCDEF")


def named(tmp_path: Path, tag: int, packet: bytes) -> tuple[str, ...]:
    value = [base64.b64encode(packet)] if tag == 278 else packet
    package = rpms.handmade(tmp_path / "a.rpm", signature={tag: value})
    with package.open("rb") as file:
        return signers(read_front(file, "a.rpm").signature)


def packet(body: bytes) -> bytes:
    return bytes([0x89]) + len(body).to_bytes(2, "big") + body


def version_4(hashed: bytes, unhashed: bytes) -> bytes:
    return packet(b"\x04\0\x16\x0a" + b"".join(len(area).to_bytes(2, "big") + area for area in (hashed, unhashed)) + b"rest")


FINGERPRINT = b"\x16\x21\x04" + bytes(12) + KEY
ISSUER = b"\x09\x10" + KEY
TIME = b"\x05\x02\0\0\0\1"
LONG = b"\xff" + (9).to_bytes(4, "big") + ISSUER[1:]


@pytest.mark.parametrize("tag", [267, 268, 278])
@pytest.mark.parametrize(
    ("hashed", "unhashed"),
    [
        (TIME + FINGERPRINT, ISSUER),
        (TIME, ISSUER),
        (FINGERPRINT, b""),
        (TIME + b"\x09\x90" + KEY, b""),
        (b"", LONG),
        (b"\xc0\0" + b"\x02" + bytes(191) + ISSUER, b""),
    ],
)
def test_version_4_by_either_subpacket(tmp_path: Path, tag: int, hashed: bytes, unhashed: bytes) -> None:
    assert named(tmp_path, tag, version_4(hashed, unhashed)) == (KEY.hex().upper(),)


def test_version_3(tmp_path: Path) -> None:
    assert named(tmp_path, 268, packet(b"\x03\x05\0" + bytes(4) + KEY + b"\x01\x08rest")) == (KEY.hex().upper(),)


@pytest.mark.parametrize(
    "wrong",
    [
        b"x",
        b"no signature at all",
        packet(b""),
        packet(b"\x04"),
        version_4(TIME, b""),
        version_4(b"\xff\xff\xff\xff\xff", b"\x09"),
        version_4(b"\0" * 9, b""),
        packet(b"\x09" + ISSUER),
    ],
)
def test_what_names_nobody(tmp_path: Path, wrong: bytes) -> None:
    assert named(tmp_path, 268, wrong) == ()
