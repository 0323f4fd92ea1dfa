"""The private home goes away with the process that made it, however and whenever that ends."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from repogen.signing.gpg_home import _WATCHER
from tests.support.clients import require


def test_a_process_that_is_killed_before_the_watcher_speaks_leaves_nothing(tmp_path: Path) -> None:
    require("gpgconf")
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    reader, writer = os.pipe()
    os.close(reader)  # whoever would have listened is gone
    try:
        subprocess.run(["/bin/sh", "-c", _WATCHER, "sh", str(home)], stdin=subprocess.DEVNULL, stdout=writer, stderr=subprocess.DEVNULL, check=False)
    finally:
        os.close(writer)
    assert not home.exists()
