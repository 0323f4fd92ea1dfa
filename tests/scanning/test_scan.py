from __future__ import annotations

import hashlib
import multiprocessing
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from repogen.artifact import Kind
from repogen.errors import InputError
from repogen.readers import Digests
from repogen.readers.source import Source
from repogen.scanning import many_files, one_file, scan_cache
from repogen.scanning.input_files import FoundFile, Stamp, find_files
from repogen.scanning.scan import scan
from repogen.scanning.wishes import Wishes
from repogen.taking import Copies
from tests.support.packages import make_deb, make_tar
from tests.support.programs import elf
from tests.support.rpms import handmade


def names(paths: list[str], base: Path, ignore: tuple[str, ...] = ()) -> list[str]:
    return [file.name for file in find_files(paths, base, ignore)]


def write(path: Path, content: bytes = b"#!/bin/sh\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


# -- which files ---------------------------------------------------------------------------


def test_files_folders_and_globs_each_once(tmp_path: Path) -> None:
    for name in ("dist/a.deb", "dist/deep/b.rpm", "dist/.hidden", "dist/.git/c", "other/d.zip", "e.exe", "e.msi"):
        write(tmp_path / name)
    assert names(["dist", "dist/*.deb", "e.*", "other/d.zip", "**/b.rpm"], tmp_path) == ["a.deb", "b.rpm", "e.exe", "e.msi", "d.zip"]


def test_a_name_with_the_characters_of_a_glob_is_itself(tmp_path: Path) -> None:
    write(tmp_path / "d[i]st/a[1].zip")
    write(tmp_path / "dist/b.zip")
    assert names(["d[i]st"], tmp_path) == ["a[1].zip"]


def test_papers_and_records_of_build_tools_are_passed_over(tmp_path: Path) -> None:
    for name in (
        "README.md",
        "LICENSE",
        "LICENSE.txt",
        "artifacts.json",
        "dist-manifest.json",
        "builder-debug.yml",
        "linux-unpacked/app",
        "mac/App.app/Contents/x",
    ):
        write(tmp_path / "dist" / name)
    write(tmp_path / "dist/public/.repogen/x")
    write(tmp_path / "dist/public/index.html")
    assert names(["dist"], tmp_path) == []


def test_ignored_by_name_or_path(tmp_path: Path) -> None:
    for name in ("dist/a.deb", "dist/a.tmp", "dist/raw/b.deb"):
        write(tmp_path / name)
    assert names(["dist"], tmp_path, ("*.tmp", "dist/raw/*")) == ["a.deb"]


@pytest.mark.parametrize("pattern", ["absent", "dist/*.deb", "absent/**"])
def test_a_path_that_matches_nothing_is_an_error(tmp_path: Path, pattern: str) -> None:
    write(tmp_path / "dist/a.rpm")
    with pytest.raises(InputError) as error:
        find_files([pattern], tmp_path)
    assert repr(pattern) in error.value.message
    assert error.value.hint


def test_links_stay_inside(tmp_path: Path) -> None:
    write(tmp_path / "build/out/a.deb")
    (tmp_path / "dist").symlink_to("build/out")
    (tmp_path / "build/out/b.deb").symlink_to("a.deb")
    (tmp_path / "build/out/again").symlink_to(".")
    assert names(["dist"], tmp_path) == ["a.deb", "b.deb"]


@pytest.mark.parametrize("target", ["/etc/passwd", "/etc", "../secret"])
def test_a_link_that_leads_outside_is_refused(tmp_path: Path, target: str) -> None:
    write(tmp_path / "secret")
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist/a.deb").symlink_to(target)
    with pytest.raises(InputError, match="outside the folders"):
        find_files(["dist"], tmp_path)
    with pytest.raises(InputError, match="outside the folders"):
        find_files(["dist/*.deb"], tmp_path)


def test_a_link_to_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist/a.deb").symlink_to("b.deb")
    with pytest.raises(InputError, match="a link to nothing"):
        find_files(["dist"], tmp_path)


def test_links_in_a_circle_are_refused(tmp_path: Path) -> None:
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist/a.deb").symlink_to("b.deb")
    (tmp_path / "dist/b.deb").symlink_to("a.deb")
    with pytest.raises(InputError, match=r"a\.deb is a link that leads back to itself"):
        find_files(["dist"], tmp_path)


def test_what_is_no_file_is_refused_without_hanging(tmp_path: Path) -> None:
    (tmp_path / "dist").mkdir()
    os.mkfifo(tmp_path / "dist/a.deb")
    with pytest.raises(InputError, match=r"a\.deb is a FIFO"):
        find_files(["dist"], tmp_path)
    with pytest.raises(InputError, match="is a FIFO"):
        find_files(["dist/a.deb"], tmp_path)


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind("a.deb")
        with pytest.raises(InputError, match="is a socket"):
            find_files(["."], tmp_path)


def test_a_name_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.deb")).write_bytes(b"x")
    with pytest.raises(InputError, match="is not UTF-8"):
        find_files(["."], tmp_path)


# -- reading ---------------------------------------------------------------------------------


def test_each_file_is_digested_and_read(tmp_path: Path) -> None:
    deb = make_deb(tmp_path / "dist")
    (one,) = scan(find_files(["dist"], tmp_path))
    assert (one.path, one.name, one.reading.product) == (str(deb), deb.name, "hello")
    data = deb.read_bytes()
    assert one.digests == Digests(
        size=len(data), sha256=hashlib.sha256(data).hexdigest(), sha512=hashlib.sha512(data).hexdigest(), mtime=int(deb.stat().st_mtime)
    )
    (plain,) = scan(find_files(["dist"], tmp_path), sha512=False)
    assert plain.digests.sha512 == ""


def test_everything_that_is_wrong_is_in_one_error(tmp_path: Path) -> None:
    write(tmp_path / "dist/a.deb", b"PK\x03\x04")
    write(tmp_path / "dist/b.rpm", b"")
    write(tmp_path / "dist/c", b"#!/bin/sh\n")
    with pytest.raises(InputError) as error:
        scan(find_files(["dist"], tmp_path))
    assert "2 release files cannot be published" in error.value.message
    assert "a.deb" in error.value.message
    assert "b.rpm is empty" in error.value.message


def found(path: Path) -> FoundFile:
    return find_files([path.name], path.parent)[0]


@pytest.mark.parametrize("more", [0, 2 << 20])
def test_a_file_that_changes_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: int) -> None:
    """A small one is read whole before anything is said of it, a large one afterwards."""
    path = write(tmp_path / "quiet", b"#!/bin/sh\n" + b"#" * more)
    file, whole = found(path), one_file.identify

    def growing(source: Source) -> Kind:
        with path.open("ab") as growing:
            growing.write(b"more\n")
        return whole(source)

    monkeypatch.setattr(one_file, "identify", growing)
    assert "quiet changed while it was read" in one_file.read_file(file, Wishes(sha512=False)).message


