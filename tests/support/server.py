"""A plain static host on loopback that remembers what was asked of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Protocol


class Served(Protocol):
    """A site that is served: its address, and a folder with the same files."""

    url: str
    root: Path


class StaticServer:
    """Serves a folder. ``requests`` holds ``(method, path, status)`` in order; ``missing`` is the status of a missing file."""

    def __init__(self, root: Path, missing: int = 404) -> None:
        self.root = root
        self.missing = missing
        self.requests: list[tuple[str, str, int]] = []
        log, absent = self.requests, missing

        class Handler(SimpleHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                """The log is ``requests``."""

            def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
                log.append((self.command, self.path, int(code)))

            def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
                super().send_error(absent if code == 404 else code, message, explain)

            def list_directory(self, path: object) -> None:
                self.send_error(404)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(root)))
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def paths(self, status: int | None = None) -> list[str]:
        """Paths that were asked for, of one status or all."""
        return [path for _, path, code in self.requests if status in {None, code}]


@contextmanager
def serving(root: Path, missing: int = 404) -> Iterator[StaticServer]:
    server = StaticServer(root, missing)
    try:
        yield server
    finally:
        server.close()
