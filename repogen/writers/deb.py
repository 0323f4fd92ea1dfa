"""A Debian binary package (https://manpages.debian.org/bookworm/dpkg-dev/deb.5.en.html)."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from repogen.writers import PackageFile


def write(control: str, scripts: Mapping[str, str], files: Sequence[PackageFile], mtime: int) -> bytes:
    """The package of a control paragraph, maintainer scripts by name, and files; everything in it bears ``mtime`` (seconds since 1970)."""
    texts = {"control": control, "md5sums": _md5sums(files), "conffiles": "".join(f"{file.path}\n" for file in files if file.config)}
    about = {name: (text.encode(), 0o644) for name, text in texts.items() if text} | {name: (text.encode(), 0o755) for name, text in scripts.items()}
    members = {
        "debian-binary": b"2.0\n",
        "control.tar": _tar(about, mtime),
        "data.tar": _tar({file.path.lstrip("/"): (file.content, 0o644) for file in files}, mtime),
    }
    return b"!<arch>\n" + b"".join(_member(name, content, mtime) for name, content in members.items())


def installed_size(files: Iterable[PackageFile]) -> int:
    """KiB on disk, as dpkg-gencontrol counts them: a file is rounded up, a folder is one."""
    paths = [file.path.lstrip("/") for file in files]
    return sum(-(-len(file.content) // 1024) for file in files) + len(_folders(paths))


def _md5sums(files: Iterable[PackageFile]) -> str:
    """The list for ``dpkg --verify``; dpkg has the digests of configuration files elsewhere."""
    sums = {file.path.lstrip("/"): hashlib.md5(file.content, usedforsecurity=False).hexdigest() for file in files if not file.config}
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(sums.items()))


def _tar(files: Mapping[str, tuple[bytes, int]], mtime: int) -> bytes:
    """Folders first, then content and mode of each path."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for folder in _folders(files):
            archive.addfile(_entry(f"./{folder}/" if folder else "./", mtime, 0o755, tarfile.DIRTYPE))
        for path, (content, mode) in sorted(files.items()):
            entry = _entry(f"./{path}", mtime, mode, tarfile.REGTYPE)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _folders(paths: Iterable[str]) -> list[str]:
    """Every folder above these relative paths, the outer ones first; the root is empty."""
    found = {parent.as_posix() for path in paths for parent in PurePosixPath(path).parents}
    return sorted("" if folder == "." else folder for folder in found)


def _entry(name: str, mtime: int, mode: int, kind: bytes) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode, entry.mtime = kind, mode, mtime
    entry.uname = entry.gname = "root"
    return entry


def _member(name: str, content: bytes, mtime: int) -> bytes:
    header = f"{name:<16}{mtime:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n"
    return header.encode() + content + b"\n" * (len(content) % 2)
