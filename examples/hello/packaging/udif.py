"""Wrap a raw disk image as a compressed Apple disk image (UDIF, the usual .dmg).

    python3 udif.py OUT.dmg RAW.img

A UDIF file is the image in zlib-packed chunks, then a property list that says where each chunk belongs
(one big-endian ``mish`` table), then a trailer of 512 bytes that begins with ``koly``.
"""

import plistlib
import struct
import sys
import zlib
from pathlib import Path

SECTOR = 512
CHUNK_SECTORS = 512
ZLIB_CHUNK, LAST_CHUNK = 0x80000005, 0xFFFFFFFF


def checksum(value):
    """CRC-32 in the 136 bytes that the format keeps for any checksum: type, bits, value."""
    return struct.pack(">III", 2, 32, value) + bytes(124)


def packed_chunks(image):
    """The data fork, and (type, first sector, sectors, offset, length) of each chunk in it."""
    fork, table = bytearray(), []
    for start in range(0, len(image), CHUNK_SECTORS * SECTOR):
        part = image[start : start + CHUNK_SECTORS * SECTOR]
        packed = zlib.compress(part, 9)
        table.append((ZLIB_CHUNK, start // SECTOR, len(part) // SECTOR, len(fork), len(packed)))
        fork += packed
    table.append((LAST_CHUNK, len(image) // SECTOR, 0, len(fork), 0))
    return bytes(fork), table


def chunk_table(image, table):
    """The ``mish`` block of the one partition that covers the whole image."""
    head = struct.pack(">4sIQQQII24x", b"mish", 1, 0, len(image) // SECTOR, 0, CHUNK_SECTORS + 8, 0)
    rows = b"".join(struct.pack(">IIQQQQ", kind, 0, first, count, offset, length) for kind, first, count, offset, length in table)
    return head + checksum(zlib.crc32(image)) + struct.pack(">I", len(table)) + rows


def disk_image(image):
    """The bytes of a .dmg that holds this raw image."""
    image += bytes(-len(image) % SECTOR)
    fork, table = packed_chunks(image)
    entry = {"Attributes": "0x0050", "CFName": "whole disk", "Data": chunk_table(image, table), "ID": "0", "Name": "whole disk"}
    plist = plistlib.dumps({"resource-fork": {"blkx": [entry]}}, sort_keys=True)
    master = zlib.crc32(struct.pack(">I", zlib.crc32(image)))
    trailer = struct.pack(">4sIIIQQQQQII16s", b"koly", 4, SECTOR, 1, 0, 0, len(fork), 0, 0, 1, 1, struct.pack(">IIII", *[zlib.crc32(image)] * 4))
    trailer += checksum(zlib.crc32(fork)) + struct.pack(">QQ120x", len(fork), len(plist)) + checksum(master)
    trailer += struct.pack(">IQ12x", 1, len(image) // SECTOR)
    return fork + plist + trailer


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(disk_image(Path(sys.argv[2]).read_bytes()))
