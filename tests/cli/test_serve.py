"""``repogen serve`` shows the output folder, and behind it what only the destination holds."""

from __future__ import annotations

import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from pathlib import Path

import pytest

from repogen.errors import UsageError
from repogen.preview_server import PreviewServer
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
    assert "repogen build" in Project(tmp_path / "acme").run("serve", code=2).stderr


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with PreviewServer(tmp_path, None, 0) as server:
        port = int(server.url.rstrip("/").rpartition(":")[2])
        with pytest.raises(UsageError, match="cannot be used"):
            PreviewServer(tmp_path, None, port)
