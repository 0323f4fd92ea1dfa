"""Files and folders of an HFS+ volume: https://developer.apple.com/library/archive/technotes/tn/tn1150.html.

The catalog is a tree sorted by folder, and in it by name. Nothing is read but the nodes on the way to a folder and those that hold it, and
everything read is bounded.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from repogen.readers.udif import Image

ROOT = 2
_FOLDER, _FILE = 1, 2
_INDEX_NODE = 0
_MOST_LEVELS = 16
_MOST_NODES = 256
_HEAD = 1 << 12
_BLOCKS = range(512, (1 << 20) + 1)


class Item(Struct, frozen=True):
    """A file or folder in a folder."""

    name: str
    folder: int
    """Number by which what is in it is found; 0 for a file."""
    start: int = 0
    """Where the content of a file begins on the disk."""
    size: int = 0
    """Bytes of it that stand there in one piece."""


class _Record(Struct, frozen=True):
    """One entry of a node: the folder that it is in, its name, and what is told of it."""

    parent: int
    name: str
    data: bytes


class HfsVolume:
    """A volume that can be asked for the items of a folder."""

    def __init__(self, image: Image, start: int, header: bytes) -> None:
        self._image, self._start = image, start
        self._block = _u32(header, 40)
        # Only the first run of the catalog is followed, in which images that were made in one go have all of it.
        self._catalog, self._length = start + _u32(header, 288) * self._block, _u32(header, 292) * self._block
        tree = image.read(self._catalog, 64)
        self._top, self._size = _u32(tree, 16), _u16(tree, 32)

    def items(self, folder: int = ROOT) -> Iterator[Item]:
        """What is in a folder, sorted by name."""
        node = self._first_leaf(folder)
        for _ in range(_MOST_NODES):
            content = self._node(node)
            if not content:
                return
            for record in _records(content):
                if record.parent > folder:
                    return
                if record.parent == folder and record.name:
                    yield self._item(record)
            node = _u32(content, 0)

    def find(self, *path: str) -> int:
        """The folder at a path from the root; 0 where there is none."""
        folder = ROOT
        for name in path:
            folder = next((item.folder for item in self.items(folder) if item.name == name), 0)
            if not folder:
                return 0
        return folder

    def head(self, item: Item) -> bytes:
        """The first bytes of a file; 4 KiB at most."""
        return self._image.read(item.start, min(item.size, _HEAD)) if item.size else b""

    def _first_leaf(self, folder: int) -> int:
        """The node in which a folder's items begin, or one before it."""
        node = self._top
        for _ in range(_MOST_LEVELS):
            content = self._node(node)
            if not content or content[8] != _INDEX_NODE:
                break
            children = list(_records(content))
            before = [child for child in children if child.parent < folder] or children[:1]
            node = _u32(before[-1].data, 0) if before else 0
        return node

    def _node(self, number: int) -> bytes:
        """Empty for a number that no node has."""
        if not number or self._size < 512 or (number + 1) * self._size > self._length:
            return b""
        content = self._image.read(self._catalog + number * self._size, self._size)
        return content if len(content) == self._size else b""

    def _item(self, record: _Record) -> Item:
        kind, data = _u16(record.data, 0), record.data
        if kind == _FOLDER:
            return Item(record.name, _u32(data, 8))
        if kind != _FILE:
            return Item(record.name, 0)
        size, start, blocks = int.from_bytes(data[88:96], "big"), _u32(data, 104), _u32(data, 108)
        return Item(record.name, 0, self._start + start * self._block, min(size, blocks * self._block))


def hfs_volume(image: Image, start: int) -> HfsVolume | None:
    """The volume that begins there; None where there is none."""
    header = image.read(start + 1024, 512)
    return HfsVolume(image, start, header) if header[:2] in {b"H+", b"HX"} and _u32(header, 40) in _BLOCKS else None


def _records(node: bytes) -> Iterator[_Record]:
    """The offsets of records stand at the node's end, backwards; the last of them is that of the free space."""
    for index in range(min(_u16(node, 10), len(node) // 8)):
        at, end = (_u16(node, len(node) - 2 * (index + n)) for n in (1, 2))
        length = _u16(node, at + 6)
        yield _Record(_u32(node, at + 2), node[at + 8 : at + 8 + 2 * length].decode("utf-16-be", "replace"), node[at + 2 + _u16(node, at) : end])


def _u16(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "big") if at >= 0 else 0


def _u32(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "big") if at >= 0 else 0