def test_the_error_of_a_half_written_file_is_that_it_changes(tmp_path: Path) -> None:
    path = make_tar(tmp_path / "x.tar.gz", {"x": "hello" * 100})
    file = found(path)
    path.write_bytes(path.read_bytes()[:40])
    assert "x.tar.gz changed while it was read" in one_file.read_file(file, Wishes(sha512=False)).message


def test_a_file_that_vanishes(tmp_path: Path) -> None:
    path = write(tmp_path / "quiet")
    file = found(path)
    path.unlink()
    assert "vanished while the release was read" in one_file.read_file(file, Wishes(sha512=False)).message


def test_a_file_that_nobody_may_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "dist/quiet")

    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(one_file, "identify", refused)  # root may read everything, so the system is asked to refuse here
    with pytest.raises(InputError, match="quiet cannot be read: Permission denied"):
        scan(find_files(["dist"], tmp_path))


def test_a_reader_that_breaks_ends_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "dist/quiet")

    def broken(*_: object) -> None:
        raise IndexError("list index out of range")

    monkeypatch.setattr(one_file, "identify", broken)
    with pytest.raises(InputError, match="quiet is damaged: reading it ended in IndexError"):
        scan(find_files(["dist"], tmp_path))


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_however_many_processes_read_the_result_is_the_same(tmp_path: Path, processes: int) -> None:
    for number in range(30):
        write(tmp_path / f"dist/tool{number}", elf() + b"x" * number)
    write(tmp_path / "dist/bad.deb", b"")
    write(tmp_path / "dist/large", elf() + bytes(2 << 20))
    files = find_files(["dist"], tmp_path)
    outcomes = many_files.read_files(files, Wishes(), processes=processes)
    assert sorted(outcomes) == [file.path for file in files]
    assert outcomes == {file.path: one_file.read_file(file, Wishes()) for file in files}
    assert [outcome.message.partition(" ")[0] for outcome in outcomes.values() if outcome.message] == ["bad.deb"]


