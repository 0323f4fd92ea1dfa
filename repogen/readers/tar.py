"""Members of a tar archive, read once from front to back.

Formats ustar, GNU and pax: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html. The standard library's tarfile ends
silently at a broken header and allocates what a pax header claims; this reader does neither.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

_BLOCK = 512
_LONGEST_HEADER = 1 << 20
_LARGEST = 1 << 36
_HEAD = 1 << 12
_MOST_MEMBERS = 1_000_000


class TarError(ValueError):
    """The archive is damaged or beyond every reasonable bound; its text says how."""


class Member(Struct, frozen=True):
    """One member with the first 4 KiB of its content."""

    name: str
    type: str
    """Type flag: ``0`` file, ``1`` hard link, ``2`` symbolic link, ``5`` folder."""
    mode: int
    size: int
    target: str
    """Where a link points."""
    head: bytes


class _Source:
    """Exact reads from pieces."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._piece = memoryview(b"")
        self.total = 0

    def read(self, size: int) -> bytes:
        """``size`` bytes; fewer only where the archive ends."""
        parts: list[bytes] = []
        while size > 0 and self._fill():
            taken = self._piece[:size]
            self._piece = self._piece[size:]
            size -= len(taken)
            parts.append(bytes(taken))
        return b"".join(parts)

    def skip(self, size: int) -> None:
        while size > 0:
            if not self._fill():
                raise TarError("it ends inside a member")
            taken = min(size, len(self._piece))
            self._piece = self._piece[taken:]
            size -= taken

    def drain(self) -> None:
        """To the end, so that the checksums of the compression are seen."""
        for _ in self._pieces:
            pass

    def _fill(self) -> bool:
        while not self._piece:
            piece = next(self._pieces, None)
            if piece is None:
                return False
            self.total += len(piece)
            if self.total > _LARGEST:
                raise TarError(f"it unpacks to more than {_LARGEST >> 30} GiB")
            self._piece = memoryview(piece)
        return True


def is_header(block: bytes) -> bool:
    """Whether the checksum of these 512 bytes is that of a tar header, by either of the two sums in use."""
    try:
        claim = int(block[148:156].strip(b" \0") or b"x", 8)
    except ValueError:
        return False
    blank = block[:148] + b" " * 8 + block[156:]
    return len(block) == _BLOCK and (claim == sum(blank) or claim == sum(byte - 256 if byte > 127 else byte for byte in blank))


def first_name(pieces: Iterator[bytes]) -> str | None:
    """Name of the first member; None when the stream does not begin as a tar archive."""
    block = _Source(pieces).read(_BLOCK)
    return _text(block[:100]).removeprefix("./") if is_header(block) else None


def members(pieces: Iterator[bytes]) -> Iterator[Member]:
    """Every member in order. Raises TarError for a damaged archive, and what reading ``pieces`` raises."""
    source = _Source(pieces)
    count = 0
    extra: dict[str, str] = {}
    while (block := source.read(_BLOCK)).strip(b"\0"):
        if not is_header(block):
            raise TarError("it ends inside a header" if len(block) < _BLOCK else "a header in it is broken")
        type, size = chr(block[156]), _number(block[124:136])
        if type in "xgLK":
            extra |= _extension(type, source.read(_padded(_checked_header(size))), size)
            continue
        size = _number_text(extra["size"]) if "size" in extra else size
        if type == "S" and block[482]:
            while source.read(_BLOCK)[504:505] == b"\1":
                """More blocks of a sparse file's map."""
        stored = 0 if type in "123456" else size
        head = source.read(min(stored, _HEAD))
        source.skip(_padded(stored) - len(head))
        count += 1
        if count > _MOST_MEMBERS:
            raise TarError(f"it has more than {_MOST_MEMBERS:,} members")
        yield _member(block, type, size, extra, head)
        extra = {}
    if len(block) < _BLOCK:
        raise TarError("it ends without the mark of its end")
    source.drain()


def _member(block: bytes, type: str, size: int, extra: dict[str, str], head: bytes) -> Member:
    name = _text(block[:100])
    if block[257:263] == b"ustar\0" and (prefix := _text(block[345:500])):
        name = f"{prefix}/{name}"
    name, target = extra.get("path", name), extra.get("linkpath", _text(block[157:257]))
    if type in "07S\0" and name.endswith("/"):
        type = "5"
    return Member(name, {"\0": "0", "7": "0", "S": "0"}.get(type, type), _number(block[100:108]) & 0o7777, size, target, head)


def _checked_header(size: int) -> int:
    if size > _LONGEST_HEADER:
        raise TarError("a header in it claims more than 1 MiB for a name")
    return size


def _extension(type: str, data: bytes, size: int) -> dict[str, str]:
    if len(data) < size:
        raise TarError("it ends inside a header")
    if type in "LK":
        return {"path" if type == "L" else "linkpath": _text(data[:size])}
    return {} if type == "g" else dict(_records(data[:size]))


def _records(data: bytes) -> Iterator[tuple[str, str]]:
    """``25 path=some/long/name`` and a line end, one after the other; the number counts itself and the line end."""
    while data:
        length, _, _ = data.partition(b" ")
        if not length.isdigit() or len(length) > 7 or not len(length) < int(length) <= len(data):
            raise TarError("an extended header in it is broken")
        key, _, value = data[len(length) + 1 : int(length) - 1].partition(b"=")
        yield key.decode("utf-8", "replace"), value.decode("utf-8", "surrogateescape")
        data = data[int(length) :]


def _number(field: bytes) -> int:
    """Octal text, or GNU's binary form for what does not fit."""
    if field[0] & 0x80:
        value = int.from_bytes(bytes([field[0] & 0x7F]) + field[1:], "big")
        return _bounded(value)
    try:
        return _bounded(int(field.strip(b" \0") or b"0", 8))
    except ValueError:
        raise TarError("a header in it holds no number where one must be") from None


def _number_text(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 19:
        raise TarError("an extended header in it holds no number where one must be")
    return _bounded(int(text))


def _bounded(value: int) -> int:
    if value < 0 or value > _LARGEST:
        raise TarError("a member in it claims an impossible size")
    return value


def _padded(size: int) -> int:
    return -(-size // _BLOCK) * _BLOCK


def _text(field: bytes) -> str:
    return field.split(b"\0", 1)[0].decode("utf-8", "surrogateescape")
