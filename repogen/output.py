"""The output folder (``public/``): the site as a build wrote it, and the record of that build.

Everything is put in its place (``folder_files.py``) in the order of Stage, so that the folder can be served while it changes. Only
files that the record names are ever replaced or removed. Payload that the store holds already is not here: the record tells.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from threading import Event
from typing import BinaryIO

import msgspec
from msgspec.structs import replace

from repogen import layout, record_file
from repogen.errors import RepogenError, UsageError
from repogen.folder_files import FolderFiles
from repogen.manifest import Entry, Following
from repogen.record import Record
from repogen.seal import SEAL, Seal
from repogen.served_folders import make_served
from repogen.stores import Store
from repogen.taking import Copies
from repogen.tree import Blob, File, Stage, Tree

RECORD = ".repogen/build"
_WORK = ".repogen/work"
#: From this size on, copying a file is worth a thread, and a rendered one is set aside.
_LARGE = 1 << 20
_ASIDE = ".rendered"
_TAKEN = "taken"
_TOO_LONG = "the file system takes no path as long as this: rename the release's file to something shorter, or choose an --output nearer to the root"


class Output:
    """One output folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.work = folder / _WORK
        self._files = FolderFiles(folder, self.work)
        self._placed: set[str] = set()

    @contextmanager
    def locked(self, store: Store | None) -> Iterator[bool]:
        """Hold the folder for one run, told whether it had to wait for another; the kernel lets go of it when the process ends, however it ends.

        Raises UsageError when the folder holds something that repogen did not write, or is the destination itself, or one of both is inside the other.
        """
        if store is not None and "://" not in store.address and (met := _met(self.folder.resolve(), Path(store.address).resolve())):
            raise UsageError(f"{self.folder} {met}", hint="choose another --output, or another destination: [publish] to or --to")
        if self.folder.is_dir() and any(self.folder.iterdir()) and not (self.folder / ".repogen").is_dir():
            raise UsageError(f"{self.folder} is no output folder of repogen and not empty", hint="choose another --output, or empty it yourself")
        try:
            make_served(str(self.folder / ".repogen"))
            lock = (self.folder / ".repogen/lock").open("w")
        except OSError as error:
            raise RepogenError(
                f"{self.folder} cannot be written: {error.strerror}", hint="check its owner and permissions, or choose another --output"
            ) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                waited = False
            except BlockingIOError:
                fcntl.flock(lock, fcntl.LOCK_EX)
                waited = True
            yield waited

    def record(self) -> Record | None:
        """What the last build left, or None when there is none that this version can use."""
        return record_file.read(self.folder / RECORD)

    def seal(self, record: Record, inputs: str, quiet_until: int) -> None:
        """Leave word that the folder is what this record says, made from inputs of this mark; an empty mark tells nothing. For the rest see Seal."""
        if inputs:
            sizes = {path: entry.size for path, entry in record.files.items()}
            keys = msgspec.msgpack.encode(record.additions.keys)
            seal = Seal(inputs=inputs, base=record.base, makes=record.state.identity, date=record.date, sizes=sizes, keys=keys, quiet_until=quiet_until)
            self._files.write(SEAL, (msgspec.msgpack.encode(seal),))

    def holds(self, record: Record) -> bool:
        """Whether the files of the record are here, by size."""
        return all(self._files.size(path) == entry.size for path, entry in record.files.items())

    def signatures(self, record: Record) -> dict[str, Entry]:
        """The signatures of this record that are here."""
        return {path: entry for path, entry in record.files.items() if entry.signs and self._files.size(path) == entry.size}

    def file(self, path: str) -> Path | None:
        """The local file at a site path, when it is here."""
        local = self.folder / path
        return local if local.is_file() else None

    @contextmanager
    def taking(self, before: Record | None) -> Iterator[Copies]:
        """Copies to be made of release files while these are read, which the folder then need not copy. In the end none is left in the work folder."""
        folder = self.work / _TAKEN
        shutil.rmtree(folder, ignore_errors=True)  # of a run that was killed, which may have written half of one
        try:
            with self._told():
                make_served(str(folder))
            self._files.copies = Copies(str(folder), {entry.sha256 for entry in before.files.values()} if before else ())
            yield self._files.copies
        finally:
            self._files.copies = None
            shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def making(self, name: str) -> Iterator[BinaryIO]:
        """A large file to write, from where ``write`` moves it (its ``name`` tells the place). One that is left over is removed then."""
        with self._told():
            make_served(str(self.work))
            with open(self.work / f"{name}{_ASIDE}", "w+b") as file:
                yield file

    def set_aside(self, part: Tree) -> Tree:
        """The part with its large files in the work folder, from where ``write`` moves them: until then they take no memory."""
        large = {path: file for path, file in part.items() if isinstance(file.content, bytes) and file.size >= _LARGE and not file.signatures}
        blobs: dict[int, Blob] = {}  # an index stands at several paths
        with self._told():
            for file in large.values():
                if id(file.content) not in blobs:
                    blobs[id(file.content)] = self._aside(file)
        return Tree({**part, **{path: File(blobs[id(file.content)], file.stage) for path, file in large.items()}}) if large else part

    def _aside(self, file: File) -> Blob:
        sha256 = file.sha256
        if isinstance(file.content, bytes):
            self._files.write(f"{_WORK}/{sha256}{_ASIDE}", (file.content,))
        return Blob(sha256, file.size, f"{self.work}/{sha256}{_ASIDE}")

    @contextmanager
    def placing(self, before: Record | None) -> Iterator[Callable[[Tree], Tree]]:
        """What puts the new payload of a part in its place beside other work, and returns the part: nothing names it yet, so nobody sees it.

        All of it is there when the work is done; where the work fails, it goes again. What stands in a place already is left to ``write``.
        """
        old, stop, placing, mine = before.files if before else {}, Event(), list[Future[None]](), list[str]()
        with ThreadPoolExecutor(max(2, min(4, os.cpu_count() or 1))) as pool:

            def place(part: Tree) -> Tree:
                files = ((path, file.content) for path, file in part.items() if path not in old and path not in self._placed)
                new = {path: content for path, content in files if isinstance(content, Blob) and _is_here(content)}
                placing.extend(pool.submit(self._place_all, share, stop, mine) for share in _shares(new))
                return part

            try:
                yield place
                for done in placing:
                    done.result()
            except BaseException:
                stop.set()
                pool.shutdown(cancel_futures=True)
                for path in mine:
                    (self.folder / path).unlink(missing_ok=True)
                self._placed.difference_update(mine)
                raise

    def _place_all(self, new: Mapping[str, Blob], stop: Event, mine: list[str]) -> None:
        with self._told():
            for path, blob in new.items():
                if stop.is_set():
                    return
                if self._files.is_free(path):
                    self._files.bring(path, blob)
                    self._placed.add(path)
                    mine.append(path)

    def write_ahead(self, tree: Tree, before: Record | None) -> None:
        """Put the rest of new payload and the lists of new releases in their places, ahead of ``write``: nothing names them yet, so nobody sees them."""
        old = before.files if before else {}
        here = old.keys() | self._placed
        new = {path: file for path, file in tree.items() if path not in here and not file.elsewhere and _is_of_one_release(path, file)}
        with self._told():
            for stage in Stage:  # a list comes after what it names
                self._write_files({path: file for path, file in new.items() if file.stage is stage}, None)
        self._placed |= new.keys()

    def write(self, tree: Tree, manifest: Following, record: Record, before: Record | None, store: Store | None) -> Record:
        """Bring the folder to the tree and leave the record, which then names the files. ``store`` gives the small files that only it has.

        Of what the manifest carries, the folder keeps what it has.
        """
        old = before.files if before else {}
        with self._told():
            (self.folder / SEAL).unlink(missing_ok=True)
            (self.folder / RECORD).unlink(missing_ok=True)  # a cut from here on must not look like the former build
            for stage in Stage:
                wanted = {path: file for path, file in tree.items() if file.stage == stage and not _stays_away(path, file)}
                missing = {path: file for path, file in wanted.items() if not self._has(path, file, old)}
                self._write_files(missing, store)
            here = {path: manifest.own[path] for path, file in tree.items() if not _stays_away(path, file) or self._has(path, file, old)}
            here |= {
                path: entry for path, entry in old.items() if path in manifest.carried and entry == manifest[path] and self._files.size(path) == entry.size
            }
            for path in old.keys() - here.keys():
                (self.folder / path).unlink(missing_ok=True)
            stages = chain(((path, file.stage) for path, file in tree.items()), manifest.carried.items())
            whole = all(path in here for path, stage in stages if stage is not Stage.PAYLOAD)
            record = replace(record, files=here, whole=whole)
            self._files.write(RECORD, record_file.encoded(record))
            for rest in self.work.glob(f"*{_ASIDE}"):
                rest.unlink()  # what was here already, or stayed from a run that was killed
            return record

    @contextmanager
    def _told(self) -> Iterator[None]:
        """A failure to write as a sentence."""
        try:
            yield
        except OSError as error:
            remedy = _TOO_LONG if error.errno == errno.ENAMETOOLONG else "free space or mend the permissions, then build again"
            raise RepogenError(f"{error.filename or self.folder} cannot be written: {error.strerror}", hint=remedy) from error

    def _has(self, path: str, file: File, old: dict[str, Entry]) -> bool:
        return path in self._placed or (path in old and old[path].sha256 == file.sha256 and self._files.size(path) == file.size)

    def _write_files(self, files: Mapping[str, File], store: Store | None) -> None:
        """Small files one after another: threads would only wait for each other. Large ones, and those of the store, some at a time, and copies last."""
        slow: dict[str, str] = {}
        again: list[str] = []
        for path, file in files.items():
            if isinstance(file.content, bytes):
                self._files.write(path, (file.content,))
            elif file.content.path is not None and file.size < _LARGE:
                self._files.bring(path, file.content)
            elif slow.setdefault(file.sha256, path) != path:
                again.append(path)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda path: self._write_slow(path, files[path], store), slow.values()))
        for path in again:
            self._write_slow(path, files[path], store)

    def _write_slow(self, path: str, file: File, store: Store | None) -> None:
        if not isinstance(file.content, Blob):
            return
        if file.content.path is not None:
            self._files.bring(path, file.content)
        elif store is not None:
            source = file.content.twin or path
            stored = store.get(source)
            if stored is None or hashlib.sha256(stored.content).hexdigest() != file.sha256:
                state = "missing" if stored is None else "damaged"
                raise RepogenError(
                    f"{source} in {store.address} is {state}, though its state names it", hint="restore it from a backup or from an older version of the object"
                )
            self._files.write(path, (stored.content,))


