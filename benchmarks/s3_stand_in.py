"""A stand-in for S3 that is as quick as one process can be: it takes what it is sent, keeps names and sizes, and forgets the bytes of all but the state.

``python s3_stand_in.py [--md5] [--keep]`` prints the port on loopback and serves until its standard input closes. One thread serves all connections
with epoll. Conditions of puts are honoured; signatures and checksums are not looked at, so that its time is that of sockets alone. ``--md5`` makes
every ETag the MD5 of what came, for clients that compare it, and ``--keep`` keeps all bytes; otherwise it is the Content-MD5 that the client sent, or a number.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import os
import selectors
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote
from xml.sax.saxutils import escape

_BUFFER = 1 << 20
#: What it takes; it looks at none of them.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"}
_DATE = "Fri, 02 Jan 2026 12:00:00 GMT"


@dataclass
class Objects:
    """What was put: key -> (size, ETag), and the bytes of repogen's state. Unfinished uploads: identifier -> size so far."""

    stored: dict[str, tuple[int, str]] = field(default_factory=dict)
    state: dict[str, bytes] = field(default_factory=dict)
    uploads: dict[str, int] = field(default_factory=dict)
    puts: int = 0


@dataclass
class Request:
    """One request whose head has come, and how much of its body is missing."""

    method: str
    target: str
    headers: dict[bytes, bytes]
    missing: int
    digest: Any
    size: int
    keeps: bool
    body: bytearray = field(default_factory=bytearray)


class Connection:
    """The requests of one connection, one after another."""

    def __init__(self, peer: socket.socket, objects: Objects, *, md5: bool, keep: bool) -> None:
        self.peer, self._objects, self._md5, self._keep = peer, objects, md5, keep
        self._head = b""
        self._request: Request | None = None

    def take(self, data: memoryview) -> bool:
        """Bytes came; answers what is complete. False when the connection has ended."""
        if not data:
            return False
        rest = data
        while rest:
            rest = self._take_head(rest) if self._request is None else self._take_body(self._request, rest)
            if self._request is not None and not self._request.missing:
                self._answer(self._request)
                self._request = None
        return True

    def _take_head(self, data: memoryview) -> memoryview:
        self._head += bytes(data[:65536])
        end = self._head.find(b"\r\n\r\n")
        if end < 0:
            return data[65536:]
        used = end + 4 - (len(self._head) - min(len(data), 65536))
        lines, self._head = self._head[:end].split(b"\r\n"), b""
        method, target, _ = lines[0].decode("latin-1").split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines[1:])}
        size = int(headers.get(b"content-length", b"0"))
        wanted = self._md5 and method == "PUT" and b"content-md5" not in headers
        self._request = Request(
            method, target, headers, size, hashlib.md5() if wanted else None, size, self._keep or method == "POST" or "/.repogen/" in target
        )
        if headers.get(b"expect", b"").lower() == b"100-continue":
            self.peer.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        return data[used:]

    def _take_body(self, request: Request, data: memoryview) -> memoryview:
        part = data[: request.missing]
        request.missing -= len(part)
        if request.digest is not None:
            request.digest.update(part)
        if request.keeps:
            request.body += part
        return data[len(part) :]

    def _answer(self, request: Request) -> None:
        status, headers, body = _respond(request, self._objects)
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        length = headers.get("Content-Length") or len(body)
        head = f"HTTP/1.1 {status}\r\nDate: {_DATE}\r\nx-amz-request-id: 0\r\n{lines}" + (
            "" if "Content-Length" in headers else f"Content-Length: {length}\r\n"
        )
        self.peer.setblocking(True)
        self.peer.sendall(head.encode() + b"\r\n" + (b"" if request.method == "HEAD" else body))
        self.peer.setblocking(False)


def _respond(request: Request, objects: Objects) -> tuple[str, dict[str, str], bytes]:
    path, _, query = request.target.partition("?")
    asked = parse_qs(query, keep_blank_values=True)
    _, _, key = unquote(path).lstrip("/").partition("/")
    if request.method == "PUT":
        return _put(request, objects, key, asked)
    if request.method == "POST":
        return _post(objects, path, key, asked)
    if request.method == "DELETE":
        return "204 No Content", {}, b""
    if not key:
        return "200 OK", {"Content-Type": "application/xml"}, _listing(objects, path, asked)
    found = objects.stored.get(key)
    if found is None:
        return "404 Not Found", {"Content-Type": "application/xml"}, b"<Error><Code>NoSuchKey</Code><Message>absent</Message></Error>"
    about = {"ETag": f'"{found[1]}"', "Last-Modified": _DATE, "Content-Length": str(found[0])}
    return ("200 OK", about, b"") if request.method == "HEAD" else ("200 OK", about, objects.state.get(key) or bytes(found[0]))


