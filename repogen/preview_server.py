"""A static host on loopback for looking at a built site: the output folder, and behind it the destination."""

from __future__ import annotations

import logging
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self
from urllib.parse import unquote, urlsplit

from repogen.content_types import cache_control, content_type
from repogen.errors import ProtectionError, StoreError, UsageError
from repogen.layout import PAGE
from repogen.paths import check_site_path
from repogen.stores import Store
from repogen.tree import Stage

_CHUNK = 1 << 20
_LOG = logging.getLogger(__name__)


class PreviewServer:
    """Serves ``folder`` on 127.0.0.1; what is not there comes from ``store``, where old payload lives. A context manager."""

    def __init__(self, folder: Path, store: Store | None, port: int) -> None:
        handler = type("Handler", (_Handler,), {"folder": folder, "store": store})
        try:
            self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        except OSError as error:
            raise UsageError(f"port {port} cannot be used: {error.strerror}", hint="give another --port, or 0 for a free one") from error
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.server_close()

    def run(self) -> None:
        """Serve until stopped."""
        self._server.serve_forever()

    def stop(self) -> None:
        """End ``run`` from another thread."""
        self._server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    folder: Path
    store: Store | None
    protocol_version = "HTTP/1.1"

    def handle(self) -> None:
        with suppress(ConnectionError):  # who asked has gone, as browsers do when a download is stopped
            super().handle()

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        path = _site_path(self.path)
        if path is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        local = self.folder / path
        if local.is_file():
            with local.open("rb") as stream:
                self._head(path, local.stat().st_size)
                if with_body:
                    self._copy(stream)
            return
        try:
            stored = self.store.get(path) if self.store else None
        except StoreError as error:  # a preview goes on without old versions, where the destination cannot be asked for them
            _LOG.warning("%s", error.message)
            self.send_error(HTTPStatus.BAD_GATEWAY)
            return
        if stored is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        self._head(path, len(stored.content))
        if with_body:
            self.wfile.write(stored.content)

    def _head(self, path: str, size: int) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", content_type(path))
        self.send_header("Content-Length", str(size))
        self.send_header("Cache-Control", cache_control(Stage.ENTRY))
        self.end_headers()

    def _copy(self, stream: BinaryIO) -> None:
        while chunk := stream.read(_CHUNK):
            self.wfile.write(chunk)

    def log_message(self, format: str, *args: object) -> None:
        _LOG.info(format, *args)


def _site_path(target: str) -> str | None:
    """The site path that a request asks for; None when it can be none of ours. The tool's own state is not shown."""
    path = unquote(urlsplit(target).path).lstrip("/")
    path = f"{path}{PAGE}" if not path or path.endswith("/") else path
    try:
        check_site_path(path)
    except ProtectionError:
        return None
    return None if path.startswith(".") else path
