"""Objects and parts sent over kept connections, signed by us.

The SDK spends more time on one request than S3 on storing a small file. Where many files are sent, the request is therefore put together here:
the address and the region as the SDK worked them out for the bucket, the credentials of its chain, the certificates that it trusts.
What goes wrong is raised as botocore's own exceptions. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
"""

from __future__ import annotations

import http.client
import os
import re
import select
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree as ET

from repogen.stores.s3_retries import Patience
from repogen.stores.s3_signature import Signer

_BLOCK = 1 << 20

#: Parameters of boto3 and the headers that they become.
HEADERS = {
    "ContentType": "Content-Type",
    "CacheControl": "Cache-Control",
    "IfMatch": "If-Match",
    "IfNoneMatch": "If-None-Match",
    "ChecksumAlgorithm": "x-amz-sdk-checksum-algorithm",
    "ChecksumSHA256": "x-amz-checksum-sha256",
    "ServerSideEncryption": "x-amz-server-side-encryption",
    "SSEKMSKeyId": "x-amz-server-side-encryption-aws-kms-key-id",
    "StorageClass": "x-amz-storage-class",
    "Tagging": "x-amz-tagging",
}


class Pattern(NamedTuple):
    """Where and how the SDK would send an object of the bucket: ``base`` is the address of the empty key."""

    base: str
    region: str


def pattern_of(client: Any, bucket: str) -> Pattern | None:
    """Let the SDK prepare one request, which is not sent, and read from it how others are made.

    None where only the SDK can send: another kind of signature, access points, transfer acceleration, a proxy in the environment.
    """
    from botocore.utils import get_environ_proxies

    url, authorization = _prepared(client, bucket)
    scope = re.match(r"AWS4-HMAC-SHA256 Credential=[^,]+/\d{8}/([^/,]+)/s3/aws4_request,", authorization)
    plain = not bucket.startswith("arn:") and "s3-accelerate" not in url and url.endswith("/x") and not urlsplit(url).query
    if not scope or not plain or get_environ_proxies(url):
        return None
    return Pattern(url[:-1], scope[1])


def _prepared(client: Any, bucket: str) -> tuple[str, str]:
    """Address and Authorization of the request by which the SDK would put the key ``x``."""
    from botocore.awsrequest import AWSResponse
    from botocore.compat import HTTPHeaders

    seen: list[Any] = []

    def keep(request: Any, **_: Any) -> Any:
        seen.append(request)
        return AWSResponse(request.url, 200, HTTPHeaders(), _Nothing())

    client.meta.events.register_first("before-send.s3.PutObject", keep)
    try:
        client.put_object(Bucket=bucket, Key="x", Body=b"")
    finally:
        client.meta.events.unregister("before-send.s3.PutObject", keep)
    said = seen[-1].headers.get("Authorization", "")
    return seen[-1].url, said.decode("latin-1") if isinstance(said, bytes) else said


class _Nothing:
    """The body of the answer to a request that was not sent."""

    @staticmethod
    def stream() -> Iterator[bytes]:
        return iter(())


