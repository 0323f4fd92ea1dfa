"""What moto does not check and Ceph's gateway does: signatures, and writes that meet. Under `make test-rgw` only."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from repogen.errors import StoreError
from repogen.stores import ConflictError
from repogen.stores.s3 import S3Store
from tests.support.bucket import PublicBucket
from tests.support.packages import make_deb
from tests.support.site import Project

pytestmark = pytest.mark.rgw

ABOUT = {"content_type": "text/plain", "cache_control": "no-cache"}
SECRET = "another-secret-than-the-gateway-knows"
VERBS: dict[str, Callable[[S3Store], object]] = {
    "get": lambda store: store.get("a"),
    "stat": lambda store: store.stat("a"),
    "put": lambda store: store.put("a", b"x", **ABOUT),
    "copy": lambda store: store.copy("a", "b", **ABOUT),
    "delete": lambda store: store.delete("a"),
    "list": lambda store: list(store.list("")),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("variable", ["AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"])
def test_wrong_credentials_are_refused(s3_bucket: str, s3_client: Any, monkeypatch: pytest.MonkeyPatch, variable: str, verb: str) -> None:
    s3_client.put_object(Bucket=s3_bucket, Key="a", Body=b"there")
    monkeypatch.setenv(variable, SECRET)
    store = S3Store(s3_bucket)
    with pytest.raises(StoreError) as caught:
        VERBS[verb](store)
    store.close()
    said = f"{caught.value} {caught.value.hint}"
    # The answer to a HEAD, with which a copy begins, has no body, so it cannot tell why.
    assert "access is denied" in said or ("AWS_SECRET_ACCESS_KEY" in said and "does not know these credentials" in said)
    assert verb in {"stat", "copy"} or "does not know these credentials" in said
    assert SECRET not in said
    assert s3_client.get_object(Bucket=s3_bucket, Key="a")["Body"].read() == b"there"


def test_publishing_with_a_wrong_secret_is_one_sentence(tmp_path: Path, s3_bucket: str, s3_client: Any) -> None:
    project = Project(tmp_path / "acme", to=f"s3://{s3_bucket}")
    project.add(make_deb(tmp_path))
    project.build()
    project.environment["AWS_SECRET_ACCESS_KEY"] = SECRET
    said = project.publish(code=1).stderr
    sentences = [line for line in said.splitlines() if line.startswith("repogen:")]
    assert len(sentences) == 1
    assert "the service does not know these credentials" in sentences[0]
    assert "hint: look at AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY" in said
    assert SECRET not in said
    assert s3_client.list_objects_v2(Bucket=s3_bucket)["KeyCount"] == 0


def test_of_several_large_files_under_a_new_key_one_wins(s3_bucket: str, s3_client: Any, tmp_path: Path) -> None:
    """The condition of a file in parts is that of its completion."""
    store = S3Store(s3_bucket, part_size=5 * 1024 * 1024)

    def won(number: int) -> bool:
        source = tmp_path / str(number)
        source.write_bytes(bytes([number]) * 6 * 1024 * 1024)
        try:
            store.put("large", source, create_only=True, **ABOUT)
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(won, range(4)))
    assert sorted(outcomes) == [False, False, False, True]
    assert s3_client.get_object(Bucket=s3_bucket, Key="large")["Body"].read(3) == bytes([outcomes.index(True)]) * 3
    assert "Uploads" not in s3_client.list_multipart_uploads(Bucket=s3_bucket)
    store.close()


def test_ranges_of_what_was_put_in_parts(s3_bucket: str, s3_client: Any, tmp_path: Path) -> None:
    """dnf, zsync and updaters fetch pieces of a file."""
    content = b"".join(number.to_bytes(8, "big") for number in range(1_500_000))
    source = tmp_path / "large.bin"
    source.write_bytes(content)
    store = S3Store(s3_bucket, part_size=5 * 1024 * 1024)
    store.put("large.bin", source, **ABOUT)
    store.close()
    url = PublicBucket(s3_client, s3_bucket, tmp_path).url
    for first, last in ((0, 9), (5 * 1024 * 1024 - 4, 5 * 1024 * 1024 + 3), (11_999_990, 11_999_999)):
        with urlopen(Request(f"{url}/large.bin", headers={"Range": f"bytes={first}-{last}"})) as answer:
            assert answer.status == 206
            assert answer.read() == content[first : last + 1]


def test_more_parts_than_a_file_has_are_done_away_with(s3_bucket: str, s3_client: Any, tmp_path: Path) -> None:
    """Left of another file under the same key. Ceph completes no upload that has more parts than are named."""
    upload = s3_client.create_multipart_upload(Bucket=s3_bucket, Key="large")["UploadId"]
    for number in (1, 7):
        s3_client.upload_part(Bucket=s3_bucket, Key="large", UploadId=upload, PartNumber=number, Body=b"another file")
    source = tmp_path / "large"
    source.write_bytes(bytes(range(256)) * 24 * 1024)
    store = S3Store(s3_bucket, part_size=5 * 1024 * 1024)
    store.put("large", source, **ABOUT)
    assert s3_client.get_object(Bucket=s3_bucket, Key="large")["Body"].read() == source.read_bytes()
    assert list(store.unfinished_uploads()) == []
    store.close()
