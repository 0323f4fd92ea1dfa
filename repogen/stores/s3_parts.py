"""Large files in parts, each with its SHA-256.

An upload that a killed run left is found by its key and gone on with: parts that stand there with the right size and checksum are not sent again.
A run that fails aborts its upload. Two runs that send the same file may meet in one upload; whoever finds it spoiled or gone begins another.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from queue import LifoQueue
from threading import Lock
from typing import Any, NamedTuple

from repogen.stores import UnfinishedUpload
from repogen.stores.s3_errors import code_of
from repogen.stores.s3_link import Link
from repogen.stores.s3_service import Repeats, Service

#: Files above this size go in parts, in bytes.
PART_SIZE = 16 * 1024 * 1024
_MOST_PARTS = 9_000
_PARTS_AT_ONCE = 4

#: Of all files together: as many parts are held in memory.
_PARTS_IN_MEMORY = 6

#: How many uploads to begin for one file when others spoil them.
_UPLOADS = 3

#: The upload was finished or aborted by somebody else, or one of its parts replaced.
_SPOILED = {"NoSuchUpload", "InvalidPart"}


class _File(NamedTuple):
    """A file and how it is cut."""

    path: Path
    size: int
    length: int

    @property
    def parts(self) -> int:
        return -(-self.size // self.length)

    def size_of(self, number: int) -> int:
        """Bytes of the part with this number, from 1."""
        return min(self.length, self.size - (number - 1) * self.length)

    def read(self, number: int, into: memoryview) -> None:
        """Fill ``into``, of the part's size, with this part."""
        with self.path.open("rb", buffering=0) as file:
            file.seek((number - 1) * self.length)
            filled = 0
            while filled < len(into):
                count = file.readinto(into[filled:])
                if not count:
                    raise OSError(0, "the file became shorter while it was sent", str(self.path))
                filled += count


class _Buffers:
    """As many as parts may be in memory at once; each is made when it is first needed, and used again."""

    def __init__(self, number: int) -> None:
        self._free: LifoQueue[bytearray] = LifoQueue()
        for _ in range(number):
            self._free.put(bytearray())

    @contextmanager
    def one(self, size: int) -> Iterator[memoryview]:
        """Wait for one that is free."""
        buffer = self._free.get()
        try:
            if len(buffer) < size:
                buffer = bytearray(size)
            yield memoryview(buffer)[:size]
        finally:
            self._free.put(buffer)


