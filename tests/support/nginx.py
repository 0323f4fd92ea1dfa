"""The real nginx on loopback, set up as a bucket behind a CDN: no listings, no index pages, and 403 for what is not there."""

from __future__ import annotations

import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support import request_log
from tests.support.ceph import free_port
from tests.support.clients import require

_LINE = re.compile(r"^(\S+) (\S+) (\d{3})$", re.MULTILINE)
_CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ }}
http {{
    log_format asked "$request_method $request_uri $status";
    access_log {folder}/asked asked;
    {temporary}
    default_type application/octet-stream;
    server {{
        listen 127.0.0.1:{port};
        root {root};
        index .no-index;
        error_page 404 =403 @missing;
        location @missing {{ return 403 "<Error><Code>AccessDenied</Code></Error>"; }}
    }}
}}
"""


class Nginx:
    """Serves the folder ``root``, which need not be there yet, at ``url``."""

    def __init__(self, folder: Path, root: Path) -> None:
        self.root = root
        self.log = folder / "asked"
        self.configuration = folder / "nginx.conf"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        folder.mkdir()
        temporary = "".join(f"{name}_temp_path {folder}/temporary;" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        self.configuration.write_text(_CONFIGURATION.format(folder=folder, port=self.port, root=root, temporary=temporary))

    def requests(self) -> list[tuple[str, int]]:
        """Path, as the client sent it, and status of each request so far, in order."""
        return request_log.requests(self.log, _LINE, self.url)


@contextmanager
def nginx(folder: Path, root: Path) -> Iterator[Nginx]:
    require("nginx", "setpriv")
    made = Nginx(folder, root)
    with subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "nginx", "-e", folder / "error.log", "-c", made.configuration]) as server:
        try:
            _await(made.port)
            yield made
        finally:
            server.kill()


def _await(port: int) -> None:
    for _ in range(200):
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("nginx did not start")
