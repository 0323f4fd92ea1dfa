"""Ceph's gateway is started in a moment and leaves nothing behind, however the tests beside it end. Under `make test-rgw` only."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.clients import require, run

pytestmark = [pytest.mark.rgw, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
#: A command that shows where the gateway keeps its files, and waits for its end.
SHOW = 'echo "${TEST_RGW_LOG%/*}"; exec sleep 60'


def beside(command: str, temporary: Path) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "tests.support.ceph", "testing", "sh", "-c", command]
    return subprocess.Popen(words, cwd=ROOT, env={**os.environ, "TMPDIR": str(temporary)}, stdout=subprocess.PIPE, text=True, start_new_session=True)


def servers_of(folder: str) -> list[str]:
    """Command lines of the processes that have the folder in it."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return [words for words in found if folder in words]


def test_the_command_decides_how_it_ends(tmp_path: Path) -> None:
    require("curl")
    with beside('curl --silent --fail --output /dev/null "$TEST_RGW_ENDPOINT" || exit 9; echo "${TEST_RGW_LOG%/*}"; exit 7', tmp_path) as runner:
        folder = runner.communicate(timeout=120)[0].strip()
    assert runner.returncode == 7
    assert folder
    assert not Path(folder).exists()
    assert servers_of(folder) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_it(number: signal.Signals, tmp_path: Path) -> None:
    with beside(SHOW, tmp_path) as runner:
        assert runner.stdout is not None
        folder = runner.stdout.readline().strip()
        assert len(servers_of(folder)) == 3
        if number == signal.SIGINT:
            os.killpg(runner.pid, number)  # as a terminal does
        else:
            runner.send_signal(number)
        runner.communicate(timeout=120)  # until the last that holds its output has ended
    for _ in range(100):
        if not servers_of(folder):
            break
        time.sleep(0.1)
    assert servers_of(folder) == []
    assert runner.returncode != 0


def test_a_release_that_cannot_be_had_is_one_sentence(tmp_path: Path) -> None:
    done = run(ROOT / "make/ceph.sh", "no-such-release", env={"XDG_CACHE_HOME": str(tmp_path)}, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("no Ceph gateway of Debian no-such-release here: the mirror does not serve the release whole just now (")
    assert not list(tmp_path.rglob("*.part"))
