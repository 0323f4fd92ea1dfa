"""Objects and parts sent over kept connections, signed by us.

The SDK spends more time on one request than S3 on storing a small file. Where many files are sent, the request is therefore put together here:
the address and the region as the SDK worked them out for the bucket, the credentials of its chain, the certificates that it trusts.
What goes wrong is raised as botocore's own exceptions. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
"""

from __future__ import annotations

import http.client
import os
import select
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from repogen.stores.s3_exchange import exchanged
from repogen.stores.s3_pattern import Pattern
from repogen.stores.s3_retries import Patience
from repogen.stores.s3_signature import Signer
from repogen.xml_document import XmlError, parse_xml

_BLOCK = 1 << 20

#: A connection that was used so many seconds ago is not looked at before it is used again.
_FRESH = 1.0

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


class Wire:
    """Connections to one bucket. May be used by several threads."""

    def __init__(self, pattern: Pattern, credentials: Any, patience: Patience, certificates: str | None) -> None:
        self._idle: list[tuple[socket.socket, float]] = []
        parts = urlsplit(pattern.base)
        self._base, self._path, self._host = pattern.base, parts.path, parts.netloc.rpartition("@")[2]
        self._name, self._port = parts.hostname or "", parts.port
        self._signer = Signer(pattern.region)
        self._credentials = credentials
        self._patience = patience
        self._context = _trusting(certificates) if parts.scheme == "https" else None

    def put(self, key: str, content: bytes | memoryview | Path, digest: str, headers: Mapping[str, str], query: str = "") -> Mapping[str, str]:
        """Send an object, or with ``query`` a part of one; returns the headers of the answer. ``digest`` is the SHA-256 in hexadecimal."""
        path = self._path + quote(key, safe="/~")
        if not isinstance(content, Path):
            return self._sent(path, query, headers, digest, iter((content,)), len(content))
        with content.open("rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            return self._sent(path, query, headers, digest, _blocks(content, file, size), size)

    def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            self._idle.pop()[0].close()

    def __del__(self) -> None:
        self.close()

    def _sent(self, path: str, query: str, headers: Mapping[str, str], digest: str, blocks: Iterator[bytes | memoryview], size: int) -> Mapping[str, str]:
        own = {**headers, "Host": self._host, "Content-Length": str(size)}
        signed = self._signer.signed("PUT", path, query, own, digest, self._credentials.get_frozen_credentials(), time.time())
        connection = self._connected()
        try:
            with self._network():
                answer = exchanged(connection, "PUT", f"{path}?{query}" if query else path, signed, blocks)
        except BaseException:
            connection.close()
            raise
        if answer.reusable:
            self._idle.append((connection, time.monotonic()))
        else:
            connection.close()
        if answer.status != HTTPStatus.OK:
            raise _refusal(answer.status, answer.headers, answer.body)
        return answer.headers

    # -- connections -----------------------------------------------------------------------

    def _connected(self) -> socket.socket:
        """An idle connection that the service has not closed meanwhile, or a new one."""
        while self._idle:
            try:
                connection, since = self._idle.pop()
            except IndexError:
                break
            if time.monotonic() - since < _FRESH or not _readable(connection):
                return connection
            connection.close()
        with self._network(connecting=True):
            return self._new()

    def _new(self) -> socket.socket:
        default = 80 if self._context is None else 443
        connection = socket.create_connection((self._name, self._port or default), timeout=self._patience.connect_timeout)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._context is not None:
            connection = self._context.wrap_socket(connection, server_hostname=self._name)
        connection.settimeout(self._patience.read_timeout)
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


def _readable(connection: socket.socket) -> bool:
    """Whether something came on an idle connection: nothing but its end can."""
    poll = select.poll()
    poll.register(connection, select.POLLIN)
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
        fields = {part.tag.rpartition("}")[2]: part.text or "" for part in parse_xml(body)}
    except XmlError:
        fields = {}
    error: Any = {"Code": str(status), "Message": "", **fields}
    return ClientError({"Error": error, "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": dict(headers)}}, "PutObject")  # type: ignore[typeddict-item]
