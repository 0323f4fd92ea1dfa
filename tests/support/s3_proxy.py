"""Stands between repogen and an S3 service on loopback: it remembers every request, refuses what it is told to, and makes the network bad.

A request is known by the name of its S3 operation. Faults are injected by rule: which operation, which key, how often.
"""

from __future__ import annotations

import http.client
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

import pytest


class Request(NamedTuple):
    """One request as it came. Header names are lower case."""

    operation: str
    method: str
    bucket: str
    key: str
    query: dict[str, list[str]]
    target: str
    headers: dict[str, str]
    body: bytes


class Answer(NamedTuple):
    """What goes back. ``claims`` is the Content-Length where it is not that of the body."""

    status: int
    headers: dict[str, str]
    body: bytes
    claims: int | None = None


class LostError(Exception):
    """The connection is reset in place of an answer."""


Forward = Callable[[Request], Answer]
Fault = Callable[[Request, Forward], Answer]


def refusal(status: int, code: str, *, headers: dict[str, str] | None = None) -> Fault:
    """Answered with an error; the service never sees the request. An empty code sends no body."""
    body = f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>no</Message></Error>'.encode() if code else b""
    return lambda request, _: Answer(status, {"Content-Type": "application/xml", **(headers or {})}, b"" if request.method == "HEAD" else body)


def reset(_request: Request, _forward: Forward) -> Answer:
    """The connection ends; the service never sees the request."""
    raise LostError


def lost_answer(request: Request, forward: Forward) -> Answer:
    """The service carries the request out, and the connection ends."""
    forward(request)
    raise LostError


def late(seconds: float) -> Fault:
    """The service carries the request out, and its answer comes too late."""

    def fault(request: Request, forward: Forward) -> Answer:
        answer = forward(request)
        time.sleep(seconds)
        return answer

    return fault


