"""Large files in parts: a killed run's upload is gone on with, and none is left behind."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import Any

import pytest

from repogen.errors import StoreError
from repogen.stores import ConflictError, UnfinishedUpload
from repogen.stores.local import LocalStore
from repogen.stores.memory import MemoryStore
from repogen.stores.s3 import S3Store
from repogen.stores.s3_retries import Patience
from tests.support.s3_proxy import Answer, Forward, Proxy, Request, refusal

ABOUT = {"content_type": "application/octet-stream", "cache_control": "immutable"}
PART = 5 * 1024 * 1024

_PUT = """
import sys
from pathlib import Path
from repogen.stores.s3 import S3Store
path = Path(sys.argv[2])
before = Path("/proc/self/io").read_text()
S3Store(sys.argv[1], "site", part_size=5 * 1024 * 1024).put("large.bin", path, content_type="x/y", cache_control="z", create_only=True)
read = [int(text.split()[1]) for text in (before, Path("/proc/self/io").read_text())]
print(read[1] - read[0])
"""


@pytest.fixture
def store(s3_bucket: str, proxy: Proxy) -> Iterator[S3Store]:
    made = _store(s3_bucket)
    yield made
    made.close()


def _store(bucket: str) -> S3Store:
    return S3Store(bucket, "site", part_size=PART, patience=Patience(attempts=3, sleep=lambda _: None))


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A file of four parts, of which the last is shorter."""
    path = tmp_path / "large.bin"
    path.write_bytes(b"".join(number.to_bytes(8, "big") for number in range(2_200_000)))
    return path


def _parts(proxy: Proxy) -> list[int]:
    """Numbers of the parts that were sent since the last look."""
    found = sorted(int(request.query["partNumber"][0]) for request in proxy.requests if request.operation == "UploadPart")
    proxy.requests.clear()
    return found


def _standing(s3_client: Any, store: S3Store) -> bytes:
    return bytes(s3_client.get_object(Bucket=store.bucket, Key="site/large.bin")["Body"].read())


def _stuck(proxy: Proxy, part: int) -> None:
    """Answer this part never; the service does not see it."""

    def never(request: Request, forward: Forward) -> Answer:
        if request.query["partNumber"] == [str(part)]:
            time.sleep(20)
        return forward(request)

    proxy.inject(never, "UploadPart", times=99)


def test_a_killed_upload_is_gone_on_with(store: S3Store, proxy: Proxy, s3_client: Any, large: Path) -> None:
    _kill_while_sending(proxy, store.bucket, large, part=3)
    left = list(store.unfinished_uploads())
    assert [one.key for one in left] == ["large.bin"]
    store.put("large.bin", large, create_only=True, **ABOUT)
    assert _parts(proxy) == [3], "the other parts stood there"
    assert _standing(s3_client, store) == large.read_bytes()
    assert list(store.unfinished_uploads()) == []


def _kill_while_sending(proxy: Proxy, bucket: str, path: Path, part: int) -> None:
    """SIGKILL for a process that puts the file, when all parts have arrived but one that is stuck."""
    _stuck(proxy, part)
    with subprocess.Popen([sys.executable, "-c", _PUT, bucket, path]) as process:
        for _ in range(600):
            if sum(request.operation == "UploadPart" for request in proxy.answered) == 3:
                break
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    proxy.rules.clear()
    proxy.requests.clear()


@pytest.mark.moto  # Ceph does not complete an upload that has more parts than are named: tests/stores/test_s3_gateway.py
def test_what_was_left_of_another_file_is_not_taken_for_this_one(store: S3Store, proxy: Proxy, s3_client: Any, large: Path) -> None:
    upload = s3_client.create_multipart_upload(Bucket=store.bucket, Key="site/large.bin")["UploadId"]
    content = large.read_bytes()
    bodies = {1: content[:PART], 2: b"x" * PART, 3: b"too short", 7: b"beyond the end"}
    for number, body in bodies.items():
        s3_client.upload_part(Bucket=store.bucket, Key="site/large.bin", UploadId=upload, PartNumber=number, Body=body)
    store.put("large.bin", large, **ABOUT)
    assert 1 not in _parts(proxy)
    assert _standing(s3_client, store) == content
    assert list(store.unfinished_uploads()) == []


def test_credentials_that_may_not_list_uploads_begin_anew(store: S3Store, proxy: Proxy, s3_client: Any, large: Path) -> None:
    s3_client.create_multipart_upload(Bucket=store.bucket, Key="site/large.bin")
    proxy.inject(refusal(403, "AccessDenied"), "ListMultipartUploads", times=99)
    store.put("large.bin", large, **ABOUT)
    assert _parts(proxy) == [1, 2, 3, 4]
    assert _standing(s3_client, store) == large.read_bytes()


