"""The smallest IAM policy, as docs/publishing.md has it: enough for every command, with nothing in it that none of them needs."""

from __future__ import annotations

import fnmatch
import json
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from repogen.config import load
from repogen.prune import prune
from repogen.stores.s3 import S3Store
from tests.support.packages import make_deb, make_rpm, make_zip
from tests.support.programs import pe
from tests.support.s3_proxy import Answer, Forward, Proxy, Request, Rule, refusal
from tests.support.site import Project

PAGE = Path(__file__).parent.parent / "docs/publishing.md"

#: Which actions each operation needs. https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
ACTIONS = {
    "GetObject": ("s3:GetObject",),
    "HeadObject": ("s3:GetObject",),
    "PutObject": ("s3:PutObject",),
    "CopyObject": ("s3:PutObject",),  # and s3:GetObject on its source
    "CreateMultipartUpload": ("s3:PutObject",),
    "UploadPart": ("s3:PutObject",),
    "CompleteMultipartUpload": ("s3:PutObject",),
    "AbortMultipartUpload": ("s3:AbortMultipartUpload",),
    "ListParts": ("s3:ListMultipartUploadParts",),
    "ListMultipartUploads": ("s3:ListBucketMultipartUploads",),
    "ListObjectsV2": ("s3:ListBucket",),
    "HeadBucket": ("s3:ListBucket",),
    "DeleteObject": ("s3:DeleteObject",),
}


def needed(request: Request) -> set[tuple[str, str]]:
    """Actions and resources that a request needs: S3's own rules as far as repogen goes."""
    resource = f"arn:aws:s3:::{request.bucket}" + (f"/{request.key}" if request.key else "")
    found = {(action, resource) for action in ACTIONS.get(request.operation, (f"unknown:{request.operation}",))}
    if source := request.headers.get("x-amz-copy-source"):
        found.add(("s3:GetObject", f"arn:aws:s3:::{source.lstrip('/')}"))
        if request.headers.get("x-amz-tagging-directive") != "REPLACE":
            found.add(("s3:GetObjectTagging", f"arn:aws:s3:::{source.lstrip('/')}"))
    if "x-amz-tagging" in request.headers:
        found.add(("s3:PutObjectTagging", resource))
    if "x-amz-acl" in request.headers:
        found.add(("s3:PutObjectAcl", resource))
    return found


class Guard:
    """Refuses whatever the policy does not allow, and remembers which of its statements were used for what."""

    def __init__(self, policy: list[dict[str, Any]]) -> None:
        self.policy = policy
        self.used: set[tuple[str, str]] = set()
        self.refused: list[str] = []

    def __call__(self, request: Request, forward: Forward) -> Answer:
        for action, resource in needed(request):
            statement = next((one["Sid"] for one in self.policy if action in one["Action"] and fnmatch.fnmatchcase(resource, one["Resource"])), None)
            if statement is None:
                self.refused.append(f"{action} on {resource}")
                return refusal(403, "AccessDenied")(request, forward)
            self.used.add((statement, action))
        return forward(request)


