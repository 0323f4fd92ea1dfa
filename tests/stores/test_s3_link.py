"""Who sends what: our own connections where the SDK would send plainly, the SDK everywhere else; and where credentials come from."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from repogen.errors import StoreError
from repogen.s3_config import S3Config
from repogen.stores import ConflictError
from repogen.stores.s3 import S3Store
from repogen.stores.s3_pattern import Pattern, pattern_of
from repogen.stores.s3_retries import Patience
from tests.support.s3_proxy import Answer, Proxy, refusal, standing_before

ABOUT = {"content_type": "text/plain", "cache_control": "no-cache"}
PATIENCE = Patience(attempts=2, sleep=lambda _: None)


def _pattern(bucket: str, region: str, **settings: Any) -> Pattern | None:
    client = boto3.session.Session(region_name=region).client("s3", config=Config(**settings))
    try:
        return pattern_of(client, bucket)
    finally:
        client.close()


@pytest.fixture
def amazon(s3_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")


@pytest.mark.usefixtures("amazon")
def test_addresses_are_those_of_the_sdk() -> None:
    assert _pattern("acme", "eu-west-1") == ("https://acme.s3.eu-west-1.amazonaws.com/", "eu-west-1")
    assert _pattern("acme", "us-east-1") == ("https://acme.s3.us-east-1.amazonaws.com/", "us-east-1") or _pattern("acme", "us-east-1") == (
        "https://acme.s3.amazonaws.com/",
        "us-east-1",
    )
    assert _pattern("dl.acme", "eu-west-1") == ("https://s3.eu-west-1.amazonaws.com/dl.acme/", "eu-west-1")
    assert _pattern("acme", "eu-west-1", use_dualstack_endpoint=True) == ("https://acme.s3.dualstack.eu-west-1.amazonaws.com/", "eu-west-1")
    assert _pattern("acme", "cn-north-1") == ("https://acme.s3.cn-north-1.amazonaws.com.cn/", "cn-north-1")


@pytest.mark.usefixtures("amazon")
def test_what_only_the_sdk_can_send() -> None:
    assert _pattern("acme", "eu-west-1", s3={"use_accelerate_endpoint": True}) is None
    assert _pattern("arn:aws:s3:eu-west-1:123456789012:accesspoint/acme", "eu-west-1") is None
    assert _pattern("acme", "eu-west-1", signature_version="s3") is None


def test_a_proxy_of_the_environment_is_the_sdks_business(s3_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert _pattern("acme", "us-east-1") is not None
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert _pattern("acme", "us-east-1") is None
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert _pattern("acme", "us-east-1") is not None


@pytest.mark.parametrize(("status", "code"), [(301, "PermanentRedirect"), (307, "TemporaryRedirect"), (400, "AuthorizationHeaderMalformed"), (400, "")])
def test_the_sdk_goes_where_the_bucket_is(s3_bucket: str, proxy: Proxy, tmp_path: Path, status: int, code: str) -> None:
    proxy.inject(refusal(status, code), "PutObject")
    file = tmp_path / "b"
    file.write_bytes(b"2")
    store = S3Store(s3_bucket, patience=PATIENCE)
    store.put("a", b"1", **ABOUT)
    etag = store.put("b", file, **ABOUT)
    assert store.get("b") == (b"2", etag)
    agents = [request.headers["user-agent"].partition("/")[0] for request in proxy.requests if request.operation == "PutObject"]
    assert agents == ["repogen", "Boto3", "Boto3"]
    store.close()


def test_connections_are_kept(s3_bucket: str, proxy: Proxy) -> None:
    store = S3Store(s3_bucket, patience=PATIENCE)
    ports = []
    proxy.inject(lambda request, forward: ports.append(threading.current_thread().ident) or forward(request), "PutObject", times=99)
    for number in range(5):
        store.put(f"k{number}", b"x", **ABOUT)
    assert len(set(ports)) == 1, "the proxy has a thread for each connection"
    store.close()


# -- TLS -------------------------------------------------------------------------------------


class _Taking(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        self.server.seen.append(self.rfile.read(int(self.headers["Content-Length"])))  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("ETag", '"e"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for localhost that nobody knows, and its key, in one file."""
    path = tmp_path / "tls.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", *subject]
    subprocess.run([*command, "-keyout", tmp_path / "key.pem", "-out", path], check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + (tmp_path / "key.pem").read_bytes())
    return path


