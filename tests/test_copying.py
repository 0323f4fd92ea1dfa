"""Copies of a user's files."""

from __future__ import annotations

import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from repogen.copying import copy_unchanged
from repogen.errors import InputError

SIZE = 3 << 20


@pytest.fixture(params=["by the kernel", "through this process"])
def source(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    if request.param == "through this process":  # as between two file systems
        monkeypatch.setattr(os, "copy_file_range", _elsewhere, raising=False)
    path = tmp_path / "large"
    path.write_bytes(os.urandom(SIZE))
    return path


def _elsewhere(*_: int) -> int:
    raise OSError(errno.EXDEV, "Invalid cross-device link")


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """A limit on the size of files stands for a disk that is full: the write that reaches it is cut, the next one fails."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_bytes_and_time_are_those_of_the_file(source: Path, tmp_path: Path) -> None:
    os.utime(source, ns=(1, 1_767_225_600_123_456_789))
    copy_unchanged(source, str(tmp_path / "copy"), SIZE)
    assert (tmp_path / "copy").read_bytes() == source.read_bytes()
    assert (tmp_path / "copy").stat().st_mtime_ns == source.stat().st_mtime_ns


def test_a_full_disk_is_no_change_of_the_file(source: Path, tmp_path: Path) -> None:
    with room_for(SIZE - (1 << 19)), pytest.raises(OSError, match="File too large"):
        copy_unchanged(source, str(tmp_path / "copy"), SIZE)


def test_another_size_than_was_read_is_a_change(source: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="changed while it was copied"):
        copy_unchanged(source, str(tmp_path / "copy"), SIZE + 1)