@pytest.mark.parametrize("processes", [1, 2])
def test_small_files_that_are_published_as_they_are_are_copied_as_they_are_read(tmp_path: Path, processes: int) -> None:
    """An rpm without a signature gets ours, and notes become part of the page."""
    small = [write(tmp_path / f"dist/tool{number}", elf() + b"%d" % number) for number in range(5)]
    signed = handmade(tmp_path / "dist/signed-1-1.noarch.rpm", signature={268: b"\x89"})
    handmade(tmp_path / "dist/unsigned-1-1.noarch.rpm")
    write(tmp_path / "dist/large", elf() + bytes(2 << 20))
    write(tmp_path / "dist/notes.md", b"# 1.0.0")
    write(tmp_path / "dist/damaged.deb", b"!<arch>\n")
    (tmp_path / "copies").mkdir()
    many_files.read_files(find_files(["dist"], tmp_path), Wishes(copies=Copies(str(tmp_path / "copies"))), processes=processes)
    copies = sorted((tmp_path / "copies").iterdir())
    assert {copy.read_bytes() for copy in copies} == {path.read_bytes() for path in (*small, signed)}
    assert all(hashlib.sha256(copy.read_bytes()).hexdigest() == copy.name for copy in copies)


def test_a_worker_that_dies_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it took and sent no word of is read by the parent."""
    for number in range(40):
        write(tmp_path / f"dist/tool{number}", elf() + b"%d" % number)
    files = find_files(["dist"], tmp_path)

    def take_one_and_die(self: many_files._Worker, shares: many_files._Shares, _wishes: Wishes) -> None:
        assert next(iter(shares))
        self._receiver, sender = multiprocessing.Pipe(duplex=False)
        sender.close()
        self._process = multiprocessing.get_context("spawn").Process(target=len, args=("",))
        self._process.start()

    monkeypatch.setattr(many_files._Worker, "__init__", take_one_and_die)
    outcomes = many_files.read_files(files, Wishes(sha512=False), processes=2)
    assert outcomes == {file.path: one_file.read_file(file, Wishes(sha512=False)) for file in files}


def test_no_file_is_read_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads take shares as processes do."""
    files = [FoundFile(f"/{number}", str(number), Stamp(number, 0, 0, 0)) for number in range(1000)]
    taken: list[FoundFile] = []

    def take(shares: many_files._Shares) -> None:
        for share in shares:
            taken.extend(share)

    with many_files._Shares(files) as shares:
        takers = [threading.Thread(target=take, args=(shares,)) for _ in range(4)]
        for taker in takers:
            taker.start()
        for taker in takers:
            taker.join()
    assert sorted(file.stamp.size for file in taken) == list(range(1000))


def test_very_many_files_find_room_in_the_pipe() -> None:
    files = [FoundFile("/a", "a", Stamp(1, 0, 0, 0))] * 1_000_001
    with many_files._Shares(files) as shares:
        assert sum(len(share) for share in shares) == len(files)


def test_what_is_left_when_reading_fails_is_taken_by_nobody(tmp_path: Path) -> None:
    """So that the other processes end."""
    files = [FoundFile("/a", "a", Stamp(1, 0, 0, 0))] * 1000
    with many_files._Shares(files) as shares:
        other = os.dup(shares._numbers.fileno())
        next(iter(shares))
    try:
        assert os.read(other, 2) == b""
    finally:
        os.close(other)


def test_a_failure_beside_the_reading_ends_it(tmp_path: Path) -> None:
    for number in range(40):
        write(tmp_path / f"dist/tool{number}", elf())

    def fail() -> None:
        raise InputError("stop", hint="")

    with pytest.raises(InputError, match="stop"):
        many_files.read_files(find_files(["dist"], tmp_path), Wishes(), processes=3, meanwhile=fail)
    deadline = time.monotonic() + 30
    while multiprocessing.active_children() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not multiprocessing.active_children()


def test_forked_workers_read_too(tmp_path: Path) -> None:
    """In a process of its own, which has one thread only, as the command line has."""
    for number in range(20):
        write(tmp_path / f"dist/tool{number}", elf())
    code = (
        "import sys; from pathlib import Path; from repogen.scanning.input_files import find_files; from repogen.scanning.many_files import read_files\n"
        "from repogen.scanning.wishes import Wishes\n"
        "found = find_files(['dist'], Path(sys.argv[1])); print(len(read_files(found, Wishes(), processes=2)))"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code, tmp_path], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("20\n", "")


