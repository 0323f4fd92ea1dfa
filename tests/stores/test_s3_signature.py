"""Our signatures are those of the SDK's own signer, whatever the request."""

from __future__ import annotations

import hashlib
import string
from datetime import UTC, datetime
from unittest.mock import patch
from urllib.parse import quote

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from hypothesis import given
from hypothesis import strategies as st

from repogen.stores.s3_signature import Signer

_KEY = st.text(string.ascii_letters + string.digits + "._+~-/ ", min_size=1, max_size=60)
_TEXT = st.text(string.ascii_letters + string.digits + " ;=/:,*\"'+-", max_size=60)
_NAMES = st.text(string.ascii_uppercase, min_size=4)
_CREDENTIALS = st.builds(ReadOnlyCredentials, _NAMES, st.text(min_size=1), st.none() | _NAMES)
_MOMENTS = st.integers(1_577_836_800, 2_208_988_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


class _Peer(botocore.auth.S3SigV4Auth):
    """The SDK's signer, told the payload's digest."""

    def payload(self, request: AWSRequest) -> str:
        return str(request.context["digest"])


@given(
    key=_KEY,
    upload=st.none() | st.text(string.ascii_letters + "._-~", min_size=1),
    values=st.lists(_TEXT, min_size=4, max_size=4),
    credentials=_CREDENTIALS,
    moment=_MOMENTS,
)
def test_the_sdk_signs_the_same(key: str, upload: str | None, values: list[str], credentials: ReadOnlyCredentials, moment: datetime) -> None:
    path, query = f"/bucket/{quote(key, safe='/~')}", f"partNumber=7&uploadId={quote(upload, safe='-_.~')}" if upload else ""
    headers = dict(zip(("Content-Type", "Cache-Control", "If-None-Match", "x-amz-tagging"), values, strict=True))
    digest = hashlib.sha256(key.encode()).hexdigest()
    signer = Signer("eu-west-3")
    for _ in range(2):  # the second time with the key that was kept
        ours = signer.signed("PUT", path, query, {**headers, "Host": "s3.example:9000"}, digest, credentials, moment.timestamp())
    request = AWSRequest("PUT", f"http://s3.example:9000{path}{'?' if query else ''}{query}", headers=headers)
    request.context["digest"] = digest
    with patch.object(botocore.auth, "get_current_datetime", lambda: moment):
        _Peer(credentials, "s3", "eu-west-3").add_auth(request)
    assert ours["Authorization"] == request.headers["Authorization"]
    assert ours["x-amz-date"] == request.headers["X-Amz-Date"]
    assert ours.get("x-amz-security-token") == request.headers.get("X-Amz-Security-Token")


def test_the_key_of_a_day_is_not_that_of_another() -> None:
    signer = Signer("us-east-1")
    one, two = ReadOnlyCredentials("A", "one", None), ReadOnlyCredentials("A", "two", None)
    asked = [(one, 0.0), (one, 86400.0), (two, 86400.0), (one, 0.0)]
    told = [signer.signed("PUT", "/x", "", {"Host": "h"}, "", credentials, seconds)["Authorization"] for credentials, seconds in asked]
    assert len(set(told)) == 3
    assert told[0] == told[3]
