"""What a reader reads: a file by its path, or one whose bytes are in memory already."""

from __future__ import annotations

from io import BytesIO
from typing import BinaryIO, Literal, Protocol


class Source(Protocol):
    """A file that can be opened; a Path is one."""

    @property
    def name(self) -> str:
        """File name, for messages."""

    def open(self, mode: Literal["rb"], buffering: int = -1) -> BinaryIO:
        """The bytes from their beginning. Raises OSError."""


class Held:
    """A small file that was read whole, so that each of thousands is opened once."""

    def __init__(self, name: str, content: bytes) -> None:
        self.name = name
        self.content = content

    def open(self, mode: Literal["rb"], buffering: int = -1) -> BinaryIO:  # noqa: ARG002 - as a Path takes them
        return BytesIO(self.content)