@pytest.fixture
def over_tls(certificate: Path, s3_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Taking)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.seen = []  # type: ignore[attr-defined]
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"https://localhost:{server.server_address[1]}")
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_tls_with_certificates_of_ones_own(over_tls: Any, certificate: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
    file = tmp_path / "file"
    file.write_bytes(os.urandom(3_000_000))
    store = S3Store("bucket", patience=PATIENCE)
    assert store.put("a", b"x", **ABOUT) == '"e"'
    assert store.put("b", file, **ABOUT) == '"e"'
    assert over_tls.seen == [b"x", file.read_bytes()]
    store.close()


def test_tls_with_a_certificate_that_nobody_knows(over_tls: Any) -> None:
    store = S3Store("bucket", patience=PATIENCE)
    with pytest.raises(StoreError, match="no certificate that this machine trusts") as caught:
        store.put("a", b"x", **ABOUT)
    assert "AWS_CA_BUNDLE" in caught.value.hint
    assert over_tls.seen == []
    store.close()


# -- settings and roles ----------------------------------------------------------------------


@pytest.mark.moto
def test_objects_are_stored_as_the_settings_say(s3_bucket: str, proxy: Proxy, s3_client: Any, tmp_path: Path) -> None:
    settings = S3Config(encryption="aws:kms", kms_key="key-1", storage_class="STANDARD_IA", tags={"team": "tools", "a b": "x/y"})
    store = S3Store(s3_bucket, settings=settings, part_size=5 * 1024 * 1024, patience=PATIENCE)
    large = tmp_path / "large"
    large.write_bytes(bytes(6 * 1024 * 1024))
    store.put("small", b"x", **ABOUT)
    store.put("large", large, **ABOUT)
    store.copy("small", "copy", **ABOUT)
    store.close()
    for key in ("small", "large", "copy"):
        answer = s3_client.head_object(Bucket=s3_bucket, Key=key)
        assert (answer["ServerSideEncryption"], answer["SSEKMSKeyId"], answer["StorageClass"]) == ("aws:kms", "key-1", "STANDARD_IA"), key
    sent = {request.operation: request.headers for request in proxy.requests}
    for operation in ("PutObject", "CreateMultipartUpload", "CopyObject"):
        assert sent[operation]["x-amz-tagging"] == "a+b=x%2Fy&team=tools", operation
        assert sent[operation]["x-amz-server-side-encryption-aws-kms-key-id"] == "key-1", operation
    assert sent["CopyObject"]["x-amz-tagging-directive"] == "REPLACE"


def test_nothing_is_asked_for_without_settings(s3_bucket: str, proxy: Proxy) -> None:
    store = S3Store(s3_bucket, patience=PATIENCE)
    store.put("a", b"x", **ABOUT)
    store.copy("a", "b", **ABOUT)
    store.close()
    names = {name for request in proxy.requests for name in request.headers}
    assert not {name for name in names if name in {"x-amz-tagging", "x-amz-storage-class"} or name.startswith("x-amz-server-side")}


@pytest.fixture
def oidc(s3_environment: dict[str, str], s3_server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The environment of a CI job that has a web identity in place of keys."""
    token = tmp_path / "token"
    token.write_text("a.web.identity")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name, value in {
        "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/publish",
        "AWS_WEB_IDENTITY_TOKEN_FILE": token,
        "AWS_ENDPOINT_URL_STS": s3_server,
    }.items():
        monkeypatch.setenv(name, str(value))


@pytest.mark.moto
@pytest.mark.usefixtures("oidc")
def test_a_web_identity_becomes_a_role(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with standing_before(s3_server) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.url)
        proxy.inject(refusal(403, "AccessDenied"), "PutObject")
        store = S3Store("bucket", patience=PATIENCE)
        with pytest.raises(StoreError, match="access is denied"):
            store.put("a", b"x", **ABOUT)
        store.close()
        assert proxy.requests[0].headers["x-amz-security-token"]


@pytest.mark.usefixtures("oidc")
def test_a_role_that_may_not_be_assumed(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with standing_before(s3_server) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", proxy.url)
        proxy.inject(_sts_refusal, times=99)
        with pytest.raises(StoreError, match="the role gives no credentials") as caught:
            S3Store("bucket", patience=PATIENCE).put("a", b"x", **ABOUT)
        assert "AWS_ROLE_ARN" in caught.value.hint


def _sts_refusal(*_: Any) -> Any:
    body = b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>Not authorized to perform sts:AssumeRoleWithWebIdentity</Message></Error></ErrorResponse>"
    return Answer(403, {"Content-Type": "text/xml"}, body)


_PROCESS = """
import datetime, json, pathlib, sys
count = pathlib.Path(sys.argv[1])
number = int(count.read_text()) + 1
count.write_text(str(number))
end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=1)
print(json.dumps({"Version": 1, "AccessKeyId": f"KEY{number}", "SecretAccessKey": "s", "SessionToken": f"token{number}", "Expiration": end.isoformat()}))
"""


@pytest.mark.moto
def test_credentials_that_are_about_to_end_are_renewed_before(s3_bucket: str, proxy: Proxy, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "count").write_text("0")
    (tmp_path / "process.py").write_text(_PROCESS)
    (tmp_path / "config").write_text(f"[default]\ncredential_process = {sys.executable} {tmp_path}/process.py {tmp_path}/count\n")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    store = S3Store(s3_bucket, patience=PATIENCE)
    for key in ("a", "b"):
        store.put(key, b"x", **ABOUT)
    store.close()
    tokens = [request.headers["x-amz-security-token"] for request in proxy.requests]
    assert len(set(tokens)) == 2
    assert [int(token.removeprefix("token")) for token in tokens] == sorted(int(token.removeprefix("token")) for token in tokens)


def test_a_service_that_knows_no_condition_for_copies(s3_bucket: str, proxy: Proxy) -> None:
    store = S3Store(s3_bucket, patience=PATIENCE)
    store.put("a", b"x", **ABOUT)
    proxy.requests.clear()
    proxy.inject(refusal(501, "NotImplemented"), "CopyObject")
    store.copy("a", "b", **ABOUT)
    asked = [request.headers.get("if-none-match") for request in proxy.requests if request.operation == "CopyObject"]
    assert asked == ["*", None]
    with pytest.raises(ConflictError):
        store.copy("a", "b", **ABOUT)
    store.close()


def test_a_copy_that_somebody_else_was_quicker_to_write(s3_bucket: str, proxy: Proxy) -> None:
    """The service refuses it although the key was absent a moment ago."""
    store = S3Store(s3_bucket, patience=PATIENCE)
    store.put("a", b"x", **ABOUT)
    proxy.inject(refusal(412, "PreconditionFailed"), "CopyObject")
    with pytest.raises(ConflictError):
        store.copy("a", "b", **ABOUT)
    store.close()


def test_what_is_too_large_for_one_copy_is_left_to_the_sdk(s3_bucket: str, proxy: Proxy) -> None:
    """It copies in parts above its own threshold."""
    store = S3Store(s3_bucket, patience=PATIENCE)
    store.put("a", b"x", **ABOUT)
    proxy.requests.clear()
    proxy.inject(refusal(400, "InvalidRequest"), "CopyObject")
    store.copy("a", "b", **ABOUT)
    assert proxy.operations() == ["HeadObject", "CopyObject", "HeadObject", "CopyObject"]
    stored = store.get("b")
    assert stored is not None
    assert stored.content == b"x"
    store.close()
