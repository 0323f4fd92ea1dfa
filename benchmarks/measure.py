"""How long one command takes, on the clock and in CPU seconds, and the memory of its whole process tree.

Orphans (such as gpg's agent) become our children here, so that they are counted, and ended when the command has.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_SUBREAPER = 36
_PERIOD = 0.05  # more often, and the looking itself is measured where two processors have work
_LIMIT = 900.0


@dataclass(frozen=True)
class Measurement:
    """One run. Seconds and bytes."""

    wall: float
    cpu: float
    memory: int
    """Largest sum, over the processes that live at one moment, of the most that each has held until then; what forked ones share counts for each."""


def adopt_orphans() -> None:
    """Let descendants whose parent ends become children of this process (prctl PR_SET_CHILD_SUBREAPER, Linux)."""
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)


def measure(command: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> Measurement:
    """Run a command to its end. Raises SystemExit with what it said when it fails or takes longer than a quarter of an hour."""
    log = cwd / ".bench-log"
    with log.open("wb") as said, _Sampler() as sampler:
        begin = time.perf_counter()
        process = subprocess.Popen(command, cwd=cwd, env={**env}, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        timer = threading.Timer(_LIMIT, process.kill)
        timer.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        finally:
            timer.cancel()
        wall = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
    cpu = usage.ru_utime + usage.ru_stime + _end_orphans()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)[:200]} ended with {process.returncode}:\n{log.read_text(errors='replace')[-3000:]}")
    log.unlink()
    return Measurement(wall, cpu, sampler.peak)


class _Sampler(threading.Thread):
    """Looks at the memory of all descendants twenty times a second."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        self._ended = threading.Event()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.join()

    def run(self) -> None:
        while not self._ended.wait(_PERIOD):
            memories = {_memory(pid) for pid in _descendants(os.getpid())}  # a child that has not begun its program yet lives in its parent's
            self.peak = max(self.peak, sum(_most_resident(memory) for memory in memories))


def _descendants(pid: int) -> list[int]:
    found: list[int] = []
    wanted = [pid]
    while wanted:
        try:
            threads = list(Path(f"/proc/{wanted[-1]}/task").iterdir())
            below = [int(child) for thread in threads for child in (thread / "children").read_text().split()]
        except OSError:
            below = []
        wanted.pop()
        found += below
        wanted += below
    return found


def _memory(pid: int) -> tuple[str, ...]:
    """What the kernel says of the memory of one process: the same for two processes that share theirs; nothing of one that has ended."""
    try:
        return tuple(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("Vm"))
    except OSError:
        return ()


def _most_resident(memory: Sequence[str]) -> int:
    """Peak resident bytes. wait4's figure would not do: a child inherits its parent's."""
    return next((int(line.split()[1]) * 1024 for line in memory if line.startswith("VmHWM:")), 0)


def _end_orphans() -> float:
    """End what the command left running; returns the CPU seconds of all that."""
    seconds = 0.0
    for _ in range(100):
        for pid in _descendants(os.getpid()):
            try:
                os.kill(pid, signal.SIGTERM)
            except ProcessLookupError:
                continue
        try:
            pid, _status, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return seconds
        if pid:
            seconds += usage.ru_utime + usage.ru_stime
        else:
            time.sleep(0.01)
    return seconds
