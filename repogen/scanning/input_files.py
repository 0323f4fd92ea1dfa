"""Which files are the release's: ``[input] paths`` as files, folders and globs.

Nothing outside the named folders comes in by a symbolic link, nothing that is no regular file is ever opened (a FIFO would never end), and
hidden files, readmes, licences and what build tools leave beside their packages are passed over.
"""

from __future__ import annotations

import errno
import glob
import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from msgspec import Struct

from repogen.errors import InputError


class Stamp(Struct, frozen=True):
    """What tells that a file is still the same."""

    size: int
    mtime_ns: int
    inode: int
    ctime_ns: int
    """Time of the last change of the inode, which nobody can set back; for the cache alone, since a new link changes it too."""


class FoundFile(Struct, frozen=True):
    """A regular file of the release."""

    path: str
    """Absolute."""
    name: str
    stamp: Stamp


#: Nanoseconds between two ticks of the clock by which a file system stamps its files, and some more.
_TICK = 20_000_000
#: What lies among release files without being one: papers, and records of GoReleaser, dist, electron-builder, vpk and dpkg-buildpackage.
_NOT_RELEASED = re.compile(
    r"(?:readme|licen[cs]e|copying|notice|authors|contributing|security|code_of_conduct)(?:[-_.].*)?"
    r"|artifacts\.json|assets\.[^/]+\.json|.*\.(?:changes|buildinfo)|metadata\.json|config\.yaml|dist-manifest\.json|builder-(?:debug|effective-config)\.ya?ml|repogen\.toml",
    re.IGNORECASE,
)
#: Folders that hold a program before it is packed, and sites that repogen itself wrote.
_NOT_ENTERED = re.compile(r".*\.app|.*[-_]unpacked|node_modules|__pycache__", re.IGNORECASE)

_ODD_KINDS = ((stat.S_ISFIFO, "a FIFO"), (stat.S_ISSOCK, "a socket"), (stat.S_ISCHR, "a device"), (stat.S_ISBLK, "a device"), (stat.S_ISDIR, "a folder"))


def find_files(paths: Sequence[str], base: Path, ignore: Sequence[str] = ()) -> tuple[FoundFile, ...]:
    """Every release file that ``paths`` name, sorted by path. Raises InputError for a path that matches nothing and for what cannot be read."""
    root = os.path.abspath(base)
    matches = [(pattern, _matches(pattern, root)) for pattern in paths]
    inside = tuple({_home(match) for _, found in matches for match in found})
    files: dict[str, FoundFile] = {}
    for _, found in matches:
        for match in found:
            files |= {file.path: file for file in _files_at(match, inside, ignore, root)}
    return tuple(files[path] for path in sorted(files))


def stamp_of(path: str | Path) -> Stamp:
    """The stamp of a file as it is now. Raises OSError."""
    return _stamp(os.stat(path))


def is_fresh(file: FoundFile, now: int) -> bool:
    """Whether a file changed so recently that it could change once more and keep its stamp; ``now`` in nanoseconds since 1970."""
    return now - max(file.stamp.ctime_ns, file.stamp.mtime_ns) <= _TICK


def _stamp(status: os.stat_result) -> Stamp:
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ino, status.st_ctime_ns)


def _matches(pattern: str, root: str) -> list[str]:
    """Absolute paths that a pattern names. A name that exists is itself, whatever characters it has."""
    literal = os.path.normpath(os.path.join(root, pattern))
    if os.path.lexists(literal):
        return [literal]
    if not glob.has_magic(pattern):
        raise InputError(f"[input] path {pattern!r} does not exist in {root}", hint="correct it in repogen.toml, or build the release first")
    found = sorted(os.path.normpath(os.path.join(root, match)) for match in glob.iglob(pattern, root_dir=root, recursive=True))
    visible = [match for match in found if not os.path.basename(match).startswith(".") and os.path.lexists(match)]
    if not visible:
        raise InputError(f"[input] path {pattern!r} matches nothing in {root}", hint="correct it in repogen.toml, or build the release first")
    return visible


def _home(path: str) -> str:
    """The folder to which a named path confines the links below it."""
    return os.path.realpath(path) if os.path.isdir(path) else os.path.realpath(os.path.dirname(path))


def _files_at(path: str, inside: tuple[str, ...], ignore: Sequence[str], root: str) -> Iterator[FoundFile]:
    if os.path.isdir(path):
        yield from _walk(path, inside, ignore, root)
        return
    name = os.path.basename(path)
    if not _is_passed_over(name, path, ignore, root):
        yield _regular(path, name, _status(path, os.path.islink(path), inside))


def _walk(folder: str, inside: tuple[str, ...], ignore: Sequence[str], root: str) -> Iterator[FoundFile]:
    for entry in _entries(folder):
        if entry.name.startswith(".") or _is_passed_over(entry.name, entry.path, ignore, root):
            continue
        if entry.is_dir(follow_symlinks=False):
            if not _NOT_ENTERED.fullmatch(entry.name) and not _is_site(entry.path):
                yield from _walk(entry.path, inside, ignore, root)
        elif entry.is_symlink():
            status = _status(entry.path, True, inside)
            if not stat.S_ISDIR(status.st_mode):  # the folder that a link inside points to is walked by itself
                yield _regular(entry.path, entry.name, status)
        else:
            yield _regular(entry.path, entry.name, _stat_entry(entry))


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise InputError(f"the folder {folder} cannot be read: {error.strerror}", hint="give the user who builds the right to read it") from error


def _stat_entry(entry: os.DirEntry[str]) -> os.stat_result:
    try:
        return entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        raise vanished(entry.path) from None


def _status(path: str, is_link: bool, inside: Iterable[str]) -> os.stat_result:
    if is_link:
        target = os.path.realpath(path)
        if not any(target == home or target.startswith(home.rstrip(os.sep) + os.sep) for home in inside):
            raise InputError(
                f"{path} is a link to {target}, outside the folders of [input] paths", hint="copy the file there, or name its folder in [input] paths"
            )
    try:
        return os.stat(path)
    except FileNotFoundError:
        raise InputError(f"{path} is a link to nothing", hint="remove it, or bring the file that it points to") from None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise InputError(f"{path} is a link that leads back to itself", hint="remove it, or let it point to a file") from None
        raise InputError(f"{path} cannot be read: {error.strerror}", hint="give the user who builds the right to read it") from error


def _regular(path: str, name: str, status: os.stat_result) -> FoundFile:
    if not stat.S_ISREG(status.st_mode):
        what = next((words for is_kind, words in _ODD_KINDS if is_kind(status.st_mode)), "no regular file")
        raise InputError(f"{path} is {what}, not a release file", hint=f'remove it, or list it in repogen.toml: [input] ignore = ["{name}"]')
    try:
        path.encode()
    except UnicodeEncodeError:
        shown = path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        raise InputError(f"the name of {shown} is not UTF-8", hint="rename the file") from None
    return FoundFile(path, name, _stamp(status))


def _is_passed_over(name: str, path: str, ignore: Sequence[str], root: str) -> bool:
    if _NOT_RELEASED.fullmatch(name):
        return True
    if not ignore:
        return False
    relative = os.path.relpath(path, root).replace(os.sep, "/")
    return any(fnmatchcase(name, pattern) or fnmatchcase(relative, pattern) for pattern in ignore)


def _is_site(folder: str) -> bool:
    return os.path.isdir(os.path.join(folder, ".repogen"))


def vanished(path: str) -> InputError:
    """A file that was there a moment ago."""
    return InputError(f"{path} vanished while the release was read", hint="let the build of the release finish first, then run repogen again")
