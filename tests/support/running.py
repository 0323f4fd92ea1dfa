"""The smallest Linux programs that run: an ELF whose code writes one text and ends, for machines of two architectures."""

from __future__ import annotations

import struct

_MACHINE = {"amd64": 62, "arm64": 183}
_LOAD, _DYNAMIC, _INTERPRETER, _TABLE = 1, 2, 3, 6
_STRTAB, _SYMTAB, _STRSZ, _SYMENT, _HASH, _NULL = 5, 6, 10, 11, 4, 0


def saying(text: str, arch: str = "amd64", interpreter: str = "") -> bytes:
    """A program that writes ``text`` to standard output, whatever it is asked.

    ``interpreter`` is the dynamic linker that starts it, such as ``/lib64/ld-linux-x86-64.so.2``, which finds nothing to link.
    """
    said, name = text.encode(), interpreter.encode() + b"\0" if interpreter else b""
    count = 4 if interpreter else 1
    name_at = 64 + 56 * count
    dynamic_at = name_at + len(name) + -(name_at + len(name)) % 8
    dynamic = _dynamic(dynamic_at) if interpreter else b""
    code_at = dynamic_at + len(dynamic)
    code = _amd64(len(said)) if arch == "amd64" else _arm64(len(said))
    end = code_at + len(code) + len(said)

    segments = [_segment(_LOAD, 7, 0, end, 4096)]
    if interpreter:
        # The table stands first and names itself, by which the linker learns where the program was loaded.
        segments = [_segment(_TABLE, 4, 64, 56 * count, 8), _segment(_INTERPRETER, 4, name_at, len(name), 1), *segments]
        segments.append(_segment(_DYNAMIC, 6, dynamic_at, len(dynamic), 8))
    header = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 3, _MACHINE[arch], 1, code_at, 64, 0, 0, 64, 56, count, 64, 0, 0)
    return (header + b"".join(segments) + name).ljust(dynamic_at, b"\0") + dynamic + code + said


def _segment(kind: int, flags: int, at: int, size: int, alignment: int) -> bytes:
    return struct.pack("<IIQQQQQQ", kind, flags, at, at, at, size, size, alignment)


def _dynamic(at: int) -> bytes:
    """The dynamic section with what it names behind it: no symbols, no strings, an empty hash table."""
    symbols = at + 6 * 16
    strings, table = symbols + 24, symbols + 24 + 8
    rows = ((_STRTAB, strings), (_SYMTAB, symbols), (_STRSZ, 8), (_SYMENT, 24), (_HASH, table), (_NULL, 0))
    return b"".join(struct.pack("<QQ", *row) for row in rows) + bytes(24 + 8) + struct.pack("<IIII", 1, 1, 0, 0)


def _amd64(length: int) -> bytes:
    """write(1, the bytes behind the code, length); exit(0)."""
    after = b"\xba" + struct.pack("<I", length) + b"\x0f\x05" + b"\xb8\x3c\0\0\0\x31\xff\x0f\x05"
    return b"\xb8\x01\0\0\0\xbf\x01\0\0\0\x48\x8d\x35" + struct.pack("<i", len(after)) + after


def _arm64(length: int) -> bytes:
    """The same: mov x0, 1; adr x1, the end; mov x2, length; mov x8, 64; svc 0; mov x0, 0; mov x8, 93; svc 0."""
    words = [0xD2800020, 0x10000000 | 7 << 5 | 1, 0xD2800002 | length << 5, 0xD2800808, 0xD4000001, 0xD2800000, 0xD2800BA8, 0xD4000001]
    return struct.pack("<8I", *words)
