"""One request on a connection: every shape of answer that HTTP/1.1 has for a put."""

from __future__ import annotations

import http.client
import socket
import threading

import pytest

from repogen.stores.s3_exchange import Answer, exchanged

_HEADERS = {"Host": "h", "Content-Length": "4"}


def _answered(*pieces: bytes, ends: bool = False) -> tuple[Answer, bytes]:
    """What is made of an answer that comes in these pieces, and the request."""
    ours, theirs = socket.socketpair()
    seen = bytearray()

    def serve() -> None:
        while not seen.endswith(b"body"):
            seen.extend(theirs.recv(4096))
        for piece in pieces:
            theirs.sendall(piece)
        if ends:
            theirs.shutdown(socket.SHUT_WR)

    thread = threading.Thread(target=serve)
    thread.start()
    with ours, theirs:
        ours.settimeout(10)
        try:
            return exchanged(ours, "PUT", "/b/k", _HEADERS, iter((b"bo", b"dy"))), bytes(seen)
        finally:
            thread.join()


def test_the_request() -> None:
    _, seen = _answered(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    assert seen == b"PUT /b/k HTTP/1.1\r\nUser-Agent: repogen\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody"


@pytest.mark.parametrize(
    ("pieces", "status", "body", "reusable"),
    [
        ((b'HTTP/1.1 200 OK\r\nETag: "e"\r\nContent-Length: 0\r\n\r\n',), 200, b"", True),
        ((b'HTTP/1.1 200 OK\r\nETag: "e"\r\nContent-Le', b"ngth: 0\r\n\r", b"\n"), 200, b"", True),
        ((b'HTTP/1.1 200 OK\r\neTAG: "e"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',), 200, b"", False),
        ((b'HTTP/1.1 200 OK\r\nETag: "e"\r\nContent-Length: 5\r\n\r\n<ok/>',), 200, b"<ok/>", True),
        ((b'HTTP/1.1 200 OK\r\nETag: "e"\r\nContent-Length: 5\r\n\r\n', b"<ok/>"), 200, b"<ok/>", True),
        ((b'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nETag: "e"\r\nContent-Length: 0\r\n\r\n',), 200, b"", True),
        ((b'HTTP/1.1 503 Slow\r\nETag: "e"\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<no', b"/>\r\n0\r\n\r\n"), 503, b"<no/>", True),
        ((b'HTTP/1.1 403 No\r\nETag: "e"\r\nConnection: close\r\nContent-Length: 5\r\n\r\n<no/>',), 403, b"<no/>", False),
    ],
)
def test_answers(pieces: tuple[bytes, ...], status: int, body: bytes, reusable: bool) -> None:
    answer, _ = _answered(*pieces)
    assert (answer.status, answer.body, answer.reusable, answer.headers["etag"]) == (status, body, reusable, '"e"')


def test_an_answer_that_ends_with_the_connection() -> None:
    answer, _ = _answered(b'HTTP/1.0 200 OK\r\nETag: "e"\r\n\r\nall', b" of it", ends=True)
    assert (answer.body, answer.reusable) == (b"all of it", False)


@pytest.mark.parametrize(
    ("piece", "error"),
    [
        (b"", http.client.RemoteDisconnected),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", http.client.IncompleteRead),
        (b"SSH-2.0-OpenSSH\r\n\r\n", http.client.BadStatusLine),
    ],
)
def test_what_is_no_answer(piece: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        _answered(piece, ends=True)


def test_a_header_has_one_line() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(ValueError, match="line break"):
        exchanged(ours, "PUT", "/", {**_HEADERS, "Cache-Control": "x\r\nEvil: y"}, iter(()))


def test_an_early_refusal_is_read() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"HTTP/1.1 403 No\r\nContent-Length: 5\r\n\r\n<no/>")
        theirs.shutdown(socket.SHUT_RD)
        answer = exchanged(ours, "PUT", "/", _HEADERS, iter((b"x" * 100, b"y" * 100)))
        assert (answer.status, answer.body, answer.reusable) == (403, b"<no/>", False)