def cut_off(request: Request, forward: Forward) -> Answer:
    """Half of the body comes, and the connection ends."""
    answer = forward(request)
    return answer._replace(body=answer.body[: len(answer.body) // 2], claims=len(answer.body))


def spoiled(request: Request, forward: Forward) -> Answer:
    """One byte of the body is another one."""
    answer = forward(request)
    return answer._replace(body=answer.body[:-1] + bytes([answer.body[-1] ^ 1])) if answer.body else answer


def error_inside(code: str) -> Fault:
    """Status 200 with an error in the body; the service never sees the request."""
    return refusal(200, code)


def wrong_etag(request: Request, forward: Forward) -> Answer:
    """The service carries the request out, and tells another ETag than it has."""
    answer = forward(request)
    return answer._replace(headers={**answer.headers, "ETag": '"00000000000000000000000000000000"'})


def behind(time: timedelta) -> Fault:
    """The clock of the service says that it is so much earlier than this machine thinks."""

    def fault(request: Request, forward: Forward) -> Answer:
        answer = forward(request)
        headers = {name: value for name, value in answer.headers.items() if name.lower() != "date"}
        return answer._replace(headers={**headers, "Date": format_datetime(datetime.now(UTC) - time, usegmt=True)})

    return fault


#: What passes when the same request is made again.
PASSING: dict[str, Fault] = {
    "500": refusal(500, "InternalError"),
    "500 without a word": refusal(500, ""),
    "502 from a balancer": refusal(502, ""),
    "503 SlowDown": refusal(503, "SlowDown"),
    "429": refusal(429, "TooManyRequests"),
    "429 without a word": refusal(429, ""),
    "400 RequestTimeout": refusal(400, "RequestTimeout"),
    "reset before": reset,
    "reset after": lost_answer,
    "time-out": late(1.0),
}


@dataclass
class Rule:
    """Where a fault strikes: the first ``times`` requests that fit."""

    fault: Fault
    operation: str
    key: str
    times: int
    struck: int = 0

    def fits(self, request: Request) -> bool:
        return self.struck < self.times and re.fullmatch(self.operation, request.operation) is not None and re.search(self.key, request.key) is not None


@dataclass
class _FirstOfEach(Rule):
    seen: set[tuple[str, str, str]] = field(default_factory=set)

    def fits(self, request: Request) -> bool:
        one = (request.operation, request.key, request.query.get("partNumber", [""])[0])
        if one in self.seen or not super().fits(request):
            return False
        self.seen.add(one)
        return True


@dataclass
class Proxy:
    """``url`` leads through it to the service at ``upstream``."""

    upstream: str
    url: str = ""
    requests: list[Request] = field(default_factory=list)
    answered: list[Request] = field(default_factory=list)
    """Those whose answer has gone out."""
    rules: list[Rule] = field(default_factory=list)
    _mutex: threading.Lock = field(default_factory=threading.Lock)

    def inject(self, fault: Fault, operation: str = ".*", key: str = "", times: int = 1) -> Rule:
        """``operation`` and ``key`` are regular expressions: the whole name, and a part of the key."""
        rule = Rule(fault, operation, key, times)
        self.rules.append(rule)
        return rule

    def inject_first(self, fault: Fault, operation: str = ".*") -> Rule:
        """Strike the first request of each operation and key, so that everything is asked twice."""
        rule = _FirstOfEach(fault, operation, "", 1 << 30)
        self.rules.append(rule)
        return rule

    def operations(self) -> list[str]:
        return [request.operation for request in self.requests]

    def fault_for(self, request: Request) -> Fault | None:
        with self._mutex:
            self.requests.append(request)
            for rule in self.rules:
                if rule.fits(request):
                    rule.struck += 1
                    return rule.fault
        return None


_OBJECT = {"GET": "GetObject", "HEAD": "HeadObject", "PUT": "PutObject", "DELETE": "DeleteObject"}
_PARTS = {"GET": "ListParts", "PUT": "UploadPart", "POST": "CompleteMultipartUpload", "DELETE": "AbortMultipartUpload"}
_BUCKET = {"GET": "ListObjects", "HEAD": "HeadBucket", "PUT": "CreateBucket", "DELETE": "DeleteBucket"}


def operation_of(method: str, key: str, query: dict[str, list[str]], headers: dict[str, str]) -> str:
    """The name that S3's reference gives to a request."""
    if not key:
        special = {"uploads": "ListMultipartUploads", "delete": "DeleteObjects", "location": "GetBucketLocation"}
        return next((name for mark, name in special.items() if mark in query), "ListObjectsV2" if "list-type" in query else _BUCKET.get(method, method))
    if "uploadId" in query:
        return "UploadPartCopy" if "x-amz-copy-source" in headers else _PARTS[method]
    if "uploads" in query:
        return "CreateMultipartUpload"
    return "CopyObject" if "x-amz-copy-source" in headers else _OBJECT[method]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    proxy: Proxy

    def log_message(self, *_: object) -> None:
        """The log is ``requests``."""

    def setup(self) -> None:
        super().setup()
        self._upstream = http.client.HTTPConnection(urlsplit(self.proxy.upstream).netloc, timeout=60)

    def finish(self) -> None:
        self._upstream.close()
        super().finish()

    def _pass_on(self) -> None:
        request = self._request()
        fault = self.proxy.fault_for(request)
        try:
            answer = fault(request, self._forward) if fault else self._forward(request)
        except LostError:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
            return
        try:
            self._send(request, answer)
        except OSError:
            self.close_connection = True  # nobody waited for it
        self.proxy.answered.append(request)

    do_GET = do_HEAD = do_PUT = do_DELETE = do_POST = _pass_on  # noqa: N815 - the names that http.server calls

    def _request(self) -> Request:
        path, _, query = self.path.partition("?")
        bucket, _, key = unquote(path).lstrip("/").partition("/")
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = parse_qs(query, keep_blank_values=True)
        body = self.rfile.read(int(headers.get("content-length", "0")))
        return Request(operation_of(self.command, key, asked, headers), self.command, bucket, key, asked, self.path, headers, body)

    def _forward(self, request: Request) -> Answer:
        # boto3 sends some bodies in chunks, with a checksum behind them.
        headers = {name: value for name, value in request.headers.items() if name not in {"connection", "expect"}}
        self._upstream.request(request.method, request.target, request.body, headers)
        with self._upstream.getresponse() as response:
            body = response.read()
            kept = {name: value for name, value in response.getheaders() if name.lower() not in {"connection", "transfer-encoding", "content-length", "server"}}
            claims = int(response.getheader("Content-Length") or 0) if request.method == "HEAD" else None
            return Answer(response.status, kept, body, claims)

    def _send(self, request: Request, answer: Answer) -> None:
        length = len(answer.body) if answer.claims is None else answer.claims
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if "date" not in {name.lower() for name in answer.headers}:
            self.send_header("Date", self.date_time_string())
        self.send_header("Content-Length", str(length))
        self.end_headers()
        if request.method != "HEAD":
            self.wfile.write(answer.body)
            self.close_connection = self.close_connection or length != len(answer.body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_: object) -> None:
        """A client that goes away is none."""


@pytest.fixture
def proxy(s3_server: str, s3_bucket: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """A proxy that repogen is led to. ``s3_client``, which was made before, goes past it."""
    with standing_before(s3_server) as made:
        monkeypatch.setenv("AWS_ENDPOINT_URL", made.url)
        yield made


@contextmanager
def standing_before(upstream: str) -> Iterator[Proxy]:
    """A proxy before the service at this address."""
    proxy = Proxy(upstream)
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"proxy": proxy}))
    proxy.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
