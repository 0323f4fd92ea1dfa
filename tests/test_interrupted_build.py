"""Builds that end before their time, that run out of room, or of which two run at once: what is there stays whole, and the next one goes on."""

from __future__ import annotations

import hashlib
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.packages import make_deb, make_tar
from tests.support.site import DATE, Project

#: A file that takes seconds to digest and no room on the disk.
HUGE = 6 << 30


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file() and ".repogen" not in path.parts)
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def start(project: Project, *arguments: str, limit: str = "") -> subprocess.Popen[str]:
    """A build in the background, in a session of its own; ``limit`` is a command for the shell that starts it."""
    command = [sys.executable, "-m", "repogen", "-C", str(project.folder), "build", "--date", DATE, *arguments]
    shell = f"{limit + '; ' if limit else ''}exec {shlex.join(command)}"
    environment = {**os.environ, **project.environment, "XDG_CACHE_HOME": str(project.folder / "cache")}
    return subprocess.Popen(
        ["/bin/sh", "-c", shell], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def _wait_until_open(path: Path, pid: int) -> None:
    """Until the process is at the file, however long it takes to start."""
    for _ in range(600):
        if any(handle.resolve() == path.resolve() for handle in Path(f"/proc/{pid}/fd").iterdir()):
            return
        time.sleep(0.05)
    pytest.fail(f"nobody reads {path}")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path / "project")
    made.add(make_deb(tmp_path))
    return made


@pytest.mark.parametrize(("number", "code", "said"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")], ids=["Ctrl-C", "SIGTERM"])
def test_a_signal_ends_it_with_a_sentence(project: Project, number: signal.Signals, code: int, said: str) -> None:
    project.build(date=DATE)
    before = digests(project.output)
    with (project.dist / "huge_2.0_linux_amd64.AppImage").open("wb") as file:
        file.write(b"\x7fELF\x02\x01\x01\0AI\x02" + bytes(5) + b"\x02\0\x3e\0")
        file.truncate(HUGE)
    running = start(project)
    _wait_until_open(project.dist / "huge_2.0_linux_amd64.AppImage", running.pid)
    running.send_signal(number)
    stderr = running.communicate(timeout=30)[1]
    assert (running.returncode, "Traceback" in stderr) == (code, False), stderr
    assert f"repogen: {said}; what is published stays whole" in stderr
    assert digests(project.output) == before
    (project.dist / "huge_2.0_linux_amd64.AppImage").unlink()
    project.build(date=DATE)
    assert digests(project.output) == before


@pytest.mark.slow
def test_killed_at_any_moment(project: Project, tmp_path: Path) -> None:
    for number in range(8):
        project.add(make_deb(tmp_path, f"tool{number}"))
    whole = Project(tmp_path / "whole")
    whole.add(*project.dist.iterdir())
    begun = time.monotonic()
    whole.build(date=DATE)
    took = time.monotonic() - begun
    for step in range(8):
        running = start(project)
        time.sleep(took * (step + 1) / 9)
        os.killpg(running.pid, signal.SIGKILL)
        running.communicate(timeout=30)
    project.build(date=DATE)
    assert digests(project.output) == digests(whole.output)


def test_no_room_for_a_file(project: Project) -> None:
    """A limit on the size of files stands for a disk that is full: writing fails half-way, in the same places."""
    project.build(date=DATE)
    before = digests(project.output)
    name = "large-1.0.0-linux-amd64.tar.gz"
    make_tar(project.dist / name, {"large": b"#!/bin/sh\n" + os.urandom(3 << 20)}, ("large",))
    running = start(project, limit="ulimit -f 4000")  # blocks of 512 bytes
    stderr = running.communicate(timeout=60)[1]
    assert running.returncode == 1, stderr
    assert "cannot be written: File too large" in stderr
    assert "Traceback" not in stderr
    after = digests(project.output)
    assert before.items() <= after.items(), "payload may come before anything names it, but nothing else has changed"
    assert not [path for path in after if path.endswith(".new") or "large" in path]
    project.build(date="2026-01-03T12:00:00Z")
    assert (project.output / "downloads/large/1.0.0" / name).stat().st_size > 3 << 20


def test_two_at_once_take_turns(project: Project) -> None:
    both = [start(project), start(project)]
    said = [running.communicate(timeout=60)[1] for running in both]
    assert [running.returncode for running in both] == [0, 0], said
    once = digests(project.output)
    assert "nothing changed" in project.build(date=DATE).stderr
    assert digests(project.output) == once


@pytest.mark.parametrize(("variable", "value"), [("TMPDIR", "/nonexistent"), ("HOME", "/nonexistent"), ("HOME", "")])
def test_odd_surroundings(project: Project, variable: str, value: str) -> None:
    project.run("build", "--date", DATE, env={variable: value})
    assert (project.output / "apt/dists/stable/InRelease").is_file()


def test_an_empty_folder_takes_nothing_away(project: Project) -> None:
    project.build(date=DATE)
    project.publish()
    project.empty()
    project.build()
    project.publish()
    assert "Package: hello\n" in (project.site / "apt/dists/stable/main/binary-amd64/Packages").read_text()
