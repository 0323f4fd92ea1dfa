"""An S3 service of its own process on loopback, and a fresh bucket for a test.

The process is moto's server. It ends when its standard input closes, so that it cannot outlive the tests.
Under `make test-rgw` the same tests run against Ceph's gateway, which checks signatures and answers as Amazon does.
"""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support import ceph

_SERVER = """
import os, sys, threading, logging
logging.getLogger("werkzeug").setLevel(logging.ERROR)
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

def end_with_parent():
    sys.stdin.read()
    os._exit(0)

class Atomic:
    # moto looks at a condition and writes later, and another thread may have written in between; no real service does that.
    def __init__(self, application):
        self.application, self.lock = application, threading.Lock()

    def __call__(self, environ, start_response):
        if "HTTP_IF_MATCH" not in environ and "HTTP_IF_NONE_MATCH" not in environ:
            return self.application(environ, start_response)
        with self.lock:
            return self.application(environ, start_response)

server = make_server("127.0.0.1", 0, Atomic(DomainDispatcherApplication(create_backend_app)), threaded=True)
threading.Thread(target=end_with_parent, daemon=True).start()
print(server.server_port, flush=True)
server.serve_forever()
"""


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """Address of the service: Ceph's where that was started, else moto's, one for each test process."""
    if ceph.ENDPOINT in os.environ:
        yield os.environ[ceph.ENDPOINT]
        return
    with subprocess.Popen([sys.executable, "-c", _SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_clean()) as server:
        assert server.stdout is not None
        port = server.stdout.readline().strip()
        assert port, "moto's server did not start"
        yield f"http://127.0.0.1:{int(port)}"


@pytest.fixture
def s3_environment(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """AWS_* variables that lead to the service and nowhere else, set for this test; also for programs that it starts."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    variables = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": s3_server,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


@pytest.fixture
def s3_bucket(s3_client: Any) -> str:
    """Name of a fresh, empty bucket."""
    name = f"test-{uuid.uuid4().hex[:12]}"
    s3_client.create_bucket(Bucket=name)
    return name


@pytest.fixture
def s3_client(s3_environment: dict[str, str]) -> Iterator[Any]:
    """A boto3 client for looking at a bucket from outside."""
    import boto3

    client = boto3.session.Session().client("s3")
    yield client
    client.close()


def _clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
