"""How the SDK would send an object of a bucket, found out once and followed for all others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit


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