@pytest.mark.parametrize("ended", ["abort", pytest.param("complete", marks=pytest.mark.moto)])  # the same
def test_an_upload_that_another_run_ends_is_begun_again(store: S3Store, proxy: Proxy, s3_client: Any, large: Path, ended: str) -> None:
    gone: set[str] = set()
    turn = Lock()  # moto is not made for a part that comes while the upload is completed

    def another_run(request: Request, forward: Forward) -> Answer:
        with turn:
            answer = forward(request)
            gone.add(request.query["uploadId"][0])
            name = {"Bucket": request.bucket, "Key": request.key, "UploadId": request.query["uploadId"][0]}
            if ended == "abort":
                s3_client.abort_multipart_upload(**name)
            else:
                part = {"PartNumber": int(request.query["partNumber"][0]), "ETag": answer.headers["ETag"]}
                s3_client.complete_multipart_upload(**name, MultipartUpload={"Parts": [part]})
            return answer

    def known(request: Request, forward: Forward) -> Answer:
        """As S3 answers; moto has no word for it."""
        with turn:
            return refusal(404, "NoSuchUpload")(request, forward) if request.query["uploadId"][0] in gone else forward(request)

    proxy.inject(another_run, "UploadPart")
    proxy.inject(known, "UploadPart|CompleteMultipartUpload|AbortMultipartUpload", times=99)
    store.put("large.bin", large, **ABOUT)
    assert _standing(s3_client, store) == large.read_bytes()
    assert list(store.unfinished_uploads()) == []


@pytest.mark.parametrize("operation", ["UploadPart", "CompleteMultipartUpload"])
def test_nothing_is_left_of_an_upload_that_failed(store: S3Store, proxy: Proxy, large: Path, operation: str) -> None:
    proxy.inject(refusal(403, "AccessDenied"), operation, times=99)
    with pytest.raises(StoreError, match="access is denied"):
        store.put("large.bin", large, **ABOUT)
    proxy.rules.clear()
    assert list(store.unfinished_uploads()) == []
    assert store.stat("large.bin") is None


def test_a_large_file_that_is_there_is_not_sent(store: S3Store, proxy: Proxy, large: Path) -> None:
    store.put("large.bin", b"there", **ABOUT)
    proxy.requests.clear()
    with pytest.raises(ConflictError):
        store.put("large.bin", large, create_only=True, **ABOUT)
    assert proxy.operations() == ["HeadObject"]


def test_a_large_file_is_read_once(store: S3Store, large: Path) -> None:
    script = [sys.executable, "-c", _PUT, store.bucket, str(large)]
    done = subprocess.run(script, capture_output=True, text=True, check=True, env={**os.environ, "AWS_MAX_ATTEMPTS": "2"})
    size = large.stat().st_size
    assert size <= int(done.stdout) < size + 12_000_000, "the file, and what the SDK reads to begin with"


def test_unfinished_uploads_are_listed_and_aborted(store: S3Store, proxy: Proxy, s3_client: Any) -> None:
    for key in ("site/b", "site/a", "elsewhere", "site/a", "site2/c"):
        s3_client.create_multipart_upload(Bucket=store.bucket, Key=key)
    found = list(store.unfinished_uploads())
    assert sorted(one.key for one in found) == ["a", "a", "b"]
    for one in [*found, found[0]]:
        store.abort_upload(one)
    assert list(store.unfinished_uploads()) == []
    assert len(s3_client.list_multipart_uploads(Bucket=store.bucket)["Uploads"]) == 2


def test_uploads_of_several_pages(store: S3Store, proxy: Proxy) -> None:
    head = '<ListMultipartUploadsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    upload = "<Upload><Key>site/{0}</Key><UploadId>u{0}</UploadId><Initiated>2026-01-02T12:00:00.000Z</Initiated></Upload>"

    def page(request: Request, _: Forward) -> Answer:
        first = "key-marker" not in request.query
        more = "<IsTruncated>true</IsTruncated><NextKeyMarker>site/1</NextKeyMarker><NextUploadIdMarker>u1</NextUploadIdMarker>" if first else ""
        return Answer(200, {"Content-Type": "application/xml"}, (head + more + upload.format(1 if first else 2) + "</ListMultipartUploadsResult>").encode())

    proxy.inject(page, "ListMultipartUploads", times=9)
    assert list(store.unfinished_uploads()) == [UnfinishedUpload("1", "u1", 1767355200.0), UnfinishedUpload("2", "u2", 1767355200.0)]
    assert proxy.requests[-1].query["upload-id-marker"] == ["u1"]


def test_other_stores_leave_nothing(tmp_path: Path) -> None:
    for store in (LocalStore(tmp_path), MemoryStore()):
        assert list(store.unfinished_uploads()) == []
        store.abort_upload(UnfinishedUpload("a", "b", 0.0))


def test_holds_tells_files_apart(store: S3Store, large: Path) -> None:
    store.put("large.bin", large, **ABOUT)
    size, digest = large.stat().st_size, hashlib.sha256(large.read_bytes()).hexdigest()
    assert store.holds("large.bin", size=size, sha256=digest)
    assert not store.holds("large.bin", size=size + 1, sha256=digest)
    assert not store.holds("large.bin", size=size, sha256="0" * 64)
    assert not store.holds("absent", size=size, sha256=digest)