class Wire:
    """Connections to one bucket. May be used by several threads."""

    def __init__(self, pattern: Pattern, credentials: Any, patience: Patience, certificates: str | None) -> None:
        parts = urlsplit(pattern.base)
        self._base, self._path, self._host = pattern.base, parts.path, parts.netloc.rpartition("@")[2]
        self._name, self._port = parts.hostname or "", parts.port
        self._signer = Signer(pattern.region)
        self._credentials = credentials
        self._patience = patience
        self._context = _trusting(certificates) if parts.scheme == "https" else None
        self._idle: list[http.client.HTTPConnection] = []

    def put(self, key: str, content: bytes | Path, digest: str, headers: Mapping[str, str], query: str = "") -> Mapping[str, str]:
        """Send an object, or with ``query`` a part of one; returns the headers of the answer. ``digest`` is the SHA-256 in hexadecimal."""
        path = self._path + quote(key, safe="/~")
        if isinstance(content, bytes):
            return self._sent(path, query, headers, digest, [content], len(content))
        with content.open("rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            return self._sent(path, query, headers, digest, _blocks(content, file, size), size)

    def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            self._idle.pop().close()

    def _sent(self, path: str, query: str, headers: Mapping[str, str], digest: str, blocks: Any, size: int) -> Mapping[str, str]:
        own = {**headers, "Host": self._host}
        signed = self._signer.signed("PUT", path, query, own, digest, self._credentials.get_frozen_credentials(), time.time())
        connection = self._connected()
        try:
            status, answer, body = self._exchanged(connection, f"{path}?{query}" if query else path, signed, blocks, size)
        except BaseException:
            connection.close()
            raise
        if status == http.HTTPStatus.OK:
            self._idle.append(connection)
            return answer
        connection.close()
        raise _refusal(status, answer, body)

    def _exchanged(
        self, connection: http.client.HTTPConnection, target: str, headers: Mapping[str, str], blocks: Any, size: int
    ) -> tuple[int, Mapping[str, str], bytes]:
        with self._network():
            connection.putrequest("PUT", target, skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.putheader("Content-Length", str(size))
            connection.putheader("User-Agent", "repogen")
            try:
                connection.endheaders()
                for block in blocks:
                    connection.send(block)
            except (BrokenPipeError, ConnectionResetError):
                # The service may refuse before it has all, and then says why.
                if (early := self._answer(connection))[0] < http.HTTPStatus.BAD_REQUEST:
                    raise
                return early
            return self._answer(connection)

    @staticmethod
    def _answer(connection: http.client.HTTPConnection) -> tuple[int, Mapping[str, str], bytes]:
        with connection.getresponse() as response:
            body = response.read()
            return response.status, {name.lower(): value for name, value in response.getheaders()}, body

    # -- connections -----------------------------------------------------------------------

    def _connected(self) -> http.client.HTTPConnection:
        """An idle connection that the service has not closed meanwhile, or a new one."""
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:
                break
            if connection.sock is not None and not _readable(connection.sock):
                return connection
            connection.close()
        with self._network(connecting=True):
            return self._new()

    def _new(self) -> http.client.HTTPConnection:
        timeout = self._patience.connect_timeout
        if self._context is None:
            connection = http.client.HTTPConnection(self._name, self._port, timeout=timeout)
        else:
            connection = http.client.HTTPSConnection(self._name, self._port, timeout=timeout, context=self._context)
        connection.connect()
        connection.sock.settimeout(self._patience.read_timeout)
        return connection

    @contextmanager
    def _network(self, *, connecting: bool = False) -> Iterator[None]:
        """Turn what the network raises into botocore's exceptions."""
        from botocore import exceptions

        try:
            yield
        except ssl.SSLCertVerificationError as error:
            raise exceptions.SSLError(endpoint_url=self._base, error=error) from error
        except TimeoutError as error:
            timeout = exceptions.ConnectTimeoutError if connecting else exceptions.ReadTimeoutError
            raise timeout(endpoint_url=self._base, error=error) from error
        except ChangedError:
            raise
        except (OSError, http.client.HTTPException) as error:
            closed = exceptions.EndpointConnectionError if connecting else exceptions.ConnectionClosedError
            raise closed(endpoint_url=self._base, error=error) from error


class ChangedError(OSError):
    """A file became shorter while it was sent."""


def _blocks(path: Path, file: Any, size: int) -> Iterator[bytes]:
    missing = size
    while missing:
        block = file.read(min(_BLOCK, missing))
        if not block:
            raise ChangedError(0, "the file became shorter while it was sent", str(path))
        missing -= len(block)
        yield block


def _readable(sock: Any) -> bool:
    """Whether something came on an idle connection: nothing but its end can."""
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


def _trusting(certificates: str | None) -> ssl.SSLContext:
    """The system's certificates and those that the SDK trusts; only the file that AWS_CA_BUNDLE names where it does."""
    from botocore.httpsession import get_cert_path

    if certificates:
        return ssl.create_default_context(cafile=certificates)
    context = ssl.create_default_context()
    context.load_verify_locations(get_cert_path(verify=True))
    return context


def _refusal(status: int, headers: Mapping[str, str], body: bytes) -> Exception:
    """What botocore would raise for this answer."""
    from botocore.exceptions import ClientError

    try:
        fields = {part.tag.rpartition("}")[2]: part.text or "" for part in ET.fromstring(body)}  # noqa: S314 - expat expands no external entity
    except ET.ParseError:
        fields = {}
    error: Any = {"Code": str(status), "Message": "", **fields}
    return ClientError({"Error": error, "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": dict(headers)}}, "PutObject")  # type: ignore[typeddict-item]
