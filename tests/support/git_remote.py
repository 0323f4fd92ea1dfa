"""A git repository elsewhere, served over HTTP by git's own http-backend to those who have the password."""

from __future__ import annotations

import base64
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from tests.support.clients import require, run


class GitRemote:
    """An empty bare repository at ``url``, and the folder that it is in."""

    def __init__(self, folder: Path, token: str) -> None:
        require("git")
        self.folder = folder / "homebrew-tap.git"
        run("git", "init", "--quiet", "--bare", "--initial-branch=main", self.folder)
        run("git", "-C", self.folder, "config", "http.receivepack", "true")
        backend = Path(run("git", "--exec-path").stdout.strip()) / "git-http-backend"
        password = "Basic " + base64.b64encode(f"x-access-token:{token}".encode()).decode()
        self.asked: list[str] = []
        log = self.asked

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                """The log is ``asked``."""

            def do_GET(self) -> None:
                self.answer(b"")

            def do_POST(self) -> None:
                self.answer(self.body())

            def body(self) -> bytes:
                if self.headers.get("Transfer-Encoding") != "chunked":
                    return self.rfile.read(int(self.headers.get("Content-Length", 0)))
                parts = []
                while size := int(self.rfile.readline(), 16):
                    parts.append(self.rfile.read(size))
                    self.rfile.readline()
                return b"".join(parts)

            def answer(self, body: bytes) -> None:
                log.append(self.path)
                if self.headers.get("Authorization") != password:
                    self.send_response(401)
                    self.send_header("WWW-Authenticate", 'Basic realm="git"')
                    self.end_headers()
                    return
                url = urlsplit(self.path)
                environ = {
                    "GIT_PROJECT_ROOT": str(folder),
                    "GIT_HTTP_EXPORT_ALL": "1",
                    "REQUEST_METHOD": self.command,
                    "PATH_INFO": url.path,
                    "QUERY_STRING": url.query,
                    "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                    "CONTENT_LENGTH": str(len(body)),
                    "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                    "REMOTE_USER": "acme",
                    "PATH": "/usr/bin:/bin",
                }
                done = subprocess.run([backend], input=body, env=environ, capture_output=True, check=True, timeout=60)
                head, _, content = done.stdout.partition(b"\r\n\r\n")
                fields = dict(line.split(": ", 1) for line in head.decode().splitlines())
                self.send_response(int(fields.pop("Status", "200").split()[0]))
                for name, value in fields.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/homebrew-tap.git"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def git(self, *arguments: str) -> str:
        return run("git", "-C", self.folder, *arguments).stdout

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def git_remote(folder: Path, token: str) -> Iterator[GitRemote]:
    """Such a repository, while it is used."""
    remote = GitRemote(folder, token)
    try:
        yield remote
    finally:
        remote.close()