def policy(bucket: str) -> list[dict[str, Any]]:
    """The statements on the page, for this bucket."""
    text = re.search(r"### Rights.*?```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert text is not None
    return json.loads(text[1].replace("acme-downloads", bucket))["Statement"]


def _released(tmp_path: Path, bucket: str, version: str, *, large: bool = False) -> Project:
    """A project with a built release: a package, and where it is large, an archive that goes in parts."""
    project = Project(tmp_path / version, to=f"s3://{bucket}/site", url="https://dl.acme.example/site")
    make_deb(project.dist, version=version)
    if large:
        make_zip(project.dist / f"hello-{version}-windows-amd64.zip", {"hello.exe": pe() + os.urandom(17 << 20)})
    project.build()
    return project


def _published(tmp_path: Path, bucket: str, s3_client: Any) -> Project:
    """Publishes two releases; of the second one's archive, an upload was left by a killed run."""
    _released(tmp_path, bucket, "1.0.0").publish()
    project = _released(tmp_path, bucket, "1.1.0", large=True)
    name = {"Bucket": bucket, "Key": "site/downloads/hello/1.1.0/hello-1.1.0-windows-amd64.zip"}
    upload = s3_client.create_multipart_upload(**name)["UploadId"]
    archive = (project.dist / "hello-1.1.0-windows-amd64.zip").read_bytes()
    s3_client.upload_part(**name, UploadId=upload, PartNumber=1, Body=archive[: 16 << 20])
    project.publish()
    return project


@pytest.mark.slow
def test_publishing_needs_what_the_policy_allows(tmp_path: Path, s3_bucket: str, proxy: Proxy, s3_client: Any) -> None:
    guard = Guard([one for one in policy(s3_bucket) if one["Sid"] != "Prune"])
    proxy.inject(guard, times=1 << 30)
    _published(tmp_path, s3_bucket, s3_client)
    failing = _released(tmp_path, s3_bucket, "1.2.0", large=True)
    proxy.rules.insert(0, Rule(refusal(400, "InvalidRequest"), "UploadPart", "", 99))
    failing.publish(code=1)
    assert guard.refused == []
    assert guard.used == {(one["Sid"], action) for one in guard.policy for action in one["Action"]}


def test_a_right_that_is_missing_is_named(tmp_path: Path, s3_bucket: str, proxy: Proxy) -> None:
    project = _released(tmp_path, s3_bucket, "1.0.0")
    for action, verb in (("s3:PutObject", "allow s3:PutObject"), ("s3:GetObject", "allow s3:GetObject"), ("s3:ListBucket", "s3:ListBucket")):
        proxy.rules.clear()
        proxy.inject(Guard([{**one, "Action": [other for other in one["Action"] if other != action]} for one in policy(s3_bucket)]), times=1 << 30)
        said = project.publish(code=1).stderr
        assert "access is denied" in said
        assert verb in said


def test_tags_need_the_right_that_the_page_names(tmp_path: Path, s3_bucket: str, proxy: Proxy) -> None:
    project = _released(tmp_path, s3_bucket, "1.0.0")
    with (project.folder / "repogen.toml").open("a") as file:
        file.write('[publish.s3]\ntags = { team = "tools" }\n')
    guard = Guard(policy(s3_bucket))
    proxy.inject(guard, times=1 << 30)
    project.publish(code=1)
    assert {text.split()[0] for text in guard.refused} == {"s3:PutObjectTagging"}
    assert "`s3:PutObjectTagging`" in PAGE.read_text(encoding="utf-8")


@pytest.mark.slow
def test_changes_to_what_is_published_need_no_more(tmp_path: Path, s3_bucket: str, proxy: Proxy) -> None:
    guard = Guard([one for one in policy(s3_bucket) if one["Sid"] != "Prune"])
    proxy.inject(guard, times=1 << 30)
    project = Project(tmp_path / "acme", to=f"s3://{s3_bucket}/site", url="https://dl.acme.example/site")
    project.release(make_deb(tmp_path, version="1.0.0"), make_rpm(tmp_path, version="1.0.0"))
    project.release(make_deb(tmp_path, version="1.1.0~beta.1"), make_rpm(tmp_path, version="1.1.0~beta.1"))
    project.run("promote", "hello", "1.1.0-beta.1", "--to", "stable")
    assert "CopyObject" in proxy.operations()
    project.run("yank", "hello", "1.1.0-beta.1")
    project.run("rollback")
    project.run("releases", "--history")
    assert guard.refused == []


@pytest.mark.slow
def test_pruning_needs_the_statement_of_its_name(tmp_path: Path, s3_bucket: str, proxy: Proxy, s3_client: Any) -> None:
    guard = Guard(policy(s3_bucket))
    proxy.inject(guard, times=1 << 30)
    project = Project(tmp_path / "acme", to=f"s3://{s3_bucket}/site", url="https://dl.acme.example/site")
    for version in ("1.0.0", "1.1.0"):
        project.release(make_deb(tmp_path, version=version))
    s3_client.create_multipart_upload(Bucket=s3_bucket, Key="site/left.zip")
    config = load(project.folder / "repogen.toml")
    store = S3Store(s3_bucket, "site")
    done = prune(store, replace(config, retention=replace(config.retention, snapshots=0, days=0)), datetime.now(UTC) + timedelta(days=400))
    assert [upload.key for upload in done.uploads] == ["left.zip"]
    assert done.files
    assert list(store.unfinished_uploads()) == []
    store.close()
    assert guard.refused == []
    assert {("Prune", "s3:DeleteObject"), ("Publish", "s3:AbortMultipartUpload")} <= guard.used
