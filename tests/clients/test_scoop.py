"""git, as Scoop runs it, against a bucket that ``repogen build`` and ``repogen publish`` made."""

from __future__ import annotations

import hashlib
import json
import urllib.request
from pathlib import Path

import pytest

from tests.support.clients import require, run
from tests.support.packages import make_zip
from tests.support.programs import pe
from tests.support.scoop_schema import check_manifest
from tests.support.server import serving
from tests.support.site import Project

GIT = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null", "GIT_TERMINAL_PROMPT": "0"}


@pytest.mark.parametrize("missing", [404, 403])
def test_a_bucket_is_added_and_updated(tmp_path: Path, missing: int) -> None:
    require("git")
    (tmp_path / "served").mkdir()
    with serving(tmp_path / "served", missing) as server:
        project = Project(tmp_path / "project", url=server.url, to=str(server.root), key=None, product=[{"id": "hello", "license": "MIT"}])
        url, clone = f"{server.url}/scoop/acme.git", tmp_path / "clone"

        def git(*arguments: str | Path) -> str:
            done = run("git", *arguments, env=GIT)
            assert "error" not in done.stderr
            return done.stdout

        for version in ("1.0.0", "1.1.0"):
            project.empty()
            project.add(make_zip(tmp_path / f"hello-{version}-windows-amd64.zip", {f"hello-{version}/hello.exe": pe("amd64")}, ()))
            project.build("--unsigned")
            project.publish()
            if not clone.exists():
                assert git("ls-remote", url).endswith("\trefs/heads/main\n")
                git("clone", "-q", url, clone)
            git("-C", clone, "pull", "-q")
            said = json.loads((clone / "bucket/hello.json").read_bytes())
            check_manifest(said)
            assert said["version"] == version
            with urllib.request.urlopen(said["architecture"]["64bit"]["url"], timeout=30) as answer:
                assert hashlib.sha256(answer.read()).hexdigest() == said["architecture"]["64bit"]["hash"]
            assert (server.root / "scoop/bucket/hello.json").read_bytes() == (clone / "bucket/hello.json").read_bytes()
        assert git("-C", clone, "log", "--format=%s").splitlines() == ["hello 1.1.0", "hello 1.0.0"]
        assert git("-C", clone, "fsck", "--strict", "--full") == ""
