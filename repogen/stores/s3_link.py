"""What one set of credentials opens: the SDK's client for control, and kept connections for objects and parts where these can send them."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import quote

from repogen.stores.s3_errors import code_of
from repogen.stores.s3_pattern import pattern_of
from repogen.stores.s3_retries import Patience
from repogen.stores.s3_wire import HEADERS, Wire

_CONNECTIONS = 32

#: The bucket is in another region: the SDK looks up which, and follows.
_ELSEWHERE = {"PermanentRedirect", "TemporaryRedirect", "301", "307", "400", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"}


class Link:
    """Opened at once, so that credentials and endpoint are looked for now. May be used by several threads."""

    def __init__(self, bucket: str, endpoint_url: str, patience: Patience) -> None:
        import boto3
        from botocore.config import Config

        self._bucket = bucket
        self._patience = patience
        self._mutex = Lock()
        self._session = boto3.session.Session()
        config = Config(
            max_pool_connections=_CONNECTIONS,
            retries={"mode": "standard", "total_max_attempts": 1},  # `Patience` asks again
            connect_timeout=patience.connect_timeout,
            read_timeout=patience.read_timeout,
            user_agent_extra="repogen",
        )
        self.client: Any = self._session.client("s3", endpoint_url=endpoint_url or None, config=config)
        self._only_client = False

    @cached_property
    def keys(self) -> tuple[str, str | None]:
        """What tells these credentials from others. Empty where there are none."""
        found = self._session.get_credentials()
        frozen = found.get_frozen_credentials() if found else None
        return (frozen.access_key or "", frozen.token) if frozen else ("", None)

    def put(self, key: str, content: bytes | Path, digest: bytes, parameters: Mapping[str, Any]) -> str:
        """PutObject; returns the ETag. ``digest`` is the content's SHA-256."""
        return self._send("put_object", key, content, digest, parameters, "")

    def put_part(self, key: str, upload: str, number: int, content: memoryview, digest: bytes) -> str:
        """UploadPart; returns the ETag. ``number`` counts from 1."""
        query = f"partNumber={number}&uploadId={quote(upload, safe='-_.~')}"
        return self._send("upload_part", key, content, digest, {"PartNumber": number, "UploadId": upload}, query)

    def close(self) -> None:
        """Close all connections."""
        self.client.close()
        if wire := self.__dict__.get("_made_wire"):
            wire.close()

    def _send(self, operation: str, key: str, content: bytes | memoryview | Path, digest: bytes, parameters: Mapping[str, Any], query: str) -> str:
        summed = {**parameters, "ChecksumAlgorithm": "SHA256", "ChecksumSHA256": base64.b64encode(digest).decode("ascii")}
        if wire := self._wire():
            try:
                headers = {HEADERS[name]: value for name, value in summed.items() if name in HEADERS}
                return _etag(wire.put(key, content, digest.hex(), headers, query), summed["ChecksumSHA256"])
            except Exception as error:
                if code_of(error) not in _ELSEWHERE:
                    raise
                self._only_client = True
        call = getattr(self.client, operation)
        if not isinstance(content, Path):
            return str(call(Bucket=self._bucket, Key=key, Body=bytes(content), **summed)["ETag"])
        with content.open("rb") as file:
            return str(call(Bucket=self._bucket, Key=key, Body=file, **summed)["ETag"])

    def _wire(self) -> Wire | None:
        with self._mutex:
            return None if self._only_client else self._made_wire

    @cached_property
    def _made_wire(self) -> Wire | None:
        pattern = pattern_of(self.client, self._bucket)
        certificates = self._session._session.get_config_variable("ca_bundle")  # noqa: SLF001 - boto3 has no other way to its botocore session
        return Wire(pattern, self._session.get_credentials(), self._patience, certificates) if pattern else None


def _etag(answer: Mapping[str, str], checksum: str) -> str:
    """The ETag of an answer that can be believed."""
    from botocore.exceptions import FlexibleChecksumError

    if "etag" not in answer:
        raise FlexibleChecksumError(error_msg="the answer to a put names no ETag")
    if answer.get("x-amz-checksum-sha256", checksum) != checksum:
        raise FlexibleChecksumError(error_msg="the service has another checksum")
    return answer["etag"]
