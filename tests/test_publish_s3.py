"""The two commands over a real connection to an S3 service."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.packages import make_deb, make_rpm
from tests.support.s3_proxy import Proxy, standing_before
from tests.support.site import DATE, Project

TARGETS = [{"releasever": "9"}, {"releasever": "10"}]


def project(tmp_path: Path, bucket: str, prefix: str = "tools") -> Project:
    return Project(tmp_path / "acme", to=f"s3://{bucket}/{prefix}", url=f"https://dl.acme.example/{prefix}")


def listing(client: Any, bucket: str) -> dict[str, tuple[str, str]]:
    """Key -> (etag, time of the last write)."""
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {item["Key"]: (item["ETag"], item["LastModified"].isoformat()) for page in pages for item in page.get("Contents", [])}


def text(client: Any, bucket: str, key: str) -> str:
    return str(client.get_object(Bucket=bucket, Key=key)["Body"].read().decode())


def test_types_and_caching_of_what_is_published(tmp_path: Path, s3_client: Any, s3_bucket: str) -> None:
    made = project(tmp_path, s3_bucket)
    made.release(make_deb(tmp_path, version="1.0.0+1"), make_rpm(tmp_path), date=DATE)
    heads = {key: s3_client.head_object(Bucket=s3_bucket, Key=key) for key in listing(s3_client, s3_bucket)}
    pool = heads["tools/apt/pool/main/h/hello/hello_1.0.0+1_amd64.deb"]
    assert pool["ContentType"] == "application/vnd.debian.binary-package"
    assert "immutable" in pool["CacheControl"]
    for entry in ("apt/dists/stable/InRelease", "yum/stable/repodata/repomd.xml", "index.html", "acme.sources"):
        assert "must-revalidate" in heads[f"tools/{entry}"]["CacheControl"], entry
    assert heads["tools/index.html"]["ContentType"].startswith("text/html")
    assert heads["tools/apt/dists/stable/InRelease"]["ContentType"].startswith("text/plain")
    gzipped = heads["tools/apt/dists/stable/main/binary-amd64/Packages.gz"]
    assert gzipped["ContentType"] == "application/gzip"
    assert not gzipped.get("ContentEncoding")


def test_a_second_publish_writes_nothing(tmp_path: Path, s3_client: Any, s3_bucket: str) -> None:
    made = project(tmp_path, s3_bucket)
    made.release(make_deb(tmp_path))
    before = listing(s3_client, s3_bucket)
    assert "up to date" in made.publish().stderr
    made.build()
    assert "up to date" in made.publish().stderr
    assert listing(s3_client, s3_bucket) == before


def test_an_empty_machine_keeps_every_published_version(tmp_path: Path, s3_client: Any, s3_bucket: str) -> None:
    made = project(tmp_path, s3_bucket)
    made.release(make_deb(tmp_path / "1"), make_rpm(tmp_path / "1"), date=DATE)
    before = listing(s3_client, s3_bucket)
    made.empty()
    made.release(make_deb(tmp_path / "2", version="1.1.0"), make_rpm(tmp_path / "2", version="1.1.0"))
    after = listing(s3_client, s3_bucket)
    payload = [key for key in before if "/pool/" in key or "/Packages/" in key or "/objects/" in key]
    assert payload
    assert {key: after[key] for key in payload} == {key: before[key] for key in payload}
    index = text(s3_client, s3_bucket, "tools/apt/dists/stable/main/binary-amd64/Packages")
    assert "Version: 1.0.0" in index
    assert "Version: 1.1.0" in index


def test_a_file_that_is_there_already_is_copied_by_the_service(tmp_path: Path, s3_server: str, s3_bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Built into one more channel, or for several yum repositories at once, it is sent no second time."""
    made = project(tmp_path, s3_bucket)
    made.configure(url="https://dl.acme.example/tools", to=f"s3://{s3_bucket}/tools", yum={"path": "el{releasever}"}, **{"yum.target": TARGETS})
    noise = "head -c 90000 /dev/urandom > %{buildroot}/usr/share/noise"
    made.add(make_rpm(tmp_path, architecture="noarch", install=f"mkdir -p %{{buildroot}}/usr/share\n{noise}", files="/usr/share/noise"))
    with standing_before(s3_server) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        made.build()
        made.publish()
        assert [source.rpartition("/")[2] for source in copies(proxy)] == ["hello-1.0.0-1.noarch.rpm"] * 2
        proxy.requests.clear()
        made.build("--channel", "beta")
        made.publish()
        assert len(copies(proxy)) == 3
        assert not [request.key for request in proxy.requests if request.operation == "PutObject" and request.key.endswith(".rpm")]


def copies(proxy: Proxy) -> list[str]:
    """What the service was asked to copy."""
    return [request.headers["x-amz-copy-source"] for request in proxy.requests if request.operation == "CopyObject"]


def test_two_publishers_upon_the_same_state(tmp_path: Path, s3_client: Any, s3_bucket: str) -> None:
    first, second = (Project(tmp_path / name, to=f"s3://{s3_bucket}") for name in ("first", "second"))
    first.add(make_deb(tmp_path / "1"))
    second.add(make_deb(tmp_path / "2", version="1.1.0"))
    first.build()
    second.build()
    first.publish()
    second.publish()
    index = text(s3_client, s3_bucket, "apt/dists/stable/main/binary-amd64/Packages")
    assert "Version: 1.0.0" in index
    assert "Version: 1.1.0" in index


def test_changed_bytes_under_a_published_name(tmp_path: Path, s3_client: Any, s3_bucket: str) -> None:
    made = project(tmp_path, s3_bucket)
    made.release(make_deb(tmp_path / "1"))
    before = listing(s3_client, s3_bucket)
    made.add(make_deb(tmp_path / "2", description="other"))
    assert "hello_1.0.0_amd64.deb" in made.build(code=3).stderr
    assert listing(s3_client, s3_bucket) == before


@pytest.mark.usefixtures("s3_environment")
def test_a_bucket_that_does_not_exist(tmp_path: Path) -> None:
    made = project(tmp_path, "no-such-bucket")
    made.add(make_deb(tmp_path))
    done = made.build(code=1)
    assert "no-such-bucket" in done.stderr
    assert "hint: " in done.stderr
    assert not made.output.exists() or not (made.output / "index.html").exists()
