"""S3 over a real connection: what is sent with a file, and every refusal as one sentence."""

from __future__ import annotations

import base64
import hashlib
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import HTTPClientError

from repogen.errors import StoreError
from repogen.stores import ConflictError, open_store
from repogen.stores.s3 import S3Store
from repogen.stores.s3_errors import sentences
from tests.support.s3_proxy import Proxy

ABOUT = {"content_type": "text/plain", "cache_control": "no-cache"}


@pytest.fixture
def store(s3_bucket: str, proxy: Proxy) -> Iterator[S3Store]:
    made = S3Store(s3_bucket, "site", part_size=5 * 1024 * 1024)
    yield made
    made.close()


def test_an_object_bears_its_type_policy_and_digest(store: S3Store, proxy: Proxy, s3_client: Any, tmp_path: Path) -> None:
    source = tmp_path / "a.deb"
    source.write_bytes(b"deb")
    store.put("pool/a.deb", source, content_type="application/vnd.debian.binary-package", cache_control="public, max-age=31536000, immutable")
    store.put("InRelease", b"text", content_type="text/plain; charset=utf-8", cache_control="public, max-age=0, must-revalidate")
    answer = s3_client.head_object(Bucket=store.bucket, Key="site/pool/a.deb")
    assert answer["ContentType"] == "application/vnd.debian.binary-package"
    assert answer["CacheControl"] == "public, max-age=31536000, immutable"
    sent = [request.headers for request in proxy.requests if request.operation == "PutObject"]
    assert [headers["x-amz-checksum-sha256"] for headers in sent] == [_sha256(b"deb"), _sha256(b"text")]
    assert [headers["x-amz-content-sha256"] for headers in sent] == [hashlib.sha256(b"deb").hexdigest(), hashlib.sha256(b"text").hexdigest()]
    assert "ContentEncoding" not in answer
    assert s3_client.head_object(Bucket=store.bucket, Key="site/InRelease")["CacheControl"] == "public, max-age=0, must-revalidate"