def _put(request: Request, objects: Objects, key: str, asked: dict[str, list[str]]) -> tuple[str, dict[str, str], bytes]:
    there = objects.stored.get(key)
    wanted = request.headers.get(b"if-match", b"").decode().strip('"')
    if (there and b"if-none-match" in request.headers) or (wanted and (not there or there[1] != wanted)):
        return "412 Precondition Failed", {"Content-Type": "application/xml"}, b"<Error><Code>PreconditionFailed</Code><Message>no</Message></Error>"
    objects.puts += 1
    size = int(request.headers.get(b"x-amz-decoded-content-length", request.size))
    sent = request.headers.get(b"content-md5")
    etag = request.digest.hexdigest() if request.digest is not None else base64.b64decode(sent).hex() if sent else f"{objects.puts:032x}"
    if "uploadId" in asked:
        objects.uploads[asked["uploadId"][0]] += size
    elif key:
        objects.stored[key] = (size, etag)
        if request.keeps:
            objects.state[key] = bytes(request.body)
    return "200 OK", {"ETag": f'"{etag}"'}, b""


def _post(objects: Objects, path: str, key: str, asked: dict[str, list[str]]) -> tuple[str, dict[str, str], bytes]:
    bucket = path.split("/")[1]
    if "uploads" in asked:
        name = f"{len(objects.uploads)}-{os.urandom(4).hex()}"
        objects.uploads[name] = 0
        made = f"<InitiateMultipartUploadResult><Bucket>{bucket}</Bucket><Key>{escape(key)}</Key><UploadId>{name}</UploadId></InitiateMultipartUploadResult>"
        return "200 OK", {"Content-Type": "application/xml"}, made.encode()
    objects.puts += 1
    etag = f"{objects.puts:032x}-2"
    objects.stored[key] = (objects.uploads.pop(asked["uploadId"][0]), etag)
    done = f'<CompleteMultipartUploadResult><Key>{escape(key)}</Key><ETag>"{etag}"</ETag></CompleteMultipartUploadResult>'
    return "200 OK", {"Content-Type": "application/xml"}, done.encode()


def _listing(objects: Objects, path: str, asked: dict[str, list[str]]) -> bytes:
    """A page of at most a thousand keys in their order; other questions about the bucket get an empty answer of their kind."""
    if "location" in asked:
        return b'<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">us-east-1</LocationConstraint>'
    if "uploads" in asked:
        return b"<ListMultipartUploadsResult><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>"
    prefix = asked.get("prefix", [""])[0]
    after = asked.get("continuation-token", asked.get("start-after", asked.get("marker", [""])))[0]
    keys = sorted(key for key in objects.stored if key.startswith(prefix) and key > after)
    page, more = keys[:1000], len(keys) > 1000
    entries = "".join(
        f'<Contents><Key>{escape(key)}</Key><LastModified>2026-01-02T12:00:00.000Z</LastModified><ETag>"{objects.stored[key][1]}"</ETag>'
        f"<Size>{objects.stored[key][0]}</Size><StorageClass>STANDARD</StorageClass></Contents>"
        for key in page
    )
    token = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken><NextMarker>{escape(page[-1])}</NextMarker>" if more else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>{path.strip("/")}</Name>'
        f"<Prefix>{escape(prefix)}</Prefix><KeyCount>{len(page)}</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>{str(more).lower()}</IsTruncated>{token}{entries}"
        "</ListBucketResult>"
    ).encode()


@contextmanager
def stand_in(*arguments: str) -> Iterator[int]:
    """The port of a fresh stand-in, whose process ends with the block."""
    with subprocess.Popen([sys.executable, __file__, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        yield int(server.stdout.readline())
        server.stdin.close()


def serve(*, md5: bool, keep: bool) -> None:
    """Print the port, then serve until standard input closes."""
    waiting = selectors.EpollSelector()
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    objects, buffer = Objects(), bytearray(_BUFFER)
    view = memoryview(buffer)
    waiting.register(listener, selectors.EVENT_READ)
    waiting.register(sys.stdin, selectors.EVENT_READ)
    print(listener.getsockname()[1], flush=True)
    while True:
        for one, _ in waiting.select():
            if one.fileobj is sys.stdin:
                return
            if one.fileobj is listener:
                peer, _ = listener.accept()
                peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                peer.setblocking(False)
                waiting.register(peer, selectors.EVENT_READ, Connection(peer, objects, md5=md5, keep=keep))
            elif not _received(one.data, view):
                waiting.unregister(one.fileobj)
                one.data.peer.close()


def _received(connection: Connection, view: memoryview) -> bool:
    try:
        count = connection.peer.recv_into(view)
        return connection.take(view[:count])
    except BlockingIOError:
        return True
    except OSError:
        return False


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A stand-in for S3 that forgets what it is sent.")
    parser.add_argument("--md5", action="store_true", help="every ETag is the MD5 of what came")
    parser.add_argument("--keep", action="store_true", help="forget nothing")
    serve(**vars(parser.parse_args()))
