"""An S3 bucket, or a prefix in one, as a store.

Credentials, region, profile and proxy come as every AWS tool takes them, through botocore's own chain. Every upload carries
its SHA-256, which the service checks. Conditional puts are S3's own (``If-None-Match: *`` and ``If-Match``).
https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO

from repogen.errors import StoreError
from repogen.paths import check_site_path
from repogen.stores import ConflictError, Listed, Stat, Stored
from repogen.stores.s3_errors import code_of, sentences

_CONNECTIONS = 32
_ATTEMPTS = 6

#: Files above this size go in parts, which are sent and retried one by one.
PART_SIZE = 16 * 1024 * 1024
_MOST_PARTS = 9_000
_PARTS_AT_ONCE = 4

_ABSENT = {"404", "NoSuchKey", "NotFound"}
_CONFLICT = {"412", "PreconditionFailed", "409", "ConditionalRequestConflict"}


class S3Store:
    """``s3://bucket/prefix``. Nothing is asked of the service before the first verb."""

    def __init__(self, bucket: str, prefix: str = "", *, endpoint_url: str = "", part_size: int = PART_SIZE) -> None:
        self.bucket = bucket
        self.prefix = prefix.strip("/")
        self.address = f"s3://{bucket}/{self.prefix}".rstrip("/")
        self._endpoint_url = endpoint_url
        self._part_size = part_size
        self._mutex = Lock()
        self._bucket_seen = False

    @property
    def _client(self) -> Any:
        with self._mutex:
            return self._made_client

    @cached_property
    def _made_client(self) -> Any:
        import boto3
        from botocore.config import Config

        config = Config(
            max_pool_connections=_CONNECTIONS,
            retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
            connect_timeout=10,
            read_timeout=60,
            user_agent_extra="repogen",
        )
        with sentences(self.bucket, self.address):
            return boto3.session.Session().client("s3", endpoint_url=self._endpoint_url or None, config=config)

    def close(self) -> None:
        """Close the connections; the store may be used again."""
        if "_made_client" in self.__dict__:
            self._made_client.close()

    # -- reading ---------------------------------------------------------------------------

    def get(self, key: str) -> Stored | None:
        with sentences(self.bucket, self._name(key), action="s3:GetObject"):
            try:
                answer = self._client.get_object(Bucket=self.bucket, Key=self._key(key))
                with answer["Body"] as body:
                    return Stored(body.read(), answer["ETag"])
            except Exception as error:
                if code_of(error) in _ABSENT:
                    return None
                raise

    def stat(self, key: str) -> Stat | None:
        with sentences(self.bucket, self._name(key), action="s3:GetObject"):
            try:
                answer = self._client.head_object(Bucket=self.bucket, Key=self._key(key))
            except Exception as error:
                if code_of(error) not in _ABSENT:
                    raise
                self._check_bucket()
                return None
        return Stat(key, answer["ContentLength"], answer["ETag"])

    def list(self, prefix: str) -> Iterator[Listed]:
        root = f"{self.prefix}/" if self.prefix else ""
        with sentences(self.bucket, self.address, action="s3:ListBucket"):
            for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=root + prefix):
                for item in page.get("Contents", ()):
                    yield Listed(item["Key"].removeprefix(root), item["Size"], item["LastModified"].timestamp())

    def _check_bucket(self) -> None:
        """A HEAD answer has no body, so a missing bucket looks like a missing key; ask once which it is."""
        if not self._bucket_seen:
            with sentences(self.bucket, self.address, action="s3:ListBucket", no_bucket=True):
                self._client.head_bucket(Bucket=self.bucket)
            self._bucket_seen = True

    # -- writing ---------------------------------------------------------------------------

    def put(self, key: str, content: bytes | Path, *, content_type: str, cache_control: str, if_match: str | None = None, create_only: bool = False) -> str:
        name = {"Bucket": self.bucket, "Key": self._key(key)}
        about = {"ContentType": content_type, "CacheControl": cache_control}
        condition = {"IfNoneMatch": "*"} if create_only else {"IfMatch": if_match} if if_match is not None else {}
        with sentences(self.bucket, self._name(key), action="s3:PutObject"):
            try:
                return self._send(content, name, about, condition)
            except Exception as error:
                code = code_of(error)
                if condition and (code in _CONFLICT or (if_match is not None and code in _ABSENT)):
                    raise ConflictError(f"{self._name(key)} was changed by somebody else", hint="publish again") from error
                raise

    def _send(self, content: bytes | Path, name: dict[str, str], about: dict[str, str], condition: dict[str, Any]) -> str:
        if isinstance(content, bytes):
            digest = _base64(hashlib.sha256(content))
            return str(self._client.put_object(Body=content, ChecksumSHA256=digest, **name, **about, **condition)["ETag"])
        if content.stat().st_size > self._part_size:
            return self._send_parts(content, name, about, condition)
        with content.open("rb") as file:
            digest = _base64(hashlib.file_digest(file, "sha256"))
            file.seek(0)
            return str(self._client.put_object(Body=file, ChecksumSHA256=digest, **name, **about, **condition)["ETag"])

    def _send_parts(self, path: Path, name: dict[str, str], about: dict[str, str], condition: dict[str, Any]) -> str:
        from concurrent.futures import ThreadPoolExecutor

        size = path.stat().st_size
        length = max(self._part_size, -(-size // _MOST_PARTS))
        upload = {**name, "UploadId": self._client.create_multipart_upload(ChecksumAlgorithm="SHA256", **name, **about)["UploadId"]}
        try:
            with ThreadPoolExecutor(_PARTS_AT_ONCE) as pool:
                parts = list(pool.map(lambda number: self._send_part(path, upload, number, length), range(-(-size // length))))
            return str(self._client.complete_multipart_upload(MultipartUpload={"Parts": parts}, **upload, **condition)["ETag"])
        except BaseException:
            with suppress(Exception):  # what went wrong first is what must be told
                self._client.abort_multipart_upload(**upload)
            raise

    def _send_part(self, path: Path, upload: dict[str, str], number: int, length: int) -> dict[str, Any]:
        with path.open("rb") as file:
            body = _read_at(file, number * length, length)
        digest = _base64(hashlib.sha256(body))
        answer = self._client.upload_part(Body=body, PartNumber=number + 1, ChecksumSHA256=digest, **upload)
        return {"PartNumber": number + 1, "ETag": answer["ETag"], "ChecksumSHA256": digest}

    def copy(self, source: str, target: str, *, content_type: str, cache_control: str) -> None:
        about = {"ContentType": content_type, "CacheControl": cache_control, "MetadataDirective": "REPLACE"}
        with sentences(self.bucket, self._name(source), action="s3:GetObject and s3:PutObject"):
            try:
                # boto3's own copy goes in parts above 5 GB, where CopyObject ends.
                self._client.copy({"Bucket": self.bucket, "Key": self._key(source)}, self.bucket, self._key(target), ExtraArgs=about)
            except Exception as error:
                if code_of(error) not in _ABSENT:
                    raise
                self._check_bucket()
                raise StoreError(f"{self._name(source)} is missing", hint="it was deleted while it was still named by the published state") from error

    def delete(self, key: str) -> None:
        with sentences(self.bucket, self._name(key), action="s3:DeleteObject"):
            self._client.delete_object(Bucket=self.bucket, Key=self._key(key))

    def lock(self) -> AbstractContextManager[None]:
        return nullcontext()

    # -- names -----------------------------------------------------------------------------

    def _key(self, key: str) -> str:
        return f"{self.prefix}/{check_site_path(key)}" if self.prefix else check_site_path(key)

    def _name(self, key: str) -> str:
        return f"{self.address}/{key}"


def _base64(digest: Any) -> str:
    return base64.b64encode(digest.digest()).decode("ascii")


def _read_at(file: BinaryIO, offset: int, length: int) -> bytes:
    file.seek(offset)
    return file.read(length)