class PartUploads:
    """The uploads in parts of one store. Keys are those of the bucket, with the store's prefix."""

    def __init__(self, service: Service, root: str, part_size: int) -> None:
        self.part_size = part_size
        self._service = service
        self._root = root
        self._buffers = _Buffers(_PARTS_IN_MEMORY)
        self._mutex = Lock()
        self._left: dict[str, str] | None = None

    def put(self, key: str, path: Path, about: Mapping[str, Any], condition: Mapping[str, Any], repeats: Repeats) -> str:
        """Send a file and return its ETag. ``repeats`` tells whether the upload was completed twice, so that the first may have worked."""
        size = path.stat().st_size
        file = _File(path, size, max(self.part_size, -(-size // _MOST_PARTS)))
        left = self._take_left(key)
        for again in reversed(range(_UPLOADS)):
            try:
                standing = self._standing(file, key, left) if left else {}
                return self._send(file, {"Key": key, "UploadId": left or self._create(key, about)}, condition, repeats, standing)
            except Exception as error:
                if code_of(error) not in _SPOILED or repeats.any or not again:
                    raise
                left = None
        raise AssertionError("the last upload returns or raises")

    def unfinished(self) -> Iterator[UnfinishedUpload]:
        """Uploads below the store's prefix that were neither completed nor aborted, in order of their keys."""
        marker: dict[str, str] = {}
        while True:
            asked = {"Bucket": self._service.bucket, "Prefix": self._root, **marker}
            page = self._service.ask(partial(_ask, "list_multipart_uploads", asked))
            for one in page.get("Uploads", ()):
                yield UnfinishedUpload(one["Key"].removeprefix(self._root), one["UploadId"], one["Initiated"].timestamp())
            if not page.get("IsTruncated"):
                return
            marker = {"KeyMarker": page["NextKeyMarker"], "UploadIdMarker": page["NextUploadIdMarker"]}

    def abort(self, key: str, upload: str) -> None:
        """End an upload and remove its parts; one that is gone is no error."""
        name = {"Bucket": self._service.bucket, "Key": key, "UploadId": upload}
        try:
            self._service.ask(lambda link: link.client.abort_multipart_upload(**name))
        except Exception as error:
            if code_of(error) not in {*_SPOILED, "404"}:
                raise

    # -- one upload ------------------------------------------------------------------------

    def _create(self, key: str, about: Mapping[str, Any]) -> str:
        name = {"Bucket": self._service.bucket, "Key": key, "ChecksumAlgorithm": "SHA256"}
        return str(self._service.ask(lambda link: link.client.create_multipart_upload(**name, **about))["UploadId"])

    def _send(self, file: _File, upload: dict[str, str], condition: Mapping[str, Any], repeats: Repeats, standing: Mapping[int, Any]) -> str:
        try:
            with ThreadPoolExecutor(_PARTS_AT_ONCE) as pool:
                futures = [pool.submit(self._send_part, file, upload, number, standing.get(number)) for number in range(1, file.parts + 1)]
                try:
                    parts = [future.result() for future in futures]
                except BaseException:
                    pool.shutdown(wait=True, cancel_futures=True)
                    raise
            return self._complete(upload, parts, condition, repeats)
        except BaseException:
            with suppress(Exception):  # what went wrong first is what must be told
                self.abort(upload["Key"], upload["UploadId"])
            raise

    def _send_part(self, file: _File, upload: dict[str, str], number: int, standing: Mapping[str, Any] | None) -> dict[str, Any]:
        with self._buffers.one(file.size_of(number)) as body:
            file.read(number, body)
            digest = hashlib.sha256(body).digest()
            if standing is not None and _is(standing, body, digest):
                etag = standing["ETag"]
            else:
                etag = self._service.ask(lambda link: link.put_part(upload["Key"], upload["UploadId"], number, body, digest))
        return {"PartNumber": number, "ETag": etag, "ChecksumSHA256": base64.b64encode(digest).decode("ascii")}

    def _complete(self, upload: dict[str, str], parts: list[dict[str, Any]], condition: Mapping[str, Any], repeats: Repeats) -> str:
        name = {"Bucket": self._service.bucket, **upload, "MultipartUpload": {"Parts": parts}, **condition}

        return str(self._service.ask(lambda link: link.client.complete_multipart_upload(**name), repeats)["ETag"])

    # -- what a killed run left ------------------------------------------------------------

    def _take_left(self, key: str) -> str | None:
        """Identifier of an upload of this key that was left, for whoever asks first. Credentials that may not list begin anew."""
        with self._mutex:
            if self._left is None:
                self._left = {}
                try:
                    self._left = {f"{self._root}{one.key}": one.identifier for one in self.unfinished()}
                except Exception as error:
                    if code_of(error) not in {"AccessDenied", "403", "NotImplemented", "501", "MethodNotAllowed", "405"}:
                        raise
            return self._left.pop(key, None)

    def _standing(self, file: _File, key: str, upload: str) -> dict[int, Mapping[str, Any]]:
        """Parts of the upload by their number, those of the right size."""
        found: dict[int, Mapping[str, Any]] = {}
        marker = 0
        while True:
            asked = {"Bucket": self._service.bucket, "Key": key, "UploadId": upload, "PartNumberMarker": marker}
            page = self._service.ask(partial(_ask, "list_parts", asked))
            found |= {
                one["PartNumber"]: one for one in page.get("Parts", ()) if one["PartNumber"] <= file.parts and one["Size"] == file.size_of(one["PartNumber"])
            }
            if not page.get("IsTruncated"):
                return found
            marker = page["NextPartNumberMarker"]


def _ask(operation: str, asked: Mapping[str, Any], link: Link) -> Any:
    return getattr(link.client, operation)(**asked)


def _is(standing: Mapping[str, Any], body: memoryview, digest: bytes) -> bool:
    """Whether a part that stands there is this one: by its checksum, and where the service keeps none, by its ETag, which is the MD5 then."""
    if checksum := standing.get("ChecksumSHA256"):
        return bool(checksum == base64.b64encode(digest).decode("ascii"))
    return bool(standing["ETag"].strip('"') == hashlib.md5(body, usedforsecurity=False).hexdigest())
