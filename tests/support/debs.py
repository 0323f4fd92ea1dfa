"""Debian packages put together by hand, so that every rule of the format can be broken."""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
from io import BytesIO
from pathlib import Path

import zstandard

from repogen.readers import Digests, Reading, deb

CONTROL = "Package: hello\nVersion: 1.0\nArchitecture: amd64\nMaintainer: Acme <acme@acme.example>\nDescription: says hello\n"


def control(more: str = "", **fields: str) -> bytes:
    """CONTROL with other values (``Version="2"``), or without a field (``Version=""``), and more lines before Description."""
    lines = []
    for line in CONTROL.splitlines():
        name, _, value = line.partition(": ")
        value = fields.get(name, value)
        lines += [more.rstrip("\n")] if name == "Description" and more else []
        lines += [f"{name}: {value}"] if value else []
    return ("\n".join(lines) + "\n").encode()


def tar(*members: tuple[str | tarfile.TarInfo, bytes], format: int = tarfile.USTAR_FORMAT) -> bytes:
    """A plain tar; a member without its own TarInfo is a file."""
    plain = BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=format) as archive:
        for member, content in members:
            entry = tarfile.TarInfo(member) if isinstance(member, str) else member
            entry.size = len(content)
            archive.addfile(entry, BytesIO(content))
    return plain.getvalue()


def entry(name: str, type: bytes, target: str = "") -> tarfile.TarInfo:
    """A link, folder or device for :func:`tar`."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = type, target
    return info


def ar_member(name: str, content: bytes, size: str = "", end: bytes = b"`\n", padding: bytes | None = None) -> bytes:
    header = f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{size or len(content):<10}".encode() + end
    return header + content + (b"\n" * (len(content) % 2) if padding is None else padding)


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(data)


PACK = {"": bytes, ".gz": gzip.compress, ".xz": lzma.compress, ".zst": zstd, ".bz2": bz2.compress, ".lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE)}
FORMAT = ar_member("debian-binary", b"2.0\n")
DATA = ar_member("data.tar.gz", gzip.compress(tar()))


def with_control(control_tar: bytes, suffix: str = ".gz", data: bytes = DATA) -> bytes:
    """A package with this control.tar, already packed."""
    return b"!<arch>\n" + FORMAT + ar_member(f"control.tar{suffix}", control_tar) + data


def raw_deb(text: bytes, suffix: str = ".gz", data: bytes = DATA) -> bytes:
    """A package with this control file."""
    return with_control(PACK[suffix](tar(("./control", text))), suffix, data)


def read_bytes(folder: Path, content: bytes, name: str = "x.deb") -> Reading:
    """What the reader says of these bytes."""
    path = folder / name
    path.write_bytes(content)
    return read_file(path)


def read_file(path: Path) -> Reading:
    return deb.read(path, Digests(size=path.stat().st_size, sha256="0" * 64, mtime=0))
