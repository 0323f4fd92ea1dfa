"""A folder as a store, such as the root of a web server.

A file is written under another name and renamed, so a reader sees the old bytes or the new. Files are 0644 and folders 0755
whatever the umask. The modification time of a replaced file moves on by a whole second at least, because apt asks a web
server for what is newer than that. Only repogen's own state is flushed to the disk at once.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from repogen.errors import StoreError
from repogen.paths import check_site_path
from repogen.served_folders import make_served
from repogen.stores import ConflictError, Listed, Stat, Stored, UnfinishedUpload
from repogen.stores.disk_errors import sentences

_LOG = logging.getLogger("repogen")
_STATE = ".repogen"
_LOCK, _PUT_LOCK, _TEMPORARY = f"{_STATE}/lock", f"{_STATE}/put.lock", f"{_STATE}/tmp"  # noqa: S108 - inside the store

#: Larger files are payload, which nobody swaps: their etag is made of size and times, so that listing does not read them.
_DIGEST_LIMIT = 8 * 1024 * 1024


class LocalStore:
    """A folder, made when something is first put in it."""

    endpoint = ""

    def __init__(self, root: Path) -> None:
        self.root = Path(os.path.abspath(root))  # noqa: PTH100 - without `..`, but a link stays a link
        self.address = str(self.root)
        self._known: set[Path] = set()

    # -- reading ---------------------------------------------------------------------------

    def get(self, key: str) -> Stored | None:
        path = self._path(key)
        with sentences(path):
            try:
                content = path.read_bytes()
                return Stored(content, _etag(path, path.stat(), content))
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                return None

    def fetch(self, key: str, target: Path) -> bool:
        path = self._path(key)
        with sentences(path):
            if not path.is_file():
                return False
            shutil.copyfile(path, target)
            return True

    def stat(self, key: str) -> Stat | None:
        path = self._path(key)
        with sentences(path):
            try:
                return self._stat(key, path) if path.is_file() else None
            except FileNotFoundError:
                return None

    def age(self, key: str) -> float | None:
        path = self._path(key)
        with sentences(path):
            return max(0.0, time.time() - path.stat().st_mtime) if path.is_file() else None

    def clock(self) -> datetime:
        return datetime.now(UTC)

    def holds(self, key: str, *, size: int, sha256: str) -> bool:
        path = self._path(key)
        with sentences(path):
            if not path.is_file() or path.stat().st_size != size:
                return False
            with path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == sha256

    def list(self, prefix: str) -> Iterator[Listed]:
        folder = self.root / prefix.rpartition("/")[0]
        with sentences(folder):
            for key in sorted(self._keys(folder)):
                if key.startswith(prefix) and key not in {_LOCK, _PUT_LOCK} and not key.startswith(f"{_TEMPORARY}/"):
                    with suppress(FileNotFoundError):
                        status = (self.root / key).stat()
                        yield Listed(key, status.st_size, status.st_ctime)  # a file that was linked here has an older modification time

    def _keys(self, folder: Path) -> Iterator[str]:
        for parent, _, names in os.walk(folder, onerror=_raise):
            base = Path(parent).relative_to(self.root).as_posix()
            for name in names:
                if not Path(parent, name).is_symlink():
                    yield name if base == "." else f"{base}/{name}"

    # -- writing ---------------------------------------------------------------------------

    def put(
        self,
        key: str,
        content: bytes | Path,
        *,
        content_type: str,
        cache_control: str,
        if_match: str | None = None,
        create_only: bool = False,
        sha256: str = "",
    ) -> str:
        del content_type, cache_control, sha256  # the web server's business; a folder checks no digest
        path = self._path(key)
        with sentences(path):
            if if_match is None and not create_only:
                return self._write(path, content)
            with self._held(_PUT_LOCK):
                current = self.stat(key)
                if (create_only and current is not None) or (if_match is not None and (current is None or current.etag != if_match)):
                    raise ConflictError(f"{path} was changed by somebody else", hint="publish again")
                return self._write(path, content, flush=key.startswith(f"{_STATE}/"))

    def copy(self, source: str, target: str, *, content_type: str, cache_control: str) -> None:
        path = self._path(source)
        if not path.is_file():
            raise StoreError(f"{path} is missing", hint="it was deleted while it was still named by the published state")
        self.put(target, path, content_type=content_type, cache_control=cache_control, create_only=True)

    def delete(self, key: str) -> None:
        path = self._path(key)
        with sentences(path):
            with suppress(FileNotFoundError, NotADirectoryError):
                path.unlink()
            for folder in path.parents:
                if folder == self.root:
                    break
                try:
                    folder.rmdir()  # only when nothing is left in it
                except OSError:
                    break
                self._known.discard(folder)

    def _write(self, path: Path, content: bytes | Path, *, flush: bool = False) -> str:
        try:
            return self._replace(path, content, flush=flush)
        except FileNotFoundError:
            # A delete in another thread took the folder away with its last file.
            self._known.clear()
            return self._replace(path, content, flush=flush)

    def _replace(self, path: Path, content: bytes | Path, *, flush: bool) -> str:
        self._make_folder(path.parent)
        temporary = self._temporary()
        try:
            before = _seconds(path)
            if isinstance(content, Path):
                _link_or_copy(content, temporary, later_than=before)
            else:
                _write_bytes(content, temporary, later_than=before, flush=flush)
            etag = _etag(temporary, temporary.stat(), None if isinstance(content, Path) else content)
            temporary.replace(path)
        finally:
            # Renaming one link of a file to another link of it does nothing, so the temporary name may remain.
            temporary.unlink(missing_ok=True)
        return etag

    def _temporary(self) -> Path:
        folder = self.root / _TEMPORARY
        self._make_folder(folder)
        number, name = tempfile.mkstemp(dir=folder)
        os.close(number)
        return Path(name)

    def _make_folder(self, folder: Path) -> None:
        if folder in self._known:
            return
        make_served(str(folder))
        self._known.add(folder)

    def unfinished_uploads(self) -> Iterator[UnfinishedUpload]:
        return iter(())  # what a killed run left is cleared away by the next one that holds the lock

    def abort_upload(self, upload: UnfinishedUpload) -> None:
        """There is none."""

    # -- safety ----------------------------------------------------------------------------

    def lock(self) -> AbstractContextManager[bool]:
        return self._publishing()

    @contextmanager
    def _publishing(self) -> Iterator[bool]:
        with self._held(_LOCK, f"waiting for another publisher in {self.address}"):
            # Nobody else publishes now, so what stands here was left by a process that was killed.
            shutil.rmtree(self.root / _TEMPORARY, ignore_errors=True)
            self._known.clear()
            yield True

    @contextmanager
    def _held(self, name: str, waiting: str = "") -> Iterator[None]:
        """Hold a lock file; the kernel lets go of it when the process ends, however it ends. ``waiting`` is said when somebody else holds it."""
        path = self.root / name
        with sentences(path):
            self._make_folder(path.parent)
            number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            try:
                fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if waiting:
                    _LOG.info("%s", waiting)
                fcntl.flock(number, fcntl.LOCK_EX)
            yield
        finally:
            os.close(number)

    def _path(self, key: str) -> Path:
        """The file of a key, inside the root also after every symbolic link."""
        path = self.root / check_site_path(key)
        if path.parent not in self._known or path.is_symlink():
            real, root = os.path.realpath(path), os.path.realpath(self.root)
            if not real.startswith(root.rstrip("/") + "/"):
                raise StoreError(f"{path} is a link that leads out of {self.root}", hint="replace the link by a real folder or file")
        return path

    @staticmethod
    def _stat(key: str, path: Path) -> Stat:
        status = path.stat()
        return Stat(key, status.st_size, _etag(path, status))


def _raise(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        raise error


def _etag(path: Path, status: os.stat_result, content: bytes | None = None) -> str:
    if status.st_size > _DIGEST_LIMIT:
        return f"{status.st_size:x}-{status.st_mtime_ns:x}-{status.st_ino:x}"
    return hashlib.sha256(path.read_bytes() if content is None else content).hexdigest()


def _seconds(path: Path) -> int:
    """Modification time of a file in whole seconds; -1 when it is absent."""
    try:
        return int(path.lstat().st_mtime)
    except FileNotFoundError:
        return -1


def _write_bytes(content: bytes, target: Path, *, later_than: int, flush: bool) -> None:
    with target.open("wb") as file:
        os.fchmod(file.fileno(), 0o644)
        file.write(content)
        if flush:
            file.flush()
            os.fsync(file.fileno())
    _move_on(target, later_than)


def _link_or_copy(source: Path, target: Path, *, later_than: int) -> None:
    """The same file under a second name where that costs nothing, else a copy with the source's time."""
    status = source.stat()
    target.unlink()
    if status.st_mode & 0o7777 == 0o644 and int(status.st_mtime) > later_than:
        with suppress(OSError):
            target.hardlink_to(source)
            return
    shutil.copyfile(source, target)
    target.chmod(0o644)
    os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))
    _move_on(target, later_than)


def _move_on(path: Path, later_than: int) -> None:
    if int(path.stat().st_mtime) <= later_than:
        os.utime(path, (later_than + 1, later_than + 1))
