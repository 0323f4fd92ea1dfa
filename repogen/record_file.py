"""A record as a file: MessagePack in zstandard, written and read a piece at a time, since what a build brings may be many thousands of packages.

Each message has its length before it, in four bytes; a length of 0 is the end. The first message is the record without its long fields, the others are
parts of these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TypeVar

import msgspec
import zstandard
from msgspec import Struct
from msgspec.structs import replace

from repogen import stored
from repogen.artifact import Artifact
from repogen.manifest import Entry
from repogen.record import Record

_AT_ONCE = 1000
_LENGTH = 4
_LEVEL = 1  # for digests beside repeated text it packs better than 3, and in half the time
_T = TypeVar("_T")


class _Artifacts(Struct, frozen=True, tag="artifacts"):
    some: tuple[Artifact, ...]


class _Objects(Struct, frozen=True, tag="objects"):
    some: dict[str, bytes]


class _Files(Struct, frozen=True, tag="files"):
    some: dict[str, Entry]


_first: msgspec.msgpack.Decoder[Record] = stored.decoder(Record)
_rest = stored.decoder(_Artifacts | _Objects | _Files)


def encoded(record: Record) -> Iterator[bytes]:
    """The bytes of the file, some at a time."""
    packing = zstandard.ZstdCompressor(_LEVEL).compressobj()
    for message in map(stored.encode, _messages(record)):
        yield packing.compress(len(message).to_bytes(_LENGTH, "big") + message)
    yield packing.compress(bytes(_LENGTH)) + packing.flush()


def read(path: Path) -> Record | None:
    """The record in this file; None where there is none that this version can use."""
    try:
        with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as stream:
            return _decoded(_framed(stream))
    except (FileNotFoundError, EOFError, msgspec.DecodeError, zstandard.ZstdError):
        return None


def _messages(record: Record) -> Iterator[Struct]:
    artifacts, objects, files = record.additions.artifacts, record.state.objects, record.files
    yield replace(record, additions=replace(record.additions, artifacts=()), state=replace(record.state, objects={}), files={})
    yield from (_Artifacts(artifacts[start : start + _AT_ONCE]) for start in range(0, len(artifacts), _AT_ONCE))
    yield from map(_Objects, _parts(objects))
    yield from map(_Files, _parts(files))


def _parts(whole: Mapping[str, _T]) -> Iterator[dict[str, _T]]:
    items = iter(whole.items())
    while part := dict(islice(items, _AT_ONCE)):
        yield part


def _framed(stream: BinaryIO) -> Iterator[bytes]:
    while size := int.from_bytes(_exactly(stream, _LENGTH), "big"):
        if size >> 31:
            raise EOFError  # a record of former versions, which begins with a map
        yield _exactly(stream, size)


def _exactly(stream: BinaryIO, size: int) -> bytes:
    content = stream.read(size)
    if len(content) != size:
        raise EOFError
    return content


def _decoded(messages: Iterator[bytes]) -> Record:
    """Raises EOFError where there is no message, msgspec.DecodeError for what is no record."""
    record = _first.decode(next(messages, b""))
    artifacts: list[Artifact] = []
    objects: dict[str, bytes] = {}
    files: dict[str, Entry] = {}
    for message in messages:
        match _rest.decode(message):
            case _Artifacts(some):
                artifacts += some
            case _Objects(some):
                objects |= some
            case _Files(some):
                files |= some
    return replace(record, additions=replace(record.additions, artifacts=tuple(artifacts)), state=replace(record.state, objects=objects), files=files)
