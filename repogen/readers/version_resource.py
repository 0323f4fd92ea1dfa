"""The strings of a Windows version resource: ProductName, ProductVersion and so on.

Format: https://learn.microsoft.com/windows/win32/menurc/vs-versioninfo, a tree of blocks, each with its length, the length of its value and a
UTF-16 key, aligned to four bytes.
"""

from __future__ import annotations

from collections.abc import Iterator

_KEY = "VS_VERSION_INFO".encode("utf-16-le")
_LONGEST = 1 << 16
_DEEPEST = 3


def version_strings(resources: bytes) -> dict[str, str]:
    """Keys and values of every string table in a resource section, the first value of each key."""
    at = resources.find(_KEY)
    if at < 6:
        return {}
    found: dict[str, str] = {}
    block = resources[at - 6 : at - 6 + min(_LONGEST, _number(resources, at - 6))]
    for key, value in _strings(block, 0):
        found.setdefault(key, " ".join(value.split()))
    return found


def _strings(block: bytes, depth: int) -> Iterator[tuple[str, str]]:
    """Text values in a block and in those inside it."""
    value_length, is_text = _number(block, 2), _number(block, 4) == 1
    key, start = _key(block)
    if depth == _DEEPEST:
        if is_text and value_length:
            yield key, block[start : start + 2 * value_length].decode("utf-16-le", "replace").split("\0")[0]
        return
    at = _aligned(start + value_length) if not is_text else start
    while at + 6 <= len(block) and (length := _number(block, at)) >= 6:
        yield from _strings(block[at : at + length], depth + 1)
        at = _aligned(at + length)


def _key(block: bytes) -> tuple[str, int]:
    """The block's key and where its value begins."""
    end = 6
    while end + 1 < len(block) and block[end : end + 2] != b"\0\0":
        end += 2
    return block[6:end].decode("utf-16-le", "replace"), _aligned(end + 2)


def _aligned(at: int) -> int:
    return -(-at // 4) * 4


def _number(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "little")