def _met(output: Path, destination: Path) -> str:
    """How output folder and destination meet; empty where they do not."""
    if output == destination:
        return "is the output folder and the destination at once"
    if output.is_relative_to(destination):
        return f"is the output folder, and inside the destination {destination}"
    return f"is the output folder, and the destination {destination} is inside it" if destination.is_relative_to(output) else ""


def _is_here(blob: Blob) -> bool:
    """Whether a file of this machine is to be put in its place, and not what was rendered and set aside."""
    return blob.path is not None and not blob.path.endswith(_ASIDE)


def _shares(files: Mapping[str, Blob]) -> Iterator[dict[str, Blob]]:
    """What is copied one after another: all small files, and each large one with the other paths of the same bytes, which then are links."""
    if small := {path: blob for path, blob in files.items() if blob.size < _LARGE}:
        yield small
    large: defaultdict[str, dict[str, Blob]] = defaultdict(dict)
    for path, blob in files.items():
        if blob.size >= _LARGE:
            large[blob.sha256][path] = blob
    yield from large.values()


def _stays_away(path: str, file: File) -> bool:
    """Whether a file need not come here: payload, and what belongs to one release, if the store has it."""
    return file.elsewhere and _is_of_one_release(path, file)


def _is_of_one_release(path: str, file: File) -> bool:
    return file.stage is Stage.PAYLOAD or path.startswith(f"{layout.DOWNLOADS}/")
