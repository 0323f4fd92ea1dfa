"""An S3 bucket, or a prefix in one, as a store.

Credentials, region, profile and proxy come as every AWS tool takes them, through botocore's own chain. Every upload carries its SHA-256, which the
service checks. Conditional puts are S3's own (``If-None-Match: *`` and ``If-Match``); when the answer to one was lost, what stands at the key tells
whether it had worked. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, nullcontext
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

from repogen.errors import StoreError
from repogen.paths import check_site_path
from repogen.s3_config import S3Config
from repogen.stores import ConflictError, Listed, Stat, Stored, UnfinishedUpload, UnsupportedError
from repogen.stores.s3_errors import code_of, moment_of, sentences
from repogen.stores.s3_link import Link
from repogen.stores.s3_parts import PART_SIZE, PartUploads
from repogen.stores.s3_retries import Patience
from repogen.stores.s3_service import Repeats, Service

_ABSENT = {"404", "NoSuchKey", "NotFound"}
#: The last is what Ceph says when two conditional puts of a key meet.
_CONFLICT = {"412", "PreconditionFailed", "409", "ConditionalRequestConflict", "ConcurrentModification"}
_UNSUPPORTED = {"501", "NotImplemented"}

#: CopyObject copies at most 5 GB; larger objects are copied in parts.
_TOO_LARGE = {"InvalidRequest", "EntityTooLarge"}
_BLOCK = 1 << 20

#: Clocks agree that differ by less: an answer tells whole seconds and takes its time. A service whose clock is further off than the second would have refused
#: the request, or has none to go by.
_AGREED, _BELIEVED = timedelta(seconds=8), timedelta(minutes=16)
_LOG = logging.getLogger("repogen")
T = TypeVar("T")


class S3Store:
    """``s3://bucket/prefix``. Nothing is asked of the service before the first verb."""

    def __init__(
        self,
        bucket: str,
        prefix: str = "",
        *,
        endpoint_url: str = "",
        part_size: int = PART_SIZE,
        settings: S3Config | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.bucket = bucket
        self.prefix = prefix.strip("/")
        self.address = f"s3://{bucket}/{self.prefix}".rstrip("/")
        self._root = f"{self.prefix}/" if self.prefix else ""
        self._stored_as = _parameters(settings or S3Config())
        self._service = Service(bucket, endpoint_url, patience or Patience.of_environment())
        self._parts = PartUploads(self._service, self._root, part_size)
        self._bucket_seen = False
        self._ahead = timedelta()

    @property
    def endpoint(self) -> str:
        with sentences(self.bucket, self.address):
            return self._service.ask(lambda link: str(link.client.meta.endpoint_url))

    def close(self) -> None:
        """Close the connections; the store may be used again."""
        self._service.close()

    # -- reading ---------------------------------------------------------------------------

    def get(self, key: str) -> Stored | None:
        return self._got(key, lambda link, name: _read(link, name, self._compare_clocks))

    def fetch(self, key: str, target: Path) -> bool:
        return bool(self._got(key, lambda link, name: _write(link, name, target)))

    def _got(self, key: str, read: Callable[[Link, Mapping[str, str]], T]) -> T | None:
        """What is read of an object; None where there is none."""
        name = self._object(key)
        with sentences(self.bucket, self._name(key), action="s3:GetObject"):
            try:
                return self._service.ask(lambda link: read(link, name))
            except Exception as error:
                if code_of(error) not in _ABSENT:
                    raise
                self._compare_clocks(error)
                return None

    def stat(self, key: str) -> Stat | None:
        answer = self._head(key)
        return None if answer is None else Stat(key, answer["ContentLength"], answer["ETag"])

    def age(self, key: str) -> float | None:
        answer = self._head(key)
        if answer is None:
            return None
        now = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
        return max(0.0, float((now - answer["LastModified"]).total_seconds()))

    def clock(self) -> datetime:
        return datetime.now(UTC) - self._ahead

    def _compare_clocks(self, answer: Any) -> None:
        """See by an answer that has just come, or the error that it came as, how far ahead this machine's clock is."""
        told = moment_of(answer)
        ahead = datetime.now(UTC) - told if told else timedelta()
        if not _AGREED < ahead < _BELIEVED:
            ahead = timedelta()
        elif not self._ahead:
            _LOG.warning("the clock of this machine is %.0f seconds ahead of that of %s, which counts", ahead.total_seconds(), self.address)
        self._ahead = ahead

    def holds(self, key: str, *, size: int, sha256: str) -> bool:
        answer = self._head(key)
        if answer is None or answer["ContentLength"] != size:
            return False
        return self._etag_of(key, sha256) is not None

    def list(self, prefix: str) -> Iterator[Listed]:
        asked = {"Bucket": self.bucket, "Prefix": self._root + prefix}
        with sentences(self.bucket, self.address, action="s3:ListBucket"):
            while True:
                page = self._service.ask(partial(_list, asked))
                for item in page.get("Contents", ()):
                    yield Listed(item["Key"].removeprefix(self._root), item["Size"], item["LastModified"].timestamp())
                if not page.get("IsTruncated"):
                    return
                asked["ContinuationToken"] = page["NextContinuationToken"]

    def _head(self, key: str) -> Any:
        name = self._object(key)
        with sentences(self.bucket, self._name(key), action="s3:GetObject"):
            try:
                return self._service.ask(lambda link: link.client.head_object(**name))
            except Exception as error:
                if code_of(error) not in _ABSENT:
                    raise
                self._check_bucket()
                return None

    def _check_bucket(self) -> None:
        """A HEAD answer has no body, so a missing bucket looks like a missing key; ask once which it is."""
        if not self._bucket_seen:
            with sentences(self.bucket, self.address, action="s3:ListBucket", no_bucket=True):
                self._service.ask(lambda link: link.client.head_bucket(Bucket=self.bucket))
            self._bucket_seen = True

    # -- writing ---------------------------------------------------------------------------

    def put(
        self,
        key: str,
        content: bytes | Path,
        *,
        content_type: str,
        cache_control: str,
        if_match: str | None = None,
        create_only: bool = False,
        sha256: str = "",
    ) -> str:
        about = {"ContentType": content_type, "CacheControl": cache_control, **self._stored_as}
        condition = {"IfNoneMatch": "*"} if create_only else {"IfMatch": if_match} if if_match is not None else {}
        repeats = Repeats()
        name = self._object(key)["Key"]
        with sentences(self.bucket, self._name(key), action="s3:PutObject"):
            try:
                return self._send(name, content, about, condition, sha256, repeats)
            except Exception as error:
                code = code_of(error)
                if repeats.any and (code in _CONFLICT or code == "NoSuchUpload") and (etag := self._etag_of(key, sha256 or _digest(content).hex())):
                    return etag
                if condition and (code in _CONFLICT or (if_match is not None and code in _ABSENT)):
                    raise ConflictError(f"{self._name(key)} was changed by somebody else", hint="publish again") from error
                if condition and code in _UNSUPPORTED:
                    raise UnsupportedError(f"{self._name(key)}: the service knows no conditional puts", hint="repogen publishes there by turns") from error
                raise

    def _send(self, name: str, content: bytes | Path, about: Mapping[str, Any], condition: Mapping[str, Any], sha256: str, repeats: Repeats) -> str:
        """Send whole or in parts."""
        if isinstance(content, Path) and content.stat().st_size > self._parts.part_size:
            if "IfNoneMatch" in condition:
                self._refuse_early(name)
            return self._parts.put(name, content, about, condition, repeats)
        digest = bytes.fromhex(sha256) or _digest(content)
        return self._service.ask(lambda link: link.put(name, content, digest, {**about, **condition}), repeats)

    def _refuse_early(self, name: str) -> None:
        """What must not replace an object is not sent or copied to learn in the end that there is one."""
        try:
            self._service.ask(lambda link: link.client.head_object(Bucket=self.bucket, Key=name))
        except Exception as error:
            if code_of(error) not in _ABSENT:
                raise
            return
        raise ConflictError(f"s3://{self.bucket}/{name} was changed by somebody else", hint="publish again")

    def _etag_of(self, key: str, sha256: str) -> str | None:
        """The ETag of what stands at a key when it has this digest."""
        name = self._object(key)
        try:
            found, etag = self._service.ask(lambda link: _read_digest(link, name))
        except Exception as error:
            if code_of(error) in _ABSENT:
                return None
            raise
        return etag if found == sha256 else None

    def copy(self, source: str, target: str, *, content_type: str, cache_control: str) -> None:
        about = {"ContentType": content_type, "CacheControl": cache_control, "MetadataDirective": "REPLACE", "TaggingDirective": "REPLACE", **self._stored_as}
        from_there, to_there = self._object(source), self._object(target)
        with sentences(self.bucket, self._name(source), action="s3:GetObject and s3:PutObject"):
            self._refuse_early(to_there["Key"])  # not every service and SDK knows a condition for copies
            try:
                self._service.ask(lambda link: _copy(link, from_there, to_there, about))
            except Exception as error:
                code = code_of(error)
                if code in _CONFLICT:
                    raise ConflictError(f"{self._name(target)} was changed by somebody else", hint="publish again") from error
                if code not in _ABSENT:
                    raise
                self._check_bucket()
                raise StoreError(f"{self._name(source)} is missing", hint="it was deleted while it was still named by the published state") from error

    def delete(self, key: str) -> None:
        name = self._object(key)
        with sentences(self.bucket, self._name(key), action="s3:DeleteObject"):
            self._service.ask(lambda link: link.client.delete_object(**name))

    def unfinished_uploads(self) -> Iterator[UnfinishedUpload]:
        with sentences(self.bucket, self.address, action="s3:ListBucketMultipartUploads"):
            yield from self._parts.unfinished()

    def abort_upload(self, upload: UnfinishedUpload) -> None:
        with sentences(self.bucket, self._name(upload.key), action="s3:AbortMultipartUpload"):
            self._parts.abort(f"{self._root}{upload.key}", upload.identifier)

    def lock(self) -> AbstractContextManager[bool]:
        return nullcontext(False)

    # -- names -----------------------------------------------------------------------------

    def _object(self, key: str) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": self._root + check_site_path(key)}

    def _name(self, key: str) -> str:
        return f"{self.address}/{key}"


def _parameters(settings: S3Config) -> dict[str, str]:
    """The settings as parameters of PutObject, CreateMultipartUpload and CopyObject."""
    named = {
        "ServerSideEncryption": settings.encryption,
        "SSEKMSKeyId": settings.kms_key,
        "StorageClass": settings.storage_class,
        "Tagging": urlencode(sorted(settings.tags.items())),
    }
    return {name: value for name, value in named.items() if value}


def _read(link: Link, name: Mapping[str, str], begun: Callable[[Any], None]) -> Stored:
    """An object; ``begun`` is told of the answer before its body has come."""
    answer = link.client.get_object(**name)
    begun(answer)
    with closing(answer["Body"]) as body:  # as a context manager of its own it would give the stream that checks nothing
        return Stored(body.read(), answer["ETag"])


def _write(link: Link, name: Mapping[str, str], target: Path) -> bool:
    """Write an object to a file, from its beginning, also when it is asked again."""
    with target.open("wb") as file:
        for block in _blocks(link.client.get_object(**name)):
            file.write(block)
    return True


def _blocks(answer: Any) -> Iterator[bytes]:
    """The bytes of an object that may be too large for the memory."""
    with closing(answer["Body"]) as body:
        yield from iter(lambda: body.read(_BLOCK), b"")


def _read_digest(link: Link, name: Mapping[str, str]) -> tuple[str, str]:
    """SHA-256 and ETag of an object, which may be too large for the memory."""
    answer = link.client.get_object(**name)
    digest = hashlib.sha256()
    for block in _blocks(answer):
        digest.update(block)
    return digest.hexdigest(), answer["ETag"]


def _list(asked: Mapping[str, str], link: Link) -> Any:
    return link.client.list_objects_v2(**asked)


def _copy(link: Link, source: Mapping[str, str], target: Mapping[str, str], about: Mapping[str, str]) -> None:
    """Copy unless the target is there, as far as the SDK knows such a condition and the service takes it."""
    known = link.client.meta.service_model.operation_model("CopyObject").input_shape.members
    for condition in ({"IfNoneMatch": "*"}, {}) if "IfNoneMatch" in known else ({},):
        try:
            link.client.copy_object(CopySource=source, **target, **about, **condition)
        except Exception as error:
            if code_of(error) in _TOO_LARGE:
                break
            if not condition or code_of(error) not in _UNSUPPORTED:
                raise
        else:
            return
    link.client.copy(source, target["Bucket"], target["Key"], ExtraArgs=about)


def _digest(content: bytes | Path) -> bytes:
    if isinstance(content, bytes):
        return hashlib.sha256(content).digest()
    with content.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
