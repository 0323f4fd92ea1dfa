"""Files of a release that stand at a second address, published to a bucket by machines that have nothing but the new files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.installers import make_appimage
from tests.support.site import Project
from tests.support.update_packages import velopack_release

FIXED = "updates/stable/quiet-latest-x86_64.AppImage.zsync"


@pytest.mark.s3
def test_the_bucket_copies_what_it_has(tmp_path: Path, s3_client: Any, s3_bucket: str) -> None:
    def stored(path: str) -> bytes:
        content: bytes = s3_client.get_object(Bucket=s3_bucket, Key=f"tools/{path}")["Body"].read()
        return content

    project = Project(tmp_path / "acme", to=f"s3://{s3_bucket}/tools", url="https://dl.acme.example/tools")
    packages = {}
    for version, date in (("1.0.0", "2026-01-02T12:00:00Z"), ("1.1.0", "2026-01-03T12:00:00Z")):
        packages[version], *others = velopack_release(tmp_path / version, version)
        project.release(packages[version], *others, make_appimage(tmp_path / f"Quiet-{version}-x86_64.AppImage"), date=date)
        project.empty()

    def control_file(version: str) -> bytes:
        return stored(f"downloads/quiet/{version}/Quiet-{version}-x86_64.AppImage.zsync")

    assert b"\nURL: https://dl.acme.example/tools/downloads/quiet/1.1.0/Quiet-1.1.0-x86_64.AppImage\n" in control_file("1.1.0")
    assert stored(FIXED) == control_file("1.1.0")
    project.run("yank", "quiet", "1.1.0")
    assert stored(FIXED) == control_file("1.0.0")
    project.run("promote", "quiet", "1.0.0", "--to", "nightly")
    assert stored(FIXED.replace("stable", "nightly")) == control_file("1.0.0")
    for address in ("updates/stable", "updates/nightly", "updates/quiet/nightly"):
        assert stored(f"{address}/Quiet-1.0.0-full.nupkg") == packages["1.0.0"].read_bytes()