def _sha256(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def test_a_large_file_goes_in_parts(store: S3Store, s3_client: Any, tmp_path: Path) -> None:
    source = tmp_path / "large.bin"
    source.write_bytes(b"0123456789abcdef" * 800_000)
    etag = store.put("large.bin", source, content_type="application/octet-stream", cache_control="x")
    assert etag.rstrip('"').endswith("-3")
    assert s3_client.head_object(Bucket=store.bucket, Key="site/large.bin")["ContentType"] == "application/octet-stream"
    assert "Uploads" not in s3_client.list_multipart_uploads(Bucket=store.bucket)


def test_no_part_is_left_when_a_large_file_may_not_be_put(store: S3Store, s3_client: Any, tmp_path: Path) -> None:
    source = tmp_path / "large.bin"
    source.write_bytes(bytes(11 * 1024 * 1024))
    store.put("large.bin", b"there", **ABOUT)
    with pytest.raises(ConflictError):
        store.put("large.bin", source, create_only=True, **ABOUT)
    assert "Uploads" not in s3_client.list_multipart_uploads(Bucket=store.bucket)


def test_a_copy_bears_its_own_type_and_policy(store: S3Store, s3_client: Any) -> None:
    store.put("a", b"x", **ABOUT)
    store.copy("a", "b", content_type="application/x-rpm", cache_control="immutable")
    answer = s3_client.head_object(Bucket=store.bucket, Key="site/b")
    assert (answer["ContentType"], answer["CacheControl"]) == ("application/x-rpm", "immutable")


def test_a_plus_is_a_plus(store: S3Store, s3_client: Any) -> None:
    store.put("pool/g++_1~rc1+b2.deb", b"x", **ABOUT)
    assert s3_client.list_objects_v2(Bucket=store.bucket)["Contents"][0]["Key"] == "site/pool/g++_1~rc1+b2.deb"


@pytest.mark.moto
def test_a_list_of_more_than_a_page(store: S3Store, proxy: Proxy) -> None:
    for number in range(7):
        store.put(f"k/{number}", b"", **ABOUT)
    proxy.inject(lambda request, forward: forward(request._replace(target=f"{request.target}&max-keys=3")), "ListObjectsV2", times=99)
    assert [stat.key for stat in store.list("k/")] == [f"k/{number}" for number in range(7)]
    assert proxy.operations().count("ListObjectsV2") == 3


def test_the_endpoint_may_stand_in_the_configuration(s3_bucket: str, s3_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    store = open_store(f"s3://{s3_bucket}", base=tmp_path, endpoint_url=s3_server)
    assert isinstance(store, S3Store)
    store.put("a", b"x", **ABOUT)
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server)
    other = open_store(f"s3://{s3_bucket}", base=tmp_path, endpoint_url="http://127.0.0.1:1")
    assert isinstance(other, S3Store)
    assert other.get("a") is not None, "the environment comes first"
    store.close()
    other.close()


VERBS = {
    "get": lambda store: store.get("a"),
    "stat": lambda store: store.stat("a"),
    "put": lambda store: store.put("a", b"x", **ABOUT),
    "copy": lambda store: store.copy("a", "b", **ABOUT),
    "delete": lambda store: store.delete("a"),
    "list": lambda store: list(store.list("")),
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_missing_bucket_is_no_absence(s3_environment: dict[str, str], verb: str) -> None:
    store = S3Store("no-such-bucket", "site")
    with pytest.raises(StoreError, match="the bucket 'no-such-bucket' does not exist"):
        VERBS[verb](store)
    store.close()


def test_no_credentials(s3_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("HOME", str(tmp_path))
    store = S3Store("bucket")
    with pytest.raises(StoreError, match="s3://bucket/a: there are no AWS credentials") as caught:
        store.get("a")
    assert "AWS_ACCESS_KEY_ID" in caught.value.hint
    store.close()


def test_an_unknown_profile(s3_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "absent")
    with pytest.raises(StoreError, match="the AWS profile does not exist"):
        S3Store("bucket").get("a")


def test_nobody_listens(s3_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{closed.getsockname()[1]}")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    store = S3Store("bucket")
    with pytest.raises(StoreError, match="the service does not answer") as caught:
        store.get("a")
    assert "endpoint_url" in caught.value.hint
    store.close()


@pytest.mark.parametrize("endpoint", ["not an address", "http://"])
def test_an_endpoint_that_is_none(s3_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    with pytest.raises(StoreError, match="the service refused: Invalid endpoint"):
        S3Store("bucket").get("a")


class _Refusing(BaseHTTPRequestHandler):
    """Answers every request with the server's ``answer`` = (status, code); an empty code sends no body."""

    protocol_version = "HTTP/1.1"

    def _refuse(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, code = self.server.answer  # type: ignore[attr-defined]
        body = f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode() if code and self.command != "HEAD" else b""
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_HEAD = do_PUT = do_DELETE = do_POST = _refuse  # noqa: N815 - the names that http.server calls

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def refusing(s3_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Refusing)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_address[1]}")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("status", "code", "sentence", "remedy"),
    [
        (403, "AccessDenied", "access is denied", "allow s3:PutObject on 'bucket'"),
        (403, "InvalidAccessKeyId", "does not know these credentials", "AWS_ACCESS_KEY_ID"),
        (403, "SignatureDoesNotMatch", "does not know these credentials", "AWS_SECRET_ACCESS_KEY"),
        (403, "RequestTimeTooSkewed", "clock is wrong", "set the clock"),
        (400, "ExpiredToken", "have expired", "renew them"),
        (400, "AuthorizationHeaderMalformed", "in another region", "AWS_REGION"),
        (301, "PermanentRedirect", "in another region", "AWS_REGION"),
        (501, "NotImplemented", "no conditional puts", "by turns"),
        (503, "SlowDown", "too busy", "publish again"),
        (500, "InternalError", "too busy", "publish again"),
        (404, "NoSuchBucket", "'bucket' does not exist", "[publish] to"),
        (418, "Teapot", "the service refused", "aws s3 ls"),
    ],
)
def test_refusals_of_the_service(refusing: ThreadingHTTPServer, status: int, code: str, sentence: str, remedy: str) -> None:
    refusing.answer = (status, code)  # type: ignore[attr-defined]
    store = S3Store("bucket")
    with pytest.raises(StoreError) as caught:
        store.put("a", b"x", create_only=True, **ABOUT)
    assert sentence in caught.value.message
    assert caught.value.message.startswith("s3://bucket/a: ")
    assert "\n" not in caught.value.message
    assert remedy in caught.value.hint
    store.close()


@pytest.mark.parametrize("verb", ["get", "stat"])
def test_forbidden_is_no_absence(refusing: ThreadingHTTPServer, verb: str) -> None:
    refusing.answer = (403, "AccessDenied")  # type: ignore[attr-defined]
    store = S3Store("bucket")
    with pytest.raises(StoreError, match="access is denied") as caught:
        VERBS[verb](store)
    assert "s3:ListBucket" in caught.value.hint
    store.close()


@pytest.mark.parametrize(("status", "code"), [(412, "PreconditionFailed"), (409, "ConditionalRequestConflict"), (404, "NoSuchKey")])
def test_a_condition_that_does_not_hold(refusing: ThreadingHTTPServer, status: int, code: str) -> None:
    refusing.answer = (status, code)  # type: ignore[attr-defined]
    store = S3Store("bucket")
    with pytest.raises(ConflictError):
        store.put("a", b"x", if_match='"etag"', **ABOUT)
    with pytest.raises(StoreError) as caught:
        store.put("a", b"x", **ABOUT)
    assert not isinstance(caught.value, ConflictError)
    store.close()


def test_importing_the_stores_imports_no_boto3() -> None:
    import subprocess
    import sys

    script = "import sys, repogen.stores, repogen.stores.s3, repogen.stores.local; print('boto3' in sys.modules or 'botocore' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "False\n"


def test_a_redirect_without_end_is_recognised_wherever_it_is_stopped() -> None:
    """botocore may meet the interpreter's limit between its own functions, or inside a request, and then wraps it."""
    wrapped = HTTPClientError(error="maximum recursion depth exceeded")
    wrapped.__context__ = RecursionError("maximum recursion depth exceeded")
    with pytest.raises(StoreError) as caught, sentences("bucket", "s3://bucket/a"):
        raise wrapped
    assert "in another region" in caught.value.message
