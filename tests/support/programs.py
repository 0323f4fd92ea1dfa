"""Native programs of every kind as headers alone, written by hand: enough for a reader, too little to run."""

from __future__ import annotations

import struct

_ELF = {"amd64": 62, "arm64": 183, "i386": 3, "riscv64": 243}
_MACH = {"amd64": 0x01000007, "arm64": 0x0100000C}
_PE = {"amd64": 0x8664, "arm64": 0xAA64, "i386": 0x14C}


def elf(arch: str = "amd64", interpreter: str = "", *, type: int = 3, appimage: bool = False) -> bytes:
    """A 64-bit little-endian ELF with one segment, the interpreter's name (such as ``/lib/ld-musl-x86_64.so.1``)."""
    ident = b"\x7fELF\x02\x01\x01\x00" + (b"AI\x02" if appimage else bytes(3)) + bytes(5)
    header = ident + struct.pack("<HHIQQQIHHHHHH", type, _ELF[arch], 1, 0, 64, 0, 0, 64, 56, 1, 64, 0, 0)
    name = interpreter.encode() + b"\0" if interpreter else b""
    segment = struct.pack("<IIQQQQQQ", 3 if interpreter else 1, 4, 120, 0, 0, len(name), len(name), 1)
    return header + segment + name


def mach_o(arch: str = "arm64", type: int = 2) -> bytes:
    """A 64-bit Mach-O without load commands."""
    return struct.pack("<IIIIIIII", 0xFEEDFACF, _MACH[arch], 0, type, 0, 0, 0, 0)


def universal(*arches: str) -> bytes:
    """A universal Mach-O of these architectures."""
    parts = [mach_o(arch) for arch in arches]
    at = 8 + 20 * len(parts)
    rows, body = b"", b""
    for arch, part in zip(arches, parts, strict=True):
        rows += struct.pack(">IIIII", _MACH[arch], 0, at + len(body), len(part), 0)
        body += part
    return struct.pack(">II", 0xCAFEBABE, len(parts)) + rows + body


def pe(arch: str = "amd64", *, dll: bool = False, dotnet: bool = False, sections: tuple[tuple[bytes, bytes], ...] = ((b".text", b"\x90" * 16),)) -> bytes:
    """A PE with these sections, whose optional header is zero but for its magic and the directory of .NET."""
    wide = arch != "i386"
    directories = bytearray(16 * 8)
    if dotnet:
        directories[14 * 8 : 15 * 8] = struct.pack("<II", 0x2000, 72)
    optional = struct.pack("<H", 0x20B if wide else 0x10B) + bytes((112 if wide else 96) - 2) + bytes(directories)
    head = b"MZ" + bytes(58) + struct.pack("<I", 64)
    coff = b"PE\0\0" + struct.pack("<HHIIIHH", _PE[arch], len(sections), 0, 0, 0, len(optional), 0x2002 if dll else 0x0002)
    at = len(head) + len(coff) + len(optional) + 40 * len(sections)
    table, body = b"", b""
    for name, content in sections:
        table += struct.pack("<8sIIIIIIHHI", name, len(content), 0x1000, len(content), at + len(body), 0, 0, 0, 0, 0)
        body += content
    return head + coff + optional + table + body


def version_resource(**strings: str) -> bytes:
    """The version block of a resource section: VS_VERSION_INFO with one string table."""

    def block(key: str, value: bytes, children: bytes = b"", *, text: bool) -> bytes:
        head = key.encode("utf-16-le") + b"\0\0"
        head += bytes(-(6 + len(head)) % 4)
        body = head + value + (bytes(-len(value) % 4) if children else b"") + children
        length = len(value) // 2 if text else len(value)
        return struct.pack("<HHH", 6 + len(body), length, int(text)) + body

    def aligned(data: bytes) -> bytes:
        return data + bytes(-len(data) % 4)

    rows = b"".join(aligned(block(key, value.encode("utf-16-le") + b"\0\0", text=True)) for key, value in strings.items())
    table = block("StringFileInfo", b"", block("040904b0", b"", rows, text=True), text=True)
    return block("VS_VERSION_INFO", bytes(52), table, text=False)