def test_an_interrupt_that_another_thread_takes_ends_the_reading(tmp_path: Path) -> None:
    """As one may that starts a program, for which it blocks signals: when it lets them in again, it may be quicker than the thread that waits."""
    path = write(tmp_path / "dist/huge-1.0.0-linux-amd64.AppImage", b"\x7fELF\x02\x01\x01\0AI\x02" + bytes(5) + b"\x02\0\x3e\0")
    os.truncate(path, 1 << 40)
    code = """
import os, signal, sys, threading, time
from pathlib import Path
from repogen.scanning.input_files import find_files
from repogen.scanning.many_files import read_files
from repogen.scanning.wishes import Wishes

def interrupt():
    while not any("huge" in os.path.realpath(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd")):
        time.sleep(0.01)
    time.sleep(0.3)
    signal.pthread_kill(threading.get_ident(), signal.SIGINT)

signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    read_files(find_files(["dist"], Path(sys.argv[1])), Wishes(), meanwhile=threading.Thread(target=interrupt, daemon=True).start)
except KeyboardInterrupt:
    print("interrupted")
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code, tmp_path], capture_output=True, text=True, timeout=120, check=False)
    assert (done.stdout, done.stderr) == ("interrupted\n", "")


# -- the cache -------------------------------------------------------------------------------


def settled_clock() -> None:
    """Past the tick within which a changed file is not remembered."""
    time.sleep(0.05)


def cached_scan(base: Path, *, sha512: bool = True) -> list[Digests]:
    with scan_cache.open_cache({"XDG_CACHE_HOME": str(base / "cache")}) as cache:
        return [one.digests for one in scan(find_files(["dist"], base), sha512=sha512, cache=cache)]


def forbid_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr(many_files, "read_file", refused)


def test_an_unchanged_file_is_not_opened_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_deb(tmp_path / "dist")
    settled_clock()
    first = cached_scan(tmp_path)
    forbid_reading(monkeypatch)
    assert cached_scan(tmp_path) == first
    assert [digests.sha512 for digests in cached_scan(tmp_path, sha512=False)] == [""]


@pytest.mark.parametrize("change", ["content", "time", "replaced"])
def test_a_changed_file_is_read_again(tmp_path: Path, change: str) -> None:
    path = write(tmp_path / "dist/quiet", b"#!/bin/sh\n1")
    settled_clock()
    first = cached_scan(tmp_path)
    status = path.stat()
    if change == "time":
        os.utime(path, ns=(1, 1))
        assert cached_scan(tmp_path)[0].mtime == 0
        return
    if change == "replaced":
        path.unlink()
    path.write_bytes(b"#!/bin/sh\n2")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))  # same size and time: inode or change time tells
    assert cached_scan(tmp_path) != first


def test_a_digest_that_is_wanted_later_is_made(tmp_path: Path) -> None:
    write(tmp_path / "dist/quiet")
    settled_clock()
    assert cached_scan(tmp_path, sha512=False)[0].sha512 == ""
    assert cached_scan(tmp_path)[0].sha512 != ""


def test_a_file_that_changed_just_now_is_not_remembered(tmp_path: Path) -> None:
    write(tmp_path / "dist/quiet")
    (file,) = find_files(["dist"], tmp_path)
    outcome = one_file.read_file(file, Wishes(sha512=False))
    with scan_cache.open_cache({"XDG_CACHE_HOME": str(tmp_path / "cache")}) as cache:
        fresh = FoundFile(file.path, file.name, Stamp(file.stamp.size, file.stamp.mtime_ns, file.stamp.inode, time.time_ns()))
        cache.store({fresh: (outcome.digests, outcome.reading)})
        assert cache.lookup([fresh], sha512=False) == {}


@pytest.mark.parametrize("environ", [{}, {"HOME": ""}, {"XDG_CACHE_HOME": "relative", "HOME": "/proc/nowhere"}, {"XDG_CACHE_HOME": "/proc/nowhere"}])
def test_without_a_place_for_the_cache_everything_works(tmp_path: Path, environ: dict[str, str]) -> None:
    write(tmp_path / "dist/quiet")
    settled_clock()
    with scan_cache.open_cache(environ) as cache:
        assert len(scan(find_files(["dist"], tmp_path), cache=cache)) == 1


def test_a_damaged_cache_begins_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "dist/quiet")
    settled_clock()
    first = cached_scan(tmp_path)
    (database,) = (tmp_path / "cache/repogen").glob("*.sqlite")
    database.write_bytes(b"no database" * 1000)
    assert cached_scan(tmp_path) == first
    forbid_reading(monkeypatch)
    assert cached_scan(tmp_path) == first


def test_other_readers_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "dist/quiet")
    settled_clock()
    cached_scan(tmp_path)
    monkeypatch.setattr(scan_cache, "code_mark", lambda *_: "another")
    forbid_reading(monkeypatch)
    with pytest.raises(AssertionError, match="read again"):
        cached_scan(tmp_path)


def test_two_scans_at_once_share_the_cache(tmp_path: Path) -> None:
    for number in range(50):
        write(tmp_path / f"dist/tool{number}")
    settled_clock()
    results: list[int] = []
    threads = [threading.Thread(target=lambda: results.append(len(cached_scan(tmp_path)))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [50, 50, 50]
