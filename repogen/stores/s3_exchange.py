"""One HTTP/1.1 request and its answer on an open connection.

The usual answer to a put, 200 without a body, is read here in one go. Every other one is left to the standard library, beginning with what came
already. https://www.rfc-editor.org/rfc/rfc9112
"""

from __future__ import annotations

import io
import socket
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from http.client import HTTPResponse, RemoteDisconnected
from typing import Any, NamedTuple

_BUFFER = 1 << 16
_LONGEST_HEAD = 1 << 16


class Answer(NamedTuple):
    """What came back. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    reusable: bool
    """Whether the connection takes another request."""


def exchanged(connection: socket.socket, method: str, target: str, headers: Mapping[str, str], blocks: Iterator[bytes | memoryview]) -> Answer:
    """Send a request and wait for its answer. ``headers`` has Host and Content-Length. Raises OSError and HTTPException."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"{method} {target} HTTP/1.1\r\nUser-Agent: repogen\r\n{lines}\r\n".encode("latin-1")
    if head.count(b"\n") != len(headers) + 3:
        raise ValueError("a header has a line break")
    try:
        first = next(blocks, b"")
        if len(first) <= _BUFFER:
            connection.sendall(head + first)
        else:
            connection.sendall(head)
            connection.sendall(first)
        for block in blocks:
            connection.sendall(block)
    except (BrokenPipeError, ConnectionResetError):
        # The service may refuse before it has all, and then says why.
        early = _answer(connection, method)
        if early.status < HTTPStatus.BAD_REQUEST:
            raise
        return early._replace(reusable=False)
    return _answer(connection, method)


def _answer(connection: socket.socket, method: str) -> Answer:
    received = b""
    while (end := received.find(b"\r\n\r\n")) < 0 and len(received) < _LONGEST_HEAD:
        more = connection.recv(_BUFFER)
        if not more:
            break
        received += more
    if not received:
        raise RemoteDisconnected("the connection ended without an answer")
    return _usual(received, end) or _any(connection, received, method)


def _usual(received: bytes, end: int) -> Answer | None:
    """The answer when it is 200 without a body on a connection that stays; None for every other."""
    if not received.startswith(b"HTTP/1.1 200 ") or end + 4 != len(received):
        return None
    lines = received[:end].decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    if headers.get("content-length") != "0" or "transfer-encoding" in headers or headers.get("connection", "keep-alive").lower() != "keep-alive":
        return None
    return Answer(200, headers, b"", reusable=True)


def _any(connection: socket.socket, received: bytes, method: str) -> Answer:
    resumed: Any = _Resumed(connection, received)
    with HTTPResponse(resumed, method=method) as response:
        response.begin()
        body = response.read()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, headers, body, reusable=not response.will_close)


class _Resumed(io.RawIOBase):
    """A connection of which something has been read, as HTTPResponse wants it."""

    def __init__(self, connection: socket.socket, received: bytes) -> None:
        self._connection, self._received = connection, received

    def makefile(self, *_: Any) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._received:
            return self._connection.recv_into(buffer)
        count = min(len(buffer), len(self._received))
        buffer[:count], self._received = self._received[:count], self._received[count:]
        return count
