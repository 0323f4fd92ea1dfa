"""``repogen serve`` shows the output folder, and behind it what only the destination holds."""

from __future__ import annotations

import socket
import struct
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from pathlib import Path
from threading import Thread
from typing import NoReturn

import pytest

from repogen.errors import StoreError, UsageError
from repogen.preview_server import PreviewServer
from repogen.stores import Store
from repogen.stores.memory import MemoryStore
from tests.support.packages import make_deb
from tests.support.site import Project


@contextmanager
def served(project: Project) -> Iterator[str]:
    """The address that `repogen serve` prints."""
    with subprocess.Popen(
        [sys.executable, "-m", "repogen", "-C", str(project.folder), "serve", "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def get(url: str) -> HTTPResponse:
    with urllib.request.urlopen(url, timeout=10) as response:
        response.body = response.read()
        return response


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """1.0.0 was published from another machine; here is 1.1.0."""
    project = Project(tmp_path / "acme")
    project.release(make_deb(tmp_path / "1"))
    project.empty()
    project.release(make_deb(tmp_path / "2", version="1.1.0"))
    return project


def test_pages_indices_and_old_packages(project: Project) -> None:
    assert not (project.output / "apt/pool/main/h/hello/hello_1.0.0_amd64.deb").exists()
    with served(project) as url:
        assert url.startswith("http://127.0.0.1:")
        page = get(url)
        assert page.headers["Content-Type"] == "text/html; charset=utf-8"
        assert b"hello" in page.body
        assert get(f"{url}acme.sources").headers["Content-Type"].startswith("text/plain")
        for version in ("1.0.0", "1.1.0"):
            assert get(f"{url}apt/pool/main/h/hello/hello_{version}_amd64.deb").body.startswith(b"!<arch>")
        for path in ("nowhere", ".repogen/head.json", "..%2f..%2fetc/passwd", "%2e%2e/acme/repogen.toml"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                get(url + path)


def test_nothing_to_serve(tmp_path: Path) -> None:
    project = Project(tmp_path / "acme")
    assert "repogen build" in project.run("serve", code=2).stderr
    project.run("publish", code=2)
    assert project.output.is_dir()
    assert "holds no build\n  hint: run `repogen build` first" in project.run("serve", code=2).stderr


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with PreviewServer(tmp_path, None, 0) as server:
        port = int(server.url.rstrip("/").rpartition(":")[2])
        with pytest.raises(UsageError, match="cannot be used"):
            PreviewServer(tmp_path, None, port)


class _Unreachable(MemoryStore):
    def get(self, key: str) -> NoReturn:
        raise StoreError(f"s3://acme/{key}: there are no AWS credentials")


@contextmanager
def previewed(folder: Path, store: Store | None) -> Iterator[str]:
    """The address of a preview in this process."""
    with PreviewServer(folder, store, 0) as server:
        thread = Thread(target=server.run)
        thread.start()
        try:
            yield server.url
        finally:
            server.stop()
            thread.join()


def test_a_destination_that_cannot_be_asked_is_a_sentence(tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    """As every browser asks for /favicon.ico, and a laptop has no credentials of the bucket."""
    (tmp_path / "index.html").write_text("hello")
    with previewed(tmp_path, _Unreachable()) as url:
        with pytest.raises(urllib.error.HTTPError, match="502"):
            get(f"{url}favicon.ico")
        assert get(url).body == b"hello"
    assert caplog.messages == ["s3://acme/favicon.ico: there are no AWS credentials"]
    assert "Traceback" not in capfd.readouterr().err


def test_a_download_that_is_stopped_is_no_failure(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with (tmp_path / "large.bin").open("wb") as large:
        large.truncate(64 << 20)
    with previewed(tmp_path, None) as url:
        host, port = url.removeprefix("http://").rstrip("/").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(b"GET /large.bin HTTP/1.0\r\n\r\n")
            assert connection.recv(8) == b"HTTP/1.1"
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closed at once, by a reset
    assert "Traceback" not in capfd.readouterr().err
