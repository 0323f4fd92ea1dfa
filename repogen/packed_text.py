"""Long texts that are kept for many thousands of packages and looked at a few times: packed together, they take a tenth of their room.

A text is read in its turn by whoever renders an index, so that its neighbours are wanted next: the block that they share is unpacked once for all of them.
"""

from __future__ import annotations

from functools import lru_cache

import zstandard

#: Bytes of a block before it is packed.
_ENOUGH = 256 << 10
_LEVEL = 1
#: Blocks that stay unpacked: a few formats may read at once.
_AT_HAND = 8


class _Block:
    """Texts one after another."""

    __slots__ = ("growing", "packed")

    def __init__(self) -> None:
        self.growing: bytearray | None = bytearray()
        self.packed = b""

    def close(self) -> None:
        """Pack it; nothing is added from now on."""
        packed = zstandard.ZstdCompressor(_LEVEL).compress(self.growing or b"")
        self.packed = bytes(memoryview(packed))  # a copy of the right size: the compressor's own keeps the room that it might have needed
        self.growing = None


@lru_cache(maxsize=_AT_HAND)
def _unpacked(block: _Block) -> bytes:
    return zstandard.ZstdDecompressor().decompress(block.packed)


class Text:
    """A text as bytes. Equal texts are equal, wherever they are kept."""

    __slots__ = ("_home", "_size", "_start")

    def __init__(self, content: bytes) -> None:
        self._home: bytes | _Block = content
        self._start, self._size = 0, len(content)

    @property
    def content(self) -> bytes:
        home = self._home
        if isinstance(home, bytes):
            return home
        growing = home.growing  # looked at once: another thread may close the block
        whole = _unpacked(home) if growing is None else growing
        return bytes(whole[self._start : self._start + self._size])

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Text) and self._size == other._size and self.content == other.content)

    def __hash__(self) -> int:
        return hash(self.content)

    def __repr__(self) -> str:
        return f"Text({self.content!r})"

    def _move(self, block: _Block) -> None:
        if isinstance(self._home, bytes) and block.growing is not None:
            self._start = len(block.growing)
            block.growing += self._home
            self._home = block


class Packer:
    """Packs texts in the order in which they will be read."""

    def __init__(self) -> None:
        self._block = _Block()

    def pack(self, text: Text) -> None:
        """Keep this text, which nobody else has seen yet, with those before it."""
        text._move(self._block)  # noqa: SLF001 - two halves of one thing
        if self._block.growing is not None and len(self._block.growing) >= _ENOUGH:
            self._block.close()
            self._block = _Block()


def to_stored(value: object) -> bytes:
    """How MessagePack holds a text: msgspec's ``enc_hook``."""
    if isinstance(value, Text):
        home = value._home  # noqa: SLF001 - as content does it, but without a call: it is asked for tens of thousands
        return home if isinstance(home, bytes) else value.content
    raise TypeError(f"{type(value).__name__} cannot be stored")


def from_stored(type: type, value: object) -> Text:
    """The opposite: its ``dec_hook``, which makes a msgspec.ValidationError of TypeError."""
    if type is Text and isinstance(value, bytes):
        return Text(value)
    raise TypeError(f"expected {type.__name__}, found {value!r:.40}")
