"""What electron-builder leaves beside an application: update manifests and block maps."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import zlib
from pathlib import Path

_BLOCK = 8192


def update_manifest(path: Path, version: str, *files: Path, dashes: bool = False, **more: object) -> Path:
    """``latest.yml`` and the like about these files; ``dashes`` writes them as electron-builder does for GitHub, which takes no spaces."""
    named = [(file.name.replace(" ", "-") if dashes else file.name, file) for file in files]
    lines = [f"version: {version}", "files:"]
    for name, file in named:
        lines += [f"  - url: {name}", f"    sha512: {_digest(file)}", f"    size: {file.stat().st_size}"]
        if size := embedded_size(file):
            lines.append(f"    blockMapSize: {size}")
    lines += [f"path: {named[0][0]}", f"sha512: {_digest(named[0][1])}", "releaseDate: '2026-01-01T00:00:00.000Z'"]
    lines += [f"{key}: {json.dumps(value)}" for key, value in more.items()]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def block_map(file: Path) -> Path:
    """The block map beside a file, in blocks of one size where electron-builder cuts by content."""
    made = file.with_name(f"{file.name}.blockmap")
    made.write_bytes(gzip.compress(_blocks(file.read_bytes())))
    return made


def embed_block_map(file: Path) -> Path:
    """The file with its block map at its end, as electron-builder makes an AppImage."""
    content = file.read_bytes()
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = packer.compress(_blocks(content)) + packer.flush()
    file.write_bytes(content + packed + len(packed).to_bytes(4, "big"))
    return file


def embedded_size(file: Path) -> int:
    """Size of the block map at a file's end; 0 for anything but an AppImage that has one."""
    content = file.read_bytes()
    length = int.from_bytes(content[-4:], "big")
    return length if file.suffix == ".AppImage" and 0 < length < len(content) - 4 else 0


def _blocks(content: bytes) -> bytes:
    parts = [content[at : at + _BLOCK] for at in range(0, len(content), _BLOCK)]
    sums = [base64.b64encode(hashlib.blake2b(part, digest_size=18).digest()).decode() for part in parts]
    about = {"name": "file", "offset": 0, "checksums": sums, "sizes": [len(part) for part in parts]}
    return json.dumps({"version": "2", "files": [about]}, separators=(",", ":")).encode()


def _digest(file: Path) -> str:
    return base64.b64encode(hashlib.sha512(file.read_bytes()).digest()).decode()
