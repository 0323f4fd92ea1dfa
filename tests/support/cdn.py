"""Two CDNs of their own on loopback: edges that keep whatever they have served, whatever it says of itself, and the APIs that make them forget.

The APIs answer as their documentation says: CloudFront's REST-XML of 2020-05-31 and Cloudflare's JSON v4. ``calls`` records every purge.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET

DISTRIBUTION = "E2QWRUHAPOMQZL"
ZONE = "023e105f4ecef8ad9ca31a8372d0c353"
TOKEN = "cf-secret-token"
_XML = "http://cloudfront.amazonaws.com/doc/2020-05-31/"
Read = Callable[[str], bytes | None]


class Cdn:
    """Serves ``read(path)`` below ``url`` and never asks twice for an address that it has kept."""

    def __init__(self, read: Read, *, prefix: str = "") -> None:
        self.read = read
        self.prefix = prefix
        self.kept: dict[str, bytes] = {}
        self.asked: list[str] = []
        """Every address that was asked for, with its query."""
        self.calls: list[list[str]] = []
        """What each purge named."""
        self.authorizations: set[str] = set()
        self.headers_of: Callable[[str], dict[str, str]] = lambda _: {}
        """Headers that come with a path of the site."""
        self.polls = 2
        """So many times an invalidation is still in progress."""
        self.deaf = False
        """Say that all is purged, and keep everything."""
        self.refusals: list[tuple[int, dict[str, str], bytes]] = []
        """Answers of the API to the next calls, before it does what it is asked."""
        self.invalidations: dict[str, tuple[str, list[str], int]] = {}
        """By id: reference, paths, polls that are left."""
        self._lock = threading.Lock()

    # -- the edge --------------------------------------------------------------------------

    def path(self, address: str) -> str:
        """The path of the site that an address leads to."""
        return unquote(urlsplit(address).path).removeprefix(f"{self.prefix}/")

    def serve(self, address: str) -> bytes | None:
        with self._lock:
            self.asked.append(address)
            if address not in self.kept:
                found = self.read(self.path(address))
                if found is None:
                    return None
                self.kept[address] = found
            return self.kept[address]

    def forget(self, paths: list[str]) -> None:
        """Drop what these paths name: the address as it was asked for, letter by letter, or all that begins with what stands before ``*``."""
        if not self.deaf:
            with self._lock:
                for kept in list(self.kept):
                    if any(kept.startswith(path[:-1]) if path.endswith("*") else kept == path for path in paths):
                        del self.kept[kept]

    # -- CloudFront ------------------------------------------------------------------------

    def create_invalidation(self, distribution: str, body: bytes) -> tuple[int, bytes]:
        if distribution != DISTRIBUTION:
            return 404, _error("NoSuchDistribution", "The specified distribution does not exist.")
        batch = ET.fromstring(body)
        assert batch.tag == f"{{{_XML}}}InvalidationBatch"
        reference = str(batch.findtext(f"{{{_XML}}}CallerReference"))
        paths = [str(item.text) for item in batch.iterfind(f"{{{_XML}}}Paths/{{{_XML}}}Items/{{{_XML}}}Path")]
        assert int(batch.findtext(f"{{{_XML}}}Paths/{{{_XML}}}Quantity") or 0) == len(paths)
        if not all(re.fullmatch(r"/[^~\s*]*\*?", path, re.ASCII) for path in paths):
            return 400, _error("InvalidArgument", "Your request contains one or more invalid invalidation paths.")
        wildcards = sum(path.endswith("*") for path in paths)
        if wildcards > 15 or len(paths) - wildcards > 3000:
            return 400, _error(
                "TooManyInvalidationsInProgress", "Processing your request will cause you to exceed the maximum number of in-progress wildcards."
            )
        for id, (known, named, _) in self.invalidations.items():
            if known == reference:
                return (201, self._invalidation(id)) if named == paths else (400, _error("InvalidationBatchAlreadyExists", "It exists."))
        id = f"I{len(self.invalidations):013}"
        self.calls.append(paths)
        self.invalidations[id] = (reference, paths, self.polls)
        return 201, self._invalidation(id)

    def get_invalidation(self, id: str) -> tuple[int, bytes]:
        if id not in self.invalidations:
            return 404, _error("NoSuchInvalidation", "The specified invalidation does not exist.")
        reference, paths, left = self.invalidations[id]
        self.invalidations[id] = (reference, paths, max(0, left - 1))
        if left == 1:
            self.forget(paths)
        return 200, self._invalidation(id)

    def _invalidation(self, id: str) -> bytes:
        reference, paths, left = self.invalidations[id]
        items = "".join(f"<Path>{path.replace('&', '&amp;')}</Path>" for path in paths)
        return (
            f'<?xml version="1.0"?><Invalidation xmlns="{_XML}"><Id>{id}</Id><Status>{"InProgress" if left else "Completed"}</Status>'
            f"<CreateTime>2026-01-02T12:00:00.000Z</CreateTime><InvalidationBatch><Paths><Quantity>{len(paths)}</Quantity><Items>{items}</Items></Paths>"
            f"<CallerReference>{reference}</CallerReference></InvalidationBatch></Invalidation>"
        ).encode()

    # -- Cloudflare ------------------------------------------------------------------------

    def purge_cache(self, zone: str, authorization: str, body: bytes) -> tuple[int, bytes]:
        if authorization != f"Bearer {TOKEN}":
            return 401, _flare(10000, "Authentication error")
        if zone != ZONE:
            return 404, _flare(7003, "Could not route to the zone")
        files = json.loads(body)["files"]
        if not 1 <= len(files) <= 100:
            return 400, _flare(1094, "Too many files")
        self.calls.append(files)
        self.forget([file.removeprefix(f"{file.split('://')[0]}://{urlsplit(file).netloc}") for file in files])
        return 200, json.dumps({"success": True, "errors": [], "messages": [], "result": {"id": zone}}).encode()

    # -- both ------------------------------------------------------------------------------

    def call(self, method: str, path: str, authorization: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        self.authorizations.add(authorization)
        if self.refusals:
            return self.refusals.pop(0)
        if found := re.fullmatch(r"/2020-05-31/distribution/(\w+)/invalidation(?:/(\w+))?", path):
            assert authorization.startswith("AWS4-HMAC-SHA256 Credential="), authorization
            status, answer = self.create_invalidation(found[1], body) if method == "POST" else self.get_invalidation(str(found[2]))
            return status, {"Content-Type": "text/xml"}, answer
        if found := re.fullmatch(r"/client/v4/zones/(\w+)/purge_cache", path):
            status, answer = self.purge_cache(found[1], authorization, body)
            return status, {"Content-Type": "application/json"}, answer
        return 404, {}, b""


def _error(code: str, message: str) -> bytes:
    inner = f"<Type>Sender</Type><Code>{code}</Code><Message>{message}</Message>"
    return f'<?xml version="1.0"?><ErrorResponse xmlns="{_XML}"><Error>{inner}</Error></ErrorResponse>'.encode()


def _flare(code: int, message: str) -> bytes:
    return json.dumps({"success": False, "errors": [{"code": code, "message": message}], "messages": [], "result": None}).encode()


@contextmanager
def cdn(read: Read, *, prefix: str = "") -> Iterator[tuple[Cdn, str]]:
    """A CDN and its address, without a slash at the end: the edge is below ``prefix`` of it, and both APIs are at ``/api``."""
    made = Cdn(read, prefix=prefix)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """The log is in the Cdn."""

        def do_GET(self) -> None:
            if self.path.startswith("/api/"):
                self._call()
                return
            found = made.serve(self.path)
            self._answer(200 if found is not None else 403, made.headers_of(made.path(self.path)), found or b"AccessDenied")

        do_HEAD = do_GET  # noqa: N815 - the name that http.server looks for

        def do_POST(self) -> None:
            self._call()

        def _call(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self._answer(*made.call(self.command, self.path.removeprefix("/api"), self.headers.get("Authorization", ""), body))

        def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield made, f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
